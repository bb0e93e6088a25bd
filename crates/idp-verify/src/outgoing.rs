//! How we ask another system: within time, within size, never redirected, and only the answer to this very question.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, redirect, retry, tls};
use url::{Host, Url};
use uuid::Uuid;

use crate::Unavailable;
use crate::breaker::Breaker;

/// Outages in a row after which nobody is made to wait for another.
pub const BREAKER_THRESHOLD: u32 = 5;

/// How long a failing system is left alone: also what a page may name in `Retry-After`.
pub const BREAKER_PAUSE: Duration = Duration::from_secs(30);

/// The longest answer that is read. A real one has some fifty bytes.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// Names the request, and in the answer the request that is answered.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Time since some fixed moment of this process. Injected, so that tests can move it.
pub type MonotonicClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Makes the id of each request: unguessable, never repeated. Injected, as all chance is.
pub type RequestIds = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection, TLS included.
    pub connect: Duration,
    /// For one whole check, from the first request to the last byte, a token renewal included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(8) }
    }
}

/// A key or secret another system gave us. Nothing prints it.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes the key as it was issued.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The key as the value of a header that no log of the HTTP client shows.
    pub(crate) fn as_header(&self, prefix: &str) -> Result<HeaderValue, SettingsError> {
        let mut value =
            HeaderValue::from_str(&format!("{prefix}{}", self.0)).map_err(|_| SettingsError::KeyNotPrintable)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// Settings with which we do not start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// National numbers and keys would travel in clear.
    #[error("the address must begin with https:// (http:// is taken for this machine alone)")]
    NotHttps,
    /// Something in the address that belongs elsewhere.
    #[error("the address must have no user, password, query or fragment")]
    NotPlainAddress,
    /// A key that no header can carry.
    #[error("the key has characters outside printable ASCII")]
    KeyNotPrintable,
    /// The exchange takes the agent in the URL, where no person's number may stand.
    #[error("the agent must be the system's English name, not a person's 13-digit number")]
    AgentIsPerson,
    /// The system's TLS library could not be set up.
    #[error("the HTTP client could not be set up")]
    Client(#[source] reqwest::Error),
}

/// Refuses an address over which personal data must not travel.
pub(crate) fn check_base(base: &Url) -> Result<(), SettingsError> {
    let this_machine = match base.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if base.scheme() != "https" && !(base.scheme() == "http" && this_machine) {
        return Err(SettingsError::NotHttps);
    }
    let plain =
        base.username().is_empty() && base.password().is_none() && base.query().is_none() && base.fragment().is_none();
    if plain { Ok(()) } else { Err(SettingsError::NotPlainAddress) }
}

/// The address of `path` (which begins with a slash) below `base`.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// One system we ask: its connections, its time limit and its breaker.
pub(crate) struct Outgoing {
    client: Client,
    total: Duration,
    breaker: Breaker,
    request_ids: RequestIds,
}

/// An answer as it came, and the id of the request it was sent for.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    request_id: String,
    echoed: bool,
}

impl Reply {
    /// The id of the request this answers, or [`Unavailable::Malformed`] when it answers another one: a recorded
    /// "yes" played back proves nothing about the person who asks now.
    pub(crate) fn answered_request(self) -> Result<String, Unavailable> {
        if self.echoed { Ok(self.request_id) } else { Err(Unavailable::Malformed) }
    }
}

impl Outgoing {
    pub(crate) fn new(
        name: &'static str,
        base: &Url,
        timeouts: Timeouts,
        clock: MonotonicClock,
        request_ids: RequestIds,
    ) -> Result<Self, SettingsError> {
        let mut builder = Client::builder();
        if base.scheme() == "http" {
            // A simulator on this machine: reading the system's root certificates would only hold up the start.
            builder = builder.tls_certs_only([]);
        }
        let client = builder
            .user_agent("moc-account")
            .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
            .connect_timeout(timeouts.connect)
            .tls_version_min(tls::Version::TLS_1_2)
            // A redirect would carry the number and the keys to wherever the answer says.
            .redirect(redirect::Policy::none())
            .referer(false)
            // Nothing is sent twice unless this crate decides so.
            .retry(retry::never())
            // A proxy from the environment would see keys and numbers nobody meant to show it.
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .map_err(SettingsError::Client)?;
        Ok(Self { client, total: timeouts.total, breaker: Breaker::new(name, clock), request_ids })
    }

    /// Runs one whole check, all its requests together, when the breaker allows and within the time.
    pub(crate) async fn exchange<T>(
        &self,
        check: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<T, Unavailable> {
        let permit = self.breaker.admit()?;
        let outcome = tokio::time::timeout(self.total, check).await.unwrap_or(Err(Unavailable::Timeout));
        permit.report(&outcome);
        outcome
    }

    pub(crate) fn get(&self, url: Url) -> RequestBuilder {
        self.client.get(url)
    }

    pub(crate) fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// Sends one request under a fresh id and reads the answer up to [`LONGEST_ANSWER`].
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Reply, Unavailable> {
        let request_id = (self.request_ids)().to_string();
        let mut response = request.header(REQUEST_ID, &request_id).send().await.map_err(outage)?;
        let echoed = {
            let mut ids = response.headers().get_all(REQUEST_ID).iter();
            ids.next().is_some_and(|id| id.as_bytes() == request_id.as_bytes()) && ids.next().is_none()
        };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(outage)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Unavailable::Malformed);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status: response.status().as_u16(), body, request_id, echoed })
    }
}

/// The HTTP client's own error names the URL, and may quote what it read: it ends here.
fn outage(error: reqwest::Error) -> Unavailable {
    if error.is_timeout() { Unavailable::Timeout } else { Unavailable::Refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_travels_encrypted_or_within_this_machine() {
        fn check(address: &str, accepted: bool) {
            let base = Url::parse(address).expect("an address");
            assert_eq!(check_base(&base).is_ok(), accepted, "{address}");
        }
        check("https://gateway.moc.example", true);
        check("https://gateway.moc.example/gdx/", true);
        check("http://127.0.0.1:8090", true);
        check("http://[::1]:8090", true);
        check("http://localhost:8090", true);
        check("http://gateway.moc.example", false);
        check("http://localhost.moc.example", false);
        check("ftp://127.0.0.1", false);
        check("https://user:secret@gateway.moc.example", false);
        check("https://gateway.moc.example/?key=secret", false);
    }

    #[test]
    fn a_path_goes_below_the_address() {
        fn check(base: &str, whole: &str) {
            assert_eq!(below(&Url::parse(base).expect("an address"), "/ws/a").as_str(), whole);
        }
        check("https://gateway.moc.example", "https://gateway.moc.example/ws/a");
        check("https://gateway.moc.example/gdx", "https://gateway.moc.example/gdx/ws/a");
        check("https://gateway.moc.example/gdx/", "https://gateway.moc.example/gdx/ws/a");
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = ApiKey::new("s3cret");
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
        assert!(!format!("{:?}", key.as_header("Bearer ").expect("a header")).contains("s3cret"));
        assert!(ApiKey::new("line\nbreak").as_header("").is_err());
    }
}
