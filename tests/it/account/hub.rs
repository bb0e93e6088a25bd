//! The pages of one's own account, and the way between them.

use chrono::TimeDelta;
use idp_tests::App;

#[tokio::test]
async fn every_page_of_the_account_leads_to_every_other_and_marks_itself() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/profile").await;
    let places: Vec<String> = page.attributes(".account-nav a", "href");
    assert!(places.len() >= 3 && places.contains(&"/profile/services".to_owned()), "{places:?}");
    for place in &places {
        let page = ana.browser.get(place).await;
        assert_eq!((page.status.as_u16(), page.place()), (200, place.as_str()));
        assert_eq!(&page.attributes(".account-nav a", "href"), &places, "{place}");
        assert_eq!(page.attributes(".account-nav a[aria-current=page]", "href"), [place.as_str()]);
    }
}

#[tokio::test]
async fn they_are_for_who_is_signed_in_and_may_use_the_account() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for place in ["/profile/services", "/profile/data"] {
        assert_eq!(app.browser().get(place).await.place(), "/login", "{place}");
    }
    app.advance(TimeDelta::days(61));
    ana.sign_in().await;
    let page = ana.browser.get("/profile/services").await;
    assert!(page.has("#membership-ended"), "{}", page.text("main"));
}
