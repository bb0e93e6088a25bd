//! `/register/email`: the answer is the same whether or not somebody has the address.

use chrono::TimeDelta;
use idp_tests::{App, Letter, Page, Reply};

use super::{at_code, at_email, fault};

#[tokio::test]
async fn what_is_no_address_is_named_and_kept_as_typed() {
    let app = App::start().await;
    let (mut browser, page) = at_email(&app).await;
    let form = page.form("/register/email");
    for (typed, said) in [
        ("", "กรุณากรอกอีเมล"),
        ("ana", "อีเมลต้องมีเครื่องหมาย @ หนึ่งตัว"),
        ("a@b@mail.example", "อีเมลต้องมีเครื่องหมาย @ หนึ่งตัว"),
        ("สมหญิง@mail.example", "ใช้ในอีเมลไม่ได้"),
        ("ana lee@mail.example", "ใช้ในอีเมลไม่ได้"),
        (".ana@mail.example", "ส่วนหน้าเครื่องหมาย @ ไม่ถูกต้อง"),
        ("ana@mail", "ส่วนหลังเครื่องหมาย @ ไม่ถูกต้อง"),
        ("ana@-mail.example", "ส่วนหลังเครื่องหมาย @ ไม่ถูกต้อง"),
        ("\"><script>alert(1)</script>@mail.example", "ใช้ในอีเมลไม่ได้"),
    ] {
        let page = app.unchanged(browser.submit(form.clone().with("email", typed))).await;
        let fault = fault(&page, "email");
        assert!(fault.contains(said), "{typed}: {fault}");
        assert_eq!(page.form("/register/email").value("email"), typed);
        assert!(!page.html.contains("<script>alert"));
    }
    let long = format!("{}@mail.example", "a".repeat(300));
    let page = browser.submit(form.with("email", &long)).await;
    fault(&page, "email");
}

/// A page with what differs from person to person taken out.
fn anonymous(page: &Page, email: &str) -> String {
    let csrf = page.form("/language").value("csrf").to_owned();
    let sent = page.text(".lead");
    let reference = sent.rsplit_once(' ').map_or("", |(_, last)| last.trim_end_matches(')')).to_owned();
    assert_eq!(reference.len(), 4, "{sent}");
    page.html.replace(&csrf, "…").replace(email, "…").replace(&reference, "…")
}

/// Status and headers, without the values of cookies.
fn outside(reply: &Reply) -> (u16, Vec<(String, String)>) {
    let headers = reply.headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or_default();
        let value = if name == "set-cookie" { value.split('=').next().unwrap_or_default() } else { value };
        (name.to_string(), value.to_owned())
    });
    (reply.status.as_u16(), headers.collect())
}

#[tokio::test]
async fn s064_a_known_address_and_an_unknown_one_are_answered_alike_and_the_owner_hears_of_it() {
    let app = App::start().await;
    let member = app.insert_member("known").await;
    let (mut one, page) = at_email(&app).await;
    let form = page.form("/register/email");
    let known = one.press(&form.with("email", &member.email)).await;
    let (mut other, page) = at_email(&app).await;
    let form = page.form("/register/email");
    let unknown = other.press(&form.with("email", "other@mail.example")).await;
    assert_eq!(outside(&known), outside(&unknown));
    assert_eq!(known.body, unknown.body);
    let (page_known, page_unknown) = (one.get("/register/code").await, other.get("/register/code").await);
    assert_eq!(anonymous(&page_known, &member.email), anonymous(&page_unknown, "other@mail.example"));

    // The letters differ: the owner of the address learns of it, and gets no code.
    let letters = app.letters_to(&member.email).await;
    assert!(matches!(letters.as_slice(), [Letter::AlreadyMember { sign_in_url }] if sign_in_url == &app.url("/login")));
    assert!(matches!(app.letters_to("other@mail.example").await.as_slice(), [Letter::ConfirmEmail { .. }]));

    // Guesses are judged alike, too.
    let wrong = |page: &Page| page.form("/register/code").with("code", "000000");
    let (known, unknown) = (one.submit(wrong(&page_known)).await, other.submit(wrong(&page_unknown)).await);
    assert_eq!(fault(&known, "code"), fault(&unknown, "code"));
    assert_eq!(anonymous(&known, &member.email), anonymous(&unknown, "other@mail.example"));
}

#[tokio::test]
async fn s064_an_address_in_other_letters_is_known_all_the_same() {
    let app = App::start().await;
    app.insert_member("known").await;
    at_code(&app, "KNOWN@Mail.Example").await;
    assert!(matches!(app.letters_to("KNOWN@Mail.Example").await.as_slice(), [Letter::AlreadyMember { .. }]));
}

#[tokio::test]
async fn an_account_that_is_stopped_or_ended_is_answered_like_any_other() {
    let app = App::start().await;
    let stopped = app.insert_member("stopped").await;
    app.store.suspend(stopped.id, "a test", app.now(), &[], &[]).await.unwrap();
    let leaving = app.insert_member("leaving").await;
    app.store.schedule_deletion(leaving.id, app.now() + TimeDelta::days(30), app.now(), &[], &[]).await.unwrap();
    let mut pages = Vec::new();
    for email in ["stopped@mail.example", "leaving@mail.example", "nobody@mail.example"] {
        let (_, page) = at_code(&app, email).await;
        pages.push(anonymous(&page, email));
    }
    assert_eq!(pages[0], pages[2]);
    assert_eq!(pages[1], pages[2]);
}

#[tokio::test]
async fn one_mailbox_gets_six_codes_in_an_hour_whoever_asks() {
    let app = App::start().await;
    app.insert_member("known").await;
    for email in ["ana@mail.example", "known@mail.example"] {
        for _ in 0..6 {
            at_code(&app, email).await;
        }
        let (mut browser, page) = at_email(&app).await;
        let page = browser.submit(page.form("/register/email").with("email", email)).await;
        assert_eq!(fault(&page, "email"), "ท่านทำรายการบ่อยเกินไป กรุณารอสักครู่แล้วลองใหม่");
        assert_eq!(page.form("/register/email").value("email"), email);
        assert_eq!(app.letters_to(email).await.len(), 6);
    }
    app.advance(TimeDelta::minutes(61));
    at_code(&app, "ana@mail.example").await;
}

#[tokio::test]
async fn the_address_can_be_changed_until_it_is_proven() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, "first@mail.example").await;
    let first = app.mailed_code("first@mail.example").await;
    assert_eq!(page.attribute(".after a", "href").unwrap(), "/register/email");
    let page = browser.get("/register/email").await;
    assert_eq!(page.form("/register/email").value("email"), "first@mail.example");
    let page = browser.submit(page.form("/register/email").with("email", "second@mail.example")).await;
    assert!(page.text(".lead").contains("second@mail.example"));
    let page = browser.submit(page.form("/register/code").with("code", &first)).await;
    fault(&page, "code");
    let second = app.mailed_code("second@mail.example").await;
    let page = browser.submit(page.form("/register/code").with("code", &second)).await;
    assert_eq!(page.text(".confirmed .address"), "second@mail.example");
    // Proven now: there is no way back to another address in this registration.
    assert_eq!(browser.get("/register/email").await.place(), "/register/details");
}
