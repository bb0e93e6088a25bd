//! As a certification suite walks: its plainest clients, which send neither a challenge nor more than they must, one module
//! after the other. What other files show already is only named in `docs/spec-map.md`.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::TimeDelta;
use idp_core::account::Account;
use idp_core::client::{ASSERTION_TYPE, PkcePolicy};
use idp_core::jose::Algorithm;
use idp_core::secret::Secret;
use idp_core::thai::ThaiName;
use idp_tests::{Answer, App, Ask, Client, FORM, Member, Tokens, decoded_part, encoded};
use serde_json::{Value, json};

use super::registration::{path_of, register, registered, send, text, token_for};

/// What an ID token may hold that nobody asked for.
const PROTOCOL: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "nbf",
    "jti",
    "sid",
    "txn",
];

async fn exam() -> (App, Member, Client) {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let rp = plain(&app, "exam").await;
    (app, ana, rp)
}

async fn plain(app: &App, id: &str) -> Client {
    app.client(id).rs256().with(|draft| draft.pkce = PkcePolicy::NotAsked).await
}

/// What the suite sends: no challenge, and `openid` alone.
fn ask(rp: &Client) -> Ask {
    rp.ask().without(&["code_challenge", "code_challenge_method"]).with("scope", "openid")
}

async fn walked(rp: &Client, member: &mut Member, ask: Ask) -> Tokens {
    rp.sign_in_with(member, ask).await
}

#[tokio::test]
async fn the_plain_code_flow_gives_protocol_claims_alone() {
    let (_, mut ana, rp) = exam().await;
    for ask in [ask(&rp), ask(&rp).with("response_mode", "form_post")] {
        let answer = rp.authorize(&mut ana, &ask).await;
        let known = ["code", "state", "iss"];
        assert!(answer.parameters.keys().all(|name| known.contains(&name.as_str())), "{:?}", answer.parameters);
        let reply = rp.exchange(&ask, answer.code()).await.expect(200);
        let tokens = rp.read(reply, ask.get("nonce")).await;
        let claims = tokens.id.claims.as_object().unwrap();
        assert!(claims.keys().all(|name| PROTOCOL.contains(&name.as_str())), "{claims:?}");
        assert!(claims.values().all(|value| !value.is_null() && value != ""), "{claims:?}");
        let header = decoded_part(&tokens.id.token, 0);
        assert!(header["alg"] == "RS256" && header["kid"].is_string());
        let sub = tokens.id.text("sub");
        assert!((1..=255).contains(&sub.len()) && sub.bytes().all(|b| b.is_ascii_graphic()));
        assert!(tokens.reply.json()["expires_in"].as_i64().is_some_and(|seconds| seconds > 0));
        // Long, and not of one letter.
        for secret in [answer.code(), &tokens.access, &tokens.refresh] {
            let kinds = secret.bytes().collect::<BTreeSet<_>>().len();
            assert!(secret.len() >= 43 && kinds >= 16, "{} characters, {kinds} kinds", secret.len());
        }
    }
}

#[tokio::test]
async fn a_request_without_a_nonce_succeeds_and_the_id_token_has_none() {
    let (_, mut ana, rp) = exam().await;
    let bare = ask(&rp).without(&["nonce"]);
    let answer = rp.authorize(&mut ana, &bare).await;
    let reply = rp.exchange(&bare, answer.code()).await.expect(200);
    assert!(decoded_part(reply.json()["id_token"].as_str().unwrap(), 1).get("nonce").is_none());
    // That is this client's exemption; others still send one or the other.
    let careful = rp.app().client("careful").pkce_optional().await;
    let bare = careful.ask().without(&["code_challenge", "code_challenge_method", "nonce"]);
    Answer::of(&ana.browser.get(&bare.path()).await).expect_error("invalid_request", &bare, rp.app().issuer());
    let public = rp.app().client("public").public().with(|draft| draft.pkce = PkcePolicy::NotAsked).draft();
    assert!(public.accept(&Secret::presented("s"), rp.app().now()).is_err(), "a client without a secret has none");
}

#[tokio::test]
async fn a_missing_response_type_is_told_in_the_mode_that_was_asked_for() {
    let (app, mut ana, rp) = exam().await;
    for ask in [ask(&rp), ask(&rp).with("response_mode", "form_post")] {
        let ask = ask.without(&["response_type"]);
        let answer = Answer::of(&app.unchanged(ana.browser.get(&ask.path())).await);
        answer.expect_error("invalid_request", &ask, app.issuer());
        assert_eq!(answer.is_form, ask.get("response_mode").is_some());
    }
}

