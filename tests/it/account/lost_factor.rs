//! `/login/second/lost`: no step before its time, none skipped, each once; and how it is called off.

use chrono::TimeDelta;
use idp_core::account::LostFactorStage;
use idp_core::audit::Action;
use idp_tests::{App, Form, Letter, Member, Page, filled_card};
use tokio::task::JoinSet;

const LOST: &str = "/login/second/lost";

async fn with_totp(app: &App, name: &str) -> Member {
    let mut member = app.insert_member(name).await;
    member.insert_totp().await;
    member
}

/// The page about lost factors, after the right password in a browser that was never here.
async fn lost(member: &Member) -> (Member, Page) {
    let mut member = member.elsewhere();
    member.sign_in().await.expect_at("/login/second");
    let page = member.browser.get(LOST).await;
    page.expect_at(LOST);
    (member, page)
}

/// Proves the mailbox.
async fn prove_mailbox(app: &App, member: &Member) -> (Member, Page) {
    let (mut member, page) = lost(member).await;
    let page = member.browser.submit(page.form(LOST)).await;
    let code = app.mailed_code(&member.email).await;
    let form = page.forms().into_iter().find(|form| form.has("code")).expect("a field for the code");
    let page = member.browser.submit(form.with("code", &code)).await;
    (member, page)
}

/// Waits until the factors may be removed.
async fn waited(app: &App, member: &Member) {
    let (_, page) = prove_mailbox(app, member).await;
    assert!(page.has("#lost-until"), "{}", page.text("main"));
    app.advance(TimeDelta::hours(72));
}

/// The page after the waiting time, with a code on its way to the mailbox that has to be proven once more.
async fn with_code(app: &App, member: &Member) -> (Member, Form) {
    let (mut member, page) = lost(member).await;
    assert!(page.has("#remove-lost"), "{}", page.text("main"));
    let page = member.browser.submit(page.form(LOST)).await;
    let code = app.mailed_code(&member.email).await;
    let form = page.forms().into_iter().find(|form| form.has("code")).expect("a field for the code");
    (member, form.with("code", &code))
}

async fn stage(app: &App, member: &Member) -> Option<LostFactorStage> {
    app.store.lost_factor(member.id).await.unwrap()
}

#[tokio::test]
async fn after_mailbox_and_waiting_time_the_factors_go_and_everybody_is_told() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let mut other = ana.elsewhere();
    let page = other.sign_in().await;
    other.prove_at(&page).await.expect_at("/profile");
    let (mut here, page) = prove_mailbox(&app, &ana).await;
    assert!(page.has("#lost-until"), "{}", page.text("main"));
    // A second request changes nothing, and no step comes before its time.
    let Some(LostFactorStage::Waiting { until }) = stage(&app, &ana).await else { panic!("it waits") };
    app.advance(TimeDelta::hours(72) - TimeDelta::seconds(1));
    let (mut early, page) = lost(&ana).await;
    assert!(page.has("#lost-until"));
    let csrf = early.browser.get("/login/second").await.form("/login/second");
    early.browser.post_from(app.issuer(), LOST, &[("csrf", csrf.value("csrf")), ("remove", "yes")]).await;
    assert_eq!(stage(&app, &ana).await, Some(LostFactorStage::Waiting { until }));
    assert!(app.letters_to(&ana.email).await.iter().all(|letter| letter.kind() != "lost_factor_over"));
    app.advance(TimeDelta::seconds(1));
    assert!(app.letters_to(&ana.email).await.iter().any(|letter| letter.kind() == "lost_factor_over"));
    // What was half done then is too old.
    assert_eq!(here.browser.get(LOST).await.place(), "/login");
    let (mut here, form) = with_code(&app, &ana).await;
    here.browser.submit(form).await.expect_at("/profile");
    assert!(!app.store.factors(ana.id).await.unwrap().has_strong());
    assert!(!other.browser.is_signed_in().await, "other sessions end");
    assert_eq!(stage(&app, &ana).await, Some(LostFactorStage::Done));
    let last = app.letters_to(&ana.email).await.into_iter().rev().find_map(|letter| match letter {
        Letter::FactorsChanged { what, .. } => Some(what),
        _ => None,
    });
    assert_eq!(last.as_deref(), Some("lost_removed"));
    for action in [Action::FactorRecoveryAsked, Action::FactorRecovered] {
        assert_eq!(app.store.events_of(ana.id, &[action], 9).await.unwrap().len(), 1, "{action:?}");
    }
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile", "the password is enough");
}

