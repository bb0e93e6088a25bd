//! The query of `/authorize`, from text to the answer: what is proven stays as it was sent, and no answer goes anywhere else.
#![no_main]

use std::borrow::Cow;

use idp_core::authorize::{Answer, AuthorizationRequest, RawRequest, ReturnAddress, Voice};
use idp_core::scope::Scope;
use idp_core::secret::Secret;
use idp_fuzz::{ISSUER, KEYS, client, is_plain, now, sound};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|query: &str| {
    let raw = match RawRequest::parse(&[query]) {
        Ok(raw) => raw,
        Err(error) => return assert!(is_plain(&error.to_string())),
    };
    assert!(RawRequest::kept(&raw.encode()) == Ok(raw.clone()), "what is kept reads back");
    let proven = ReturnAddress::client_id(&raw).and_then(|id| ReturnAddress::prove(&raw, client(id.as_str())));
    let address = match proven {
        Ok(address) => address,
        Err(error) => return assert!(is_plain(&error.to_string())),
    };
    assert_eq!(raw.get("redirect_uri"), Some(address.redirect_uri()), "byte for byte");
    let voice = Voice { issuer: ISSUER, keys: &KEYS, client_keys: None, now: now() };
    let code = Secret::presented("code");
    let answer = match AuthorizationRequest::parse(&raw, address.client()) {
        Ok(request) => {
            assert!(request.scopes.contains(Scope::OpenId) && address.client().scopes.covers(request.scopes));
            assert!(!(request.prompt.none && (request.prompt.login || request.prompt.consent)));
            assert!(request.challenge.is_some() || (!address.client().is_public() && request.nonce.is_some()));
            assert_eq!(request.nonce.as_deref(), raw.get("nonce"));
            address.code(&code, &voice)
        }
        Err(error) => {
            sound(&error);
            address.error(error, &voice)
        }
    };
    leads_home(&answer.expect("there are keys"), &address, raw.get("state"));
});

/// The answer goes to the proven URI, with the state as it came.
fn leads_home(answer: &Answer, address: &ReturnAddress, state: Option<&str>) {
    let home = address.redirect_uri();
    let fields: Vec<(String, String)> = match answer {
        Answer::FormPost { action, fields } => {
            assert_eq!(action, home);
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        }
        Answer::Redirect(to) => {
            let added = to.strip_prefix(home).expect("the registered URI, and what is added to it");
            assert!(added.starts_with(['?', '&', '#']) && is_plain(added), "{added}");
            let (there, back) = (Url::parse(home).expect("a URI"), Url::parse(to).expect("a URI"));
            assert_eq!((there.scheme(), there.host_str(), there.port()), (back.scheme(), back.host_str(), back.port()));
            assert_eq!(there.path(), back.path());
            url::form_urlencoded::parse(&added.as_bytes()[1..])
                .map(|(n, v)| (Cow::into_owned(n), Cow::into_owned(v)))
                .collect()
        }
    };
    let all =
        |name: &str| fields.iter().filter(|(known, _)| known == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    if let [token] = all("response").as_slice() {
        assert_eq!((fields.len(), token.split('.').count()), (1, 3));
        return;
    }
    assert_eq!(all("iss"), [ISSUER]);
    assert_eq!(all("state"), state.into_iter().collect::<Vec<_>>());
    assert_eq!(all("code").len() + all("error").len(), 1);
}
