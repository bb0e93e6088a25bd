//! S104: an outage is never a pass and never a counted try, and costs nobody their membership.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Membership;
use idp_tests::{Answer, App, Member};
use idp_verify::Weather;

use super::{citizen, present, refused, stopped};

const DOWN: &str = "ระบบตรวจสอบไม่พร้อมชั่วคราว";

async fn impatient() -> App {
    App::start_with(|config| {
        config.verification.total_timeout_seconds = 1;
        config.verification.connect_timeout_seconds = 1;
    })
    .await
}

async fn ends(member: &Member) -> DateTime<Utc> {
    match member.account().await.account.membership {
        Membership::Temporary { expires_at } => expires_at,
        Membership::Permanent { .. } => panic!("permanent"),
    }
}

#[tokio::test]
async fn s104_every_kind_of_outage_is_503_with_the_time_to_come_back() {
    for weather in [Weather::Outage, Weather::Hang, Weather::Drip, Weather::Status503, Weather::Flood] {
        let app = impatient().await;
        app.registry().set_weather(weather);
        let mut ana = app.insert_member("ana").await;
        let end = ends(&ana).await;
        let page = present(&mut ana, citizen("1000000000017"), &[]).await;
        stopped(&page, 503, DOWN);
        assert_eq!(page.headers["retry-after"], "30", "{weather:?}");
        let said = page.text("main");
        assert!(said.contains("ระบบตรวจสอบข้อมูลไม่พร้อมให้บริการชั่วคราว ท่านยังใช้งานแบบชั่วคราวได้"), "{said}");
        assert!(said.contains("ครั้งนี้ไม่นับเป็นจำนวนครั้งที่กรอกผิด"), "{said}");
        assert_eq!(page.attribute("#continue", "href").as_deref(), Some("/profile"));
        assert!(ana.account().await.badge().is_none(), "never a pass");
        assert_eq!(ends(&ana).await, end, "far from its end nothing needs to be prolonged");
        // Not a try: with fine weather all five are there.
        app.registry().set_weather(Weather::Fine);
        assert_eq!(refused(&present(&mut ana, citizen("6000000000018"), &[]).await), 4);
        assert_eq!(present(&mut ana, citizen("1000000000017"), &[]).await.place(), "/verify/done");
    }
}

#[tokio::test]
async fn s104_after_five_outages_nobody_is_made_to_wait_for_a_sixth() {
    let app = impatient().await;
    app.registry().set_weather(Weather::Status503);
    let mut ana = app.insert_member("ana").await;
    for _ in 0..5 {
        stopped(&present(&mut ana, citizen("1000000000017"), &[]).await, 503, DOWN);
    }
    let asked = app.registry().urls().len();
    for _ in 0..10 {
        stopped(&present(&mut ana, citizen("1000000000017"), &[]).await, 503, DOWN);
    }
    assert_eq!(app.registry().urls().len(), asked, "the registry is left alone");
    // Sign-in goes on as if nothing were.
    let mut elsewhere = ana.elsewhere();
    assert_eq!(elsewhere.sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn s104_a_membership_near_its_end_lasts_through_the_day_after_the_outage() {
    let app = impatient().await;
    let mut ana = app.insert_member("ana").await;
    // The evening of the last day in Bangkok.
    app.clock().set("2027-01-01T15:00:00Z".parse().unwrap());
    ana.sign_in().await;
    app.registry().set_weather(Weather::Outage);
    stopped(&present(&mut ana, citizen("1000000000017"), &[]).await, 503, DOWN);
    assert_eq!(ends(&ana).await, "2027-01-02T16:59:59.999Z".parse::<DateTime<Utc>>().unwrap());
    let lines = app.store.events_about(ana.id, 20).await.unwrap();
    assert!(lines.iter().any(|line| line.action == "membership.extended"));
    // The day after, the registry is back.
    app.registry().set_weather(Weather::Fine);
    app.advance(TimeDelta::hours(20));
    idp_web::jobs::tend(app.provider()).await.unwrap();
    ana.sign_in().await;
    assert_eq!(present(&mut ana, citizen("1000000000017"), &[]).await.place(), "/verify/done");
}

#[tokio::test]
async fn an_outage_revives_no_membership_that_has_ended() {
    let app = impatient().await;
    let mut ana = app.insert_member("ana").await;
    let end = ends(&ana).await;
    app.clock().set(end + TimeDelta::milliseconds(1));
    ana.sign_in().await;
    app.registry().set_weather(Weather::Outage);
    let page = present(&mut ana, citizen("1000000000017"), &[]).await;
    stopped(&page, 503, DOWN);
    assert_eq!(ends(&ana).await, end);
    assert_eq!(page.attribute("#continue", "href").as_deref(), Some("/profile"));
    assert!(ana.browser.get("/profile").await.has("#membership-ended"));
}

#[tokio::test]
async fn an_outage_every_day_keeps_nobody_temporary_for_ever() {
    let app = impatient().await;
    let mut ana = app.insert_member("ana").await;
    app.registry().set_weather(Weather::Status503);
    for day in 55..120 {
        app.clock().set("2026-11-02T03:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(day));
        ana.sign_in().await;
        present(&mut ana, citizen("1000000000017"), &[]).await;
    }
    assert!(ends(&ana).await <= "2027-02-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap(), "{}", ends(&ana).await);
}

#[tokio::test]
async fn the_person_can_go_on_to_the_service_as_a_temporary_member() {
    let app = impatient().await;
    let rp = app.client("rp").first_party().await;
    let mut ana = app.insert_member("ana").await;
    ana.sign_out().await;
    let page = ana.browser.get(&rp.ask().path()).await;
    let request = page.form("/login").value("request").to_owned();
    let form = page.form("/login").with("username", &ana.email).with("password", &ana.password);
    // Signed in, the member turns to verification first.
    ana.browser.press(&form).await.expect(303);
    app.registry().set_weather(Weather::Outage);
    let page = ana.browser.get(&format!("/verify/public?request={request}")).await;
    let form = idp_tests::filled_card(page.form("/verify/public"), citizen("1000000000017"));
    let page = ana.browser.submit(form).await;
    stopped(&page, 503, DOWN);
    assert_eq!(page.text("#continue"), "ใช้งานต่อแบบสมาชิกชั่วคราว");
    let page = ana.browser.get(&page.attribute("#continue", "href").unwrap()).await;
    Answer::of(&page).code();
}

#[tokio::test]
async fn without_a_registry_nobody_waits_and_nothing_is_prolonged() {
    let app = App::start_with(|config| config.verification.registry_url = String::new()).await;
    let mut ana = app.insert_member("ana").await;
    let end = ends(&ana).await;
    app.clock().set(end - TimeDelta::hours(1));
    ana.sign_in().await;
    stopped(&present(&mut ana, citizen("1000000000017"), &[]).await, 503, DOWN);
    assert_eq!(ends(&ana).await, end);
}