#[tokio::test]
async fn s059_nobody_comes_in_by_it_without_the_password() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    waited(&app, &ana).await;
    let mut stranger = app.browser();
    assert_eq!(stranger.get(LOST).await.place(), "/login");
    let mut bare = app.insert_member("ben").await;
    assert_eq!(bare.browser.get(LOST).await.place(), "/profile", "who is signed in has nothing to ask for here");
    assert!(app.store.factors(ana.id).await.unwrap().has_strong());
}

#[tokio::test]
async fn a_second_factor_that_is_found_calls_it_off() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let (_, page) = prove_mailbox(&app, &ana).await;
    assert!(page.has("#lost-until"));
    let mut found = ana.elsewhere();
    let page = found.sign_in().await;
    found.prove_at(&page).await.expect_at("/profile");
    assert_eq!(stage(&app, &ana).await, Some(LostFactorStage::Cancelled));
    app.advance(TimeDelta::hours(73));
    let (_, page) = lost(&ana).await;
    assert!(page.has("#send-lost-code"), "it begins anew");
    assert!(app.letters_to(&ana.email).await.iter().all(|letter| letter.kind() != "lost_factor_over"));
}

#[tokio::test]
async fn this_was_not_me_calls_it_off_at_its_beginning_and_at_its_end() {
    let app = App::start().await;
    for at_end in [false, true] {
        let ana = with_totp(&app, if at_end { "ana" } else { "ben" }).await;
        let (_, page) = prove_mailbox(&app, &ana).await;
        assert!(page.has("#lost-until"));
        if at_end {
            app.advance(TimeDelta::hours(72));
        }
        let link = app.letters_to(&ana.email).await.into_iter().rev().find_map(|letter| match letter {
            Letter::LostFactorOver { not_me_url, .. } if at_end => Some(not_me_url),
            Letter::LostFactorWaiting { not_me_url, .. } if !at_end => Some(not_me_url),
            _ => None,
        });
        let link = link.expect("a letter tells of it");
        let mut browser = app.browser();
        let page = browser.get(link.strip_prefix(app.issuer()).unwrap()).await;
        let page = browser.submit(page.form("/not-me")).await;
        assert!(page.has("#sign-in-disputed"), "{}", page.text("main"));
        assert_eq!(stage(&app, &ana).await, Some(LostFactorStage::Cancelled));
        assert!(app.store.factors(ana.id).await.unwrap().has_strong());
    }
}

