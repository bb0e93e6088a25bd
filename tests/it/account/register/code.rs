//! `/register/code`: six digits prove the mailbox, for ten minutes, five guesses and once.

use chrono::TimeDelta;
use idp_tests::{App, Letter, filled_details};

use super::{at_code, at_details, fault};

const EMAIL: &str = "ana@mail.example";

fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn the_page_tells_where_it_went_and_which_mail_it_is() {
    let app = App::start().await;
    let (_, page) = at_code(&app, EMAIL).await;
    let [Letter::ConfirmEmail { reference, minutes, .. }] = &app.letters_to(EMAIL).await[..] else {
        panic!("one mail with a code");
    };
    assert_eq!(page.text("h1"), "กรอกรหัสยืนยัน 6 หลัก");
    assert_eq!(page.text(".lead"), format!("ส่งรหัสไปที่ {EMAIL} แล้ว (รหัสอ้างอิง {reference})"));
    assert_eq!(*minutes, 10);
    assert_eq!(page.attribute("#code", "autocomplete").as_deref(), Some("one-time-code"));
    assert_eq!(page.attribute("#code", "inputmode").as_deref(), Some("numeric"));
}

#[tokio::test]
async fn five_wrong_guesses_spend_it() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, EMAIL).await;
    let code = app.mailed_code(EMAIL).await;
    let form = page.form("/register/code");
    for left in [4, 3, 2, 1] {
        let page = browser.submit(form.clone().with("code", &another(&code))).await;
        assert!(fault(&page, "code").contains(&format!("(เหลือ {left} ครั้ง)")));
        assert_eq!(page.form("/register/code").value("code"), "", "a code is never shown again");
    }
    let page = browser.submit(form.clone().with("code", &another(&code))).await;
    assert!(fault(&page, "code").starts_with("รหัสยืนยันหมดอายุหรือกรอกผิดเกินจำนวนครั้งที่กำหนด"));
    let page = browser.submit(form.with("code", &code)).await;
    assert!(fault(&page, "code").starts_with("รหัสยืนยันหมดอายุหรือกรอกผิดเกินจำนวนครั้งที่กำหนด"));
    assert_eq!(browser.get("/register/details").await.place(), "/register/code");
}

#[tokio::test]
async fn what_is_not_six_digits_costs_no_guess() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, EMAIL).await;
    let form = page.form("/register/code");
    for typed in ["", "12345", "1234567", "๑๒๓"] {
        let page = app.unchanged(browser.submit(form.clone().with("code", typed))).await;
        assert_eq!(fault(&page, "code"), "รหัสยืนยันไม่ถูกต้องหรือหมดอายุ");
    }
    let page = browser.submit(form.with("code", &app.mailed_code(EMAIL).await)).await;
    assert_eq!(page.place(), "/register/details");
}

#[tokio::test]
async fn it_is_good_for_ten_minutes() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, EMAIL).await;
    let form = page.form("/register/code").with("code", &app.mailed_code(EMAIL).await);
    let mut later = browser.clone();
    app.advance(TimeDelta::minutes(10) + TimeDelta::milliseconds(1));
    let page = later.submit(form.clone()).await;
    assert!(fault(&page, "code").starts_with("รหัสยืนยันหมดอายุ"));
    app.advance(TimeDelta::milliseconds(-1));
    assert_eq!(browser.submit(form).await.place(), "/register/details");
}

#[tokio::test]
async fn it_may_be_typed_in_any_digits_and_with_spaces() {
    let app = App::start().await;
    let thai = |code: &str| code.chars().map(|digit| char::from_u32(digit as u32 + 0x0e50 - 0x30).unwrap()).collect();
    let wide = |code: &str| code.chars().map(|digit| char::from_u32(digit as u32 + 0xff10 - 0x30).unwrap()).collect();
    let spaced = |code: &str| format!(" {} {}\u{200b}", &code[..3], &code[3..]);
    let ways: [&dyn Fn(&str) -> String; 3] = [&thai, &wide, &spaced];
    for (number, way) in ways.into_iter().enumerate() {
        let email = format!("ana{number}@mail.example");
        let (mut browser, page) = at_code(&app, &email).await;
        let typed = way(&app.mailed_code(&email).await);
        let page = browser.submit(page.form("/register/code").with("code", &typed)).await;
        assert_eq!(page.place(), "/register/details", "{typed}");
    }
}

