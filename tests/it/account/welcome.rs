//! `/welcome`: the green button and the blue button.

use chrono::TimeDelta;
use idp_tests::{Answer, App};

#[tokio::test]
async fn it_is_for_temporary_members_who_are_signed_in() {
    let app = App::start().await;
    assert_eq!(app.browser().get("/welcome").await.place(), "/login");
    let mut permanent = app.insert_permanent("per").await;
    assert_eq!(permanent.browser.get("/welcome").await.place(), "/profile");
    let mut temporary = app.insert_member("tem").await;
    assert_eq!(temporary.browser.get("/welcome").await.place(), "/welcome");
    app.advance(TimeDelta::days(61));
    temporary.sign_in().await;
    assert_eq!(temporary.browser.get("/welcome").await.place(), "/profile");
}

#[tokio::test]
async fn the_green_button_keeps_the_sign_in_that_waits() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get(&rp.ask().path()).await;
    let request = page.form("/consent").value("request").to_owned();
    let page = ana.browser.get(&format!("/welcome?request={request}")).await;
    let page = ana.browser.get(&page.attribute("#become-permanent", "href").unwrap()).await;
    assert_eq!(page.place(), "/verify");
    assert!(page.text(".strip").contains("บริการทดสอบ"));
    // The blue one goes on with it.
    let page = ana.browser.get(&format!("/welcome?request={request}")).await;
    let page = ana.browser.submit(page.form("/welcome")).await;
    assert_eq!(page.place(), "/consent");
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    Answer::of(&page).code();
}

#[tokio::test]
async fn another_browsers_sign_in_is_not_taken_up() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut other = app.browser();
    let request = other.get(&rp.ask().path()).await.form("/login").value("request").to_owned();
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get(&format!("/welcome?request={request}")).await;
    assert!(!page.has(".strip"));
    let page = ana.browser.submit(page.form("/welcome").with("request", &request)).await;
    page.expect_error(400, "request_expired");
}
