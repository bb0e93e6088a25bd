//! An official tries a client: a real sign-in to a shadow of it, each step shown, and nothing of it left behind.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use idp_core::admin::{Department, Role};
use idp_core::client::{ClientKind, ClientStatus, ConsentPolicy, MembershipPolicy};
use idp_core::id::ClientId;
use idp_core::jose::Algorithm;
use idp_store::AuditFilter;
use idp_tests::{App, ClientBuilder, Member, Page};
use url::Url;

/// Tables in which something is written down for good, or counted of nobody.
const LASTING: [&str; 4] = ["audit_log", "audit_seals", "figures", "figure_batches"];

fn in_dit(builder: ClientBuilder) -> ClientBuilder {
    builder.with(|draft| draft.department = Some(Department::parse("dit").unwrap()))
}

async fn client(app: &App, id: &str) -> ClientId {
    named(in_dit(app.client(id))).await
}

async fn named(builder: ClientBuilder) -> ClientId {
    ClientId::parse(builder.await.id()).unwrap()
}

/// Presses "try it" on the client's page, and follows to where the browser is led.
async fn begin(admin: &mut Member, id: &ClientId) -> Page {
    let page = admin.browser.get(&format!("/admin/client/{id}")).await;
    admin.browser.submit(page.form(&format!("/admin/client/{id}/try"))).await
}

async fn agree(admin: &mut Member, page: &Page) -> Page {
    page.expect_at("/consent");
    admin.browser.submit(page.form("/consent").with("decision", "allow")).await
}

async fn tables(app: &App) -> BTreeMap<String, String> {
    app.usage.flush(&app.store).await.unwrap();
    app.store.table_digests(&LASTING).await.unwrap()
}

/// The words of each step's tag, in English.
fn outcomes(page: &Page) -> Vec<String> {
    page.texts(".trial-step h2 .tag")
}

async fn actions(app: &App, client: ClientId) -> Vec<String> {
    let filter = AuditFilter { client: Some(client), ..Default::default() };
    app.store.audit_lines(&filter, None, 50).await.unwrap().into_iter().map(|line| line.action).collect()
}

#[tokio::test]
async fn each_step_is_shown_and_nothing_remains_but_the_log() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    admin.browser.language = "en".to_owned();
    let before = tables(&app).await;
    let page = begin(&mut admin, &id).await;
    // The very page that members read, with the service's own words.
    page.expect_at("/consent");
    assert!(page.html.contains("Test service") && page.html.contains("test the system"));
    assert_eq!(app.store.clients().await.unwrap().len(), 1, "a trial is in no list of clients");
    let page = agree(&mut admin, &page).await;
    page.expect_at(&format!("/admin/client/{id}/try"));
    assert!(page.has("#trial-passed"), "{}", page.text("main"));
    assert_eq!(outcomes(&page), ["passed"; 7]);
    assert_eq!(page.texts(".trial-checks li").len(), 11);
    assert_eq!(page.texts(".trial-checks li.passed").len(), 11, "each check by its name");
    for shown in
        ["POST /token", "grant_type=authorization_code", "GET /userinfo", "code_challenge_method=S256", "\"sub\""]
    {
        assert!(page.text("main").contains(shown), "{shown}");
    }
    // What a screenshot must not hold: no token, no code, no secret, no verifier.
    let text = page.text("main");
    for secret in ["code=", "code_verifier=", "\"access_token\": \"", "\"id_token\": \""] {
        let mut values = text.split(secret).skip(1).map(|rest| rest.split(' ').next().unwrap()).peekable();
        assert!(values.peek().is_some(), "{secret} is shown");
        assert!(values.all(|value| value.ends_with('…') && value.chars().count() == 5), "{secret} is cut");
    }
    for scheme in ["authorization: Basic ", "authorization: Bearer "] {
        assert!(text.split(scheme).nth(1).is_some_and(|rest| rest.starts_with('…')), "{scheme}");
    }
    assert!(!text.split(' ').any(|word| word.contains("eyJ") && word.len() > 20), "no token as it is");
    // The member's subject is the one that the service will know.
    let stored = app.store.client(&id).await.unwrap().unwrap();
    let sub = idp_core::token::subject(&admin.account().await.subject_seed, &stored);
    assert!(page.text("main").contains(&sub));
    assert_eq!(tables(&app).await, before, "no client, no consent, no grant, no count");
    assert!(admin.browser.get("/profile/services").await.status == 200);
    let services = admin.browser.get("/profile/services").await;
    assert!(!services.html.contains("Test service"));
    assert!(!admin.browser.get("/profile/data/seen").await.html.contains("trial."));
    assert_eq!(actions(&app, id.clone()).await, ["client.tried"]);
    // Another look shows the same; another browser shows nothing.
    assert!(admin.browser.get(&format!("/admin/client/{id}/try")).await.has("#trial-passed"));
    let mut elsewhere = admin.elsewhere();
    elsewhere.browser.forget_cookies();
    app.prove_strongly(&mut elsewhere).await;
    elsewhere.browser.get(&format!("/admin/client/{id}/try")).await.expect_at(&format!("/admin/client/{id}"));
}

