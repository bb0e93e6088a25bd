//! `/not-me`: the link in the notice of a verification.

use chrono::TimeDelta;
use idp_tests::{App, Letter, Member};

/// The path of the link in the notice.
async fn link(app: &App, member: &Member) -> String {
    let letters = app.letters_to(&member.email).await;
    let url = letters.into_iter().rev().find_map(|letter| match letter {
        Letter::Verified { not_me_url, .. } => Some(not_me_url),
        _ => None,
    });
    let url = url.expect("the notice was mailed");
    url.strip_prefix(app.issuer()).expect("the link is on the configured issuer").to_owned()
}

#[tokio::test]
async fn s119_the_notice_goes_out_at_once_with_date_and_method() {
    let app = App::start().await;
    let ana = app.permanent("ana").await;
    let letters = app.letters_to(&ana.email).await;
    let Some(Letter::Verified { name, method_key, at, .. }) = letters.last() else { panic!("{letters:?}") };
    assert_eq!(*at, app.now());
    assert_eq!(method_key, "registry");
    // Under the name it was registered with; the profile now says what was matched.
    assert_ne!(*name, ana.account().await.profile.full_name());
}

#[tokio::test]
async fn s119_the_link_freezes_the_account_and_ends_its_sessions() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.permanent("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let tokens = rp.sign_in(&mut elsewhere).await;
    let path = link(&app, &ana).await;
    // Anybody's mail program opens it: nothing happens yet.
    let mut owner = app.browser();
    let page = app.unchanged(owner.get(&path)).await;
    assert!(page.text(".lead").contains("2 พฤศจิกายน 2569 เวลา 10.00 น."), "{}", page.text(".lead"));
    assert!(ana.browser.is_signed_in().await);
    let form = page.form("/not-me");
    let page = owner.submit(form.clone()).await;
    assert!(page.has("#not-me-done"));
    assert!(!ana.browser.is_signed_in().await);
    assert!(!elsewhere.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(rp.userinfo(&tokens.access).await.status, 401);
    let page = ana.elsewhere().sign_in().await;
    assert_eq!(page.status, 403, "nobody signs in until an officer has looked");
    // The second use is refused, as a link and as a form.
    app.unchanged(owner.get(&path)).await.expect_error(410, "link_expired");
    app.unchanged(owner.submit(form)).await.expect_error(410, "link_expired");
    let actions: Vec<String> =
        app.store.events_about(ana.id, 20).await.unwrap().into_iter().map(|line| line.action).collect();
    assert!(actions.contains(&"badge.disputed".to_owned()), "{actions:?}");
}

#[tokio::test]
async fn one_of_twenty_uses_at_once_counts() {
    let app = App::start().await;
    let ana = app.permanent("ana").await;
    let path = link(&app, &ana).await;
    let mut owner = app.browser();
    let form = owner.get(&path).await.form("/not-me");
    let uses = (0..20).map(|_| {
        let (mut owner, form) = (owner.clone(), form.clone());
        tokio::spawn(async move { owner.submit(form).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for used in uses.collect::<Vec<_>>() {
        statuses.push(used.await.unwrap());
    }
    assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 410].contains(status)), "{statuses:?}");
    let disputes = app.store.events_about(ana.id, 100).await.unwrap();
    assert_eq!(disputes.iter().filter(|line| line.action == "badge.disputed").count(), 1);
}

#[tokio::test]
async fn a_link_lasts_thirty_days_and_none_can_be_made_up() {
    let app = App::start().await;
    let ana = app.permanent("ana").await;
    let path = link(&app, &ana).await;
    let mut owner = app.browser();
    let form = owner.get(&path).await.form("/not-me");
    for token in ["", "short", &"A".repeat(43), &form.value("token").to_lowercase()] {
        app.unchanged(owner.get(&format!("/not-me?token={token}"))).await.expect_error(410, "link_expired");
        app.unchanged(owner.submit(form.clone().with("token", token))).await.expect_error(410, "link_expired");
    }
    app.advance(TimeDelta::days(30));
    app.unchanged(owner.submit(form)).await.expect_error(410, "link_expired");
}

#[tokio::test]
async fn s071_its_address_is_the_configured_one_whatever_the_request_says() {
    let app = App::start().await;
    let mut ana = app.member("ana").await;
    let page = ana.browser.get("/verify/public").await;
    let form = idp_tests::filled_card(page.form("/verify/public"), &idp_verify::registry::citizens()[0]);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let cookies: Vec<String> = ana.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = axum::http::Request::post("/verify/public")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookies.join("; "))
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("x-forwarded-proto", "https")
        .header("forwarded", "host=evil.test;proto=https");
    let reply = app.send(request.body(axum::body::Body::from(body)).unwrap()).await.expect(303);
    assert_eq!(reply.header("location"), "/verify/done");
    assert!(link(&app, &ana).await.starts_with("/not-me?token="));
}
