//! A client's JWKS: what is read is public and sound, and whatever it is, encrypting to it ends.
#![no_main]

use idp_core::client::KeySource;
use idp_core::dpop::Thumbprint;
use idp_core::jose::{ClientKey, ClientKeys, Content, ContentEncryption, Encryption, KeyManagement};
use idp_fuzz::is_plain;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|document: &[u8]| {
    if let Ok(value) = serde_json::from_slice::<Value>(document) {
        let by_value = KeySource::parse(Some(&value), None);
        if let (Ok(source), Value::Object(_)) = (&by_value, &value) {
            assert_eq!(source.document(), Some(value), "what is kept reads back");
        }
    }
    let keys = match ClientKeys::parse(document) {
        Ok(keys) => keys,
        Err(fault) => return assert!(is_plain(&fault.to_string())),
    };
    for key in keys.iter() {
        assert!(Thumbprint::parse(key.thumbprint()).is_some());
        let members = key.members();
        assert!(members.keys().all(|name| ["kty", "crv", "x", "y", "n", "e"].contains(&name.as_str())), "public alone");
        let again = ClientKey::parse(members).expect("its members make the same key");
        assert_eq!(again.thumbprint(), key.thumbprint());
        assert!(format!("{key:?}").contains(key.thumbprint()));
    }
    for algorithm in KeyManagement::ALL {
        for content in ContentEncryption::ALL {
            // A key may be on the curve and still be worth nothing: that is an error, and no token.
            let how = Encryption { algorithm, content };
            let Ok(token) = keys.encrypt(how, Content::Token, b"a.b.c") else { continue };
            assert!(keys.encrypting(algorithm).is_some() && token.is_ascii());
            let parts: Vec<&str> = token.split('.').collect();
            assert_eq!(parts.len(), 5);
            let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, parts[0]);
            let header: Value = serde_json::from_slice(&header.expect("base64url")).expect("JSON");
            assert_eq!((&header["alg"], &header["enc"]), (&json!(algorithm.as_str()), &json!(content.as_str())));
            assert!(header.get("zip").is_none() && header.get("p2c").is_none());
        }
    }
});
