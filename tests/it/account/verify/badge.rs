//! The badge: in everything that comes next, never above the table, and gone when it is withdrawn.

use idp_core::thai::time::end_of_day_after;
use idp_tests::App;

use super::{citizen, present};

#[tokio::test]
async fn it_is_in_the_next_id_token_userinfo_and_refresh_of_every_service() {
    let app = App::start().await;
    let (one, two) = (app.client("one").await, app.client("two").rs256().await);
    let mut ana = app.insert_member("ana").await;
    let (first, second) = (one.sign_in(&mut ana).await, two.sign_in(&mut ana).await);
    for tokens in [&first, &second] {
        assert_eq!(tokens.id.claims["verified_badge"], false);
        assert_eq!(tokens.id.text("membership"), "temporary");
        assert!(tokens.id.number("membership_expires_at") > 0);
    }
    present(&mut ana, citizen("1000000000017"), &[]).await;
    // The access token of before tells it at userinfo, the refresh token brings it in the ID token.
    let claims = one.claims(&first).await;
    assert_eq!((&claims["membership"], &claims["verified_badge"]), (&"permanent".into(), &true.into()));
    for (rp, tokens) in [(&one, &first), (&two, &second)] {
        let fresh = rp.refreshed(tokens).await;
        assert_eq!(fresh.id.claims["verified_badge"], true);
        assert_eq!(fresh.id.text("membership"), "permanent");
        assert_eq!(fresh.id.claims.get("membership_expires_at"), None, "it never ends");
    }
    assert_eq!(two.sign_in(&mut ana).await.id.claims["verified_badge"], true);
}

#[tokio::test]
async fn s115_a_badge_that_is_withdrawn_is_nowhere_any_more() {
    let app = App::start().await;
    let rp = app.client("rp").citizen_id().await;
    let mut ana = app.insert_member("ana").await;
    present(&mut ana, citizen("1000000000017"), &[]).await;
    let before = rp.sign_in(&mut ana).await;
    assert_eq!(rp.claims(&before).await["citizen_id"], "1000000000017");
    let now = app.now();
    assert!(app.store.withdraw_badge(ana.id, end_of_day_after(now, 60), now, &[], &[]).await.unwrap());
    assert_eq!(rp.userinfo(&before.access).await.status, 401);
    rp.refresh(&before.refresh, None).await.expect_token_error("invalid_grant");
    let page = ana.browser.get("/profile").await;
    assert!(page.text("#membership").contains("สมาชิกชั่วคราว (เหลือเวลาใช้งาน 60 วัน)"));
    assert!(!page.has("svg.badge") && !page.html.contains("x-xxxx"));
    let after = rp.sign_in_with(&mut ana, rp.ask().with("id_token_hint", &before.id.token)).await;
    assert_eq!(after.id.text("membership"), "temporary");
    assert_eq!(after.id.claims["verified_badge"], false);
    let claims = rp.claims(&after).await;
    assert_eq!(claims.get("citizen_id"), None);
    assert!(!claims.to_string().contains("1000000000017"));
    // The number is free, and the member may earn the badge anew.
    let mut ben = app.insert_member("ben").await;
    assert_eq!(present(&mut ben, citizen("1000000000017"), &[]).await.place(), "/verify/done");
    assert_eq!(present(&mut ana, citizen("1000000000025"), &[]).await.place(), "/verify/done");
    assert_eq!(rp.refreshed(&after).await.id.claims["verified_badge"], true);
}

#[tokio::test]
async fn s115_permanent_members_only_shuts_a_withdrawn_badge_out() {
    let app = App::start().await;
    let rp = app.client("licences").permanent_only().await;
    let mut ana = app.insert_permanent("ana").await;
    rp.sign_in(&mut ana).await;
    let ask = rp.ask();
    let answer = rp.authorize(&mut ana, &ask).await;
    // Between code and exchange.
    let now = app.now();
    app.store.withdraw_badge(ana.id, end_of_day_after(now, 60), now, &[], &[]).await.unwrap();
    rp.exchange(&ask, answer.code()).await.expect_token_error("invalid_grant");
    assert_eq!(ana.browser.get(&rp.ask().path()).await.place(), "/verify");
}

#[tokio::test]
async fn s118_no_way_of_verifying_is_labelled_above_the_table() {
    for (ial, setting) in [("1.2", None), ("1.2", Some("1.2")), ("1.1", Some("1.1"))] {
        let app = App::start_with(|config| {
            if let Some(setting) = setting {
                config.verification.ial_verified = setting.to_owned();
            }
        })
        .await;
        let mut ana = app.insert_member("ana").await;
        present(&mut ana, citizen("1000000000017"), &[("ial", "2.3"), ("acr", "aal3")]).await;
        let account = ana.account().await;
        assert_eq!(account.badge().unwrap().ial, ial);
        let tokens = app.client("rp").await.sign_in(&mut ana).await;
        // Who the member is says nothing about how they signed in.
        assert!(
            tokens.id.text("acr").ends_with("/aal1") || tokens.id.text("acr").ends_with("aal1"),
            "{}",
            tokens.id.claims
        );
        for claim in ["ial", "identity_assurance"] {
            let told = tokens.id.text(claim);
            assert!(told.is_empty() || told == ial);
        }
    }
}
