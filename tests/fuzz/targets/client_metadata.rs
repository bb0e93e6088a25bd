//! The metadata of clients that register themselves: what is accepted is shown, and reads the same again.
#![no_main]

use idp_core::client::{Bilingual, ClientDraft, ClientKind, PkcePolicy, RegistrationPolicy, metadata};
use idp_core::json::strict_object;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;
use idp_fuzz::{draft, is_plain, now};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Some(members) = strict_object(body, 64 * 1024) else { return };
    let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
    let policy = RegistrationPolicy {
        least_acr: None,
        redirect_hosts: vec!["rp.example".to_owned()],
        scopes: ScopeSet::parse("openid profile"),
        kinds: vec![ClientKind::Web, ClientKind::Native],
        owner: both("owner"),
        purpose: both("purpose"),
        pkce: PkcePolicy::Optional,
        assertion_to_token_endpoint: false,
    };
    let begun = || policy.begin(ClientDraft { refresh_tokens: false, ..draft("rp") });
    let mut wished = match metadata::read(&members, begun()) {
        Ok(draft) => draft,
        Err(error) => return assert!(is_plain(&error.to_string())),
    };
    if let Err(error) = policy.hold(&mut wished) {
        return assert!(is_plain(&error.to_string()));
    }
    // What the sector's address lists is fetched elsewhere; here it says what was asked for.
    wished.sector_listed = wished.sector_identifier_uri.is_some().then(|| wished.redirect_uris.clone());
    let Ok(client) = wished.accept(&Secret::presented("s"), now()) else { return };
    assert!(policy.scopes.covers(client.scopes) && client.scopes.contains(Scope::OpenId));
    assert_eq!((&client.owner, &client.purpose), (&policy.owner, &policy.purpose));
    assert!(!client.is_public() || client.pkce == PkcePolicy::Required);
    assert!(client.legacy.is_none() && client.resources.is_empty() && client.resource.is_none());
    for uri in client.redirect_uris.iter().filter(|uri| uri.as_str().starts_with("https:")) {
        assert_eq!(uri.host().as_deref(), Some("rp.example"));
    }
    let shown = metadata::show(&client);
    let mut again = metadata::read(&shown, begun()).expect("what we show can be registered");
    policy.hold(&mut again).expect("the policy allows what it allowed");
    again.sector_listed = again.sector_identifier_uri.is_some().then(|| again.redirect_uris.clone());
    let again = again.accept(&Secret::presented("s"), now()).expect("what we show is sound");
    assert_eq!(metadata::show(&again), shown);
    let kept = serde_json::to_string(&client).expect("it can be kept");
    assert!(serde_json::from_str::<idp_core::client::Client>(&kept).is_ok_and(|read| read == client));
});
