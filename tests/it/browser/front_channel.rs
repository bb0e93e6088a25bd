//! Signing out while services are signed in to: they hear of it in frames, and the browser goes on by itself.

use idp_core::client::{Bilingual, ClientDraft, ConsentPolicy, PkcePolicy};
use idp_core::id::ClientId;
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use idp_tests::{Receiver, encoded, soon};

use super::people::{Newcomer, citizen};
use super::stage::{Language, Stage};

const EMAIL: &str = "arunee@mail.example";

#[tokio::test(flavor = "multi_thread")]
async fn services_hear_of_a_sign_out_in_frames_and_the_browser_goes_on() {
    let stage = Stage::set("front-channel", Language::English).await;
    let someone = citizen("1000000000033");
    stage.register(&Newcomer { email: EMAIL, name: [someone.first, someone.last], member_type: "public" }).await;
    let service = Receiver::start().await;
    let secret = registered(&stage, &service).await;
    let hint = signed_in(&stage, &service, &secret).await;
    let query = encoded(&[
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", service.url("/bye")),
        ("state", "x".to_owned()),
    ]);
    stage.open(&stage.provider(&format!("/logout?{query}"))).await;
    soon("the browser goes on by itself", async || place(&service, "/bye?state=x").is_some()).await;
    let (front, bye) = (place(&service, "/front?iss="), place(&service, "/bye"));
    assert!(front.is_some() && front < bye, "first the service hears of it");
    // Without a way back the page stays, and is as sound as any other.
    stage.sign_in(EMAIL).await;
    signed_in(&stage, &service, &secret).await;
    stage.open(&stage.provider("/signout")).await;
    stage.send().await;
    stage.find("#signed-out iframe").await;
    stage.look("signed-out-with-frames").await;
    stage.strike().await;
}

/// The first request that begins so, by its number.
fn place(service: &Receiver, start: &str) -> Option<usize> {
    service.received().iter().position(|received| received.uri.to_string().starts_with(start))
}

async fn registered(stage: &Stage, service: &Receiver) -> Secret {
    let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
    let mut draft = ClientDraft {
        name: both("Frames"),
        owner: both("Department"),
        purpose: both("test"),
        authentication_method: "client_secret_post".to_owned(),
        redirect_uris: vec![service.url("/cb")],
        post_logout_redirect_uris: vec![service.url("/bye")],
        scopes: ScopeSet::parse("openid"),
        consent: ConsentPolicy::FirstParty,
        pkce: PkcePolicy::Optional,
        ..ClientDraft::new(ClientId::parse("frames").expect("a legal id"))
    };
    draft.logout.front = Some(service.url("/front"));
    let app = &stage.demo.app;
    let secret = Secret::make(&*app.chance);
    let client = draft.accept(&secret, app.now()).expect("a sound client");
    assert!(app.store.insert_client(&client, &[]).await.expect("the database can be written"));
    secret
}

/// Signs the browser in to the service, and gives its ID token.
async fn signed_in(stage: &Stage, service: &Receiver, secret: &Secret) -> String {
    let redirect_uri = service.url("/cb");
    let before = service.received().len();
    let ask = [
        ("response_type", "code"),
        ("client_id", "frames"),
        ("redirect_uri", redirect_uri.as_str()),
        ("scope", "openid"),
        ("nonce", "n"),
    ];
    stage.open(&stage.provider(&format!("/authorize?{}", encoded(&ask)))).await;
    soon("the code arrives", async || service.received()[before..].iter().any(|received| received.uri.path() == "/cb"))
        .await;
    let here = stage.here().await;
    let code = here.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", redirect_uri.as_str()),
        ("client_id", "frames"),
        ("client_secret", secret.reveal()),
    ];
    let reply = reqwest::Client::new().post(stage.provider("/token")).form(&fields).send().await.expect("it answers");
    let answer: serde_json::Value = reply.json().await.expect("JSON");
    answer["id_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}
