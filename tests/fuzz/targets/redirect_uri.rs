//! Redirect URIs: one that is registered, and one that is presented. Nothing but the port of a loopback address may differ.
#![no_main]

use idp_core::client::{ClientDraft, ClientKind, OutgoingUri, RedirectUri};
use idp_fuzz::{draft, halves, is_plain, registered};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Some((known, presented)) = halves(data) else { return };
    if let Ok(uri) = OutgoingUri::parse(known) {
        assert_eq!(uri.as_str(), known);
    }
    let uri = match RedirectUri::parse(known) {
        Ok(uri) => uri,
        Err(error) => return assert!(is_plain(&error.to_string())),
    };
    let read = Url::parse(known).expect("a registered URI is a URI");
    assert!(uri.as_str() == known && read.as_str() == known && known.is_ascii(), "as a browser sends it");
    assert!(read.fragment().is_none() && read.username().is_empty() && read.password().is_none());
    assert!(!["javascript", "data", "file", "vbscript", "blob", "about"].contains(&read.scheme()));
    assert!(uri.admits(known, true) && uri.admits(known, false));
    assert_eq!(uri.admits(presented, false), known == presented);
    if uri.admits(presented, true) && known != presented {
        differs_in_its_port(&read, presented);
    }
    // The same through a client, whose kind decides.
    let (kind, method) = match read.scheme() {
        "https" | "http" => (ClientKind::Web, "client_secret_basic"),
        _ => (ClientKind::Native, "none"),
    };
    let client = registered(ClientDraft {
        kind,
        authentication_method: method.to_owned(),
        redirect_uris: vec![known.to_owned()],
        ..draft("rp")
    });
    assert_eq!(client.allows_redirect(presented), uri.admits(presented, kind == ClientKind::Native));
});

/// RFC 8252 §7.3.
fn differs_in_its_port(known: &Url, presented: &str) {
    let read = Url::parse(presented).expect("a URI");
    assert!(matches!(known.host_str(), Some("127.0.0.1" | "[::1]")), "{known}");
    assert_eq!((known.scheme(), known.host_str()), ("http", read.host_str()));
    assert_eq!((known.path(), known.query(), known.fragment()), (read.path(), read.query(), read.fragment()));
    assert!(read.scheme() == "http" && read.username().is_empty() && read.password().is_none());
    let host = known.host_str().unwrap_or_default();
    let rest = |text: &str| {
        text.strip_prefix(&format!("http://{host}"))
            .expect("that host")
            .trim_start_matches(':')
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .to_owned()
    };
    assert_eq!(rest(known.as_str()), rest(presented), "but for the port, byte for byte");
}
