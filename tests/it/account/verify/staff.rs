//! As ministry personnel: a mailbox of the ministry, the card, and the staff directory.

use chrono::TimeDelta;
use idp_core::account::VerificationMethod;
use idp_tests::{App, Form, Letter, Member, PASSWORD, Page, filled_card, filled_details};
use idp_verify::Weather;
use idp_verify::staff::{SampleStaff, personnel};

use super::{refused, stopped};
use crate::account::register::{at_details, fault};

const NOT_FOUND: &str = "ไม่พบในทะเบียนบุคลากร";

/// Somebody of the simulated directory.
fn staff(mailbox: &str) -> &'static SampleStaff {
    personnel().iter().find(|staff| staff.mailbox.starts_with(mailbox)).expect("sample personnel")
}

/// A member whose own address is a mailbox of the ministry.
async fn with_ministry_address(app: &App, email: &str) -> Member {
    let (mut browser, page) = at_details(app, email).await;
    let page = browser.submit(filled_details(page.form("/register/details"))).await;
    assert_eq!(page.place(), "/welcome");
    let id = app.store.account_by_email(&email.to_lowercase()).await.unwrap().unwrap().account.id;
    Member {
        browser,
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        id,
        totp: None,
        recovery_codes: Vec::new(),
    }
}

/// The page that waits for the code mailed to `mailbox`.
async fn code_sent(member: &mut Member, mailbox: &str) -> Page {
    let page = member.browser.get("/verify/staff").await;
    assert_eq!(page.place(), "/verify/staff/mailbox");
    member.browser.submit(page.form("/verify/staff/mailbox").with("email", mailbox)).await
}

/// A member who has proven `mailbox` by its code, at the card.
async fn proven(app: &App, member: &mut Member, mailbox: &str) -> Page {
    let page = code_sent(member, mailbox).await;
    assert_eq!(page.place(), "/verify/staff/code", "{}", page.text("#error-summary"));
    let code = app.mailed_code(mailbox).await;
    let page = member.browser.submit(page.form("/verify/staff/code").with("code", &code)).await;
    assert_eq!(page.place(), "/verify/staff", "{}", page.text("#error-summary"));
    page
}

async fn present(member: &mut Member, page: &Page, staff: &SampleStaff, changes: &[(&str, &str)]) -> Page {
    let form = filled_card(page.form("/verify/staff"), staff.citizen());
    let form = changes.iter().fold(form, |form, (name, value)| form.with(name, value));
    member.browser.submit(form).await
}

#[tokio::test]
async fn whose_own_address_is_the_ministrys_goes_straight_to_the_card() {
    let app = App::start().await;
    let mut member = with_ministry_address(&app, "Somchai@staff.moc.example").await;
    let page = member.browser.get("/verify/staff").await;
    assert_eq!((page.place(), page.text("h1").as_str()), ("/verify/staff", "ยืนยันตัวตนสำหรับบุคลากรกระทรวงพาณิชย์"));
    let page = present(&mut member, &page, staff("somchai@"), &[]).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
    assert!(page.text(".facts").contains("ตรวจสอบกับฐานข้อมูลทะเบียน ทะเบียนบุคลากร และอีเมลของหน่วยงาน"));
    let account = member.account().await;
    let badge = account.badge().unwrap();
    assert_eq!(badge.method, VerificationMethod::StaffDirectory);
    assert_eq!(badge.reference.split(' ').count(), 2, "evidence of the registry and of the directory");
    let letters = app.letters_to(&member.email).await;
    assert!(matches!(letters.last(), Some(Letter::Verified { method_key, .. }) if method_key == "staff"));
}

#[tokio::test]
async fn another_mailbox_of_the_ministry_is_proven_by_a_code() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/verify/staff").await;
    assert_eq!(page.place(), "/verify/staff/mailbox");
    assert!(page.text("#email-hint").ends_with("@staff.moc.example"));
    let page = proven(&app, &mut ana, "namthip@staff.moc.example").await;
    let page = present(&mut ana, &page, staff("namthip@"), &[]).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
    assert_eq!(ana.account().await.badge().unwrap().method, VerificationMethod::StaffDirectory);
    // The account's own address stays what it was, and that is where the notice goes.
    assert_eq!(ana.account().await.email.as_str(), ana.email);
    assert!(app.letters_to(&ana.email).await.iter().any(|letter| letter.kind() == "verified"));
}

