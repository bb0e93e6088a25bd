//! Events for services (RFC 8417, RFC 8935, and RFC 8936 in spirit): what happens to a member is told to the services that
//! the member uses and that want to hear of it, once, signed, and to nobody else.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::client::{ClientDraft, EventKind};
use idp_core::jose::{TokenType, Unverified};
use idp_store::AuditFilter;
use idp_tests::{App, Behaviour, Client, Jwt, Member, Receiver, Reply, Tokens};
use idp_web::jobs;
use serde_json::{Value, json};
use uuid::Uuid;

async fn start() -> App {
    App::start_with(|config| config.egress.timeout_seconds = 1).await
}

fn wants_all(draft: &mut ClientDraft) {
    draft.events.kinds = EventKind::ALL.map(|kind| kind.as_str().to_owned()).to_vec();
}

async fn pushed(app: &App, id: &str, receiver: &Receiver) -> Client {
    let uri = receiver.url(&format!("/{id}"));
    let client = app.client(id).with(|draft| {
        wants_all(draft);
        draft.events.push = Some(uri);
    });
    client.await
}

async fn deliver(app: &App) -> usize {
    jobs::deliver_events(app.provider(), Uuid::from_u128(7)).await.expect("the database can be reached")
}

/// The claims of a token for `rp`, checked as a receiver must.
fn checked(app: &App, rp: &Client, token: &str) -> Value {
    let jwt = Jwt::read(token);
    assert_eq!(jwt.header["typ"], "secevent+jwt");
    let verified = Unverified::parse(token).and_then(|token| token.verify::<Value>(TokenType::Event, &app.keys.load()));
    let claims = verified.expect("our signature");
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(app.issuer()), &json!(rp.id())));
    assert!(claims.get("sub").is_none() && claims.get("exp").is_none() && claims.get("nonce").is_none(), "{claims}");
    claims
}

fn kind(claims: &Value) -> String {
    let events = claims["events"].as_object().expect("events");
    assert_eq!(events.len(), 1);
    events.keys().next().expect("one").rsplit('/').next().expect("a word").to_owned()
}

/// What arrived at `/id`, in the order in which it arrived.
fn heard(app: &App, rp: &Client, receiver: &Receiver) -> Vec<Value> {
    let path = format!("/{}", rp.id());
    let at = receiver.received().into_iter().filter(|received| received.uri.path() == path);
    at.map(|received| {
        assert_eq!(received.method, "POST");
        assert_eq!(received.headers["content-type"], "application/secevent+jwt");
        checked(app, rp, &received.body)
    })
    .collect()
}

fn kinds(claims: &[Value]) -> Vec<String> {
    claims.iter().map(kind).collect()
}

fn about(claims: &Value, tokens: &Tokens) {
    assert_eq!(claims["sub_id"]["sub"], tokens.id.claims["sub"], "the sub that the service knows");
}

async fn rest(member: &mut Member) {
    let page = member.browser.get("/profile/restrict").await;
    member.browser.submit(page.form("/profile/restrict")).await;
}

async fn poll(rp: &Client, fields: &[(&str, &str)]) -> Reply {
    rp.call("/events", fields, &[]).await
}

fn sets(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    let sets = body["sets"].as_object().expect("sets");
    sets.iter().map(|(name, token)| (name.clone(), token.as_str().expect("a token").to_owned())).collect()
}

#[tokio::test]
async fn a_service_is_told_what_happens_to_its_own_members() {
    let app = start().await;
    let receiver = Receiver::start().await;
    receiver.behave(Behaviour::Status(202));
    let (rp, stranger) = (pushed(&app, "rp", &receiver).await, pushed(&app, "stranger", &receiver).await);
    let quiet = app.client("quiet").await;
    let mut ana = app.insert_member("ana").await;
    let mut ben = app.insert_member("ben").await;
    let tokens = rp.sign_in(&mut ana).await;
    quiet.sign_in(&mut ana).await;
    deliver(&app).await;
    assert_eq!(kinds(&heard(&app, &rp, &receiver)), ["registered"]);
    rest(&mut ana).await;
    rest(&mut ben).await;
    assert_eq!(deliver(&app).await, 1, "of ana, to the one service");
    ana.sign_in().await;
    let page = ana.browser.get("/profile/restrict").await;
    ana.browser.submit(page.form("/profile/restrict/lift")).await;
    deliver(&app).await;
    app.advance(TimeDelta::days(62));
    jobs::end_memberships(app.provider()).await.unwrap();
    deliver(&app).await;
    let told = heard(&app, &rp, &receiver);
    assert_eq!(kinds(&told), ["registered", "suspended", "restored", "membership-ended"]);
    told.iter().for_each(|claims| about(claims, &tokens));
    assert!(heard(&app, &stranger, &receiver).is_empty());
    let names: std::collections::BTreeSet<_> = told.iter().map(|claims| claims["jti"].to_string()).collect();
    assert_eq!(names.len(), told.len());
    assert_eq!(deliver(&app).await, 0, "nothing is told twice");
}

#[tokio::test]
async fn a_service_is_told_when_its_registration_changes() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let rp = pushed(&app, "rp", &receiver).await;
    pushed(&app, "other", &receiver).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/client/rp").await;
    root.browser.submit(page.form("/admin/client/rp/secret")).await;
    assert_eq!(deliver(&app).await, 1);
    let told = heard(&app, &rp, &receiver);
    assert_eq!(kinds(&told), ["client-changed"]);
    assert!(told[0].get("sub_id").is_none());
}

