//! `/login/second`: no session before every factor that the account demands; each code once; guesses that cost time.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use idp_core::password::{HashCost, PasswordHash};
use idp_tests::{App, Letter, Member, PASSWORD, Page, SystemChance, prove};
use serde_json::json;
use tokio::task::JoinSet;

/// The page of the second factor, in a browser that was never here, after the right password.
async fn half(member: &Member) -> (Member, Page) {
    let mut member = member.elsewhere();
    let page = member.sign_in().await;
    page.expect_at("/login/second");
    (member, page)
}

async fn with_totp(app: &App, name: &str) -> Member {
    let mut member = app.insert_member(name).await;
    member.insert_totp().await;
    member
}

#[tokio::test]
async fn there_is_no_session_before_the_second_factor_and_then_it_says_what_was_proven() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let ana = with_totp(&app, "ana").await;
    let (mut ana, page) = half(&ana).await;
    assert!(ana.browser.cookie("session").is_none_or(str::is_empty));
    for path in ["/profile", "/profile/security", "/profile/password", "/verify"] {
        assert_eq!(ana.browser.get(path).await.place(), "/login", "{path}");
    }
    let code = ana.totp_code();
    assert_eq!(prove(&mut ana.browser, &page, &code).await.place(), "/profile");
    assert!(ana.browser.cookie("half").is_none_or(str::is_empty));
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(tokens.id.text("acr"), "https://account.moc.go.th/acr/aal2");
    // On the way to a service the same is asked, and leads back to it.
    let mut elsewhere = ana.elsewhere();
    let tokens = rp.sign_in(&mut elsewhere).await;
    assert_eq!(tokens.id.claims["amr"], json!(["pwd", "otp", "mfa"]));
}

#[tokio::test]
async fn what_waits_belongs_to_its_browser_for_ten_minutes_and_dies_with_its_password() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    // Another browser that somehow holds the cookie.
    let (mine, page) = half(&ana).await;
    let mut thief = app.browser();
    thief.get("/login").await;
    let name = mine.browser.cookie_name("half");
    thief.cookies.insert(name.clone(), mine.browser.cookies[&name].clone());
    assert_eq!(thief.get("/login/second").await.place(), "/login");
    // Too late.
    let (mut late, old) = half(&ana).await;
    app.advance(TimeDelta::minutes(11));
    let code = ana.totp_code();
    assert_eq!(prove(&mut late.browser, &old, &code).await.place(), "/login");
    assert!(!late.browser.is_signed_in().await);
    // The password changes meanwhile.
    let (mut stale, old) = half(&ana).await;
    let account = ana.account().await;
    let other = hash("another password altogether, truly");
    assert!(app.store.rehash_password(ana.id, &account.password, &other).await.unwrap());
    assert_eq!(prove(&mut stale.browser, &old, &ana.next_totp_code()).await.place(), "/login");
    assert!(!stale.browser.is_signed_in().await);
    drop(page);
}