#[tokio::test]
async fn another_is_mailed_after_a_minute_and_the_first_is_dead() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, EMAIL).await;
    let first = app.mailed_code(EMAIL).await;
    let again = page.form("/register/code/resend");
    assert!(page.text("form[action='/register/code/resend'] button").contains("60"));
    app.advance(TimeDelta::milliseconds(59_999));
    let page = app.unchanged(browser.submit(again.clone())).await;
    assert_eq!(fault(&page, "code"), "กรุณารอ 1 นาทีก่อนขอรหัสใหม่");
    app.advance(TimeDelta::milliseconds(1));
    let page = browser.submit(again).await;
    assert_eq!((page.place(), page.status.as_u16()), ("/register/code", 200));
    let second = app.mailed_code(EMAIL).await;
    assert_eq!(app.letters_to(EMAIL).await.len(), 2);
    if first != second {
        let page = browser.submit(page.form("/register/code").with("code", &first)).await;
        fault(&page, "code");
    }
    let page = browser.submit(page.form("/register/code").with("code", &second)).await;
    assert_eq!(page.place(), "/register/details");
}

#[tokio::test]
async fn another_code_brings_fresh_guesses() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, EMAIL).await;
    let code = app.mailed_code(EMAIL).await;
    for _ in 0..6 {
        browser.submit(page.form("/register/code").with("code", &another(&code))).await;
    }
    app.advance(TimeDelta::minutes(1));
    let page = browser.submit(page.form("/register/code/resend")).await;
    let page = browser.submit(page.form("/register/code").with("code", &app.mailed_code(EMAIL).await)).await;
    assert_eq!(page.place(), "/register/details");
}

#[tokio::test]
async fn guesses_made_at_once_are_counted_one_by_one() {
    let app = App::start().await;
    let (browser, page) = at_code(&app, EMAIL).await;
    let code = app.mailed_code(EMAIL).await;
    let guesses = (0..20).map(|_| {
        let (mut browser, form) = (browser.clone(), page.form("/register/code").with("code", &another(&code)));
        tokio::spawn(async move { browser.submit(form).await.text("#code-error") })
    });
    let mut judged = 0;
    for guess in guesses.collect::<Vec<_>>() {
        judged += usize::from(guess.await.unwrap().contains("เหลือ"));
    }
    assert_eq!(judged, 4, "the fifth spends it, and nobody looks at the others");
    let page = browser.clone().submit(page.form("/register/code").with("code", &code)).await;
    fault(&page, "code");
}

#[tokio::test]
async fn it_belongs_to_one_registration() {
    let app = App::start().await;
    let (_, _) = at_code(&app, EMAIL).await;
    let code = app.mailed_code(EMAIL).await;
    let (mut stranger, page) = at_code(&app, "stranger@mail.example").await;
    if code != app.mailed_code("stranger@mail.example").await {
        let page = stranger.submit(page.form("/register/code").with("code", &code)).await;
        fault(&page, "code");
    }
}

#[tokio::test]
async fn it_is_used_once() {
    let app = App::start().await;
    let (mut browser, page) = at_code(&app, EMAIL).await;
    let form = page.form("/register/code").with("code", &app.mailed_code(EMAIL).await);
    let page = browser.submit(form.clone()).await;
    browser.submit(filled_details(page.form("/register/details"))).await;
    // The registration is over; its cookie, kept by somebody, leads to the beginning.
    let (mut kept, _) = at_details(&app, "other@mail.example").await;
    let cookie = kept.cookie("registration").unwrap().to_owned();
    let page = kept.get("/register/details").await;
    kept.submit(filled_details(page.form("/register/details"))).await;
    let mut replay = app.browser();
    replay.cookies.insert("registration".to_owned(), cookie);
    for step in ["/register/terms", "/register/email", "/register/code", "/register/details"] {
        assert_eq!(replay.get(step).await.place(), "/register");
    }
}
