//! Request objects (RFC 9101), by value and pushed.

use idp_core::jose::{Algorithm, SigningKey, TokenType};
use idp_tests::{Answer, App, Ask, Client, ISSUER, Jwt};
use serde_json::{Value, json};

use super::par::{push, pushed};

/// A client, and the key that signs for it.
async fn signing(app: &App, id: &str, algorithm: Algorithm) -> (Client, SigningKey) {
    let (key, _) = SigningKey::generate(algorithm).unwrap();
    let jwks = json!({ "keys": [key.public()] });
    (app.client(id).with(|draft| draft.jwks = Some(jwks)).await, key)
}

fn claims(app: &App, rp: &Client, ask: &Ask) -> Value {
    let now = app.now().timestamp();
    let mut claims = json!({ "iss": rp.id(), "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 300, "jti": "once" });
    for (name, value) in &ask.parameters {
        claims[name] = json!(value);
    }
    claims
}

/// What the browser carries: the client's name and the object.
fn carried(rp: &Client, ask: &Ask, object: &str) -> Ask {
    let parameters = [("client_id", rp.id()), ("request", object)];
    Ask {
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        verifier: ask.verifier.clone(),
    }
}

fn signed(key: &SigningKey, claims: &Value) -> String {
    key.seal_claims(TokenType::Id, claims).unwrap()
}

#[tokio::test]
async fn a_signed_request_is_as_good_as_a_plain_one() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for algorithm in Algorithm::ALL {
        let (rp, key) = signing(&app, &format!("rp-{}", algorithm.as_str().to_lowercase()), algorithm).await;
        let ask = rp.ask().with("claims", r#"{"userinfo":{"gender":null}}"#);
        let mut inner = claims(&app, &rp, &ask);
        inner["claims"] = json!({ "userinfo": { "gender": { "essential": true } } });
        inner["max_age"] = json!(10_000);
        let page = ana.browser.get(&carried(&rp, &ask, &signed(&key, &inner)).path()).await;
        page.expect_at("/consent");
        let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
        let answer = Answer::of(&page);
        assert_eq!(answer.get("state"), ask.get("state").unwrap());
        let reply = rp.exchange(&ask, answer.code()).await.expect(200);
        let tokens = rp.read(reply, ask.get("nonce")).await;
        assert_eq!(rp.claims(&tokens).await["gender"], "female");
        // Pushed as well, and by POST.
        let inner = carried(&rp, &ask, &signed(&key, &claims(&app, &rp, &ask)));
        let answer = Answer::of(&ana.browser.get(&pushed(&rp, &inner).await.path()).await);
        rp.exchange(&ask, answer.code()).await.expect(200);
        let fields: Vec<(&str, &str)> = inner.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = ana.browser.post_from("https://rp.test", "/authorize", &fields).await;
        rp.exchange(&ask, Answer::of(&page).code()).await.expect(200);
    }
}

#[tokio::test]
async fn what_stands_beside_the_object_counts_for_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (rp, key) = signing(&app, "rp", Algorithm::ES256).await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("scope", "openid email");
    let outer = carried(&rp, &ask, &signed(&key, &claims(&app, &rp, &ask)))
        .with("scope", "openid phone")
        .with("state", "mine")
        .with("redirect_uri", "https://evil.test/cb")
        .with("response_mode", "form_post")
        .with("nonce", "mine");
    let answer = Answer::of(&ana.browser.get(&outer.path()).await);
    assert_eq!((answer.address.as_str(), answer.is_form), (rp.redirect_uri.as_str(), false));
    assert_eq!(answer.get("state"), ask.get("state").unwrap());
    let reply = rp.exchange(&ask, answer.code()).await.expect(200);
    assert_eq!(rp.read(reply, ask.get("nonce")).await.scope, "openid email");
    // What is missing inside is missing.
    let mut inner = claims(&app, &rp, &ask);
    inner.as_object_mut().unwrap().remove("scope");
    let outer = carried(&rp, &ask, &signed(&key, &inner)).with("scope", "openid");
    assert_eq!(Answer::of(&ana.browser.get(&outer.path()).await).error(), "invalid_scope");
}

#[tokio::test]
async fn an_object_that_is_not_this_clients_for_us_and_now_is_refused() {
    let app = App::start().await;
    let (rp, key) = signing(&app, "rp", Algorithm::ES256).await;
    let (other, strange) = signing(&app, "other", Algorithm::ES256).await;
    let now = app.now().timestamp();
    let ask = rp.ask();
    let good = claims(&app, &rp, &ask);
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        signed(&key, &claims)
    };
    let sound = signed(&key, &good);
    let (head, rest) = sound.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    let none = Jwt::read(&sound).header("alg", "none").signature(b"").token();
    let mut objects = vec![
        ("another client's", changed("iss", json!("other"))),
        ("for somebody else", changed("aud", json!("https://elsewhere.test"))),
        ("for the token endpoint", changed("aud", json!(format!("{ISSUER}/token")))),
        ("over", changed("exp", json!(now))),
        ("over long ago", changed("exp", json!(now - 600))),
        ("of no time", changed("exp", json!("never"))),
        ("of the future", changed("nbf", json!(now + 90))),
        ("another client_id", changed("client_id", json!("other"))),
        ("an object in an object", changed("request", json!("x"))),
        ("a reference in an object", changed("request_uri", json!("https://rp.test/r"))),
        ("a client assertion", changed("sub", json!("rp"))),
        ("a list for a text", changed("scope", json!(["openid"]))),
        ("another's signature", signed(&strange, &good)),
        ("another kind of token", key.seal_claims(TokenType::Access, &good).unwrap()),
        ("unsigned", none),
        ("with an HMAC", Jwt::read(&sound).header("alg", "HS256").token()),
        (
            "with a key of its own",
            Jwt::read(&signed(&strange, &good)).header("jwk", json!(strange.public())).signed_by(&strange),
        ),
        ("without a signature", format!("{head}.{payload}.")),
        ("cut short", sound[..sound.len() - 2].to_owned()),
        ("five parts", format!("{sound}.x.y")),
        ("nonsense", "nonsense".to_owned()),
        ("dots", "..".to_owned()),
        ("emptiness", "e30.e30.e30".to_owned()),
    ];
    // RFC 8259 lets a name come twice; two readers would see two requests.
    let twice = format!("{}x", "{\"iss\":\"rp\",\"scope\":\"openid\",\"scope\":\"openid email\"}");
    objects.push(("a name twice", idp_tests::with_part(&sound, 1, twice.as_bytes())));
    let _ = other;
    for (what, object) in objects {
        // Without an outer address that is proven there is a page, with one the client hears it.
        let bare = carried(&rp, &ask, &object);
        let page = app.unchanged(app.browser().get(&bare.path())).await;
        assert_eq!((page.status.as_u16(), page.away.as_deref()), (400, None), "{what}");
        assert_eq!(page.error_code(), "invalid_request_object", "{what}");
        let proven = bare.with("redirect_uri", &rp.redirect_uri).with("state", "outer");
        let page = app.unchanged(app.browser().get(&proven.path())).await;
        Answer::of(&page).expect_error("invalid_request_object", &proven, ISSUER);
        push(&rp, &carried(&rp, &ask, &object)).await.expect_token_error("invalid_request_object");
    }
    app.browser().get(&carried(&rp, &ask, &sound).path()).await.expect_at("/login");
}

