//! An official registers a service by the guided form, and looks after it.

use idp_core::admin::{Department, Role};
use idp_core::client::ClientStatus;
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_tests::{App, Form, Member, Page};

/// The form with sound answers.
fn filled(form: Form) -> Form {
    [
        ("kind", "web"),
        ("name_th", "ระบบทดสอบ"),
        ("name_en", "Sample service"),
        ("department", "dit"),
        ("owner", "somchai@moc.example"),
        ("purpose_th", "ออกหนังสือรับรอง"),
        ("purpose_en", "issue certificates"),
        ("scope_email", "yes"),
        ("redirect_uris", "https://service.example/cb\nhttps://service.example/other"),
    ]
    .into_iter()
    .fold(form, |form, (name, value)| form.with(name, value))
}

async fn form(admin: &mut Member) -> Form {
    let page = admin.browser.get("/admin/clients/new").await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    filled(page.form("/admin/clients/new"))
}

fn id(page: &Page) -> ClientId {
    ClientId::parse(&page.text("#client-id")).unwrap()
}

#[tokio::test]
async fn an_official_registers_a_service_and_its_secret_is_shown_once() {
    let app = App::start().await;
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    let form = form(&mut admin).await;
    let page = admin.browser.submit(form).await;
    assert!(page.has("#client-done"), "{}", page.text("main"));
    assert_eq!(page.text("#client-secret").len(), 43);
    let client = app.store.client(&id(&page)).await.unwrap().unwrap();
    assert_eq!(client.status, ClientStatus::Draft);
    assert_eq!(client.owner.en, "Department of Internal Trade", "the department's own name");
    assert_eq!(client.redirect_uris.len(), 2);
    assert!(client.scopes.contains(Scope::OpenId) && client.scopes.contains(Scope::Membership));
    assert!(client.scopes.contains(Scope::Email) && !client.scopes.contains(Scope::CitizenId));
    let secret = page.text("#client-secret");
    let page = admin.browser.get(&format!("/admin/client/{}", client.id)).await;
    assert_eq!(page.status, 200);
    assert!(!page.html.contains(&secret));
}

/// What is typed is judged as it will be when it is sent, in the reader's language; nothing is registered or written down.
#[tokio::test]
async fn a_form_is_checked_while_it_is_typed() {
    let app = App::start().await;
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    let sound = form(&mut admin).await;
    let before = app.store.table_digests(&[]).await.unwrap();
    let mut check = async |changes: &[(&str, &str)]| {
        let mut form = changes.iter().fold(sound.clone(), |form, (name, value)| form.with(name, value));
        form.action = "/admin/clients/check".to_owned();
        let page = admin.browser.submit(form).await;
        assert_eq!(page.status, 200);
        serde_json::from_str::<serde_json::Value>(&page.html).unwrap()
    };
    assert_eq!(check(&[]).await, serde_json::json!({}), "nothing is wrong with it");
    let told = check(&[("redirect_uris", "https://service.example/cb\nhttps://*.service.example/cb")]).await;
    let fault = told["redirect_uris"].as_str().unwrap();
    assert!(fault.contains("https://*.service.example/cb") && told.as_object().unwrap().len() == 1, "{told}");
    let told = check(&[("owner", "nobody"), ("backchannel", "ftp://service.example"), ("name_th", "")]).await;
    for field in ["owner", "backchannel", "name_th"] {
        assert!(told[field].as_str().is_some_and(|fault| !fault.is_empty()), "{field}: {told}");
    }
    assert_eq!(app.store.table_digests(&[]).await.unwrap(), before);
    // Of a client that there is, what the form does not show counts: one sub for all has no sector to be split.
    let hosts = [("redirect_uris", "https://one.example/cb\nhttps://two.example/cb")];
    assert!(check(&hosts).await["redirect_uris"].is_string());
    let several = app.client("several").with(|draft| {
        draft.public_subject = true;
        draft.department = Department::parse("dit").ok();
    });
    several.await;
    let of_it = check(&[hosts[0], ("client", "several")]).await;
    assert!(of_it.get("redirect_uris").is_none(), "{of_it}");
    let mut nobody = app.insert_member("nobody").await;
    let mut forged = sound.clone();
    forged.action = "/admin/clients/check".to_owned();
    let csrf = nobody.browser.get("/profile").await.form("/language").value("csrf").to_owned();
    nobody.browser.submit(forged.with("csrf", &csrf)).await.expect_error(403, "not_permitted");
}

