//! What the services of `docs/integrate` have in common, whoever wrote the library.

use idp_tests::{Abroad, App, Client, Member, Traveller};
use serde_json::Value;

/// Registers the service that will run at `base`, as `docs/integrate` asks for it.
pub(super) async fn register(app: &App, id: &str, base: &str, callback: &str) -> Client {
    let client = app.client(id).redirect_uris(&[&format!("{base}{callback}")]);
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

/// What every page of `docs/integrate` promises: a sign-in with the claims of a temporary member, who is kept out of the
/// part for permanent ones, and a sign-out at the provider; then the badge, and what it opens.
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
}

/// What the service shows to a member who does not agree.
pub(super) async fn refused(app: &App, base: &str) -> Abroad {
    let cho = app.insert_member("cho").await;
    let mut browser = traveller(&cho);
    let page = browser.open(&format!("{base}/")).await.expect_err("consent is asked");
    let page = browser.home.submit(page.form("/consent").with("decision", "deny")).await;
    browser.open(page.left_for().as_str()).await.unwrap_or_else(|page| panic!("asked again: {}", page.text("main")))
}