#[tokio::test]
async fn s031_a_name_twice_under_a_good_signature_is_refused() {
    let app = App::start().await;
    let (rp, key) = signing(&app, "rp", Algorithm::ES256).await;
    let ask = rp.ask();
    // The claims as text that serde would not write: a raw value.
    let text = claims(&app, &rp, &ask).to_string();
    let twice = format!("{},\"scope\":\"openid email phone\"}}", &text[..text.len() - 1]);
    let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&twice).unwrap();
    let object = key.seal_claims(TokenType::Id, &raw).unwrap();
    let page = app.browser().get(&carried(&rp, &ask, &object).path()).await;
    page.expect_error(400, "invalid_request_object");
}

#[tokio::test]
async fn request_and_request_uri_stand_for_each_other() {
    let app = App::start().await;
    let (rp, key) = signing(&app, "rp", Algorithm::ES256).await;
    let ask = rp.ask();
    let both = carried(&rp, &ask, &signed(&key, &claims(&app, &rp, &ask)))
        .with("request_uri", pushed(&rp, &ask).await.get("request_uri").unwrap());
    app.browser().get(&both.path()).await.expect_error(400, "invalid_request");
    let both = both.with("redirect_uri", &rp.redirect_uri);
    Answer::of(&app.browser().get(&both.path()).await).expect_error("invalid_request", &both, ISSUER);
}

