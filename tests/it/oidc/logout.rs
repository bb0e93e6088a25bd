//! RP-initiated logout.

use chrono::TimeDelta;
use idp_core::client::ClientStatus;
use idp_core::jose::{Algorithm, SigningKey, TokenType};
use idp_tests::{Answer, App, Client, Member, Page, Tokens, decoded_part, with_part};

async fn start() -> (App, Member, Client, Tokens) {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    (app, ana, rp, tokens)
}

async fn is_signed_out(member: &mut Member, rp: &Client, tokens: &Tokens) {
    assert!(!member.browser.is_signed_in().await);
    assert_eq!(rp.ask_silently(&mut member.browser).await.error(), "login_required");
    rp.userinfo(&tokens.access).await.expect(401);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
}

/// Whatever is asked, the member stays here; after a confirmation too.
async fn never_leaves(member: &mut Member, path: &str) -> Page {
    let mut page = member.browser.get(path).await;
    assert_eq!(page.away, None, "{path}");
    if page.has("form[action='/signout/confirm']") {
        page = member.browser.submit(page.form("/signout/confirm")).await;
        assert_eq!(page.away, None, "{path}");
        assert!(page.has("#signed-out"));
    }
    page
}

#[tokio::test]
async fn with_a_hint_the_member_is_signed_out_and_sent_back_with_the_state() {
    let (_, mut ana, rp, tokens) = start().await;
    let state = "s".repeat(128);
    let path = rp.logout_path(&[
        ("id_token_hint", &tokens.id.token),
        ("post_logout_redirect_uri", rp.after_logout().as_str()),
        ("state", &state),
    ]);
    let page = ana.browser.get(&path).await;
    assert_eq!(page.left_for().as_str(), format!("{}?state={state}", rp.after_logout()));
    assert_eq!(ana.browser.cookie("session"), None, "the cookie is taken back");
    is_signed_out(&mut ana, &rp, &tokens).await;
}

#[tokio::test]
async fn without_state_none_is_added() {
    let (_, mut ana, rp, tokens) = start().await;
    let fields =
        [("id_token_hint", tokens.id.token.as_str()), ("post_logout_redirect_uri", rp.after_logout().as_str())]
            .map(|(name, value)| (name, value.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = ana.browser.get(&rp.logout_path(&fields)).await;
    assert_eq!(page.left_for(), rp.after_logout());
    is_signed_out(&mut ana, &rp, &tokens).await;
}

#[tokio::test]
async fn state_comes_back_byte_for_byte_beside_a_registered_query() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let uri = "https://rp.test/bye?from=moc";
    let rp = app.client("rp").with(|draft| draft.post_logout_redirect_uris = vec![uri.to_owned()]).await;
    for state in ["a b&c=d%25#?", "ก 😀", "\r\nx: y"] {
        let tokens = rp.sign_in(&mut ana).await;
        let fields = [("id_token_hint", tokens.id.token.as_str()), ("post_logout_redirect_uri", uri), ("state", state)];
        let left = ana.browser.get(&rp.logout_path(&fields)).await.left_for();
        let pairs: Vec<(String, String)> = left.query_pairs().into_owned().collect();
        assert_eq!(pairs, [("from".to_owned(), "moc".to_owned()), ("state".to_owned(), state.to_owned())]);
    }
}

#[tokio::test]
async fn a_posted_request_is_as_good_as_a_get() {
    let (_, mut ana, rp, tokens) = start().await;
    let uri = rp.after_logout();
    let fields =
        [("id_token_hint", tokens.id.token.as_str()), ("post_logout_redirect_uri", uri.as_str()), ("state", "x")];
    let page = ana.browser.post_from("https://rp.test", "/logout", &fields).await;
    assert_eq!(page.left_for().as_str(), "https://rp.test/bye?state=x");
    is_signed_out(&mut ana, &rp, &tokens).await;
}

#[tokio::test]
async fn an_old_hint_and_one_of_a_finished_session_still_lead_back() {
    let (app, mut ana, rp, tokens) = start().await;
    app.advance(TimeDelta::minutes(20));
    let uri = rp.after_logout();
    let path = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("post_logout_redirect_uri", uri.as_str())]);
    assert_eq!(ana.browser.get(&path).await.left_for(), uri);
    is_signed_out(&mut ana, &rp, &tokens).await;
    // Nobody is signed in any more: still a way back.
    assert_eq!(ana.browser.get(&path).await.left_for(), uri);
}

