//! Registration, step by step, as the ministry's guide tells it.

mod choose_type;
mod code;
mod details;
mod email;
mod minors;
mod race;
mod somebody_elses;
mod terms;
mod walk;
mod whole_way;

use idp_tests::{App, Browser, Page};

/// A browser at the terms.
pub(crate) async fn at_terms(app: &App) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    assert_eq!(page.place(), "/register/terms");
    (browser, page)
}

/// A browser that has accepted the terms.
pub(crate) async fn at_email(app: &App) -> (Browser, Page) {
    let (mut browser, page) = at_terms(app).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    assert_eq!(page.place(), "/register/email");
    (browser, page)
}

/// A browser that waits for the code mailed to `email`.
pub(crate) async fn at_code(app: &App, email: &str) -> (Browser, Page) {
    let (mut browser, page) = at_email(app).await;
    let page = browser.submit(page.form("/register/email").with("email", email)).await;
    assert_eq!(page.place(), "/register/code");
    (browser, page)
}

/// A browser that has proven the mailbox `email`.
pub(crate) async fn at_details(app: &App, email: &str) -> (Browser, Page) {
    let (mut browser, page) = at_code(app, email).await;
    let code = app.mailed_code(email).await;
    let page = browser.submit(page.form("/register/code").with("code", &code)).await;
    assert_eq!(page.place(), "/register/details");
    (browser, page)
}

/// The text beside a field, and the link to it in the summary: what is wrong, said twice where people look.
#[track_caller]
pub(crate) fn fault(page: &Page, field: &str) -> String {
    assert_eq!(page.status, 422, "{}", page.html);
    let beside = page.text(&format!("#{field}-error"));
    assert!(!beside.is_empty(), "nothing is said about {field}: {}", page.text("#error-summary"));
    assert_eq!(page.text(&format!("#error-summary a[href='#{field}']")), beside);
    assert!(page.has(&format!("[name={field}]")), "the summary leads to the field");
    assert!(page.text("title").starts_with("โปรดแก้ไข: "));
    beside
}
