//! The dialect of the system before this one: of what an old service sends, only what the dialect knows becomes part of an
//! ordinary request, as it came, and what we put beside it cannot be put there by anybody else.
#![no_main]

use idp_core::authorize::{RawError, RawRequest, ReturnAddress};
use idp_core::client::{LEGACY_ACCESS_TOKEN, LEGACY_AUTHORIZE};
use idp_fuzz::is_plain;
use libfuzzer_sys::fuzz_target;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fuzz_target!(|text: &str| {
    let raw = match RawRequest::parse(&[text]) {
        Ok(raw) => raw,
        Err(error) => return assert!(is_plain(&error.to_string())),
    };
    let challenge = [("scope", "openid membership"), ("code_challenge_method", "S256"), ("code_challenge", CHALLENGE)];
    check(&raw, &LEGACY_AUTHORIZE, &challenge);
    check(&raw, &LEGACY_ACCESS_TOKEN, &[("code_verifier", VERIFIER)]);
    if let Err(error) = ReturnAddress::client_id(&raw) {
        assert!(is_plain(&error.to_string()));
    }
});

fn check(raw: &RawRequest, own: &[&str], ours: &[(&str, &str)]) {
    // Percent signs may make it longer than what is read.
    let ordinary = match RawRequest::parse(&[&raw.narrowed(own, ours)]) {
        Ok(ordinary) => ordinary,
        Err(error) => return assert_eq!(error, RawError::TooLong),
    };
    for name in own {
        assert_eq!(ordinary.get(name), raw.get(name), "{name} as it came");
    }
    for (name, value) in ours {
        assert_eq!(ordinary.get(name), Some(*value), "{name} is ours");
    }
    let known = |name: &str| own.contains(&name) || ours.iter().any(|(ours, _)| *ours == name);
    assert!(ordinary.names().all(known), "nothing else came along");
}