#[tokio::test]
async fn a_client_is_held_to_the_algorithm_of_its_registration() {
    let app = App::start().await;
    let (es256, rs256) =
        (SigningKey::generate(Algorithm::ES256).unwrap().0, SigningKey::generate(Algorithm::RS256).unwrap().0);
    let jwks = json!({ "keys": [es256.public(), rs256.public()] });
    let rp = app.client("rp").with(|draft| {
        draft.jwks = Some(jwks);
        draft.requests.algorithm = Some(Algorithm::ES256);
    });
    let rp = rp.await;
    let ask = rp.ask();
    let inner = claims(&app, &rp, &ask);
    let wrong = carried(&rp, &ask, &signed(&rs256, &inner));
    app.browser().get(&wrong.path()).await.expect_error(400, "invalid_request_object");
    app.browser().get(&carried(&rp, &ask, &signed(&es256, &inner)).path()).await.expect_at("/login");
}

#[tokio::test]
async fn a_client_that_must_sign_is_refused_without_and_must_say_for_how_long() {
    let app = App::start().await;
    let (key, _) = SigningKey::generate(Algorithm::PS256).unwrap();
    let jwks = json!({ "keys": [key.public()] });
    let rp = app.client("rp").with(|draft| {
        draft.jwks = Some(jwks);
        draft.requests.signed = true;
    });
    let rp = rp.await;
    let ask = rp.ask();
    Answer::of(&app.browser().get(&ask.path()).await).expect_error("invalid_request", &ask, ISSUER);
    push(&rp, &ask).await.expect_token_error("invalid_request");
    let inner = claims(&app, &rp, &ask);
    app.browser().get(&carried(&rp, &ask, &signed(&key, &inner)).path()).await.expect_at("/login");
    let by_par = pushed(&rp, &carried(&rp, &ask, &signed(&key, &inner))).await;
    app.browser().get(&by_par.path()).await.expect_at("/login");
    let now = app.now().timestamp();
    for (name, value) in [("exp", json!(now + 7200)), ("nbf", json!(now - 3700))] {
        let mut inner = inner.clone();
        inner[name] = value;
        let object = carried(&rp, &ask, &signed(&key, &inner));
        app.browser().get(&object.path()).await.expect_error(400, "invalid_request_object");
    }
    for name in ["exp", "nbf"] {
        let mut inner = inner.clone();
        inner.as_object_mut().unwrap().remove(name);
        let object = carried(&rp, &ask, &signed(&key, &inner));
        app.browser().get(&object.path()).await.expect_error(400, "invalid_request_object");
    }
}

#[tokio::test]
async fn a_signed_redirect_uri_is_compared_like_any_other() {
    let app = App::start().await;
    let (rp, key) = signing(&app, "rp", Algorithm::ES256).await;
    for uri in ["https://evil.test/cb", "https://rp.test/cb/", "https://rp.test/cb?x"] {
        let ask = rp.ask().with("redirect_uri", uri);
        let object = signed(&key, &claims(&app, &rp, &ask));
        let outer = carried(&rp, &ask, &object).with("redirect_uri", &rp.redirect_uri);
        app.unchanged(app.browser().get(&outer.path())).await.expect_error(400, "invalid_request");
    }
}
