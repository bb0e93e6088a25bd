//! `/recover`: a forgotten password, by a mailed link.

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use idp_core::account::Standing;
use idp_core::audit::Action;
use idp_tests::{App, Browser, FORM, Letter, Member, PASSWORD, Page, encoded};
use idp_web::account::recover::answer;
use uuid::Uuid;

const NEW: &str = "nine kites over a quiet harbour";

async fn ask(browser: &mut Browser, email: &str) -> Page {
    let page = browser.get("/recover").await;
    browser.submit(page.form("/recover").with("email", email)).await
}

/// The paths of the links that were mailed, the latest last.
async fn links(app: &App, email: &str) -> Vec<String> {
    let path = |url: String| url.strip_prefix(app.issuer()).expect("a link on the configured issuer").to_owned();
    let link = |letter| match letter {
        Letter::RecoverPassword { url, .. } => Some(path(url)),
        _ => None,
    };
    app.letters_to(email).await.into_iter().filter_map(link).collect()
}

async fn link(app: &App, member: &Member) -> String {
    ask(&mut app.browser(), &member.email).await;
    links(app, &member.email).await.pop().expect("a link was mailed")
}

async fn set(browser: &mut Browser, path: &str, password: &str) -> Page {
    let page = browser.get(path).await;
    browser.submit(page.form("/recover/set").with("password", password)).await
}

#[tokio::test]
async fn the_link_sets_a_password_once_and_signs_everybody_out() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    assert_eq!(page.attribute("#forgot", "href").as_deref(), Some("/recover"));
    let page = ask(&mut browser, &format!("  {} ", ana.email.to_uppercase())).await;
    assert!(page.has("#recovery-sent"), "{}", page.text("main"));
    let path = links(&app, &ana.email).await.pop().unwrap();
    // A mail program that opens the link changes nothing.
    let page = app.unchanged(browser.get(&path)).await;
    assert!(page.text("main").contains(&ana.email), "whoever holds several sees which one");
    assert!(ana.browser.is_signed_in().await);
    let form = page.form("/recover/set").with("password", NEW);
    let page = browser.submit(form.clone()).await;
    assert!(page.has("#password-set"), "{}", page.text("main"));
    assert!(!browser.is_signed_in().await, "the link signs nobody in");
    assert!(!ana.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&tokens.access).await.expect(401);
    // The old one is worth nothing, and so is the link.
    assert!(!ana.elsewhere().sign_in().await.place().starts_with("/profile"));
    app.unchanged(browser.get(&path)).await.expect_error(410, "link_expired");
    app.unchanged(browser.submit(form)).await.expect_error(410, "link_expired");
    ana.password = NEW.to_owned();
    assert_eq!(ana.sign_in().await.place(), "/profile");
    let letters = app.letters_to(&ana.email).await;
    assert!(letters.iter().any(|letter| matches!(letter, Letter::PasswordChanged { .. })), "{letters:?}");
    // Whoever had the old password may have signed in anywhere: every browser is a stranger's again.
    assert!(matches!(letters.last(), Some(Letter::NewSignIn { .. })), "{letters:?}");
}

#[tokio::test]
async fn the_sign_in_that_waits_goes_on_afterwards() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await.elsewhere();
    let page = ana.browser.get(&rp.ask().path()).await;
    let forgot = page.attribute("#forgot", "href").unwrap();
    let page = ana.browser.get(&forgot).await;
    ana.browser.submit(page.form("/recover").with("email", &ana.email)).await;
    let path = links(&app, &ana.email).await.pop().unwrap();
    let page = set(&mut ana.browser, &path, NEW).await;
    let login = page.attribute(".actions a", "href").unwrap();
    ana.password = NEW.to_owned();
    let page = ana.browser.get(&login).await;
    assert_eq!(ana.sign_in_at(&page).await.place(), "/consent");
}

#[tokio::test]
async fn s064_an_address_that_nobody_has_is_answered_alike() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let stopped = app.insert_member("stopped").await;
    app.store.suspend(stopped.id, "a test", app.now(), &[], &[]).await.unwrap();
    let mut pages = Vec::new();
    for email in [ana.email.as_str(), stopped.email.as_str(), "nobody@mail.example"] {
        let page = ask(&mut app.browser(), email).await;
        pages.push((page.status, page.text("main")));
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]), "{pages:?}");
    assert!(app.letters_to("nobody@mail.example").await.is_empty());
}

