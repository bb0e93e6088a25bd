//! `/profile/delete` and `/profile/keep`: with the password once more, and thirty days to change one's mind.

use chrono::TimeDelta;
use idp_tests::{App, Letter, Member, PASSWORD, Page};
use idp_web::jobs;

async fn delete(member: &mut Member, password: &str) -> Page {
    let page = member.browser.get("/profile/delete").await;
    member.browser.submit(page.form("/profile/delete").with("password", password)).await
}

#[tokio::test]
async fn it_takes_the_password_and_ends_everything_but_the_way_back() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let tokens = rp.sign_in(&mut elsewhere).await;
    let page = ana.browser.get("/profile/delete").await;
    assert!(page.text("main").contains("เมื่อยืนยันแล้ว ข้อมูลจะถูกลบภายใน 30 วัน และไม่สามารถกู้คืนได้"));
    for wrong in ["", "a wrong password", &"x".repeat(129)] {
        let page = app.unchanged(delete(&mut ana, wrong)).await;
        assert_eq!(page.status, 422);
        assert!(page.text("#password-error").starts_with("รหัสผ่านไม่ถูกต้อง"));
    }
    let page = delete(&mut ana, PASSWORD).await;
    assert!(page.has("#deletion-scheduled"));
    assert!(page.text("main").contains("2 ธันวาคม 2569"), "{}", page.text("main"));
    assert!(!ana.browser.is_signed_in().await);
    assert!(!elsewhere.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(rp.userinfo(&tokens.access).await.status, 401);
    let letters = app.letters_to(&ana.email).await;
    let in_thirty_days = app.now() + TimeDelta::days(30);
    assert!(
        matches!(letters.as_slice(), [.., Letter::DeletionScheduled { erase_date, .. }] if *erase_date == in_thirty_days)
    );
}

#[tokio::test]
async fn who_comes_back_may_keep_the_account_and_do_nothing_else() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_permanent("ana").await;
    delete(&mut ana, PASSWORD).await;
    app.advance(TimeDelta::days(29));
    let page = ana.sign_in().await;
    assert!(page.has("#deletion-scheduled"));
    assert_eq!(page.attribute(".actions a", "href").as_deref(), Some("/profile/keep"));
    assert_eq!(ana.browser.get("/verify").await.place(), "/profile");
    let ask = rp.ask();
    rp.authorize(&mut ana, &ask).await.expect_error("access_denied", &ask, app.issuer());
    let page = ana.browser.get("/profile/keep").await;
    assert_eq!(page.text("#keep-account"), "เก็บบัญชีนี้ไว้");
    let page = ana.browser.submit(page.form("/profile/keep")).await;
    assert!(page.text("#membership").contains("สมาชิกถาวร"), "as before: {}", page.text("main"));
    app.advance(TimeDelta::days(2));
    jobs::tend(app.provider()).await.unwrap();
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile", "nothing was erased");
}

#[tokio::test]
async fn s082_after_thirty_days_all_is_gone_and_a_new_account_at_the_address_inherits_nothing() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.permanent("ana").await;
    let before = rp.sign_in(&mut ana).await;
    delete(&mut ana, PASSWORD).await;
    app.advance(TimeDelta::days(30) - TimeDelta::milliseconds(1));
    jobs::tend(app.provider()).await.unwrap();
    assert!(app.store.account_by_email(&ana.email).await.unwrap().is_some());
    app.advance(TimeDelta::milliseconds(1));
    jobs::tend(app.provider()).await.unwrap();
    assert!(app.store.account_by_email(&ana.email).await.unwrap().is_none());
    assert!(app.store.account(ana.id).await.unwrap().is_none());
    for table in ["identities", "consents", "known_devices", "links"] {
        assert_eq!(app.store.row_count(table).await.unwrap(), 0, "{table}");
    }
    let page = ana.elsewhere().sign_in().await;
    assert_eq!(page.text("#error-summary"), "อีเมลหรือรหัสผ่านไม่ถูกต้อง กรุณาตรวจสอบแล้วลองอีกครั้ง");
    rp.refresh(&before.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&before.access).await.expect(401);

    // The same address begins anew, and is a stranger to every service.
    let mut again = app.member("ana").await;
    assert_ne!(again.id, ana.id);
    assert!(again.account().await.badge().is_none());
    let page = again.browser.get(&rp.ask().path()).await;
    assert_eq!(page.place(), "/consent", "no consent is left");
    let after = rp.sign_in(&mut again).await;
    assert_ne!(after.id.text("sub"), before.id.text("sub"));
    assert_eq!(after.id.claims["verified_badge"], false);
    // And the same person may verify anew, once their number has rested.
    app.advance(TimeDelta::days(30));
    again.sign_in().await;
    let page = again.browser.get("/verify/public").await;
    let citizen = &idp_verify::registry::citizens()[0];
    let page = again.browser.submit(idp_tests::filled_card(page.form("/verify/public"), citizen)).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
}

#[tokio::test]
async fn guesses_here_and_at_the_sign_in_page_are_counted_together() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..5 {
        assert!(delete(&mut ana, "a wrong password").await.text("#password-error").starts_with("รหัสผ่านไม่ถูกต้อง"));
    }
    let page = app.unchanged(delete(&mut ana, PASSWORD)).await;
    assert!(page.text("#password-error").starts_with("บัญชีถูกระงับการเข้าสู่ระบบชั่วคราว"));
    let page = ana.browser.get("/login?again=yes").await;
    let form = page.form("/login").with("username", &ana.email).with("password", PASSWORD);
    assert_eq!(ana.browser.submit(form).await.status, 429, "the same browser at the other door");
    app.advance(TimeDelta::minutes(1));
    assert!(delete(&mut ana, PASSWORD).await.has("#deletion-scheduled"));
}

#[tokio::test]
async fn it_needs_somebody_who_is_signed_in() {
    let app = App::start().await;
    for path in ["/profile/delete", "/profile/keep"] {
        assert_eq!(app.browser().get(path).await.place(), "/login");
    }
    // Nothing to keep: nothing changes.
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/profile/keep").await;
    let page = app.unchanged(ana.browser.submit(page.form("/profile/keep"))).await;
    assert_eq!(page.place(), "/profile");
}

#[tokio::test]
async fn a_temporary_member_whose_time_is_over_may_still_delete() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.advance(TimeDelta::days(61));
    let page = ana.sign_in().await;
    assert_eq!(page.attribute("#delete-account", "href").as_deref(), Some("/profile/delete"));
    assert!(delete(&mut ana, PASSWORD).await.has("#deletion-scheduled"));
}

#[tokio::test]
async fn an_address_that_waits_for_erasure_is_not_free_yet() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    delete(&mut ana, PASSWORD).await;
    app.letters_to(&ana.email).await;
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    browser.submit(page.form("/register/email").with("email", &ana.email)).await;
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::AlreadyMember { .. })));
    assert_eq!(browser.get("/register/details").await.place(), "/register/code");
}

#[tokio::test]
async fn somebody_elses_guesses_do_not_keep_the_owner_from_leaving() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    // From a browser that the account knows.
    ana.sign_out().await;
    ana.sign_in().await;
    let mut stranger = app.browser();
    for _ in 0..6 {
        let page = stranger.get("/login").await;
        stranger.submit(page.form("/login").with("username", &ana.email).with("password", "a guess")).await;
    }
    let page = stranger.get("/login").await;
    let page = stranger.submit(page.form("/login").with("username", &ana.email).with("password", PASSWORD)).await;
    assert_eq!(page.status, 429, "strangers wait");
    assert!(delete(&mut ana, PASSWORD).await.has("#deletion-scheduled"));
}
