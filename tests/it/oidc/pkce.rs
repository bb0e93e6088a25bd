//! Proof key for code exchange (S019).

use idp_core::client::{ClientDraft, PkcePolicy};
use idp_core::secret::Secret;
use idp_tests::{Answer, App, Ask, Client, Member};

async fn code(rp: &Client, member: &mut Member, ask: &Ask) -> String {
    rp.authorize(member, ask).await.code().to_owned()
}

async fn present(rp: &Client, code: &str, verifier: Option<&str>) -> idp_tests::Reply {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &rp.redirect_uri)];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    rp.token(&fields).await
}

#[tokio::test]
async fn s019_a_wrong_verifier_spends_the_code() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for rp in [app.client("web").await, app.client("spa").public().await] {
        let short = "a".repeat(42);
        let long = "a".repeat(129);
        for wrong in ["none", "wrong", "challenge", "short", "long", "letters", "cut", "upper"] {
            let ask = rp.ask();
            let code = code(&rp, &mut ana, &ask).await;
            let other = Secret::make(&*app.chance);
            let upper = ask.verifier.to_uppercase();
            let verifier = match wrong {
                "none" => None,
                "wrong" => Some(other.reveal()),
                "challenge" => ask.get("code_challenge"),
                "short" => Some(short.as_str()),
                "long" => Some(long.as_str()),
                "letters" => Some("ตัวอักษรที่ไม่ใช่ตัวอักษรที่ไม่ใช่ตัวอักษรที่ไม่ใช่"),
                "cut" => Some(&ask.verifier[..42]),
                _ => Some(upper.as_str()),
            };
            present(&rp, &code, verifier).await.expect_token_error("invalid_grant");
            present(&rp, &code, Some(&ask.verifier)).await.expect_token_error("invalid_grant");
        }
        let ask = rp.ask();
        let code = code(&rp, &mut ana, &ask).await;
        present(&rp, &code, Some(&ask.verifier)).await.expect(200);
    }
}

#[tokio::test]
async fn s019_a_verifier_that_nobody_asked_for_is_refused() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").pkce_optional().await;
    let ask = rp.ask().without(&["code_challenge", "code_challenge_method"]);
    let code = code(&rp, &mut ana, &ask).await;
    present(&rp, &code, Some(&ask.verifier)).await.expect_token_error("invalid_grant");
    present(&rp, &code, None).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn pkce_is_required_unless_a_client_was_exempted() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let strict = app.client("strict").await;
    let ask = strict.ask().without(&["code_challenge", "code_challenge_method"]);
    let answer = Answer::of(&app.unchanged(ana.browser.get(&ask.path())).await);
    answer.expect_error("invalid_request", &ask, app.issuer());

    let exempted = app.client("exempted").pkce_optional().await;
    let bare = exempted.ask().without(&["code_challenge", "code_challenge_method"]);
    exempted.sign_in_with(&mut ana, bare.clone()).await;
    exempted.sign_in(&mut ana).await;
    // It protects itself with a nonce instead.
    let answer = Answer::of(&ana.browser.get(&bare.clone().without(&["nonce"]).path()).await);
    answer.expect_error("invalid_request", &bare, app.issuer());
}

#[tokio::test]
async fn a_challenge_is_s256_or_refused() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for rp in [app.client("rp").await, app.client("exempted").pkce_optional().await] {
        let ask = rp.ask();
        let challenge = ask.get("code_challenge").unwrap().to_owned();
        for bad in [
            ask.clone().with("code_challenge_method", "plain"),
            ask.clone().with("code_challenge_method", "s256"),
            ask.clone().with("code_challenge_method", "S512"),
            ask.clone().without(&["code_challenge_method"]),
            ask.clone().without(&["code_challenge"]),
            ask.clone().with("code_challenge", &challenge[1..]),
            ask.clone().with("code_challenge", &format!("{challenge}=")),
            ask.clone().with("code_challenge", &challenge.replace(&challenge[..1], "+")),
        ] {
            let answer = Answer::of(&app.unchanged(ana.browser.get(&bad.path())).await);
            answer.expect_error("invalid_request", &bad, app.issuer());
        }
    }
}

#[tokio::test]
async fn a_public_client_cannot_be_exempted() {
    let app = App::start().await;
    let spa = app.client("spa").public().await.client;
    let draft = ClientDraft {
        name: spa.name,
        owner: spa.owner,
        purpose: spa.purpose,
        kind: spa.kind,
        authentication_method: "none".to_owned(),
        redirect_uris: vec!["https://spa.test/cb".to_owned()],
        scopes: spa.scopes,
        refresh_tokens: false,
        membership: spa.membership,
        consent: spa.consent,
        pkce: PkcePolicy::Optional,
        ..ClientDraft::new(spa.id)
    };
    assert!(draft.accept(&Secret::presented("x"), app.now()).is_err());
}
