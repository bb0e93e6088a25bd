//! `/signout` and `/signout/everywhere`.

use idp_tests::{App, Letter};

#[tokio::test]
async fn signing_out_ends_this_browsers_session_and_what_services_hold_of_it() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let here = rp.sign_in(&mut ana).await;
    let there = rp.sign_in(&mut elsewhere).await;
    let cookie = ana.browser.cookie("session").unwrap().to_owned();
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.text("#sign-out"), "ออกจากระบบ");
    let page = ana.browser.submit(page.form("/signout")).await;
    assert_eq!(page.text("#signed-out h1"), "ท่านออกจากระบบเรียบร้อยแล้ว");
    assert!(!page.has(".chip"));
    assert_eq!(ana.browser.cookie("session"), None);
    let mut replay = app.browser();
    replay.cookies.insert("session".to_owned(), cookie);
    assert!(!replay.is_signed_in().await);
    rp.refresh(&here.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(rp.userinfo(&here.access).await.status, 401);
    // The other browser goes on.
    assert!(elsewhere.browser.is_signed_in().await);
    rp.refreshed(&there).await;
}

#[tokio::test]
async fn a_link_to_sign_out_asks_first() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = app.unchanged(ana.browser.get("/signout")).await;
    assert!(page.has("#confirm-sign-out"));
    assert!(ana.browser.is_signed_in().await);
    let page = ana.browser.submit(page.form("/signout/confirm")).await;
    assert!(page.has("#signed-out"));
    assert!(!ana.browser.is_signed_in().await);
    // Once more, by somebody who is signed out: no dead end.
    assert!(ana.browser.get("/signout").await.has("#signed-out"));
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_every_refresh_token() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let tokens = [rp.sign_in(&mut ana).await, rp.sign_in(&mut elsewhere).await];
    let mut ben = app.insert_member("ben").await;
    let bens = rp.sign_in(&mut ben).await;
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.text("#sign-out-everywhere"), "ออกจากระบบทุกอุปกรณ์");
    let page = ana.browser.submit(page.form("/signout/everywhere")).await;
    assert!(page.has("#signed-out"));
    assert!(!ana.browser.is_signed_in().await);
    assert!(!elsewhere.browser.is_signed_in().await);
    for tokens in tokens {
        rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
        assert_eq!(rp.userinfo(&tokens.access).await.status, 401);
    }
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.as_slice(), [.., Letter::SignedOutEverywhere { at, .. }] if *at == app.now()));
    assert!(ben.browser.is_signed_in().await, "nobody else is concerned");
    rp.refreshed(&bens).await;
    // The password still opens the door.
    assert_eq!(ana.sign_in().await.place(), "/profile");
}
