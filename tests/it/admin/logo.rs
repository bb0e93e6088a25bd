//! The logo in the console's form: the same checks as everywhere, a preview, and its removal.

use idp_core::admin::Role;
use idp_core::id::ClientId;
use idp_store::AuditFilter;
use idp_tests::{App, Member, PHOTO, Page};

/// Sends the form of the client `rp` with a file.
async fn send(admin: &mut Member, file: &[u8]) -> Page {
    let page = admin.browser.get("/admin/client/rp/edit").await;
    let form = page.form("/admin/client/rp/edit").with("owner", "somchai@moc.example").with("department", "dit");
    admin.browser.upload(&form, "file", file).await
}

/// The logo of `rp` as it is kept.
async fn drawn(app: &App) -> Vec<u8> {
    let logo = app.store.client(&rp()).await.unwrap().unwrap().logo.expect("it has one");
    app.store.logo(&logo).await.unwrap().expect("it is kept")
}

fn rp() -> ClientId {
    ClientId::parse("rp").unwrap()
}

#[tokio::test]
async fn a_logo_is_chosen_seen_replaced_and_removed() {
    let app = App::start().await;
    app.client("rp").await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = send(&mut admin, PHOTO).await;
    page.expect_at("/admin/client/rp");
    let address = page.attribute("#logo", "src").expect("the page shows it");
    let served = app.get(&address).await;
    assert_eq!((served.status.as_u16(), served.header("content-type")), (200, "image/png"));
    let png = drawn(&app).await;
    assert!(!png.is_empty() && png != PHOTO, "drawn anew, never the bytes that were sent");
    let page = admin.browser.get("/admin/client/rp/edit").await;
    assert_eq!(page.attribute("#logo-now", "src").as_deref(), Some(address.as_str()), "the form shows it as well");
    let filter = AuditFilter { client: Some(rp()), ..Default::default() };
    let line = app.store.audit_lines(&filter, None, 1).await.unwrap().remove(0);
    assert_eq!((line.action.as_str(), line.actor_id), ("client.changed", Some(admin.id)));
    assert!(line.detail.unwrap().contains("logo"));
    // Saved without a file it stays.
    send(&mut admin, b"").await.expect_at("/admin/client/rp");
    assert!(app.store.client(&rp()).await.unwrap().unwrap().logo.is_some());
    let page = admin.browser.get("/admin/client/rp/edit").await;
    let form = page.form("/admin/client/rp/edit").with("owner", "somchai@moc.example").with("department", "dit");
    let page = admin.browser.upload(&form.with("remove_logo", "yes"), "file", b"").await;
    assert!(!page.has("#logo"));
    assert!(app.store.client(&rp()).await.unwrap().unwrap().logo.is_none());
    assert_eq!(app.get(&address).await.status, 404);
}

#[tokio::test]
async fn a_new_service_is_registered_with_its_logo() {
    let app = App::start().await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = admin.browser.get("/admin/clients/new").await;
    let form = [
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
    // Something else is wrong: the file is asked for again, and nothing was kept.
    let faulty = admin.browser.upload(&form.clone().with("redirect_uris", "nonsense"), "file", PHOTO).await;
    assert_eq!(faulty.status, 422);
    assert!(app.store.clients().await.unwrap().is_empty());
    let page = admin.browser.upload(&form, "file", PHOTO).await;
    assert!(page.has("#client-done") && page.has("#client-secret"), "{}", page.text("main"));
    let client = app.store.client(&ClientId::parse(&page.text("#client-id")).unwrap()).await.unwrap().unwrap();
    assert!(client.logo.is_some());
}

/// S092: what is no picture, hides something else, or is cut or huge is refused beside its field, and nothing is changed.
#[tokio::test]
async fn s092_hostile_files_are_refused_in_the_form() {
    let app = App::start().await;
    app.client("rp").await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    admin.browser.language = "en".to_owned();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let gif = b"GIF89a/*<script>*/".to_vec();
    let mut huge = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00N \x00\x00N \x08\x02\x00\x00\x00".to_vec();
    huge.extend([0; 64]);
    let long = vec![0x89; 600 * 1024];
    let longer = vec![0x89; 3 * 1024 * 1024];
    let mut files = vec![svg, html, gif, huge, long, longer];
    files.extend([8, 20, PHOTO.len() / 2].map(|cut| PHOTO[..cut].to_vec()));
    let before = app.store.client(&rp()).await.unwrap();
    for file in files {
        let page = send(&mut admin, &file).await;
        assert_eq!(page.status, 422, "{} bytes", file.len());
        assert!(page.has("#file-error"), "{}", page.text("main"));
        assert_eq!(app.store.client(&rp()).await.unwrap(), before);
    }
    // A picture with something behind it is drawn anew: what stood there is gone.
    let mut polyglot = PHOTO.to_vec();
    polyglot.extend_from_slice(b"<script>alert(1)</script>");
    let page = send(&mut admin, &polyglot).await;
    let address = page.attribute("#logo", "src").expect("a picture all the same");
    let served = app.get(&address).await;
    assert!(!drawn(&app).await.windows(8).any(|bytes| bytes == b"<script>"));
    assert!(served.header("content-security-policy").contains("sandbox"));
}

/// S065: a form with a file is judged as every other.
#[tokio::test]
async fn s065_a_forged_form_with_a_file_changes_nothing() {
    let app = App::start().await;
    app.client("rp").await;
    let mut admin = app.insert_staff("root", Role::SuperAdmin, None).await;
    let page = admin.browser.get("/admin/client/rp/edit").await;
    let form = page.form("/admin/client/rp/edit").with("csrf", "forged");
    admin.browser.upload(&form, "file", PHOTO).await.expect_error(403, "form_expired");
    assert!(app.store.client(&rp()).await.unwrap().unwrap().logo.is_none());
}