#[tokio::test]
async fn a_link_is_good_for_thirty_minutes_and_dies_with_any_other_change() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let old = link(&app, &ana).await;
    app.advance(TimeDelta::minutes(30));
    app.unchanged(app.browser().get(&old)).await.expect_error(410, "link_expired");
    // Two are on their way; the first that is used ends the other.
    let (one, other) = (link(&app, &ana).await, link(&app, &ana).await);
    assert!(set(&mut app.browser(), &one, NEW).await.has("#password-set"));
    app.unchanged(app.browser().get(&other)).await.expect_error(410, "link_expired");
    // Changed from within as well.
    let third = link(&app, &ana).await;
    let mut ana = Member { password: NEW.to_owned(), ..ana.elsewhere() };
    ana.sign_in().await;
    let page = ana.browser.get("/profile/password").await;
    let form = page.form("/profile/password").with("current", NEW).with("password", PASSWORD);
    assert!(ana.browser.submit(form).await.has("#password-changed"));
    app.unchanged(app.browser().get(&third)).await.expect_error(410, "link_expired");
}

#[tokio::test]
async fn a_link_dies_with_every_change_of_what_the_account_signs_in_with() {
    for what in ["app", "passkey", "codes", "suspended", "frozen", "deleting", "at rest"] {
        let app = App::start().await;
        let mut ana = app.insert_member("ana").await;
        if what == "codes" {
            ana.insert_totp().await;
            app.prove_strongly(&mut ana).await;
        }
        let path = link(&app, &ana).await;
        app.browser().get(&path).await.expect_at("/recover/set");
        let (store, now) = (&app.store, app.now());
        match what {
            "app" => ana.insert_totp().await,
            "passkey" => {
                let mut phone = ana.authenticator();
                assert!(ana.add_passkey(&mut phone).await.has(".passkey"));
            }
            "codes" => {
                let page = ana.browser.get("/profile/security/recovery-codes").await;
                ana.browser.submit(page.form("/profile/security/recovery-codes")).await;
            }
            "suspended" => assert!(store.suspend(ana.id, "a test", now, &[], &[]).await.unwrap()),
            "frozen" => assert!(store.freeze(ana.id, now, &[], &[]).await.unwrap()),
            "deleting" => {
                let erase_at = now + TimeDelta::days(30);
                assert!(store.schedule_deletion(ana.id, erase_at, now, &[], &[]).await.unwrap());
            }
            _ => assert!(store.restrict(ana.id, now, &[], &[]).await.unwrap()),
        }
        app.unchanged(app.browser().get(&path)).await.expect_error(410, "link_expired");
    }
}

#[tokio::test]
async fn of_many_uses_at_once_one_sets_the_password() {
    let app = App::start_on_servers().await;
    let ana = app.insert_member("ana").await;
    let path = link(&app, &ana).await;
    let node = app.another_node().await;
    let mut open = Vec::new();
    for number in 0..12 {
        let mut browser = if number % 2 == 0 { app.browser() } else { node.browser() };
        let form = browser.get(&path).await.form("/recover/set").with("password", &format!("{NEW} {number}"));
        open.push((browser, form));
    }
    let sent: Vec<_> = open
        .into_iter()
        .map(|(mut browser, form)| tokio::spawn(async move { browser.submit(form).await.has("#password-set") }))
        .collect();
    let mut set = 0;
    for page in sent {
        set += u32::from(page.await.unwrap());
    }
    assert_eq!(set, 1);
    let changed = |letter: &Letter| matches!(letter, Letter::PasswordChanged { .. });
    assert_eq!(app.letters_to(&ana.email).await.iter().filter(|letter| changed(letter)).count(), 1);
}

