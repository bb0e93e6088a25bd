//! An official registers a service, a citizen signs in to it, its secret is changed without one failed sign-in, it is
//! suspended, and the citizen is told. On the way every page of the console is looked at.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::secret::{Secret, base64url};
use idp_tests::{Receiver, encoded, soon};
use serde_json::Value;

use super::officers::on_duty;
use super::people::{Newcomer, citizen};
use super::stage::{Language, Stage};

const CITIZEN: &str = "malee@mail.example";
const OFFICIAL: &str = "official@mail.example";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-0123";

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_registered_used_renewed_and_suspended_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_registered_used_renewed_and_suspended_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("service", language).await;
    let service = Receiver::start().await;
    let malee = citizen("1000000000033");
    for email in [OFFICIAL, CITIZEN] {
        stage.register(&Newcomer { email, name: [malee.first, malee.last], member_type: "public" }).await;
        stage.sign_out().await;
    }
    let (id, first) = register(&stage, &service).await;

    stage.sign_in(CITIZEN).await;
    signed_in(&stage, &service, &id, &[&first], true).await;
    let second = renew(&stage, &id).await;
    // The old secret and the new one, in the same hour: nobody is sent away.
    stage.sign_in(CITIZEN).await;
    signed_in(&stage, &service, &id, &[&first, &second], false).await;
    suspend(&stage, &id).await;
    stage.sign_in(CITIZEN).await;
    stage.open(&authorize(&stage, &service, &id)).await;
    let told = stage.text("main").await;
    assert!(told.contains(stage.language.pick("ปรับปรุงระบบถึงวันจันทร์", "Maintenance until Monday")), "{told}");
    stage.look("suspended").await;
    the_rest_of_the_console(&stage, &id).await;
    stage.strike().await;
}

async fn register(stage: &Stage, service: &Receiver) -> (String, String) {
    on_duty(stage, OFFICIAL, Role::SuperAdmin).await;
    stage.open(&stage.provider("/admin")).await;
    stage.look("console").await;
    stage.open(&stage.provider("/admin/clients")).await;
    stage.look("clients").await;
    stage.open(&stage.provider("/admin/clients/new")).await;
    stage.look("client-form").await;
    // What is typed is checked when its author goes on, before anything is sent.
    stage.fill_all(&[("redirect_uris", "https://*.moc.example/cb"), ("name_en", "Price complaints")]).await;
    stage.find("#redirect_uris-error[role=alert]").await;
    stage.look("client-form-checked").await;
    // Everything wrong at once: each refusal says what to do.
    stage.press("#save").await;
    stage.find("#error-summary").await;
    stage.look("client-form-faulty").await;
    stage.choose("kind", "web").await;
    stage.choose("department", "dit").await;
    stage
        .fill_all(&[
            ("name_th", "ระบบร้องเรียนราคาสินค้า"),
            ("name_en", "Price complaints"),
            ("owner", "somchai@moc.example"),
            ("purpose_th", "รับเรื่องร้องเรียนราคาสินค้า"),
            ("purpose_en", "take complaints about prices"),
            ("redirect_uris", &service.url("/cb")),
        ])
        .await;
    stage.touch("#event_suspended").await;
    stage.press("#save").await;
    stage.find("#client-done").await;
    stage.look("client-done").await;
    let (id, secret) = (stage.text("#client-id").await, stage.text("#client-secret").await);
    trial(stage).await;
    stage.open(&stage.provider(&format!("/admin/client/{id}"))).await;
    stage.find("#client-status").await;
    stage.look("client-draft").await;
    stage.press("#step-activate button").await;
    stage.find(".state-active").await;
    stage.look("client-active").await;
    stage.sign_out().await;
    (id, secret)
}

/// From the page that ends the registration: the pages that members will see, then each step.
async fn trial(stage: &Stage) {
    stage.press("#try").await;
    stage.find("#allow").await;
    stage.look("trial-consent").await;
    stage.press("#deny").await;
    stage.find("#trial-failed").await;
    stage.look("trial-refused").await;
    stage.press("#try-again").await;
    stage.press("#allow").await;
    stage.find("#trial-passed").await;
    stage.look("trial").await;
}

