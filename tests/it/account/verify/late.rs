//! S106: an answer counts for the question it was given to, while the member is still here, and not later.

use chrono::TimeDelta;
use idp_tests::{App, Member, Page};
use idp_verify::Weather;
use tokio::task::JoinHandle;

use super::gate::Gate;
use super::{card, citizen, present, refused, stopped};

const NUMBER: &str = "1000000000017";

/// A provider whose registry answers when the gate lets it.
async fn gated() -> (App, Gate) {
    let gate = Gate::build().await;
    let url = gate.url();
    let app = App::start_with(move |config| config.verification.registry_url = url).await;
    gate.lead_to(app.registry().addr());
    // The provider has its token for the registry already.
    let mut first = app.insert_member("first").await;
    refused(&present(&mut first, citizen("6000000000018"), &[]).await);
    (app, gate)
}

/// Presents a card; the registry has been asked, and its answer is on the way.
async fn asked(app: &App, gate: &Gate, member: &mut Member) -> JoinHandle<Page> {
    let form = card(member, citizen(NUMBER), &[]).await;
    gate.close();
    let mut browser = member.browser.clone();
    let waiting = tokio::spawn(async move { browser.submit(form).await });
    for _ in 0..1_000_000 {
        if app.registry().calls_for(NUMBER) == 1 {
            return waiting;
        }
        tokio::task::yield_now().await;
    }
    panic!("the registry was never asked")
}

async fn check_discarded(app: &App, member: &Member) {
    assert!(member.account().await.badge().is_none());
    assert_eq!(app.store.row_count("identities").await.unwrap(), 0);
    assert!(app.letters_to(&member.email).await.iter().all(|letter| letter.kind() != "verified"));
    // The number stays free.
    let mut other = app.insert_member("other").await;
    assert_eq!(present(&mut other, citizen(NUMBER), &[]).await.place(), "/verify/done");
}

#[tokio::test]
async fn an_answer_in_time_counts() {
    let (app, gate) = gated().await;
    let mut ana = app.insert_member("ana").await;
    let waiting = asked(&app, &gate, &mut ana).await;
    gate.open();
    assert_eq!(waiting.await.unwrap().place(), "/verify/done");
    assert!(ana.account().await.badge().is_some());
}

#[tokio::test]
async fn s106_an_answer_after_signing_out_is_discarded() {
    let (app, gate) = gated().await;
    let mut ana = app.insert_member("ana").await;
    let waiting = asked(&app, &gate, &mut ana).await;
    ana.sign_out().await;
    assert!(!ana.browser.is_signed_in().await);
    gate.open();
    assert_eq!(waiting.await.unwrap().place(), "/login");
    check_discarded(&app, &ana).await;
}

#[tokio::test]
async fn s106_an_answer_after_five_minutes_is_discarded() {
    let (app, gate) = gated().await;
    let mut ana = app.insert_member("ana").await;
    let waiting = asked(&app, &gate, &mut ana).await;
    app.advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    gate.open();
    waiting.await.unwrap();
    check_discarded(&app, &ana).await;
}

#[tokio::test]
async fn s106_an_answer_after_the_account_was_stopped_is_discarded() {
    let (app, gate) = gated().await;
    let mut ana = app.insert_member("ana").await;
    let waiting = asked(&app, &gate, &mut ana).await;
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    gate.open();
    waiting.await.unwrap();
    check_discarded(&app, &ana).await;
}

#[tokio::test]
async fn s106_an_answer_to_somebody_who_cancelled_is_lost_and_never_counted() {
    let (app, gate) = gated().await;
    let mut ana = app.insert_member("ana").await;
    let waiting = asked(&app, &gate, &mut ana).await;
    // The browser lets go of the request, as it does when "cancel" is pressed meanwhile.
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(ana.browser.get("/verify").await.place(), "/verify");
    gate.open();
    app.advance(TimeDelta::minutes(11));
    idp_web::jobs::tend(app.provider()).await.unwrap();
    check_discarded(&app, &ana).await;
    assert_eq!(refused(&present(&mut ana, citizen("6000000000018"), &[]).await), 4);
}

#[tokio::test]
async fn a_membership_that_ends_while_the_registry_thinks_is_saved_by_its_answer() {
    let (app, gate) = gated().await;
    let mut ana = app.insert_member("ana").await;
    app.clock().set("2027-01-01T16:59:00Z".parse().unwrap());
    ana.sign_in().await;
    let waiting = asked(&app, &gate, &mut ana).await;
    app.advance(TimeDelta::minutes(2));
    idp_web::jobs::tend(app.provider()).await.unwrap();
    gate.open();
    assert_eq!(waiting.await.unwrap().place(), "/verify/done");
    assert!(ana.account().await.badge().is_some());
}

#[tokio::test]
async fn s106_a_recorded_yes_is_nobodys_answer() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let registry = app.registry();
    // The first answer under this weather is played back to everybody after.
    registry.set_weather(Weather::Replay);
    assert_eq!(present(&mut ana, citizen(NUMBER), &[]).await.place(), "/verify/done");
    let mut ben = app.insert_member("ben").await;
    let page = present(&mut ben, citizen("6000000000018"), &[]).await;
    stopped(&page, 503, "ระบบตรวจสอบไม่พร้อมชั่วคราว");
    assert!(ben.account().await.badge().is_none());
}
