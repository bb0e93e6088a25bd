//! `/login/passkey`: signing in by passkey.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::TimeDelta;
use idp_tests::{App, Authenticator, Form, HTTPS_ISSUER, Member, Page, Signing, flag};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// A member with a passkey, at a sign-in page elsewhere.
struct Scene {
    app: App,
    ana: Member,
    phone: Authenticator,
}

impl Scene {
    async fn on(app: App) -> Self {
        let mut ana = app.insert_member("ana").await;
        let mut phone = ana.authenticator();
        assert!(ana.add_passkey(&mut phone).await.has(".passkey"));
        let mut ana = ana.elsewhere();
        // Past the first use, so that the counter is above zero.
        ana.sign_in_by_passkey(&mut phone).await.expect_at("/profile");
        ana.sign_out().await;
        Self { app, ana, phone }
    }

    /// The question of a sign-in page just opened.
    async fn question(&mut self) -> (Value, Form) {
        let page = self.ana.browser.get("/login").await;
        self.ana.passkey_question(&page, "/login/passkey").await
    }

    async fn signing(&mut self) -> (Signing, Form) {
        let (options, form) = self.question().await;
        (self.phone.get(&options), form)
    }

    /// The answer is refused with 400 and nothing is written: no session, and the counter stays.
    async fn refused(&mut self, what: &str, form: Form, answer: &str) -> Page {
        let page = self.app.unchanged(self.ana.browser.submit(form.with("answer", answer))).await;
        assert_eq!((page.status, page.place()), (StatusCode::BAD_REQUEST, "/login/passkey"), "{what}");
        assert!(page.has("#error-summary") && page.has("#sign-in"), "{what}: the way goes on");
        assert!(!self.ana.browser.is_signed_in().await, "{what}");
        page
    }

    /// After all of it, the honest one still signs in.
    async fn works(mut self) {
        self.ana.sign_in_by_passkey(&mut self.phone).await.expect_at("/profile");
    }
}

#[tokio::test]
async fn one_signs_in_without_typing_anything_and_it_is_two_factors() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut scene = Scene::on(app).await;
    let page = scene.ana.browser.get(&rp.ask().path()).await;
    let (options, form) = scene.ana.passkey_question(&page, "/login/passkey").await;
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]), "nobody is named");
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["rpId"], "localhost");
    let answer = scene.phone.get(&options).answer();
    let page = scene.ana.browser.submit(form.with("answer", &answer)).await;
    assert!(page.away.is_some(), "{}", page.text("main"));
    let tokens = rp.sign_in(&mut scene.ana).await;
    let claims = &tokens.id.claims;
    assert_eq!(claims["amr"], json!(["pop", "user", "mfa"]));
    assert_eq!(claims["acr"], "https://account.moc.go.th/acr/aal2");
}

#[tokio::test]
async fn the_page_is_whole_without_scripts_and_lets_its_script_ask_here_alone() {
    let app = App::start().await;
    let page = app.browser().get("/login").await;
    // What is hidden is shown by a script that found out that the browser can.
    assert!(page.has("form.passkey-form[action='/login/passkey']"));
    assert!(page.has("#sign-in") && page.has("#username[autocomplete='username webauthn']"));
    let policy = |page: &Page| page.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy(&page).contains("connect-src 'self'") && policy(&page).contains("script-src 'self';"));
    let other = app.browser().get("/recover").await;
    assert!(!policy(&other).contains("connect-src") && !other.html.contains("passkey.js"));
}

#[tokio::test]
async fn s061_what_an_authenticator_says_wrongly_is_refused() {
    let mut scene = Scene::on(App::start().await).await;
    type Lie = fn(&mut Signing);
    let lies: [(&str, Lie); 16] = [
        ("UV=0", |said| said.flags = flag::PRESENT),
        ("UP=0", |said| said.flags = flag::VERIFIED),
        ("no flags", |said| said.flags = 0),
        ("backed up all of a sudden", |said| said.flags |= flag::MAY_BE_BACKED_UP | flag::BACKED_UP),
        ("rpIdHash", |said| said.rp_id = "evillocalhost".to_owned()),
        ("rpIdHash of a parent", |said| said.rp_id = "host".to_owned()),
        ("origin", |said| said.client_data["origin"] = json!("http://evillocalhost:8080")),
        ("sub-origin", |said| said.client_data["origin"] = json!("http://sub.localhost:8080")),
        ("port", |said| said.client_data["origin"] = json!("http://localhost:8081")),
        ("scheme", |said| said.client_data["origin"] = json!("https://localhost:8080")),
        ("in a frame", |said| said.client_data["crossOrigin"] = json!(true)),
        ("in a frame of", |said| said.client_data["topOrigin"] = json!("https://evil.test")),
        ("type", |said| said.client_data["type"] = json!("webauthn.create")),
        ("counter back", |said| said.counter = 1),
        ("counter at zero", |said| said.counter = 0),
        ("no user handle", |said| said.user = None),
    ];
    for (what, lie) in lies {
        let (mut said, form) = scene.signing().await;
        lie(&mut said);
        scene.refused(what, form, &said.answer()).await;
    }
    scene.works().await;
}

