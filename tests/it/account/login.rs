//! `/login`: one neutral answer to whatever is wrong, guesses that cost time, and a door that the owner's device keeps.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use idp_tests::{App, Browser, Member, PASSWORD, Page};
use url::form_urlencoded;

const BAD: &str = "อีเมลหรือรหัสผ่านไม่ถูกต้อง กรุณาตรวจสอบแล้วลองอีกครั้ง";

async fn sign_in(browser: &mut Browser, username: &str, password: &str) -> Page {
    let page = browser.get("/login").await;
    browser.submit(page.form("/login").with("username", username).with("password", password)).await
}

/// A page with what differs from person to person taken out.
fn anonymous(page: &Page, username: &str) -> String {
    let csrf = page.form("/language").value("csrf").to_owned();
    page.html.replace(&csrf, "…").replace(username, "…")
}

/// Guesses until the answers slow down; returns how many passwords were looked at.
async fn exhaust(browser: &mut Browser, username: &str) -> usize {
    for looked_at in 0..50 {
        if sign_in(browser, username, "a wrong password").await.status == 429 {
            return looked_at;
        }
    }
    panic!("guesses are never slowed down")
}

#[tokio::test]
async fn the_right_password_opens_the_profile() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    for username in ["ana@mail.example", " ANA@Mail.Example "] {
        let page = sign_in(&mut browser, username, PASSWORD).await;
        assert_eq!(page.place(), "/profile");
        assert!(page.text("main").contains(&ana.email));
        let page = browser.get("/signout").await;
        browser.submit(page.form("/signout/confirm")).await;
    }
    // Signed in, the sign-in page has nothing to ask.
    sign_in(&mut browser, &ana.email, PASSWORD).await;
    assert_eq!(browser.get("/login").await.place(), "/profile");
    assert_eq!(browser.get("/").await.place(), "/profile");
}

#[tokio::test]
async fn whatever_is_wrong_is_answered_in_the_same_words_and_the_address_stays() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut pages = Vec::new();
    for (username, password) in [
        (ana.email.as_str(), "a wrong password"),
        ("nobody@mail.example", "a wrong password"),
        ("no address", "a wrong password"),
        (&ana.email, ""),
        (&ana.email, &"x".repeat(129)),
        ("", ""),
    ] {
        let mut browser = app.browser();
        let page = app.unchanged(sign_in(&mut browser, username, password)).await;
        assert_eq!((page.status.as_u16(), page.text("#error-summary").as_str()), (200, BAD));
        assert_eq!(page.form("/login").value("username"), username);
        assert_eq!(page.form("/login").value("password"), "");
        if !username.is_empty() {
            pages.push(anonymous(&page, username));
        }
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]), "s064: nothing tells them apart");
}

#[tokio::test]
async fn s064_guesses_are_slowed_down_alike_for_addresses_that_nobody_has() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let (mut one, mut other) = (app.browser(), app.browser());
    assert_eq!(exhaust(&mut one, &ana.email).await, exhaust(&mut other, "nobody@mail.example").await);
    let known = sign_in(&mut one, &ana.email, "a wrong password").await;
    let unknown = sign_in(&mut other, "nobody@mail.example", "a wrong password").await;
    assert_eq!(known.headers.get("retry-after"), unknown.headers.get("retry-after"));
    assert_eq!(anonymous(&known, &ana.email), anonymous(&unknown, "nobody@mail.example"));
}

#[tokio::test]
async fn a_sixth_guess_waits_and_each_further_one_twice_as_long() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    assert_eq!(exhaust(&mut browser, &ana.email).await, 5);
    let mut waits = Vec::new();
    for _ in 0..12 {
        // Even the right password is not looked at before its time.
        let page = sign_in(&mut browser, &ana.email, PASSWORD).await;
        assert_eq!(page.status, 429);
        assert!(page.text("#error-summary").starts_with("บัญชีถูกระงับการเข้าสู่ระบบชั่วคราว"));
        let wait: i64 = page.headers["retry-after"].to_str().unwrap().parse().unwrap();
        waits.push(wait);
        app.advance(TimeDelta::seconds(wait));
        assert_eq!(sign_in(&mut browser, &ana.email, "a wrong password").await.text("#error-summary"), BAD);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    // The longest wait is a quarter of an hour; then the owner is in, wherever they are.
    app.advance(TimeDelta::minutes(15));
    assert_eq!(sign_in(&mut browser, &ana.email, PASSWORD).await.place(), "/profile");
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones_before_it() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    for _ in 0..3 {
        let mut browser = app.browser();
        for _ in 0..4 {
            sign_in(&mut browser, &ana.email, "a wrong password").await;
        }
        assert_eq!(sign_in(&mut browser, &ana.email, PASSWORD).await.place(), "/profile");
    }
}

