//! `/profile/restrict`: the account rests at its owner's word, and is taken into use again (PDPA s.34).

use chrono::TimeDelta;
use idp_core::account::{Membership, Standing};
use idp_core::audit::Action;
use idp_tests::{App, Letter, Member, PASSWORD, Page};
use idp_web::jobs;

async fn restrict(member: &mut Member) -> Page {
    let page = member.browser.get("/profile/restrict").await;
    member.browser.submit(page.form("/profile/restrict")).await
}

#[tokio::test]
async fn everything_is_kept_and_nothing_is_given() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_permanent("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let page = restrict(&mut ana).await;
    assert!(page.has("#restricted"), "{}", page.text("main"));
    assert!(!ana.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&tokens.access).await.expect(401);
    assert!(matches!(ana.account().await.standing, Standing::Restricted { .. }));
    let letters = app.letters_to(&ana.email).await;
    assert!(
        matches!(letters.as_slice(), [Letter::Restricted { lift_url, .. }] if lift_url.ends_with("/profile/restrict"))
    );
    // The owner may come in, and no service gets anything.
    let page = ana.sign_in().await;
    assert!(page.has("#restricted"), "{}", page.text("main"));
    let ask = rp.ask();
    rp.authorize(&mut ana, &ask).await.expect_error("access_denied", &ask, app.issuer());
    for place in ["/verify", "/profile/services", "/profile/edit", "/profile/password"] {
        assert_eq!(ana.browser.get(place).await.place(), "/profile", "{place}");
    }
    assert_eq!(ana.browser.get("/profile/data").await.place(), "/profile/data", "a copy may be taken");
    // A year later it is all there.
    app.advance(TimeDelta::days(365));
    jobs::tend(app.provider()).await.unwrap();
    ana.sign_in().await;
    let page = ana.browser.get("/profile/restrict").await;
    let page = ana.browser.submit(page.form("/profile/restrict/lift")).await;
    assert!(page.text("#membership").contains("สมาชิกถาวร"), "{}", page.text("main"));
    rp.sign_in(&mut ana).await;
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::RestrictionLifted { .. })));
    for action in [Action::AccountRestricted, Action::RestrictionLifted] {
        assert_eq!(app.store.events_of(ana.id, &[action], 9).await.unwrap().len(), 1, "{action:?}");
    }
}

#[tokio::test]
async fn the_sixty_days_stand_still_meanwhile() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let Membership::Temporary { expires_at } = ana.account().await.membership else { panic!("temporary") };
    app.advance(TimeDelta::days(50));
    ana.sign_in().await;
    restrict(&mut ana).await;
    app.advance(TimeDelta::days(100));
    jobs::tend(app.provider()).await.unwrap();
    jobs::warn_of_endings(app.provider()).await.unwrap();
    let page = ana.sign_in().await;
    assert!(page.has("#restricted"), "neither ended nor erased: {}", page.text("main"));
    let page = ana.browser.get("/profile/restrict").await;
    let page = ana.browser.submit(page.form("/profile/restrict/lift")).await;
    assert!(page.text("#membership").contains("เหลือเวลาใช้งาน 10 วัน"), "{}", page.text("#membership"));
    let Membership::Temporary { expires_at: now_until } = ana.account().await.membership else { panic!("temporary") };
    assert_eq!(now_until, expires_at + TimeDelta::days(100), "to the end of a day, as before");
    jobs::tend(app.provider()).await.unwrap();
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn it_takes_a_young_proof_and_is_done_once() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let form = ana.browser.get("/profile/restrict").await.form("/profile/restrict");
    app.advance(TimeDelta::minutes(6));
    assert_eq!(ana.browser.get("/profile/restrict").await.place(), "/login");
    assert_eq!(app.unchanged(ana.browser.submit(form)).await.place(), "/login");
    let page = ana.browser.get("/login?again=yes").await;
    ana.sign_in_at(&page).await;
    restrict(&mut ana).await;
    let now = app.now();
    assert!(!app.store.restrict(ana.id, now, &[], &[]).await.unwrap());
    assert!(app.store.lift_restriction(ana.id, now, &[], &[]).await.unwrap());
    assert!(!app.store.lift_restriction(ana.id, now, &[], &[]).await.unwrap());
    assert_eq!(app.browser().get("/profile/restrict").await.place(), "/login");
}

#[tokio::test]
async fn an_account_that_rests_can_be_deleted() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    restrict(&mut ana).await;
    ana.sign_in().await;
    let page = ana.browser.get("/profile/delete").await;
    let page = ana.browser.submit(page.form("/profile/delete").with("password", PASSWORD)).await;
    assert!(page.has("#deletion-scheduled"), "{}", page.text("main"));
    app.advance(TimeDelta::days(30));
    jobs::tend(app.provider()).await.unwrap();
    assert!(app.store.account(ana.id).await.unwrap().is_none());
}

#[tokio::test]
async fn who_keeps_an_account_that_rested_before_its_deletion_finds_it_at_rest() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let Membership::Temporary { expires_at } = ana.account().await.membership else { panic!("temporary") };
    restrict(&mut ana).await;
    app.advance(TimeDelta::days(5));
    ana.sign_in().await;
    let page = ana.browser.get("/profile/delete").await;
    ana.browser.submit(page.form("/profile/delete").with("password", PASSWORD)).await;
    app.advance(TimeDelta::days(5));
    ana.sign_in().await;
    let page = ana.browser.get("/profile/keep").await;
    let page = ana.browser.submit(page.form("/profile/keep")).await;
    assert!(page.has("#restricted"), "at rest, as its owner had it: {}", page.text("main"));
    // Suspended and restored, it is at rest as well.
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    assert!(app.store.restore(ana.id, None, app.now(), &[], &[]).await.unwrap());
    assert!(ana.sign_in().await.has("#restricted"));
    // And none of the days since it began to rest is lost.
    let page = ana.browser.get("/profile/restrict").await;
    ana.browser.submit(page.form("/profile/restrict/lift")).await;
    let Membership::Temporary { expires_at: now_until } = ana.account().await.membership else { panic!("temporary") };
    assert_eq!(now_until, expires_at + TimeDelta::days(10));
    // Who did not have it rest has it back in use.
    let mut ben = app.insert_member("ben").await;
    let page = ben.browser.get("/profile/delete").await;
    ben.browser.submit(page.form("/profile/delete").with("password", PASSWORD)).await;
    ben.sign_in().await;
    let page = ben.browser.get("/profile/keep").await;
    assert_eq!(ben.browser.submit(page.form("/profile/keep")).await.place(), "/profile");
    assert!(ben.browser.get("/profile").await.has("#membership"));
}
