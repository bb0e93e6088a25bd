//! S083: every page of an account for every principal: nobody, a client, its owner (temporary and permanent), another member.

use axum::body::Body;
use axum::http::{Request, header};
use idp_tests::App;

/// Every address below `/profile`, as the table of addresses names them.
fn pages() -> Vec<String> {
    let source = include_str!("../../../crates/idp-web/src/urls.rs");
    let constants = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
    let paths = constants.map(|(_, path)| path.trim_end_matches("\";").to_owned());
    // The link by which a change of address is taken back is for whoever has the old mailbox, signed in or not; and there
    // is no door of ThaID where there is no ThaID.
    let others = ["/profile/email/undo", "/profile/security/thaid"];
    paths.filter(|path| path.starts_with("/profile") && !others.contains(&path.as_str())).collect()
}

#[tokio::test]
async fn s083_every_page_of_an_account_for_every_principal() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut temporary = app.insert_member("temporary").await;
    let mut verified = app.insert_permanent("verified").await;
    let of_verified = rp.sign_in(&mut verified).await.access;
    let pages = pages();
    assert!(pages.len() > 25, "{pages:?}");
    let mut opened = 0;
    for path in &pages {
        for credentials in [String::new(), rp.basic(), format!("Bearer {of_verified}")] {
            let mut request = Request::get(path);
            if !credentials.is_empty() {
                request = request.header(header::AUTHORIZATION, &credentials);
            }
            let reply = app.send(request.body(Body::empty()).unwrap()).await;
            let to_sign_in = reply.status == 303 && reply.header("location").starts_with("/login");
            assert!(to_sign_in || reply.status == 405, "{path}: {} {}", reply.status, reply.header("location"));
        }
        for member in [&mut temporary, &mut verified] {
            let page = member.browser.get(path).await;
            assert!(page.status.as_u16() < 500 && page.place() != "/login", "{path}: {}", page.status);
            opened += usize::from(page.status == 200);
        }
    }
    assert!(opened > 20, "{opened}");
}
