//! URIs of a client that we ourselves ask or tell: its keys, and whatever else a server behind it answers for.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A URI that a request of ours may go to. What it leads to is judged again when its name is resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutgoingUri(String);

/// Why a URI is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingUriError {
    /// It is longer than 2,000 characters.
    #[error("longer than 2000 characters")]
    TooLong,
    /// It is not an absolute URI in its normal form.
    #[error("not an absolute URI in its normal form, such as https://service.example/jwks.json")]
    NotAbsolute,
    /// Not https.
    #[error("only https is allowed (http for this machine alone, in trials)")]
    Insecure,
    /// A fragment, a user name or a password.
    #[error("a fragment, a user name or a password is not allowed")]
    Extras,
}

impl OutgoingUri {
    /// Judges a URI for registration.
    ///
    /// # Errors
    /// [`OutgoingUriError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, OutgoingUriError> {
        if text.len() > 2000 {
            return Err(OutgoingUriError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| OutgoingUriError::NotAbsolute)?;
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(OutgoingUriError::Extras);
        }
        let secure = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url));
        if !secure {
            return Err(OutgoingUriError::Insecure);
        }
        // The bytes that are shown are the bytes that are asked.
        if url.as_str() != text {
            return Err(OutgoingUriError::NotAbsolute);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI as it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is plain http, which is for trials on one machine.
    pub fn is_plain(&self) -> bool {
        self.0.starts_with("http:")
    }
}

impl fmt::Display for OutgoingUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        use OutgoingUriError::*;
        let check = |text: &str, expected: Result<(), OutgoingUriError>| {
            assert_eq!(OutgoingUri::parse(text).map(|_| ()), expected, "{text}");
        };
        check("https://rp.example/jwks.json", Ok(()));
        check("https://rp.example:8443/jwks?x=y", Ok(()));
        check("http://localhost:9000/jwks", Ok(()));
        check("http://127.0.0.1/jwks", Ok(()));
        check("http://[::1]/jwks", Ok(()));
        check("http://rp.example/jwks", Err(Insecure));
        check("http://localhost.evil.example/jwks", Err(Insecure));
        check("file:///etc/passwd", Err(Insecure));
        check("gopher://rp.example/", Err(Insecure));
        check("https://user@rp.example/jwks", Err(Extras));
        check("https://rp.example/jwks#x", Err(Extras));
        check("https://RP.example/jwks", Err(NotAbsolute));
        check("/jwks", Err(NotAbsolute));
        check(&format!("https://rp.example/{}", "a".repeat(2000)), Err(TooLong));
    }
}