/// A page that is loaded anew, or a button pressed twice, sends the form again.
#[tokio::test]
async fn a_form_sent_twice_registers_one_client() {
    let app = App::start().await;
    let mut admin = app.insert_staff("admin", Role::ClientAdmin, Some("dit")).await;
    let form = form(&mut admin).await;
    let done = admin.browser.submit(form.clone()).await;
    assert!(done.has("#client-done"), "{}", done.text("main"));
    let page = admin.browser.submit(form.clone()).await;
    assert!(page.has("#sent-already"), "{}", page.text("main"));
    assert!(page.has(&format!("a[href='/admin/client/{}']", id(&done))));
    assert!(!page.html.contains(&done.text("#client-secret")));
    assert_eq!(app.store.row_count("clients").await.unwrap(), 1);
    // What is wrong is corrected in the same form, and that is one client too.
    let wrong = self::form(&mut admin).await.with("name_en", "");
    let page = admin.browser.submit(wrong).await;
    assert_eq!(page.status, 422);
    let page = admin.browser.submit(filled(page.form("/admin/clients/new"))).await;
    assert!(page.has("#client-done"), "{}", page.text("main"));
    assert_eq!(app.store.row_count("clients").await.unwrap(), 2);
    // Nobody chooses the name of what is made.
    let named = form.with("once", "bXktb3du.AAAA");
    admin.browser.submit(named).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn each_refusal_of_an_address_explains_itself() {
    let app = App::start_with(|config| config.clients.allow_loopback_http_redirects = false).await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    admin.browser.language = "en".to_owned();
    let form = form(&mut admin).await;
    for (uri, said) in [
        ("http://service.example/cb", "is http"),
        ("https://*.service.example/cb", "has a star"),
        ("https://service.example/cb#x", "a part after #"),
        ("https://user@service.example/cb", "a user name"),
        ("https://Service.example/cb", "not written as browsers send it"),
        ("javascript:alert(1)", "not allowed"),
        ("th.go.moc.app:/cb", "this is no app"),
        ("http://localhost:3000/cb", "own machine"),
        ("service.example/cb", "not a whole address"),
        ("", "at least one"),
    ] {
        let page = admin.browser.submit(form.clone().with("redirect_uris", uri)).await;
        assert_eq!(page.status, 422, "{uri}");
        let fault = page.text("#redirect_uris-error");
        assert!(fault.contains(said), "{uri}: {fault}");
    }
    let two = "https://a.example/cb\nhttps://b.example/cb";
    let page = admin.browser.submit(form.clone().with("redirect_uris", two)).await;
    assert!(page.text("#redirect_uris-error").contains("several hosts"));
    let page = admin.browser.submit(form.with("kind", "native").with("redirect_uris", "th.go.moc.app:/cb")).await;
    assert!(page.has("#client-done") && !page.has("#client-secret"), "{}", page.text("main"));
    assert_eq!(app.store.clients().await.unwrap().len(), 1);
}

/// S085: a client admin makes, sees and changes nothing outside their own departments.
#[tokio::test]
async fn s085_a_client_admin_stays_in_their_department() {
    let app = App::start().await;
    let mut dit = app.insert_staff("dit", Role::ClientAdmin, Some("dit")).await;
    let mut dft = app.insert_staff("dft", Role::ClientAdmin, Some("dft")).await;
    let form = form(&mut dit).await;
    let page = dit.browser.submit(form.clone().with("department", "dft")).await;
    assert_eq!(page.status, 422);
    assert!(page.has("#department-error"));
    let client = id(&dit.browser.submit(form).await);
    let page = dft.browser.get("/admin/clients").await;
    assert!(!page.html.contains(client.as_str()));
    for path in ["", "/edit"] {
        let page = dft.browser.get(&format!("/admin/client/{client}{path}")).await;
        page.expect_error(403, "not_permitted");
    }
    // Forms of their own, aimed at another department's client.
    let token = dft.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    let before = app.store.client(&client).await.unwrap().unwrap();
    let edit = dit.browser.get(&format!("/admin/client/{client}/edit")).await;
    let edit = edit.form(&format!("/admin/client/{client}/edit"));
    for action in ["edit", "secret", "state", "ask"] {
        let mut forged = edit.clone().with("csrf", &token).with("step", "activate").with("kind", "client.removal");
        forged.action = format!("/admin/client/{client}/{action}");
        dft.browser.submit(forged).await.expect_error(403, "not_permitted");
    }
    // Their own client cannot be moved to where they could not have made it.
    let page = dit.browser.submit(edit.with("department", "dft")).await;
    assert_eq!(page.status, 422);
    assert_eq!(*app.store.client(&client).await.unwrap().unwrap(), *before);
    assert!(app.store.approvals(None, 10).await.unwrap().is_empty());
}

/// S067: what somebody typed as a name is text on every page that shows it.
#[tokio::test]
async fn s067_payloads_in_names_are_text_in_the_console() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let payload = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}";
    let form = form(&mut root).await.with("name_th", payload).with("name_en", payload).with("purpose_th", payload);
    let page = root.browser.submit(form).await;
    let client = id(&page);
    for path in ["/admin/clients".to_owned(), format!("/admin/client/{client}"), format!("/admin/client/{client}/edit")]
    {
        let page = root.browser.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(!page.html.contains("<script>alert") && !page.html.contains("<img src=x"), "{path}");
        assert!(page.html.contains("&lt;script&gt;") || page.html.contains("&#60;script&#62;"), "{path}");
    }
}