#[tokio::test]
async fn userinfo_answers_get_post_with_a_header_and_post_with_a_form() {
    let (app, mut ana, rp) = exam().await;
    let tokens = walked(&rp, &mut ana, ask(&rp)).await;
    let bearer = format!("Bearer {}", tokens.access);
    let form = encoded(&[("access_token", tokens.access.as_str())]);
    let cases: [(Method, Option<&str>, &str); 3] =
        [(Method::GET, Some(&bearer), ""), (Method::POST, Some(&bearer), ""), (Method::POST, None, &form)];
    for (method, authorization, body) in cases {
        let mut request = Request::builder().method(&method).uri("/userinfo");
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, FORM);
        }
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let reply = app.send(request.body(Body::from(body.to_owned())).unwrap()).await.expect(200);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.json(), json!({ "sub": tokens.id.claims["sub"] }), "{method}");
    }
}

#[tokio::test]
async fn each_scope_gives_its_claims_at_userinfo_and_none_in_the_id_token() {
    let (_, mut ana, rp) = exam().await;
    let cases: [(&str, &[&str], &[&str]); 3] = [
        (
            "openid profile",
            &["name", "given_name", "family_name", "birthdate", "locale", "zoneinfo", "updated_at"],
            &["email"],
        ),
        ("openid email", &["email", "email_verified"], &["name", "phone_number"]),
        ("openid phone", &["phone_number", "phone_number_verified"], &["name", "email"]),
    ];
    for (scope, there, absent) in cases {
        let tokens = walked(&rp, &mut ana, ask(&rp).with("scope", scope)).await;
        let (told, id) = (rp.claims(&tokens).await, &tokens.id.claims);
        assert!(there.iter().all(|name| told.get(name).is_some()), "{scope}: {told}");
        assert!(absent.iter().all(|name| told.get(name).is_none()), "{scope}: {told}");
        assert!(there.iter().all(|name| id.get(name).is_none()), "{scope}: {id}");
        for (name, value) in told.as_object().unwrap() {
            let right = match name.as_str() {
                name if name.ends_with("_verified") => value.is_boolean(),
                "updated_at" => value.is_number(),
                _ => value.as_str().is_some_and(|text| !text.is_empty() && text != "null"),
            };
            assert!(right, "{name}: {value}");
        }
    }
}

/// OpenID Connect Core §5.4, as the suite counts them.
const STANDARD: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

#[tokio::test]
async fn the_scope_profile_gives_every_standard_claim_of_a_member_who_filled_in_everything() {
    let (app, _, rp) = exam().await;
    let middle = |account: &mut Account| account.profile.middle_name = Some(ThaiName::parse("ใจงาม").unwrap());
    let mut chai = app.insert_member_with("chai", middle).await;
    chai.show_everything().await;
    let tokens = walked(&rp, &mut chai, ask(&rp).with("scope", "openid profile")).await;
    let told = rp.claims(&tokens).await;
    // Beside them: `sub`, the names in their languages, and the title, which is ours.
    let standard: BTreeSet<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let standard = standard.into_iter().filter(|name| !name.contains('#') && !["sub", "title"].contains(name));
    assert_eq!(standard.collect::<BTreeSet<_>>(), STANDARD.into(), "{told}");
    assert!(STANDARD.iter().all(|name| tokens.id.claims.get(name).is_none()), "{:?}", tokens.id.claims);
    let supported = app.get("/.well-known/openid-configuration").await.json()["claims_supported"].clone();
    assert!(STANDARD.iter().all(|name| supported.as_array().unwrap().contains(&json!(name))), "{supported}");
    // What is an address leads somewhere, and the picture is there.
    for name in ["profile", "website", "picture"] {
        assert!(url::Url::parse(told[name].as_str().unwrap()).is_ok(), "{name}");
    }
    let picture = told["picture"].as_str().unwrap().strip_prefix(app.issuer()).expect("an address of ours");
    assert_eq!(app.get(picture).await.expect(200).header("content-type"), "image/png");
}

#[tokio::test]
async fn the_scope_profile_gives_nothing_that_a_member_did_not_choose_to_show() {
    let (_, mut ana, rp) = exam().await;
    let tokens = walked(&rp, &mut ana, ask(&rp).with("scope", "openid profile")).await;
    let told = rp.claims(&tokens).await;
    for name in ["nickname", "preferred_username", "profile", "picture", "website"] {
        assert!(told.get(name).is_none(), "{told}");
    }
}

