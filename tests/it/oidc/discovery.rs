//! Discovery says what is, and all of it works.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use idp_core::jose::{Algorithm, ContentEncryption, KeyManagement};
use idp_core::thai::ThaiName;
use idp_tests::{App, Client, Member, Tokens};
use idp_web::keys;
use openidconnect::core::CoreProviderMetadata;
use serde_json::Value;

async fn document(app: &App) -> Value {
    app.get("/.well-known/openid-configuration").await.expect(200).json()
}

fn list(document: &Value, name: &str) -> Vec<String> {
    let items = document[name].as_array().unwrap_or_else(|| panic!("{name} is a list")).iter();
    items.map(|item| item.as_str().expect("a list of words").to_owned()).collect()
}

#[tokio::test]
async fn the_document_is_public_json_of_its_own_issuer() {
    for app in [App::start().await, App::start_on_https().await] {
        let reply = app.get("/.well-known/openid-configuration").await.expect(200);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        let metadata: CoreProviderMetadata = serde_json::from_str(&reply.body).expect("openidconnect reads it");
        assert_eq!(metadata.issuer().as_str(), app.issuer());
        let document = reply.json();
        for (name, value) in document.as_object().expect("an object") {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let url = value.as_str().expect("a URL");
                assert!(url.starts_with(&format!("{}/", app.issuer())), "{name}: {url}");
            }
        }
    }
}

#[tokio::test]
async fn every_member_is_known_and_has_the_type_of_its_specification() {
    let app = App::start().await;
    for (name, value) in document(&app).await.as_object().expect("an object") {
        let right = match name.as_str() {
            "issuer"
            | "authorization_endpoint"
            | "token_endpoint"
            | "userinfo_endpoint"
            | "introspection_endpoint"
            | "revocation_endpoint"
            | "device_authorization_endpoint"
            | "jwks_uri"
            | "end_session_endpoint"
            | "op_policy_uri"
            | "pushed_authorization_request_endpoint"
            | "op_tos_uri" => value.is_string(),
            "claims_parameter_supported"
            | "request_parameter_supported"
            | "request_uri_parameter_supported"
            | "require_request_uri_registration"
            | "verified_claims_supported"
            | "require_pushed_authorization_requests"
            | "require_signed_request_object"
            | "backchannel_logout_supported"
            | "backchannel_logout_session_supported"
            | "frontchannel_logout_supported"
            | "frontchannel_logout_session_supported"
            | "authorization_response_iss_parameter_supported" => value.is_boolean(),
            "scopes_supported"
            | "response_types_supported"
            | "response_modes_supported"
            | "grant_types_supported"
            | "acr_values_supported"
            | "subject_types_supported"
            | "id_token_signing_alg_values_supported"
            | "token_endpoint_auth_methods_supported"
            | "token_endpoint_auth_signing_alg_values_supported"
            | "introspection_endpoint_auth_methods_supported"
            | "introspection_endpoint_auth_signing_alg_values_supported"
            | "introspection_signing_alg_values_supported"
            | "revocation_endpoint_auth_methods_supported"
            | "revocation_endpoint_auth_signing_alg_values_supported"
            | "dpop_signing_alg_values_supported"
            | "display_values_supported"
            | "claim_types_supported"
            | "claims_supported"
            | "claims_locales_supported"
            | "ui_locales_supported"
            | "code_challenge_methods_supported"
            | "id_token_encryption_alg_values_supported"
            | "id_token_encryption_enc_values_supported"
            | "userinfo_signing_alg_values_supported"
            | "userinfo_encryption_alg_values_supported"
            | "userinfo_encryption_enc_values_supported"
            | "authorization_signing_alg_values_supported"
            | "authorization_encryption_alg_values_supported"
            | "authorization_encryption_enc_values_supported"
            | "request_object_signing_alg_values_supported"
            | "trust_frameworks_supported"
            | "claims_in_verified_claims_supported"
            | "evidence_supported"
            | "electronic_records_supported"
            | "prompt_values_supported" => {
                value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_string))
            }
            _ => false,
        };
        assert!(right, "{name}: {value}");
    }
}

