//! `/profile/security`: factors come and go with a young proof, end the other sessions, and are told by mail.

use chrono::TimeDelta;
use idp_core::account::TotpSecret;
use idp_tests::{App, Letter, Member, Page};
use serde_json::json;

/// The secret as a person would type it into an app.
fn typed_secret(page: &Page) -> TotpSecret {
    let letters: Vec<u8> = page.text("#totp-secret").bytes().filter(u8::is_ascii_alphanumeric).collect();
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        _ => letter - b'2' + 26,
    };
    let mut bits = letters.iter().flat_map(|letter| (0..5).rev().map(|bit| value(*letter) >> bit & 1));
    let bytes: Vec<u8> =
        (0..20).map(|_| (0..8).fold(0, |byte, _| byte << 1 | bits.next().expect("32 letters are 160 bits"))).collect();
    TotpSecret::from_bytes(&bytes).expect("160 bits")
}

/// Adds an app as a person does; the page that shows the recovery codes.
async fn add_totp(member: &mut Member) -> Page {
    let app = member.browser.app().clone();
    let page = member.browser.get("/profile/security").await;
    let page = member.browser.get(&page.attribute("#add-totp", "href").expect("it is offered")).await;
    let secret = typed_secret(&page);
    let page = member.browser.submit(page.form("/profile/security/totp").with("code", &secret.code(app.now()))).await;
    member.totp = Some(std::sync::Arc::new(secret));
    member.recovery_codes = page.texts(".codes code");
    page
}

fn told(letters: &[Letter]) -> Vec<&str> {
    letters
        .iter()
        .filter_map(|letter| match letter {
            Letter::FactorsChanged { what, .. } => Some(what.as_str()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn s052_an_app_counts_with_its_first_code_and_ends_the_other_sessions() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let theirs = rp.sign_in(&mut elsewhere).await;
    let before = ana.browser.cookie("session").unwrap().to_owned();
    // A wrong first code sets nothing up.
    let page = ana.browser.get("/profile/security/totp").await;
    let secret = page.text("#totp-secret");
    let page = app.unchanged(ana.browser.submit(page.form("/profile/security/totp").with("code", "12345"))).await;
    assert_eq!((page.status.as_u16(), page.text("#totp-secret")), (422, secret));
    let page = add_totp(&mut ana).await;
    page.expect_at("/profile/security/recovery-codes");
    assert_eq!(ana.recovery_codes.len(), 10);
    assert_ne!(ana.browser.cookie("session"), Some(before.as_str()), "s049: the session is another one");
    assert!(!elsewhere.browser.is_signed_in().await);
    rp.refresh(&theirs.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(told(&app.letters_to(&ana.email).await), ["totp_added"]);
    // This session has two factors from now on, and so does every later sign-in.
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.claims["amr"], json!(["pwd", "otp", "mfa"]));
    let page = ana.browser.get("/profile/security").await;
    assert!(page.text("#codes-left").contains("10"));
    assert_eq!(elsewhere.sign_in().await.place(), "/login/second");
    // Neither secret nor codes are shown again.
    assert_eq!(ana.browser.get("/profile/security/totp").await.place(), "/profile/security");
    assert!(ana.browser.get("/profile/security/recovery-codes").await.texts(".codes code").is_empty());
}

#[tokio::test]
async fn s052_an_app_is_taken_away_only_with_a_young_proof_of_both_factors() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    add_totp(&mut ana).await;
    let mut elsewhere = ana.elsewhere();
    let page = elsewhere.sign_in().await;
    elsewhere.prove_at(&page).await.expect_at("/profile");
    let theirs = rp.sign_in(&mut elsewhere).await;
    // A form that lay open for too long does nothing.
    let open = ana.browser.get("/profile/security/totp/remove").await.form("/profile/security/totp/remove");
    app.advance(TimeDelta::minutes(6));
    ana.browser.submit(open).await.expect_at("/login");
    let page = ana.browser.get("/profile/security/totp/remove").await;
    page.expect_at("/login");
    let page = ana.sign_in_at(&page).await;
    let page = ana.prove_at(&page).await;
    page.expect_at("/profile/security/totp/remove");
    let page = ana.browser.submit(page.form("/profile/security/totp/remove")).await;
    page.expect_at("/profile/security");
    assert!(page.has("#add-totp") && !page.has("#recovery-codes"));
    assert!(!elsewhere.browser.is_signed_in().await);
    rp.refresh(&theirs.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(told(&app.letters_to(&ana.email).await), ["totp_added", "totp_removed"]);
    assert_eq!(elsewhere.sign_in().await.place(), "/profile", "the password is enough again");
}

#[tokio::test]
async fn this_was_not_me_freezes_the_account() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    add_totp(&mut ana).await;
    let link = app.letters_to(&ana.email).await.into_iter().find_map(|letter| match letter {
        Letter::FactorsChanged { not_me_url, .. } => not_me_url.strip_prefix(app.issuer()).map(str::to_owned),
        _ => None,
    });
    let mut browser = app.browser();
    let page = browser.get(&link.expect("a letter tells of it")).await;
    browser.submit(page.form("/not-me")).await;
    assert!(!ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn a_password_of_somebody_with_two_factors_is_changed_with_both() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    add_totp(&mut ana).await;
    for path in ["/profile/password", "/profile/delete"] {
        ana.browser.get(path).await.expect_at(path);
    }
    app.advance(TimeDelta::minutes(6));
    for path in ["/profile/password", "/profile/delete"] {
        ana.browser.get(path).await.expect_at("/login");
    }
    let page = ana.browser.get("/profile/password").await;
    let page = ana.sign_in_at(&page).await;
    ana.prove_at(&page).await.expect_at("/profile/password");
}

#[tokio::test]
async fn where_a_proof_leads_is_a_page_of_ours() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (to, place) in [
        ("security", "/profile/security"),
        ("recovery-codes", "/profile/security"),
        ("https://evil.test/", "/profile"),
        ("//evil.test", "/profile"),
        ("/profile/security", "/profile"),
    ] {
        let page = ana.browser.get(&format!("/login?again=yes&to={to}")).await;
        page.expect_at("/login");
        let page = ana.sign_in_at(&page).await;
        assert_eq!(page.place(), place, "{to}");
        assert!(page.away.is_none());
    }
}