#[tokio::test]
async fn s061_the_origin_is_ours_exactly() {
    let mut scene = Scene::on(App::start_on_https().await).await;
    for origin in [
        "https://evilaccount.test",
        "https://sub.account.test",
        "https://account.test.evil.test",
        "https://test",
        "https://account.test:8443",
        "http://account.test",
        "https://account.test@evil.test",
        "null",
        "",
    ] {
        let (mut said, form) = scene.signing().await;
        said.client_data["origin"] = json!(origin);
        scene.refused(origin, form, &said.answer()).await;
    }
    assert_eq!(scene.phone.origin, HTTPS_ISSUER);
    scene.works().await;
}

#[tokio::test]
async fn s061_id_and_raw_id_are_one() {
    let mut scene = Scene::on(App::start().await).await;
    let mut bo = scene.app.insert_member("bo").await;
    let mut bos = bo.authenticator();
    bo.add_passkey(&mut bos).await;
    let other = bos.held[0].clone();
    let (said, form) = scene.signing().await;
    // The id of one, the raw id of another, either way round.
    let mut lie = said.clone();
    lie.raw_id.clone_from(&other.id);
    scene.refused("rawId", form, &lie.answer()).await;
    let (mut said, form) = scene.signing().await;
    said.id = said.id.replace(&said.id[..1], if said.id.starts_with('A') { "B" } else { "A" });
    scene.refused("id", form, &said.answer()).await;
    // Padded, it is another text.
    let (mut said, form) = scene.signing().await;
    said.id.push('=');
    scene.refused("padding", form, &said.answer()).await;
    scene.works().await;
}

#[tokio::test]
async fn s061_another_members_passkey_or_handle_signs_nobody_in() {
    let mut scene = Scene::on(App::start().await).await;
    let mut bo = scene.app.insert_member("bo").await;
    let mut bos = bo.authenticator();
    bo.add_passkey(&mut bos).await;
    // Ana's key under Bo's name; Bo's credential signed with Ana's key; a credential nobody has.
    let (mut said, form) = scene.signing().await;
    said.user = Some(bos.held[0].user.clone());
    scene.refused("handle", form, &said.answer()).await;
    let (options, form) = scene.question().await;
    let mut said = scene.phone.get(&options);
    let honest = bos.get(&options);
    (said.id, said.raw_id, said.user) = (honest.id, honest.raw_id, honest.user);
    scene.refused("key", form, &said.answer()).await;
    let (options, form) = scene.question().await;
    let mut stranger = scene.ana.authenticator();
    let made = json!({ "publicKey": { "rp": { "id": "localhost" }, "user": { "id": "AAAA" }, "challenge": "" } });
    let _ = stranger.create(&made);
    scene.refused("unknown", form, &stranger.get(&options).answer()).await;
    // When Ana is to prove it is her, Bo's own passkey proves nothing.
    scene.ana.sign_in_by_passkey(&mut scene.phone).await.expect_at("/profile");
    let page = scene.ana.browser.get("/login?again=yes").await;
    let (options, form) = scene.ana.passkey_question(&page, "/login/passkey").await;
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1, "her own are named");
    let everybody = json!({ "publicKey": { "rpId": "localhost", "challenge": options["publicKey"]["challenge"] } });
    let answer = bos.get(&everybody).answer();
    let page = scene.app.unchanged(scene.ana.browser.submit(form.with("answer", &answer))).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let profile = scene.ana.browser.get("/profile").await;
    assert!(profile.html.contains("ana@mail.example"));
}

