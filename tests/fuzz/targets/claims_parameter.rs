//! The parameter `claims`, `verified_claims` in it included.
#![no_main]

use idp_core::authorize::ClaimsRequest;
use idp_core::scope::ScopeSet;
use idp_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match ClaimsRequest::parse(text) {
        Ok(request) => {
            assert_eq!(ClaimsRequest::parse(text).as_ref(), Ok(&request));
            // A client gets no more of it by asking twice.
            let allowed = request.requested.clone().within(ScopeSet::parse("openid email"));
            assert_eq!(allowed.clone().within(ScopeSet::parse("openid email")), allowed);
            assert_eq!(allowed.userinfo.intersect(request.requested.userinfo), allowed.userinfo);
            // What is kept with a grant reads back.
            let kept = serde_json::to_string(&request.requested).expect("it can be kept");
            assert_eq!(
                serde_json::from_str::<idp_core::token::RequestedClaims>(&kept).expect("it reads back"),
                request.requested
            );
        }
        Err(error) => sound(&error),
    }
});