#[tokio::test]
async fn a_post_logout_uri_that_is_not_registered_is_never_followed() {
    let (app, mut ana, rp, tokens) = start().await;
    for uri in [
        "https://rp.test/other",
        "https://rp.test/bye?added=query",
        "https://rp.test/bye/",
        "https://rp.test/bye#",
        "https://rp.test/cb",
        "https://RP.test/bye",
        "https://rp.test:443/bye",
        "http://rp.test/bye",
        "https://rp.test.evil.test/bye",
        "https://evil.test\\@rp.test/bye",
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "null",
    ] {
        let path =
            rp.logout_path(&[("id_token_hint", &tokens.id.token), ("post_logout_redirect_uri", uri), ("state", "x")]);
        let page = app.unchanged(never_leaves(&mut ana, &path)).await;
        page.expect_error(400, "invalid_request");
        assert!(!page.html.contains(&format!("href=\"{uri}")), "{uri} is a link on our page");
    }
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn a_uri_without_a_hint_is_never_followed() {
    let (_, mut ana, rp, _) = start().await;
    let uri = rp.after_logout();
    let path = rp.logout_path(&[("post_logout_redirect_uri", uri.as_str()), ("state", "x")]);
    never_leaves(&mut ana, &path).await.expect_error(400, "invalid_request");
    let path = rp.logout_path(&[("post_logout_redirect_uri", uri.as_str()), ("client_id", "rp"), ("state", "x")]);
    let page = never_leaves(&mut ana, &path).await;
    assert!(page.has("#signed-out"));
}

#[tokio::test]
async fn a_hint_that_is_not_ours_is_never_followed() {
    let (app, mut ana, rp, tokens) = start().await;
    let uri = rp.after_logout();
    let unsigned = with_part(&tokens.id.token, 0, br#"{"alg":"none","typ":"JWT"}"#);
    let unsigned = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    let (stranger, _) = SigningKey::generate(Algorithm::ES256).unwrap();
    let by_the_client = stranger.seal_claims(TokenType::Id, &decoded_part(&tokens.id.token, 1)).unwrap();
    let mut claims = decoded_part(&tokens.id.token, 1);
    claims["iss"] = "https://elsewhere.test".into();
    let of_another = app.keys.load().signing(Algorithm::ES256).unwrap().seal_claims(TokenType::Id, &claims).unwrap();
    let (userinfo, answer) = other_signed(&app, &tokens.id.token);
    for hint in [
        &unsigned,
        &by_the_client,
        &of_another,
        &userinfo,
        &answer,
        &tokens.access,
        &tokens.refresh,
        "x",
        "a.b.c",
        &"a".repeat(9000),
    ] {
        let path =
            rp.logout_path(&[("id_token_hint", hint), ("post_logout_redirect_uri", uri.as_str()), ("state", "x")]);
        let page = app.unchanged(never_leaves(&mut ana, &path)).await;
        assert_eq!(page.status, 400);
    }
    assert!(ana.browser.is_signed_in().await, "a forged request signs nobody out");
}

/// A signed userinfo answer and a signed authorization answer, as near to an ID token as they come: of the same `typ`, by the
/// same key, about the same member.
pub(super) fn other_signed(app: &App, id_token: &str) -> (String, String) {
    let keys = app.keys.load();
    let key = keys.signing(Algorithm::ES256).unwrap();
    let mut claims = decoded_part(id_token, 1);
    claims.as_object_mut().unwrap().remove("auth_time");
    let userinfo = key.seal_claims(TokenType::Userinfo, &claims).unwrap();
    claims["code"] = "x".into();
    (userinfo, key.seal_claims(TokenType::Response, &claims).unwrap())
}

#[tokio::test]
async fn without_parameters_a_confirmation_and_the_logged_out_page() {
    for fields in [&[][..], &[("state", "x")][..]] {
        let (app, mut ana, rp, tokens) = start().await;
        let page = app.unchanged(ana.browser.get(&rp.logout_path(fields))).await;
        assert!(page.has("form[action='/signout/confirm'] button[type=submit]"));
        let page = ana.browser.submit(page.form("/signout/confirm")).await;
        assert!(page.has("#signed-out") && page.away.is_none());
        is_signed_out(&mut ana, &rp, &tokens).await;
        // Nobody there: the same page at once.
        assert!(ana.browser.get(&rp.logout_path(fields)).await.has("#signed-out"));
    }
}

#[tokio::test]
async fn a_hint_without_an_address_ends_at_the_logged_out_page() {
    let (_, mut ana, rp, tokens) = start().await;
    let page = ana.browser.get(&rp.logout_path(&[("id_token_hint", &tokens.id.token), ("state", "x")])).await;
    assert!(page.has("#signed-out") && page.away.is_none());
    is_signed_out(&mut ana, &rp, &tokens).await;
}

#[tokio::test]
async fn s013_nobody_is_signed_out_by_a_link_or_a_foreign_form() {
    let (app, mut ana, rp, tokens) = start().await;
    for path in ["/logout", "/signout", "/logout?client_id=rp", "/logout?logout=yes&confirm=yes"] {
        app.unchanged(ana.browser.get(path)).await;
    }
    app.unchanged(ana.browser.post_from("https://evil.test", "/logout", &[])).await;
    for path in ["/signout", "/signout/confirm", "/signout/everywhere"] {
        let page = app.unchanged(ana.browser.post_from("https://evil.test", path, &[])).await;
        page.expect_error(403, "form_expired");
        let form = ana.browser.get("/signout").await.form("/signout/confirm").without("csrf");
        let form = idp_tests::Form { action: path.to_owned(), ..form };
        app.unchanged(ana.browser.submit(form)).await.expect_error(403, "form_expired");
    }
    assert!(ana.browser.is_signed_in().await);
    rp.userinfo(&tokens.access).await.expect(200);
}

#[tokio::test]
async fn a_hint_of_another_member_asks_first() {
    let (app, mut ana, rp, tokens) = start().await;
    let mut bo = app.insert_member("bo").await;
    let bos = rp.sign_in(&mut bo).await;
    let uri = rp.after_logout();
    let path = rp.logout_path(&[("id_token_hint", &bos.id.token), ("post_logout_redirect_uri", uri.as_str())]);
    let page = app.unchanged(ana.browser.get(&path)).await;
    assert!(page.has("form[action='/signout/confirm']"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("form-action"), "the service may lead on from there: {policy}");
    rp.userinfo(&tokens.access).await.expect(200);
    // Confirmed, it leads back: the hint proved the client, and the address is the client's.
    let page = ana.browser.submit(page.form("/signout/confirm")).await;
    assert_eq!(page.left_for(), uri);
    is_signed_out(&mut ana, &rp, &tokens).await;
    rp.userinfo(&bos.access).await.expect(200);
}

#[tokio::test]
async fn a_client_id_that_contradicts_the_hint_is_refused() {
    let (app, mut ana, rp, tokens) = start().await;
    app.client("other").await;
    for id in ["other", "nobody", "rp "] {
        let path = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("client_id", id)]);
        app.unchanged(ana.browser.get(&path)).await.expect_error(400, "invalid_request");
    }
    let path = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("client_id", "rp")]);
    assert!(ana.browser.get(&path).await.has("#signed-out"));
}

