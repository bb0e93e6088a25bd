//! What comes back from ThaID and must not be believed, used twice, or used by another; and what an outage looks like.

use chrono::TimeDelta;
use idp_tests::App;
use idp_web::demo::thaid::{Choice, Fault};

use super::{NUMBER, answer, by_thaid, leave, permanent, person, sign_in, start};

const SIGN_IN: &str = "/thaid/begin?for=sign-in";

#[tokio::test]
async fn an_id_token_that_is_not_for_this_sign_in_signs_nobody_in() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    for fault in [
        Fault::OtherNonce,
        // Absent never means fine.
        Fault::NoNonce,
        Fault::OtherIssuer,
        Fault::OtherAudience,
        Fault::Expired,
        Fault::FromTheFuture,
        Fault::Forged,
        Fault::Unsigned,
        Fault::OtherAccessToken,
        Fault::OldSignIn,
        Fault::NoNumber,
        Fault::NoToken,
    ] {
        app.thaid().set_fault(fault);
        let mut browser = app.browser();
        let page = sign_in(&mut browser, number).await;
        page.expect_error(400, "thaid_refused");
        assert!(page.has("#next[href='/login']") || page.html.contains("href=\"/login\""), "{fault:?}: a way on");
        assert!(!browser.is_signed_in().await, "{fault:?}");
        assert!(!page.html.contains(number), "{fault:?}");
    }
    app.thaid().set_fault(Fault::None);
    let mut browser = app.browser();
    assert_eq!(sign_in(&mut browser, number).await.place(), "/profile", "and none of it keeps anybody out afterwards");
}

#[tokio::test]
async fn s118_whom_thaid_is_not_sure_of_opens_nothing() {
    let app = start().await;
    let (ana, number) = permanent(&app, "ana").await;
    app.thaid().set_fault(Fault::NoLevel);
    let mut browser = app.browser();
    sign_in(&mut browser, number).await.expect_error(403, "thaid_not_enough");
    assert!(!browser.is_signed_in().await);
    app.thaid().set_fault(Fault::None);
    // Somebody whose identity was never checked for ThaID.
    let mut browser = app.browser();
    sign_in(&mut browser, "1000000000050").await.expect_error(403, "thaid_not_enough");
    // A number that this service does not take.
    sign_in(&mut browser, "9000000000012").await.expect_error(403, "thaid_not_enough");
    drop(ana);
}

#[tokio::test]
async fn an_answer_is_used_once() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    let mut browser = app.browser();
    let url = leave(&mut browser, SIGN_IN).await;
    let back = answer(&app, &url, &person(number));
    assert_eq!(browser.get(&back).await.place(), "/profile");
    let calls = app.thaid().token_calls();
    browser.get(&back).await.expect_error(400, "thaid_expired");
    assert_eq!(app.thaid().token_calls(), calls, "ThaID is not even asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_answers_at_once_one_signs_in() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    let mut browser = app.browser();
    let url = leave(&mut browser, SIGN_IN).await;
    let back = answer(&app, &url, &person(number));
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (mut browser, back) = (browser.clone(), back.clone());
        tries.spawn(async move { browser.get(&back).await.place() == "/profile" });
    }
    let signed_in = tries.join_all().await;
    assert_eq!(signed_in.iter().filter(|done| **done).count(), 1);
}

#[tokio::test]
async fn s008_an_answer_belongs_to_the_browser_that_asked() {
    let app = start().await;
    let (_, number) = permanent(&app, "mallory").await;
    let mut attacker = app.browser();
    let url = leave(&mut attacker, SIGN_IN).await;
    let back = answer(&app, &url, &person(number));
    // S068: the victim is led to the attacker's answer, and is not signed in as the attacker.
    let mut victim = app.browser();
    victim.get("/login").await;
    victim.get(&back).await.expect_error(400, "thaid_expired");
    assert!(!victim.is_signed_in().await);
    let mut stranger = app.browser();
    stranger.get(&back).await.expect_error(400, "thaid_expired");
    // And it was not spent by them.
    assert_eq!(attacker.get(&back).await.place(), "/profile");
}

#[tokio::test]
async fn a_code_of_another_browser_is_worth_nothing_here() {
    let app = start().await;
    let (_, stolen) = permanent(&app, "victim").await;
    let mut victim = app.browser();
    let theirs = answer(&app, &leave(&mut victim, SIGN_IN).await, &person(stolen));
    let mut attacker = app.browser();
    let mine = answer(&app, &leave(&mut attacker, SIGN_IN).await, &person(NUMBER));
    let part = |url: &str, name: &str| {
        let url = url::Url::parse(url).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
    };
    // The victim's code with the attacker's state: neither verifier nor nonce is this code's.
    let mixed = mine.replace(&part(&mine, "code"), &part(&theirs, "code"));
    attacker.get(&mixed).await.expect_error(400, "thaid_refused");
    assert!(!attacker.is_signed_in().await);
}

#[tokio::test]
async fn an_answer_after_ten_minutes_is_too_late() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    let mut browser = app.browser();
    let url = leave(&mut browser, SIGN_IN).await;
    app.advance(TimeDelta::minutes(11));
    let back = answer(&app, &url, &person(number));
    browser.get(&back).await.expect_error(400, "thaid_expired");
}

