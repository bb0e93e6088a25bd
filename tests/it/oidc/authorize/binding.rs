//! A waiting request belongs to one browser, and nothing in the browser changes it.

use chrono::TimeDelta;
use idp_tests::{Answer, App, encoded};

#[tokio::test]
async fn s007_what_is_altered_on_the_way_changes_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let rp = app.client("rp").scopes("openid email").await;
    let other = app.client("other").await;
    let ask = rp.ask();
    let evil = [
        ("client_id", other.id()),
        ("redirect_uri", other.redirect_uri.as_str()),
        ("scope", "openid email profile phone"),
        ("response_type", "token"),
        ("response_mode", "form_post"),
        ("state", "evil"),
        ("nonce", "evil"),
        ("prompt", "none"),
    ];
    // In the links,
    let page = ana.browser.get(&ask.path()).await;
    let handle = page.form("/login").value("request").to_owned();
    let page = ana.browser.get(&format!("/login?request={handle}&{}", encoded(&evil))).await;
    assert!(page.html.contains("บริการทดสอบ"));
    // in the sign-in form,
    let mut form = page.form("/login").with("username", &ana.email).with("password", &ana.password);
    form.fields.extend(evil.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let page = ana.browser.submit(form).await;
    assert_eq!(page.place(), "/consent");
    // in the consent form,
    let mut form = page.form("/consent").with("decision", "allow");
    form.fields.extend(evil.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let reply = ana.browser.press(&form).await.expect(303);
    // and on the way back.
    let page = ana.browser.get(&format!("{}&{}", reply.header("location"), encoded(&evil))).await;
    let answer = Answer::of(&page);
    assert_eq!((answer.address.as_str(), answer.is_form), (rp.redirect_uri.as_str(), false));
    assert_eq!(answer.get("state"), ask.get("state").unwrap());
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.scope, "openid email");
}

#[tokio::test]
async fn s007_another_requests_name_or_none_at_all_is_a_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = ana.browser.get(&rp.ask().path()).await;
    let handle = page.form("/consent").value("request").to_owned();
    for bad in ["", "x", &handle[1..], &format!("{}A", &handle[1..]), &format!("{handle}A"), "../../etc", "%00"] {
        for path in ["/authorize/resume", "/authorize/cancel", "/consent"] {
            let page = app.unchanged(ana.browser.get(&format!("{path}?request={bad}"))).await;
            assert_eq!((page.status.as_u16(), page.away), (400, None), "{path} {bad}");
        }
    }
    for path in ["/authorize/resume", "/authorize/cancel", "/consent"] {
        let page = app.unchanged(ana.browser.get(path)).await;
        assert_eq!((page.status.as_u16(), page.away), (400, None), "{path}");
    }
    // Without the cookie that the request is bound to, its name is worth nothing.
    ana.browser.cookies.remove("browser");
    let page = app.unchanged(ana.browser.get(&format!("/authorize/resume?request={handle}"))).await;
    page.expect_error(400, "request_expired");
}

#[tokio::test]
async fn s008_a_request_begun_in_another_browser_gives_nothing() {
    let app = App::start().await;
    let mut victim = app.insert_member("victim").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut victim).await;
    let mut attacker = app.browser();
    let page = attacker.get(&rp.ask().path()).await;
    let handle = page.form("/login").value("request").to_owned();
    for path in ["/authorize/resume", "/authorize/cancel", "/consent"] {
        let page = app.unchanged(victim.browser.get(&format!("{path}?request={handle}"))).await;
        page.expect_error(400, "request_expired");
    }
    // The victim's own sign-in at the attacker's link ends at a page, without a code.
    let mut fresh = victim.elsewhere();
    let page = fresh.browser.get(&format!("/login?request={handle}")).await;
    assert!(!page.html.contains("บริการทดสอบ"), "the service of the link is not vouched for");
    let page = fresh.sign_in_at(&page).await;
    page.expect_error(400, "request_expired");
    // And the attacker, who still holds the link, is not signed in by that.
    let page = attacker.get(&format!("/authorize/resume?request={handle}")).await;
    page.expect_at("/login");
}

