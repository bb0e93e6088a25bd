//! A proof is too old: what was typed, or where somebody wanted to go, is there again afterwards.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_tests::{App, Form, Member, Page};

/// Lets so much time pass that a proof is too old, while the session lives.
async fn wait(app: &App, admin: &mut Member) {
    for _ in 0..2 {
        app.advance(TimeDelta::minutes(8));
        admin.browser.get("/admin").await;
    }
}

/// Proves anew in the same browser, as the pages on the way do, and follows back.
async fn prove_and_return(app: &App, admin: &mut Member, page: &Page) -> Page {
    page.expect_at("/login");
    assert!(page.path.contains("to=console-again"), "{}", page.path);
    assert!(!page.html.contains("typed by hand"), "what was typed is on no other page");
    app.prove_strongly(admin).await;
    admin.browser.get("/admin/again").await
}

async fn new_client(admin: &mut Member) -> Form {
    let page = admin.browser.get("/admin/clients/new").await;
    page.form("/admin/clients/new")
        .with("name_th", "พิมพ์ด้วยมือ")
        .with("name_en", "typed by hand <b>")
        .with("department", "dit")
        .with("redirect_uris", "https://service.example/cb")
        .with("scope_email", "yes")
        .with("kind", "native")
}

#[tokio::test]
async fn a_long_form_is_there_again_after_a_proof() {
    let app = App::start().await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let form = new_client(&mut admin).await;
    wait(&app, &mut admin).await;
    let page = admin.browser.submit(form).await;
    let page = prove_and_return(&app, &mut admin, &page).await;
    page.expect_at("/admin/clients/new");
    assert!(page.has("#kept"));
    let again = page.form("/admin/clients/new");
    assert_eq!(again.value("name_en"), "typed by hand <b>");
    assert_eq!(again.value("name_th"), "พิมพ์ด้วยมือ");
    assert_eq!(again.value("redirect_uris"), "https://service.example/cb");
    assert_eq!((again.value("kind"), again.value("department")), ("native", "dit"));
    assert!(again.has("scope_email") && !page.html.contains("typed by hand <b>"), "text, not markup");
    assert!(app.store.clients().await.unwrap().is_empty(), "nothing is done by itself");
    // Once: the next form is blank.
    let blank = admin.browser.get("/admin/clients/new").await;
    assert!(!blank.has("#kept") && blank.form("/admin/clients/new").value("name_en").is_empty());
    // It goes on from there: the faults are told, and then it is registered.
    let faulty = admin.browser.submit(again.clone()).await;
    assert_eq!(faulty.status, 422);
    let whole = again
        .with("owner", "somchai@moc.example")
        .with("purpose_th", "ทดสอบ")
        .with("purpose_en", "test")
        .with("redirect_uris", "th.go.moc.app:/cb");
    assert!(admin.browser.submit(whole).await.has("#client-done"));
}

#[tokio::test]
async fn a_short_form_waits_to_be_sent_by_its_author() {
    let app = App::start().await;
    app.client("rp").await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = admin.browser.get("/admin/client/rp").await;
    let ask = page.form("/admin/client/rp/ask").with("kind", "client.removal").with("reason", "typed by hand: closed");
    wait(&app, &mut admin).await;
    let page = admin.browser.submit(ask).await;
    let page = prove_and_return(&app, &mut admin, &page).await;
    assert!(page.has("#again"), "{}", page.text("main"));
    assert_eq!(page.texts("#said li"), ["typed by hand: closed"]);
    assert!(page.has("a[href='/admin/client/rp']"), "the way back is the page it came from");
    assert!(app.store.approvals(None, 10).await.unwrap().is_empty(), "nothing is done by itself");
    let page = admin.browser.submit(page.form("/admin/client/rp/ask")).await;
    page.expect_at("/admin/client/rp");
    let asked = app.store.approvals(None, 10).await.unwrap();
    assert_eq!(asked[0].reason, "typed by hand: closed");
    admin.browser.get("/admin/again").await.expect_at("/admin");
}

#[tokio::test]
async fn a_page_that_asks_for_a_proof_is_where_it_leads_to() {
    let app = App::start().await;
    app.client("rp").await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    wait(&app, &mut admin).await;
    let page = admin.browser.get("/admin/client/rp/edit").await;
    let page = prove_and_return(&app, &mut admin, &page).await;
    page.expect_at("/admin/client/rp/edit");
    assert!(!page.has("#kept"));
}

#[tokio::test]
async fn what_waits_is_for_its_author_in_their_browser_for_a_while() {
    let app = App::start().await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let mut other = app.insert_staff("other", Role::SuperAdmin, None).await;
    let form = new_client(&mut admin).await;
    wait(&app, &mut admin).await;
    admin.browser.submit(form.clone()).await.expect_at("/login");
    // Another official, and the same one in another browser.
    app.prove_strongly(&mut other).await;
    other.browser.get("/admin/again").await.expect_at("/admin");
    let mut elsewhere = admin.elsewhere();
    elsewhere.browser.forget_cookies();
    app.prove_strongly(&mut elsewhere).await;
    elsewhere.browser.get("/admin/again").await.expect_at("/admin");
    app.advance(TimeDelta::minutes(16));
    app.prove_strongly(&mut admin).await;
    admin.browser.get("/admin/again").await.expect_at("/admin");
}

/// S065: a form that no page of ours sent is not kept either.
#[tokio::test]
async fn s065_a_forged_form_is_not_kept() {
    let app = App::start().await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let form = new_client(&mut admin).await;
    wait(&app, &mut admin).await;
    for forged in [form.clone().with("csrf", "forged"), form.without("csrf")] {
        let page = admin.browser.submit(forged).await;
        page.expect_at("/login");
        assert!(!page.path.contains("console-again"), "{}", page.path);
    }
    app.prove_strongly(&mut admin).await;
    admin.browser.get("/admin/again").await.expect_at("/admin");
}

/// Whoever is looked for by the 13-digit number types it again: it waits nowhere.
#[tokio::test]
async fn a_number_is_not_kept() {
    let app = App::start().await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = admin.browser.get("/admin/members").await;
    let form = page.form("/admin/members/number").with("national_id", "1000000000017").with("reason", "a lost letter");
    wait(&app, &mut admin).await;
    let page = admin.browser.submit(form).await;
    let page = prove_and_return(&app, &mut admin, &page).await;
    page.expect_at("/admin/members");
    assert!(!page.html.contains("1000000000017"));
}