#[tokio::test]
async fn an_answer_of_another_issuer_or_of_nobody_is_not_thaids() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    let issuer = app.thaid().issuer().to_owned();
    let named = format!("&iss={}", url::form_urlencoded::byte_serialize(issuer.as_bytes()).collect::<String>());
    for other in ["&iss=https%3A%2F%2Fthaid.evil.test", ""] {
        let mut browser = app.browser();
        let url = leave(&mut browser, SIGN_IN).await;
        let back = answer(&app, &url, &person(number));
        assert!(back.contains(&named), "{back}");
        let calls = app.thaid().token_calls();
        browser.get(&back.replace(&named, other)).await.expect_error(400, "thaid_refused");
        assert_eq!(app.thaid().token_calls(), calls, "the code went nowhere");
        assert!(!browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_callback_that_makes_no_sense_is_a_page_that_says_so() {
    let app = start().await;
    let mut browser = app.browser();
    let url = leave(&mut browser, SIGN_IN).await;
    let back = answer(&app, &url, &person(NUMBER));
    let query = back.split_once('?').unwrap().1.to_owned();
    for path in [
        "/thaid/callback".to_owned(),
        "/thaid/callback?code=x".to_owned(),
        "/thaid/callback?state=x&code=y".to_owned(),
        format!("/thaid/callback?state={}&code=y", "A".repeat(43)),
        format!("/thaid/callback?{query}&state=again"),
        format!("/thaid/callback?{query}&code=again"),
        "/thaid/callback?state=%FF%FE&code=%00".to_owned(),
    ] {
        assert_eq!(browser.get(&path).await.status, 400, "{path}");
    }
    assert!(!browser.is_signed_in().await);
    // An answer with neither code nor error, which spends it.
    let bare = back.split("code=").next().unwrap().to_owned() + back.split_once('&').unwrap().1;
    browser.get(&bare).await.expect_error(400, "thaid_refused");
}

#[tokio::test]
async fn who_cancels_at_thaid_is_back_where_they_were() {
    let app = start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    let page = browser.get(&rp.ask().path()).await;
    let path = page.attribute("#sign-in-thaid", "href").expect("ThaID is offered");
    let page = by_thaid(&mut browser, &path, &Choice::Cancel).await;
    assert_eq!(page.status, 200);
    assert!(page.text("main").contains("ท่านยกเลิกการเข้าสู่ระบบด้วย ThaID"), "{}", page.text("main"));
    // The service's sign-in still waits: by password it goes on.
    let ana = app.insert_member("ana").await;
    let form = page.form("/login").with("username", &ana.email).with("password", &ana.password);
    assert_eq!(browser.submit(form).await.place(), "/consent");
    let mut ben = app.insert_member("ben").await;
    let page = by_thaid(&mut ben.browser, "/thaid/begin?for=verify", &Choice::Cancel).await;
    assert_eq!(page.place(), "/verify");
}

#[tokio::test]
async fn s104_an_outage_of_thaid_is_503_says_how_to_go_on_and_opens_a_breaker() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    let mut begun = Vec::new();
    for _ in 0..7 {
        let mut browser = app.browser();
        let url = leave(&mut browser, SIGN_IN).await;
        begun.push((browser, answer(&app, &url, &person(number))));
    }
    app.thaid().set_fault(Fault::TokensDown);
    let calls = app.thaid().token_calls();
    for (mut browser, back) in begun {
        let page = browser.get(&back).await;
        page.expect_error(503, "thaid_unavailable");
        assert!(page.headers.contains_key("retry-after"));
        assert!(page.html.contains("href=\"/login\""), "the other ways stay open");
        assert!(!browser.is_signed_in().await);
    }
    assert_eq!(app.thaid().token_calls() - calls, 5, "after five outages nobody waits for a sixth");
    app.browser().get(SIGN_IN).await.expect_error(503, "thaid_unavailable");
    // Sign-in by password goes on as if nothing were.
    let mut ben = app.insert_member("ben").await.elsewhere();
    assert_eq!(ben.sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn thaid_that_cannot_be_reached_at_all_is_503_at_the_beginning() {
    let app = App::start_with_thaid(|config| config.thaid.issuer = "http://127.0.0.1:1".to_owned()).await;
    app.browser().get(SIGN_IN).await.expect_error(503, "thaid_unavailable");
    let app = start().await;
    app.thaid().set_fault(Fault::Down);
    app.browser().get(SIGN_IN).await.expect_error(503, "thaid_unavailable");
    assert_eq!(app.browser().get("/login").await.status, 200);
}

#[tokio::test]
async fn wrong_codes_do_not_open_the_breaker_for_everybody() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    for _ in 0..8 {
        let mut browser = app.browser();
        let url = leave(&mut browser, SIGN_IN).await;
        let back = answer(&app, &url, &person(number));
        let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        browser.get(&back.replace(&code, "made-up")).await.expect_error(400, "thaid_refused");
    }
    assert_eq!(sign_in(&mut app.browser(), number).await.place(), "/profile");
}

#[tokio::test]
async fn a_new_key_of_thaid_is_found() {
    let app = start().await;
    let (_, number) = permanent(&app, "ana").await;
    assert_eq!(sign_in(&mut app.browser(), number).await.place(), "/profile");
    app.thaid().set_fault(Fault::NewKey);
    assert_eq!(sign_in(&mut app.browser(), number).await.place(), "/profile");
}

#[tokio::test]
async fn the_secret_may_travel_in_the_form() {
    let app = App::start_with_thaid(|config| config.thaid.client_authentication = "post".to_owned()).await;
    let (_, number) = permanent(&app, "ana").await;
    assert_eq!(sign_in(&mut app.browser(), number).await.place(), "/profile");
}