fn authorize(stage: &Stage, service: &Receiver, id: &str) -> String {
    let challenge = base64url(Secret::presented(VERIFIER).digest().as_bytes());
    let redirect_uri = service.url("/cb");
    let ask = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", redirect_uri.as_str()),
        ("scope", "openid membership"),
        ("nonce", "n"),
        ("state", "s"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    stage.provider(&format!("/authorize?{}", encoded(&ask)))
}

/// Signs the browser in once with each secret, the first time with consent.
async fn signed_in(stage: &Stage, service: &Receiver, id: &str, secrets: &[&str], asked: bool) {
    for secret in secrets {
        let before = service.received().len();
        stage.open(&authorize(stage, service, id)).await;
        if asked {
            stage.find("#allow").await;
            stage.look("consent").await;
            stage.press("#allow").await;
        }
        let arrived = async || service.received()[before..].iter().any(|received| received.uri.path() == "/cb");
        soon("the code arrives", arrived).await;
        let here = stage.here().await;
        let code = here.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
        let redirect_uri = service.url("/cb");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let request = reqwest::Client::new().post(stage.provider("/token")).basic_auth(id, Some(secret));
        let reply = request.form(&fields).send().await.expect("it answers");
        assert_eq!(reply.status(), 200);
        let answer: Value = reply.json().await.expect("JSON");
        assert!(answer["id_token"].is_string(), "{answer}");
    }
    stage.open(&stage.provider("/profile")).await;
    stage.sign_out().await;
}

async fn renew(stage: &Stage, id: &str) -> String {
    on_duty_again(stage).await;
    stage.open(&stage.provider(&format!("/admin/client/{id}"))).await;
    stage.press("#rotate").await;
    stage.find("#client-secret").await;
    stage.look("client-renewed").await;
    let secret = stage.text("#client-secret").await;
    stage.open(&stage.provider(&format!("/admin/client/{id}/edit"))).await;
    stage.look("client-edit").await;
    stage.sign_out().await;
    secret
}

async fn suspend(stage: &Stage, id: &str) {
    on_duty_again(stage).await;
    stage.open(&stage.provider(&format!("/admin/client/{id}"))).await;
    stage.fill_all(&[("note_th", "ปรับปรุงระบบถึงวันจันทร์"), ("note_en", "Maintenance until Monday")]).await;
    stage.press("#step-suspend button").await;
    stage.find(".state-suspended").await;
    stage.look("client-suspended").await;
    stage.sign_out().await;
}

async fn the_rest_of_the_console(stage: &Stage, id: &str) {
    let app = &stage.demo.app;
    app.meter.flush(&app.store, &*app.chance, app.now()).await.unwrap();
    app.traffic.flush(&app.store).await.unwrap();
    stage.clock.put_forward(TimeDelta::seconds(30));
    app.store.seal_audit(app.now(), TimeDelta::seconds(10)).await.unwrap();
    app.store.take_stock(app.now()).await.unwrap();
    on_duty_again(stage).await;
    for (path, name) in [
        ("/admin/dashboard", "dashboard-day"),
        ("/admin/dashboard?range=month", "dashboard-month"),
        ("/admin/dashboard?range=day&endpoint=sign_in", "dashboard-endpoint"),
        ("/admin/approvals", "approvals"),
        ("/admin/audit", "audit"),
        ("/admin/staff", "staff"),
        ("/admin/traffic", "traffic"),
    ] {
        stage.open(&stage.provider(path)).await;
        stage.look(name).await;
    }
    let account = app.store.account_by_email(CITIZEN).await.unwrap().expect("registered").account.id.to_string();
    stage.fill_all(&[("account", &account), ("reason", "court order 12/2569")]).await;
    stage.press("#look").await;
    stage.find("#lines").await;
    stage.look("traffic-found").await;
    stage.open(&stage.provider(&format!("/admin/clients?q={id}"))).await;
    stage.look("clients-found").await;
}

/// The official's role is had once; what is new is the session.
async fn on_duty_again(stage: &Stage) {
    super::officers::sign_in_strongly(stage, OFFICIAL).await;
}
