//! S031: tokens made to cost, each under a good signature: nothing but their shape can stop them. What reading one takes
//! of memory is counted.

use serde_json::{Value, json};

use super::{Algorithm, ClientJws, ClientKeys, KeyRing, KeyState, RingKey, SigningKey, TokenType, Unverified};
use crate::client::AssertionClaims;
use crate::json::StrictObject;
use crate::secret::base64url;

/// Nobody may make a reader take more than this, in bytes.
const MOST: u64 = 8 << 20;

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256).unwrap().0
}

/// A token of these bytes, whatever they are.
fn token(key: &SigningKey, header: &[u8], payload: &[u8]) -> String {
    let signed = format!("{}.{}", base64url(header), base64url(payload));
    let signature = base64url(&key.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

fn claims() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
    let under = |name: &str, value: Vec<u8>| {
        let around = format!(r#"{{"iss":"rp","sub":"rp","aud":"x","exp":1,"jti":"j","{name}":"#);
        [around.into_bytes(), value, b"}".to_vec()].concat()
    };
    vec![
        ("a list of a thousand levels", deep(1000)),
        ("a hundred thousand levels", deep(100_000)),
        ("a member of five thousand levels", under("x", deep(5000))),
        ("an audience of a hundred levels", under("aud", deep(100))),
        ("an audience of two thousand", under("aud", json!(vec!["x"; 2000]).to_string().into_bytes())),
        ("a name twice", under("iss", b"\"other\"".to_vec())),
        ("a name twice in two spellings", under("is\\u0073", b"\"other\"".to_vec())),
        ("not UTF-8", under("x", b"\"\xc0\xaf\"".to_vec())),
        ("half of a pair", br#"{"iss":"rp","sub":"\ud800","aud":"x","exp":1,"jti":"j"}"#.to_vec()),
        ("a number beyond numbers", under("exp", b"1e999".to_vec())),
        ("a number of five thousand digits", under("exp", vec![b'9'; 5000])),
        ("a time before time", under("exp", b"-9223372036854775809".to_vec())),
        ("no object", b"null".to_vec()),
        ("nothing", Vec::new()),
        ("two objects", b"{}{}".to_vec()),
        ("a million spaces", vec![b' '; 1 << 20]),
    ]
}

fn headers() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |levels: usize| format!(r#"{{"alg":"ES256","x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    vec![
        ("deep", deep(1000).into_bytes()),
        ("deeper", deep(100_000).into_bytes()),
        ("a name twice", br#"{"alg":"none","alg":"ES256"}"#.to_vec()),
        ("not UTF-8", b"{\"alg\":\"ES256\",\"kid\":\"\xff\"}".to_vec()),
        ("compressed", br#"{"alg":"ES256","zip":"DEF","crit":["zip"]}"#.to_vec()),
        ("critical null", br#"{"alg":"ES256","crit":null}"#.to_vec()),
        ("a list", b"[]".to_vec()),
        ("nothing", Vec::new()),
    ]
}

/// Reads a token everywhere a reader of tokens is; whether anybody took it, and the most memory it took at once.
fn read(own: &KeyRing, keys: &ClientKeys, token: &str) -> (bool, u64) {
    let mut taken = false;
    let took = allocation_counter::measure(|| {
        for typ in [TokenType::Access, TokenType::Id, TokenType::Logout] {
            taken |= Unverified::parse(token).and_then(|token| token.verify::<AssertionClaims>(typ, own)).is_ok();
        }
        if let Ok(token) = ClientJws::parse(token) {
            taken |= token.verify::<AssertionClaims>(keys, &[Algorithm::ES256]).is_ok();
            taken |= token.verify::<StrictObject>(keys, &[Algorithm::ES256]).is_ok();
            taken |= token.embedded_key().is_err();
        }
    });
    (taken, took.bytes_max)
}

#[test]
fn s031_no_claims_under_a_good_signature_cost_much_or_are_believed() {
    let key = key();
    let own = KeyRing::new([RingKey { key: key.clone(), state: KeyState::Active }]);
    let keys = ClientKeys::parse(json!({ "keys": [key.public()] }).to_string().as_bytes()).unwrap();
    for typ in ["JWT", "at+jwt", "logout+jwt"] {
        let header = json!({ "alg": "ES256", "typ": typ, "kid": key.kid() }).to_string();
        let sound = json!({ "iss": "rp", "sub": "rp", "aud": "x", "exp": 1, "jti": "j" }).to_string();
        let (taken, _) = read(&own, &keys, &token(&key, header.as_bytes(), sound.as_bytes()));
        assert!(taken, "with sound claims the token is read, so that what follows says something");
        for (what, claims) in claims() {
            let (taken, took) = read(&own, &keys, &token(&key, header.as_bytes(), &claims));
            // A member that nobody reads is skipped, however deep it is.
            assert!(!taken || what == "a member of five thousand levels", "{what}");
            assert!(took < MOST, "{what}: {took} bytes");
        }
    }
}

#[test]
fn s031_no_header_under_a_good_signature_costs_much_or_is_believed() {
    let key = key();
    let own = KeyRing::new([RingKey { key: key.clone(), state: KeyState::Active }]);
    let keys = ClientKeys::parse(json!({ "keys": [key.public()] }).to_string().as_bytes()).unwrap();
    let sound: Value = json!({ "iss": "rp", "sub": "rp", "aud": "x", "exp": 1, "jti": "j" });
    for (what, header) in headers() {
        let (taken, took) = read(&own, &keys, &token(&key, &header, sound.to_string().as_bytes()));
        assert!(!taken || what == "deep", "{what}");
        assert!(took < MOST, "{what}: {took} bytes");
    }
}
