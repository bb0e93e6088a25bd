//! Whether ThaID opens an account is its owner's to say: with a young proof, told by mail, and from that moment on.

use chrono::TimeDelta;
use idp_tests::{App, Letter, Member};

use super::{answer, leave, permanent, person, sign_in, start};

async fn turn(member: &mut Member, open: &str) {
    let page = member.browser.get("/profile/security/thaid").await;
    page.expect_at("/profile/security/thaid");
    let form = page.form("/profile/security/thaid");
    assert_eq!(form.value("open"), open);
    assert_eq!(member.browser.submit(form).await.place(), "/profile/security");
}

async fn told(app: &App, member: &Member) -> Vec<String> {
    let letters = app.letters_to(&member.email).await;
    let what = letters.into_iter().filter_map(|letter| match letter {
        Letter::FactorsChanged { what, .. } => Some(what),
        _ => None,
    });
    what.collect()
}

#[tokio::test]
async fn a_member_closes_the_door_and_opens_it_again() {
    let app = start().await;
    let rp = app.client("rp").await;
    let (mut ana, number) = permanent(&app, "ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let tokens = rp.sign_in(&mut elsewhere).await;
    let page = ana.browser.get("/profile/security").await;
    assert!(page.text("#thaid").contains("เปิดใช้งานอยู่"), "{}", page.text("main"));
    turn(&mut ana, "no").await;
    assert!(ana.browser.get("/profile/security").await.text("#thaid").contains("ท่านปิดไว้ตั้งแต่วันที่"));
    // S052: the other sessions and what services hold are gone.
    assert!(!elsewhere.browser.is_signed_in().await);
    assert_eq!(rp.refresh(&tokens.refresh, None).await.status, 400);
    let mut stranger = app.browser();
    let page = sign_in(&mut stranger, number).await;
    assert_eq!(page.status, 403);
    assert!(page.text("#error-summary").contains("ปิดการเข้าสู่ระบบด้วย ThaID"), "{}", page.text("main"));
    assert!(!stranger.is_signed_in().await);
    let said = ana.browser.get("/profile/history").await.text("main");
    assert!(said.contains("ท่านปิดการเข้าสู่ระบบด้วย ThaID ไว้"), "the owner sees that somebody tried: {said}");
    turn(&mut ana, "yes").await;
    assert_eq!(sign_in(&mut app.browser(), number).await.place(), "/profile");
    assert_eq!(told(&app, &ana).await, ["thaid_closed", "thaid_opened"]);
}

#[tokio::test]
async fn the_door_asks_for_a_young_proof() {
    let app = start().await;
    let (mut ana, _) = permanent(&app, "ana").await;
    let form = ana.browser.get("/profile/security/thaid").await.form("/profile/security/thaid");
    app.advance(TimeDelta::minutes(6));
    ana.browser.get("/profile/security/thaid").await.expect_at("/login");
    ana.browser.submit(form).await.expect_at("/login");
    assert_eq!(app.store.thaid_closed_at(ana.id).await.unwrap(), None);
    // Who has no number has no door.
    let mut ben = app.insert_member("ben").await;
    assert_eq!(ben.browser.get("/profile/security/thaid").await.place(), "/profile/security");
    assert!(!ben.browser.get("/profile/security").await.has("#thaid"));
}

#[tokio::test]
async fn a_door_that_closes_while_somebody_is_on_the_way_is_closed_for_them() {
    let app = start().await;
    let (mut ana, number) = permanent(&app, "ana").await;
    let mut stranger = app.browser();
    let url = leave(&mut stranger, "/thaid/begin?for=sign-in").await;
    let back = answer(&app, &url, &person(number));
    turn(&mut ana, "no").await;
    assert_eq!(stranger.get(&back).await.status, 403);
    assert!(!stranger.is_signed_in().await);
}

#[tokio::test]
async fn what_the_owner_said_is_in_their_copy_and_goes_with_the_account() {
    let app = start().await;
    let (mut ana, _) = permanent(&app, "ana").await;
    turn(&mut ana, "no").await;
    let page = ana.browser.get("/profile/data/all").await;
    assert!(page.text("main").contains("ปิดการเข้าสู่ระบบด้วย ThaID"), "{}", page.text("main"));
    let page = ana.browser.get("/profile/delete").await;
    ana.browser.submit(page.form("/profile/delete").with("password", &ana.password)).await;
    app.advance(TimeDelta::days(31));
    idp_web::jobs::tend(app.provider()).await.unwrap();
    assert_eq!(app.store.row_count("thaid_closed").await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_says_that_a_sign_in_was_not_theirs_is_not_come_in_on_by_thaid_again() {
    let app = start().await;
    let (ana, number) = permanent(&app, "ana").await;
    let mut thief = app.browser();
    assert_eq!(sign_in(&mut thief, number).await.place(), "/profile");
    let letters = app.letters_to(&ana.email).await;
    let link = letters.into_iter().rev().find_map(|letter| match letter {
        Letter::NewSignIn { not_me_url, .. } => Some(not_me_url),
        _ => None,
    });
    let mut owner = app.browser();
    let page = owner.get(&link.expect("the owner was told")).await;
    assert!(page.text("main").contains("ปิดการเข้าสู่ระบบด้วย ThaID"), "told before: {}", page.text("main"));
    let page = owner.submit(page.form("/not-me")).await;
    assert!(page.has("#sign-in-disputed") && page.text("main").contains("ThaID"), "{}", page.text("main"));
    assert!(!thief.is_signed_in().await);
    assert_eq!(sign_in(&mut thief, number).await.status, 403);
}
