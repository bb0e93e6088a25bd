//! The header `DPoP`: made up as a whole, and signed by a key that does fit, over claims and a header that are made up.
#![no_main]

use idp_core::dpop::{Proof, ProofFault, ProvenRequest, Thumbprint, nonce};
use idp_core::jose::ClientKey;
use idp_fuzz::{CLIENT_KEY, halves, is_plain, now, object};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const NONCE_KEY: [u8; 32] = [7; 32];
const URL: &str = "https://account.example/token";

fuzz_target!(|data: &[u8]| {
    if let Ok(header) = std::str::from_utf8(data) {
        judged(header, None);
    }
    let Some((header, claims)) = halves(data) else { return };
    let Some(claims) = object(claims.as_bytes()) else { return };
    let fit = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": CLIENT_KEY.public() }).to_string();
    for header in [header, &fit] {
        let proof = CLIENT_KEY.seal_under(header, &claims).expect("it can be signed");
        judged(&proof, None);
        judged(&proof, Some("token"));
    }
    // With a nonce of ours, so that what is behind that check is reached.
    let mut claims = claims;
    claims.insert("nonce".to_owned(), json!(nonce(&NONCE_KEY, now())));
    judged(&CLIENT_KEY.seal_under(&fit, &claims).expect("it can be signed"), None);
});

fn judged(header: &str, access_token: Option<&str>) {
    let proof = match Proof::read(header) {
        Ok(proof) => proof,
        Err(fault) => return assert_eq!(fault, ProofFault::Malformed),
    };
    assert!(Thumbprint::parse(proof.key().as_str()).is_some());
    let public = serde_json::to_value(CLIENT_KEY.public()).expect("a key");
    let ours = ClientKey::parse(public.as_object().expect("an object")).expect("our own key");
    assert_eq!(proof.key().as_str(), ours.thumbprint(), "nobody else has a key here");
    assert_eq!(proof.name().len(), 43);
    let request = ProvenRequest { method: "POST", url: URL, access_token };
    match proof.judge(request, &NONCE_KEY, now()) {
        Ok(()) => assert!(access_token.is_none(), "nobody guesses the digest of a token"),
        Err(fault) => assert!(is_plain(fault.description())),
    }
}