#[tokio::test]
async fn what_the_certification_suite_looks_for_is_there() {
    let app = App::start().await;
    let document = document(&app).await;
    assert!(list(&document, "response_types_supported").contains(&"code".to_owned()));
    assert!(list(&document, "id_token_signing_alg_values_supported").contains(&"RS256".to_owned()));
    assert!(!list(&document, "id_token_signing_alg_values_supported").contains(&"none".to_owned()));
    assert!(list(&document, "scopes_supported").contains(&"openid".to_owned()));
    assert!(list(&document, "code_challenge_methods_supported").contains(&"S256".to_owned()));
    assert_eq!(list(&document, "ui_locales_supported"), ["th", "en"]);
    // Their defaults would promise what is not there, or are true.
    assert_eq!(document["request_uri_parameter_supported"], false);
    assert_eq!(document["request_parameter_supported"], true);
    assert_eq!(document["claims_parameter_supported"], true);
    let objects = list(&document, "request_object_signing_alg_values_supported");
    assert!(objects.contains(&"RS256".to_owned()) && !objects.contains(&"none".to_owned()));
    let legal = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(list(&document, "scopes_supported").iter().all(|scope| scope.bytes().all(legal)));
}

#[tokio::test]
async fn every_advertised_scope_is_granted() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    for scope in list(&document(&app).await, "scopes_supported") {
        let tokens = rp.sign_in_with(&mut ana, rp.ask().with("scope", &format!("openid {scope}"))).await;
        assert!(tokens.scope.split(' ').any(|granted| granted == scope), "{scope}");
    }
}

#[tokio::test]
async fn every_advertised_response_mode_and_prompt_works() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let document = document(&app).await;
    for mode in list(&document, "response_modes_supported") {
        let answer = rp.authorize(&mut ana, &rp.ask().with("response_mode", &mode)).await;
        assert_eq!(answer.is_form, mode.starts_with("form_post"));
        assert!(!answer.code().is_empty());
    }
    for prompt in list(&document, "prompt_values_supported") {
        app.advance(chrono::TimeDelta::seconds(5));
        let answer = rp.authorize(&mut ana, &rp.ask().with("prompt", &prompt)).await;
        assert!(!answer.code().is_empty(), "{prompt}");
    }
}

#[tokio::test]
async fn every_advertised_way_of_authenticating_works() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let methods = list(&document(&app).await, "token_endpoint_auth_methods_supported");
    let mut tried = BTreeSet::new();
    for rp in [
        app.client("basic").await,
        app.client("post").secret_in_body().await,
        app.client("spa").public().await,
        app.client("jwt").signing(Algorithm::ES256).await,
    ] {
        rp.sign_in(&mut ana).await;
        tried.insert(rp.client.authentication.method().to_owned());
    }
    assert_eq!(tried, methods.into_iter().collect());
}

#[tokio::test]
async fn every_advertised_grant_type_works() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    rp.refreshed(&tokens).await;
    super::client_credentials::resource(&app).await;
    super::client_credentials::ask(&super::client_credentials::machine(&app).await, &[]).await.expect(200);
    let tv = super::device::tv(&app).await;
    let device_code = super::device::approved(&tv, &mut ana).await;
    super::device::poll_code(tv, device_code).await.expect(200);
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let all = ["authorization_code", "refresh_token", "client_credentials", device];
    assert_eq!(list(&document(&app).await, "grant_types_supported"), all);
}

#[tokio::test]
async fn every_advertised_algorithm_and_subject_type_is_honoured() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let document = document(&app).await;
    assert_eq!(list(&document, "id_token_signing_alg_values_supported"), ["ES256", "RS256"]);
    assert_eq!(list(&document, "subject_types_supported"), ["pairwise", "public"]);
    // The harness accepts an ID token under the registered algorithm alone.
    let first = app.client("first").await.sign_in(&mut ana).await;
    let second = app.client("second").rs256().await.sign_in(&mut ana).await;
    assert_ne!(first.id.text("sub"), second.id.text("sub"), "pairwise: another host, another sub");
    let public = |id: &str| app.client(id).with(|draft| draft.public_subject = true);
    let third = public("third").await.sign_in(&mut ana).await;
    let fourth = public("fourth").await.sign_in(&mut ana).await;
    assert_eq!(third.id.text("sub"), fourth.id.text("sub"), "public: the same for all");
    assert_ne!(first.id.text("sub"), third.id.text("sub"));
}