/// The last change there is: the service can no longer ask what became of it.
#[tokio::test]
async fn a_service_is_told_that_it_was_removed() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let rp = pushed(&app, "rp", &receiver).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut second = app.insert_staff("second", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/client/rp").await;
    let ask = page.form("/admin/client/rp/ask").with("kind", "client.removal").with("reason", "no longer used");
    root.browser.submit(ask).await;
    app.advance(TimeDelta::seconds(1));
    let page = second.browser.get("/admin/approvals").await;
    second.browser.submit(page.form("/admin/approvals/clients").with("decision", "approved")).await;
    assert_eq!(deliver(&app).await, 1);
    let told = heard(&app, &rp, &receiver);
    assert_eq!(kinds(&told), ["client-changed"]);
    assert!(told[0].get("sub_id").is_none());
}

#[tokio::test]
async fn an_event_waits_for_a_service_that_is_down_and_is_given_up_loudly() {
    let app = start().await;
    let receiver = Receiver::start().await;
    receiver.behave(Behaviour::Status(500));
    let rp = pushed(&app, "rp", &receiver).await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
    assert_eq!(deliver(&app).await, 1);
    assert_eq!(deliver(&app).await, 0, "not before its time");
    app.advance(TimeDelta::seconds(10));
    assert_eq!(deliver(&app).await, 1);
    app.advance(TimeDelta::seconds(11));
    assert_eq!(deliver(&app).await, 0, "the pause grows");
    let id = idp_core::id::ClientId::parse("rp").unwrap();
    let open = app.store.open_events(&id, 9).await.unwrap();
    assert_eq!((open[0].attempts, open[0].given_up_at), (2, None));
    // It comes back: what waited arrives under the same name as before.
    receiver.behave(Behaviour::Status(202));
    app.advance(TimeDelta::seconds(10));
    deliver(&app).await;
    let told = heard(&app, &rp, &receiver);
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|claims| claims["jti"] == told[0]["jti"]));
    assert!(app.store.open_events(&id, 9).await.unwrap().is_empty());
    // And once more, for good.
    receiver.behave(Behaviour::Status(500));
    rest(&mut ana).await;
    app.advance(TimeDelta::days(8));
    deliver(&app).await;
    let filter = AuditFilter { action: Some("event.given_up".to_owned()), ..AuditFilter::default() };
    let lines = app.store.audit_lines(&filter, None, 9).await.unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/client/rp").await;
    assert!(page.has("#events-open"), "{}", page.text("main"));
    assert_eq!(deliver(&app).await, 0);
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_fetches_and_acknowledges() {
    let app = start().await;
    let rp = app.client("rp").with(wants_all).await;
    let other = app.client("other").with(wants_all).await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    rest(&mut ana).await;
    assert_eq!(deliver(&app).await, 0, "nobody is told: it waits to be fetched");
    let first = sets(&poll(&rp, &[]).await);
    assert_eq!(first.len(), 2);
    for (name, token) in &first {
        let claims = checked(&app, &rp, token);
        assert_eq!(claims["jti"], json!(name));
        about(&claims, &tokens);
    }
    // What was not acknowledged comes again: a lost answer loses nothing.
    let again: Vec<String> = sets(&poll(&rp, &[]).await).into_iter().map(|(name, _)| name).collect();
    let names: Vec<String> = first.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(again, names);
    // One at a time, and there is more.
    let one = poll(&rp, &[("maxEvents", "1")]).await;
    assert_eq!(sets(&one).len(), 1);
    assert!(one.body.contains("\"moreAvailable\":true"));
    // Another service's acknowledgement takes nothing, and it is given nothing.
    assert!(sets(&poll(&other, &[("ack", &names.join(" "))]).await).is_empty());
    assert_eq!(sets(&poll(&rp, &[("maxEvents", "0")]).await).len(), 0);
    let left = sets(&poll(&rp, &[("ack", &names[0])]).await);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].0, names[1]);
    // An acknowledgement that comes again changes nothing.
    assert_eq!(sets(&poll(&rp, &[("ack", &names.join(" "))]).await).len(), 0);
    assert_eq!(sets(&poll(&rp, &[("ack", &names.join(" "))]).await).len(), 0);
    for (fields, status) in [(vec![("ack", "not-a-name")], 400), (vec![("maxEvents", "-1")], 400)] {
        assert_eq!(poll(&rp, &fields).await.status, status, "{fields:?}");
    }
    assert_eq!(app.post("/events", "ack=").await.status, 401);
    assert_eq!(app.post("/events", "client_id=rp&client_secret=wrong").await.status, 401);
    let silent = app.client("silent").await;
    poll(&silent, &[]).await.expect_token_error("unauthorized_client");
}

#[tokio::test]
async fn what_is_never_fetched_is_given_up_after_seven_days() {
    let app = start().await;
    let rp = app.client("rp").with(wants_all).await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::days(7));
    assert_eq!(deliver(&app).await, 1);
    assert!(sets(&poll(&rp, &[]).await).is_empty());
    let filter = AuditFilter { action: Some("event.given_up".to_owned()), ..AuditFilter::default() };
    assert_eq!(app.store.audit_lines(&filter, None, 9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_one_tells_each_event() {
    let one = App::start_on_servers().await;
    let two = one.another_node().await;
    let receiver = Receiver::start().await;
    let rp = pushed(&one, "rp", &receiver).await;
    for number in 0..6 {
        let mut member = one.insert_member(&format!("m{number}")).await;
        rp.sign_in(&mut member).await;
    }
    tokio::join!(deliver(&one), deliver(&two));
    deliver(&one).await;
    let told = heard(&one, &rp, &receiver);
    let names: std::collections::BTreeSet<_> = told.iter().map(|claims| claims["jti"].to_string()).collect();
    assert_eq!((told.len(), names.len()), (6, 6));
}
