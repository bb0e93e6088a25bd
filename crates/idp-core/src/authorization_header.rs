//! The header `Authorization`, as clients and programs send it: a name and a secret, or an access token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::authorize::RawRequest;
use crate::secret::Secret;

/// The longest encoded credentials that are read, in bytes.
const MAX_BASIC: usize = 1024;

/// How a token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenScheme {
    /// `Bearer` (RFC 6750 §2.1).
    Bearer,
    /// `DPoP` (RFC 9449 §7.1): a proof comes beside it.
    Dpop,
}

impl TokenScheme {
    /// The name of the scheme, in a header and in a challenge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

/// Reads `Basic base64(urlencode(id):urlencode(secret))`: both are form-encoded before base64 (RFC 6749 §2.3.1).
pub fn basic(value: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > MAX_BASIC {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id)?, Secret::presented(form_decoded(secret)?)))
}

/// Reads `Bearer …` or `DPoP …`; `None` for any other scheme, and where no token follows.
pub fn token(value: &str) -> Option<(TokenScheme, &str)> {
    let (scheme, token) = value.split_once(' ')?;
    let scheme = match scheme {
        scheme if scheme.eq_ignore_ascii_case("bearer") => TokenScheme::Bearer,
        scheme if scheme.eq_ignore_ascii_case("dpop") => TokenScheme::Dpop,
        _ => return None,
    };
    Some((scheme, token.trim()))
}

fn form_decoded(text: &str) -> Option<String> {
    let pair = format!("x={}", text.replace('&', "%26").replace('=', "%3D"));
    RawRequest::parse(&[&pair]).ok()?.get("x").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_decoded_twice() {
        let check = |plain: &str, expected: Option<(&str, &str)>| {
            let read = basic(&format!("Basic {}", STANDARD.encode(plain)));
            assert_eq!(read.as_ref().map(|(id, secret)| (id.as_str(), secret.reveal())), expected, "{plain}");
        };
        check("id:secret", Some(("id", "secret")));
        check("id:a%3Ab%25c", Some(("id", "a:b%c")));
        check("id:a+b", Some(("id", "a b")));
        check("id:a:b=c&d", Some(("id", "a:b=c&d")));
        check("id", None);
        check("id:%zz", None);
        check(":x", None);
        assert!(basic("Bearer abc").is_none());
        assert!(basic("Basic !!!").is_none());
    }

    #[test]
    fn tokens_come_under_two_schemes() {
        assert_eq!(token("Bearer a.b.c"), Some((TokenScheme::Bearer, "a.b.c")));
        assert_eq!(token("bearer  a.b.c "), Some((TokenScheme::Bearer, "a.b.c")));
        assert_eq!(token("DPoP a.b.c"), Some((TokenScheme::Dpop, "a.b.c")));
        for other in ["", "Bearer", "Basic a.b.c", "Bearera.b.c", " Bearer a.b.c"] {
            assert_eq!(token(other), None, "{other}");
        }
    }
}
