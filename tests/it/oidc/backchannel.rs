//! OpenID Connect Back-Channel Logout 1.0: services hear that a session is over, whatever ended it.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::client::ClientDraft;
use idp_core::jose::{ContentEncryption, Encryption, KeyManagement, TokenType, Unverified};
use idp_core::session::SessionEnd;
use idp_store::{Ending, OpenNotice};
use idp_tests::{App, Behaviour, Client, EncryptionKeys, Jwt, Letter, Member, Received, Receiver, Tokens};
use idp_web::jobs;
use serde_json::{Value, json};
use uuid::Uuid;

/// A provider that waits a second at most for a service.
async fn start() -> App {
    App::start_with(|config| config.egress.timeout_seconds = 1).await
}

async fn told(app: &App, id: &str, receiver: &Receiver) -> Client {
    let uri = receiver.url("/backchannel?from=moc");
    app.client(id).with(|draft| draft.logout.back = Some(uri)).await
}

async fn deliver(app: &App) -> usize {
    jobs::deliver_notices(app.provider(), Uuid::from_u128(7)).await.expect("the database can be reached")
}

async fn open(app: &App) -> Vec<OpenNotice> {
    app.store.open_notices(None, 100).await.expect("the database can be read")
}

/// The token as it travelled.
fn sent(received: &Received) -> &str {
    received.body.strip_prefix("logout_token=").expect("one parameter")
}

/// The logout token of a request, checked as §2.6 wants a service to.
fn logout_token(app: &App, rp: &Client, received: &Received) -> Value {
    assert_eq!(received.method, "POST");
    assert_eq!(received.headers["content-type"], "application/x-www-form-urlencoded");
    assert!(!received.headers.contains_key("cookie") && !received.headers.contains_key("referer"));
    let token = sent(received);
    assert!(!token.contains('&'));
    let jwt = Jwt::read(token);
    assert_eq!(jwt.header["typ"], "logout+jwt");
    assert_eq!(jwt.header["alg"], rp.client.id_token_algorithm.as_str());
    let verified =
        Unverified::parse(token).and_then(|token| token.verify::<Value>(TokenType::Logout, &app.keys.load()));
    let claims = verified.expect("our signature");
    let mut names: Vec<&str> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"], "and no nonce");
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(app.issuer()), &json!(rp.id())));
    assert_eq!(claims["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    let (iat, exp) = (claims["iat"].as_i64().expect("a time"), claims["exp"].as_i64().expect("a time"));
    assert_eq!((iat, exp - iat), (app.now().timestamp(), 120));
    claims
}

fn same_session(claims: &Value, tokens: &Tokens) {
    assert_eq!((&claims["sid"], &claims["sub"]), (&tokens.id.claims["sid"], &tokens.id.claims["sub"]));
}

#[tokio::test]
async fn each_service_that_got_tokens_in_the_session_is_told_once() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
    let first = told(&app, "first", &receivers[0]).await;
    let second = told(&app, "second", &receivers[1]).await;
    let only_a_code = told(&app, "third", &receivers[2]).await;
    let silent = app.client("fourth").await;
    let (at_first, at_second) = (first.sign_in(&mut ana).await, second.sign_in(&mut ana).await);
    silent.sign_in(&mut ana).await;
    only_a_code.authorize(&mut ana, &only_a_code.ask()).await;
    elsewhere.sign_in().await;
    let other_session = first.sign_in(&mut elsewhere).await;
    assert_ne!(at_first.id.text("sid"), other_session.id.text("sid"));

    ana.sign_out().await;
    assert_eq!(deliver(&app).await, 2);
    for (rp, tokens, receiver) in [(&first, &at_first, &receivers[0]), (&second, &at_second, &receivers[1])] {
        let received = receiver.received();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].uri, "/backchannel?from=moc");
        same_session(&logout_token(&app, rp, &received[0]), tokens);
    }
    assert!(receivers[2].received().is_empty(), "a code that nobody redeemed is no session there");
    assert_eq!(deliver(&app).await, 0);
    assert!(open(&app).await.is_empty());
    first.userinfo(&other_session.access).await.expect(200);
}

