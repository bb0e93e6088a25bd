//! Clients that register themselves (RFC 7591, RFC 7592).

use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::TimeDelta;
use idp_core::admin::{Department, Role};
use idp_core::client::{
    Bilingual, ClientDraft, ClientKind, ClientStatus, EventFeedDraft, EventKind, GrantType, MembershipPolicy,
    PkcePolicy, RegistrationPolicy, RegistrationToken, SubjectType,
};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, SigningKey};
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use idp_core::session::Acr;
use idp_tests::{App, Behaviour, ClientServer, Receiver, Reply};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

const PLACE: &str = "/connect/register";

async fn start() -> App {
    App::start_with(|config| config.clients.registration = true).await
}

/// An initial access token of `uses` uses for services on `rp.test`.
pub(super) async fn token_for(app: &App, uses: u32, change: impl FnOnce(&mut RegistrationPolicy)) -> String {
    let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
    let mut policy = RegistrationPolicy {
        least_acr: None,
        redirect_hosts: vec!["rp.test".to_owned(), "localhost".to_owned()],
        scopes: ScopeSet::parse("openid profile email"),
        kinds: vec![ClientKind::Web, ClientKind::SinglePage, ClientKind::Native],
        owner: both("กรมทดสอบ"),
        purpose: both("ทดสอบระบบ"),
        pkce: PkcePolicy::Required,
        assertion_to_token_endpoint: false,
    };
    change(&mut policy);
    let secret = Secret::make(&*app.chance);
    let mut bytes = [0; 16];
    app.chance.fill(&mut bytes);
    let token = RegistrationToken {
        id: Uuid::from_bytes(bytes),
        digest: secret.digest(),
        policy,
        uses_left: uses,
        created_at: app.now(),
        expires_at: app.now() + TimeDelta::hours(1),
        revoked_at: None,
    };
    app.store.insert_registration_token(&token, &[]).await.expect("it can be written");
    secret.reveal().to_owned()
}

pub(crate) async fn token(app: &App) -> String {
    token_for(app, 100, |_| {}).await
}

pub(crate) async fn send(app: &App, method: Method, path: &str, token: &str, body: Option<Value>) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    app.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).expect("a request")).await
}

pub(super) async fn register(app: &App, token: &str, metadata: Value) -> Reply {
    send(app, Method::POST, PLACE, token, Some(metadata)).await
}

fn metadata() -> Value {
    json!({ "client_name": "Service", "redirect_uris": ["https://rp.test/cb"] })
}

fn with(name: &str, value: Value) -> Value {
    let mut metadata = metadata();
    metadata[name] = value;
    metadata
}

/// A refusal as RFC 7591 §3.2.2 has it, that says nothing of what was sent.
#[track_caller]
fn refused(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status.as_u16(), reply.error().as_str()), (status, error), "{}", reply.body);
    assert_eq!(reply.header("cache-control"), "no-store");
    let description = reply.json()["error_description"].as_str().unwrap_or_default().to_owned();
    let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(!description.is_empty() && description.bytes().all(legal), "{description}");
    assert!(!description.contains("evil"), "{description}");
}

pub(super) async fn registered(app: &App, reply: &Reply) -> idp_core::client::Client {
    let id = ClientId::parse(reply.json()["client_id"].as_str().expect("an id")).expect("an id of ours");
    let client = app.store.client(&id).await.expect("the database can be read").expect("it is registered");
    (*client).clone()
}

pub(super) fn text(reply: &Reply, name: &str) -> String {
    reply.json()[name].as_str().unwrap_or_else(|| panic!("{name} is missing: {}", reply.body)).to_owned()
}

pub(super) fn path_of(reply: &Reply, app: &App) -> String {
    text(reply, "registration_client_uri").strip_prefix(app.issuer()).expect("an address of ours").to_owned()
}