#[tokio::test]
async fn a_trial_is_no_active_service() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    let page = begin(&mut admin, &id).await;
    agree(&mut admin, &page).await;
    app.advance(TimeDelta::minutes(1));
    let counted = app.store.table_digests(&[]).await.unwrap()["active_services"].clone();
    assert!(app.store.seal_audit(app.now(), TimeDelta::seconds(10)).await.unwrap() > 0);
    assert_eq!(app.store.table_digests(&[]).await.unwrap()["active_services"], counted);
}

#[tokio::test]
async fn every_kind_of_client_can_be_tried_and_what_differs_is_said() {
    let app = App::start().await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    admin.browser.language = "en".to_owned();
    let make = |id: &str| app.client(id).with(|draft| draft.consent = ConsentPolicy::FirstParty);
    let basic = |draft: &mut idp_core::client::ClientDraft| draft.id_token_algorithm = Algorithm::RS256;
    let kinds: Vec<(ClientBuilder, &str)> = vec![
        (make("rs256").with(basic), "gets refresh tokens"),
        (make("body").secret_in_body(), "gets refresh tokens"),
        (make("key").signing(Algorithm::ES256), "private_key_jwt"),
        (
            make("page").with(|draft| {
                draft.kind = ClientKind::SinglePage;
                draft.authentication_method = "none".to_owned();
            }),
            "gets refresh tokens",
        ),
        (make("signed").with(|draft| draft.answers.userinfo_algorithm = Some(Algorithm::RS256)), "gets refresh tokens"),
        (make("es256").with(|draft| draft.answers.userinfo_algorithm = Some(Algorithm::ES256)), "gets it unsigned"),
        (make("pushed").with(|draft| draft.requests.pushed = true), "push or sign"),
        (make("bound").with(|draft| draft.dpop_bound_access_tokens = true), "DPoP"),
    ];
    for (builder, said) in kinds {
        let id = named(builder).await;
        let page = begin(&mut admin, &id).await;
        page.expect_at(&format!("/admin/client/{id}/try"));
        assert!(page.has("#trial-passed"), "{id}: {}", page.text("main"));
        assert!(page.text("main").contains(said), "{id}: {said}");
    }
}

#[tokio::test]
async fn a_draft_can_be_tried_from_the_page_that_ends_its_registration() {
    let app = App::start().await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = admin.browser.get("/admin/clients/new").await;
    let form = [
        ("kind", "web"),
        ("name_th", "ระบบทดสอบ"),
        ("name_en", "Sample service"),
        ("department", "dit"),
        ("owner", "somchai@moc.example"),
        ("purpose_th", "ออกหนังสือรับรอง"),
        ("purpose_en", "issue certificates"),
        ("redirect_uris", "https://service.example/cb"),
    ]
    .into_iter()
    .fold(page.form("/admin/clients/new"), |form, (name, value)| form.with(name, value));
    let page = admin.browser.submit(form).await;
    let id = page.text("#client-id");
    let page = admin.browser.submit(page.form(&format!("/admin/client/{id}/try"))).await;
    let page = agree(&mut admin, &page).await;
    assert!(page.has("#trial-passed"));
    assert!(page.text("#trial-passed").contains("ฉบับร่าง"), "members cannot sign in yet");
    let stored = app.store.client(&ClientId::parse(&id).unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.status, ClientStatus::Draft);
}