#[tokio::test]
async fn the_service_that_asks_for_the_sign_out_is_told_too_and_by_its_algorithm() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let receiver = Receiver::start().await;
    let uri = receiver.url("/out");
    let rp = app.client("rp").rs256().with(|draft| draft.logout.back = Some(uri)).await;
    let tokens = rp.sign_in(&mut ana).await;
    let path = rp.logout_path(&[
        ("id_token_hint", &tokens.id.token),
        ("post_logout_redirect_uri", rp.after_logout().as_str()),
        ("state", "x"),
    ]);
    assert_eq!(ana.browser.get(&path).await.left_for().as_str(), "https://rp.test/bye?state=x");
    assert_eq!(deliver(&app).await, 1);
    same_session(&logout_token(&app, &rp, &receiver.received()[0]), &tokens);
}

/// Ends something of a member's at `rp`, by a cause that is written down as `why`; tells whether the session at the
/// provider lives on.
async fn cause(app: &App, ana: &mut Member, rp: &Client, why: &str) {
    let (store, now) = (&app.store, app.now());
    match why {
        "signed_out" => ana.sign_out().await,
        "signed_out_everywhere" => {
            let page = ana.browser.get("/profile").await;
            ana.browser.submit(page.form("/signout/everywhere")).await;
        }
        "replaced" => {
            let mut bo = app.insert_member("bo").await;
            bo.browser = ana.browser.clone();
            let page = bo.browser.get("/login?again=yes").await;
            bo.sign_in_at(&page).await;
        }
        "expired" => {
            app.advance(TimeDelta::minutes(31));
            jobs::tend(app.provider()).await.expect("the database can be reached");
        }
        "membership_ended" => {
            // In a session of its last minutes.
            app.advance(TimeDelta::days(61));
            jobs::end_memberships(app.provider()).await.expect("the database can be reached");
        }
        "suspended" => assert!(store.suspend(ana.id, "a test", now, &[], &[]).await.expect("it can be written")),
        "ended_by_officer" => {
            let ending = Ending::Account(ana.id);
            store.end_sessions(ending, SessionEnd::EndedByOfficer, now, &[], &[]).await.expect("it can be written");
        }
        "factors_changed" => ana.insert_totp().await,
        // The rest is done in another browser, whose own session stays.
        "password_changed" | "disputed" => {
            let mut elsewhere = ana.elsewhere();
            elsewhere.sign_in().await;
            if why == "disputed" {
                let letters = app.letters_to(&ana.email).await;
                let link = letters.into_iter().rev().find_map(|letter| match letter {
                    Letter::NewSignIn { not_me_url, .. } => Some(not_me_url),
                    _ => None,
                });
                let link = link.expect("a new browser is told of");
                let mut owner = app.browser();
                let page = owner.get(link.strip_prefix(app.issuer()).expect("a link of ours")).await;
                owner.submit(page.form("/not-me")).await;
            } else {
                let page = elsewhere.browser.get("/profile/password").await;
                let form = page.form("/profile/password").with("current", &ana.password);
                elsewhere.browser.submit(form.with("password", "nine kites over a quiet harbour")).await;
            }
        }
        "email_changed" => {
            let (mut elsewhere, new) = (ana.elsewhere(), "ana.new@mail.example");
            elsewhere.sign_in().await;
            let page = elsewhere.browser.get("/profile/email").await;
            let page = elsewhere.browser.submit(page.form("/profile/email").with("email", new)).await;
            let code = app.mailed_code(new).await;
            elsewhere.browser.submit(page.form("/profile/email/code").with("code", &code)).await;
        }
        "deleting" => {
            let page = ana.browser.get("/profile/delete").await;
            let password = ana.password.clone();
            ana.browser.submit(page.form("/profile/delete").with("password", &password)).await;
        }
        "restricted" => {
            let page = ana.browser.get("/profile/restrict").await;
            ana.browser.submit(page.form("/profile/restrict")).await;
        }
        "badge_withdrawn" => {
            app.promote(ana).await;
            let until = now + TimeDelta::days(60);
            assert!(store.withdraw_badge(ana.id, until, now, &[], &[]).await.expect("it can be written"));
        }
        "consent_withdrawn" => {
            let page = ana.browser.get("/profile/services").await;
            let forms = page.forms().into_iter().filter(|form| form.action == "/profile/services/withdraw");
            let form = forms.into_iter().find(|form| form.value("client_id") == rp.id()).expect("it is listed");
            ana.browser.submit(form).await;
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn whatever_ends_it_the_service_is_told() {
    for why in [
        "signed_out",
        "signed_out_everywhere",
        "replaced",
        "expired",
        "membership_ended",
        "suspended",
        "ended_by_officer",
        "password_changed",
        "email_changed",
        "factors_changed",
        "disputed",
        "deleting",
        "restricted",
        "badge_withdrawn",
        "consent_withdrawn",
    ] {
        let app = start().await;
        let mut ana = app.insert_member("ana").await;
        let receiver = Receiver::start().await;
        let rp = told(&app, "rp", &receiver).await;
        let tokens = rp.sign_in(&mut ana).await;
        assert_eq!(deliver(&app).await, 0, "{why}");
        cause(&app, &mut ana, &rp, why).await;
        let waiting = open(&app).await;
        assert_eq!(waiting.iter().map(|notice| notice.why.as_str()).collect::<Vec<_>>(), [why]);
        assert_eq!(deliver(&app).await, 1, "{why}");
        same_session(&logout_token(&app, &rp, &receiver.received()[0]), &tokens);
    }
}

#[tokio::test]
async fn signing_in_anew_as_the_same_member_tells_nobody_and_the_sid_stays() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let receiver = Receiver::start().await;
    let rp = told(&app, "rp", &receiver).await;
    let tokens = rp.sign_in(&mut ana).await;
    let page = ana.browser.get("/login?again=yes").await;
    ana.sign_in_at(&page).await;
    assert_eq!(deliver(&app).await, 0);
    ana.sign_out().await;
    assert_eq!(deliver(&app).await, 1);
    same_session(&logout_token(&app, &rp, &receiver.received()[0]), &tokens);
}

#[tokio::test]
async fn what_ends_again_is_told_again() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let receiver = Receiver::start().await;
    let rp = told(&app, "rp", &receiver).await;
    rp.sign_in(&mut ana).await;
    cause(&app, &mut ana, &rp, "consent_withdrawn").await;
    assert_eq!(deliver(&app).await, 1);
    app.advance(TimeDelta::seconds(1));
    let tokens = rp.sign_in(&mut ana).await;
    ana.sign_out().await;
    assert_eq!(deliver(&app).await, 1);
    let received = receiver.received();
    let claims = [logout_token(&app, &rp, &received[1]), Jwt::read(sent(&received[0])).claims];
    same_session(&claims[0], &tokens);
    assert_ne!(claims[0]["jti"], claims[1]["jti"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s046_a_slow_a_dead_and_a_failing_service_keep_nobody_waiting() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let mut receivers = Vec::new();
    for _ in 0..4 {
        receivers.push(Receiver::start().await);
    }
    let mut services = Vec::new();
    for (number, receiver) in receivers.iter().enumerate() {
        let rp = told(&app, &format!("rp{number}"), receiver).await;
        let tokens = rp.sign_in(&mut ana).await;
        services.push((rp, tokens));
    }
    receivers[0].behave(Behaviour::Silence);
    receivers[1].go_away().await;
    receivers[2].behave(Behaviour::Status(500));
    // Signing out waits for none of them: they are told afterwards.
    ana.sign_out().await;
    assert!(receivers.iter().all(|receiver| receiver.received().is_empty()));
    assert_eq!(deliver(&app).await, 4);
    assert_eq!(receivers[3].received().len(), 1);
    let waiting = open(&app).await;
    assert_eq!(waiting.len(), 3);
    assert!(waiting.iter().all(|notice| notice.attempts == 1 && notice.given_up_at.is_none()), "{waiting:?}");
    assert!(waiting.iter().all(|notice| notice.last_error.is_some()), "{waiting:?}");
    // Not again at once, and then at growing intervals.
    assert_eq!(deliver(&app).await, 0);
    for pause in [10, 20, 40] {
        app.advance(TimeDelta::seconds(pause - 1));
        assert_eq!(deliver(&app).await, 0, "{pause}");
        app.advance(TimeDelta::seconds(1));
        assert_eq!(deliver(&app).await, 3, "{pause}");
    }
    // One comes back after the other.
    receivers[0].behave(Behaviour::Status(200));
    receivers[1].come_back().await;
    app.advance(TimeDelta::seconds(80));
    assert_eq!(deliver(&app).await, 3);
    let still = open(&app).await;
    assert_eq!(still.iter().map(|notice| notice.client_id.as_str()).collect::<Vec<_>>(), ["rp2"]);
    receivers[2].behave(Behaviour::Status(204));
    app.advance(TimeDelta::seconds(160));
    assert_eq!(deliver(&app).await, 1);
    assert!(open(&app).await.is_empty());
    for ((rp, tokens), receiver) in services.iter().zip(&receivers).skip(2).take(1) {
        let received = receiver.received();
        same_session(&logout_token(&app, rp, received.last().expect("it was told")), tokens);
        let jti = |received: &Received| Jwt::read(sent(received)).claims["jti"].clone();
        assert_ne!(jti(&received[0]), jti(&received[1]), "each attempt has a token of its own, that is young");
    }
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up_loudly() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let receiver = Receiver::start().await;
    receiver.behave(Behaviour::Status(503));
    let rp = told(&app, "rp", &receiver).await;
    rp.sign_in(&mut ana).await;
    ana.sign_out().await;
    let begun = app.now();
    let mut attempts = 0;
    while app.now() - begun < TimeDelta::hours(25) {
        attempts += deliver(&app).await;
        app.advance(TimeDelta::seconds(100));
    }
    assert_eq!(receiver.received().len(), attempts);
    assert!((20..60).contains(&attempts), "{attempts}");
    let given_up = open(&app).await;
    let [notice] = &given_up[..] else { panic!("{given_up:?}") };
    let at = notice.given_up_at.expect("it was given up");
    assert!(at - begun > TimeDelta::hours(22) && at - begun <= TimeDelta::hours(24));
    assert_eq!(notice.last_error.as_deref(), Some("the server answered with status 503"));
    let lines = app.store.events_about(ana.id, 50).await.expect("the database can be read");
    assert_eq!(lines.iter().filter(|line| line.action == "logout.notice_given_up").count(), 1);
    // Who looks after the service sees it beside the service, with what went wrong.
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/client/rp").await;
    assert!(page.text("main").contains("the server answered with status 503"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_notice_survives_the_node_that_was_delivering_it() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let receiver = Receiver::start().await;
    let rp = told(&app, "rp", &receiver).await;
    let tokens = rp.sign_in(&mut ana).await;
    ana.sign_out().await;
    // Taken in hand, and then the process is gone.
    let taken = app.store.lease_notices(Uuid::from_u128(1), app.now(), TimeDelta::minutes(1), 8, 64).await;
    assert_eq!(taken.expect("it can be written").len(), 1);
    let app = app.restart().await;
    assert_eq!(deliver(&app).await, 0, "nobody else's yet");
    app.advance(TimeDelta::minutes(1));
    assert_eq!(deliver(&app).await, 1);
    let rp = rp.at(&app);
    same_session(&logout_token(&app, &rp, &receiver.received()[0]), &tokens);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_private_networks_are_not_asked() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let (receiver, canary) = (Receiver::start().await, Receiver::start().await);
    receiver.behave(Behaviour::Redirect(canary.url("/")));
    let rp = told(&app, "rp", &receiver).await;
    let inside = app.client("inside").with(|draft| draft.logout.back = Some("https://10.0.0.1/".to_owned())).await;
    rp.sign_in(&mut ana).await;
    inside.sign_in(&mut ana).await;
    ana.sign_out().await;
    assert_eq!(deliver(&app).await, 2);
    assert!(canary.received().is_empty());
    let errors: Vec<String> = open(&app).await.into_iter().filter_map(|notice| notice.last_error).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].contains("not to be asked") && errors[1].contains("307"), "{errors:?}");
}

#[tokio::test]
async fn s029_a_logout_token_passes_for_nothing_else() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let receiver = Receiver::start().await;
    let rp = told(&app, "rp", &receiver).await;
    rp.sign_in(&mut ana).await;
    ana.sign_out().await;
    deliver(&app).await;
    let received = receiver.received();
    let token = sent(&received[0]);
    rp.userinfo(token).await.expect(401);
    ana.sign_in().await;
    let path = rp.logout_path(&[("id_token_hint", token)]);
    ana.browser.get(&path).await.expect_error(400, "invalid_request");
    let ask = rp.ask().with("prompt", "none").with("id_token_hint", token);
    let answer = idp_tests::Answer::of(&ana.browser.get(&ask.path()).await);
    assert_eq!(answer.error(), "login_required");
}

#[tokio::test]
async fn a_service_that_has_its_id_tokens_encrypted_gets_its_logout_tokens_so() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let (receiver, keys) = (Receiver::start().await, EncryptionKeys::make());
    let (uri, jwks) = (receiver.url("/out"), json!({ "keys": keys.public() }));
    let how = Encryption { algorithm: KeyManagement::EcdhEs, content: ContentEncryption::A256Gcm };
    let encrypted = |draft: &mut ClientDraft| {
        draft.logout.back = Some(uri);
        draft.jwks = Some(jwks);
        draft.answers.id_token_encryption = Some(how);
    };
    let rp = app.client("rp").with(encrypted).await;
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    let reply = rp.exchange(&ask, &code).await.expect(200).json();
    let (_, id_token) = keys.open(reply["id_token"].as_str().expect("a token"));
    ana.sign_out().await;
    assert_eq!(deliver(&app).await, 1);
    let mut received = receiver.received().remove(0);
    let (header, token) = keys.open(sent(&received));
    assert_eq!((&header["alg"], &header["enc"], &header["cty"]), (&json!("ECDH-ES"), &json!("A256GCM"), &json!("JWT")));
    // What is inside is signed, and says the same as to any other service.
    received.body = format!("logout_token={token}");
    let claims = logout_token(&app, &rp, &received);
    assert_eq!(claims["sid"], idp_tests::decoded_part(&id_token, 1)["sid"]);
}

#[tokio::test]
async fn a_logout_token_is_never_sent_in_the_clear_to_a_service_whose_keys_cannot_be_had() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let (receiver, keys) = (Receiver::start().await, EncryptionKeys::make());
    receiver.behave(Behaviour::Json(json!({ "keys": keys.public() })));
    let (uri, jwks_uri) = (receiver.url("/out"), receiver.url("/jwks"));
    let how = Encryption { algorithm: KeyManagement::RsaOaep256, content: ContentEncryption::A128Gcm };
    let encrypted = |draft: &mut ClientDraft| {
        draft.logout.back = Some(uri);
        draft.jwks_uri = Some(jwks_uri);
        draft.answers.id_token_encryption = Some(how);
    };
    let rp = app.client("rp").with(encrypted).await;
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    rp.exchange(&ask, &code).await.expect(200);
    ana.sign_out().await;
    receiver.behave(Behaviour::Status(500));
    app.advance(TimeDelta::hours(2));
    deliver(&app).await;
    assert!(receiver.received().iter().all(|request| request.uri.path() == "/jwks"));
    let error = open(&app).await[0].last_error.clone().unwrap_or_default();
    assert!(error.contains("could not be encrypted"), "{error}");
    // It is told as soon as there are keys.
    receiver.behave(Behaviour::Json(json!({ "keys": keys.public() })));
    app.advance(TimeDelta::minutes(2));
    deliver(&app).await;
    let told = receiver.received().into_iter().find(|request| request.uri.path() == "/out").expect("it was told");
    keys.open(sent(&told));
}
