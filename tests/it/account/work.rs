//! The obstacle for whoever keeps guessing: to be computed, or waited for.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::TimeDelta;
use idp_core::work::solve;
use idp_tests::{App, Browser, Form, Member, Page, prove};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const BITS: u32 = 8;

async fn strict() -> App {
    App::start_with(|config| {
        config.throttle.work_after_failures = 3;
        config.throttle.work_after_origin_failures = 6;
        config.throttle.work_bits = BITS;
        config.throttle.free_attempts = 10;
    })
    .await
}

async fn guess(browser: &mut Browser, email: &str) -> Page {
    let page = browser.get("/login").await;
    let form = page.form("/login").with("username", email).with("password", "a wrong password");
    browser.submit(form).await
}

/// An account at which somebody guessed three times, and a browser nobody knows, at the page that asks.
async fn asked(app: &App) -> (Member, Member, Page) {
    let owner = app.insert_member("ana").await;
    let mut stranger = owner.elsewhere();
    for _ in 0..2 {
        assert!(!guess(&mut stranger.browser, &owner.email).await.has("#work"));
    }
    let page = guess(&mut stranger.browser, &owner.email).await;
    assert!(page.has("#work[role='status']"), "{}", page.text("main"));
    (owner, stranger, page)
}

fn filled(page: &Page, member: &Member) -> Form {
    page.form("/login").with("username", &member.email).with("password", &member.password)
}

fn solved(form: Form) -> Form {
    let answer = solve(form.value("work_task"), BITS);
    form.with("work_answer", &answer)
}

#[tokio::test]
async fn whoever_computes_is_looked_at_and_whoever_does_not_is_not() {
    let app = strict().await;
    let (_, mut stranger, page) = asked(&app).await;
    // Not looked at: the right password is neither taken nor counted.
    let refused = app.unchanged(stranger.browser.submit(filled(&page, &stranger))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.has("#work") && !stranger.browser.is_signed_in().await);
    let done = stranger.browser.submit(solved(filled(&refused, &stranger))).await;
    done.expect_at("/profile");
}