#[tokio::test]
async fn the_owners_known_device_is_never_locked_out_by_others() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.sign_out().await;
    let mut attacker = app.browser();
    exhaust(&mut attacker, &ana.email).await;
    // A device that was never here shares the strangers' counter …
    assert_eq!(sign_in(&mut app.browser(), &ana.email, PASSWORD).await.status, 429);
    // … the owner's own does not …
    assert_eq!(ana.sign_in().await.place(), "/profile");
    // … and is no free ticket: its own guesses are counted as well.
    ana.sign_out().await;
    assert_eq!(exhaust(&mut ana.browser, &ana.email).await, 5);
    // Another member's device helps nobody.
    let mut ben = app.insert_member("ben").await;
    ben.sign_out().await;
    assert_eq!(sign_in(&mut ben.browser, &ana.email, PASSWORD).await.status, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s055_of_two_hundred_guesses_at_once_five_are_looked_at() {
    let app = App::start_with(|config| config.throttle.per_origin_per_minute = 100_000).await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    let form = browser.get("/login").await.form("/login").with("username", &ana.email);
    let guesses = (0..200).map(|number| {
        let password = if number == 150 { PASSWORD.to_owned() } else { format!("a wrong password {number}") };
        let (mut browser, form) = (browser.clone(), form.clone().with("password", &password));
        tokio::spawn(async move { browser.submit(form).await })
    });
    let (mut looked_at, mut let_in) = (0, 0);
    for guess in guesses.collect::<Vec<_>>() {
        let page = guess.await.unwrap();
        looked_at += usize::from(page.text("#error-summary") == BAD);
        let_in += usize::from(page.place() == "/profile");
    }
    assert_eq!(looked_at + let_in, 5);
    // Guess 150 is not among the first five that ask, unless all the others were held up: then it was one of the five.
    assert!(let_in <= 1);
    assert_eq!(app.store.row_count("sessions").await.unwrap(), 1 + let_in as u64);
}

#[tokio::test]
async fn one_origin_cannot_try_many_accounts_without_end() {
    let app = App::start_with(|config| config.throttle.per_origin_per_minute = 10).await;
    app.insert_member("ana").await;
    let mut browser = app.browser();
    for number in 0..10 {
        let page = sign_in(&mut browser, &format!("member{number}@mail.example"), "a wrong password").await;
        assert_eq!(page.status, 200);
    }
    let page = sign_in(&mut browser, "ana@mail.example", PASSWORD).await;
    page.expect_error(429, "too_many_requests");
    assert!(page.headers.contains_key("retry-after"));
    assert_eq!(sign_in(&mut app.browser(), "ana@mail.example", PASSWORD).await.place(), "/profile", "another origin");
    app.advance(TimeDelta::seconds(61));
    assert_eq!(sign_in(&mut browser, "ana@mail.example", PASSWORD).await.place(), "/profile");
}

/// A sign-in with a header of the sender's choice.
async fn with_header(app: &App, browser: &Browser, page: &Page, name: &str, value: &[u8], username: &str) -> u16 {
    let form = page.form("/login").with("username", username).with("password", "a wrong password");
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookies.join("; "))
        .header(name, value);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let request = request.body(Body::from(body)).unwrap();
    app.send_from(browser.address, request).await.status.as_u16()
}

#[tokio::test]
async fn s056_what_an_unlisted_peer_writes_about_its_address_changes_nothing() {
    let app = App::start_with(|config| config.throttle.per_origin_per_minute = 20).await;
    app.insert_member("ana").await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    let names = ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip", "cf-connecting-ip"];
    for number in 0..20 {
        let value = match number % 4 {
            0 => format!("198.51.100.{number}"),
            1 => format!("for=198.51.100.{number}"),
            2 => "127.0.0.1, , junk, \u{e000}".to_owned(),
            _ => ",".repeat(5000),
        };
        // Each time another address to sign in with, so that only the origin is counted.
        let username = format!("member{number}@mail.example");
        let status = with_header(&app, &browser, &page, names[number % names.len()], value.as_bytes(), &username).await;
        assert_eq!(status, 200);
    }
    for name in names {
        let status = with_header(&app, &browser, &page, name, b"203.0.113.77", "ana@mail.example").await;
        assert_eq!(status, 429, "{name}");
    }
    // The log tells the address of the socket.
    let mut browser = app.browser();
    browser.get("/login").await;
    let mut ana = app.insert_member("ana2").await.elsewhere();
    ana.sign_in().await;
    let signed_in = app.store.events_about(ana.id, 10).await.unwrap();
    let line = signed_in.iter().find(|line| line.action == "session.signed_in").unwrap();
    assert_eq!(line.origin.as_deref(), Some(&*ana.browser.address.to_string()));
}