#[tokio::test]
async fn a_refusal_is_a_step_that_is_explained() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    admin.browser.language = "en".to_owned();
    let page = begin(&mut admin, &id).await;
    let page = admin.browser.submit(page.form("/consent").with("decision", "deny")).await;
    page.expect_at(&format!("/admin/client/{id}/try"));
    assert!(page.has("#trial-failed"));
    let passed = ["passed", "passed", "passed", "failed", "not done", "not done", "not done"];
    assert_eq!(outcomes(&page), passed);
    assert!(page.text("#step-4").contains("error=access_denied") && page.text("#step-4").contains("did not agree"));

    // The membership policy holds for an official as for anybody.
    let permanent = app.client("permanent").with(|draft| draft.membership = MembershipPolicy::PermanentOnly);
    let id = named(permanent).await;
    let mut admin = app.insert_unverified_staff("temporary", Role::SuperAdmin, None).await;
    admin.browser.language = "en".to_owned();
    let page = begin(&mut admin, &id).await;
    page.expect_at("/verify");
    let request = Url::parse(&format!("https://x.test{}", page.path)).unwrap();
    let handle = request.query_pairs().find(|(name, _)| name == "request").unwrap().1.into_owned();
    let page = admin.browser.get(&format!("/authorize/cancel?request={handle}")).await;
    page.expect_at(&format!("/admin/client/{id}/try"));
    assert!(page.text("#step-4").contains("permanent members only"), "{}", page.text("#step-4"));
}

/// What a trial was begun with, and the code it ended in, before the browser brings it back.
async fn stopped_at_the_code(admin: &mut Member, id: &ClientId) -> (Url, String) {
    let page = begin(admin, id).await;
    let reply = admin.browser.press(&page.form("/consent").with("decision", "allow")).await;
    let resume = reply.header("location").to_owned();
    let answer = admin.browser.look(&resume).await.header("location").to_owned();
    let url = Url::parse(&answer).unwrap();
    let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    (url, code)
}

