//! The request as strings: each parameter once, nothing interpreted.

use std::borrow::Cow;

use url::form_urlencoded;

/// The longest request that is read, in bytes of its encoded form.
pub(super) const MAX_REQUEST: usize = 16 * 1024;
/// The one parameter that may come several times (RFC 8707 §2).
const SEVERAL: &str = "resource";
/// The most parameters that are read: each is compared with those before it.
const MAX_PARAMETERS: usize = 100;

/// Why a request cannot even be read. There is no proven client yet, so each of these is a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// Over [`MAX_REQUEST`], or more than [`MAX_PARAMETERS`].
    #[error("the request is too long")]
    TooLong,
    /// Bad percent-encoding or bytes that are not UTF-8.
    #[error("the request is not valid UTF-8 in percent-encoding")]
    Encoding,
    /// A parameter came twice (RFC 6749 §3.1).
    #[error("a parameter is repeated")]
    Repeated,
}

/// The parameters of a request, each of them once, but for [`SEVERAL`]. Empty ones count as absent (RFC 6749 §3.1).
#[derive(Clone, PartialEq, Eq)]
pub struct RawRequest {
    parameters: Vec<(String, String)>,
}

impl RawRequest {
    /// Reads `application/x-www-form-urlencoded` text: a query, a body, or both.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn parse(parts: &[&str]) -> Result<Self, RawError> {
        Self::within(MAX_REQUEST, parts)
    }

    /// Reads what [`RawRequest::encode`] wrote. Each byte may have become three.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn kept(text: &str) -> Result<Self, RawError> {
        Self::within(4 * MAX_REQUEST, &[text])
    }

    fn within(longest: usize, parts: &[&str]) -> Result<Self, RawError> {
        let mut parameters: Vec<(String, String)> = Vec::with_capacity(12);
        if parts.iter().map(|part| part.len()).sum::<usize>() > longest {
            return Err(RawError::TooLong);
        }
        for part in parts {
            if !is_well_encoded(part) {
                return Err(RawError::Encoding);
            }
            for (name, value) in form_urlencoded::parse(part.as_bytes()) {
                if name.contains('\0') || value.contains('\0') {
                    return Err(RawError::Encoding);
                }
                if name != SEVERAL && parameters.iter().any(|(known, _)| *known == name) {
                    return Err(RawError::Repeated);
                }
                if parameters.len() == MAX_PARAMETERS {
                    return Err(RawError::TooLong);
                }
                parameters.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(Self { parameters })
    }

    /// The parameter's value, unless absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.parameters.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The names of all parameters, empty ones as well.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| name.as_str())
    }

    /// Every value of a parameter that may come several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.parameters
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| &**value)
    }

    /// A request of parameters that came in another form; each of them once.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn from_parameters(parameters: Vec<(String, String)>) -> Result<Self, RawError> {
        let size: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > MAX_REQUEST || parameters.len() > MAX_PARAMETERS {
            return Err(RawError::TooLong);
        }
        for (at, (name, value)) in parameters.iter().enumerate() {
            if name.contains('\0') || value.contains('\0') {
                return Err(RawError::Encoding);
            }
            if name != SEVERAL && parameters[..at].iter().any(|(known, _)| known == name) {
                return Err(RawError::Repeated);
            }
        }
        Ok(Self { parameters })
    }

    /// Of its parameters those called `own`, and `ours` beside them, as a form: for a dialect that has an ordinary request
    /// inside.
    pub fn narrowed(&self, own: &[&str], ours: &[(&str, &str)]) -> String {
        let own = own.iter().filter_map(|name| Some((*name, self.get(name)?)));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(own).extend_pairs(ours).finish()
    }

    /// The request without some parameters.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.parameters.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// The request with a parameter in place of whatever it had under that name.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut raw = self.without(&[name]);
        raw.parameters.push((name.to_owned(), value.to_owned()));
        raw
    }

    /// The request as it can be kept and read again.
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.parameters).finish()
    }
}

impl std::fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may hold a login hint or a token.
        f.debug_list().entries(self.parameters.iter().map(|(name, _)| Cow::from(name))).finish()
    }
}

/// Every `%` is followed by two hexadecimal digits, and what comes of it is UTF-8. The lenient reader would otherwise take
/// the one literally, and put U+FFFD in the place of the other, which somebody may have sent as such.
fn is_well_encoded(text: &str) -> bool {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else { return false };
        decoded.push((high * 16 + low) as u8);
    }
    // A letter of several bytes that a separator cuts in two is none as a whole either.
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_comes_once_and_in_good_encoding() {
        let read = |parts: &[&str]| RawRequest::parse(parts).map(|raw| raw.encode());
        assert_eq!(read(&["a=1&b=%E0%B8%81"]), Ok("a=1&b=%E0%B8%81".into()));
        assert_eq!(read(&["a=1&a=1"]), Err(RawError::Repeated));
        assert_eq!(read(&["a=1", "a=2"]), Err(RawError::Repeated));
        assert_eq!(read(&["a=1&%61=2"]), Err(RawError::Repeated));
        assert_eq!(read(&["resource=a&x=&resource=b"]), Ok("resource=a&x=&resource=b".into()));
        assert_eq!(read(&["a=%zz"]), Err(RawError::Encoding));
        assert_eq!(read(&["a=%"]), Err(RawError::Encoding));
        assert_eq!(read(&["a=%ff%fe"]), Err(RawError::Encoding));
        assert_eq!(read(&["a=%E0&b=%B8%81"]), Err(RawError::Encoding));
        assert_eq!(read(&["a=%00"]), Err(RawError::Encoding));
        assert_eq!(read(&["%00=a"]), Err(RawError::Encoding));
        assert_eq!(read(&[&"a".repeat(MAX_REQUEST + 1)]), Err(RawError::TooLong));
        let many = |count: usize| (0..count).map(|n| format!("a{n}=")).collect::<Vec<_>>().join("&");
        assert!(read(&[&many(MAX_PARAMETERS)]).is_ok());
        assert_eq!(read(&[&many(MAX_PARAMETERS + 1)]), Err(RawError::TooLong));
        // What was read once can be kept and read again, whatever it is made of.
        let odd = format!("a={}", "/".repeat(MAX_REQUEST - 2));
        let raw = RawRequest::parse(&[&odd]).unwrap();
        assert!(RawRequest::parse(&[&raw.encode()]).is_err());
        assert!(RawRequest::kept(&raw.encode()) == Ok(raw));
        assert_eq!(RawRequest::parse(&["a=&b=x"]).unwrap().get("a"), None);
    }

    #[test]
    fn the_sign_for_what_cannot_be_read_is_a_letter_like_any_other() {
        let raw = RawRequest::parse(&["state=%EF%BF%BD"]).unwrap();
        assert_eq!(raw.get("state"), Some("\u{fffd}"));
        // So it comes in a request object, and must be read again when the member has signed in.
        let raw = RawRequest::from_parameters(vec![("state".to_owned(), "\u{fffd}".to_owned())]).unwrap();
        assert!(RawRequest::kept(&raw.encode()) == Ok(raw));
        for name in ["a\0", "\0"] {
            let nul = RawRequest::from_parameters(vec![(name.to_owned(), "x".to_owned())]);
            assert_eq!(nul.map(|_| ()), Err(RawError::Encoding));
        }
    }
}
