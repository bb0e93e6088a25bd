//! From which address a request comes, when reverse proxies stand in between.
//!
//! A header is believed only as far as the chain of listed proxies reaches: everything left of the first unlisted hop
//! was written by somebody we do not know. `X-Real-IP`, `True-Client-IP` and their like are never read.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::IpNet;
use serde::Deserialize;

/// More hops than this are not a chain of proxies but somebody filling the header.
const MOST_HOPS: usize = 16;

/// The proxies whose word is taken, and the one header they set.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedHeader,
}

/// The header in which the listed proxies hand on the client's address. Only one is read: a proxy passes the other
/// through as the client wrote it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`, what most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239).
    Forwarded,
}

/// An address, and the port where it is known.
type Source = (IpAddr, Option<u16>);

impl TrustedProxies {
    /// Trusts peers of these networks to write `header`.
    pub fn new(networks: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { networks, header }
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// The client's address: the socket's peer, or, when that is a listed proxy, the rightmost unlisted hop of its header.
///
/// A hop that cannot be read ends the walk at the last address that could: the answer is then a proxy, which is
/// throttled like anybody, never an address of the sender's choice.
pub fn origin_of(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    source_of(SocketAddr::new(peer, 0), headers, trusted).0
}

/// The same with the port it came from: the peer's own, or what the proxy that names the address says beside it, which
/// most do not.
pub fn source_of(peer: SocketAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> (IpAddr, Option<u16>) {
    let mut source = (peer.ip().to_canonical(), Some(peer.port()));
    if !trusted.contains(source.0) {
        return source;
    }
    for hop in hops_from_the_right(headers, trusted.header) {
        let Some(named) = hop else { break };
        source = named;
        if !trusted.contains(source.0) {
            break;
        }
    }
    source
}

/// The name under which an origin is counted: an IPv4 address, or the /64 that one IPv6 subscriber is given.
pub fn origin_bucket(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The network an address is in, as much as a member is shown of where a sign-in came from: 24 bits of an IPv4 address, 48
/// of an IPv6 one. `local` for an address that says nothing outside its own house.
pub fn origin_network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) if address.is_loopback() || address.is_private() || address.is_link_local() => {
            "local".to_owned()
        }
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) if address.is_loopback() || address.is_unique_local() => "local".to_owned(),
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

fn hops_from_the_right(headers: &HeaderMap, header: ForwardedHeader) -> Vec<Option<Source>> {
    let (name, read): (_, fn(&str) -> Option<Source>) = match header {
        ForwardedHeader::XForwardedFor => ("x-forwarded-for", address_in),
        ForwardedHeader::Forwarded => ("forwarded", forwarded_for),
    };
    let lines: Vec<_> = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    lines.iter().rev().flat_map(|line| line.rsplit(',')).take(MOST_HOPS).map(|hop| read(hop.trim())).collect()
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn address_in(text: &str) -> Option<Source> {
    let source = IpAddr::from_str(text)
        .map(|address| (address, None))
        .or_else(|_| SocketAddr::from_str(text).map(|socket| (socket.ip(), Some(socket.port()))))
        .or_else(|_| {
            let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
            IpAddr::from_str(inner).map(|address| (address, None))
        });
    source.ok().map(|(address, port)| (address.to_canonical(), port))
}

/// The `for` of one element such as `for="[2001:db8::1]:4711";proto=https`; RFC 7239 §6 also allows names, which say
/// nothing to us.
fn forwarded_for(element: &str) -> Option<Source> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| address_in(value.trim().trim_matches('"')))?
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn proxies(header: ForwardedHeader) -> TrustedProxies {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        TrustedProxies::new(networks.to_vec(), header)
    }

    fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    #[track_caller]
    fn check(peer: &str, header: ForwardedHeader, lines: &[(&'static str, &[u8])], origin: &str) {
        let found = origin_of(peer.parse().unwrap(), &headers(lines), &proxies(header));
        assert_eq!(found.to_string(), origin, "{peer} {lines:?}");
    }

    #[test]
    fn s056_an_unlisted_peer_is_the_origin_whatever_it_writes() {
        for value in ["198.51.100.9", "10.0.0.1", "not an address", "", ",,,,", "127.0.0.1, 10.0.0.1"] {
            for name in ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"] {
                for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
                    check("203.0.113.7", header, &[(name, value.as_bytes())], "203.0.113.7");
                }
            }
        }
    }

    #[test]
    fn a_listed_proxy_is_believed_up_to_the_rightmost_unlisted_hop() {
        let header = ForwardedHeader::XForwardedFor;
        check("10.0.0.1", header, &[("x-forwarded-for", b"198.51.100.9")], "198.51.100.9");
        check("10.0.0.1", header, &[("x-forwarded-for", b"1.1.1.1, 198.51.100.9, 10.2.2.2")], "198.51.100.9");
        check("10.0.0.1", header, &[("x-forwarded-for", b"1.1.1.1"), ("x-forwarded-for", b"9.9.9.9")], "9.9.9.9");
        check("10.0.0.1", header, &[("x-forwarded-for", b"198.51.100.9:4711")], "198.51.100.9");
        check("fd00::1", header, &[("x-forwarded-for", b"[2001:db8::5]:443")], "2001:db8::5");
        check("::ffff:10.0.0.1", header, &[("x-forwarded-for", b"::ffff:198.51.100.9")], "198.51.100.9");
    }

    #[test]
    fn a_port_is_the_peers_own_or_what_the_believed_hop_names() {
        let check = |peer: &str, value: &'static [u8], source: (&str, Option<u16>)| {
            let trusted = proxies(ForwardedHeader::XForwardedFor);
            let found = source_of(peer.parse().unwrap(), &headers(&[("x-forwarded-for", value)]), &trusted);
            assert_eq!((found.0.to_string().as_str(), found.1), source, "{peer}");
        };
        check("203.0.113.7:4711", b"198.51.100.9:1", ("203.0.113.7", Some(4711)));
        check("10.0.0.1:4711", b"198.51.100.9:1", ("198.51.100.9", Some(1)));
        check("10.0.0.1:4711", b"198.51.100.9", ("198.51.100.9", None));
        check("10.0.0.1:4711", b"[2001:db8::5]:443", ("2001:db8::5", Some(443)));
    }

