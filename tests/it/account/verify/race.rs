//! One person, one permanent account: also when twenty try at once.

use idp_tests::App;
use idp_web::jobs;

use super::{card, citizen};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_accounts_that_present_one_number_at_once_one_becomes_permanent() {
    let app = App::start_with(|config| config.verification.per_number_per_day = 100).await;
    let mut members = Vec::new();
    for number in 0..20 {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let form = card(&mut member, citizen("1000000000017"), &[]).await;
        members.push((member, form));
    }
    let tries = members.into_iter().map(|(mut member, form)| {
        tokio::spawn(async move {
            let page = member.browser.submit(form).await;
            (page.place() == "/verify/done", page.status.as_u16(), member.account().await.badge().is_some())
        })
    });
    let mut won = 0;
    for tried in tries.collect::<Vec<_>>() {
        let (done, status, badge) = tried.await.unwrap();
        assert_eq!(done, badge);
        assert_eq!(status, if done { 200 } else { 409 });
        won += usize::from(done);
    }
    assert_eq!(won, 1);
    assert_eq!(app.store.row_count("identities").await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_that_presents_two_numbers_at_once_gets_one_badge() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut forms = Vec::new();
    for number in ["1000000000017", "1000000000025", "1000000000033", "1000000000106"] {
        forms.push(card(&mut ana, citizen(number), &[]).await);
    }
    let tries = forms.into_iter().map(|form| {
        let mut browser = ana.browser.clone();
        tokio::spawn(async move { browser.submit(form).await })
    });
    for tried in tries.collect::<Vec<_>>() {
        let page = tried.await.unwrap();
        assert!(["/verify/done", "/profile"].contains(&page.place()), "{}", page.text("main"));
    }
    assert_eq!(app.store.row_count("identities").await.unwrap(), 1);
    // The numbers that lost are free.
    let kept = app.store.identity(ana.id).await.unwrap().unwrap().number.digits().to_owned();
    let other = if kept == "1000000000017" { "1000000000025" } else { "1000000000017" };
    let mut ben = app.insert_member("ben").await;
    let form = card(&mut ben, citizen(other), &[]).await;
    assert_eq!(ben.browser.submit(form).await.place(), "/verify/done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s112_the_end_of_the_membership_and_the_badge_never_both_happen() {
    let app = App::start().await;
    let mut members = Vec::new();
    for number in ["1000000000017", "1000000000025", "1000000000033", "1000000000106", "1000000000157"] {
        members.push((number, app.insert_member(&format!("member{number}")).await));
    }
    app.advance(chrono::TimeDelta::days(60) + chrono::TimeDelta::hours(20));
    let mut tries = Vec::new();
    for (number, mut member) in members {
        member.sign_in().await;
        let form = card(&mut member, citizen(number), &[]).await;
        tries.push((member, form));
    }
    let sweeping = {
        let app = app.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                jobs::tend(app.provider()).await.unwrap();
                tokio::task::yield_now().await;
            }
        })
    };
    let tries = tries.into_iter().map(|(mut member, form)| {
        tokio::spawn(async move {
            assert_eq!(member.browser.submit(form).await.place(), "/verify/done");
            member
        })
    });
    for tried in tries.collect::<Vec<_>>() {
        let member = tried.await.unwrap();
        let account = member.account().await;
        assert!(account.badge().is_some() && account.tokens_end_at().is_none());
    }
    sweeping.await.unwrap();
}
