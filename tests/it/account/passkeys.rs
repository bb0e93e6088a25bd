//! `/profile/passkeys`: one's own passkeys.

use chrono::TimeDelta;
use idp_tests::{App, HTTPS_ISSUER, Letter, Member, Page};

async fn actions(app: &App, member: &Member) -> Vec<String> {
    app.store.events_about(member.id, 50).await.unwrap().into_iter().map(|line| line.action).collect()
}

async fn remove(member: &mut Member) -> Page {
    let page = member.browser.get("/profile/passkeys").await;
    member.browser.submit(page.form("/profile/passkeys/remove")).await
}

#[tokio::test]
async fn a_passkey_is_added_named_used_and_removed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.attribute("#manage-passkeys", "href").as_deref(), Some("/profile/passkeys"));
    let page = ana.add_passkey(&mut phone).await;
    assert_eq!(page.place(), "/profile/passkeys", "{}", page.text("main"));
    // The browser's name is the passkey's, until its owner says otherwise.
    assert_eq!(page.text(".passkey strong"), "Chrome, Android");
    assert!(page.text(".passkey").contains("ยังไม่เคยใช้"), "{}", page.text(".passkey"));
    app.advance(TimeDelta::days(1));
    let mut away = ana.elsewhere();
    assert_eq!(away.sign_in_by_passkey(&mut phone).await.place(), "/profile");
    let page = away.browser.get("/profile/passkeys").await;
    assert!(page.text(".passkey").contains("ใช้ล่าสุด 3 พฤศจิกายน 2569"), "{}", page.text(".passkey"));
    let page = away.browser.submit(page.form("/profile/passkeys/rename").with("name", "  โทรศัพท์ของฉัน ")).await;
    assert_eq!(page.text(".passkey strong"), "โทรศัพท์ของฉัน");
    let page = remove(&mut away).await;
    assert!(!page.has(".passkey"));
    away.sign_out().await;
    let page = away.sign_in_by_passkey(&mut phone).await;
    assert_eq!((page.status.as_u16(), page.place()), (400, "/login/passkey"));
    assert!(!away.browser.is_signed_in().await);
    let actions = actions(&app, &ana).await;
    for action in ["passkey.added", "passkey.renamed", "passkey.removed"] {
        assert!(actions.contains(&action.to_owned()), "{actions:?}");
    }
}

#[tokio::test]
async fn s052_adding_and_removing_ends_the_other_sessions_and_is_told_by_mail() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    for turn in 0..2 {
        let mut elsewhere = ana.elsewhere();
        match turn {
            0 => elsewhere.sign_in().await,
            _ => elsewhere.sign_in_by_passkey(&mut phone).await,
        };
        let tokens = rp.sign_in(&mut elsewhere).await;
        match turn {
            0 => ana.add_passkey(&mut phone).await,
            _ => remove(&mut ana).await,
        };
        assert!(ana.browser.is_signed_in().await);
        assert!(!elsewhere.browser.is_signed_in().await);
        rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
        let letters = app.letters_to(&ana.email).await;
        let Some(Letter::PasskeyChanged { passkey, .. }) = letters.last() else { panic!("{letters:?}") };
        assert_eq!(passkey, "Chrome, Android");
    }
}

#[tokio::test]
async fn whoever_did_not_add_it_stops_the_account() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut thief = ana.authenticator();
    ana.add_passkey(&mut thief).await;
    let letters = app.letters_to(&ana.email).await;
    let Some(Letter::PasskeyChanged { not_me_url, .. }) = letters.last() else { panic!("{letters:?}") };
    let mut owner = app.browser();
    let page = owner.get(not_me_url.strip_prefix(app.issuer()).unwrap()).await;
    owner.submit(page.form("/not-me")).await;
    assert!(!ana.browser.is_signed_in().await);
    let page = ana.elsewhere().sign_in_by_passkey(&mut thief).await;
    assert_eq!(page.status, 403, "{}", page.text("main"));
}

#[tokio::test]
async fn changing_them_needs_a_proof_of_the_last_five_minutes() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    let fresh = ana.browser.get("/profile/passkeys").await;
    app.advance(TimeDelta::minutes(5));
    let page = ana.browser.get("/profile/passkeys").await;
    assert!(page.has("form[action='/profile/passkeys/remove']"), "five minutes are not over");
    app.advance(TimeDelta::seconds(1));
    let page = ana.browser.get("/profile/passkeys").await;
    assert!(page.has("#prove") && !page.has("form[action='/profile/passkeys/remove']"));
    let page = app.unchanged(ana.browser.submit(fresh.form("/profile/passkeys/remove"))).await;
    assert_eq!(page.place(), "/login");
    let form = fresh.form("/profile/passkeys");
    let page = app.unchanged(ana.browser.submit(form)).await;
    assert_eq!(page.place(), "/login");
    // The passkey is such a proof.
    ana.sign_in_by_passkey_at(&page, &mut phone).await;
    assert!(!remove(&mut ana).await.has(".passkey"));
}

#[tokio::test]
async fn nobody_sees_names_or_removes_somebody_elses() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut bo = app.insert_member("bo").await;
    let mut phone = ana.authenticator();
    let mut other = bo.authenticator();
    let page = ana.add_passkey(&mut phone).await;
    let anas = page.form("/profile/passkeys/remove").value("passkey").to_owned();
    let page = bo.add_passkey(&mut other).await;
    for action in ["/profile/passkeys/remove", "/profile/passkeys/rename"] {
        let form = page.form(action).with("passkey", &anas).with("name", "mine");
        app.unchanged(bo.browser.submit(form)).await;
    }
    assert_eq!(ana.browser.get("/profile/passkeys").await.text(".passkey strong"), "Chrome, Android");
}

