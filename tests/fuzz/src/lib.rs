//! What the targets share: clients, keys, and what must hold of every answer.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use idp_core::authorize::ProtocolError;
use idp_core::client::{Bilingual, Client, ClientDraft, ClientKind, PkcePolicy};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, ClientKeys, KeyRing, KeyState, RingKey, SigningKey};
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use serde_json::{Value, json};

/// The issuer.
pub const ISSUER: &str = "https://account.example";

/// This moment: always the same.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment")
}

/// Keys of ours: what signs where a client says nothing (RS256), and two that clients choose.
pub static KEYS: LazyLock<KeyRing> = LazyLock::new(|| {
    let algorithms = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    KeyRing::new(algorithms.map(|algorithm| RingKey { key: made(algorithm), state: KeyState::Active }))
});

/// A key that a client signs with.
pub static CLIENT_KEY: LazyLock<SigningKey> = LazyLock::new(|| made(Algorithm::ES256));

/// The public half of [`CLIENT_KEY`], as its client registered it.
pub static CLIENT_KEYS: LazyLock<ClientKeys> = LazyLock::new(|| {
    let document = json!({ "keys": [CLIENT_KEY.public()] }).to_string();
    ClientKeys::parse(document.as_bytes()).expect("our own public key can be read")
});

fn made(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key can be made").0
}

/// An empty draft of a sound client.
pub fn draft(id: &str) -> ClientDraft {
    let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
    ClientDraft {
        name: both("name"),
        owner: both("owner"),
        purpose: both("purpose"),
        scopes: ScopeSet::parse("openid profile email membership"),
        ..ClientDraft::new(ClientId::parse(id).expect("a client id"))
    }
}

/// Registers a draft that must be sound.
pub fn registered(draft: ClientDraft) -> Arc<Client> {
    Arc::new(draft.accept(&Secret::presented("secret"), now()).expect("a sound draft"))
}

/// The clients that requests may name.
pub static CLIENTS: LazyLock<Vec<Arc<Client>>> = LazyLock::new(|| {
    let uris = |uris: &[&str]| uris.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
    let machine = "https://api.example/".to_owned();
    vec![
        registered(ClientDraft {
            redirect_uris: uris(&["https://rp.example/cb", "https://rp.example/cb?bar=foo"]),
            pkce: PkcePolicy::Optional,
            resources: vec![(machine, vec!["read".to_owned()])],
            ..draft("web")
        }),
        registered(ClientDraft {
            redirect_uris: uris(&["http://127.0.0.1/cb", "http://[::1]:1/cb?x=y", "th.example.app:/cb"]),
            kind: ClientKind::Native,
            authentication_method: "none".to_owned(),
            ..draft("native")
        }),
        registered(ClientDraft {
            redirect_uris: uris(&["https://spa.example/"]),
            kind: ClientKind::SinglePage,
            authentication_method: "none".to_owned(),
            ..draft("spa")
        }),
        registered(ClientDraft {
            redirect_uris: uris(&["https://jwt.example/cb"]),
            authentication_method: "private_key_jwt".to_owned(),
            jwks: Some(json!({ "keys": [CLIENT_KEY.public()] })),
            assertion_to_token_endpoint: true,
            ..draft("jwt")
        }),
    ]
});

/// The client of a name.
pub fn client(id: &str) -> Option<Arc<Client>> {
    CLIENTS.iter().find(|client| client.id.as_str() == id).cloned()
}

/// RFC 6749 §5.2: what a description of an error may be made of.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// An error that a client may hear.
pub fn sound(error: &ProtocolError) {
    assert!(is_plain(error.description) && !error.description.is_empty(), "{error:?}");
    assert!(is_plain(error.code.as_str()), "{error:?}");
}

/// A part of a token.
pub fn part(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The input in two: what stands before the first line feed, and what follows.
pub fn halves(data: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(data).ok()?.split_once('\n')
}

/// The input as an object.
pub fn object(data: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(data) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}