#[tokio::test]
async fn every_advertised_form_of_tokens_is_one_that_is_tried() {
    // `token_forms.rs`, `authorize/signed_response.rs` and `authorize/request_object.rs` go through all of these.
    let app = App::start().await;
    let document = document(&app).await;
    let signed = Algorithm::ALWAYS.map(Algorithm::as_str);
    for of in ["id_token", "userinfo", "authorization"] {
        assert_eq!(list(&document, &format!("{of}_signing_alg_values_supported")), signed, "{of}");
        let (ways, contents) = (KeyManagement::ALL.map(KeyManagement::as_str), ContentEncryption::ALL);
        assert_eq!(list(&document, &format!("{of}_encryption_alg_values_supported")), ways, "{of}");
        let contents = contents.map(ContentEncryption::as_str);
        assert_eq!(list(&document, &format!("{of}_encryption_enc_values_supported")), contents, "{of}");
    }
    let objects = list(&document, "request_object_signing_alg_values_supported");
    assert_eq!(objects, Algorithm::CLIENT_NAMES, "whatever a client's key can sign");
    // Nothing encrypted is taken, so nothing is offered.
    assert!(document.get("request_object_encryption_alg_values_supported").is_none());
    idp_web::keys::add(&app.store, &app.vault, &*app.chance, Algorithm::PS256, app.now()).await.unwrap();
    idp_web::keys::reload(app.provider()).await.unwrap();
    let document = self::document(&app).await;
    assert!(list(&document, "userinfo_signing_alg_values_supported").contains(&"PS256".to_owned()));
}

#[tokio::test]
async fn every_advertised_claim_occurs_and_no_other() {
    let app = App::start().await;
    let middle = |account: &mut idp_core::account::Account| {
        account.profile.middle_name = Some(ThaiName::parse("กลาง").unwrap());
    };
    let mut temporary = app.insert_member_with("ana", middle).await;
    temporary.show_everything().await;
    let mut permanent = app.insert_permanent("bo").await;
    let rp = app.client("rp").citizen_id().await;
    let mut found = BTreeSet::new();
    for member in [&mut temporary, &mut permanent] {
        found.extend(claims_of(&rp, member).await);
    }
    let promised: BTreeSet<String> = list(&document(&app).await, "claims_supported").into_iter().collect();
    assert_eq!(found, promised);
}

async fn claims_of(rp: &Client, member: &mut Member) -> BTreeSet<String> {
    let tokens: Tokens = rp.sign_in(member).await;
    let names = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let plain = |name: String| name.split('#').next().unwrap_or_default().to_owned();
    names(&tokens.id.claims).into_iter().chain(names(&rp.claims(&tokens).await)).map(plain).collect()
}

#[tokio::test]
async fn the_acr_of_an_id_token_is_one_of_those_promised() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let promised = list(&document(&app).await, "acr_values_supported");
    let tokens = rp.sign_in_with(&mut ana, rp.ask().with("acr_values", &promised.join(" "))).await;
    assert!(promised.contains(&tokens.id.text("acr").to_owned()));
}

#[tokio::test]
async fn s071_no_host_header_shapes_the_document_or_a_redirect() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let plain = app.get("/.well-known/openid-configuration").await.body;
    for (name, value) in
        [("host", "evil.test"), ("x-forwarded-host", "evil.test"), ("forwarded", "host=evil.test;proto=https")]
    {
        let request = |path: &str| Request::get(path).header(name, value).body(Body::empty()).unwrap();
        assert_eq!(app.send(request("/.well-known/openid-configuration")).await.body, plain);
        let reply = app.send(request(&rp.ask().path())).await.expect(303);
        assert!(reply.header("location").starts_with("/login?request="), "{}", reply.header("location"));
    }
}

