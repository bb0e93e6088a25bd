//! OpenID Connect Front-Channel Logout 1.0: services hear of a sign-out through the member's browser.

use idp_tests::{App, Client, Page, Tokens};
use url::Url;

async fn framed(app: &App, id: &str) -> Client {
    app.client(id).with(|draft| draft.logout.front = Some(format!("https://{id}.test/out?from=moc"))).await
}

fn frames(page: &Page) -> Vec<String> {
    page.attributes("iframe", "src")
}

fn names(src: &str, rp: &Client, tokens: &Tokens) {
    let url = Url::parse(src).expect("a URL");
    assert_eq!(url.host_str(), Some(format!("{}.test", rp.id()).as_str()));
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let iss = rp.app().issuer();
    assert_eq!(pairs, [own("from", "moc"), own("iss", iss), own("sid", tokens.id.text("sid"))]);
}

fn frame_src(page: &Page) -> &str {
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    policy.split("; ").find_map(|part| part.strip_prefix("frame-src ")).unwrap_or_default()
}

#[tokio::test]
async fn the_signed_out_page_shows_each_service_that_got_tokens_and_leads_back() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (first, second, third) =
        (framed(&app, "first").await, framed(&app, "second").await, framed(&app, "third").await);
    let plain = app.client("plain").await;
    let (at_first, at_second) = (first.sign_in(&mut ana).await, second.sign_in(&mut ana).await);
    plain.sign_in(&mut ana).await;
    third.authorize(&mut ana, &third.ask()).await;
    let path = first.logout_path(&[
        ("id_token_hint", &at_first.id.token),
        ("post_logout_redirect_uri", first.after_logout().as_str()),
        ("state", "a&b"),
    ]);
    let page = ana.browser.get(&path).await;
    assert_eq!((page.status.as_u16(), page.away.as_deref()), (200, None));
    assert!(page.has("#signed-out"));
    let found = frames(&page);
    assert_eq!(found.len(), 2);
    names(&found[0], &first, &at_first);
    names(&found[1], &second, &at_second);
    assert_eq!(frame_src(&page), "https://first.test https://second.test");
    // With scripts the browser goes on by itself, without them by this link.
    let back = page.attribute("a#go-on[data-follow]", "href").expect("a way back");
    assert_eq!(back, "https://first.test/bye?state=a%26b");
    assert!(!ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn every_way_of_signing_out_here_shows_them_and_nothing_else_does() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = framed(&app, "rp").await;
    for way in ["/signout", "/signout/everywhere", "/logout"] {
        let tokens = rp.sign_in(&mut ana).await;
        let place = if way == "/logout" { way } else { "/profile" };
        let page = ana.browser.get(place).await;
        assert!(frames(&page).is_empty() && frame_src(&page).is_empty(), "{way}");
        let action = if way == "/logout" { "/signout/confirm" } else { way };
        let page = ana.browser.submit(page.form(action)).await;
        assert!(page.has("#signed-out"), "{way}");
        let found = frames(&page);
        assert_eq!(found.len(), 1, "{way}");
        names(&found[0], &rp, &tokens);
        assert!(!page.has("[data-follow]"));
    }
}

#[tokio::test]
async fn without_such_services_the_redirect_is_as_before() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    let (rp, other) = (app.client("rp").await, framed(&app, "other").await);
    let tokens = rp.sign_in(&mut ana).await;
    // In another browser: it is not this browser's to end.
    other.sign_in(&mut elsewhere).await;
    let path = rp
        .logout_path(&[("id_token_hint", &tokens.id.token), ("post_logout_redirect_uri", rp.after_logout().as_str())]);
    assert_eq!(ana.browser.get(&path).await.left_for(), rp.after_logout());
}
