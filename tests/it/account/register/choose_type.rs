//! `/register`: the kind of member.

use idp_tests::App;

use super::fault;

#[tokio::test]
async fn four_kinds_are_shown_and_two_are_open() {
    let app = App::start().await;
    let page = app.browser().get("/register").await;
    assert_eq!(page.text("h1"), "เลือกประเภทสมาชิก");
    let names = page.texts(".door strong");
    assert_eq!(names, ["ประชาชนทั่วไป", "บุคลากรกระทรวงพาณิชย์", "นิติบุคคล", "ชาวต่างชาติ"]);
    assert_eq!(page.texts("button[name=member_type]:not([disabled]) strong"), names[..2]);
    assert_eq!(page.texts("button[disabled] strong"), names[2..]);
    assert_eq!(page.texts("button[disabled] .soon"), ["เร็ว ๆ นี้", "เร็ว ๆ นี้"]);
}

#[tokio::test]
async fn a_kind_that_is_not_open_is_answered_with_the_question_again() {
    let app = App::start().await;
    for kind in ["", "juristic", "foreign", "admin", "PUBLIC", "public,staff"] {
        let mut browser = app.browser();
        let page = browser.get("/register").await;
        let form = page.form("/register").with("member_type", kind);
        let page = app.unchanged(browser.submit(form)).await;
        assert_eq!(fault(&page, "member_type"), "กรุณาเลือกประเภทสมาชิก");
        assert_eq!(browser.cookie("registration"), None);
    }
}

#[tokio::test]
async fn ministry_personnel_find_their_kind_chosen_in_the_form() {
    let app = App::start().await;
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "staff")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    assert!(page.text("main").contains("ส่วนอีเมลของกระทรวงจะใช้ในขั้นตอนยืนยันตัวตน"));
    let page = browser.submit(page.form("/register/email").with("email", "ana@mail.example")).await;
    let code = app.mailed_code("ana@mail.example").await;
    let page = browser.submit(page.form("/register/code").with("code", &code)).await;
    assert_eq!(page.form("/register/details").value("personnel_type"), "inside");
}

#[tokio::test]
async fn who_is_signed_in_is_led_to_their_profile() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    assert_eq!(ana.browser.get("/register").await.place(), "/profile");
}

#[tokio::test]
async fn one_origin_cannot_begin_registrations_without_end() {
    let app = App::start().await;
    let mut browser = app.browser();
    let form = browser.get("/register").await.form("/register").with("member_type", "public");
    for _ in 0..300 {
        assert_eq!(browser.press(&form).await.status, 303);
    }
    let refused = app.unchanged(browser.submit(form.clone())).await;
    refused.expect_error(429, "too_many_requests");
    assert!(refused.headers.contains_key("retry-after"));
    // Somebody elsewhere is not held up, and neither is this origin an hour later.
    let mut other = app.browser();
    let page = other.get("/register").await;
    let page = other.submit(page.form("/register").with("member_type", "public")).await;
    assert_eq!(page.place(), "/register/terms");
    app.advance(chrono::TimeDelta::minutes(61));
    assert_eq!(browser.press(&form).await.header("location"), "/register/terms");
}