#[tokio::test]
async fn s073_a_link_is_about_one_account_and_nothing_happens_without_one() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let ben = app.insert_member("ben").await;
    let mut browser = app.browser();
    let path = link(&app, &ana).await;
    let form = browser.get(&path).await.form("/recover/set").with("password", NEW);
    let before = ben.account().await.account.password.as_str().to_owned();
    // Other names in the form are nobody's.
    let meddled = form.clone().with("username", &ben.email).with("email", &ben.email);
    let mut meddled = meddled;
    meddled.fields.push(("account_id".to_owned(), ben.id.to_string()));
    browser.submit(meddled).await;
    assert_eq!(ben.account().await.account.password.as_str(), before);
    // Neither an empty, a foreign nor a missing token is one.
    let path = link(&app, &ben).await;
    let token = path.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let form = browser.get(&path).await.form("/recover/set").with("password", NEW);
    for bad in ["", "x", &token[1..], &format!("{token}A"), &"A".repeat(43)] {
        app.unchanged(browser.submit(form.clone().with("token", bad))).await.expect_error(410, "link_expired");
        app.unchanged(browser.get(&format!("/recover/set?token={bad}"))).await.expect_error(410, "link_expired");
    }
    app.unchanged(browser.submit(form.clone().without("token"))).await.expect_error(410, "link_expired");
    // A link for another purpose neither.
    let letters = app.letters_to(&ana.email).await;
    let Some(Letter::PasswordChanged { not_me_url, .. }) = letters.last() else { panic!("{letters:?}") };
    let other = not_me_url.split("token=").nth(1).unwrap();
    app.unchanged(browser.get(&format!("/recover/set?token={other}"))).await.expect_error(410, "link_expired");
    assert!(set(&mut browser, &path, NEW).await.has("#password-set"), "and the right one still works");
}

#[tokio::test]
async fn s074_it_lifts_no_bar_and_gives_nothing_else() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let frozen = app.insert_member("frozen").await;
    let mut ended = app.insert_member("ended").await;
    app.store.freeze(frozen.id, app.now(), &[], &[]).await.unwrap();
    let path = link(&app, &frozen).await;
    let mut browser = app.browser();
    assert!(set(&mut browser, &path, NEW).await.has("#password-set"));
    assert!(!browser.is_signed_in().await, "a new password is no sign-in");
    assert!(matches!(frozen.account().await.account.standing, Standing::Frozen { .. }));
    let mut frozen = Member { password: NEW.to_owned(), ..frozen.elsewhere() };
    assert_eq!(frozen.sign_in().await.status, 403);
    app.advance(TimeDelta::days(61));
    let path = link(&app, &ended).await;
    let mut browser = app.browser();
    set(&mut browser, &path, NEW).await;
    assert_eq!(browser.get("/profile").await.place(), "/login");
    ended.password = NEW.to_owned();
    ended.sign_in().await;
    assert!(ended.account().await.account.badge().is_none());
    let page = ended.browser.get(&rp.ask().path()).await;
    assert_eq!(page.place(), "/verify");
}

#[tokio::test]
async fn s071_no_header_shapes_the_link() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    for (name, value) in
        [("host", "evil.test"), ("x-forwarded-host", "evil.test"), ("forwarded", "host=evil.test;proto=https")]
    {
        let mut browser = app.browser();
        let form = browser.get("/recover").await.form("/recover").with("email", &ana.email);
        let request = browser.request(Method::POST, "/recover").header(header::CONTENT_TYPE, FORM).header(name, value);
        let page = app.send(request.body(Body::from(encoded(&form.fields))).unwrap()).await;
        assert!(!page.body.contains("evil.test"), "{name}");
    }
    // The absolute form of a request's target, as it is sent to a proxy.
    let mut browser = app.browser();
    let form = browser.get("/recover").await.form("/recover").with("email", &ana.email);
    let request = browser.request(Method::POST, "http://evil.test/recover").header(header::CONTENT_TYPE, FORM);
    let page = app.send(request.body(Body::from(encoded(&form.fields))).unwrap()).await;
    assert!(
        !page.body.contains("evil.test")
            && !page.headers.values().any(|value| value.as_bytes().starts_with(b"http://evil"))
    );
    let mailed = links(&app, &ana.email).await;
    assert!(!mailed.is_empty() && mailed.iter().all(|path| path.starts_with("/recover/set?token=")), "{mailed:?}");
}

#[tokio::test]
async fn a_weak_password_is_refused_and_the_link_stays_good() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let path = link(&app, &ana).await;
    let mut browser = app.browser();
    for weak in ["", "short", "passwordpassword", &format!("{} 1234", ana.email), &"x".repeat(129)] {
        let page = app.unchanged(set(&mut browser, &path, weak)).await;
        assert_eq!(page.status, 422, "{weak}");
        assert!(
            !page.text("#password-error").is_empty() && !page.html.contains(&format!("\"{weak}\"")) || weak.is_empty()
        );
    }
    assert!(set(&mut browser, &path, NEW).await.has("#password-set"));
}

