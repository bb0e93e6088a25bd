//! What the membership means to services: permanent members only, the end of the sixty days, a withdrawn badge.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Membership;
use idp_tests::{Answer, App, Member};

/// A member whose temporary membership has two minutes left, freshly signed in.
async fn nearly_over(app: &App) -> (Member, DateTime<Utc>) {
    let end = app.now() + TimeDelta::minutes(2);
    let ana = app.insert_member_with("ana", |account| account.membership = Membership::Temporary { expires_at: end });
    (ana.await, end)
}

#[tokio::test]
async fn a_temporary_member_verifies_on_the_way_to_a_permanent_only_service() {
    let app = App::start().await;
    let mut ana = app.member("ana").await;
    let rp = app.client("rp").permanent_only().await;
    let ask = rp.ask();
    let silent = Answer::of(&ana.browser.get(&ask.clone().with("prompt", "none").path()).await);
    silent.expect_error("interaction_required", &ask, app.issuer());
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/verify");
    let card = page.attribute("a[href^='/verify/public']", "href").expect("the way to the card");
    let page = ana.browser.get(&card).await;
    let form = page.form("/verify/public").with("national_id", "1000000000017");
    let form = form.with("first_name", "สมชาย").with("last_name", "ใจดีตัวอย่าง");
    let form = form.with("birth_day", "20").with("birth_month", "5").with("birth_year", "2533");
    let page = ana.browser.submit(form).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.html);
    let onwards = page.attribute("a[href^='/authorize/resume']", "href").expect("the way back to the service");
    let page = ana.browser.get(&onwards).await;
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    let reply = rp.exchange(&ask, Answer::of(&page).code()).await.expect(200);
    let tokens = rp.read(reply, ask.get("nonce")).await;
    assert_eq!(tokens.id.claims["verified_badge"], true);
    assert_eq!(tokens.id.text("membership"), "permanent");
}

#[tokio::test]
async fn s113_who_does_not_verify_is_denied_at_a_permanent_only_service() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").permanent_only().await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    let handle = page.path.split("request=").nth(1).expect("the request waits").to_owned();
    for path in ["/authorize/resume", "/consent"] {
        let page = ana.browser.get(&format!("{path}?request={handle}")).await;
        assert_eq!(page.away, None, "{path}");
    }
    // Agreeing is not verifying.
    let page = ana.browser.get(&format!("/consent?request={handle}")).await;
    if page.has("form[action='/consent']") {
        let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
        page.expect_at("/verify");
    }
    let page = ana.browser.get(&format!("/authorize/cancel?request={handle}")).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
}

#[tokio::test]
async fn s113_a_temporary_member_is_never_granted_the_number() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in(&mut ana).await;
    assert!(!tokens.scope.contains("citizen_id"));
    assert!(rp.claims(&tokens).await.get("citizen_id").is_none());
}

#[tokio::test]
async fn s112_no_token_outlives_the_membership() {
    let app = App::start().await;
    let (mut ana, end) = nearly_over(&app).await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.number("exp"), end.timestamp());
    assert_eq!(tokens.id.number("membership_expires_at"), end.timestamp());
    assert_eq!(tokens.reply.json()["expires_in"], 120);
    app.advance(TimeDelta::seconds(119));
    let tokens = rp.refreshed(&tokens).await;
    rp.userinfo(&tokens.access).await.expect(200);
    app.advance(TimeDelta::seconds(2));
    rp.userinfo(&tokens.access).await.expect(401);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s112_the_end_between_code_and_exchange_leaves_the_code_worthless() {
    let app = App::start().await;
    let (mut ana, _) = nearly_over(&app).await;
    let rp = app.client("rp").await;
    app.advance(TimeDelta::seconds(100));
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    app.advance(TimeDelta::seconds(21));
    rp.exchange(&ask, &code).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn s112_the_end_between_sign_in_and_consent_leads_to_verification() {
    let app = App::start().await;
    let (mut ana, _) = nearly_over(&app).await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    app.advance(TimeDelta::minutes(3));
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    page.expect_at("/verify");
    let silent = Answer::of(&ana.browser.get(&ask.clone().with("prompt", "none").path()).await);
    silent.expect_error("access_denied", &ask, app.issuer());
}

#[tokio::test]
async fn s115_a_withdrawn_badge_is_in_no_token_any_more() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").await;
    let only = app.client("only").permanent_only().await;
    let old = rp.sign_in(&mut ana).await;
    let at_only = only.sign_in(&mut ana).await;
    assert_eq!(old.id.claims["verified_badge"], true);
    app.store.withdraw_badge(ana.id, app.now() + TimeDelta::days(60), app.now(), &[], &[]).await.unwrap();
    for (rp, tokens) in [(&rp, &old), (&only, &at_only)] {
        rp.userinfo(&tokens.access).await.expect(401);
        rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    }
    let new = rp.sign_in_with(&mut ana, rp.ask().with("id_token_hint", &old.id.token)).await;
    assert_eq!(new.id.claims["verified_badge"], false);
    assert_eq!(new.id.text("membership"), "temporary");
    assert_eq!(rp.claims(&new).await["verified_badge"], false);
    assert_eq!(only.ask_silently(&mut ana.browser).await.error(), "interaction_required");
}

#[tokio::test]
async fn the_badge_reaches_a_service_with_the_next_refresh() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let before = rp.sign_in(&mut ana).await;
    assert_eq!(before.id.claims["verified_badge"], false);
    app.promote(&ana).await;
    let after = rp.refreshed(&before).await;
    assert_eq!(after.id.claims["verified_badge"], true);
    assert_eq!(after.id.text("sub"), before.id.text("sub"), "the same member");
    assert!(after.id.claims.get("membership_expires_at").is_none());
}