#[tokio::test]
async fn s058_a_totp_code_counts_once_and_never_after_a_later_one() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let older = ana.totp_code();
    let (mut first, page) = half(&ana).await;
    let code = ana.next_totp_code();
    assert_eq!(prove(&mut first.browser, &page, &code).await.place(), "/profile");
    for again in [&code, &older] {
        let (mut second, page) = half(&ana).await;
        let page = prove(&mut second.browser, &page, again).await;
        assert_eq!(page.status, 422, "{}", page.text("main"));
        assert!(!second.browser.is_signed_in().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s058_of_twenty_uses_of_one_totp_code_on_two_nodes_one_succeeds() {
    let app = App::start_on_servers().await;
    let other = app.another_node().await;
    let ana = with_totp(&app, "ana").await;
    let mut waiting = Vec::new();
    for _ in 0..20 {
        waiting.push(half(&ana).await);
    }
    let code = ana.totp_code();
    let mut tasks = JoinSet::new();
    for (turn, (mut member, page)) in waiting.into_iter().enumerate() {
        if turn % 2 == 1 {
            member.browser.visit(&other);
        }
        let code = code.clone();
        tasks.spawn(async move { prove(&mut member.browser, &page, &code).await.place() == "/profile" });
    }
    let signed_in = tasks.join_all().await.into_iter().filter(|done| *done).count();
    assert_eq!(signed_in, 1);
    // And below the counter of guesses, where all of them are looked at: the write settles it.
    let mut tasks = JoinSet::new();
    let step = i64::MAX / 2;
    for turn in 0..20 {
        let (store, id, now) = (if turn % 2 == 0 { app.store.clone() } else { other.store.clone() }, ana.id, app.now());
        tasks.spawn(async move { store.accept_totp(id, step, now).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|done| *done).count(), 1);
}

#[tokio::test]
async fn s058_three_guesses_a_step_and_a_fresh_password_sign_in_gives_no_more() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let mut looked_at = 0;
    for _ in 0..6 {
        // Each time the right password, in a browser that was never here.
        let (mut attacker, page) = half(&ana).await;
        for _ in 0..2 {
            let answer = prove(&mut attacker.browser, &page, wrong(&ana)).await;
            looked_at += usize::from(answer.status == 422);
            if answer.status == 429 {
                assert!(answer.headers["retry-after"].to_str().unwrap().parse::<i64>().unwrap() > 0);
            }
        }
    }
    assert_eq!(looked_at, 3);
    // The owner, in a browser that they have signed in with before, is not kept out.
    let mut owner = ana.clone();
    let page = owner.sign_in().await;
    assert_eq!(owner.prove_at(&page).await.place(), "/profile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s055_of_two_hundred_parallel_guesses_few_are_looked_at_and_the_right_one_comes_too_late() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let (attacker, page) = half(&ana).await;
    let guess = |turn: u32, code: String| {
        let (mut member, page) = (attacker.clone(), page.clone());
        // Each from another place, so that nothing but the account's own counter stops them.
        member.browser.address = IpAddr::V4(Ipv4Addr::from(0x0a14_0000 + turn));
        async move { prove(&mut member.browser, &page, &code).await.status.as_u16() }
    };
    let mut tasks = JoinSet::new();
    for turn in 0..149 {
        tasks.spawn(guess(turn, wrong(&ana).to_owned()));
    }
    let mut statuses = tasks.join_all().await;
    statuses.push(guess(149, ana.totp_code()).await);
    assert_eq!(statuses.last(), Some(&429), "the right one is not looked at");
    for turn in 150..200 {
        statuses.push(guess(turn, ana.totp_code()).await);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 3);
    assert!(statuses.iter().all(|status| matches!(status, 422 | 429)), "{statuses:?}");
    assert!(!attacker.clone().browser.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s059_a_recovery_code_counts_once_for_its_own_account_and_not_after_a_new_set() {
    let app = App::start_on_servers().await;
    let other = app.another_node().await;
    let ana = with_totp(&app, "ana").await;
    let ben = with_totp(&app, "ben").await;
    let by_code = |page: &Page| page.attributes("#other-ways a", "href").pop().expect("another way is offered");
    // Somebody else's.
    let (mut stranger, page) = half(&ben).await;
    let page = stranger.browser.get(&by_code(&page)).await;
    assert_eq!(prove(&mut stranger.browser, &page, &ana.recovery_codes[0]).await.status, 422);
    // Twenty at once, on two nodes.
    let mut waiting = Vec::new();
    for turn in 0..20 {
        let (mut member, page) = half(&ana).await;
        if turn % 2 == 1 {
            member.browser.visit(&other);
        }
        let page = member.browser.get(&by_code(&page)).await;
        waiting.push((member, page));
    }
    let mut tasks = JoinSet::new();
    for (mut member, page) in waiting {
        let code = ana.recovery_codes[0].to_lowercase().replace('-', " ");
        tasks.spawn(async move { prove(&mut member.browser, &page, &code).await.place() == "/profile" });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|done| *done).count(), 1);
    // A new set kills the old one.
    let mut owner = ana.clone();
    let page = owner.sign_in().await;
    owner.prove_at(&page).await.expect_at("/profile");
    let page = owner.browser.get("/profile/security/recovery-codes").await;
    assert!(page.text("#codes-left").contains('9'), "{}", page.text("main"));
    let page = owner.browser.submit(page.form("/profile/security/recovery-codes")).await;
    let fresh = page.texts(".codes code");
    assert_eq!(fresh.len(), 10);
    assert!(owner.browser.get("/profile/security/recovery-codes").await.texts(".codes code").is_empty(), "shown once");
    let page = {
        let page = {
            owner.sign_out().await;
            owner.sign_in().await
        };
        owner.browser.get(&by_code(&page)).await
    };
    assert_eq!(prove(&mut owner.browser, &page, &ana.recovery_codes[1]).await.status, 422);
    assert_eq!(prove(&mut owner.browser, &page, &fresh[0]).await.place(), "/profile");
}

#[tokio::test]
async fn who_has_a_factor_of_their_own_is_never_offered_the_mailbox() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let (mut ana, page) = half(&ana).await;
    assert!(!page.html.contains("by=mail"));
    let before = app.letters_to(&ana.email).await.len();
    let page = ana.browser.get("/login/second?by=mail").await;
    assert_eq!(page.form("/login/second").value("by"), "totp");
    let form = page.form("/login/second");
    ana.browser.post_from(app.issuer(), "/login/second/mail", &[("csrf", form.value("csrf"))]).await;
    assert_eq!(app.letters_to(&ana.email).await.len(), before, "no code is mailed");
    let page = ana.browser.submit(form.with("by", "mail").with("code", "123456")).await;
    page.expect_at("/login/second");
    assert!(!ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn s074_a_password_recovered_by_mail_is_no_second_factor() {
    let app = App::start().await;
    let ana = with_totp(&app, "ana").await;
    let mut browser = app.browser();
    let page = browser.get("/recover").await;
    browser.submit(page.form("/recover").with("email", &ana.email)).await;
    let link = app.letters_to(&ana.email).await.into_iter().rev().find_map(|letter| match letter {
        Letter::RecoverPassword { url, .. } => url.strip_prefix(app.issuer()).map(str::to_owned),
        _ => None,
    });
    let page = browser.get(&link.expect("a link was mailed")).await;
    let new = "nine kites over a quiet harbour";
    let page = browser.submit(page.form("/recover/set").with("password", new)).await;
    assert!(page.has("#password-set"), "{}", page.text("main"));
    let mut ana = Member { browser, password: new.to_owned(), ..ana };
    let page = ana.sign_in().await;
    page.expect_at("/login/second");
    assert_eq!(page.form("/login/second").value("by"), "totp", "the mailbox does not stand for the factor");
    assert!(!ana.browser.is_signed_in().await);
    assert_eq!(ana.prove_at(&page).await.place(), "/profile");
}

#[tokio::test]
async fn s062_every_byte_of_a_password_counts_and_none_beyond_the_longest_is_hashed() {
    let app = App::start().await;
    let long = format!("{}é{}", "rain falls on warm roofs at noon. ".repeat(3), "z");
    assert!(long.len() > 73);
    let ana = app.insert_member_with("ana", |account| account.password = hash(&long)).await;
    let mut elsewhere = Member { password: long.replace('é', "e\u{301}"), ..ana.elsewhere() };
    assert_eq!(elsewhere.sign_in().await.place(), "/profile", "the same letters, composed in another way");
    let differs_late = format!("{}y", &long[..long.len() - 1]);
    for wrong in [differs_late, long[..72].to_owned(), format!("{long}\0"), "x".repeat(129), "x".repeat(4096)] {
        let mut elsewhere = Member { password: wrong, ..ana.elsewhere() };
        assert_eq!(elsewhere.sign_in().await.place(), "/login");
        assert!(!elsewhere.browser.is_signed_in().await);
    }
    let mut huge = Member { password: "x".repeat(10 << 20), ..ana.elsewhere() };
    assert_eq!(huge.sign_in().await.status, 413);
}

#[tokio::test]
async fn a_hash_of_another_cost_is_made_anew_at_the_next_sign_in() {
    let app = App::start().await;
    let cost = HashCost::new(20_000, 2).unwrap();
    let old = PasswordHash::make(PASSWORD, cost, &mut cost.memory(), &SystemChance);
    let ana = app.insert_member_with("ana", |account| account.password = old.clone()).await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.password = "a wrong password".to_owned();
    elsewhere.sign_in().await;
    assert_eq!(ana.account().await.password.cost(), cost);
    elsewhere.password = PASSWORD.to_owned();
    assert_eq!(elsewhere.sign_in().await.place(), "/profile");
    assert_eq!(ana.account().await.password.cost(), app.hasher.cost());
    assert!(ana.clone().browser.is_signed_in().await, "it is the same password: nobody is signed out");
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile");
}

/// Whoever holds a session and reads the mailbox has proven neither the password nor anything of the member's own: a code by
/// mail makes the session no younger.
#[tokio::test]
async fn a_code_by_mail_is_no_sign_in_anew() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let mut thief = app.insert_member("ana").await;
    app.advance(TimeDelta::minutes(6));
    let page = thief.browser.get(&rp.ask().with("prompt", "login").path()).await;
    page.expect_at("/login");
    let request = page.form("/login").value("request").to_owned();
    let page = thief.browser.get(&format!("/login/second?request={request}")).await;
    thief.prove_at(&page).await.expect_at("/login");
    // Nor is it a proof that pages about the account take.
    thief.browser.get("/profile/email").await.expect_at("/login");
    assert!(thief.browser.is_signed_in().await);
}

fn hash(password: &str) -> PasswordHash {
    PasswordHash::make(password, HashCost::LEAST, &mut HashCost::LEAST.memory(), &SystemChance)
}

/// Six digits that the app does not show about now.
fn wrong(member: &Member) -> &'static str {
    let (secret, now) = (member.totp.as_ref().unwrap(), member.browser.app().now());
    ["000000", "111111", "222222", "333333"]
        .into_iter()
        .find(|code| secret.step_of(code, now, None).is_none())
        .expect("the app shows three codes at most")
}
