//! The main road: authorize, sign in, agree, exchange, read.

use idp_tests::App;

#[tokio::test]
async fn a_member_registers_and_signs_in_to_a_service() {
    let app = App::start().await;
    let mut ana = app.member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.text("membership"), "temporary");
    assert_eq!(rp.claims(&tokens).await["email"], "ana@mail.example");
}

#[tokio::test]
async fn a_verified_member_brings_the_badge_in_the_id_token() {
    let app = App::start().await;
    let mut ana = app.permanent("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.claims["verified_badge"], true);
}

#[tokio::test]
async fn a_member_put_into_the_store_is_signed_in() {
    let app = App::start_on_https().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").rs256().await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.claims["verified_badge"], true);
    let again = rp.refreshed(&tokens).await;
    assert_ne!(again.refresh, tokens.refresh);
    let mut other = ana.elsewhere();
    assert!(!other.browser.is_signed_in().await);
    other.sign_in().await;
    assert!(other.browser.is_signed_in().await);
}
