//! An address of a server that may carry a password, and what can be asked of it without showing it.

use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;
use url::Url;

/// `scheme://user:password@host/path?query`, or a word such as `memory`. Never printed with its password.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Location(String);

impl Location {
    /// Keeps the address as it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole address with its password, for the client library that connects.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The part before the first colon.
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// Does the address name this very machine, or a socket file on it?
    pub fn is_local(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url) || url.host_str().is_none_or(str::is_empty))
    }

    /// The value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Is the host `localhost`, a name below it, or a loopback address?
pub(super) fn is_loopback(url: &Url) -> bool {
    // `Url` reads numbers as addresses for http alone; elsewhere 127.0.0.1 is a name to it.
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever stands before the last @ may be a password, also in an address that does not parse.
        match self.0.rsplit_once('@') {
            Some((_, rest)) => write!(f, "{}://…@{}", self.scheme(), without_query(rest)),
            None => f.write_str(without_query(&self.0)),
        }
    }
}

/// A query may carry a password too (`postgres://host/db?password=…`).
fn without_query(text: &str) -> &str {
    text.split('?').next().unwrap_or_default()
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_shown_without_its_password() {
        for (text, shown) in [
            ("postgres://idp:p@ss@db/idp", "postgres://…@db/idp"),
            ("postgres://db/idp?user=idp&password=secret", "postgres://db/idp"),
            ("rediss://:pass@cache:6379", "rediss://…@cache:6379"),
            ("sqlite://data/idp.sqlite3", "sqlite://data/idp.sqlite3"),
            ("memory", "memory"),
        ] {
            assert_eq!(Location::new(text).to_string(), shown);
        }
    }

    #[test]
    fn this_machine_is_recognised() {
        for local in
            ["redis://localhost", "redis://127.0.0.1:6379", "redis://[::1]", "postgres:///idp", "unix:///run/redis"]
        {
            assert!(Location::new(local).is_local(), "{local}");
        }
        for remote in
            ["redis://cache", "redis://10.0.0.1", "redis://localhost.example", "redis://127.0.0.1.example", "x"]
        {
            assert!(!Location::new(remote).is_local(), "{remote}");
        }
    }
}
