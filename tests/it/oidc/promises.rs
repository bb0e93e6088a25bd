//! Every member of the metadata, and the test that shows its behaviour: what is promised and shown nowhere fails here, and so
//! does what is shown and not promised.

use std::collections::BTreeSet;
use std::path::Path;

use idp_core::jose::Algorithm;
use idp_tests::App;

/// Members, the file below `tests/it/oidc`, and the test.
const SHOWN: &[(&str, &str, &str)] = &[
    ("issuer", "discovery.rs", "the_document_is_public_json_of_its_own_issuer"),
    (
        "authorization_endpoint token_endpoint userinfo_endpoint introspection_endpoint revocation_endpoint jwks_uri \
         device_authorization_endpoint end_session_endpoint pushed_authorization_request_endpoint registration_endpoint \
         op_policy_uri op_tos_uri",
        "discovery.rs",
        "endpoints_and_metadata_agree_in_both_directions",
    ),
    ("scopes_supported", "discovery.rs", "every_advertised_scope_is_granted"),
    ("response_types_supported", "authorize/request.rs", "another_response_type_than_code_is_not_supported"),
    (
        "response_modes_supported prompt_values_supported",
        "discovery.rs",
        "every_advertised_response_mode_and_prompt_works",
    ),
    ("grant_types_supported", "discovery.rs", "every_advertised_grant_type_works"),
    ("subject_types_supported", "discovery.rs", "every_advertised_algorithm_and_subject_type_is_honoured"),
    ("acr_values_supported", "discovery.rs", "the_acr_of_an_id_token_is_one_of_those_promised"),
    ("claims_supported claim_types_supported", "discovery.rs", "every_advertised_claim_occurs_and_no_other"),
    (
        "claims_parameter_supported",
        "authorize/claims_parameter.rs",
        "an_essential_claim_comes_at_userinfo_and_not_in_the_id_token",
    ),
    (
        "claims_locales_supported",
        "authorize/claims_parameter.rs",
        "names_without_a_tag_are_in_the_language_the_client_asked_for",
    ),
    ("ui_locales_supported", "authorize/wishes.rs", "ui_locales_choose_the_first_language_we_speak"),
    ("display_values_supported", "authorize/wishes.rs", "other_wishes_are_taken_without_an_error"),
    ("code_challenge_methods_supported", "pkce.rs", "a_challenge_is_s256_or_refused"),
    ("token_endpoint_auth_methods_supported", "discovery.rs", "every_advertised_way_of_authenticating_works"),
    (
        "token_endpoint_auth_signing_alg_values_supported introspection_endpoint_auth_signing_alg_values_supported \
         revocation_endpoint_auth_signing_alg_values_supported",
        "private_key_jwt.rs",
        "a_client_signs_in_its_members_with_keys_of_every_algorithm",
    ),
    (
        "introspection_endpoint_auth_methods_supported",
        "introspection.rs",
        "s038_who_has_not_proven_who_they_are_hears_nothing",
    ),
    ("introspection_signing_alg_values_supported", "introspection.rs", "the_answer_is_signed_when_asked_for"),
    ("revocation_endpoint_auth_methods_supported", "revocation.rs", "another_clients_tokens_are_unharmed"),
    ("dpop_signing_alg_values_supported", "dpop.rs", "a_bound_token_works_with_proofs_by_its_key_alone"),
    ("id_token_signing_alg_values_supported", "token_forms.rs", "id_tokens_are_signed_with_the_clients_algorithm"),
    (
        "id_token_encryption_alg_values_supported id_token_encryption_enc_values_supported",
        "token_forms.rs",
        "an_encrypted_id_token_holds_the_signed_one",
    ),
    ("userinfo_signing_alg_values_supported", "token_forms.rs", "userinfo_is_json_or_a_token_by_the_clients_setting"),
    (
        "userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported",
        "token_forms.rs",
        "userinfo_is_encrypted_with_or_without_a_signature_inside",
    ),
    (
        "authorization_signing_alg_values_supported",
        "authorize/signed_response.rs",
        "the_clients_algorithm_signs_its_answers",
    ),
    (
        "authorization_encryption_alg_values_supported authorization_encryption_enc_values_supported",
        "authorize/signed_response.rs",
        "an_encrypted_answer_is_for_its_client_alone",
    ),
    (
        "request_parameter_supported request_object_signing_alg_values_supported",
        "authorize/request_object.rs",
        "a_signed_request_is_as_good_as_a_plain_one",
    ),
    (
        "request_uri_parameter_supported require_request_uri_registration",
        "authorize/request.rs",
        "s016_a_request_uri_is_refused_and_never_fetched",
    ),
    ("require_pushed_authorization_requests", "authorize/par.rs", "a_client_that_must_push_is_refused_without"),
    (
        "require_signed_request_object",
        "authorize/request_object.rs",
        "a_client_that_must_sign_is_refused_without_and_must_say_for_how_long",
    ),
    (
        "authorization_response_iss_parameter_supported",
        "authorize/response.rs",
        "s014_every_answer_names_the_issuer_and_every_redirect_is_a_303",
    ),
    (
        "backchannel_logout_supported backchannel_logout_session_supported",
        "backchannel.rs",
        "each_service_that_got_tokens_in_the_session_is_told_once",
    ),
    (
        "frontchannel_logout_supported frontchannel_logout_session_supported",
        "frontchannel.rs",
        "the_signed_out_page_shows_each_service_that_got_tokens_and_leads_back",
    ),
    (
        "verified_claims_supported trust_frameworks_supported claims_in_verified_claims_supported evidence_supported \
         electronic_records_supported",
        "verified_claims.rs",
        "discovery_says_what_can_be_verified",
    ),
];

#[tokio::test]
async fn every_member_of_the_metadata_is_shown_by_a_test_and_no_other_is() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    for algorithm in [Algorithm::PS256, Algorithm::EdDSA] {
        idp_web::keys::add(&app.store, &app.vault, &*app.chance, algorithm, app.now()).await.unwrap();
    }
    idp_web::keys::reload(app.provider()).await.unwrap();
    let document = app.get("/.well-known/openid-configuration").await.expect(200).json();
    let told: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let names: Vec<&str> = SHOWN.iter().flat_map(|(members, ..)| members.split_whitespace()).collect();
    let shown: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), shown.len(), "a member stands here twice");
    assert_eq!(told.difference(&shown).collect::<Vec<_>>(), Vec::<&&str>::new(), "promised, and shown by no test");
    assert_eq!(shown.difference(&told).collect::<Vec<_>>(), Vec::<&&str>::new(), "shown, and not promised");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/oidc");
    for (members, file, test) in SHOWN {
        let source = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert!(source.contains(&format!("fn {test}(")), "{members}: no test {test} in {file}");
    }
}