#[tokio::test]
async fn an_algorithm_is_promised_when_there_is_a_key_for_it() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for algorithm in [Algorithm::PS256, Algorithm::EdDSA] {
        let signs = async || list(&document(&app).await, "id_token_signing_alg_values_supported");
        assert!(!signs().await.contains(&algorithm.as_str().to_owned()));
        let made = keys::add(&app.store, &app.vault, &*app.chance, algorithm, app.now()).await.unwrap();
        keys::reload(app.provider()).await.unwrap();
        assert!(made && signs().await.contains(&algorithm.as_str().to_owned()));
        let id = algorithm.as_str().to_ascii_lowercase();
        let rp = app.client(&id).with(|draft| draft.id_token_algorithm = algorithm).await;
        // Checked with at_hash by an implementation that is not ours.
        let tokens = rp.sign_in(&mut ana).await;
        rp.refreshed(&tokens).await;
    }
}
/// Where people and services are, and no metadata tells it: pages, what a page leads to, health, and the dialect that
/// nobody new shall learn.
const NOT_ADVERTISED: &[&str] = &[
    "/",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/api/v1/openapi.json",
    "/api/v1/problems",
    "/authorize/resume",
    "/authorize/cancel",
    "/auth/authorize",
    "/auth/accesstoken",
    "/auth/resource",
    "/connect/register/rp",
    "/client-logo/x",
    "/member-picture/x",
    "/consent",
    "/device",
    "/events",
    "/device/confirm",
    "/health/live",
    "/health/ready",
    "/language",
    "/login",
    "/login/passkey",
    "/login/passkey/options",
    "/.well-known/change-password",
    "/.well-known/passkey-endpoints",
    "/login/second",
    "/login/second/lost",
    "/login/second/mail",
    "/not-me",
    "/nowhere",
    "/privacy/2569-1",
    "/profile",
    "/profile/about",
    "/profile/about/picture",
    "/profile/about/picture/remove",
    "/profile/data",
    "/profile/data/all",
    "/profile/data/download",
    "/profile/data/seen",
    "/profile/delete",
    "/profile/email",
    "/profile/email/code",
    "/profile/email/code/resend",
    "/profile/email/undo",
    "/profile/history",
    "/profile/history/signout",
    "/profile/edit",
    "/profile/keep",
    "/profile/passkeys",
    "/profile/passkeys/options",
    "/profile/passkeys/remove",
    "/profile/passkeys/rename",
    "/profile/password",
    "/profile/security",
    "/profile/security/thaid",
    "/thaid/begin",
    "/thaid/callback",
    "/verify/thaid",
    "/profile/security/recovery-codes",
    "/profile/security/totp",
    "/profile/security/totp/remove",
    "/profile/restrict",
    "/profile/restrict/lift",
    "/profile/services",
    "/profile/services/receipt",
    "/profile/services/receipt/file",
    "/profile/services/withdraw",
    "/profile/services/withdraw-all",
    "/recover",
    "/recover/set",
    "/register",
    "/register/code",
    "/register/code/resend",
    "/register/details",
    "/register/email",
    "/register/terms",
    "/signout",
    "/signout/confirm",
    "/signout/everywhere",
    "/staff/invitation",
    "/terms/2569-1",
    "/terms/accept",
    "/verify",
    "/verify/done",
    "/verify/public",
    "/verify/renew",
    "/verify/staff",
    "/verify/staff/code",
    "/verify/staff/code/resend",
    "/verify/staff/mailbox",
    "/welcome",
];

#[tokio::test]
async fn endpoints_and_metadata_agree_in_both_directions() {
    for registration in [true, false] {
        let app = App::start_with(|config| config.clients.registration = registration).await;
        let document = document(&app).await;
        let told: BTreeSet<String> = document
            .as_object()
            .expect("an object")
            .values()
            .filter_map(|value| value.as_str()?.strip_prefix(app.issuer()).map(str::to_owned))
            .filter(|path| !path.is_empty())
            .collect();
        for path in super::survey::paths() {
            let mut found = false;
            for method in [axum::http::Method::GET, axum::http::Method::POST] {
                let request = Request::builder().method(method).uri(&path).body(Body::empty()).expect("a request");
                found |= !matches!(app.send(request).await.status.as_u16(), 404 | 405);
            }
            let is_told = told.contains(&path);
            if NOT_ADVERTISED.contains(&path.as_str()) {
                assert!(!is_told, "{path} is told, and should not be");
            } else {
                assert_eq!(found, is_told, "{path}: whether it is there, and whether it is told");
            }
        }
        for path in &told {
            assert!(super::survey::paths().contains(path), "{path} is told, and is no path of ours");
        }
    }
}

#[tokio::test]
async fn both_metadata_paths_give_one_document() {
    // RFC 8414 §3: the same document under its own name.
    let app = App::start().await;
    let reply = app.get("/.well-known/oauth-authorization-server").await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.body, app.get("/.well-known/openid-configuration").await.body);
}