#[tokio::test]
async fn a_listed_proxy_is_believed() {
    let app = App::start_with(|config| {
        config.throttle.per_origin_per_minute = 5;
        config.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    for number in 0..20 {
        let (value, username) = (format!("198.51.100.{number}"), format!("member{number}@mail.example"));
        let status = with_header(&app, &browser, &page, "x-forwarded-for", value.as_bytes(), &username).await;
        assert_eq!(status, 200, "each member has an address of their own");
    }
}

#[tokio::test]
async fn s068_nobody_is_signed_in_to_an_account_by_another_site() {
    let app = App::start().await;
    let attacker = app.insert_member("attacker").await;
    let mut prepared = app.browser();
    let token = prepared.get("/login").await.form("/login").value("csrf").to_owned();
    let fields =
        [("csrf", token.as_str()), ("username", attacker.email.as_str()), ("password", attacker.password.as_str())];
    let mut victim = app.browser();
    victim.get("/login").await;
    let page = app.unchanged(victim.post_from("https://evil.test", "/login", &fields)).await;
    page.expect_error(403, "form_expired");
    assert_eq!(victim.cookie("session"), None);
    // From a page of our own, as if it had slipped one in: the token belongs to another browser.
    let form = victim.get("/login").await.form("/login").with("csrf", &token);
    let form = form.with("username", &attacker.email).with("password", &attacker.password);
    app.unchanged(victim.submit(form)).await.expect_error(403, "form_expired");
    assert_eq!(victim.cookie("session"), None);
    // And before anybody proves who they are, the page names the account.
    let mut member = app.insert_member("ana").await;
    for path in ["/verify", "/verify/public"] {
        assert_eq!(member.browser.get(path).await.text(".account .address"), member.email, "{path}");
    }
}

#[tokio::test]
async fn s049_every_sign_in_is_a_session_of_its_own() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    browser.cookies.insert("session".to_owned(), "A".repeat(43));
    sign_in(&mut browser, &ana.email, PASSWORD).await;
    let first = browser.cookie("session").unwrap().to_owned();
    assert_ne!(first, "A".repeat(43), "a session is never taken from the browser");
    let page = browser.get("/login?again=yes").await;
    browser.submit(page.form("/login").with("password", PASSWORD)).await;
    let second = browser.cookie("session").unwrap().to_owned();
    assert_ne!(first, second);
    let mut replay = app.browser();
    replay.cookies.insert("session".to_owned(), first);
    assert!(!replay.is_signed_in().await);
    assert!(browser.is_signed_in().await);
    // Never by URL or header.
    let mut stranger = app.browser();
    assert_eq!(stranger.get(&format!("/profile?session={second}")).await.place(), "/login");
    let request = Request::get("/profile").header("session", &second).header(header::AUTHORIZATION, &second);
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, 303);
}

#[tokio::test]
async fn another_member_in_the_same_browser_gets_nothing_of_the_first() {
    let app = App::start().await;
    let (ana, ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    let mut browser = app.browser();
    sign_in(&mut browser, &ana.email, PASSWORD).await;
    let theirs = browser.cookie("session").unwrap().to_owned();
    let page = browser.get("/login?again=yes").await;
    let form = page.form("/login").with("username", &ben.email).with("password", PASSWORD);
    let page = browser.submit(form).await;
    assert!(page.text("main").contains(&ben.email) && !page.text("main").contains(&ana.email));
    let mut replay = app.browser();
    replay.cookies.insert("session".to_owned(), theirs);
    assert!(!replay.is_signed_in().await, "the first one's session ended");
}

#[tokio::test]
async fn who_must_say_so_again_is_asked_for_the_password_of_the_same_account() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").first_party().await;
    let first = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::minutes(5));
    let ask = rp.ask().with("prompt", "login");
    let page = ana.browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/login");
    assert!(page.text(".gate-form").contains("เพื่อความปลอดภัย กรุณายืนยันรหัสผ่านอีกครั้ง"));
    assert_eq!(page.form("/login").value("username"), ana.email);
    assert!(page.has("#username[readonly]"));
    let page = ana.browser.submit(page.form("/login").with("password", "a wrong password")).await;
    assert_eq!(page.text("#error-summary"), BAD);
    let page = ana.browser.submit(page.form("/login").with("username", &ana.email).with("password", PASSWORD)).await;
    let answer = idp_tests::Answer::of(&page);
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.id.number("auth_time"), app.now().timestamp());
    assert_ne!(tokens.id.text("sid"), first.id.text("sid"));
    assert_eq!(tokens.id.text("sub"), first.id.text("sub"));
}

