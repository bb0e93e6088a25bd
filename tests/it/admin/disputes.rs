//! An account that its owner disputes: what a stranger set up in it does not come back with it.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_tests::{App, Letter, Member, Page};
use serde_json::json;

const STRANGERS: &str = "คนแปลกหน้าตั้งใหม่ 4821";

/// A stranger who knows the password sets another one, and an hour later sets up an authenticator app; the owner opens the
/// link in the letter about the password.
async fn taken_and_disputed(app: &App) -> (Member, Member) {
    let ana = app.insert_member("ana").await;
    let mut stranger = ana.elsewhere();
    stranger.sign_in().await;
    let page = stranger.browser.get("/profile/password").await;
    let form = page.form("/profile/password").with("current", &ana.password).with("password", STRANGERS);
    stranger.browser.submit(form).await;
    stranger.password = STRANGERS.to_owned();
    app.advance(TimeDelta::hours(1));
    stranger.insert_totp().await;
    let link = app.letters_to(&ana.email).await.into_iter().find_map(|letter| match letter {
        Letter::PasswordChanged { not_me_url, .. } => not_me_url.strip_prefix(app.issuer()).map(str::to_owned),
        _ => None,
    });
    let mut owner = app.browser();
    let page = owner.get(&link.expect("a letter tells of it")).await;
    assert!(owner.submit(page.form("/not-me")).await.has("#not-me-done"));
    (ana, stranger)
}

async fn restore(officer: &mut Member, member: &Member, new_factors: Option<&str>) -> Page {
    let path = format!("/admin/members/{}", member.id);
    let page = officer.browser.get(&path).await;
    let page = officer.browser.submit(page.form(&format!("{path}/open")).with("reason", "case 12/2026")).await;
    assert!(page.text("#deed-restore").contains("2 รายการ"), "{}", page.text("#deed-restore"));
    let form = page.form(&format!("{path}/restore")).with("reason", "case 12/2026, at the counter");
    let form = match new_factors {
        Some(word) => form.with("new_factors", word),
        None => form,
    };
    officer.browser.submit(form).await
}

/// The password that the owner sets by the letter that says that the account is open again.
async fn set_password(app: &App, member: &Member, password: &str) -> Member {
    let letters = app.letters_to(&member.email).await;
    let Some(Letter::AccountRestored { recover_url: Some(url), .. }) = letters.last() else { panic!("{letters:?}") };
    let mut member = member.elsewhere();
    let page = member.browser.get(url.strip_prefix(app.issuer()).unwrap()).await;
    member.browser.submit(page.form("/recover").with("email", &member.email)).await;
    let link = app.letters_to(&member.email).await.into_iter().rev().find_map(|letter| match letter {
        Letter::RecoverPassword { url, .. } => url.strip_prefix(app.issuer()).map(str::to_owned),
        _ => None,
    });
    let page = member.browser.get(&link.expect("a link is mailed")).await;
    member.browser.submit(page.form("/recover/set").with("password", password)).await;
    member.password = password.to_owned();
    member
}

#[tokio::test]
async fn a_strangers_factor_and_password_go_when_the_owner_says_that_they_are_not_theirs() {
    let app = App::start().await;
    let (ana, mut stranger) = taken_and_disputed(&app).await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    // Nothing is decided by leaving it out.
    let page = restore(&mut officer, &ana, None).await;
    assert_eq!(page.status, 422);
    assert!(page.has("#new_factors-error"), "{}", page.text("main"));
    assert_eq!(stranger.sign_in().await.status, 403);
    assert!(restore(&mut officer, &ana, Some("remove")).await.has("#done"));
    assert!(!app.store.factors(ana.id).await.unwrap().has_strong());
    assert_eq!(app.store.dispute(ana.id).await.unwrap(), None);
    stranger.sign_in().await.expect_at("/login");
    ana.elsewhere().sign_in().await.expect_at("/login");
    let mut ana = set_password(&app, &ana, "เจ้าของตั้งใหม่เอง 9317").await;
    ana.sign_in().await.expect_at("/profile");
    let log = app.store.events_about(ana.id, 50).await.unwrap();
    let line = log.iter().find(|line| line.action == "account.restored").unwrap();
    assert!(line.detail.as_ref().unwrap().contains("remove"), "{line:?}");
}

/// Whoever reads the mailbox can dispute the owner's own factor. It stays when the owner says that it is theirs.
#[tokio::test]
async fn an_owners_own_factor_stays() {
    let app = App::start().await;
    let (ana, owner) = taken_and_disputed(&app).await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    assert!(restore(&mut officer, &ana, Some("keep")).await.has("#done"));
    let mut ana = Member {
        totp: owner.totp.clone(), ..set_password(&app, &ana, "เจ้าของตั้งใหม่เอง 9317").await
    };
    let page = ana.sign_in().await;
    ana.prove_at(&page).await.expect_at("/profile");
}

/// A factor that was there before the disputed deed is nobody's to remove here.
#[tokio::test]
async fn what_was_there_before_is_not_asked_about() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.insert_totp().await;
    app.advance(TimeDelta::hours(1));
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = format!("/api/v1/members/{}/restore", ana.id);
    assert!(dispute_a_recovery(&app, &ana).await);
    helper.post(&path, &json!({ "reason": "case 12/2026" })).await.expect(200);
    assert!(app.store.factors(ana.id).await.unwrap().has_strong());
}

/// Sets a password by a mailed link, and says by the letter about it that it was somebody else.
async fn dispute_a_recovery(app: &App, member: &Member) -> bool {
    let mut browser = app.browser();
    let page = browser.get("/recover").await;
    browser.submit(page.form("/recover").with("email", &member.email)).await;
    let path = |url: &str| url.strip_prefix(app.issuer()).map(str::to_owned);
    let letters = app.letters_to(&member.email).await;
    let Some(Letter::RecoverPassword { url, .. }) = letters.last() else { panic!("{letters:?}") };
    let page = browser.get(&path(url).unwrap()).await;
    browser.submit(page.form("/recover/set").with("password", STRANGERS)).await;
    let letters = app.letters_to(&member.email).await;
    let Some(Letter::PasswordChanged { not_me_url, .. }) = letters.last() else { panic!("{letters:?}") };
    let page = browser.get(&path(not_me_url).unwrap()).await;
    browser.submit(page.form("/not-me")).await.has("#not-me-done")
}

#[tokio::test]
async fn the_api_asks_whose_they_are_as_well() {
    let app = App::start().await;
    let (ana, _) = taken_and_disputed(&app).await;
    let helper = app.program("helper", Role::SupportOfficer, None).await;
    let path = format!("/api/v1/members/{}/restore", ana.id);
    let refused = helper.post(&path, &json!({ "reason": "case 12/2026" })).await.expect_problem(422, "unprocessable");
    assert_eq!(refused.json()["errors"][0]["setting"], "new_factors");
    let because = json!({ "reason": "case 12/2026", "new_factors": "remove" });
    helper.post(&path, &because).await.expect(200);
    assert!(!app.store.factors(ana.id).await.unwrap().has_strong());
    helper.post(&path, &because).await.expect_problem(409, "not-as-it-stands");
}
