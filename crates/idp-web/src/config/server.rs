//! `[server]`: listening, the issuer, and the proxies in front.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::{Findings, location::is_loopback};
use crate::proxy::{ForwardedHeader, TrustedProxies};

/// How the program is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on, with plain HTTP: TLS ends at the proxy in front.
    pub listen: SocketAddr,
    /// Public address of this provider, as services and members see it: https, a host, nothing after it. Must be set.
    pub issuer: String,
    /// Addresses or networks of the proxies in front, as in "10.0.0.0/8". Only their word on the client's address is taken.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which those proxies hand on the client's address: "x-forwarded-for" or "forwarded".
    pub forwarded_header: ForwardedHeader,
    /// Largest request body accepted, in bytes; but for a picture that a member shows (/profile/about/picture): 16 MiB.
    pub max_body_bytes: u64,
    /// Connections open at once; further ones wait.
    pub max_connections: usize,
    /// Time for the head of a request, and for a connection to be idle, in seconds; a proxy's own must be shorter.
    pub head_timeout_seconds: u64,
    /// Time for one request from first byte to answer, in seconds.
    pub request_timeout_seconds: u64,
    /// Time for open requests to finish when the program is told to stop, in seconds.
    pub drain_seconds: u64,
    /// Number of nodes that serve this issuer together. More than one needs PostgreSQL and Redis.
    pub nodes: u32,
}

impl Server {
    /// The peers whose word on the client's address is taken.
    pub fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone(), self.forwarded_header)
    }

    /// Does the issuer use https, so that cookies carry `Secure` and the `__Host-` prefix?
    pub fn is_https(&self) -> bool {
        self.issuer.starts_with("https://")
    }

    /// Does the issuer name this machine, so that no other can use it?
    pub fn is_on_loopback(&self) -> bool {
        Url::parse(&self.issuer).is_ok_and(|url| is_loopback(&url))
    }

    pub(super) fn validate(&self, demo: bool, findings: &mut Findings) {
        self.validate_issuer(demo, findings);
        if self.is_https() && self.trusted_proxies.is_empty() {
            findings.warn(
                "server.trusted_proxies",
                "TLS ends at a proxy, yet none is listed: every member then seems to come from the proxy's address, and \
                 the limits per origin meet all of them together",
                "list the proxy's address, as in [\"127.0.0.1\"]",
            );
        }
        if self.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
            findings.refuse(
                "server.trusted_proxies",
                "everybody on the network would be believed to be a proxy",
                "list the proxies' own addresses",
            );
        }
        findings.within("server.max_body_bytes", self.max_body_bytes, 16_384..=16_777_216);
        let connections = u64::try_from(self.max_connections).unwrap_or(u64::MAX);
        findings.within("server.max_connections", connections, 16..=100_000);
        findings.within("server.head_timeout_seconds", self.head_timeout_seconds, 1..=300);
        findings.within("server.request_timeout_seconds", self.request_timeout_seconds, 1..=30);
        findings.within("server.drain_seconds", self.drain_seconds, 0..=300);
        findings.within("server.nodes", self.nodes.into(), 1..=1000);
    }

    fn validate_issuer(&self, demo: bool, findings: &mut Findings) {
        const SETTING: &str = "server.issuer";
        if self.issuer.is_empty() {
            return findings.refuse(
                SETTING,
                "not set",
                "set it to the public address, as in https://account.example.go.th",
            );
        }
        let Ok(url) = Url::parse(&self.issuer) else {
            return findings.refuse(SETTING, "not an address", "write it as in https://account.example.go.th");
        };
        // OpenID Connect Discovery 1.0 §3: no query, no fragment. We allow no path either, because cookies and passkeys
        // know hosts, not paths. Comparing with the origin also settles case, default ports and a trailing slash, all
        // of which relying parties compare byte by byte.
        let origin = url.origin().ascii_serialization();
        if origin != self.issuer {
            let what = "has a path, query, user name, capital letters, default port or slash at its end";
            let instead = if url.has_host() { origin } else { "https://account.example.go.th".to_owned() };
            return findings.refuse(SETTING, what, format!("write {instead}"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) && demo => {}
            "http" if is_loopback(&url) => findings.warn(
                SETTING,
                "http: fit for a trial on this machine alone",
                "set an https address before anybody else uses it",
            ),
            _ => findings.refuse(SETTING, "tokens and passwords would travel unencrypted", "use an https address"),
        }
    }
}

/// `10.0.0.0/8` or a single address.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| {
            let address = text.parse().map(|address: std::net::IpAddr| IpNet::from(address.to_canonical()));
            address
                .or_else(|_| text.parse())
                .map_err(|_| D::Error::custom(format!("“{text}” is not an address or network")))
        })
        .collect()
}
