//! The way to ThaID: off unless configured, asked for no more than is needed, bound to the browser.

use axum::http::Method;
use idp_tests::App;
use url::Url;

use super::{leave, permanent, start};

#[tokio::test]
async fn without_an_issuer_there_is_no_thaid() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    for path in ["/thaid/begin?for=sign-in", "/thaid/callback?state=x", "/verify/thaid", "/profile/security/thaid"] {
        assert_eq!(ana.browser.get(path).await.status, 404, "{path}");
    }
    assert!(!ana.browser.get("/profile/security").await.has("#thaid"));
    let mut ben = app.insert_member("ben").await;
    assert!(!ben.browser.get("/verify").await.has("#verify-thaid"));
    assert!(!app.browser().get("/login").await.has("#sign-in-thaid"));
}

#[tokio::test]
async fn thaid_is_asked_for_what_is_needed_and_for_a_new_sign_in() {
    let app = start().await;
    let mut browser = app.browser();
    let url = Url::parse(&leave(&mut browser, "/thaid/begin?for=sign-in").await).unwrap();
    let get = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(get("scope").as_deref(), Some("openid pid ial"), "to find an account, no name and no date");
    assert_eq!(get("prompt").as_deref(), Some("login"));
    assert_eq!(get("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(get("response_type").as_deref(), Some("code"));
    assert_eq!(get("redirect_uri").as_deref(), Some("http://localhost:8080/thaid/callback"));
    assert_eq!(get("ui_locales").as_deref(), Some("th"));
    let mut ana = app.insert_member("ana").await;
    let verify = leave(&mut ana.browser, "/thaid/begin?for=verify").await;
    assert_eq!(app.thaid().scopes(&verify).as_deref(), Some("openid pid ial given_name family_name birthdate"));
    // Nothing that was drawn for one is drawn for another.
    let again = Url::parse(&leave(&mut browser, "/thaid/begin?for=sign-in").await).unwrap();
    for name in ["state", "nonce", "code_challenge"] {
        let other = again.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_ne!(get(name), other, "{name}");
        assert!(other.unwrap().len() >= 43);
    }
}

#[tokio::test]
async fn who_may_not_verify_is_not_sent_there_to_verify() {
    let app = start().await;
    assert_eq!(app.browser().get("/thaid/begin?for=verify").await.place(), "/login");
    assert_eq!(app.browser().get("/thaid/begin?for=renew").await.place(), "/login");
    let (mut ana, _) = permanent(&app, "ana").await;
    assert_eq!(ana.browser.get("/thaid/begin?for=verify").await.place(), "/profile");
    let mut ben = app.insert_member("ben").await;
    assert_eq!(ben.browser.get("/thaid/begin?for=renew").await.place(), "/verify");
}

#[tokio::test]
async fn a_link_on_another_site_leads_no_further_than_to_the_sign_in_page() {
    let app = start().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    for (site, place) in [("cross-site", "/login"), ("same-site", "/login")] {
        let request = browser.request(Method::GET, "/thaid/begin?for=sign-in").header("sec-fetch-site", site);
        let reply = app.send_from(browser.address, request.body(axum::body::Body::empty()).unwrap()).await.expect(303);
        assert_eq!(reply.header("location"), place, "{site}");
    }
}

#[tokio::test]
async fn whoever_goes_there_again_and_again_is_told_to_wait() {
    let app = App::start_with_thaid(|config| config.throttle.per_origin_per_minute = 3).await;
    let mut browser = app.browser();
    for _ in 0..3 {
        leave(&mut browser, "/thaid/begin?for=sign-in").await;
    }
    assert_eq!(browser.get("/thaid/begin?for=sign-in").await.status, 429);
    assert!(app.browser().get("/thaid/begin?for=sign-in").await.away.is_some(), "others are not");
}
