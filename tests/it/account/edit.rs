//! `/profile/edit`: members correct what they gave, and nothing else.

use chrono::TimeDelta;
use idp_core::audit::Action;
use idp_tests::{App, Form, Member};

async fn form(member: &mut Member) -> Form {
    member.browser.get("/profile/edit").await.form("/profile/edit")
}

/// The form with the choices that a browser would have kept.
fn whole(form: Form) -> Form {
    form.with("sex", "female").with("personnel_type", "outside")
}

#[tokio::test]
async fn what_was_given_is_corrected_and_services_hear_of_it() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let before = rp.claims(&tokens).await;
    app.advance(TimeDelta::minutes(2));
    let form =
        whole(form(&mut ana).await).with("first_name", "สมศรี").with("phone", "089-999-9999").with("position", "");
    let page = ana.browser.submit(form).await;
    assert_eq!(page.place(), "/profile", "{}", page.text("main"));
    assert!(page.text("main").contains("สมศรี ทดสอบระบบ") && page.text("main").contains("089-999-9999"));
    let after = rp.claims(&tokens).await;
    assert_eq!(after["given_name"], "สมศรี");
    assert_eq!(after["phone_number"], "+66899999999");
    assert_eq!(after.get("position"), None);
    assert!(after["updated_at"].as_i64() > before["updated_at"].as_i64());
    assert_eq!(after["birthdate"], before["birthdate"], "what was not touched stays");
    let lines = app.store.events_of(ana.id, &[Action::ProfileCorrected], 9).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].detail.as_deref(), Some(r#"{"fields":["first_name","phone","position"]}"#), "names, no values");
}

#[tokio::test]
async fn it_is_judged_as_at_registration_and_nothing_new_changes_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (field, value) in [
        ("first_name", "Somying"),
        ("last_name", ""),
        ("birth_year", "2580"),
        ("phone", "12"),
        ("sex", "both"),
        ("title", ""),
        ("first_name_en", "สมหญิง"),
    ] {
        let form = whole(form(&mut ana).await).with(field, value);
        let page = app.unchanged(ana.browser.submit(form)).await;
        assert_eq!(page.status, 422, "{field}");
        assert!(page.has(&format!("#{field}-error")), "{field}: {}", page.text("main"));
    }
    let form = whole(form(&mut ana).await);
    assert_eq!(app.unchanged(ana.browser.submit(form)).await.place(), "/profile");
}

#[tokio::test]
async fn s079_what_is_not_on_the_form_cannot_be_written() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (name, value) in [
        ("email", "other@mail.example"),
        ("email_verified", "true"),
        ("badge", "yes"),
        ("ial", "2.3"),
        ("roles", "admin"),
        ("sub", "x"),
        ("expires_at", "9999999999999"),
        ("member_type", "staff"),
        ("standing", "active"),
        ("account_id", "00000000-0000-0000-0000-000000000000"),
    ] {
        let form = whole(form(&mut ana).await).with("position", "หัวหน้า").with(name, value);
        let page = app.unchanged(ana.browser.submit(form)).await;
        assert_eq!(page.status, 400, "{name}");
    }
}

#[tokio::test]
async fn s079_what_the_register_confirmed_is_not_asked_for_and_not_taken() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let page = ana.browser.get("/profile/edit").await;
    assert!(!page.has("#first_name") && !page.has("#last_name") && !page.has("#birth_year"));
    assert_eq!(page.attribute("#renew", "href").as_deref(), Some("/verify/renew"));
    let names = ana.account().await.profile.full_name();
    for (field, value) in [("first_name", "อื่น"), ("last_name", "อื่น"), ("birth_year", "2500"), ("birth_day", "1")]
    {
        let form = whole(page.form("/profile/edit")).with("position", "หัวหน้า").with(field, value);
        let page = app.unchanged(ana.browser.submit(form)).await;
        assert_eq!(page.status, 422, "{field}");
    }
    let page = ana.browser.submit(whole(page.form("/profile/edit")).with("position", "หัวหน้า")).await;
    assert_eq!(page.place(), "/profile", "{}", page.text("main"));
    let profile = ana.account().await.profile.clone();
    assert_eq!((profile.full_name(), profile.position.as_str()), (names, "หัวหน้า"));
}

#[tokio::test]
async fn a_name_that_was_verified_meanwhile_is_not_overwritten() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let seen = ana.account().await;
    app.advance(TimeDelta::seconds(1));
    app.promote(&ana).await;
    let written = app.store.correct_profile(ana.id, &seen.profile, seen.updated_at, app.now(), &[]).await.unwrap();
    assert!(!written);
    assert_ne!(ana.account().await.profile.full_name(), seen.profile.full_name());
    let form = form(&mut ana).await;
    assert!(form.fields.iter().all(|(name, _)| name != "first_name"));
}

#[tokio::test]
async fn it_is_for_members_who_may_use_the_account() {
    let app = App::start().await;
    assert_eq!(app.browser().get("/profile/edit").await.place(), "/login");
    let mut ana = app.insert_member("ana").await;
    app.advance(TimeDelta::days(61));
    ana.sign_in().await;
    assert_eq!(ana.browser.get("/profile/edit").await.place(), "/profile");
}
