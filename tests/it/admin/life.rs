//! A client's life as officials, services and citizens see it.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::client::ClientStatus;
use idp_tests::{App, Member};

async fn step(root: &mut Member, id: &str, step: &str) {
    let page = root.browser.get(&format!("/admin/client/{id}")).await;
    let action = format!("/admin/client/{id}/state");
    let is_it = |form: &idp_tests::Form| form.action == action && form.value("step") == step;
    let form = page.forms().into_iter().find(is_it).unwrap_or_else(|| panic!("no step {step}: {}", page.text("main")));
    let form = if step == "suspend" {
        form.with("note_th", "ปรับปรุงระบบ").with("note_en", "Maintenance.")
    } else {
        form
    };
    let page = root.browser.submit(form).await;
    assert_eq!(page.place(), format!("/admin/client/{id}"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_suspended_service_is_told_to_citizens_and_to_itself_in_words() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    step(&mut root, "rp", "suspend").await;
    let mut browser = app.browser();
    browser.language = "en".to_owned();
    let page = browser.get(&rp.ask().path()).await;
    page.expect_error(403, "service_suspended");
    let words = page.text("main");
    assert!(words.contains("Test service is suspended") && words.contains("Maintenance."), "{words}");
    let answer = rp.refresh(&tokens.refresh, None).await;
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("suspended"), "{}", answer.body);
    app.advance(TimeDelta::seconds(1));
    step(&mut root, "rp", "resume").await;
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn a_draft_is_no_service_yet() {
    let app = App::start().await;
    let rp = app.client("rp").with(|draft| draft.as_draft = true).await;
    app.browser().get(&rp.ask().path()).await.expect_error(403, "service_not_open");
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    step(&mut root, "rp", "activate").await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
}

/// The old secret works through the overlap, the new one at once: no sign-in fails.
#[tokio::test]
async fn a_secret_is_rotated_without_one_failed_sign_in() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    let page = root.browser.get("/admin/client/rp").await;
    let page = root.browser.submit(page.form("/admin/client/rp/secret")).await;
    let secret = page.text("#client-secret");
    assert_eq!(secret.len(), 43);
    rp.sign_in(&mut ana).await;
    let kept = app.store.client(&rp.client.id).await.unwrap().unwrap();
    let live = kept.authentication.secrets();
    assert_eq!(live.len(), 2);
    assert!(live.iter().any(|kept| kept.digest == idp_core::secret::Secret::presented(secret.clone()).digest()));
}

/// A page that is loaded anew, a second click, a retry after an answer that was lost: the secret that the service uses works
/// until the end that it was given, however often another is made.
#[tokio::test]
async fn a_form_sent_twice_ends_no_secret_that_is_in_use() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    let page = root.browser.get("/admin/client/rp").await;
    let rotate = page.form("/admin/client/rp/secret");
    let second = root.browser.submit(rotate.clone()).await.text("#client-secret");
    app.advance(TimeDelta::seconds(1));
    let third = root.browser.submit(rotate.clone()).await.text("#client-secret");
    rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::seconds(1));
    // One more is refused: it would end one of the three.
    root.browser.submit(rotate.clone()).await.expect_error(409, "too_many_secrets");
    let works = async |secret: &str| {
        let mut rp = rp.clone();
        rp.secret = idp_core::secret::Secret::presented(secret.to_owned());
        // Whoever is believed hears of the token.
        rp.refresh("unknown", None).await.status == 400
    };
    let first = rp.secret.reveal().to_owned();
    rp.sign_in(&mut ana).await;
    assert!(works(&second).await && works(&third).await);
    // Their day is over.
    app.advance(TimeDelta::hours(24));
    assert!(!works(&first).await && !works(&second).await && works(&third).await);
}

/// A secret that may be known to others does not live out its day.
#[tokio::test]
async fn older_secrets_are_ended_at_once_and_the_one_in_use_is_not() {
    let app = App::start().await;
    let mut rp = app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    let page = root.browser.get("/admin/client/rp").await;
    assert!(!page.has("#end-older"), "there is none");
    let fresh = root.browser.submit(page.form("/admin/client/rp/secret")).await.text("#client-secret");
    let page = root.browser.get("/admin/client/rp").await;
    let end = page.form("/admin/client/rp/secret-older");
    rp.sign_in(&mut ana).await;
    let page = root.browser.submit(end.clone()).await;
    page.expect_at("/admin/client/rp");
    assert!(page.has("#rotate") && !page.has("#end-older"));
    rp.refresh("unknown", None).await.expect_token_error("invalid_client");
    rp.secret = idp_core::secret::Secret::presented(fresh);
    rp.sign_in(&mut ana).await;
    assert_eq!(root.browser.submit(end).await.status, 409, "nothing is left to end");
}

#[tokio::test]
async fn a_step_that_leads_nowhere_is_refused() {
    let app = App::start().await;
    app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = root.browser.get("/admin/client/rp").await;
    let form = page.form("/admin/client/rp/state");
    for word in ["retire", "activate", "resume", "nonsense"] {
        root.browser.submit(form.clone().with("step", word)).await.expect_error(400, "invalid_request");
    }
    let client = app.store.client(&idp_core::id::ClientId::parse("rp").unwrap()).await.unwrap().unwrap();
    assert_eq!(client.status, ClientStatus::Active);
}

#[tokio::test]
async fn what_a_client_was_answered_is_counted_by_outcome() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
    app.browser().get(&rp.ask().with("prompt", "none").path()).await;
    app.usage.flush(&app.store).await.unwrap();
    let page = root.browser.get("/admin/client/rp").await;
    let words = page.texts("#outcomes tbody th");
    assert!(words.contains(&"signed_in".to_owned()) && words.contains(&"login_required".to_owned()), "{words:?}");
}
