//! `/terms/accept`: a new version of terms or privacy notice is asked about once, at the next sign-in.

use idp_core::audit::Action;
use idp_tests::{Answer, App, Member};
use idp_web::account::accept::version_in_force;

/// A member who accepted what was in force before.
async fn of_before(app: &App) -> Member {
    app.insert_member_of("ana", "2569-1+2569-2", |_| {}).await
}

#[tokio::test]
async fn a_new_version_asks_at_the_next_sign_in_and_leads_on_to_the_service() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = of_before(&app).await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    page.expect_at("/terms/accept");
    assert!(page.has("#privacy-head") && !page.has("#terms-head"), "only what is new is asked about");
    assert!(!page.has("input[type=checkbox][checked]"), "never ticked beforehand");
    // Without the tick nothing is noted.
    let page = app.unchanged(ana.browser.submit(page.form("/terms/accept"))).await;
    assert_eq!(page.status, 422);
    let page = ana.browser.submit(page.form("/terms/accept").with("read_privacy", "yes")).await;
    page.expect_at("/consent");
    assert_eq!(ana.account().await.documents.as_deref(), Some(version_in_force()));
    assert_eq!(app.store.row_count("terms_acceptances").await.unwrap(), 2, "what was accepted before is kept");
    let noted = app.store.events_of(ana.id, &[Action::DocumentsAccepted], 9).await.unwrap();
    assert_eq!(noted.len(), 1);
    assert!(noted[0].detail.as_deref().unwrap().contains(version_in_force()));
    // Once.
    assert_ne!(ana.browser.get(&rp.ask().path()).await.place(), "/terms/accept");
    assert_eq!(ana.browser.get("/terms/accept").await.place(), "/profile");
}

#[tokio::test]
async fn without_a_page_the_service_hears_interaction_required() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = of_before(&app).await;
    let ask = rp.ask().with("prompt", "none");
    Answer::of(&ana.browser.get(&ask.path()).await).expect_error("interaction_required", &ask, app.issuer());
}

#[tokio::test]
async fn who_does_not_accept_goes_back_and_keeps_their_rights() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = of_before(&app).await;
    for place in ["/profile", "/profile/services", "/profile/edit"] {
        assert_eq!(ana.browser.get(place).await.place(), "/terms/accept", "{place}");
    }
    for place in ["/profile/data", "/profile/restrict", "/profile/delete"] {
        assert_eq!(ana.browser.get(place).await.place(), place);
    }
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    let back = page.attribute(".after a", "href").unwrap();
    Answer::of(&ana.browser.get(&back).await).expect_error("access_denied", &ask, app.issuer());
}

#[tokio::test]
async fn what_was_not_shown_is_not_accepted() {
    let app = App::start().await;
    let mut ana = of_before(&app).await;
    let page = ana.browser.get("/terms/accept").await;
    let form = page.form("/terms/accept").with("read_privacy", "yes").with("version", "2569-1+2569-2");
    app.unchanged(ana.browser.submit(form)).await.expect_at("/terms/accept");
}

#[tokio::test]
async fn every_version_stays_readable_at_its_own_address() {
    let app = App::start().await;
    let mut browser = app.browser();
    let page = browser.get("/privacy").await;
    let (newest, others) = (page.text("article"), page.attributes("article li a", "href"));
    assert_eq!(others, ["/privacy/2569-3", "/privacy/2569-2"]);
    for other in &others {
        let page = browser.get(other).await;
        assert_eq!(page.status, 200, "{other}");
        assert!(page.text(".alert").contains("ไม่ใช่ฉบับปัจจุบัน"), "{other}");
        assert_ne!(page.text("article"), newest, "{other}");
    }
    assert_eq!(browser.get("/terms/2569-1").await.status, 200);
    for unknown in ["/privacy/2568-1", "/terms/2569-3", "/terms/..", "/privacy/%3Cscript%3E"] {
        assert_eq!(browser.get(unknown).await.status, 404, "{unknown}");
    }
}