    #[test]
    fn without_an_unlisted_hop_the_farthest_proxy_is_the_origin() {
        check("10.0.0.1", ForwardedHeader::XForwardedFor, &[], "10.0.0.1");
        check("10.0.0.1", ForwardedHeader::XForwardedFor, &[("x-forwarded-for", b"10.0.0.9, 10.0.0.8")], "10.0.0.9");
    }

    #[test]
    fn s056_a_malformed_hop_ends_the_walk_at_the_proxy_that_wrote_it() {
        let header = ForwardedHeader::XForwardedFor;
        for bad in
            [&b"unknown"[..], b"", b"198.51.100.9,", b"1.2.3", b"1.2.3.4.5", b"\xff\xfe", b"<script>", b"010.1.1.1"]
        {
            check("10.0.0.1", header, &[("x-forwarded-for", bad)], "10.0.0.1");
        }
        check("10.0.0.1", header, &[("x-forwarded-for", b"198.51.100.9, junk, 10.3.3.3")], "10.3.3.3");
        let long = "10.0.0.2,".repeat(20_000);
        check("10.0.0.1", header, &[("x-forwarded-for", long.as_bytes())], "10.0.0.1");
    }

    #[test]
    fn only_the_configured_header_is_read() {
        check("10.0.0.1", ForwardedHeader::XForwardedFor, &[("forwarded", b"for=198.51.100.9")], "10.0.0.1");
        check("10.0.0.1", ForwardedHeader::Forwarded, &[("x-forwarded-for", b"198.51.100.9")], "10.0.0.1");
        check("10.0.0.1", ForwardedHeader::XForwardedFor, &[("x-real-ip", b"198.51.100.9")], "10.0.0.1");
    }

    #[test]
    fn rfc_7239_elements_are_read() {
        let header = ForwardedHeader::Forwarded;
        check("10.0.0.1", header, &[("forwarded", b"for=198.51.100.9;proto=https")], "198.51.100.9");
        check("10.0.0.1", header, &[("forwarded", b"proto=https; For=\"[2001:db8::5]:4711\"")], "2001:db8::5");
        check("10.0.0.1", header, &[("forwarded", b"for=1.1.1.1, for=9.9.9.9, for=10.1.1.1")], "9.9.9.9");
        check("10.0.0.1", header, &[("forwarded", b"for=unknown")], "10.0.0.1");
        check("10.0.0.1", header, &[("forwarded", b"for=_hidden;for")], "10.0.0.1");
        check("10.0.0.1", header, &[("forwarded", b"for")], "10.0.0.1");
    }

    #[test]
    fn an_origin_is_counted_by_address_or_by_the_subscribers_network() {
        for (address, bucket) in [
            ("198.51.100.9", "198.51.100.9"),
            ("::ffff:198.51.100.9", "198.51.100.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(origin_bucket(address.parse().unwrap()), bucket);
        }
    }
}
