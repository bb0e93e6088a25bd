//! How often may be asked: by an account, about a number, from an origin.

use chrono::TimeDelta;
use idp_tests::App;

use super::{card, citizen, present, refused, stopped};

const USED_UP: &str = "กรอกข้อมูลครบจำนวนครั้งแล้ว";

#[tokio::test]
async fn an_account_has_five_tries_in_a_day_whomever_it_asks_about() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let numbers = ["1000000000017", "1000000000025", "1000000000033", "1000000000106", "8000000000014"];
    for (number, left) in numbers.iter().zip([4, 3, 2, 1, 0]) {
        assert_eq!(refused(&present(&mut ana, citizen(number), &[("birth_year", "2500")]).await), left);
        app.advance(TimeDelta::minutes(10));
    }
    let asked = app.registry().calls();
    let page = present(&mut ana, citizen("1000000000254"), &[]).await;
    stopped(&page, 429, USED_UP);
    // The first try was fifty minutes ago: tomorrow at ten there is room for another.
    assert!(page.text("main").contains("3 พฤศจิกายน 2569 เวลา 10.00 น."), "{}", page.text("main"));
    assert_eq!(app.registry().calls(), asked, "nobody is asked");
    app.advance(TimeDelta::hours(23) + TimeDelta::minutes(10));
    ana.sign_in().await;
    let page = present(&mut ana, citizen("1000000000254"), &[]).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
}

#[tokio::test]
async fn a_number_has_five_tries_in_a_day_whoever_asks() {
    let app = App::start().await;
    let somchai = citizen("1000000000017");
    for number in 0..5 {
        let mut stranger = app.insert_member(&format!("stranger{number}")).await;
        refused(&present(&mut stranger, somchai, &[("birth_day", "19")]).await);
    }
    let mut owner = app.insert_member("owner").await;
    stopped(&present(&mut owner, somchai, &[]).await, 429, USED_UP);
    assert_eq!(app.registry().calls_for("1000000000017"), 5);
    // S113: the number is held up for a day and no longer, and nobody else's number is.
    let mut other = app.insert_member("other").await;
    assert_eq!(present(&mut other, citizen("1000000000025"), &[]).await.place(), "/verify/done");
    app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    owner.sign_in().await;
    assert_eq!(present(&mut owner, somchai, &[]).await.place(), "/verify/done");
}

#[tokio::test]
async fn an_origin_has_its_tries_in_a_day_whoever_asks_about_whomever() {
    let app = App::start_with(|config| config.verification.per_origin_per_day = 3).await;
    let numbers = ["1000000000017", "1000000000025", "1000000000033"];
    let house = app.browser().address;
    for (member, number) in numbers.iter().enumerate() {
        let mut member = app.insert_member(&format!("member{member}")).await;
        member.browser.address = house;
        refused(&present(&mut member, citizen(number), &[("birth_year", "2500")]).await);
    }
    let mut ana = app.insert_member("ana").await;
    let elsewhere = std::mem::replace(&mut ana.browser.address, house);
    stopped(&present(&mut ana, citizen("1000000000106"), &[]).await, 429, USED_UP);
    ana.browser.address = elsewhere;
    assert_eq!(present(&mut ana, citizen("1000000000106"), &[]).await.place(), "/verify/done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_tries_of_one_account_at_once_ask_five_times() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let form = card(&mut ana, citizen("6000000000018"), &[]).await;
    let tries = (0..20).map(|_| {
        let (mut browser, form) = (ana.browser.clone(), form.clone());
        tokio::spawn(async move { browser.submit(form).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for tried in tries.collect::<Vec<_>>() {
        statuses.push(tried.await.unwrap());
    }
    assert_eq!(app.registry().calls_for("6000000000018"), 5);
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_accounts_at_once_ask_five_times_about_one_number() {
    let app = App::start().await;
    let mut tries = Vec::new();
    for number in 0..20 {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let form = card(&mut member, citizen("6000000000018"), &[]).await;
        tries.push(tokio::spawn(async move { member.browser.submit(form).await.status.as_u16() }));
    }
    let mut asked = 0;
    for tried in tries {
        asked += usize::from(tried.await.unwrap() == 422);
    }
    assert_eq!((asked, app.registry().calls_for("6000000000018")), (5, 5));
}

#[tokio::test]
async fn what_matched_is_no_try_against_the_origin() {
    let app = App::start_with(|config| config.verification.per_origin_per_day = 1).await;
    let house = app.browser().address;
    for number in ["1000000000017", "1000000000025", "1000000000033"] {
        let mut member = app.insert_member(&format!("member{number}")).await;
        member.browser.address = house;
        assert_eq!(present(&mut member, citizen(number), &[]).await.place(), "/verify/done");
    }
}