#[tokio::test]
async fn a_mailbox_elsewhere_is_refused_and_kept_as_typed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for typed in [
        "ana@mail.example",
        "ana@staff.moc.example.evil.test",
        "ana@evil-staff.moc.example",
        "ana@moc.example",
        "ana@sub.staff.moc.example",
        "",
        "somchai",
    ] {
        let page = app.unchanged(code_sent(&mut ana, typed)).await;
        assert!(!fault(&page, "email").is_empty());
        assert_eq!(page.form("/verify/staff/mailbox").value("email"), typed);
    }
    let page = code_sent(&mut ana, "ana@mail.example").await;
    assert_eq!(fault(&page, "email"), "กรุณาใช้อีเมลของกระทรวงพาณิชย์ที่ลงท้ายด้วย staff.moc.example");
}

#[tokio::test]
async fn nobody_skips_the_mailbox() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let csrf = ana.browser.get("/verify").await.form("/language").value("csrf").to_owned();
    let empty = Form { action: "/verify/staff".to_owned(), is_post: true, fields: vec![("csrf".to_owned(), csrf)] };
    let form = filled_card(empty.clone(), staff("somchai@").citizen()).with("email", "somchai@staff.moc.example");
    for _ in 0..2 {
        let page = ana.browser.submit(form.clone()).await;
        assert_eq!(page.place(), "/verify/staff/mailbox");
        // A code on its way proves nothing yet.
        code_sent(&mut ana, "somchai@staff.moc.example").await;
    }
    assert_eq!(ana.browser.get("/verify/staff").await.place(), "/verify/staff/mailbox");
    assert_eq!((app.registry().calls(), app.staff_directory().calls()), (0, 0));
}

#[tokio::test]
async fn five_wrong_guesses_spend_the_code_and_another_takes_a_minute() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mailbox = "somchai@staff.moc.example";
    let page = code_sent(&mut ana, mailbox).await;
    let code = app.mailed_code(mailbox).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1] {
        let page = ana.browser.submit(page.form("/verify/staff/code").with("code", wrong)).await;
        assert!(fault(&page, "code").contains(&format!("(เหลือ {left} ครั้ง)")));
    }
    for typed in [wrong, &code] {
        let page = ana.browser.submit(page.form("/verify/staff/code").with("code", typed)).await;
        assert!(fault(&page, "code").starts_with("รหัสยืนยันหมดอายุหรือกรอกผิดเกินจำนวนครั้งที่กำหนด"));
    }
    let soon = ana.browser.submit(page.form("/verify/staff/code/resend")).await;
    assert_eq!(fault(&soon, "code"), "กรุณารอ 1 นาทีก่อนขอรหัสใหม่");
    app.advance(TimeDelta::minutes(1));
    let page = ana.browser.submit(page.form("/verify/staff/code/resend")).await;
    let thai: String =
        app.mailed_code(mailbox).await.chars().map(|digit| char::from_u32(digit as u32 + 0x0e20).unwrap()).collect();
    let page = ana.browser.submit(page.form("/verify/staff/code").with("code", &thai)).await;
    assert_eq!(page.place(), "/verify/staff");
}

#[tokio::test]
async fn a_code_expires_and_its_proof_lasts_an_hour() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mailbox = "somchai@staff.moc.example";
    let page = code_sent(&mut ana, mailbox).await;
    let form = page.form("/verify/staff/code").with("code", &app.mailed_code(mailbox).await);
    app.advance(TimeDelta::minutes(10) + TimeDelta::milliseconds(1));
    fault(&ana.browser.submit(form).await, "code");
    let page = proven(&app, &mut ana, mailbox).await;
    app.advance(TimeDelta::minutes(29));
    assert_eq!(ana.browser.get("/verify/staff").await.place(), "/verify/staff");
    app.advance(TimeDelta::minutes(29));
    assert_eq!(ana.browser.get("/verify/staff").await.place(), "/verify/staff");
    app.advance(TimeDelta::minutes(3));
    let page = present(&mut ana, &page, staff("somchai@"), &[]).await;
    assert_eq!(page.place(), "/verify/staff/mailbox");
    assert_eq!(app.registry().calls(), 0);
}

