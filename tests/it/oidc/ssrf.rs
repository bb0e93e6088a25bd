//! S091: every address that a client may name, in every disguise, and a listener on this machine that must hear nothing.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use idp_core::admin::Role;
use idp_core::client::ASSERTION_TYPE;
use idp_core::secret::{Secret, base64url};
use idp_tests::{App, encoded};
use idp_web::jobs;
use serde_json::json;
use uuid::Uuid;

use super::registration::{register, registered, token_for};

/// Whoever connects is noticed.
struct Canary(TcpListener);

impl Canary {
    fn set() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn is_silent(&self) {
        let heard = self.0.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(heard, Err(ErrorKind::WouldBlock), "somebody connected");
    }
}

/// Ways to write an address inside; `PORT` is where the canary sits.
const INSIDE: [&str; 25] = [
    "http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "https://localhost:PORT/",
    "http://localhost:PORT/",
    "https://[::1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[64:ff9b::7f00:1]:PORT/",
    "https://2130706433:PORT/",
    "https://0x7f.1:PORT/",
    "https://0177.0.0.1:PORT/",
    "https://127.1:PORT/",
    "https://0.0.0.0:PORT/",
    "https://rp.test@127.0.0.1:PORT/",
    "https://rp.test\\@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT\u{3002}rp.test/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.1.1/",
    "https://[fd00:ec2::254]/",
    "gopher://127.0.0.1:PORT/_GET",
    "file:///etc/passwd",
    "ftp://127.0.0.1:PORT/",
];

/// Addresses that this server asks, and those that it only shows to people.
const ASKED: [&str; 3] = ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri"];
const SHOWN: [&str; 5] = ["logo_uri", "policy_uri", "tos_uri", "client_uri", "initiate_login_uri"];

