//! Sessions and their cookies.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use idp_core::secret::Secret;
use idp_tests::{App, Browser, Member};

async fn set_cookies(browser: &mut Browser, path: &str) -> Vec<String> {
    let reply = browser.look(path).await;
    reply.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// The cookies written by a sign-in.
async fn sign_in_cookies(member: &mut Member) -> Vec<String> {
    let page = member.browser.get("/login").await;
    let form = page.form("/login").with("username", &member.email).with("password", &member.password);
    let reply = member.browser.press(&form).await.expect(303);
    reply.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_session_lasts_twelve_hours_however_busy() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..24 {
        assert!(ana.browser.is_signed_in().await);
        app.advance(TimeDelta::minutes(29));
    }
    assert!(ana.browser.is_signed_in().await);
    app.advance(TimeDelta::minutes(23) + TimeDelta::seconds(59));
    assert!(ana.browser.is_signed_in().await, "a second before the twelve hours are over");
    app.advance(TimeDelta::seconds(1));
    assert!(!ana.browser.is_signed_in().await);
    let rp = app.client("rp").await;
    assert_eq!(rp.ask_silently(&mut ana.browser).await.error(), "login_required");
}

#[tokio::test]
async fn a_session_ends_after_thirty_minutes_without_a_request() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.advance(TimeDelta::minutes(29) + TimeDelta::seconds(59));
    assert!(ana.browser.is_signed_in().await);
    app.advance(TimeDelta::minutes(30));
    assert!(!ana.browser.is_signed_in().await);
    // Coming again does not wake it up.
    assert!(!ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn single_sign_on_keeps_a_session_awake() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").first_party().await;
    for _ in 0..4 {
        app.advance(TimeDelta::minutes(20));
        assert_eq!(rp.ask_silently(&mut ana.browser).await.error(), "");
    }
}

#[tokio::test]
async fn s049_the_cookie_and_the_sid_are_new_at_every_sign_in() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    let old = ana.browser.clone();
    app.advance(TimeDelta::seconds(5));
    let second = rp.sign_in_with(&mut ana, rp.ask().with("prompt", "login")).await;
    assert_ne!(first.id.text("sid"), second.id.text("sid"));
    assert_ne!(old.cookie("session"), ana.browser.cookie("session"));
    assert!(!old.clone().is_signed_in().await, "the cookie from before is worth nothing");
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn s049_a_cookie_planted_before_the_sign_in_is_replaced() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let planted = Secret::make(&*app.chance).reveal().to_owned();
    for name in ["session", "browser", "device"] {
        ana.browser.cookies.insert(name.to_owned(), planted.clone());
    }
    ana.sign_in().await;
    assert!(ana.browser.is_signed_in().await);
    assert_ne!(ana.browser.cookie("session"), Some(planted.as_str()));
    let mut attacker = app.browser();
    for name in ["session", "browser", "device"] {
        attacker.cookies.insert(name.to_owned(), planted.clone());
    }
    assert!(!attacker.is_signed_in().await);
}

#[tokio::test]
async fn s049_a_forged_cookie_is_no_session() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let cookie = ana.browser.cookie("session").unwrap().to_owned();
    let made = Secret::make(&*app.chance);
    for forged in [
        made.reveal(),
        &cookie[1..],
        &format!("{cookie}A"),
        &format!("{}A", &cookie[..42]),
        &cookie.to_lowercase(),
        &ana.id.to_string(),
        "",
        "x",
        "' OR 1=1 --",
        &"A".repeat(43),
        &"A".repeat(4096),
    ] {
        if forged == cookie {
            continue;
        }
        let mut browser = app.browser();
        browser.cookies.insert("session".to_owned(), forged.to_owned());
        assert!(!browser.is_signed_in().await, "{forged}");
    }
}

#[tokio::test]
async fn s050_cookies_carry_every_protection_on_https() {
    let app = App::start_on_https().await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let mut lines = set_cookies(&mut ana.browser, "/login").await;
    lines.extend(sign_in_cookies(&mut ana).await);
    let names: Vec<&str> = lines.iter().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names, ["__Host-browser", "__Host-session", "__Host-device"]);
    for line in &lines {
        let attributes: Vec<String> = line.split(';').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect();
        for attribute in ["secure", "httponly", "path=/", "samesite=lax"] {
            assert!(attributes.iter().any(|found| found == attribute), "{attribute} is missing in {line}");
        }
        assert!(!attributes.iter().any(|found| found.starts_with("domain")), "{line}");
    }
    let session = lines.iter().find(|line| line.starts_with("__Host-session")).unwrap();
    assert!(!session.to_ascii_lowercase().contains("max-age") && !session.to_ascii_lowercase().contains("expires"));
}

