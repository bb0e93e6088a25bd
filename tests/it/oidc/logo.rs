//! Logos, privacy notices and terms of services: shown on the way to them, and never loaded from elsewhere.

use axum::http::Method;
use idp_core::client::{AboutDraft, LogoName, WebUri};
use idp_tests::{App, Behaviour, Client, Receiver};
use idp_web::clients::Hand;
use idp_web::logo;
use idp_web::picture::draw;
use serde_json::json;

use super::registration;

const PICTURE: &[u8] = include_bytes!("../../../crates/idp-web/assets/touch-icon.png");

/// A provider that may ask this machine.
async fn start() -> App {
    App::start_with(|config| {
        config.clients.registration = true;
        config.egress.allow_loopback = true;
        config.egress.timeout_seconds = 1;
    })
    .await
}

fn links(draft: &mut AboutDraft) {
    draft.policy_uri = Some("https://rp.test/privacy".to_owned());
    draft.tos_uri = Some("https://rp.test/terms".to_owned());
}

/// The client as it is kept by now.
async fn again(rp: &Client) -> idp_core::client::Client {
    (*rp.app().store.client(&rp.client.id).await.expect("the database can be read").expect("it is there")).clone()
}

/// A service whose registration names a picture at `receiver`. Registrations take https alone; in this trial it is http.
async fn named(app: &App, id: &str, receiver: &Receiver) -> Client {
    let mut rp = app.client(id).with(|draft| links(&mut draft.about)).await;
    let uri: WebUri = serde_json::from_value(json!(receiver.url("/logo.png"))).expect("kept as it is");
    rp.change(|client| client.about.logo_uri = Some(uri)).await;
    rp
}

