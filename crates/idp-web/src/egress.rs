//! The one way out to addresses that clients name: their keys, and what else their servers answer for. Also the way to
//! ThaID, whose metadata names addresses.
//!
//! Whoever may register a client must not be able to reach through us what only we can reach. A name is resolved once;
//! what it leads to is judged, and the connection is made to just that. Nothing is followed, nothing goes through a
//! proxy, and time and length are bounded.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use idp_core::client::OutgoingUri;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, RequestBuilder, redirect, retry, tls};
use url::{Host, Url};

use crate::config;

const USER_AGENT: &str = "moc-account";

/// Why there is no answer. The address is a client's, so the log may name it; its body never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address, or what its name leads to, is not to be asked.
    #[error("the address is not to be asked: it is not https, or leads into a private network")]
    Forbidden,
    /// No connection, a broken one, or a certificate that is not trusted.
    #[error("the server cannot be reached")]
    Unreachable,
    /// Not in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// Another status than 2xx. Redirects are not followed.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// More than was to be read.
    #[error("the answer is too long")]
    TooLong,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EgressSettingsError {
    /// The further root certificate.
    #[error("trust_root_file cannot be read as a certificate in PEM")]
    TrustRoot,
}

/// The HTTP client for addresses that clients name. It is made when it is first needed: reading the system's root
/// certificates costs time and memory that a provider without such clients need not spend.
#[derive(Clone)]
pub struct Egress {
    client: Arc<OnceLock<Client>>,
    root: Option<Certificate>,
    rules: Arc<Rules>,
    names: Arc<dyn Names>,
    timeout: Duration,
}

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Who says what a name leads to.
trait Names: Send + Sync {
    fn look_up(&self, name: String) -> Found;
}

/// The system's resolver.
struct System;

