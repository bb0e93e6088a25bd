//! Many at once: one address, one account.

use chrono::TimeDelta;
use idp_tests::{App, filled_details};

use super::at_details;

const EMAIL: &str = "ana@mail.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s080_of_twenty_registrations_of_one_address_one_makes_the_account() {
    let app = App::start().await;
    let mut forms = Vec::new();
    for number in 0..10 {
        if number == 6 {
            // No mailbox gets more than six codes in an hour.
            app.advance(TimeDelta::minutes(61));
        }
        let (browser, page) = at_details(&app, EMAIL).await;
        let form = filled_details(page.form("/register/details"));
        // Each in two windows.
        forms.extend([(browser.clone(), form.clone()), (browser, form)]);
    }
    let all = forms.into_iter().map(|(mut browser, form)| tokio::spawn(async move { browser.submit(form).await }));
    let mut won = 0;
    for page in all.collect::<Vec<_>>() {
        let page = page.await.unwrap();
        match page.place() {
            "/welcome" => won += 1,
            // The same registration in its other window, or another registration: both are told what to do next.
            "/register" => {}
            _ => page.expect_error(409, "already_registered"),
        }
    }
    assert_eq!(won, 1);
    for table in ["accounts", "sessions", "terms_acceptances"] {
        assert_eq!(app.store.row_count(table).await.unwrap(), 1, "{table}");
    }
}

#[tokio::test]
async fn who_comes_second_with_a_proven_mailbox_is_told_to_sign_in() {
    let app = App::start().await;
    let (mut one, first) = at_details(&app, EMAIL).await;
    let (mut other, second) = at_details(&app, EMAIL).await;
    one.submit(filled_details(first.form("/register/details"))).await;
    let page = app.unchanged(other.submit(filled_details(second.form("/register/details")))).await;
    page.expect_error(409, "already_registered");
    assert_eq!(page.attribute(".actions a", "href").as_deref(), Some("/login"));
    assert!(!other.is_signed_in().await);
}
