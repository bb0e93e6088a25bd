//! `/register/terms`: nothing is ticked beforehand, both are needed, and what was accepted is kept with its version.

use idp_tests::App;
use idp_web::view::document::DocumentKind;

use super::{at_details, at_terms, fault};

#[tokio::test]
async fn both_documents_stand_on_the_page_in_their_version_and_nothing_is_ticked() {
    let app = App::start().await;
    let (_, page) = at_terms(&app).await;
    let heads = ["ข้อตกลงและเงื่อนไขการใช้บริการ", "ประกาศความเป็นส่วนตัว"];
    assert_eq!(page.texts(".paper h2"), heads);
    let versions = page.texts(".paper .version");
    for (said, kind) in versions.iter().zip([DocumentKind::Terms, DocumentKind::Privacy]) {
        assert!(said.contains(kind.version()), "{said}");
    }
    assert_eq!(versions.len(), 2);
    assert!(!page.has("input[checked]"));
    assert_eq!(page.text("label[for=accept_terms]"), "ข้าพเจ้าได้อ่านและยอมรับข้อตกลงและเงื่อนไข");
    for (path, head) in ["/terms", "/privacy"].into_iter().zip(heads) {
        let page = app.browser().get(path).await;
        assert_eq!((page.status.as_u16(), page.text("h1").as_str()), (200, head));
    }
}

#[tokio::test]
async fn each_box_is_needed_and_named_when_it_is_missing() {
    let app = App::start().await;
    let (mut browser, page) = at_terms(&app).await;
    let form = page.form("/register/terms");
    let page = app.unchanged(browser.submit(form.clone())).await;
    assert!(fault(&page, "accept_terms").starts_with("กรุณาอ่านและทำเครื่องหมายยอมรับ"));
    assert!(fault(&page, "read_privacy").starts_with("กรุณาอ่านประกาศความเป็นส่วนตัว"));
    let page = browser.submit(form.clone().with("accept_terms", "yes")).await;
    fault(&page, "read_privacy");
    assert!(!page.has("#accept_terms-error"));
    for other in ["no", "on", "true", "YES"] {
        let page = browser.submit(form.clone().with("accept_terms", other).with("read_privacy", "yes")).await;
        fault(&page, "accept_terms");
    }
    let page = browser.submit(form.with("accept_terms", "yes").with("read_privacy", "yes")).await;
    assert_eq!(page.place(), "/register/email");
}

#[tokio::test]
async fn what_was_accepted_is_kept_with_its_version() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, "ana@mail.example").await;
    assert_eq!(app.store.row_count("terms_acceptances").await.unwrap(), 0);
    browser.submit(idp_tests::filled_details(page.form("/register/details"))).await;
    assert_eq!(app.store.row_count("terms_acceptances").await.unwrap(), 1);
    let version = format!("{}+{}", DocumentKind::Terms.version(), DocumentKind::Privacy.version());
    let folder = app.folder();
    app.store.close().await;
    let database = std::fs::read(folder.join("idp.sqlite3")).unwrap();
    assert!(database.windows(version.len()).any(|part| part == version.as_bytes()));
}
