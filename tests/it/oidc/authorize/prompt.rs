//! `prompt`, `max_age` and `id_token_hint`: who must sign in again, and what may be asked.

use chrono::TimeDelta;
use idp_tests::{Answer, App, Ask, Client, Member, with_part};

use crate::oidc::logout::other_signed;

async fn silent(member: &mut Member, ask: &Ask) -> Answer {
    Answer::of(&member.browser.get(&ask.clone().with("prompt", "none").path()).await)
}

async fn linked(app: &App) -> (Member, Client) {
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::seconds(10));
    (ana, rp)
}

#[tokio::test]
async fn prompt_none_without_session_is_login_required() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let ask = rp.ask().with("state", &"s".repeat(128)).with("prompt", "none");
    let answer = Answer::of(&app.unchanged(app.browser().get(&ask.path())).await);
    answer.expect_error("login_required", &ask, app.issuer());
}

#[tokio::test]
async fn prompt_none_with_a_session_answers_without_a_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::seconds(10));
    let ask = rp.ask().with("prompt", "none");
    let reply = ana.browser.look(&ask.path()).await.expect(303);
    assert!(reply.header("location").starts_with("https://rp.test/cb?code="));
    let second = rp.sign_in_with(&mut ana, ask).await;
    for claim in ["sub", "auth_time", "sid", "acr"] {
        assert_eq!(first.id.claims[claim], second.id.claims[claim], "{claim}");
    }
}

#[tokio::test]
async fn prompt_none_before_consent_is_consent_required() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    app.unchanged(silent(&mut ana, &ask)).await.expect_error("consent_required", &ask, app.issuer());
}

#[tokio::test]
async fn prompt_none_stands_alone_and_unknown_prompts_are_refused() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    for prompt in ["none login", "consent none", "none select_account", "create", "NONE", "none\u{a0}"] {
        let ask = rp.ask().with("prompt", prompt);
        let answer = Answer::of(&ana.browser.get(&ask.path()).await);
        answer.expect_error("invalid_request", &ask, app.issuer());
    }
}

#[tokio::test]
async fn prompt_login_makes_a_member_sign_in_again() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    let first = rp.sign_in(&mut ana).await;
    let ask = rp.ask().with("prompt", "login");
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!((page.place(), page.attribute("#username", "value")), ("/login", Some(ana.email.clone())));
    app.advance(TimeDelta::seconds(10));
    let answer = Answer::of(&ana.sign_in_at(&page).await);
    let reply = rp.exchange(&ask, answer.code()).await.expect(200);
    let second = rp.read(reply, ask.get("nonce")).await;
    assert!(second.id.number("auth_time") > first.id.number("auth_time"));
    assert_eq!(second.id.text("sub"), first.id.text("sub"));
    assert_ne!(second.id.text("sid"), first.id.text("sid"), "a new sid at every sign-in");
    // Once is enough: the same request does not ask again, whatever time the pages take.
    assert_eq!(silent(&mut ana, &rp.ask()).await.error(), "");
}

#[tokio::test]
async fn prompt_login_is_not_satisfied_by_waiting_or_by_coming_back() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    let page = ana.browser.get(&rp.ask().with("prompt", "login").path()).await;
    let handle = page.form("/login").value("request").to_owned();
    let page = ana.browser.get(&format!("/authorize/resume?request={handle}")).await;
    page.expect_at("/login");
}

#[tokio::test]
async fn prompt_select_account_shows_the_sign_in_page() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    let mut bo = app.insert_member("bo").await;
    rp.sign_in(&mut bo).await;
    let ask = rp.ask().with("prompt", "select_account");
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/login");
    assert!(!page.has("#username[readonly]"), "anybody may sign in");
    let form = page.form("/login").with("username", &bo.email).with("password", &bo.password);
    let answer = Answer::of(&ana.browser.submit(form).await);
    let reply = rp.exchange(&ask, answer.code()).await.expect(200);
    assert_eq!(rp.read(reply, ask.get("nonce")).await.id.text("sub"), rp.sign_in(&mut bo).await.id.text("sub"));
}

#[tokio::test]
async fn prompt_consent_asks_again() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    for prompt in ["consent", "login consent"] {
        app.advance(TimeDelta::seconds(10));
        let ask = rp.ask().with("prompt", prompt);
        let mut page = ana.browser.get(&ask.path()).await;
        if prompt.contains("login") {
            page = ana.sign_in_at(&page).await;
        }
        assert_eq!(page.place(), "/consent");
        let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
        rp.exchange(&ask, Answer::of(&page).code()).await.expect(200);
    }
}

