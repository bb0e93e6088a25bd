//! Who is too young to decide alone (PDPA s.20): refused up to ten years, with a guardian's word up to twenty.

use idp_core::audit::Action;
use idp_tests::{App, Browser, Form, Page, filled_details};

/// The form of the last step, for a new address.
async fn at_details(app: &App, email: &str) -> (Browser, Form) {
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    let page = browser.submit(page.form("/register/email").with("email", email)).await;
    let code = app.mailed_code(email).await;
    let page = browser.submit(page.form("/register/code").with("code", &code)).await;
    (browser, filled_details(page.form("/register/details")))
}

fn born(form: Form, day: &str, month: &str, year: &str) -> Form {
    form.with("birth_day", day).with("birth_month", month).with("birth_year", year)
}

fn again(page: &Page) -> Form {
    page.form("/register/details").with("password", idp_tests::PASSWORD)
}

#[tokio::test]
async fn up_to_ten_years_nobody_registers_alone() {
    let app = App::start().await;
    let (mut browser, form) = at_details(&app, "kid@mail.example").await;
    let form = born(form, "3", "11", "2559").with("guardian_agrees", "yes");
    let page = app.unchanged(browser.submit(form)).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#birth_year-error").contains("ผู้ใช้อำนาจปกครอง"), "{}", page.text("main"));
}

#[tokio::test]
async fn under_twenty_a_guardian_knows_and_agrees_and_that_is_kept() {
    let app = App::start().await;
    let (mut browser, form) = at_details(&app, "teen@mail.example").await;
    let page = app.unchanged(browser.submit(born(form, "3", "11", "2549"))).await;
    assert_eq!(page.status, 422);
    assert!(page.has("#guardian_agrees-error") && !page.has("#guardian_agrees[checked]"));
    let page = browser.submit(again(&page).with("guardian_agrees", "yes")).await;
    assert_eq!(page.place(), "/welcome", "{}", page.text("main"));
    let stored = app.store.account_by_email("teen@mail.example").await.unwrap().unwrap();
    let lines = app.store.events_of(stored.account.id, &[Action::AccountRegistered], 9).await.unwrap();
    assert_eq!(lines[0].detail.as_deref(), Some(r#"{"guardian_agrees":true}"#));
}

#[tokio::test]
async fn from_twenty_years_on_nobody_is_asked() {
    let app = App::start().await;
    let (mut browser, form) = at_details(&app, "grown@mail.example").await;
    let page = browser.submit(born(form, "2", "11", "2549")).await;
    assert_eq!(page.place(), "/welcome", "{}", page.text("main"));
}