#[tokio::test]
async fn asking_again_and_again_comes_to_an_end() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    for _ in 0..6 {
        assert!(ask(&mut app.browser(), &ana.email).await.has("#recovery-sent"));
    }
    for email in [ana.email.as_str(), "not an address", ""] {
        let page = ask(&mut app.browser(), email).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.form("/recover").value("email"), email);
    }
    assert_eq!(links(&app, &ana.email).await.len(), 6);
    app.advance(TimeDelta::minutes(61));
    assert!(ask(&mut app.browser(), &ana.email).await.has("#recovery-sent"));
}

#[tokio::test]
async fn the_owner_need_not_wait_out_the_guesses_of_others() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut stranger = app.browser();
    for _ in 0..6 {
        let page = stranger.get("/login").await;
        stranger.submit(page.form("/login").with("username", &ana.email).with("password", "a guess")).await;
    }
    assert_eq!(ana.elsewhere().sign_in().await.status, 429);
    let path = link(&app, &ana).await;
    set(&mut app.browser(), &path, NEW).await;
    let mut ana = Member { password: NEW.to_owned(), ..ana.elsewhere() };
    assert_eq!(ana.sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn whoever_did_not_ask_can_object_to_a_new_password() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let path = link(&app, &ana).await;
    set(&mut app.browser(), &path, NEW).await;
    let letters = app.letters_to(&ana.email).await;
    let Some(Letter::PasswordChanged { not_me_url, at, .. }) = letters.last() else { panic!("{letters:?}") };
    assert_eq!(*at, app.now());
    let mut browser = app.browser();
    let page = app.unchanged(browser.get(not_me_url.strip_prefix(app.issuer()).unwrap())).await;
    assert_eq!(page.text(".lead"), "รหัสผ่านบัญชีของท่านถูกเปลี่ยน");
    assert!(browser.submit(page.form("/not-me")).await.has("#not-me-done"));
    assert!(matches!(ana.account().await.account.standing, Standing::Frozen { .. }));
}

#[tokio::test]
async fn what_happened_is_written_down() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let path = link(&app, &ana).await;
    set(&mut app.browser(), &path, NEW).await;
    let lines = app.store.events_about(ana.id, 100).await.unwrap();
    let count = |action: Action| lines.iter().filter(|line| line.action == action.as_str()).count();
    assert_eq!((count(Action::RecoveryAsked), count(Action::PasswordRecovered)), (1, 1));
}

#[tokio::test]
async fn nothing_that_is_written_before_the_answer_depends_on_who_has_the_address() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut written = Vec::new();
    for email in [ana.email.as_str(), "nobody@elsewhere.example"] {
        let before = app.tables().await;
        ask(&mut app.browser(), email).await;
        let after = app.tables().await;
        let changed = after.into_iter().filter(|(name, digest)| before.get(name) != Some(digest));
        written.push(changed.map(|(name, _)| name).collect::<Vec<_>>());
        // No line about the account either, until the outbox has looked.
        assert!(app.store.events_about(ana.id, 100).await.unwrap().is_empty());
    }
    assert_eq!(written, [["mails"], ["mails"]]);
}

#[tokio::test]
async fn an_asking_that_is_taken_twice_is_answered_once() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    ask(&mut app.browser(), &ana.email).await;
    let lease = TimeDelta::minutes(2);
    let mut taken = app.store.lease_mails(Uuid::from_u128(1), app.now(), lease, 10).await.unwrap();
    // Whoever took it first was slow, or has died.
    taken.extend(app.store.lease_mails(Uuid::from_u128(2), app.now() + lease, lease, 10).await.unwrap());
    assert_eq!(taken.len(), 2);
    for mail in &taken {
        answer::answer(app.provider(), mail).await.unwrap();
    }
    assert_eq!(links(&app, &ana.email).await.len(), 1);
    let lines = app.store.events_about(ana.id, 100).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.action == Action::RecoveryAsked.as_str()).count(), 1);
}
