//! Apache with mod_auth_openidc, configured as `docs/integrate/mod_auth_openidc.md` says.

use idp_tests::{Apache, App, OpenAir, documented};
use idp_web::jobs;
use uuid::Uuid;

use super::service::{enter, traveller};

/// A service at `/`, one for permanent members at `/members/`, and sign-out at `?logout=`.
async fn service(app: &App, more: &str) -> Apache {
    let port = Apache::reserve();
    let (callback, home) = (format!("http://127.0.0.1:{port}/callback"), format!("http://127.0.0.1:{port}/bye"));
    let rp = app.client("apache").redirect_uris(&[&callback]).with(|draft| {
        draft.post_logout_redirect_uris = vec![home];
        draft.logout.back = Some(format!("{callback}?logout=backchannel"));
    });
    let rp = rp.await;
    let page = documented("mod_auth_openidc.md", "# moc-account.conf")
        .replace("https://account.moc.go.th", app.issuer())
        .replace("https://events.example.go.th", &format!("http://127.0.0.1:{port}"))
        .replace("OIDCClientID events", "OIDCClientID apache")
        .replace("CLIENT-SECRET", rp.secret.reveal());
    // So that the tests see what a program behind Apache would.
    let directives = format!(
        "{page}OIDCCacheType shm\n{more}\n<Location />\n\
         Header set x-sub \"%{{OIDC_CLAIM_sub}}e\"\n Header set x-email \"%{{OIDC_CLAIM_email}}e\"\n\
         Header set x-membership \"%{{OIDC_CLAIM_membership}}e\"\n\
         Header set x-badge \"%{{OIDC_CLAIM_verified_badge}}e\"\n</Location>\n"
    );
    Apache::start(port, &directives).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_signs_members_in_and_out() {
    let air = OpenAir::start().await;
    let apache = service(&air.app, "").await;
    let ana = air.app.insert_member("ana").await;
    let mut browser = traveller(&ana);
    let page = enter(&mut browser, &apache.url("/")).await;
    assert_eq!((page.status, page.body.trim()), (200, "the service's page"), "{page:?}\n{}", apache.log());
    assert_eq!(page.headers["x-email"], ana.email, "from userinfo");
    assert_eq!((page.headers["x-membership"].as_str(), page.headers["x-badge"].as_str()), ("temporary", "0"));
    assert!(page.headers["x-sub"].len() > 20);
    // The claim in the ID token keeps a temporary member out of the part for permanent ones.
    assert_eq!(browser.open(&apache.url("/members/")).await.unwrap().status, 401);
    // Sign-out through the provider, and back to the service. Its hint proves the request: nothing is asked.
    let page = browser.open(&apache.url(&format!("/callback?logout={}", apache.url("/bye")))).await;
    let page = page.unwrap_or_else(|page| panic!("{}: {}", page.path, page.text("main")));
    assert_eq!(page.url.path(), "/bye", "{}", apache.log());
    assert!(!browser.home.is_signed_in().await);
    let page = browser.open(&apache.url("/")).await.expect_err("nobody is signed in any more");
    page.expect_at("/login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_sees_the_badge_at_the_next_sign_in() {
    let air = OpenAir::start().await;
    let apache = service(&air.app, "").await;
    let ana = air.app.insert_permanent("ana").await;
    let page = enter(&mut traveller(&ana), &apache.url("/members/")).await;
    assert_eq!((page.status, page.body.trim()), (200, "the members' page"), "{page:?}\n{}", apache.log());
    assert_eq!((page.headers["x-membership"].as_str(), page.headers["x-badge"].as_str()), ("permanent", "1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_keeps_its_tokens_fresh() {
    let air = OpenAir::start().await;
    let apache = service(&air.app, "OIDCRefreshAccessTokenBeforeExpiry 3600\nOIDCUserInfoRefreshInterval 1").await;
    let ana = air.app.insert_member("ana").await;
    let mut browser = traveller(&ana);
    enter(&mut browser, &apache.url("/")).await;
    // Each request now wants a fresh access token, by the refresh token.
    for _ in 0..3 {
        assert_eq!(browser.open(&apache.url("/")).await.unwrap().status, 200, "{}", apache.log());
    }
    let lines = air.app.store.events_about(ana.id, 100).await.unwrap();
    assert!(lines.iter().filter(|line| line.action == "grant.refreshed").count() >= 2, "{}", apache.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_ends_its_session_when_the_member_signs_out_elsewhere() {
    let air = OpenAir::start().await;
    let apache = service(&air.app, "").await;
    let mut ana = air.app.insert_member("ana").await;
    let mut browser = traveller(&ana);
    enter(&mut browser, &apache.url("/")).await;
    assert_eq!(browser.open(&apache.url("/")).await.unwrap().status, 200, "{}", apache.log());
    ana.sign_out().await;
    jobs::deliver_notices(air.app.provider(), Uuid::from_u128(7)).await.unwrap();
    assert!(air.app.store.open_notices(None, 10).await.unwrap().is_empty(), "{}", apache.log());
    let page = browser.open(&apache.url("/")).await.expect_err("the session at the service is over too");
    page.expect_at("/login");
}