#[tokio::test]
async fn a_permanent_member_verifies_again_with_their_own_number() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let citizen = app.promote(&ana).await;
    let other = app.promote(&app.insert_member("ben").await).await;
    ana.insert_totp().await;
    let (mut here, page) = prove_mailbox(&app, &ana).await;
    let form = page.form(LOST);
    assert!(form.has("national_id"), "{}", page.text("main"));
    // Neither the code again nor the wish to be done skips the step.
    let csrf = form.value("csrf").to_owned();
    here.browser.post_from(app.issuer(), LOST, &[("csrf", &csrf), ("remove", "yes"), ("code", "123456")]).await;
    assert!(matches!(stage(&app, &ana).await, Some(LostFactorStage::MailProven { .. })));
    let page = here.browser.submit(filled_card(form, other)).await;
    assert_eq!(page.status, 422, "another's number: {}", page.text("main"));
    assert!(matches!(stage(&app, &ana).await, Some(LostFactorStage::MailProven { .. })));
    let page = here.browser.submit(filled_card(page.form(LOST), citizen)).await;
    assert!(page.has("#lost-until"), "{}", page.text("main"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_remove_them_at_once_on_two_nodes_one_does() {
    let app = App::start_on_servers().await;
    let node = app.another_node().await;
    let ana = with_totp(&app, "ana").await;
    waited(&app, &ana).await;
    let mut waiting = Vec::new();
    for turn in 0..8 {
        let (mut here, page) = lost(&ana).await;
        if turn % 2 == 1 {
            here.browser.visit(&node);
        }
        waiting.push((here, page.form(LOST)));
    }
    let (_, form) = with_code(&app, &ana).await;
    let code = form.value("code").to_owned();
    let mut tasks = JoinSet::new();
    for (mut here, form) in waiting {
        let fields = vec![("csrf".to_owned(), form.value("csrf").to_owned()), ("code".to_owned(), code.clone())];
        let form = Form { fields, ..form };
        tasks.spawn(async move { here.browser.submit(form).await.place() == "/profile" });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|done| *done).count(), 1);
    assert_eq!(app.store.events_of(ana.id, &[Action::FactorRecovered], 99).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_passkeys_go_with_the_telephone_and_using_one_calls_it_off() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    let (_, page) = prove_mailbox(&app, &ana).await;
    assert!(page.has("#lost-until"), "{}", page.text("main"));
    // It was in the other coat.
    ana.elsewhere().sign_in_by_passkey(&mut phone).await.expect_at("/profile");
    assert_eq!(stage(&app, &ana).await, Some(LostFactorStage::Cancelled));
    assert_eq!(app.store.events_of(ana.id, &[Action::FactorRecoveryCancelled], 9).await.unwrap().len(), 1);
    // Lost again, and for good.
    waited(&app, &ana).await;
    let (mut here, form) = with_code(&app, &ana).await;
    here.browser.submit(form).await.expect_at("/profile");
    let factors = app.store.factors(ana.id).await.unwrap();
    assert_eq!((factors.passkeys, factors.recovery_codes), (0, 0));
    assert_eq!(app.store.row_count("recovery_codes").await.unwrap(), 0);
    // Whoever found the telephone has nothing.
    let mut finder = ana.elsewhere();
    let page = finder.sign_in_by_passkey(&mut phone).await;
    assert_eq!(page.status, 400);
    assert!(!finder.browser.is_signed_in().await);
}

#[tokio::test]
async fn who_may_come_to_the_end_of_it_has_seven_days() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    waited(&app, &ana).await;
    app.advance(TimeDelta::days(7));
    let (_, page) = lost(&ana).await;
    assert!(page.has("#send-lost-code"), "it begins anew: {}", page.text("main"));
    assert!(page.text("#no-mailbox").contains("ลงทะเบียนบัญชีใหม่"), "who lost the mailbox too is told what to do");
}

/// Days have gone by since the owner proved the mailbox. Somebody who has only the password comes no further.
#[tokio::test]
async fn s059_the_password_alone_ends_no_waiting_time() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    waited(&app, &ana).await;
    let (mut thief, form) = with_code(&app, &ana).await;
    let code = form.value("code").to_owned();
    let guess = if code == "123456" { "654321" } else { "123456" };
    let page = thief.browser.submit(form.with("code", guess)).await;
    assert_eq!(page.status, 422);
    assert!(page.has("#code-error"), "{}", page.text("main"));
    let csrf = page.form(LOST).value("csrf").to_owned();
    thief.browser.post_from(app.issuer(), LOST, &[("csrf", &csrf), ("remove", "yes")]).await;
    assert!(app.store.factors(ana.id).await.unwrap().has_strong());
    assert!(matches!(stage(&app, &ana).await, Some(LostFactorStage::Waiting { .. })));
    // The guess stands in the owner's history, and on the counter of the password.
    let (mut owner, form) = with_code(&app, &ana).await;
    owner.browser.submit(form).await.expect_at("/profile");
    let history = owner.browser.get("/profile/history").await;
    assert!(history.text("main").contains("รหัส"), "{}", history.text("main"));
}

/// One counter for all doors: guesses at this code keep the other doors shut as well.
#[tokio::test]
async fn s058_wrong_codes_count_at_every_door() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let (mut thief, page) = lost(&ana).await;
    let page = thief.browser.submit(page.form(LOST)).await;
    let code = app.mailed_code(&ana.email).await;
    let form = page.forms().into_iter().find(|form| form.has("code")).expect("a field for the code");
    let guess = if code == "123456" { "654321" } else { "123456" };
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(thief.browser.submit(form.clone().with("code", guess)).await.text("#code-error"));
    }
    let page = thief.browser.get("/login/second?by=totp").await;
    let page = thief.browser.submit(page.form("/login/second").with("code", "000000")).await;
    assert_eq!(page.status, 429, "{statuses:?}: {}", page.text("main"));
}

#[tokio::test]
async fn whoever_is_signed_in_is_told_that_it_waits_and_calls_it_off() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let mut owner = ana.elsewhere();
    let page = owner.sign_in().await;
    owner.prove_at(&page).await.expect_at("/profile");
    for path in ["/profile", "/profile/security"] {
        assert!(!owner.browser.get(path).await.has("#factors-said-lost"), "{path}");
    }
    let (_, page) = prove_mailbox(&app, &ana).await;
    assert!(page.has("#lost-until"));
    let mut to = String::new();
    for path in ["/profile", "/profile/security"] {
        let page = owner.browser.get(path).await;
        assert!(page.text("#factors-said-lost").contains("5 พฤศจิกายน 2569"), "{}", page.text("main"));
        to = page.attribute("#call-off", "href").unwrap();
    }
    let page = owner.browser.get(&to).await;
    let page = owner.sign_in_at(&page).await;
    owner.prove_at(&page).await.expect_at("/profile/security");
    assert_eq!(stage(&app, &ana).await, Some(LostFactorStage::Cancelled));
    assert!(!owner.browser.get("/profile").await.has("#factors-said-lost"));
}