#[tokio::test]
async fn a_logo_is_fetched_once_drawn_anew_and_shown_from_here() {
    let app = start().await;
    let receiver = Receiver::start().await;
    receiver.behave(Behaviour::Bytes("text/html", PICTURE.to_vec()));
    let rp = named(&app, "rp", &receiver).await;
    logo::refresh(app.provider(), &rp.client, None).await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let sign_in = ana.browser.get(&rp.ask().path()).await;
    let consent = ana.sign_in_at(&sign_in).await;
    for page in [&sign_in, &consent] {
        let source = page.attribute(".service-logo img", "src").expect("a logo");
        assert!(source.starts_with("/client-logo/"), "{source}");
        assert_eq!(page.attribute(".service-logo img", "alt").as_deref(), Some(rp.client.name.th.as_str()));
        let links = page.attributes(".service-links a", "href");
        assert_eq!(links, ["https://rp.test/privacy", "https://rp.test/terms"]);
        assert!(page.attributes(".service-links a", "rel").iter().all(|rel| rel == "noopener noreferrer"));
    }
    assert_eq!((sign_in.place(), consent.place()), ("/login", "/consent"));
    let source = consent.attribute(".service-logo img", "src").expect("a logo");
    let reply = app.get(&source).await.expect(200);
    assert_eq!(reply.header("content-type"), "image/png");
    assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(reply.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(receiver.received().len(), 1, "nobody who looks is sent there");
    // Under another name there is nothing, and nothing to guess.
    for other in ["/client-logo/rp.png", "/client-logo/x", &source.replace(".png", ""), &source.to_uppercase()] {
        app.get(other).await.expect(404);
    }
    // The registration changes and names no picture any more.
    let mut without = again(&rp).await;
    without.about.logo_uri = None;
    logo::refresh(app.provider(), &without, Some(&rp.client)).await;
    app.get(&source).await.expect(404);
    assert_eq!(again(&rp).await.logo, None);
}

#[tokio::test]
async fn s092_whatever_is_no_picture_leaves_the_service_without_a_logo() {
    let app = start().await;
    let (receiver, canary) = (Receiver::start().await, Receiver::start().await);
    let rp = named(&app, "rp", &receiver).await;
    let script = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    for behaviour in [
        Behaviour::Bytes("image/png", script.to_vec()),
        Behaviour::Bytes("image/png", PICTURE[..PICTURE.len() / 4].to_vec()),
        Behaviour::Bytes("image/png", [PICTURE, &vec![0; logo::DRAWING.longest]].concat()),
        Behaviour::Bytes("image/png", Vec::new()),
        Behaviour::Redirect(canary.url("/logo.png")),
        Behaviour::Status(404),
        Behaviour::Silence,
    ] {
        receiver.behave(behaviour);
        logo::refresh(app.provider(), &rp.client, None).await;
        assert_eq!(again(&rp).await.logo, None);
    }
    assert!(canary.received().is_empty());
    // What was there stays when the same address fails, and goes when another one does.
    receiver.behave(Behaviour::Bytes("image/png", PICTURE.to_vec()));
    logo::refresh(app.provider(), &rp.client, None).await;
    let before = again(&rp).await;
    assert!(before.logo.is_some());
    receiver.behave(Behaviour::Status(500));
    logo::refresh(app.provider(), &before, Some(&before)).await;
    assert_eq!(again(&rp).await.logo, before.logo);
    let other = serde_json::from_value(json!(receiver.url("/other.png"))).expect("kept as it is");
    let mut moved = before.clone();
    moved.about.logo_uri = Some(other);
    logo::refresh(app.provider(), &moved, Some(&before)).await;
    assert_eq!(again(&rp).await.logo, None);
}

#[tokio::test]
async fn a_registration_stands_when_its_logo_cannot_be_had() {
    let app = start().await;
    let token = registration::token(&app).await;
    let metadata = json!({
        "client_name": "Service", "redirect_uris": ["https://rp.test/cb"], "logo_uri": "https://127.0.0.1:1/logo.png",
        "policy_uri": "https://rp.test/privacy", "tos_uri": "https://rp.test/terms",
        "initiate_login_uri": "https://rp.test/begin",
    });
    let reply = registration::send(&app, Method::POST, "/connect/register", &token, Some(metadata.clone())).await;
    let answer = reply.expect(201).json();
    let place = answer["registration_client_uri"].as_str().expect("a place").replace(app.issuer(), "");
    let access = answer["registration_access_token"].as_str().expect("a token");
    let read = registration::send(&app, Method::GET, &place, access, None).await.expect(200).json();
    for name in ["logo_uri", "policy_uri", "tos_uri", "initiate_login_uri"] {
        assert_eq!((&answer[name], &read[name]), (&metadata[name], &metadata[name]), "{name}");
    }
}

#[tokio::test]
async fn an_administrators_picture_is_kept_and_taken_away() {
    let app = App::start().await;
    let mut rp = app.client("rp").await;
    let drawn = draw(PICTURE.to_vec(), logo::DRAWING).await.expect("a picture");
    let by = &Hand::operator(app.now());
    let name = LogoName::of(drawn.as_png());
    let with = logo::keep(&app.store, &rp.client, Some(drawn), None, by).await.expect("it can be written");
    let with = with.expect("nobody else changed it");
    assert_eq!(with.logo, Some(name));
    app.get(&format!("/client-logo/{name}.png")).await.expect(200);
    rp.client = with.clone();
    // Somebody else changed the client meanwhile: nothing is lost.
    rp.change(|client| client.dpop_bound_access_tokens = true).await;
    app.advance(chrono::TimeDelta::seconds(1));
    let stale = idp_core::client::Client { updated_at: app.now(), ..with };
    assert!(logo::keep(&app.store, &stale, None, None, &Hand::operator(app.now())).await.expect("readable").is_none());
    let now = again(&rp).await;
    let none = logo::keep(&app.store, &now, None, None, &Hand::operator(app.now())).await.expect("it can be written");
    assert_eq!(none.expect("nobody else changed it").logo, None);
    app.get(&format!("/client-logo/{name}.png")).await.expect(404);
}