#[tokio::test]
async fn s061_a_challenge_is_answered_in_time_once_in_its_browser_and_for_its_purpose() {
    let mut scene = Scene::on(App::start().await).await;
    // Stale.
    let (said, form) = scene.signing().await;
    scene.app.advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    let page = scene.refused("stale", form, &said.answer()).await;
    assert!(page.text("#error-summary").contains("นานเกินไป"), "{}", page.text("#error-summary"));
    // Never asked.
    let (mut said, form) = scene.signing().await;
    said.client_data["challenge"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    scene.refused("never asked", form, &said.answer()).await;
    // Asked of another browser.
    let mut other = scene.ana.elsewhere();
    let page = other.browser.get("/login").await;
    let (options, _) = other.passkey_question(&page, "/login/passkey").await;
    let (_, form) = scene.question().await;
    let answer = scene.phone.get(&options).answer();
    scene.refused("foreign", form, &answer).await;
    // Asked for a new passkey, and the other way round.
    let mut at_home = scene.ana.elsewhere();
    at_home.sign_in_by_passkey(&mut scene.phone).await;
    let page = at_home.browser.get("/profile/passkeys").await;
    let (adding, add_form) = at_home.passkey_question(&page, "/profile/passkeys").await;
    let page = at_home.browser.get("/login?again=yes").await;
    let (_, form) = at_home.passkey_question(&page, "/login/passkey").await;
    let question = json!({ "publicKey": { "rpId": "localhost", "challenge": adding["publicKey"]["challenge"] } });
    let answer = scene.phone.get(&question).answer();
    let page = scene.app.unchanged(at_home.browser.submit(form.clone().with("answer", &answer))).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let (signing_in, _) = at_home.passkey_question(&page, "/login/passkey").await;
    let mut creating = adding.clone();
    creating["publicKey"]["challenge"] = signing_in["publicKey"]["challenge"].clone();
    let answer = scene.phone.clone().create(&creating).answer();
    let page = scene.app.unchanged(at_home.browser.submit(add_form.with("answer", &answer))).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    // Answered before.
    let (said, form) = scene.signing().await;
    scene.ana.browser.submit(form.clone().with("answer", &said.answer())).await.expect_at("/profile");
    scene.ana.sign_out().await;
    let (_, form) = scene.question().await;
    scene.refused("answered", form, &said.answer()).await;
    scene.works().await;
}

#[tokio::test]
async fn s061_what_is_cut_or_is_nothing_is_refused() {
    let mut scene = Scene::on(App::start_with(|config| config.throttle.per_origin_per_minute = 10_000).await).await;
    for answer in ["", "{}", "null", "[]", "{\"id\":1}", "not json", &"[".repeat(2_000)] {
        let (_, form) = scene.question().await;
        scene.refused("nothing", form, answer).await;
    }
    let length = {
        let (said, _) = scene.signing().await;
        said.data().len()
    };
    for cut in 0..length {
        let (said, form) = scene.signing().await;
        scene.refused("cut", form, &said.answer_with(&said.data()[..cut])).await;
    }
    // Bytes too many, an extension announced and not there, a signature that is none.
    let (said, form) = scene.signing().await;
    scene.refused("more", form, &said.answer_with(&[&said.data()[..], b"more"].concat())).await;
    let (mut said, form) = scene.signing().await;
    said.flags |= 0x80;
    scene.refused("extension", form, &said.answer()).await;
    let (said, form) = scene.signing().await;
    let mut answer: Value = serde_json::from_str(&said.answer()).unwrap();
    answer["response"]["signature"] = json!("MEUCIQ");
    scene.refused("signature", form, &answer.to_string()).await;
    scene.works().await;
}

#[tokio::test]
async fn s061_a_new_key_that_is_cut_at_any_byte_or_lies_is_not_added() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    let page = ana.browser.get("/profile/passkeys").await;
    let (options, form) = ana.passkey_question(&page, "/profile/passkeys").await;
    let length = phone.clone().create(&options).object().len();
    for cut in 0..length {
        let (options, form) = ana.passkey_question(&page, "/profile/passkeys").await;
        let creation = phone.clone().create(&options);
        let answer = creation.answer_with(&creation.object()[..cut]);
        let page = app.unchanged(ana.browser.submit(form.with("answer", &answer))).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "cut at {cut}");
    }
    type Lie = fn(&mut idp_tests::Creation);
    let lies: [(&str, Lie); 8] = [
        ("UV=0", |said| said.flags = flag::PRESENT | flag::CREDENTIAL),
        ("UP=0", |said| said.flags = flag::VERIFIED | flag::CREDENTIAL),
        ("no credential", |said| said.flags = flag::PRESENT | flag::VERIFIED),
        ("backed up but never to be", |said| said.flags |= flag::BACKED_UP),
        ("rpIdHash", |said| said.rp_id = "evil.test".to_owned()),
        ("origin", |said| said.client_data["origin"] = json!("http://sub.localhost:8080")),
        ("in a frame", |said| said.client_data["crossOrigin"] = json!(true)),
        ("another id inside", |said| said.signed_id = vec![7; 32]),
    ];
    for (what, lie) in lies {
        let (options, form) = ana.passkey_question(&page, "/profile/passkeys").await;
        let mut creation = phone.clone().create(&options);
        lie(&mut creation);
        let page = app.unchanged(ana.browser.submit(form.with("answer", &creation.answer()))).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}");
    }
    // The first question waits still, since nobody answered it.
    let answer = phone.create(&options).answer();
    ana.browser.submit(form.with("answer", &answer)).await.expect_at("/profile/security/recovery-codes");
}

