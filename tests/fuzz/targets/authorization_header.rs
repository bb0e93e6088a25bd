//! The header `Authorization`: a name and a secret, or a token.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp_core::authorization_header::{basic, token};
use idp_core::jose::{TokenType, Unverified};
use idp_core::token::AccessClaims;
use idp_fuzz::KEYS;
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded::byte_serialize;

fuzz_target!(|text: &str| {
    assert!(basic(text).is_none() || token(text).is_none(), "one way at a time");
    read(text);
    // The same as somebody would send it who has the name and the secret.
    read(&format!("Basic {}", STANDARD.encode(text)));
    if let Some((_, token)) = token(text) {
        assert_eq!(token, token.trim());
        let claims = Unverified::parse(token).and_then(|token| token.verify::<AccessClaims>(TokenType::Access, &KEYS));
        assert!(claims.is_err(), "nobody can make up a token");
    }
});

fn read(header: &str) {
    let Some((id, secret)) = basic(header) else { return };
    assert!(!id.is_empty() && !secret.reveal().is_empty());
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let again = STANDARD.encode(format!("{}:{}", encoded(&id), encoded(secret.reveal())));
    if again.len() <= 1024 {
        let (name, word) = basic(&format!("basic {again}")).expect("it reads back");
        assert!(name == id && word.reveal() == secret.reveal());
    }
}
