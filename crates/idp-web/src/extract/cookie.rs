//! Our cookies: their names, how long they live, and how they are written.

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie of ours. All are HttpOnly and SameSite=Lax, for the whole site and no other host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session's secret.
    Session,
    /// Names the browser before anybody has signed in: forms and waiting sign-ins are bound to it.
    Browser,
    /// Names a browser in which the member has signed in before.
    Device,
    /// A sign-in that waits for a second factor.
    Half,
    /// A registration under way.
    Registration,
    /// The language.
    Language,
}

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Browser => "browser",
            Self::Device => "device",
            Self::Half => "half",
            Self::Registration => "registration",
            Self::Language => "language",
        }
    }

    /// Seconds; `None` ends with the browser.
    const fn max_age(self) -> Option<u32> {
        match self {
            Self::Session | Self::Browser => None,
            Self::Half => Some(600),
            Self::Registration => Some(2 * 3600),
            Self::Device | Self::Language => Some(365 * 24 * 3600),
        }
    }
}

/// Reads cookies from a request and writes them to a response. On https every name begins with `__Host-`, which no
/// sub-domain and no plain connection can set.
#[derive(Clone, Copy, Debug)]
pub struct CookieJar {
    /// Whether the issuer is on https.
    pub https: bool,
}

impl CookieJar {
    /// The value of a cookie of ours, if there is exactly one.
    pub fn read(self, headers: &HeaderMap, cookie: Cookie) -> Option<&str> {
        let prefix = if self.https { "__Host-" } else { "" };
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| name.strip_prefix(prefix) == Some(cookie.name()))
            .map(|(_, value)| value);
        let value = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Adds a cookie to a response.
    pub fn write(self, headers: &mut HeaderMap, cookie: Cookie, value: &str) {
        self.append(headers, cookie, value, cookie.max_age());
    }

    /// Takes a cookie back.
    pub fn clear(self, headers: &mut HeaderMap, cookie: Cookie) {
        self.append(headers, cookie, "", Some(0));
    }

    fn append(self, headers: &mut HeaderMap, cookie: Cookie, value: &str, max_age: Option<u32>) {
        let (prefix, secure) = if self.https { ("__Host-", "; Secure") } else { ("", "") };
        let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let line = format!("{prefix}{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", cookie.name());
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.append(header::SET_COOKIE, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_https_only_the_host_bound_name_counts() {
        let jar = CookieJar { https: true };
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("session=evil; __Host-session=good; other=x"));
        assert_eq!(jar.read(&headers, Cookie::Session), Some("good"));
        assert_eq!(CookieJar { https: false }.read(&headers, Cookie::Session), Some("evil"));
        let mut twice = HeaderMap::new();
        twice.insert(header::COOKIE, HeaderValue::from_static("__Host-session=a; __Host-session=b"));
        assert_eq!(jar.read(&twice, Cookie::Session), None);
        let mut written = HeaderMap::new();
        jar.write(&mut written, Cookie::Session, "v");
        assert_eq!(written[header::SET_COOKIE], "__Host-session=v; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}