#[tokio::test]
async fn a_disabled_client_is_not_returned_to() {
    let (app, mut ana, mut rp, tokens) = start().await;
    rp.change(|client| client.status = ClientStatus::Suspended).await;
    let uri = rp.after_logout();
    let path = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("post_logout_redirect_uri", uri.as_str())]);
    let page = app.unchanged(ana.browser.get(&path)).await;
    page.expect_error(400, "invalid_request");
    assert!(page.has("main a[href='/signout']"), "the member can sign out all the same");
    // Without an address the hint still says which sign-in is meant.
    let path = rp.logout_path(&[("id_token_hint", &tokens.id.token)]);
    assert!(never_leaves(&mut ana, &path).await.has("#signed-out"));
    assert!(!ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn s005_a_repeated_parameter_is_a_page() {
    let (app, mut ana, rp, tokens) = start().await;
    let path = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("state", "a"), ("state", "b")]);
    app.unchanged(ana.browser.get(&path)).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn signing_out_here_leaves_other_browsers_and_their_services_alone() {
    let (_, mut ana, rp, tokens) = start().await;
    let mut phone = ana.elsewhere();
    let on_phone = rp.sign_in(&mut phone).await;
    ana.browser.get(&rp.logout_path(&[("id_token_hint", &tokens.id.token)])).await;
    is_signed_out(&mut ana, &rp, &tokens).await;
    assert!(phone.browser.is_signed_in().await);
    rp.refreshed(&on_phone).await;
}

