//! Signing in through ThaID: the number opens the one account that was verified with it, and services hear what happened.

use chrono::TimeDelta;
use idp_tests::{Answer, App, Letter};
use idp_web::demo::thaid::Fault;
use serde_json::json;

use super::{NUMBER, by_thaid, permanent, person, sign_in, start};

#[tokio::test]
async fn a_verified_member_signs_in_on_the_way_to_a_service_which_hears_truthfully_how() {
    let app = start().await;
    let rp = app.client("rp").first_party().await;
    let (ana, number) = permanent(&app, "ana").await;
    let mut elsewhere = ana.elsewhere();
    let ask = rp.ask();
    let page = elsewhere.browser.get(&ask.path()).await;
    let path = page.attribute("#sign-in-thaid", "href").expect("ThaID is offered");
    let page = by_thaid(&mut elsewhere.browser, &path, &person(number)).await;
    let code = Answer::of(&page).code().to_owned();
    let tokens = rp.read(rp.exchange(&ask, &code).await, Some(ask.get("nonce").unwrap())).await;
    assert_eq!(tokens.id.claims["amr"], json!(["thaid"]), "no password was asked for");
    assert_eq!(tokens.id.text("acr"), "https://account.moc.go.th/acr/aal1");
    assert_eq!(tokens.id.number("auth_time"), app.now().timestamp());
    // The member sees it, and hears of the browser that the account did not know.
    let said = elsewhere.browser.get("/profile/history").await.text("main");
    assert!(said.contains("ใช้ ThaID"), "{said}");
    let letters = app.letters_to(&ana.email).await;
    assert!(letters.iter().any(|letter| letter.kind() == "new_sign_in"), "{letters:?}");
    let lines = app.store.events_about(ana.id, 20).await.unwrap();
    let line = lines.iter().find(|line| line.action == "session.signed_in").expect("it is written down");
    assert!(!line.detail.clone().unwrap_or_default().contains(number), "without the number");
}

#[tokio::test]
async fn who_was_never_verified_is_not_signed_in_and_no_account_is_made() {
    let app = start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    let sessions = app.store.row_count("sessions").await.unwrap();
    let accounts = app.store.row_count("accounts").await.unwrap();
    let page = sign_in(&mut browser, NUMBER).await;
    assert_eq!(page.status, 403);
    assert!(page.text("#error-summary").contains("ยังไม่มีบัญชีสมาชิกถาวร"), "{}", page.text("main"));
    assert!(page.has("#sign-in") && page.has("#register"), "no dead end");
    assert_eq!(app.store.row_count("sessions").await.unwrap(), sessions);
    assert_eq!(app.store.row_count("accounts").await.unwrap(), accounts);
    assert!(ana.account().await.badge().is_none());
}