#[tokio::test]
async fn a_change_keeps_the_secret_and_says_what_was_changed() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let form = form(&mut root).await;
    let client = id(&root.browser.submit(form).await);
    let before = app.store.client(&client).await.unwrap().unwrap();
    app.advance(chrono::TimeDelta::seconds(1));
    let page = root.browser.get(&format!("/admin/client/{client}/edit")).await;
    let edit = page.form(&format!("/admin/client/{client}/edit")).with("redirect_uris", "https://service.example/new");
    let page = root.browser.submit(edit).await;
    assert_eq!(page.place(), format!("/admin/client/{client}"), "{}", page.text("main"));
    let after = app.store.client(&client).await.unwrap().unwrap();
    assert_eq!(after.authentication, before.authentication);
    assert_eq!(after.redirect_uris[0].as_str(), "https://service.example/new");
    let filter = idp_store::AuditFilter { client: Some(client), ..Default::default() };
    let line = &app.store.audit_lines(&filter, None, 1).await.unwrap()[0];
    assert_eq!(line.action, "client.changed");
    assert_eq!(line.detail.as_deref(), Some("{\"changed\":[\"redirect_uris\"]}"));
}

#[tokio::test]
async fn the_lines_to_copy_fit_how_the_service_proves_itself() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let lines = |page: &Page| page.texts("pre.snippet").join("\n");
    let first = form(&mut root).await;
    let basic = lines(&root.browser.submit(first).await);
    assert!(basic.contains("client.ClientSecretBasic(") && basic.contains("client_secret_basic"), "{basic}");
    assert!(basic.contains("choose client_secret_post"), "ASP.NET Core knows no other way");
    assert!(basic.contains("Spring takes RS256 alone"));
    let second = form(&mut root).await.with("method", "client_secret_post").with("algorithm", "RS256");
    let post = lines(&root.browser.submit(second).await);
    assert!(post.contains("client.ClientSecretPost(") && post.contains("\"/cb\""), "{post}");
    assert!(!post.contains("choose client_secret_post") && !post.contains("Spring takes"), "{post}");
}

#[tokio::test]
async fn the_page_knows_when_a_service_was_last_used_however_long_ago() {
    let app = App::start().await;
    let rp = app.client("rp").with(|draft| draft.logout.back = Some("https://rp.test/back".to_owned())).await;
    let mut root = app.insert_permanent("root").await;
    app.give_role(&root, Role::SuperAdmin, None).await;
    rp.sign_in(&mut app.insert_member("ana").await).await;
    app.usage.flush(&app.store).await.unwrap();
    app.advance(chrono::TimeDelta::days(80));
    app.prove_strongly(&mut root).await;
    root.browser.language = "en".to_owned();
    let page = root.browser.get("/admin/client/rp").await;
    assert!(page.texts("section strong").contains(&"2 November 2026, 10:00".to_owned()), "{}", page.text("main"));
    assert!(!page.has("#outcomes"), "not in the last thirty days");
    assert!(page.text("main").contains("80 days ago") && page.has("#delivered"));
}