#[tokio::test]
async fn an_answer_is_spent_once_even_when_many_bring_it_at_once() {
    let app = strict().await;
    let (_, mut stranger, page) = asked(&app).await;
    let form = solved(filled(&page, &stranger)).with("password", "another wrong one");
    let gate = Arc::new(Barrier::new(10));
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let (mut browser, form, gate) = (stranger.browser.clone(), form.clone(), Arc::clone(&gate));
        tasks.spawn(async move {
            gate.wait().await;
            browser.press(&form).await.status
        });
    }
    let statuses = tasks.join_all().await;
    let looked_at = statuses.iter().filter(|status| **status == StatusCode::OK).count();
    assert_eq!(looked_at, 1, "{statuses:?}");
    let again = app.unchanged(stranger.browser.submit(form)).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_answer_that_is_too_easy_or_belongs_elsewhere_is_none() {
    let app = strict().await;
    let (_, mut stranger, page) = asked(&app).await;
    let form = filled(&page, &stranger);
    let task = form.value("work_task").to_owned();
    let right = solve(&task, BITS);
    // No number, and one that is too easy.
    let mut refused = vec![form.clone().with("work_answer", "x")];
    let easy = solve(&task, 2);
    if easy != right {
        refused.push(form.clone().with("work_answer", &easy));
    }
    // Another browser's task, another form's, one made up, one that is changed.
    let mut other = stranger.elsewhere();
    guess(&mut other.browser, &stranger.email).await;
    let theirs = guess(&mut other.browser, &stranger.email).await;
    let foreign = theirs.form("/login").value("work_task").to_owned();
    refused.push(form.clone().with("work_task", &foreign).with("work_answer", &solve(&foreign, BITS)));
    let made_up = "A".repeat(task.len());
    refused.push(form.clone().with("work_task", &made_up).with("work_answer", &solve(&made_up, BITS)));
    refused.push(form.clone().with("work_task", "").with("work_answer", &right));
    for form in refused {
        let page = app.unchanged(stranger.browser.submit(form.clone())).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{form:?}");
    }
    // Too late, it is none either.
    let page = guess(&mut stranger.browser, &stranger.email).await;
    let form = solved(filled(&page, &stranger));
    app.advance(TimeDelta::minutes(15));
    let page = app.unchanged(stranger.browser.submit(form)).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn whoever_has_no_scripts_waits_instead_one_after_the_other() {
    let app = strict().await;
    let (_, mut stranger, page) = asked(&app).await;
    assert!(page.text("#work").contains("30 วินาที"), "told in words: {}", page.text("#work"));
    app.advance(TimeDelta::seconds(29));
    assert_eq!(stranger.browser.submit(filled(&page, &stranger)).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Waiting for two at once is waiting for one.
    let first = stranger.browser.get("/login").await;
    let (first, second) = {
        let refused = stranger.browser.submit(filled(&first, &stranger)).await;
        let other = stranger.browser.submit(filled(&first, &stranger)).await;
        (filled(&refused, &stranger).with("password", "a wrong one"), filled(&other, &stranger))
    };
    app.advance(TimeDelta::seconds(30));
    assert_eq!(stranger.browser.submit(first).await.status, StatusCode::OK, "looked at, and wrong");
    assert_eq!(stranger.browser.submit(second.clone()).await.status, StatusCode::TOO_MANY_REQUESTS);
    app.advance(TimeDelta::seconds(30));
    stranger.browser.submit(second).await.expect_at("/profile");
}

#[tokio::test]
async fn the_owners_browser_and_passkey_are_never_held_up() {
    let app = strict().await;
    let mut owner = app.insert_member("ana").await;
    let mut phone = owner.authenticator();
    owner.add_passkey(&mut phone).await;
    let mut thief = owner.elsewhere();
    for _ in 0..8 {
        guess(&mut thief.browser, &owner.email).await;
    }
    owner.sign_out().await;
    assert!(!owner.browser.get("/login").await.has("#work"));
    let page = owner.sign_in().await;
    page.expect_at("/login/second");
    owner.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/profile");
    // A passkey in a browser that nobody knows, even at the thief's own origin.
    thief.browser.forget_cookies();
    thief.sign_in_by_passkey(&mut phone).await.expect_at("/profile");
}

#[tokio::test]
async fn whoever_keeps_guessing_at_a_second_factor_pays_as_well_and_its_owner_does_not() {
    let app = strict().await;
    let mut owner = app.insert_member("ana").await;
    owner.insert_totp().await;
    let mut stranger = owner.elsewhere();
    let page = stranger.sign_in().await;
    page.expect_at("/login/second");
    let mut page = page;
    for number in 0..3 {
        assert!(!page.has("#work"), "{number}");
        page = prove(&mut stranger.browser, &page, "abcdef").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(page.has("#work[role='status']"), "{}", page.text("main"));
    // Waiting for the next guess is one thing, and paying for it another.
    app.advance(TimeDelta::minutes(2));
    let page = stranger.browser.get("/login/second").await;
    assert!(page.has("#work"), "{}", page.text("main"));
    // Not looked at: the right code is neither taken nor counted.
    let code = owner.totp_code();
    let form = page.form("/login/second").with("code", &code);
    let refused = app.unchanged(stranger.browser.submit(form)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text("#error-summary").contains("ยังไม่ได้ตรวจรหัส"), "{}", refused.text("main"));
    // What was computed for the password is worth nothing here.
    let signing_in = stranger.browser.get("/login").await;
    let signing_in = match signing_in.has("#work") {
        true => signing_in,
        false => guess(&mut stranger.browser, &owner.email).await,
    };
    let task = signing_in.form("/login").value("work_task").to_owned();
    let crossed = refused.form("/login/second").with("code", &code);
    let crossed = crossed.with("work_task", &task).with("work_answer", &solve(&task, BITS));
    assert_eq!(app.unchanged(stranger.browser.submit(crossed)).await.status, StatusCode::TOO_MANY_REQUESTS);
    let paid = solved(refused.form("/login/second").with("code", &code));
    stranger.browser.submit(paid).await.expect_at("/profile");
    // The owner's browser is not held up.
    let page = owner.sign_in().await;
    assert!(!page.has("#work"), "{}", page.text("main"));
    owner.prove_at(&page).await.expect_at("/profile");
}

#[tokio::test]
async fn s064_an_address_that_nobody_has_is_treated_the_same() {
    let app = strict().await;
    app.insert_member("ana").await;
    let mut seen = Vec::new();
    for email in ["ana@mail.example", "nobody@mail.example"] {
        let mut stranger = app.browser();
        let mut said = Vec::new();
        for _ in 0..5 {
            let page = guess(&mut stranger, email).await;
            said.push((page.status, page.has("#work"), page.text("#error-summary")));
        }
        seen.push(said);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0][2].1 && seen[0][4].0 == StatusCode::TOO_MANY_REQUESTS, "{seen:?}");
}

#[tokio::test]
async fn an_origin_that_tries_many_accounts_works_at_every_form() {
    let app = strict().await;
    let mut stranger = app.browser();
    for number in 0..6 {
        assert!(!stranger.get("/login").await.has("#work"), "{number}");
        guess(&mut stranger, &format!("somebody{number}@mail.example")).await;
    }
    assert!(stranger.get("/login").await.has("#work"));
    let page = stranger.get("/recover").await;
    assert!(page.has("#work"));
    let form = page.form("/recover").with("email", "ana@mail.example");
    let refused = app.unchanged(stranger.submit(form.clone())).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What was computed for the password opens no other form.
    let signing_in = stranger.get("/login").await.form("/login");
    let task = signing_in.value("work_task");
    let crossed = form.clone().with("work_task", task).with("work_answer", &solve(task, BITS));
    assert_eq!(app.unchanged(stranger.submit(crossed)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = stranger.submit(solved(form)).await;
    assert!(done.has("#recovery-sent"), "{}", done.text("main"));
    // Somewhere else nobody notices.
    assert!(!app.browser().get("/login").await.has("#work"));
}