#[tokio::test]
async fn a_passkey_that_is_copied_or_does_not_count_signs_in_all_the_same() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut phone = ana.authenticator();
    phone.counts = false;
    phone.flags |= flag::MAY_BE_BACKED_UP;
    ana.add_passkey(&mut phone).await;
    assert!(!ana.browser.get("/profile/passkeys").await.has(".passkey .tag"));
    // Copied later: its owner sees it.
    phone.flags |= flag::BACKED_UP;
    for _ in 0..2 {
        let mut away = ana.elsewhere();
        away.sign_in_by_passkey(&mut phone).await.expect_at("/profile");
        assert!(away.browser.get("/profile/passkeys").await.has(".passkey .tag"));
    }
}

#[tokio::test]
async fn a_suspended_member_is_told_so_and_nobody_is_signed_in() {
    let mut scene = Scene::on(App::start().await).await;
    let app = scene.app.clone();
    app.store.suspend(scene.ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    let page = scene.ana.sign_in_by_passkey(&mut scene.phone).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!scene.ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn s064_what_is_asked_is_the_same_whoever_asks() {
    let scene = Scene::on(App::start().await).await;
    let without_challenge = |mut options: Value| {
        options["publicKey"]["challenge"] = json!("");
        options
    };
    // With an address that is known, with one that is not, with none: a passkey is asked for without one.
    let mut asked = Vec::new();
    for username in ["ana@mail.example", "nobody@mail.example", ""] {
        let mut visitor = scene.ana.elsewhere();
        let page = visitor.browser.get("/login").await;
        let form = Form { action: "/login/passkey/options".to_owned(), ..page.form("/login/passkey") };
        let reply = visitor.browser.press(&form.with("username", username).with("own", "yes")).await.expect(200);
        asked.push((reply.headers.len(), without_challenge(reply.json())));
    }
    assert!(asked.windows(2).all(|pair| pair[0] == pair[1]), "{asked:?}");
    // And an answer by a credential that nobody has is refused as one that is somebody's and does not fit.
}

#[tokio::test]
async fn an_origin_has_no_more_tries_by_passkey_than_by_password() {
    let app = App::start_with(|config| config.throttle.per_origin_per_minute = 3).await;
    let mut scene = Scene { ana: app.insert_member("ana").await, phone: Authenticator::new(app.issuer()), app };
    scene.ana.sign_out().await;
    for _ in 0..3 {
        let (_, form) = scene.question().await;
        scene.refused("a try", form, "{}").await;
    }
    let (_, form) = scene.question().await;
    let page = scene.ana.browser.submit(form.with("answer", "{}")).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    // The owner is somewhere else.
    scene.ana.elsewhere().sign_in().await.expect_at("/profile");
}

#[tokio::test]
async fn a_failed_try_is_written_down_with_its_reason_and_nothing_personal() {
    let mut scene = Scene::on(App::start().await).await;
    let (mut said, form) = scene.signing().await;
    said.counter = 1;
    scene.refused("counter", form, &said.answer()).await;
    let lines = scene.app.store.events_about(scene.ana.id, 1).await.unwrap();
    assert_eq!(lines[0].action, "session.sign_in_failed");
    let detail = lines[0].detail.clone().unwrap_or_default();
    assert_eq!(serde_json::from_str::<Value>(&detail).unwrap(), json!({ "by": "passkey", "why": "counter_back" }));
}

async fn one_answer_sent_twenty_times(nodes: Vec<App>) {
    let mut scene = Scene::on(nodes[0].clone()).await;
    for counts in [true, false] {
        // One that does not count has nothing but the challenge to be told apart by.
        if !counts {
            let mut ana = scene.ana.elsewhere();
            let mut key = ana.authenticator();
            key.counts = false;
            ana.sign_in_by_passkey(&mut scene.phone).await.expect_at("/profile");
            ana.add_passkey(&mut key).await;
            scene.phone = key;
        }
        let before = scene.app.store.row_count("sessions").await.unwrap();
        let (said, form) = scene.signing().await;
        let (form, gate) = (form.with("answer", &said.answer()), Arc::new(Barrier::new(20)));
        let mut tasks = JoinSet::new();
        for turn in 0..20 {
            let (mut browser, form, gate) = (scene.ana.browser.clone(), form.clone(), Arc::clone(&gate));
            browser.visit(&nodes[turn % nodes.len()]);
            tasks.spawn(async move {
                gate.wait().await;
                browser.press(&form).await.status
            });
        }
        let statuses = tasks.join_all().await;
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::BAD_REQUEST).count(), 19, "{statuses:?}");
        assert_eq!(scene.app.store.row_count("sessions").await.unwrap(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s061_of_twenty_answers_to_one_challenge_one_signs_in() {
    one_answer_sent_twenty_times(vec![App::start().await]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s061_of_twenty_answers_to_one_challenge_one_signs_in_on_two_nodes() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    one_answer_sent_twenty_times(vec![first, second]).await;
}
