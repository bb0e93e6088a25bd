//! The 13-digit number: with grant, consent and badge, at userinfo and nowhere else (S116).

use idp_core::id::ClientId;
use idp_tests::{Answer, App, encoded};

const NUMBER: &str = "1000000000017";

#[tokio::test]
async fn s116_without_the_clients_grant_it_is_never_given() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask().with("scope", "openid profile citizen_id");
    let page = ana.browser.get(&ask.path()).await;
    assert!(!page.html.contains("000-0"), "not even asked about");
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    assert_eq!(tokens.scope, "openid profile");
    assert!(!rp.claims(&tokens).await.to_string().contains(NUMBER));
}

#[tokio::test]
async fn s116_without_the_members_consent_it_is_never_given() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid profile")).await;
    assert!(!rp.claims(&tokens).await.to_string().contains(NUMBER));
    let ask = rp.ask().with("scope", "openid citizen_id");
    let page = ana.browser.get(&ask.path()).await;
    let page = ana.browser.submit(page.form("/consent").with("decision", "deny")).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
    assert_eq!(Answer::of(&ana.browser.get(&ask.with("prompt", "none").path()).await).error(), "consent_required");
    // What was agreed to before goes on.
    rp.userinfo(&tokens.access).await.expect(200);
}

#[tokio::test]
async fn s116_with_both_it_is_at_userinfo_alone_and_in_the_audit_log() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    assert!(!page.html.contains(NUMBER) && !page.path.contains(NUMBER));
    let tokens = rp.sign_in_with(&mut ana, ask).await;
    let reply = rp.userinfo(&tokens.access).await.expect(200);
    assert_eq!(reply.json()["citizen_id"], NUMBER);
    assert_eq!(reply.header("cache-control"), "no-store");
    let decoded = format!("{} {:?} {:?}", tokens.id.claims, tokens.reply.body, tokens.reply.headers);
    assert!(!decoded.contains(NUMBER));
    let access = idp_tests::decoded_part(&tokens.access, 1).to_string();
    assert!(!access.contains(NUMBER));
    let log = app.store.events_about(ana.id, 50).await.unwrap();
    let released: Vec<String> =
        log.iter().map(|line| format!("{line:?}")).filter(|line| line.contains("number_released")).collect();
    assert_eq!(released.len(), 1, "one release, one line: {log:?}");
    assert!(!format!("{log:?}").contains(NUMBER));
}

#[tokio::test]
async fn s116_under_a_narrower_token_it_is_not_given() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in(&mut ana).await;
    let reply = rp.refresh(&tokens.refresh, Some("openid profile")).await.expect(200);
    let narrow = rp.read(reply, None).await;
    assert!(rp.claims(&narrow).await.get("citizen_id").is_none());
}

#[tokio::test]
async fn s116_withdrawing_the_consent_ends_it() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in(&mut ana).await;
    let client = ClientId::parse("rp").unwrap();
    app.store.withdraw_consent(ana.id, &client, app.now(), &[]).await.unwrap();
    rp.userinfo(&tokens.access).await.expect(401);
    assert_eq!(rp.ask_silently(&mut ana.browser).await.error(), "consent_required");
}

#[tokio::test]
async fn s116_it_is_in_no_page_and_no_url_of_the_member() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    rp.sign_in(&mut ana).await;
    for path in ["/profile", "/verify/done", "/welcome", "/verify", "/profile/delete"] {
        let page = ana.browser.get(path).await;
        assert!(!page.html.contains(NUMBER) && !page.path.contains(NUMBER), "{path}");
    }
    // Nor is it taken from a URL.
    let query = encoded(&[("national_id", NUMBER)]);
    let mut bo = app.insert_member("bo").await;
    let page = bo.browser.get(&format!("/verify/public?{query}")).await;
    assert!(!page.has(&format!("[value='{NUMBER}']")));
}