#[tokio::test]
async fn one_members_proof_is_no_other_members() {
    let app = App::start().await;
    let (mut ana, mut ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    proven(&app, &mut ana, "somchai@staff.moc.example").await;
    assert_eq!(ben.browser.get("/verify/staff").await.place(), "/verify/staff/mailbox");
}

#[tokio::test]
async fn the_directorys_no_is_told_without_a_reason_and_counts() {
    let app = App::start().await;
    for (number, (mailbox, who)) in [
        // Left; a mailbox that the directory does not know; somebody else's mailbox; nobody's.
        ("kanokwan@staff.moc.example", "kanokwan@"),
        ("thee@staff.moc.example", "thee@"),
        ("somchai@staff.moc.example", "namthip@"),
        ("nobody@staff.moc.example", "somchai@"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let page = proven(&app, &mut member, mailbox).await;
        let page = present(&mut member, &page, staff(who), &[]).await;
        stopped(&page, 422, NOT_FOUND);
        assert_eq!(page.attribute("#retry", "href").as_deref(), Some("/verify"), "the other way is open");
        assert!(member.account().await.badge().is_none());
        let page = super::present(&mut member, super::citizen("6000000000018"), &[]).await;
        assert_eq!(refused(&page), 3, "it was a try");
    }
}

#[tokio::test]
async fn the_card_is_checked_first_and_its_refusals_are_those_of_everybody() {
    let app = App::start().await;
    let mut member = with_ministry_address(&app, "somchai@staff.moc.example").await;
    let page = member.browser.get("/verify/staff").await;
    let page = present(&mut member, &page, staff("somchai@"), &[("birth_day", "19")]).await;
    assert!(page.text("#error-summary").starts_with("ข้อมูลไม่ตรงกับฐานข้อมูลทะเบียน"));
    assert_eq!(page.place(), "/verify/staff");
    assert_eq!(app.staff_directory().calls(), 0, "the directory hears of nobody whom the registry does not know");
}

#[tokio::test]
async fn an_outage_of_the_directory_is_an_outage() {
    let impatient = |config: &mut idp_web::config::Config| {
        config.verification.total_timeout_seconds = 1;
        config.verification.connect_timeout_seconds = 1;
    };
    let app = App::start_with(impatient).await;
    for (number, who) in ["chanpen@", "kaokaew@"].into_iter().enumerate() {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let page = proven(&app, &mut member, staff(who).mailbox).await;
        let page = present(&mut member, &page, staff(who), &[]).await;
        stopped(&page, 503, "ระบบตรวจสอบไม่พร้อมชั่วคราว");
        assert!(page.headers.contains_key("retry-after"));
        assert!(member.account().await.badge().is_none());
        // The number is free and the try was none: as general public the same card goes through.
        let page = super::present(&mut member, staff(who).citizen(), &[]).await;
        assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
    }
    app.staff_directory().set_weather(Weather::Outage);
    let mut member = with_ministry_address(&app, "somchai@staff.moc.example").await;
    let page = member.browser.get("/verify/staff").await;
    stopped(&present(&mut member, &page, staff("somchai@"), &[]).await, 503, "ระบบตรวจสอบไม่พร้อมชั่วคราว");
    app.staff_directory().set_weather(Weather::Fine);
    let page = present(&mut member, &page, staff("somchai@"), &[]).await;
    assert_eq!(page.place(), "/verify/done");
}

#[tokio::test]
async fn codes_to_mailboxes_are_no_mail_cannon() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for number in 0..6 {
        let page = code_sent(&mut ana, &format!("member{number}@staff.moc.example")).await;
        assert_eq!(page.place(), "/verify/staff/code");
    }
    let page = code_sent(&mut ana, "somchai@staff.moc.example").await;
    assert_eq!(fault(&page, "email"), "ท่านทำรายการบ่อยเกินไป กรุณารอสักครู่แล้วลองใหม่");
}