impl Names for System {
    fn look_up(&self, name: String) -> Found {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// Where requests may go.
#[derive(Debug)]
struct Rules {
    loopback: bool,
    networks: Vec<IpNet>,
}

impl Egress {
    /// Sets up the client.
    ///
    /// # Errors
    /// [`EgressSettingsError`].
    pub fn new(settings: &config::Egress) -> Result<Self, EgressSettingsError> {
        let rules = Arc::new(Rules { loopback: settings.allow_loopback, networks: settings.allowed_networks.clone() });
        let timeout = Duration::from_secs(settings.timeout_seconds);
        let root = match settings.trust_root_file.as_os_str().is_empty() {
            true => None,
            false => {
                let pem = std::fs::read(&settings.trust_root_file).map_err(|_| EgressSettingsError::TrustRoot)?;
                Some(Certificate::from_pem(&pem).map_err(|_| EgressSettingsError::TrustRoot)?)
            }
        };
        Ok(Self { client: Arc::default(), root, rules, names: Arc::new(System), timeout })
    }

    fn client(&self) -> Result<&Client, EgressError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(self.timeout)
            .timeout(self.timeout)
            .tls_version_min(tls::Version::TLS_1_2)
            // A redirect would lead where nobody registered.
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            // A proxy from the environment would resolve names by itself, behind our back.
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(1)
            .dns_resolver(Judging { rules: Arc::clone(&self.rules), names: Arc::clone(&self.names) })
            .tls_certs_merge(self.root.clone())
            .build()
            .map_err(|error| {
                tracing::error!("the HTTP client for clients' addresses cannot be set up: {error}");
                EgressError::Unreachable
            })?;
        Ok(self.client.get_or_init(|| client))
    }

    /// GETs a document of `longest` bytes at most.
    ///
    /// # Errors
    /// [`EgressError`].
    pub async fn get(&self, uri: &OutgoingUri, accept: &'static str, longest: usize) -> Result<Vec<u8>, EgressError> {
        let url = self.rules.admit(uri)?;
        self.exchange(self.client()?.get(url).header(ACCEPT, HeaderValue::from_static(accept)), longest).await
    }

    /// POSTs a form, already encoded; the answer's body is of no interest.
    ///
    /// # Errors
    /// [`EgressError`].
    pub async fn post_form(&self, uri: &OutgoingUri, form: String) -> Result<(), EgressError> {
        self.post(uri, "application/x-www-form-urlencoded", form).await
    }

    /// POSTs a Security Event Token (RFC 8935 §2.1); any 2xx takes it, and the answer's body is of no interest.
    ///
    /// # Errors
    /// [`EgressError`].
    pub async fn post_event(&self, uri: &OutgoingUri, token: String) -> Result<(), EgressError> {
        self.post(uri, "application/secevent+jwt", token).await
    }

    async fn post(&self, uri: &OutgoingUri, kind: &'static str, body: String) -> Result<(), EgressError> {
        let url = self.rules.admit(uri)?;
        let request = self.client()?.post(url).header(CONTENT_TYPE, HeaderValue::from_static(kind)).body(body);
        match self.exchange(request, 64 * 1024).await {
            Ok(_) | Err(EgressError::TooLong) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// One request and its answer, within the time for both.
    async fn exchange(&self, request: RequestBuilder, longest: usize) -> Result<Vec<u8>, EgressError> {
        let whole = async {
            let mut response = request.send().await.map_err(failure)?;
            if !response.status().is_success() {
                return Err(EgressError::Status(response.status().as_u16()));
            }
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(failure)? {
                if body.len() + chunk.len() > longest {
                    return Err(EgressError::TooLong);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body)
        };
        tokio::time::timeout(self.timeout, whole).await.unwrap_or(Err(EgressError::Timeout))
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// The HTTP client's own error is a chain: somewhere in it the resolver may have said no.
fn failure(error: reqwest::Error) -> EgressError {
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return EgressError::Forbidden;
        }
        cause = inner.source();
    }
    if error.is_timeout() { EgressError::Timeout } else { EgressError::Unreachable }
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to no address that may be asked")]
struct Forbidden;

/// Resolves names, and lets through what may be asked: the connection is made to these addresses and no other.
struct Judging {
    rules: Arc<Rules>,
    names: Arc<dyn Names>,
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, found) = (Arc::clone(&self.rules), self.names.look_up(name.as_str().to_owned()));
        Box::pin(async move {
            let allowed: Vec<SocketAddr> =
                found.await?.into_iter().filter(|address| rules.allow(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

impl Rules {
    /// The URL, if it may be asked as far as can be told before its name is resolved. An address written as such never
    /// comes to the resolver.
    fn admit(&self, uri: &OutgoingUri) -> Result<Url, EgressError> {
        let url = Url::parse(uri.as_str()).map_err(|_| EgressError::Forbidden)?;
        if uri.is_plain() && !self.loopback {
            return Err(EgressError::Forbidden);
        }
        let allowed = match url.host() {
            Some(Host::Ipv4(address)) => self.allow(address.into()),
            Some(Host::Ipv6(address)) => self.allow(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if allowed { Ok(url) } else { Err(EgressError::Forbidden) }
    }

    fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address)
            || (self.loopback && address.is_loopback())
            || self.networks.iter().any(|network| network.contains(&address) && !is_never_a_server(address))
    }
}

/// Addresses that no setting opens: the cloud's metadata services among them.
fn is_never_a_server(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.octets()[0] == 0,
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_multicast() || v6.is_unspecified() || v6.is_unicast_link_local(),
    }
}

/// Whether an address belongs to the public internet (the IANA registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private use, loopback.
        [0 | 10 | 127, ..] => true,
        // Shared between a carrier's customers.
        [100, second, ..] => (64..128).contains(&second),
        // Link-local, where the metadata services are.
        [169, 254, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        // Protocol assignments, documentation, 6to4 relays, private use.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [192, 168, ..] => true,
        // Benchmarks and documentation.
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Global unicast is 2000::/3 alone; of it, those that carry or stand for other addresses are left out.
    let global = segments[0] & 0xe000 == 0x2000;
    let special = match segments {
        // Teredo, benchmarks, ORCHID and other protocol assignments.
        [0x2001, second, ..] => second < 0x200 || second == 0xdb8,
        // 6to4 and documentation.
        [0x2002, ..] => true,
        [0x3fff, second, ..] => second < 0x1000,
        _ => false,
    };
    global && !special
}

mod upstream;

#[cfg(test)]
mod tests;