#[tokio::test]
async fn a_name_that_cannot_be_read_is_refused_and_a_new_passkey_gets_the_browsers() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    let page = ana.browser.get("/profile/passkeys").await;
    let (options, form) = ana.passkey_question(&page, "/profile/passkeys").await;
    let form = form.with("answer", &phone.create(&options).answer()).with("name", &"x".repeat(61));
    ana.browser.submit(form).await.expect_at("/profile/security/recovery-codes");
    let page = ana.browser.get("/profile/passkeys").await;
    assert_eq!(page.text(".passkey strong"), "Chrome, Android");
    for name in ["", "  ", "a\u{202e}b", &"ก".repeat(61)] {
        let form = page.form("/profile/passkeys/rename").with("name", name);
        let page = app.unchanged(ana.browser.submit(form)).await;
        assert_eq!(page.status, 400, "{name:?}");
    }
    let form = page.form("/profile/passkeys/rename").with("name", "<b>\"x\"</b>");
    let page = ana.browser.submit(form).await;
    assert_eq!(page.text(".passkey strong"), "<b>\"x\"</b>");
}

#[tokio::test]
async fn the_same_authenticator_is_not_asked_twice_and_a_credential_has_one_owner() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut bo = app.insert_member("bo").await;
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    let page = ana.browser.get("/profile/passkeys").await;
    let (options, form) = ana.passkey_question(&page, "/profile/passkeys").await;
    assert_eq!(options["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(options["publicKey"]["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    // One who is not honest says that another's credential is theirs.
    let mut creation = phone.clone().create(&options);
    let stolen = phone.held[0].id.clone();
    (creation.raw_id, creation.signed_id) = (stolen.clone(), stolen.clone());
    creation.id = encoded(&stolen);
    let page = app.unchanged(ana.browser.submit(form.with("answer", &creation.answer()))).await;
    assert_eq!(page.status, 400, "one's own, twice");
    let page = bo.browser.get("/profile/passkeys").await;
    let (options, form) = bo.passkey_question(&page, "/profile/passkeys").await;
    let mut creation = phone.clone().create(&options);
    (creation.raw_id, creation.signed_id) = (stolen.clone(), stolen.clone());
    creation.id = encoded(&stolen);
    let page = app.unchanged(bo.browser.submit(form.with("answer", &creation.answer()))).await;
    assert_eq!(page.status, 400, "somebody else's");
    ana.elsewhere().sign_in_by_passkey(&mut phone).await.expect_at("/profile");
}

fn encoded(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn an_account_has_twenty_at_most() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    assert!(ana.add_passkey(&mut phone).await.has(".passkey"));
    let page = ana.browser.get("/profile/passkeys").await;
    for _ in 1..20 {
        assert!(ana.add_passkey(&mut phone).await.has(".passkey"));
    }
    let full = ana.browser.get("/profile/passkeys").await;
    assert!(!full.has("#add-passkey"));
    // A page that was open from before.
    let (options, form) = ana.passkey_question(&page, "/profile/passkeys").await;
    let answer = phone.create(&options).answer();
    let page = app.unchanged(ana.browser.submit(form.with("answer", &answer))).await;
    assert_eq!(page.status, 400);
    assert_eq!(page.texts(".passkey").len(), 20);
}

#[tokio::test]
async fn an_erased_account_leaves_no_passkey() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    let at = app.now() + TimeDelta::days(30);
    app.store.schedule_deletion(ana.id, at, app.now(), &[], &[]).await.unwrap();
    // Until then its owner may come back by it, to think it over.
    ana.elsewhere().sign_in_by_passkey(&mut phone).await.expect_at("/profile");
    assert_eq!(app.store.row_count("passkeys").await.unwrap(), 1);
    let event = move |id| {
        use idp_core::audit::{Action, Actor, AuditEvent};
        AuditEvent::new(at, Actor::System, Action::AccountErased).account(id)
    };
    app.store.erase_due(at, chrono::TimeDelta::days(30), 10, &event).await.unwrap();
    assert_eq!(app.store.row_count("passkeys").await.unwrap(), 0);
}

#[tokio::test]
async fn programs_find_the_pages_by_their_known_addresses() {
    let app = App::start_on_https().await;
    let reply = app.get("/.well-known/passkey-endpoints").await.expect(200);
    assert_eq!(reply.header("content-type"), "application/json");
    let page = format!("{HTTPS_ISSUER}/profile/passkeys");
    assert_eq!(reply.json(), serde_json::json!({ "enroll": page, "manage": page }));
    let reply = app.get("/.well-known/change-password").await.expect(303);
    assert_eq!(reply.header("location"), "/profile/password");
}

#[tokio::test]
async fn where_the_issuer_is_a_number_nothing_speaks_of_passkeys() {
    let app = App::start_with(|config| config.server.issuer = "http://127.0.0.1:8080".to_owned()).await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.elsewhere().browser.get("/login").await;
    assert!(!page.html.contains("passkey") && page.has("#sign-in"));
    ana.browser.get("/profile/passkeys").await.expect_at("/profile");
    app.get("/.well-known/passkey-endpoints").await.expect(404);
}