#[tokio::test]
async fn the_order_of_parameters_and_scopes_and_what_is_unknown_do_not_matter() {
    let (_, mut ana, rp) = exam().await;
    let mut reversed = ask(&rp).with("scope", "phone email profile openid").with("extra", "foobar");
    reversed.parameters.sort_by(|a, b| b.0.cmp(&a.0));
    let tokens = walked(&rp, &mut ana, reversed).await;
    assert_eq!(tokens.scope.split(' ').collect::<BTreeSet<_>>(), ["openid", "profile", "email", "phone"].into());
    for (name, value) in [
        ("display", "page"),
        ("display", "popup"),
        ("login_hint", "buffy@exam.test"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
    ] {
        walked(&rp, &mut ana, ask(&rp).with(name, value)).await;
    }
    let known = rp.app().get("/.well-known/openid-configuration").await.json()["acr_values_supported"].clone();
    let known: Vec<&str> = known.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let tokens = walked(&rp, &mut ana, ask(&rp).with("acr_values", &known.join(" "))).await;
    assert!(known.contains(&tokens.id.text("acr")));
}

#[tokio::test]
async fn prompts_and_ages_decide_who_signs_in_again() {
    let (app, mut ana, rp) = exam().await;
    let long = ask(&rp).with("prompt", "none").with("state", &"s".repeat(128));
    Answer::of(&app.browser().get(&long.path()).await).expect_error("login_required", &long, app.issuer());
    let first = walked(&rp, &mut ana, ask(&rp).with("max_age", "15000")).await;
    app.advance(TimeDelta::seconds(2));
    let same =
        |tokens: &Tokens| ["sub", "auth_time"].iter().all(|name| tokens.id.claims[name] == first.id.claims[name]);
    assert!(same(&walked(&rp, &mut ana, ask(&rp).with("max_age", "10000")).await));
    assert!(same(&walked(&rp, &mut ana, ask(&rp).with("prompt", "none")).await));
    let hinted = ask(&rp).with("prompt", "none").with("id_token_hint", &first.id.token);
    assert!(same(&walked(&rp, &mut ana, hinted).await));
    let mut newest = first.id.number("auth_time");
    for (name, value) in [("max_age", "1"), ("prompt", "login")] {
        app.advance(TimeDelta::seconds(2));
        let ask = ask(&rp).with(name, value);
        let page = ana.browser.get(&ask.path()).await;
        page.expect_at("/login");
        let answer = Answer::of(&ana.sign_in_at(&page).await);
        let again = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
        assert!(again.id.number("auth_time") > newest && again.id.claims["sub"] == first.id.claims["sub"], "{name}");
        newest = again.id.number("auth_time");
    }
}

#[tokio::test]
async fn a_code_used_again_at_once_or_half_a_minute_later_takes_back_what_it_gave() {
    let (app, mut ana, rp) = exam().await;
    for later in [0, 30] {
        let ask = ask(&rp);
        let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
        let tokens = rp.read(rp.exchange(&ask, &code).await.expect(200), ask.get("nonce")).await;
        rp.userinfo(&tokens.access).await.expect(200);
        app.advance(TimeDelta::seconds(later));
        rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
        rp.userinfo(&tokens.access).await.expect(401);
    }
}

#[tokio::test]
async fn a_redirect_uri_must_be_sent_and_is_one_of_those_registered() {
    let (app, mut ana, rp) = exam().await;
    let several = app.client("several").with(|draft| {
        draft.pkce = PkcePolicy::NotAsked;
        draft.redirect_uris = ["https://several.test/a", "https://several.test/b?bar=foo"].map(str::to_owned).into();
    });
    let several = several.await;
    for ask in [
        ask(&rp).with("redirect_uri", "https://exam.test/unregistered"),
        ask(&rp).without(&["redirect_uri"]),
        ask(&several).without(&["redirect_uri"]),
        ask(&several).with("redirect_uri", "https://several.test/b?bar=other"),
        ask(&several).with("redirect_uri", "https://several.test/b?bar=foo&x=y"),
    ] {
        app.unchanged(ana.browser.get(&ask.path())).await.expect_error(400, "invalid_request");
    }
    let kept = ask(&several).with("redirect_uri", "https://several.test/b?bar=foo");
    assert_eq!(several.authorize(&mut ana, &kept).await.get("bar"), "foo");
}

#[tokio::test]
async fn unsigned_request_objects_and_addresses_of_them_are_refused_by_their_own_errors() {
    let (app, mut ana, rp) = exam().await;
    let part = |value: Value| idp_core::secret::base64url(value.to_string().as_bytes());
    let object = format!(
        "{}.{}.",
        part(json!({ "alg": "none" })),
        part(json!({ "redirect_uri": rp.redirect_uri, "state": "inner" }))
    );
    for (name, value, error) in [
        ("request", object.as_str(), "request_not_supported"),
        ("request_uri", "https://exam.test/object.jwt#digest", "request_uri_not_supported"),
    ] {
        let ask = ask(&rp).with(name, value);
        let answer = Answer::of(&app.unchanged(ana.browser.get(&ask.path())).await);
        answer.expect_error(error, &ask, app.issuer());
    }
    // What the object says of the redirect URI is not looked at: without a proven one there is a page.
    let elsewhere = ask(&rp).with("request", &object).with("redirect_uri", "https://exam.test/outer");
    app.unchanged(ana.browser.get(&elsewhere.path())).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn refreshing_keeps_who_signed_in_and_is_for_the_client_it_was_given_to() {
    let (app, mut ana, first) = exam().await;
    let second = plain(&app, "second").await;
    let (of_first, of_second) =
        (walked(&first, &mut ana, ask(&first)).await, walked(&second, &mut ana, ask(&second)).await);
    first.refresh(&of_second.refresh, None).await.expect_token_error("invalid_grant");
    app.advance(TimeDelta::seconds(2));
    for (rp, before, scope) in [(&first, &of_first, Some("openid")), (&second, &of_second, None)] {
        let reply = rp.refresh(&before.refresh, scope).await.expect(200);
        assert!(reply.header("cache-control").contains("no-store"));
        let after = rp.read(reply, None).await;
        for name in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(after.id.claims[name], before.id.claims[name], "{name}");
        }
        assert_eq!(after.id.claims.get("azp"), before.id.claims.get("azp"));
        assert!(after.id.number("iat") > before.id.number("iat") && after.access != before.access);
        rp.userinfo(&after.access).await.expect(200);
    }
}

#[tokio::test]
async fn a_client_that_registers_itself_passes_with_a_key_and_the_endpoints_own_address() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    let mut ana = app.insert_member("ana").await;
    let token = token_for(&app, 9, |policy| {
        policy.pkce = PkcePolicy::Optional;
        policy.assertion_to_token_endpoint = true;
    });
    let token = token.await;
    let stand_in = app.client("stand-in").signing(Algorithm::RS256).await;
    let keys = json!({ "keys": [stand_in.key.as_ref().unwrap().public()] });
    let reply = register(
        &app,
        &token,
        json!({
            "client_name": "Exam", "redirect_uris": ["https://rp.test/cb"], "contacts": ["exam@rp.test"],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "jwks": keys,
            "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "RS256",
            "id_token_signed_response_alg": "RS256", "userinfo_signed_response_alg": "RS256",
            "initiate_login_uri": "https://rp.test/begin",
        }),
    );
    let reply = reply.await.expect(201);
    assert_eq!(text(&reply, "initiate_login_uri"), "https://rp.test/begin");
    let mut rp = stand_in;
    rp.redirect_uri = "https://rp.test/cb".to_owned();
    rp.client = registered(&app, &reply).await;
    let ask = ask(&rp);
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    let mut claims = rp.assertion_claims();
    claims["aud"] = json!(app.url("/token"));
    let fields = encoded(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &rp.redirect_uri),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &rp.assertion(&claims)),
    ]);
    let tokens = rp.read(app.post("/token", &fields).await.expect(200), ask.get("nonce")).await;
    // The issuer as audience is as good.
    let told = rp.userinfo(&rp.refreshed(&tokens).await.access).await.expect(200);
    assert_eq!(told.header("content-type"), "application/jwt");
    let claims = decoded_part(&told.body, 1);
    assert!(claims["iss"] == app.issuer() && claims["aud"] == rp.id() && claims.get("nonce").is_none());
    let (path, access) = (path_of(&reply, &app), text(&reply, "registration_access_token"));
    let shown = send(&app, Method::GET, &path, &access, None).await.expect(200);
    assert_eq!(text(&shown, "initiate_login_uri"), "https://rp.test/begin");
    send(&app, Method::DELETE, &path, &access, None).await.expect(204);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_client");
    // What the suite registers wrongly.
    for (name, value, error) in [
        ("redirect_uris", json!(["https://rp.test/cb#fragment"]), "invalid_redirect_uri"),
        ("initiate_login_uri", json!("http://rp.test/begin"), "invalid_client_metadata"),
    ] {
        let mut wrong = json!({ "client_name": "Exam", "redirect_uris": ["https://rp.test/cb"] });
        wrong[name] = value;
        assert_eq!(register(&app, &token, wrong).await.expect(400).error(), error);
    }
}