#[tokio::test]
async fn max_age_asks_again_when_the_sign_in_is_older() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::seconds(2));
    for max_age in ["1", "0"] {
        let ask = rp.ask().with("max_age", max_age);
        assert_eq!(silent(&mut ana, &ask).await.error(), "login_required");
        let page = ana.browser.get(&ask.path()).await;
        assert_eq!(page.place(), "/login");
        // The member takes a minute: the sign-in was made for this request all the same.
        app.advance(TimeDelta::seconds(60));
        let answer = Answer::of(&ana.sign_in_at(&page).await);
        let reply = rp.exchange(&ask, answer.code()).await.expect(200);
        let tokens = rp.read(reply, ask.get("nonce")).await;
        assert_eq!(tokens.id.number("auth_time"), app.now().timestamp());
        assert!(tokens.id.number("auth_time") > first.id.number("auth_time"));
        app.advance(TimeDelta::seconds(2));
    }
}

#[tokio::test]
async fn max_age_lets_a_fresher_sign_in_pass() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in_with(&mut ana, rp.ask().with("max_age", "15000")).await;
    app.advance(TimeDelta::seconds(20));
    let second = rp.sign_in_with(&mut ana, rp.ask().with("max_age", "10000").with("prompt", "none")).await;
    assert_eq!(first.id.number("auth_time"), second.id.number("auth_time"));
    assert_eq!(first.id.text("sub"), second.id.text("sub"));
    assert_eq!(silent(&mut ana, &rp.ask().with("max_age", "20")).await.error(), "");
    assert_eq!(silent(&mut ana, &rp.ask().with("max_age", "19")).await.error(), "login_required");
}

#[tokio::test]
async fn max_age_is_a_number_of_seconds() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    for max_age in ["-1", "+1", "1.5", "1e3", "soon", "0x10", " 1", "99999999999999999999", "١"] {
        let ask = rp.ask().with("max_age", max_age);
        let answer = Answer::of(&ana.browser.get(&ask.path()).await);
        answer.expect_error("invalid_request", &ask, app.issuer());
    }
}

#[tokio::test]
async fn an_id_token_hint_of_the_member_passes_however_old() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::minutes(20));
    let ask = rp.ask().with("id_token_hint", &tokens.id.token);
    assert_eq!(silent(&mut ana, &ask).await.error(), "");
    assert!(!rp.authorize(&mut ana, &ask).await.code().is_empty());
}

#[tokio::test]
async fn an_id_token_hint_of_somebody_else_is_login_required() {
    let app = App::start().await;
    let (mut ana, rp) = linked(&app).await;
    let mut bo = app.insert_member("bo").await;
    let bos = rp.sign_in(&mut bo).await;
    let ask = rp.ask().with("id_token_hint", &bos.id.token);
    silent(&mut ana, &ask).await.expect_error("login_required", &ask, app.issuer());
    // Signing in as the wrong one again never gives a code for somebody else.
    let page = ana.browser.get(&ask.path()).await;
    page.expect_at("/login");
    Answer::of(&ana.sign_in_at(&page).await).expect_error("login_required", &ask, app.issuer());
    app.advance(TimeDelta::seconds(5));
    let page = ana.browser.get(&ask.path()).await;
    let form = page.form("/login").with("username", &bo.email).with("password", &bo.password);
    let answer = Answer::of(&ana.browser.submit(form).await);
    let reply = rp.exchange(&ask, answer.code()).await.expect(200);
    assert_eq!(rp.read(reply, ask.get("nonce")).await.id.text("sub"), bos.id.text("sub"));
}

#[tokio::test]
async fn an_id_token_hint_that_is_not_ours_is_login_required() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let none = with_part(&tokens.id.token, 0, br#"{"alg":"none","typ":"JWT"}"#);
    let unsigned = none.rsplit_once('.').unwrap().0.to_owned() + ".";
    let (userinfo, answer) = other_signed(&app, &tokens.id.token);
    for hint in ["x", "a.b.c", &tokens.access, &none, &unsigned, &userinfo, &answer, &tokens.id.token[1..]] {
        let ask = rp.ask().with("id_token_hint", hint);
        silent(&mut ana, &ask).await.expect_error("login_required", &ask, app.issuer());
    }
}