#[tokio::test]
async fn s008_a_form_of_another_browser_is_refused() {
    let app = App::start().await;
    let mut victim = app.insert_member("victim").await;
    let rp = app.client("rp").await;
    let attacker = app.insert_member("attacker").await;
    let mut theirs = attacker.elsewhere();
    let page = theirs.browser.get(&rp.ask().path()).await;
    let form = page.form("/login").with("username", &attacker.email).with("password", &attacker.password);
    // Login CSRF: the attacker's form and password in the victim's browser.
    victim.browser.get("/terms").await;
    let page = app.unchanged(victim.browser.submit(form.clone())).await;
    page.expect_error(403, "form_expired");
    let mut nobody = app.browser();
    app.unchanged(nobody.submit(form)).await.expect_error(403, "form_expired");
    assert!(!nobody.is_signed_in().await);
}

#[tokio::test]
async fn s010_giving_up_a_second_sign_in_leaves_the_session_as_it_was() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let before = rp.sign_in(&mut ana).await;
    for wish in [("prompt", "login"), ("max_age", "0")] {
        app.advance(TimeDelta::seconds(10));
        let ask = rp.ask().with(wish.0, wish.1);
        let page = ana.browser.get(&ask.path()).await;
        let handle = page.form("/login").value("request").to_owned();
        let page = ana.browser.get(&format!("/authorize/cancel?request={handle}")).await;
        Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
        // The request is over.
        let page = ana.browser.get(&format!("/authorize/resume?request={handle}")).await;
        page.expect_error(400, "request_expired");
        let after = rp.sign_in_with(&mut ana, rp.ask().with("prompt", "none")).await;
        assert_eq!(before.id.text("sid"), after.id.text("sid"));
        assert_eq!(before.id.number("auth_time"), after.id.number("auth_time"));
    }
}

#[tokio::test]
async fn s010_signing_in_as_another_member_never_mixes_the_two() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut bo = app.insert_member("bo").await;
    let rp = app.client("rp").await;
    let anas = rp.sign_in(&mut ana).await;
    let bos = rp.sign_in(&mut bo).await;
    app.advance(TimeDelta::seconds(10));
    let ask = rp.ask().with("max_age", "0");
    let page = ana.browser.get(&ask.path()).await;
    let form = page.form("/login").with("username", &bo.email).with("password", &bo.password);
    let answer = Answer::of(&ana.browser.submit(form).await);
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.id.text("sub"), bos.id.text("sub"));
    assert!(tokens.id.number("auth_time") > bos.id.number("auth_time"));
    assert!(![anas.id.text("sid"), bos.id.text("sid")].contains(&tokens.id.text("sid")));
    // What the first member's session gave is over with it; the second member's other session lives.
    rp.userinfo(&anas.access).await.expect(401);
    rp.refresh(&anas.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&bos.access).await.expect(200);
}

#[tokio::test]
async fn a_reload_of_the_sign_in_page_goes_on_and_a_second_tab_too() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let rp = app.client("rp").await;
    let (first, second) = (rp.ask(), rp.ask());
    let page = ana.browser.get(&first.path()).await;
    let other_tab = ana.browser.get(&second.path()).await;
    let page = ana.browser.get(&page.path).await;
    let page = ana.sign_in_at(&page).await;
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    assert_eq!(Answer::of(&page).get("state"), first.get("state").unwrap());
    // The other tab's form was made before the sign-in; its page, opened anew, goes on.
    let page = ana.browser.get(&other_tab.path.replace("/login", "/authorize/resume")).await;
    assert_eq!(Answer::of(&page).get("state"), second.get("state").unwrap());
}

#[tokio::test]
async fn a_request_that_waits_too_long_is_a_page_with_a_way_on() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    let page = browser.get(&rp.ask().path()).await;
    let resume = page.path.replace("/login", "/authorize/resume");
    app.advance(TimeDelta::minutes(119));
    assert_eq!(browser.get(&resume).await.place(), "/login");
    app.advance(TimeDelta::minutes(2));
    let page = browser.get(&resume).await;
    page.expect_error(400, "request_expired");
    assert!(page.has("main a[href]"), "no dead end");
}