#[tokio::test]
async fn nobody_else_can_use_a_trial() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    let page = admin.browser.get(&format!("/admin/client/{id}")).await;
    let reply = admin.browser.press(&page.form(&format!("/admin/client/{id}/try"))).await;
    let authorize = reply.header("location").to_owned();
    assert!(authorize.starts_with(&format!("{}/authorize?", app.issuer())), "{authorize}");
    let trial =
        Url::parse(&authorize).unwrap().query_pairs().find(|(name, _)| name == "client_id").unwrap().1.into_owned();
    // Another official, and a member who is none.
    let mut other = app.insert_staff("other", Role::SuperAdmin, None).await;
    other.browser.get(&authorize).await.expect_error(410, "trial_over");
    let mut member = app.insert_member("member").await;
    member.browser.get(&authorize).await.expect_error(403, "not_permitted");
    // Another place to come back to.
    let elsewhere = authorize.replace("%2Fadmin%2Ftrial", "%2Fadmin");
    assert_ne!(elsewhere, authorize);
    assert_eq!(admin.browser.get(&elsewhere).await.status, 400);
    // An answer that was made up spends nothing.
    admin.browser.get("/admin/trial?code=made-up&state=made-up").await.expect_error(410, "trial_over");
    let page = admin.browser.get(&authorize).await;
    assert!(agree(&mut admin, &page).await.has("#trial-passed"));
    // Over: the shadow is nobody's client any more.
    admin.browser.get(&authorize).await.expect_error(410, "trial_over");
    let id = ClientId::parse(&trial).unwrap();
    assert!(app.store.client(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_code_of_a_trial_is_good_once_and_only_here() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    let (answer, code) = stopped_at_the_code(&mut admin, &id).await;
    // Whoever saw the code lacks the secret, and the real client's does not fit.
    let body = format!("grant_type=authorization_code&code={code}&client_id=rp&client_secret=guess");
    let request = Request::post("/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(app.send(request.body(Body::from(body)).unwrap()).await.status, 401);
    let path = format!("{}?{}", answer.path(), answer.query().unwrap());
    let mut other = app.insert_staff("other", Role::SuperAdmin, None).await;
    other.browser.get(&path).await.expect_error(410, "trial_over");
    assert!(admin.browser.get(&path).await.has("#trial-passed"));
    admin.browser.get(&path).await.expect_error(410, "trial_over");
}

#[tokio::test]
async fn a_trial_ends_after_ten_minutes_and_leaves_nothing() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    let before = tables(&app).await;
    let page = begin(&mut admin, &id).await;
    assert_ne!(tables(&app).await["trials"], before["trials"]);
    app.advance(TimeDelta::minutes(10));
    // Agreeing comes too late: no code is given, and nothing waits for the answer any more.
    let page = admin.browser.submit(page.form("/consent").with("decision", "allow")).await;
    page.expect_error(410, "trial_over");
    app.advance(TimeDelta::seconds(1));
    app.store.purge(app.now()).await.unwrap();
    let after = tables(&app).await;
    for table in ["trials", "consents", "consent_records", "grants", "clients", "client_days"] {
        assert_eq!(after[table], before[table], "{table}");
    }
}

#[tokio::test]
async fn one_trial_at_a_time_and_the_next_takes_the_last_ones_place() {
    let app = App::start().await;
    let (one, two) = (client(&app, "one").await, client(&app, "two").await);
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    let before = tables(&app).await;
    let (answer, _) = stopped_at_the_code(&mut admin, &one).await;
    let page = begin(&mut admin, &two).await;
    let path = format!("{}?{}", answer.path(), answer.query().unwrap());
    admin.browser.get(&path).await.expect_error(410, "trial_over");
    assert!(agree(&mut admin, &page).await.has("#trial-passed"));
    assert_eq!(tables(&app).await, before, "what the first was given is gone as well");
}

#[tokio::test]
async fn a_client_that_is_stopped_cannot_be_tried_nor_a_trial_of_it_go_on() {
    let app = App::start().await;
    let id = client(&app, "rp").await;
    let mut admin = app.insert_staff("admin", Role::SuperAdmin, None).await;
    let console = admin.browser.get(&format!("/admin/client/{id}")).await;
    let again = console.form(&format!("/admin/client/{id}/try"));
    let suspend = console.forms().into_iter().find(|form| form.has("note_th")).unwrap();
    let page = begin(&mut admin, &id).await;
    let (answer, _) = stopped_at_the_code(&mut admin, &id).await;
    admin.browser.submit(suspend).await;
    // At once, wherever the trial stood.
    let late = admin.browser.submit(page.form("/consent").with("decision", "allow")).await;
    late.expect_error(410, "trial_over");
    let path = format!("{}?{}", answer.path(), answer.query().unwrap());
    admin.browser.get(&path).await.expect_error(410, "trial_over");
    admin.browser.submit(again).await.expect_error(409, "not_tried");
    let page = admin.browser.get(&format!("/admin/client/{id}")).await;
    assert!(!page.has("#try") && page.has("#try-head"), "the page says why not");
}

#[tokio::test]
async fn a_machine_has_nothing_to_try_and_another_department_is_refused() {
    let app = App::start().await;
    let machine = app.machine("machine", &["admin.clients.read"]).await;
    let id = ClientId::parse(machine.id()).unwrap();
    let real = client(&app, "rp").await;
    let mut dit = app.insert_staff("dit", Role::ClientAdmin, Some("dit")).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get(&format!("/admin/client/{id}")).await;
    assert!(!page.has("#try") && page.has("#try-head"), "the page says why not");
    let mut form = page.form("/language");
    form.action = format!("/admin/client/{id}/try");
    root.browser.submit(form).await.expect_error(409, "not_tried");
    dit.browser.get(&format!("/admin/client/{real}")).await.form(&format!("/admin/client/{real}/try"));
    let mut dft = app.insert_staff("dft", Role::ClientAdmin, Some("dft")).await;
    let mut form = dft.browser.get("/admin").await.form("/language");
    form.action = format!("/admin/client/{real}/try");
    dft.browser.submit(form).await.expect_error(403, "not_permitted");
    dft.browser.get(&format!("/admin/client/{real}/try")).await.expect_error(403, "not_permitted");
}

#[tokio::test]
async fn no_service_is_registered_under_the_name_of_a_trial() {
    let app = App::start().await;
    let draft = app.client("trial.mine").draft();
    let client = draft.accept(&idp_core::secret::Secret::make(&*app.chance), app.now()).unwrap();
    assert!(!app.store.insert_client(&client, &[]).await.unwrap());
}