#[tokio::test]
async fn signing_out_reaches_every_service_of_the_session() {
    let (app, mut ana, rp, tokens) = start().await;
    let other = app.client("other").rs256().await;
    let others = other.sign_in(&mut ana).await;
    assert_eq!(others.id.text("sid"), tokens.id.text("sid"), "one session, one sid");
    let ask = other.ask();
    let waiting = other.authorize(&mut ana, &ask).await;
    let uri = other.after_logout();
    let path = rp.logout_path(&[("id_token_hint", &others.id.token), ("post_logout_redirect_uri", uri.as_str())]);
    assert_eq!(ana.browser.get(&path).await.left_for(), uri);
    is_signed_out(&mut ana, &rp, &tokens).await;
    is_signed_out(&mut ana, &other, &others).await;
    other.exchange(&ask, waiting.code()).await.expect_token_error("invalid_grant");
}

#[tokio::test]
async fn a_request_that_waited_meanwhile_asks_to_sign_in() {
    let (app, mut ana, rp, _) = start().await;
    app.advance(TimeDelta::seconds(5));
    let ask = rp.ask().with("prompt", "consent");
    let page = ana.browser.get(&ask.path()).await;
    let handle = page.form("/consent").value("request").to_owned();
    ana.sign_out().await;
    let page = ana.browser.get(&format!("/authorize/resume?request={handle}")).await;
    assert_eq!(page.place(), "/login");
    let page = ana.sign_in_at(&page).await;
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    rp.exchange(&ask, Answer::of(&page).code()).await.expect(200);
}

#[tokio::test]
async fn the_pages_come_in_the_language_that_the_service_asks_for() {
    let (app, mut ana, rp, _) = start().await;
    let page = ana.browser.get("/logout").await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("th"));
    let asked = rp.logout_path(&[("ui_locales", "fr en-GB th"), ("logout_hint", &ana.email), ("client_id", rp.id())]);
    let page = ana.browser.get(&asked).await;
    assert_eq!((page.attribute("html", "lang").as_deref(), page.place()), (Some("en"), "/logout"));
    assert!(page.text("main").contains("Test service"), "{}", page.text("main"));
    // So does the page after it.
    let page = ana.browser.submit(page.form("/signout/confirm")).await;
    assert!(page.has("#signed-out"));
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
    // A language that nobody speaks here changes nothing.
    let page = ana.browser.get(&rp.logout_path(&[("ui_locales", "fr xx")])).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
    assert!(!app.browser().is_signed_in().await);
}
