//! Redirect URIs: judged once when registered, compared byte for byte ever after.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A redirect URI that was found safe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

/// Why a redirect URI is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// It is longer than 2,000 characters.
    #[error("longer than 2000 characters")]
    TooLong,
    /// It is not an absolute URI.
    #[error("not an absolute URI such as https://service.example/callback")]
    NotAbsolute,
    /// It is written in another way than browsers would send it, so that an exact comparison would fail.
    #[error("not in its normal form (check upper case, dots, spaces, non-ASCII letters, default port, missing path)")]
    NotNormal,
    /// It has a fragment (RFC 6749 §3.1.2).
    #[error("a fragment (#...) is not allowed")]
    Fragment,
    /// It has a user name or password before the host.
    #[error("a user name or password is not allowed")]
    Credentials,
    /// It has a star: there are no patterns here.
    #[error("patterns (*) are not allowed, register each URI")]
    Pattern,
    /// Plain http to a host other than this machine.
    #[error("http is allowed for 127.0.0.1, [::1] and localhost only, use https")]
    Insecure,
    /// A scheme that can run code or read files, or one that is nobody's own.
    #[error(
        "the scheme is not allowed; use https, or for a native app its reversed domain such as th.go.moc.app:/callback"
    )]
    Scheme,
}

impl RedirectUri {
    /// Judges a URI for registration.
    ///
    /// # Errors
    /// [`RedirectUriError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > 2000 {
            return Err(RedirectUriError::TooLong);
        }
        if text.contains('*') {
            return Err(RedirectUriError::Pattern);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
        if url.fragment().is_some() {
            return Err(RedirectUriError::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).is_some_and(|a| a.contains('@')) {
            return Err(RedirectUriError::Credentials);
        }
        match url.scheme() {
            "https" if url.host().is_some() => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(RedirectUriError::Insecure),
            // RFC 8252 §7.1: a private-use scheme is a reversed domain name, so it has a dot.
            scheme if scheme.contains('.') && !url.has_host() => {}
            _ => return Err(RedirectUriError::Scheme),
        }
        if url.as_str() != text {
            return Err(RedirectUriError::NotNormal);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its scheme is an app's own (RFC 8252 §7.1).
    pub(super) fn is_private_use(&self) -> bool {
        !self.0.starts_with("https:") && !self.0.starts_with("http:")
    }

    /// Scheme, host and port, as a browser names the site of a page; `None` for an app's own scheme.
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }

    /// The host, for the sector of a pairwise `sub`.
    pub fn host(&self) -> Option<String> {
        Url::parse(&self.0).ok()?.host_str().map(str::to_owned)
    }

    /// Whether `presented` is this URI. `any_loopback_port`: a native client's `http://127.0.0.1` or `http://[::1]`
    /// may come with any port (RFC 8252 §7.3); nothing else may differ in a single byte.
    pub fn admits(&self, presented: &str, any_loopback_port: bool) -> bool {
        if self.0 == presented {
            return true;
        }
        if !any_loopback_port {
            return false;
        }
        let same_but_port = |prefix: &str| -> Option<bool> {
            let (ours, theirs) = (self.0.strip_prefix(prefix)?, presented.strip_prefix(prefix)?);
            Some(without_port(ours)? == without_port(theirs)?)
        };
        same_but_port("http://127.0.0.1").or_else(|| same_but_port("http://[::1]")).unwrap_or(false)
    }
}

/// What follows an optional `:port`; `None` when neither a port nor a path follows.
fn without_port(rest: &str) -> Option<&str> {
    let Some(after_colon) = rest.strip_prefix(':') else {
        return rest.starts_with('/').then_some(rest);
    };
    let digits = after_colon.bytes().take_while(u8::is_ascii_digit).count();
    let (port, path) = after_colon.split_at(digits);
    (port.parse::<u16>().is_ok_and(|port| port > 0) && path.starts_with('/')).then_some(path)
}

fn authority(text: &str) -> Option<&str> {
    let rest = text.split_once("://")?.1;
    Some(rest.split(['/', '?', '\\']).next().unwrap_or(rest))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RedirectUriError::*;
    use super::*;

    fn check(text: &str, expected: Result<(), RedirectUriError>) {
        assert_eq!(RedirectUri::parse(text).map(|_| ()), expected, "{text}");
    }

    #[test]
    fn only_safe_uris_are_registered() {
        check("https://rp.example/cb", Ok(()));
        check("https://rp.example/cb?bar=foo", Ok(()));
        check("https://rp.example:8443/", Ok(()));
        check("http://localhost:8081/callback", Ok(()));
        check("http://127.0.0.1/cb", Ok(()));
        check("http://[::1]:80801/cb", Err(NotAbsolute));
        check("th.go.moc.app:/callback", Ok(()));
        check("http://rp.example/cb", Err(Insecure));
        check("https://rp.example/cb#x", Err(Fragment));
        check("https://u:p@rp.example/cb", Err(Credentials));
        check("https://@rp.example/cb", Err(Credentials));
        check("https://*.rp.example/cb", Err(Pattern));
        check("javascript:alert(1)", Err(Scheme));
        check("data:text/html,x", Err(Scheme));
        check("file:///etc/passwd", Err(Scheme));
        check("app:/callback", Err(Scheme));
        check("/callback", Err(NotAbsolute));
        check("https://RP.example/cb", Err(NotNormal));
        check("https://rp.example", Err(NotNormal));
        check("https://rp.example:443/cb", Err(NotNormal));
        check("https://rp.example/a/../cb", Err(NotNormal));
        check("https://rp.example/\u{e01}", Err(NotNormal));
    }

    #[test]
    fn a_scheme_that_begins_like_http_is_an_apps_own() {
        assert!(RedirectUri::parse("http.app:/cb").unwrap().is_private_use());
        assert!(!RedirectUri::parse("https://rp.example/cb").unwrap().is_private_use());
        assert!(!RedirectUri::parse("http://localhost/cb").unwrap().is_private_use());
    }

    #[test]
    fn only_the_port_of_a_native_loopback_uri_may_vary() {
        let uri = RedirectUri::parse("http://127.0.0.1/cb").unwrap();
        for yes in ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"] {
            assert!(uri.admits(yes, true), "{yes}");
        }
        for no in [
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80@evil/cb",
            "http://127.0.0.1.evil/cb",
            "http://127.1/cb",
            "http://0x7f.1/cb",
            "http://localhost/cb",
            "http://[::1]/cb",
            "http://127.0.0.1:80/cb/",
            "http://127.0.0.1:80/cb?x",
            "https://127.0.0.1/cb",
        ] {
            assert!(!uri.admits(no, true), "{no}");
        }
        assert!(!uri.admits("http://127.0.0.1:1/cb", false));
    }
}