#[tokio::test]
async fn s050_a_cookie_of_a_subdomain_or_of_plain_http_is_not_read() {
    let app = App::start_on_https().await;
    let ana = app.insert_member("ana").await;
    let secret = ana.browser.cookie("session").unwrap().to_owned();
    for name in ["session", "__Secure-session", "__host-session", "__Host-session2", "__Host-", " __Host-session"] {
        let mut browser = app.browser();
        browser.cookies.insert(name.to_owned(), secret.clone());
        let read = name.trim() == "__Host-session";
        assert_eq!(browser.is_signed_in().await, read, "{name}");
    }
    // Two of the same name: somebody planted one; neither counts.
    let cookie = format!("__Host-session={secret}; __Host-session={secret}");
    let request = Request::get("/profile").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    app.send(request).await.expect(303);
}

#[tokio::test]
async fn s050_a_session_is_read_from_its_cookie_alone() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let secret = ana.browser.cookie("session").unwrap();
    for path in [
        format!("/profile?session={secret}"),
        format!("/profile;session={secret}"),
        format!("/profile?__Host-session={secret}&sid={secret}"),
    ] {
        let reply = app.get(&path).await;
        assert_ne!(reply.status, 200, "{path}");
    }
    for name in ["session", "x-session", "x-session-id"] {
        let request = Request::get("/profile").header(name, secret).body(Body::empty()).unwrap();
        app.send(request).await.expect(303);
    }
    let request = Request::get("/profile").header(header::AUTHORIZATION, format!("Bearer {secret}"));
    app.send(request.body(Body::empty()).unwrap()).await.expect(303);
}

#[tokio::test]
async fn s053_the_next_person_at_a_device_gets_nothing_of_the_first() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let bo = app.insert_member("bo").await;
    let rp = app.client("rp").await;
    let anas = rp.sign_in(&mut ana).await;
    // Ana leaves and the cookies are dropped; Bo sits down at the same browser.
    let mut there = Member { browser: ana.browser.clone(), ..bo.clone() };
    there.browser.forget_cookies();
    let bos = rp.sign_in(&mut there).await;
    for claim in ["sub", "sid"] {
        assert_ne!(anas.id.claims[claim], bos.id.claims[claim], "{claim}");
    }
    assert_eq!(rp.claims(&bos).await["email"], "bo@mail.example");
}

#[tokio::test]
async fn s053_signing_in_over_somebody_elses_session_ends_it() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let bo = app.insert_member("bo").await;
    let rp = app.client("rp").await;
    let anas = rp.sign_in(&mut ana).await;
    let cookie_before = ana.browser.clone();
    app.advance(TimeDelta::seconds(5));
    let mut there = Member { browser: ana.browser.clone(), ..bo.clone() };
    let page = there.browser.get(&rp.ask().with("prompt", "select_account").path()).await;
    there.sign_in_at(&page).await;
    assert!(!cookie_before.clone().is_signed_in().await);
    rp.userinfo(&anas.access).await.expect(401);
    rp.refresh(&anas.refresh, None).await.expect_token_error("invalid_grant");
    let bos = rp.sign_in(&mut there).await;
    assert_eq!(rp.claims(&bos).await["email"], "bo@mail.example");
}

#[tokio::test]
async fn sessions_survive_a_restart() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let before = rp.sign_in(&mut ana).await;
    let app = app.restart().await;
    ana.browser.visit(&app);
    let after = rp.at(&app).sign_in_with(&mut ana, rp.ask().with("prompt", "none")).await;
    assert_eq!(before.id.text("sid"), after.id.text("sid"));
}

#[tokio::test]
async fn every_page_is_kept_from_frames_caches_and_strange_scripts() {
    for app in [App::start().await, App::start_on_https().await] {
        let ana = app.insert_member("ana").await;
        let nobody = app.browser();
        for (browser, path) in [
            (&nobody, "/login"),
            (&ana.browser, "/profile"),
            (&nobody, "/authorize"),
            (&nobody, "/nowhere"),
            (&nobody, "/signout"),
        ] {
            let reply = browser.clone().look(path).await;
            let policy = reply.header("content-security-policy");
            for rule in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
                assert!(policy.contains(rule), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            // A service may open the way to it in a window, and hear from that window afterwards.
            let opener = if ["/profile", "/nowhere"].contains(&path) { "same-origin" } else { "unsafe-none" };
            assert_eq!(reply.header("cross-origin-opener-policy"), opener, "{path}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert_eq!(reply.header("x-frame-options"), "DENY");
            assert_eq!(reply.header("referrer-policy"), "same-origin");
            assert_eq!(reply.header("cache-control"), "no-store", "{path}");
            let strict = reply.header("strict-transport-security").contains("max-age=31536000");
            assert_eq!(strict, app.issuer().starts_with("https"), "{path}");
        }
    }
}