async fn check_stopped(member: &mut Member) {
    let mut elsewhere = member.elsewhere();
    assert!(!member.browser.is_signed_in().await, "sessions ended at once");
    let page = elsewhere.sign_in().await;
    assert_eq!(page.status, 403);
    assert_eq!(page.text("#error-summary"), "บัญชีของท่านถูกระงับการใช้งาน กรุณาติดต่อเจ้าหน้าที่");
    assert!(!elsewhere.browser.is_signed_in().await);
    // Only who knows the password is told.
    let page = sign_in(&mut elsewhere.browser, &member.email, "a wrong password").await;
    assert_eq!(page.text("#error-summary"), BAD);
}

#[tokio::test]
async fn a_suspended_member_is_told_so_after_the_right_password_alone() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    check_stopped(&mut ana).await;
    app.store.restore(ana.id, None, app.now(), &[], &[]).await.unwrap();
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile");
    app.store.freeze(ana.id, app.now(), &[], &[]).await.unwrap();
    check_stopped(&mut ana).await;
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_of_nothing_and_after_half_a_day_of_anything() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
    assert!(ana.browser.is_signed_in().await);
    app.advance(TimeDelta::minutes(30));
    assert!(!ana.browser.is_signed_in().await, "idle");
    ana.sign_in().await;
    for _ in 0..35 {
        app.advance(TimeDelta::minutes(20));
        assert!(ana.browser.is_signed_in().await);
    }
    app.advance(TimeDelta::minutes(20));
    assert!(!ana.browser.is_signed_in().await, "twelve hours after the password");
}

#[tokio::test]
async fn s062_passwords_are_one_in_every_way_of_writing_them_and_every_byte_counts() {
    let app = App::start().await;
    let composed = "caf\u{e9} na\u{ef}ve d\u{e9}j\u{e0} vu la nuit";
    let decomposed = "cafe\u{301} nai\u{308}ve de\u{301}ja\u{300} vu la nuit";
    let long = "ฝนตกหนักบนหลังคาสังกะสี แล้วแมวก็วิ่งเข้าบ้าน";
    assert!(long.len() > 72);
    for (email, password, typed, other) in [
        ("one@mail.example", composed, decomposed, "caf\u{e9} naive d\u{e9}j\u{e0} vu la nuit"),
        ("two@mail.example", decomposed, composed, "cafe naive deja vu la nuit"),
        ("three@mail.example", long, long, &*long.replace("เข้าบ้าน", "ออกบ้าน")),
    ] {
        let mut browser = app.browser();
        let page = browser.get("/register").await;
        let page = browser.submit(page.form("/register").with("member_type", "public")).await;
        let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
        let page = browser.submit(form).await;
        let page = browser.submit(page.form("/register/email").with("email", email)).await;
        let page = browser.submit(page.form("/register/code").with("code", &app.mailed_code(email).await)).await;
        let form = idp_tests::filled_details(page.form("/register/details")).with("password", password);
        assert_eq!(browser.submit(form).await.place(), "/welcome");
        assert_eq!(sign_in(&mut app.browser(), email, other).await.text("#error-summary"), BAD, "{other:?}");
        assert_eq!(sign_in(&mut app.browser(), email, typed).await.place(), "/profile", "{typed:?}");
    }
}

#[tokio::test]
async fn s062_ten_megabytes_are_refused_unread() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    let page = app.unchanged(sign_in(&mut browser, &ana.email, &"x".repeat(10 << 20))).await;
    page.expect_error(413, "too_large");
}

#[tokio::test]
async fn s050_on_https_every_cookie_belongs_to_this_host_alone() {
    let app = App::start_on_https().await;
    let ana = app.insert_member("ana").await;
    let mut browser = app.browser();
    let form = browser.get("/login").await.form("/login").with("username", &ana.email).with("password", PASSWORD);
    let reply = browser.press(&form).await.expect(303);
    let cookies: Vec<&str> = reply.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|line| line.starts_with("__Host-session=")), "{cookies:?}");
    for line in cookies {
        assert!(line.starts_with("__Host-") && !line.to_ascii_lowercase().contains("domain="), "{line}");
        for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(line.contains(attribute), "{line}");
        }
    }
    assert!(reply.header("strict-transport-security").contains("max-age="));
    // A cookie that a neighbouring host could have set is not ours.
    let session = browser.cookie("session").unwrap().to_owned();
    let mut other = app.browser();
    other.cookies.insert("session".to_owned(), session);
    assert!(!other.is_signed_in().await);
}