#[tokio::test]
async fn a_client_registers_itself_and_signs_its_first_user_in() {
    let app = start().await;
    let token = token(&app).await;
    let reply = register(&app, &token, with("contacts", json!(["dev@rp.test"]))).await.expect(201);
    assert_eq!(reply.header("cache-control"), "no-store");
    let answer = reply.json();
    assert_eq!(answer["client_name"], "Service");
    assert_eq!(answer["contacts"], json!(["dev@rp.test"]));
    assert_eq!(answer["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(answer["id_token_signed_response_alg"], "RS256", "OpenID Connect's own default");
    assert_eq!(answer["authorization_signed_response_alg"], "RS256", "JARM's own default");
    assert_eq!(answer["introspection_signed_response_alg"], "RS256", "and that of RFC 9701");
    assert_eq!(answer["grant_types"], json!(["authorization_code"]));
    assert_eq!(answer["scope"], "openid profile email");
    assert_eq!(answer["client_secret_expires_at"], 0);
    assert_eq!(answer["client_id_issued_at"], app.now().timestamp());
    let (secret, access) = (text(&reply, "client_secret"), text(&reply, "registration_access_token"));
    assert!(secret.len() >= 43 && access.len() >= 43 && secret != access);
    let client = registered(&app, &reply).await;
    assert_eq!(client.owner.th, "กรมทดสอบ", "what members read about its owner is the administrator's word");

    // The harness's own client stands for the service, with the secret it was given.
    let mut rp = app.client("stand-in").await;
    rp.redirect_uri = "https://rp.test/cb".to_owned();
    (rp.scope, rp.secret, rp.client) = (client.scopes.to_string(), Secret::presented(&secret), client);
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(rp.claims(&tokens).await["email"], ana.email);
}

#[tokio::test]
async fn without_a_good_token_nothing_is_registered() {
    let app = start().await;
    let (good, once) = (token(&app).await, token_for(&app, 1, |_| {}).await);
    app.unchanged(async {
        for token in ["", "x", &good[1..], &format!("{good}x"), &"a".repeat(5000)] {
            let reply = register(&app, token, metadata()).await;
            refused(&reply, 401, "invalid_token");
            let challenge = reply.header("www-authenticate");
            assert!(challenge.starts_with("Bearer "), "{challenge}");
            // RFC 6750 §3.1: whoever brought nothing hears of no error.
            assert_eq!(challenge.contains("error"), !token.is_empty(), "{challenge}");
        }
    })
    .await;
    register(&app, &once, metadata()).await.expect(201);
    refused(&app.unchanged(register(&app, &once, metadata())).await, 401, "invalid_token");
    let withdrawn = token(&app).await;
    let id = app.store.registration_token(&Secret::presented(&withdrawn).digest()).await.unwrap().unwrap().id;
    assert!(app.store.revoke_registration_token(id, app.now(), &[]).await.unwrap());
    refused(&app.unchanged(register(&app, &withdrawn, metadata())).await, 401, "invalid_token");
    app.advance(TimeDelta::hours(1));
    refused(&app.unchanged(register(&app, &good, metadata())).await, 401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_registrations_with_the_last_use_one_succeeds() {
    let first = App::start_on_servers_with(|config| config.clients.registration = true).await;
    let nodes = [first.clone(), first.another_node().await];
    let once = token_for(&first, 1, |_| {}).await;
    let mut tries = JoinSet::new();
    for turn in 0..50 {
        let (app, token) = (nodes[turn % 2].clone(), once.clone());
        tries.spawn(async move { register(&app, &token, metadata()).await.status.as_u16() });
    }
    let mut statuses = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[401; 49][..]));
}

#[tokio::test]
async fn s004_unsafe_addresses_cannot_be_registered() {
    let app = start().await;
    let token = token(&app).await;
    app.unchanged(async {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://*.rp.test/cb",
            "https://rp.test/*",
            "https://evil@rp.test/cb",
            "https://rp.test/cb#evil",
            "http://rp.test/cb",
            "https://evil.test/cb",
            "https://rp.test.evil.test/cb",
            "//rp.test/cb",
            "",
        ] {
            for name in ["redirect_uris", "post_logout_redirect_uris"] {
                let reply = register(&app, &token, with(name, json!([uri]))).await;
                refused(&reply, 400, "invalid_redirect_uri");
            }
            for name in ["initiate_login_uri", "policy_uri", "tos_uri", "client_uri", "logo_uri"] {
                // Most are only shown: any https address without a user name is sound.
                let shown = name != "initiate_login_uri" || !uri.contains(['#', '*']);
                if !uri.starts_with("https://") || uri.contains('@') || !shown {
                    let reply = register(&app, &token, with(name, json!(uri))).await;
                    refused(&reply, 400, "invalid_client_metadata");
                }
            }
        }
        for name in ["backchannel_logout_uri", "frontchannel_logout_uri", "jwks_uri"] {
            for uri in ["http://rp.test/x", "javascript:x", "https://evil@rp.test/x"] {
                refused(&register(&app, &token, with(name, json!(uri))).await, 400, "invalid_client_metadata");
            }
        }
        let elsewhere = with("frontchannel_logout_uri", json!("https://evil.test/out"));
        refused(&register(&app, &token, elsewhere).await, 400, "invalid_client_metadata");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_by_its_own_error() {
    let app = start().await;
    let token = token_for(&app, 100, |policy| policy.kinds = vec![ClientKind::Web]).await;
    app.unchanged(async {
        for (name, value) in [
            ("redirect_uris", json!([])),
            ("redirect_uris", json!("https://rp.test/cb")),
            ("redirect_uris", json!([{}])),
        ] {
            refused(&register(&app, &token, with(name, value)).await, 400, "invalid_redirect_uri");
        }
        for (name, value) in [
            ("client_name", json!("")),
            ("client_name", json!(["a"])),
            ("client_name", json!("n".repeat(201))),
            ("token_endpoint_auth_method", json!("client_secret_jwt")),
            ("token_endpoint_auth_method", json!("none")),
            ("application_type", json!("native")),
            ("application_type", json!("evil")),
            ("response_types", json!(["token"])),
            ("grant_types", json!(["implicit"])),
            ("scope", json!("profile")),
            ("subject_type", json!("public")),
            ("id_token_signed_response_alg", json!("none")),
            ("id_token_signed_response_alg", json!("EdDSA")),
            ("introspection_signed_response_alg", json!("EdDSA")),
            ("contacts", json!(["evil"])),
            ("jwks", json!({ "keys": "evil" })),
        ] {
            let reply = register(&app, &token, with(name, value.clone())).await;
            refused(&reply, 400, "invalid_client_metadata");
        }
        for body in [json!([]), json!("evil"), json!(1), json!(null)] {
            refused(&register(&app, &token, body).await, 400, "invalid_request");
        }
    })
    .await;
}

#[tokio::test]
async fn no_body_makes_a_server_error() {
    let app = start().await;
    let token = token(&app).await;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    app.unchanged(async {
        for body in [b"\xff\xfe".to_vec(), Vec::new(), b"{".to_vec(), deep.into_bytes(), vec![b' '; 200_000]] {
            for kind in ["application/json", "application/x-www-form-urlencoded", "\u{7f}"] {
                for (method, path) in [(Method::POST, PLACE.to_owned()), (Method::PUT, format!("{PLACE}/rp"))] {
                    let mut request = Request::builder().method(method).uri(path);
                    request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
                    if let Ok(kind) = header::HeaderValue::from_str(kind) {
                        request = request.header(header::CONTENT_TYPE, kind);
                    }
                    let reply = app.send(request.body(Body::from(body.clone())).unwrap()).await;
                    assert!((400..500).contains(&reply.status.as_u16()), "{}", reply.status);
                }
            }
        }
        for path in [format!("{PLACE}/%ff"), format!("{PLACE}/a/b"), format!("{PLACE}/"), format!("{PLACE}/%00")] {
            let status = send(&app, Method::GET, &path, &token, None).await.status.as_u16();
            assert!((400..500).contains(&status), "{path}: {status}");
        }
        assert_eq!(send(&app, Method::GET, PLACE, &token, None).await.status, 405);
    })
    .await;
}

#[tokio::test]
async fn a_policy_cuts_scopes_and_unknown_metadata_is_ignored() {
    let app = start().await;
    let token = token(&app).await;
    let mut asked = with("scope", json!("openid email citizen_id evil"));
    asked["software_statement"] = json!("x");
    asked["a_member_of_tomorrow"] = json!({ "any": ["thing"] });
    let reply = register(&app, &token, asked).await.expect(201);
    assert_eq!(reply.json()["scope"], "openid email");
    assert!(reply.json().get("software_statement").is_none());
}

#[tokio::test]
async fn a_sector_is_what_its_address_lists() {
    let app = start().await;
    let token = token_for(&app, 100, |policy| policy.redirect_hosts.push("other.test".to_owned())).await;
    let receiver = Receiver::start().await;
    let uris = json!(["https://rp.test/cb", "https://other.test/cb"]);
    let mut asked = with("redirect_uris", uris.clone());
    refused(&register(&app, &token, asked.clone()).await, 400, "invalid_client_metadata");
    asked["sector_identifier_uri"] = json!(receiver.url("/sector.json"));
    for behaviour in [
        Behaviour::Status(404),
        Behaviour::Json(json!({ "not": "a list" })),
        Behaviour::Json(json!(["https://rp.test/cb"])),
        Behaviour::Redirect(receiver.url("/elsewhere")),
    ] {
        receiver.behave(behaviour);
        let reply = app.unchanged(register(&app, &token, asked.clone())).await;
        refused(&reply, 400, "invalid_client_metadata");
    }
    receiver.behave(Behaviour::Json(uris));
    let before = receiver.received().len();
    let reply = register(&app, &token, asked.clone()).await.expect(201);
    assert_eq!(receiver.received().len(), before + 1, "fetched once");
    assert_eq!(reply.json()["sector_identifier_uri"], asked["sector_identifier_uri"]);
    let client = registered(&app, &reply).await;
    let sector = idp_core::client::SubjectType::Pairwise { sector: "127.0.0.1".to_owned() };
    assert_eq!(client.subject, sector, "the host of the address");
    asked["sector_identifier_uri"] = json!("https://10.0.0.1/sector.json");
    refused(&register(&app, &token, asked).await, 400, "invalid_client_metadata");
}

#[tokio::test]
async fn a_client_reads_changes_and_ends_its_registration() {
    let app = start().await;
    let token = token(&app).await;
    let made = register(&app, &token, with("initiate_login_uri", json!("https://rp.test/begin"))).await.expect(201);
    let (path, access, id) = (path_of(&made, &app), text(&made, "registration_access_token"), text(&made, "client_id"));
    let read = send(&app, Method::GET, &path, &access, None).await.expect(200);
    assert_eq!(read.json()["initiate_login_uri"], "https://rp.test/begin");
    assert_eq!(read.json()["registration_access_token"], access.as_str());
    assert!(read.json().get("client_secret").is_none(), "the secret is shown once");

    // Somebody else's token, the initial one, another id: all the same answer.
    let other = register(&app, &token, metadata()).await.expect(201);
    app.unchanged(async {
        let others = text(&other, "registration_access_token");
        for (path, token) in [(&path, &others), (&path, &token), (&path, &String::new())] {
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let mut body = metadata();
                body["client_id"] = json!(id);
                let body = (method == Method::PUT).then_some(body);
                refused(&send(&app, method, path, token, body).await, 401, "invalid_token");
            }
        }
        refused(&send(&app, Method::GET, &format!("{PLACE}/nobody"), &access, None).await, 401, "invalid_token");
    })
    .await;

    app.advance(TimeDelta::seconds(1));
    let mut asked = with("redirect_uris", json!(["https://rp.test/new"]));
    asked["client_id"] = json!(id);
    asked["client_secret"] = made.json()["client_secret"].clone();
    let changed = send(&app, Method::PUT, &path, &access, Some(asked.clone())).await.expect(200);
    assert_eq!(changed.json()["redirect_uris"], json!(["https://rp.test/new"]));
    assert!(changed.json().get("initiate_login_uri").is_none(), "what is left out is gone");
    assert!(changed.json().get("client_secret").is_none(), "and the secret stays as it was");
    let (before, after) = (registered(&app, &made).await, registered(&app, &changed).await);
    assert_eq!(before.authentication, after.authentication);

    app.unchanged(async {
        for (name, value) in [
            ("client_id", json!("other")),
            ("client_secret", json!("wrong")),
            ("registration_access_token", json!(access)),
            ("registration_client_uri", json!(path)),
            ("client_secret_expires_at", json!(0)),
            ("client_id_issued_at", json!(0)),
        ] {
            let mut wrong = asked.clone();
            wrong[name] = value;
            refused(&send(&app, Method::PUT, &path, &access, Some(wrong)).await, 400, "invalid_request");
        }
        let mut wrong = asked.clone();
        wrong["redirect_uris"] = json!(["https://evil.test/cb"]);
        refused(&send(&app, Method::PUT, &path, &access, Some(wrong)).await, 400, "invalid_redirect_uri");
    })
    .await;

    app.advance(TimeDelta::seconds(1));
    asked["token_endpoint_auth_method"] = json!("client_secret_post");
    let moved = send(&app, Method::PUT, &path, &access, Some(asked)).await.expect(200);
    assert_ne!(text(&moved, "client_secret"), text(&made, "client_secret"), "another way, another secret");

    let ended = send(&app, Method::DELETE, &path, &access, None).await.expect(204);
    assert!(ended.body.is_empty());
    refused(&send(&app, Method::GET, &path, &access, None).await, 401, "invalid_token");
    let fields = [("grant_type", "authorization_code"), ("code", "x"), ("client_id", &id), ("client_secret", "x")];
    app.post("/token", &idp_tests::encoded(&fields)).await.expect_token_error("invalid_client");
}

/// RFC 7592 §2.3: what was given ends at once, and no door leads back (the command line's is tested with it).
#[tokio::test]
async fn a_client_that_ended_itself_is_brought_back_by_nobody() {
    let app = start().await;
    let asked = with("grant_types", json!(["authorization_code", "refresh_token"]));
    let made = register(&app, &token(&app).await, asked).await.expect(201);
    let (path, access, id) = (path_of(&made, &app), text(&made, "registration_access_token"), text(&made, "client_id"));
    let mut rp = app.client("stand-in").await;
    rp.redirect_uri = "https://rp.test/cb".to_owned();
    (rp.secret, rp.client) = (Secret::presented(text(&made, "client_secret")), registered(&app, &made).await);
    rp.scope = "openid email".to_owned();
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let waiting = rp.ask();
    let code = rp.authorize(&mut ana, &waiting).await.code().to_owned();
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let program = app.program("program", Role::SuperAdmin, None).await;
    let console = format!("/admin/client/{id}");
    let before = root.browser.get(&console).await.form(&format!("{console}/state"));

    app.advance(TimeDelta::seconds(1));
    send(&app, Method::DELETE, &path, &access, None).await.expect(204);
    let over = registered(&app, &made).await;
    assert_eq!(over.status, ClientStatus::Retired);
    assert!(over.authentication.secrets().is_empty() && over.managed.is_none());

    app.advance(TimeDelta::seconds(1));
    for step in ["resume", "activate"] {
        root.browser.submit(before.clone().with("step", step)).await;
        let state = json!({ "step": step });
        program.post(&format!("/api/v1/clients/{id}/state"), &state).await.expect_problem(409, "not-as-it-stands");
    }
    program.call("POST", &format!("/api/v1/clients/{id}/secret"), None).await.expect_problem(409, "not-as-it-stands");
    refused(&send(&app, Method::GET, &path, &access, None).await, 401, "invalid_token");
    assert_eq!(registered(&app, &made).await, over);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_client");
    rp.exchange(&waiting, &code).await.expect_token_error("invalid_client");
    rp.userinfo(&tokens.access).await.expect(401);
    app.browser().get(&rp.ask().path()).await.expect_error(403, "service_ended");
}

#[tokio::test]
async fn what_an_administrator_has_set_outlives_what_the_program_says_of_itself() {
    let app = start().await;
    let made = register(&app, &token(&app).await, metadata()).await.expect(201);
    let (path, access, id) = (path_of(&made, &app), text(&made, "registration_access_token"), text(&made, "client_id"));
    let before = registered(&app, &made).await;
    assert_eq!(before.scopes.to_string(), "openid profile email");
    app.advance(TimeDelta::seconds(1));
    let department = Department::parse("dbd").unwrap();
    let draft = ClientDraft {
        scopes: ScopeSet::parse("openid profile"),
        least_acr: Some(Acr::Aal2),
        membership: MembershipPolicy::PermanentOnly,
        public_subject: true,
        device: true,
        department: Some(department.clone()),
        events: EventFeedDraft { kinds: vec!["suspended".to_owned()], push: None },
        ..ClientDraft::of(&before)
    };
    let asked = draft.accept(&Secret::make(&*app.chance), app.now()).unwrap();
    let (set, _) = before.followed_by(asked, app.now()).unwrap();
    assert!(app.store.replace_client(&set, before.updated_at, &[]).await.unwrap());
    for scope in [None, Some("openid profile email")] {
        app.advance(TimeDelta::seconds(1));
        let mut asked = metadata();
        asked["client_id"] = json!(id);
        asked["scope"] = json!(scope);
        let changed = send(&app, Method::PUT, &path, &access, Some(asked)).await.expect(200);
        assert_eq!(changed.json()["scope"], "openid profile", "what was taken away does not come back");
        let after = registered(&app, &changed).await;
        assert_eq!(after.least_acr, Some(Acr::Aal2));
        assert_eq!(after.membership, MembershipPolicy::PermanentOnly);
        assert_eq!(after.subject, SubjectType::Public, "members keep their sub");
        assert!(after.may_use(GrantType::DeviceCode));
        assert_eq!(after.department, Some(department.clone()));
        assert_eq!(after.events.kinds, [EventKind::Suspended], "what it is told of is said by staff");
    }
}

#[tokio::test]
async fn a_program_that_signs_registers_where_its_keys_are_and_moves_to_others() {
    let app = start().await;
    let (first, second) =
        (SigningKey::generate(Algorithm::RS256).unwrap().0, SigningKey::generate(Algorithm::ES256).unwrap().0);
    let server = ClientServer::with_keys(&[&first]).await;
    let mut asked = with("jwks_uri", json!(server.url("/jwks.json")));
    asked["token_endpoint_auth_method"] = json!("private_key_jwt");
    asked["token_endpoint_auth_signing_alg"] = json!("RS256");
    asked["grant_types"] = json!(["authorization_code", "refresh_token"]);
    let made = register(&app, &token(&app).await, asked.clone()).await.expect(201);
    assert!(made.json().get("client_secret").is_none(), "there is none to keep");
    let (path, access, id) = (path_of(&made, &app), text(&made, "registration_access_token"), text(&made, "client_id"));
    let mut rp = app.client("stand-in").await;
    rp.redirect_uri = "https://rp.test/cb".to_owned();
    (rp.scope, rp.client, rp.key) = ("openid".to_owned(), registered(&app, &made).await, Some(first));
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;

    // Another key of the same algorithm at the same address, and the refresh token goes on.
    let next = SigningKey::generate(Algorithm::RS256).unwrap().0;
    server.show_keys(&[&next]);
    app.advance(TimeDelta::seconds(61));
    rp.key = Some(next);
    let tokens = rp.refreshed(&tokens).await;

    // And another algorithm, by its own word.
    asked["client_id"] = json!(id);
    asked["token_endpoint_auth_signing_alg"] = json!("ES256");
    send(&app, Method::PUT, &path, &access, Some(asked)).await.expect(200);
    server.show_keys(&[&second]);
    app.advance(TimeDelta::seconds(61));
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_client");
    rp.key = Some(second);
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn what_signs_answers_is_rs256_unless_it_is_said_whatever_signs_id_tokens() {
    let app = start().await;
    let token = token(&app).await;
    let names = ["authorization_signed_response_alg", "introspection_signed_response_alg"];
    let made = register(&app, &token, with("id_token_signed_response_alg", json!("ES256"))).await.expect(201);
    assert_eq!(made.json()["id_token_signed_response_alg"], "ES256");
    for name in names {
        assert_eq!(made.json()[name], "RS256", "{name}");
    }
    app.advance(TimeDelta::seconds(1));
    let mut asked = with("client_id", made.json()["client_id"].clone());
    for name in names {
        asked[name] = json!("ES256");
    }
    let (path, access) = (path_of(&made, &app), text(&made, "registration_access_token"));
    let changed = send(&app, Method::PUT, &path, &access, Some(asked)).await.expect(200);
    for name in names {
        assert_eq!(changed.json()[name], "ES256", "{name}");
    }
    let answers = registered(&app, &changed).await.answers;
    assert_eq!((answers.response_algorithm, answers.introspection_algorithm), (Algorithm::ES256, Algorithm::ES256));
}

#[tokio::test]
async fn it_is_off_unless_switched_on_and_discovery_says_so() {
    let (off, on) = (App::start().await, start().await);
    let endpoint = async |app: &App| {
        app.get("/.well-known/openid-configuration").await.expect(200).json().get("registration_endpoint").cloned()
    };
    assert_eq!(endpoint(&off).await, None);
    assert_eq!(endpoint(&on).await, Some(json!(format!("{}{PLACE}", on.issuer()))));
    let token = token(&off).await;
    assert_eq!(register(&off, &token, metadata()).await.status, 404);
    assert_eq!(send(&off, Method::GET, &format!("{PLACE}/rp"), &token, None).await.status, 404);
}

#[tokio::test]
async fn the_consent_page_links_to_the_services_own_notice() {
    let app = start().await;
    let token = token(&app).await;
    let asked = with("policy_uri", json!("https://rp.test/privacy"));
    let client = registered(&app, &register(&app, &token, asked).await.expect(201)).await;
    let mut rp = app.client("stand-in").await;
    rp.redirect_uri = "https://rp.test/cb".to_owned();
    (rp.scope, rp.client) = (client.scopes.to_string(), client);
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get(&rp.ask().path()).await;
    page.expect_at("/consent");
    assert!(page.has("a[href='https://rp.test/privacy'][rel~=noreferrer]"), "{}", page.html);
}
