//! Tokens: client assertions, request objects and hints, made up as a whole, or signed by the client over what is made up.
#![no_main]

use idp_core::authorize::request_object;
use idp_core::client::{AssertionClaims, Expected, is_assertion_type, judge_assertion};
use idp_core::jose::{Algorithm, ClientJws, TokenType, Unverified};
use idp_fuzz::{CLIENT_KEY, CLIENT_KEYS, ISSUER, KEYS, client, halves, is_plain, now, sound};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const TYPES: [TokenType; 6] = [
    TokenType::Id,
    TokenType::Access,
    TokenType::Response,
    TokenType::Userinfo,
    TokenType::Introspection,
    TokenType::Logout,
];

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        made_up(text);
    }
    let Some((header, claims)) = halves(data) else { return };
    let Ok(claims) = serde_json::from_str::<Value>(claims) else { return };
    // Only what the client itself signed can be read at all.
    let token = CLIENT_KEY.seal_under(header, &claims).expect("it can be signed");
    ours(&token);
    read(&token);
    let fit = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, CLIENT_KEY.kid());
    let token = CLIENT_KEY.seal_under(&fit, &claims).expect("it can be signed");
    ours(&token);
    read(&token);
    let cut = &token[..token.len() - 1];
    assert!(ClientJws::parse(cut).and_then(|t| t.verify::<Value>(&CLIENT_KEYS, &Algorithm::ALL)).is_err());
});

/// Nobody can make up a signature.
fn made_up(text: &str) {
    ours(text);
    if let Ok(token) = ClientJws::parse(text) {
        assert!(token.verify::<Value>(&CLIENT_KEYS, &Algorithm::ALL).is_err());
        let _ = (token.embedded_key(), token.unchecked_claims::<Map<String, Value>>(), is_assertion_type(token.typ()));
    }
}

/// Nor can a client sign as we do.
fn ours(text: &str) {
    if let Ok(token) = Unverified::parse(text) {
        assert!(TYPES.iter().all(|typ| token.verify::<Value>(*typ, &KEYS).is_err()));
    }
}

fn read(text: &str) {
    let client = client("jwt").expect("it is registered");
    let Ok(token) = ClientJws::parse(text) else { return };
    if request_object::is_request_object(token.typ()) {
        if let Ok(claims) = token.verify::<Map<String, Value>>(&CLIENT_KEYS, &request_object::accepted(&client)) {
            match request_object::parameters(claims, &client, ISSUER, now()) {
                Ok(raw) => {
                    assert_eq!(raw.get("client_id"), Some("jwt"));
                    assert!(raw.get("request").is_none() && raw.get("request_uri").is_none());
                    assert!(idp_core::authorize::RawRequest::kept(&raw.encode()) == Ok(raw));
                }
                Err(error) => sound(&error),
            }
        }
    }
    if is_assertion_type(token.typ()) {
        if let Ok(claims) = token.verify::<AssertionClaims>(&CLIENT_KEYS, client.authentication.assertion_algorithms())
        {
            for strict in [true, false] {
                let expected = Expected { issuer: ISSUER, token_endpoint: "https://account.example/token", strict };
                match judge_assertion(&claims, &client, expected, now()) {
                    Ok(once) => {
                        assert!(claims.iss == "jwt" && claims.sub == "jwt" && claims.aud.iter().count() >= 1);
                        assert!(once.until > now() && (!strict || claims.aud.sole() == Some(ISSUER)));
                    }
                    Err(refusal) => assert!(is_plain(&format!("{refusal:?}"))),
                }
            }
        }
    }
}
