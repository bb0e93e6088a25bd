//! A number is free again a while after its account was erased, and not before.

use chrono::TimeDelta;
use idp_tests::{App, PASSWORD};
use idp_web::jobs;

use super::{citizen, present, stopped};

#[tokio::test]
async fn s082_a_number_rests_after_the_erasure_of_its_account() {
    let app = App::start_with(|config| config.membership.number_cooling_days = 30).await;
    let mut ana = app.insert_member("ana").await;
    assert_eq!(present(&mut ana, citizen("1000000000017"), &[]).await.place(), "/verify/done");
    let page = ana.browser.get("/profile/delete").await;
    ana.browser.submit(page.form("/profile/delete").with("password", PASSWORD)).await;
    app.advance(TimeDelta::days(30));
    jobs::tend(app.provider()).await.unwrap();
    assert_eq!(app.store.row_count("identity_numbers").await.unwrap(), 0);
    assert_ne!(app.store.row_count("resting_numbers").await.unwrap(), 0);

    let mut ben = app.insert_member("ben").await;
    let page = present(&mut ben, citizen("1000000000017"), &[]).await;
    stopped(&page, 409, "ยังใช้เลขนี้ไม่ได้ในขณะนี้");
    assert!(page.text("main").contains("1 มกราคม 2570"), "{}", page.text("main"));
    assert!(ben.account().await.badge().is_none());
    assert_eq!(app.store.row_count("identity_numbers").await.unwrap(), 0, "nothing is left of the attempt");
    // Another number is not held up by it.
    assert_eq!(present(&mut ben, citizen("1000000000025"), &[]).await.place(), "/verify/done");

    app.advance(TimeDelta::days(30) + TimeDelta::seconds(1));
    jobs::tend(app.provider()).await.unwrap();
    assert_eq!(app.store.row_count("resting_numbers").await.unwrap(), 0, "and then it is forgotten");
    let mut cat = app.insert_member("cat").await;
    assert_eq!(present(&mut cat, citizen("1000000000017"), &[]).await.place(), "/verify/done");
}