#[tokio::test]
async fn s091_no_address_that_a_client_names_leads_inside() {
    let app = App::start_with(|config| {
        config.clients.registration = true;
        config.egress.allow_loopback = false;
        config.egress.timeout_seconds = 1;
    });
    let app = app.await;
    let canary = Canary::set();
    let token = token_for(&app, 1000, |_| {}).await;
    let mut ana = app.insert_member("ana").await;
    let stand_in = app.client("stand-in").await;
    let (mut refused, mut accepted) = (0, 0);
    for name in ASKED.into_iter().chain(SHOWN) {
        for address in INSIDE {
            let uri = address.replace("PORT", &canary.port().to_string());
            let mut metadata = json!({ "client_name": "Service", "redirect_uris": ["https://rp.test/cb"] });
            metadata[name] = json!(uri);
            if name == "jwks_uri" {
                metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
            }
            let reply = register(&app, &token, metadata).await;
            if reply.status == 400 {
                refused += 1;
                continue;
            }
            // What could be saved is refused when it is asked.
            accepted += 1;
            let mut rp = stand_in.clone();
            rp.client = registered(&app, &reply.clone().expect(201)).await;
            rp.secret = Secret::presented(reply.json()["client_secret"].as_str().unwrap_or_default());
            match name {
                "jwks_uri" => {
                    let header = base64url(br#"{"alg":"ES256","kid":"unknown"}"#);
                    let claims = base64url(rp.assertion_claims().to_string().as_bytes());
                    let assertion = format!("{header}.{claims}.{}", "A".repeat(86));
                    let fields = [
                        ("grant_type", "refresh_token"),
                        ("client_assertion_type", ASSERTION_TYPE),
                        ("client_assertion", &assertion),
                    ];
                    app.post("/token", &encoded(&fields)).await.expect_token_error("invalid_client");
                }
                "backchannel_logout_uri" => {
                    (rp.redirect_uri, rp.scope) = ("https://rp.test/cb".to_owned(), "openid".to_owned());
                    rp.sign_in(&mut ana).await;
                    ana.sign_out().await;
                    jobs::deliver_notices(app.provider(), Uuid::from_u128(7)).await.unwrap();
                    let told = app.store.open_notices(None, 1000).await.unwrap();
                    let told = told.into_iter().find(|notice| notice.client_id == rp.client.id).expect("it waits");
                    let error = told.last_error.unwrap_or_default();
                    assert!(error.contains("not to be asked"), "{uri}: {error}");
                }
                // Fetched when it is registered, or never.
                _ => {}
            }
            canary.is_silent();
        }
    }
    canary.is_silent();
    assert!(refused > 60 && accepted > 0, "{refused} refused, {accepted} accepted");
}

/// What staff save by the API is judged as what a program registers: refused at once, or when it is asked.
#[tokio::test]
async fn s091_no_address_that_staff_save_leads_inside() {
    let app = App::start_with(|config| {
        config.egress.allow_loopback = false;
        config.egress.timeout_seconds = 1;
    });
    let app = app.await;
    let canary = Canary::set();
    let root = app.program("root", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    let (mut refused, mut accepted) = (0, 0);
    let names = ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "events_push", "initiate_login_uri"];
    for (turn, name) in names.into_iter().enumerate() {
        for (number, address) in INSIDE.into_iter().enumerate() {
            let id = format!("rp-{turn}-{number}");
            let uri = address.replace("PORT", &canary.port().to_string());
            let mut settings = json!({
                "name": { "th": "ระบบทดสอบ", "en": "Sample service" },
                "purpose": { "th": "ออกหนังสือรับรอง", "en": "issue certificates" },
                "department": "dit", "owner_email": "somchai@moc.example",
                "redirect_uris": ["https://rp.test/cb"], "scopes": ["openid", "membership"],
                "events": ["registered"],
            });
            settings[name] = json!(uri);
            if name == "jwks_uri" {
                settings["token_endpoint_auth_method"] = json!("private_key_jwt");
            }
            let reply = root.post("/api/v1/clients", &json!({ "client_id": id, "settings": settings })).await;
            canary.is_silent();
            if reply.status == 422 {
                refused += 1;
                continue;
            }
            accepted += 1;
            let made = reply.expect(201).json();
            assert_ne!(name, "sector_identifier_uri", "{uri}: it is fetched when it is saved");
            app.advance(chrono::TimeDelta::seconds(1));
            root.again()
                .await
                .post(&format!("/api/v1/clients/{id}/state"), &json!({ "step": "activate" }))
                .await
                .expect(200);
            if name != "events_push" {
                continue;
            }
            // The first thing it would be told.
            let client = app.store.client(&idp_core::id::ClientId::parse(&id).unwrap()).await.unwrap().unwrap();
            let mut rp = app.client(&format!("like-{id}")).await;
            rp.client = (*client).clone();
            rp.secret = Secret::presented(made["client_secret"].as_str().unwrap());
            (rp.redirect_uri, rp.scope) = ("https://rp.test/cb".to_owned(), "openid membership".to_owned());
            rp.sign_in(&mut ana).await;
            jobs::deliver_events(app.provider(), Uuid::from_u128(7)).await.unwrap();
            let told = app.store.open_events(&rp.client.id, 9).await.unwrap();
            let error = told.first().and_then(|event| event.last_error.clone()).unwrap_or_default();
            assert!(error.contains("not to be asked"), "{uri}: {error}");
            canary.is_silent();
        }
    }
    assert!(refused > 60 && accepted > 0, "{refused} refused, {accepted} accepted");
}

/// However slow or long an answer is: five seconds and a megabyte are never passed, whatever an operator sets.
#[tokio::test]
async fn s091_no_setting_lets_an_answer_take_longer_than_five_seconds() {
    let app = App::start().await;
    assert!(app.config.egress.timeout_seconds <= 5);
    const { assert!(idp_web::logo::DRAWING.longest <= 1024 * 1024) };
    let mut config = app.config.clone();
    config.egress.timeout_seconds = 6;
    let findings = format!("{:?}", config.check());
    assert!(findings.contains("egress.timeout_seconds"), "{findings}");
}