#[tokio::test]
async fn a_badge_that_was_withdrawn_opens_nothing() {
    let app = start().await;
    let (ana, number) = permanent(&app, "ana").await;
    let end = app.now() + TimeDelta::days(60);
    assert!(app.store.withdraw_badge(ana.id, end, app.now(), &[], &[]).await.unwrap());
    let mut browser = app.browser();
    assert_eq!(sign_in(&mut browser, number).await.status, 403);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_suspended_or_frozen_account_stays_closed() {
    let app = start().await;
    let (ana, number) = permanent(&app, "ana").await;
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    let mut browser = app.browser();
    let page = sign_in(&mut browser, number).await;
    assert_eq!(page.status, 403);
    assert!(page.text("#error-summary").contains("ถูกระงับ"), "{}", page.text("main"));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_second_factor_that_was_set_up_is_asked_for_after_thaid_as_well() {
    let app = start().await;
    let rp = app.client("rp").await;
    let (mut ana, number) = permanent(&app, "ana").await;
    ana.insert_totp().await;
    let mut elsewhere = ana.elsewhere();
    let page = sign_in(&mut elsewhere.browser, number).await;
    page.expect_at("/login/second");
    assert!(page.text("main").contains("ThaID ยืนยันตัวท่านแล้ว"), "{}", page.text("main"));
    assert!(!elsewhere.browser.is_signed_in().await);
    assert_eq!(elsewhere.prove_at(&page).await.place(), "/profile");
    let tokens = rp.sign_in(&mut elsewhere).await;
    assert_eq!(tokens.id.claims["amr"], json!(["thaid", "otp", "mfa"]));
    assert_eq!(tokens.id.text("acr"), "https://account.moc.go.th/acr/aal2");
}

#[tokio::test]
async fn thaids_word_without_the_second_step_stands_in_the_history_and_frightens_nobody() {
    let app = start().await;
    let (mut ana, number) = permanent(&app, "ana").await;
    ana.insert_totp().await;
    sign_in(&mut ana.elsewhere().browser, number).await.expect_at("/login/second");
    let mut owner = ana.elsewhere();
    let page = owner.sign_in().await;
    owner.prove_at(&page).await.expect_at("/profile");
    for (language, words) in [
        ("th", ["ThaID ยืนยันแล้วแต่ไม่ได้ยืนยันขั้นที่สอง", "ใช้ ThaID"]),
        ("en", ["ThaID confirmed it, the second step did not follow", "with ThaID"]),
    ] {
        owner.browser.language = language.to_owned();
        let lines = owner.browser.get("/profile/history").await.texts("#history .rows li");
        let [_, half_way] = lines.as_slice() else { panic!("{lines:?}") };
        for part in words {
            assert!(half_way.contains(part), "{part}: {half_way}");
        }
    }
    // Nobody learned the password: nothing to be written about.
    app.advance(TimeDelta::hours(1));
    let letters = app.letters_to(&ana.email).await;
    assert!(!letters.iter().any(|letter| matches!(letter, Letter::PasswordKnown { .. })), "{letters:?}");
}

#[tokio::test]
async fn two_factors_at_thaid_count_only_where_the_settings_trust_its_word() {
    for (trusted, acr, amr) in [
        (vec![], "https://account.moc.go.th/acr/aal1", json!(["thaid"])),
        (vec!["urn:thaid:other".to_owned()], "https://account.moc.go.th/acr/aal1", json!(["thaid"])),
        (vec!["urn:thaid:two-factors".to_owned()], "https://account.moc.go.th/acr/aal2", json!(["thaid", "mfa"])),
    ] {
        let app = App::start_with_thaid(|config| config.thaid.aal2_acr_values = trusted).await;
        let rp = app.client("rp").await;
        let (ana, number) = permanent(&app, "ana").await;
        app.thaid().set_fault(Fault::TwoFactors);
        let mut elsewhere = ana.elsewhere();
        assert_eq!(sign_in(&mut elsewhere.browser, number).await.place(), "/profile");
        let tokens = rp.sign_in(&mut elsewhere).await;
        assert_eq!((tokens.id.text("acr"), &tokens.id.claims["amr"]), (acr, &amr));
    }
}

#[tokio::test]
async fn who_proves_themselves_again_through_thaid_comes_back_to_the_page_they_wanted() {
    let app = start().await;
    let (mut ana, number) = permanent(&app, "ana").await;
    let (_, other) = permanent(&app, "ben").await;
    app.advance(TimeDelta::minutes(6));
    let page = ana.browser.get("/profile/email").await;
    page.expect_at("/login");
    let path = page.attribute("#sign-in-thaid", "href").expect("ThaID is offered");
    // Somebody else's ThaID proves nothing about this member, and signs nobody else in here.
    let refused = by_thaid(&mut ana.browser, &path, &person(other)).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text("#error-summary").contains("ไม่ใช่เจ้าของบัญชี"), "{}", refused.text("main"));
    assert!(ana.browser.get("/profile").await.text("main").contains(&ana.email));
    let page = by_thaid(&mut ana.browser, &path, &person(number)).await;
    assert_eq!(page.place(), "/profile/email");
}

#[tokio::test]
async fn one_browser_passes_from_one_member_to_the_next_without_mixing_them() {
    let app = start().await;
    let rp = app.client("rp").first_party().await;
    let (mut ana, _) = permanent(&app, "ana").await;
    let (ben, number) = permanent(&app, "ben").await;
    let before = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::minutes(1));
    let page = by_thaid(&mut ana.browser, "/thaid/begin?for=sign-in", &person(number)).await;
    assert_eq!(page.place(), "/profile", "{}", page.text("main"));
    assert!(ana.browser.get("/profile").await.text("main").contains(&ben.email));
    // What Ana's session gave ends with it (S053).
    assert_eq!(rp.refresh(&before.refresh, None).await.status, 400);
}
