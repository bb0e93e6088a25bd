//! From our pages on to a service, and from there on to wherever the service leads: nothing of ours stops a browser there.

use idp_core::client::{Bilingual, ClientDraft, ClientKind, ConsentPolicy, PkcePolicy};
use idp_core::id::ClientId;
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use idp_tests::{Behaviour, Receiver, encoded, soon};

use super::people::{Newcomer, PASSWORD, citizen};
use super::stage::{Language, Stage};

const EMAIL: &str = "arunee@mail.example";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn set(walk: &'static str) -> Stage {
    let stage = Stage::set(walk, Language::English).await;
    let someone = citizen("1000000000033");
    stage.register(&Newcomer { email: EMAIL, name: [someone.first, someone.last], member_type: "public" }).await;
    stage.sign_out().await;
    stage
}

async fn registered(stage: &Stage, kind: ClientKind, service: &Receiver) {
    let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
    let draft = ClientDraft {
        name: both("Onward"),
        owner: both("Department"),
        purpose: both("test"),
        kind,
        authentication_method: if kind == ClientKind::Web { "client_secret_basic" } else { "none" }.to_owned(),
        redirect_uris: vec![service.url("/cb")],
        scopes: ScopeSet::parse("openid"),
        consent: ConsentPolicy::FirstParty,
        pkce: PkcePolicy::Required,
        ..ClientDraft::new(ClientId::parse("onward").expect("a legal id"))
    };
    let app = &stage.demo.app;
    let client = draft.accept(&Secret::make(&*app.chance), app.now()).expect("a sound client");
    assert!(app.store.insert_client(&client, &[]).await.expect("the database can be written"));
}

fn ask(stage: &Stage, service: &Receiver, more: &[(&str, &str)]) -> String {
    let redirect_uri = service.url("/cb");
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", "onward"),
        ("redirect_uri", redirect_uri.as_str()),
        ("scope", "openid"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    query.extend(more);
    stage.provider(&format!("/authorize?{}", encoded(&query)))
}

async fn types_the_password(stage: &Stage) {
    stage.fill_all(&[("username", EMAIL), ("password", PASSWORD)]).await;
    stage.touch("#sign-in").await;
}

/// A broker, or a proxy on a host of its own: its callback leads on to another site at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_leads_on_to_another_site_after_our_form() {
    let stage = set("onward").await;
    let (service, beyond) = (Receiver::start().await, Receiver::start().await);
    service.behave(Behaviour::Redirect(beyond.url("/arrived")));
    registered(&stage, ClientKind::Web, &service).await;
    let arrivals = || beyond.received().iter().filter(|received| received.uri.path() == "/arrived").count();
    stage.open(&ask(&stage, &service, &[])).await;
    types_the_password(&stage).await;
    soon("the browser arrives after the password", async || arrivals() == 1).await;
    // The same by a form that posts the answer.
    stage.open(&ask(&stage, &service, &[("response_mode", "form_post"), ("prompt", "login")])).await;
    stage.fill("password", PASSWORD).await;
    stage.touch("#sign-in").await;
    soon("the browser arrives after the answer's own form", async || arrivals() == 2).await;
    stage.strike().await;
}

/// A page that signs its visitor in in a window, and hears from the window when it is back.
const OPENER: &str = "<!doctype html><title>waiting</title><button id=open>Sign in</button><script>
if (location.search.includes('code=')) {
  window.opener.postMessage(location.search, location.origin);
} else {
  addEventListener('message', (event) => { document.title = 'heard ' + event.data.includes('code='); });
  document.getElementById('open').onclick = () => window.open(location.hash.slice(1));
}
</script>";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_from_the_window_in_which_its_visitor_signed_in() {
    let stage = set("window").await;
    let service = Receiver::start().await;
    service.behave(Behaviour::Bytes("text/html", OPENER.into()));
    registered(&stage, ClientKind::SinglePage, &service).await;
    stage.open(&format!("{}#{}", service.url("/app"), ask(&stage, &service, &[("display", "popup")]))).await;
    let driver = &stage.chromium.driver;
    let first = driver.window().await.expect("a window");
    stage.touch("#open").await;
    soon("the window opens", async || driver.windows().await.is_ok_and(|windows| windows.len() == 2)).await;
    let windows = driver.windows().await.expect("windows");
    let second = windows.into_iter().find(|window| *window != first).expect("another one");
    driver.switch_to_window(second).await.expect("it is there");
    types_the_password(&stage).await;
    driver.switch_to_window(first).await.expect("it is there");
    soon("the page hears of it", async || driver.title().await.is_ok_and(|title| title == "heard true")).await;
    stage.strike().await;
}
