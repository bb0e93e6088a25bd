//! What the services of `docs/integrate` have in common, whoever wrote the library.

use idp_tests::{Abroad, App, Client, Member, Traveller};
use serde_json::Value;

/// Registers the service that will run at `base`, as `docs/integrate` asks for it.
pub(super) async fn register(app: &App, id: &str, base: &str) -> Client {
    let client = app.client(id).redirect_uris(&[&format!("{base}/callback")]);
    let home = format!("{base}/bye");
    client.with(|draft| draft.post_logout_redirect_uris = vec![home]).await
}

/// A browser in which the member is signed in at the provider, and nowhere else.
pub(super) fn traveller(member: &Member) -> Traveller {
    Traveller::new(member.browser.clone())
}

/// Opens a page of the service; agrees when asked.
pub(super) async fn enter(traveller: &mut Traveller, url: &str) -> Abroad {
    let page = match traveller.open(url).await {
        Ok(page) => return page,
        Err(page) => page,
    };
    page.expect_at("/consent");
    let page = traveller.home.submit(page.form("/consent").with("decision", "allow")).await;
    let next = page.left_for();
    traveller.open(next.as_str()).await.unwrap_or_else(|page| panic!("asked again: {}", page.text("main")))
}

/// The story that every page of `docs/integrate` promises: sign-in with the claims of a temporary member, kept out of the
/// part for permanent ones, sign-out at the provider; then the badge, and what it opens; then a no.
pub(super) async fn promises(app: &App, base: &str) {
    let ana = app.insert_member("ana").await;
    let mut browser = traveller(&ana);
    let page = enter(&mut browser, &format!("{base}/")).await;
    assert_eq!(page.status, 200, "{page:?}");
    let member: Value = serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{page:?}"));
    assert_eq!(member["email"], ana.email, "from userinfo");
    assert_eq!((&member["membership"], &member["verified_badge"]), (&"temporary".into(), &false.into()));
    assert!(member["membership_expires_at"].is_i64() && member["member_type"] == "public", "{member}");
    assert_eq!(browser.open(&format!("{base}/members")).await.unwrap().status, 403);
    let page = browser.open(&format!("{base}/logout")).await;
    let page = page.unwrap_or_else(|page| panic!("{}: {}", page.path, page.text("main")));
    assert_eq!((page.url.path(), page.status), ("/bye", 200));
    assert!(!browser.home.is_signed_in().await);
    browser.open(&format!("{base}/")).await.expect_err("nobody is signed in any more").expect_at("/login");

    let ben = app.insert_permanent("ben").await;
    let mut browser = traveller(&ben);
    enter(&mut browser, &format!("{base}/")).await;
    let page = browser.open(&format!("{base}/members")).await.unwrap();
    assert_eq!(page.status, 200, "{page:?}");

    let cho = app.insert_member("cho").await;
    let mut browser = traveller(&cho);
    let page = browser.open(&format!("{base}/")).await.expect_err("consent is asked");
    let page = browser.home.submit(page.form("/consent").with("decision", "deny")).await;
    let page = browser.open(page.left_for().as_str()).await.unwrap();
    assert_eq!(page.status, 403, "{page:?}");
    assert!(page.body.contains("access_denied"), "{page:?}");
}
