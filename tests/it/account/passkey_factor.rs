//! A passkey as a strong factor: where a member has one, the password alone signs nobody in.

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::session::AuthenticationMethod::Pwd;
use idp_tests::{App, Authenticator, Letter, Member, Page, prove};
use serde_json::json;

/// A member with a passkey and nothing else.
async fn with_passkey(app: &App, name: &str) -> (Member, Authenticator) {
    let mut member = app.insert_member(name).await;
    let mut phone = member.authenticator();
    assert!(member.add_passkey(&mut phone).await.has(".passkey"));
    (member, phone)
}

/// The page of the second factor, in a browser that was never here, after the right password.
async fn half(member: &Member) -> (Member, Page) {
    let mut member = member.elsewhere();
    let page = member.sign_in().await;
    page.expect_at("/login/second");
    (member, page)
}

fn by<'page>(page: &'page Page, kind: &str) -> Option<&'page str> {
    let found = page.html.split("href=\"").find(|part| part.contains(&format!("by={kind}\"")));
    found.and_then(|part| part.split('"').next())
}

#[tokio::test]
async fn where_there_is_a_passkey_the_password_alone_signs_nobody_in() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let (ana, mut phone) = with_passkey(&app, "ana").await;
    let letters = app.letters_to(&ana.email).await.len();
    let (mut ana, page) = half(&ana).await;
    assert!(ana.browser.cookie("session").is_none_or(str::is_empty));
    for path in ["/profile", "/profile/security", "/profile/passkeys", "/profile/password", "/verify"] {
        assert_eq!(ana.browser.get(path).await.place(), "/login", "{path}");
    }
    // Nothing that is typed, and no mailbox, stands for it.
    for by in ["passkey", "mail", "totp"] {
        let form = page.form("/login/passkey").with("by", by).with("code", "123456");
        let form = idp_tests::Form { action: "/login/second".to_owned(), ..form };
        app.unchanged(ana.browser.submit(form)).await.expect_at("/login/second");
        assert!(!ana.browser.is_signed_in().await, "{by}");
    }
    let csrf = page.form("/login/passkey").value("csrf").to_owned();
    ana.browser.post_from(app.issuer(), "/login/second/mail", &[("csrf", &csrf)]).await;
    assert_eq!(app.letters_to(&ana.email).await.len(), letters, "no code is mailed");
    // The browser is asked for one of theirs, by name.
    let page = ana.browser.get("/login/second").await;
    let (options, _) = ana.passkey_question(&page, "/login/passkey").await;
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().map(Vec::len), Some(1), "{options}");
    ana.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/profile");
    assert!(ana.browser.cookie("half").is_none_or(str::is_empty));
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.text("acr"), "https://account.moc.go.th/acr/aal2");
    // On the way to a service the same is asked, and leads back to it.
    let mut elsewhere = ana.elsewhere();
    let page = elsewhere.browser.get(&rp.ask().path()).await;
    let page = elsewhere.sign_in_at(&page).await;
    page.expect_at("/login/second");
    let page = elsewhere.sign_in_by_passkey_at(&page, &mut phone).await;
    assert!(page.away.is_some(), "{}", page.text("main"));
}

#[tokio::test]
async fn which_passkeys_somebody_has_is_told_to_nobody_without_the_password() {
    let app = App::start().await;
    let (ana, _) = with_passkey(&app, "ana").await;
    let (mut ana, page) = half(&ana).await;
    let theirs = page.form("/login/passkey");
    assert_eq!(theirs.value("half"), "yes");
    let mut stranger = ana.elsewhere();
    let login = stranger.browser.get("/login").await;
    let (options, _) = stranger.passkey_question(&login, "/login/passkey").await;
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]));
    for field in ["half", "own"] {
        let form = login.form("/login/passkey").with(field, "yes");
        let form = idp_tests::Form { action: "/login/passkey/options".to_owned(), ..form };
        let options = stranger.browser.press(&form).await.expect(200).json();
        assert_eq!(options["publicKey"]["allowCredentials"], json!([]), "{field}");
    }
    // And once what waited is too old, not here either.
    app.advance(TimeDelta::minutes(11));
    let form = idp_tests::Form { action: "/login/passkey/options".to_owned(), ..theirs };
    let options = ana.browser.press(&form).await.expect(200).json();
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]));
}

#[tokio::test]
async fn a_passkey_that_is_refused_leads_back_to_the_other_ways() {
    let app = App::start().await;
    let (ana, mut phone) = with_passkey(&app, "ana").await;
    let (bo, mut bos) = with_passkey(&app, "bo").await;
    let (mut ana, page) = half(&ana).await;
    // Somebody else's passkey, after this password: neither of the two is signed in.
    let (mut options, form) = ana.passkey_question(&page, "/login/passkey").await;
    options["publicKey"]["allowCredentials"] = json!([]);
    let answer = bos.get(&options).answer();
    let page = app.unchanged(ana.browser.submit(form.with("answer", &answer))).await;
    assert_eq!(page.status, 400);
    assert!(page.has("#second-factor #error-summary") && page.has("#other-ways a"), "{}", page.text("main"));
    assert!(!ana.browser.is_signed_in().await);
    ana.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/profile");
    drop(bo);
}

#[tokio::test]
async fn the_first_strong_factor_comes_with_recovery_codes_and_the_next_ones_leave_them() {
    let app = App::start().await;
    let (mut ana, mut phone) = with_passkey(&app, "ana").await;
    let codes = ana.recovery_codes.clone();
    assert_eq!(codes.len(), 10);
    assert!(ana.browser.get("/profile/security/recovery-codes").await.texts(".codes code").is_empty(), "shown once");
    let page = ana.browser.get("/profile/security").await;
    assert!(page.text("#codes-left").contains("10") && page.text("#own-passkeys").contains('1'));
    // A browser without passkeys takes one.
    let (mut old, page) = half(&ana).await;
    let page = old.browser.get(&by(&page, "recovery-code").expect("it is offered").replace("&amp;", "&")).await;
    prove(&mut old.browser, &page, &codes[0]).await.expect_at("/profile");
    // A second passkey and an app bring none, and kill none.
    ana.recovery_codes.clear();
    ana.add_passkey(&mut phone).await.expect_at("/profile/passkeys");
    assert!(ana.recovery_codes.is_empty());
    let page = ana.browser.get("/profile/security").await;
    assert!(page.text("#codes-left").contains('9'), "{}", page.text("main"));
}

#[tokio::test]
async fn the_codes_go_with_the_last_strong_factor_and_not_before() {
    let app = App::start().await;
    let (mut ana, mut phone) = with_passkey(&app, "ana").await;
    ana.insert_totp().await;
    let remaining = async || app.store.factors(ana.id).await.unwrap().recovery_codes;
    assert_eq!(remaining().await, 10, "those of the passkey stay");
    let mut ana = Member { browser: app.browser(), ..ana.clone() };
    ana.sign_in_by_passkey(&mut phone).await.expect_at("/profile");
    let page = ana.browser.get("/profile/passkeys").await;
    ana.browser.submit(page.form("/profile/passkeys/remove")).await;
    let factors = app.store.factors(ana.id).await.unwrap();
    assert_eq!((factors.passkeys, factors.recovery_codes, factors.has_strong()), (0, 10, true));
    // The app is the last one.
    let page = ana.browser.get("/profile/security/totp/remove").await;
    ana.browser.submit(page.form("/profile/security/totp/remove")).await;
    let factors = app.store.factors(ana.id).await.unwrap();
    assert_eq!((factors.recovery_codes, factors.has_strong()), (0, false));
    assert_eq!(app.store.row_count("recovery_codes").await.unwrap(), 0);
    // And the other way round, the passkey.
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    assert_eq!(app.store.row_count("recovery_codes").await.unwrap(), 10);
    let page = ana.browser.get("/profile/passkeys").await;
    ana.browser.submit(page.form("/profile/passkeys/remove")).await;
    assert_eq!(app.store.row_count("recovery_codes").await.unwrap(), 0);
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile", "the password is enough again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_first_passkeys_at_once_on_two_nodes_one_brings_the_codes_that_count() {
    use idp_core::account::RecoveryCode;
    use idp_core::id::PasskeyId;
    use idp_core::passkey::{CredentialId, CredentialState, Passkey, PasskeyName};
    use idp_store::{FactorChange, PasskeyAdded};
    let app = App::start_on_servers().await;
    let other = app.another_node().await;
    for round in 0..5 {
        let ana = app.insert_member(&format!("ana{round}")).await;
        let kept = app.store.sessions_of(ana.id, app.now(), app.session_limits()).await.unwrap()[0].id;
        let mut tasks = tokio::task::JoinSet::new();
        for turn in 0..8_u8 {
            let store = if turn % 2 == 0 { app.store.clone() } else { other.store.clone() };
            let new = Passkey {
                id: PasskeyId::make(&*app.chance),
                account_id: ana.id,
                credential_id: CredentialId::new(vec![turn, round, 7]).unwrap(),
                name: PasskeyName::parse("a test").unwrap(),
                state: CredentialState { key: "{}".to_owned(), counter: 0, backed_up: false },
                created_at: app.now(),
                last_used_at: None,
            };
            let codes: Vec<_> = RecoveryCode::make_set(&*app.chance).iter().map(|code| code.digest(ana.id)).collect();
            let told = FactorChange {
                account_id: ana.id,
                kept,
                device: None,
                links: Vec::new(),
                events: Vec::new(),
                mails: Vec::new(),
            };
            let now = app.now();
            tasks.spawn(async move { (store.add_passkey(&new, &codes, told, now).await.unwrap(), codes) });
        }
        let done = tasks.join_all().await;
        let mut first = done.iter().filter(|(added, _)| *added == PasskeyAdded::Done { first: true });
        let (_, codes) = first.next().expect("one is the first");
        assert!(first.next().is_none());
        assert_eq!(app.store.factors(ana.id).await.unwrap().recovery_codes, 10);
        assert!(app.store.use_recovery_code(ana.id, &codes[0], app.now(), &[]).await.unwrap());
    }
}

#[tokio::test]
async fn a_session_by_password_is_made_strong_by_passkey_and_comes_back() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let (mut ana, mut phone) = with_passkey(&app, "ana").await;
    app.begin_session(&mut ana, vec![Pwd]).await;
    for path in ["/profile/password", "/profile/email", "/profile/delete", "/profile/security/totp"] {
        assert_eq!(ana.browser.get(path).await.place(), "/login/second", "{path}");
    }
    let page = ana.browser.get("/profile/email").await;
    let (options, _) = ana.passkey_question(&page, "/login/passkey").await;
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().map(Vec::len), Some(1));
    ana.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/profile/email");
    // A service that asks for two factors.
    app.begin_session(&mut ana, vec![Pwd]).await;
    let claims = json!({ "id_token": { "acr": { "essential": true, "value": "https://account.moc.go.th/acr/aal2" } } });
    let page = ana.browser.get(&rp.ask().with("claims", &claims.to_string()).path()).await;
    page.expect_at("/login/second");
    let page = ana.sign_in_by_passkey_at(&page, &mut phone).await;
    assert!(page.away.is_some(), "{}", page.text("main"));
}

#[tokio::test]
async fn the_console_opens_by_passkey_and_not_by_the_password_beside_one() {
    let app = App::start().await;
    let (mut ana, mut phone) = with_passkey(&app, "ana").await;
    app.give_role(&ana, Role::SuperAdmin, None).await;
    app.begin_session(&mut ana, vec![Pwd]).await;
    let page = ana.browser.get("/admin").await;
    page.expect_at("/login/second");
    ana.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/admin");
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in_by_passkey(&mut phone).await.expect_at("/profile");
    assert_eq!(elsewhere.browser.get("/admin").await.status, 200);
}

#[tokio::test]
async fn s074_a_password_recovered_by_mail_is_no_passkey() {
    let app = App::start().await;
    let (ana, mut phone) = with_passkey(&app, "ana").await;
    let mut browser = app.browser();
    let page = browser.get("/recover").await;
    browser.submit(page.form("/recover").with("email", &ana.email)).await;
    let link = app.letters_to(&ana.email).await.into_iter().rev().find_map(|letter| match letter {
        Letter::RecoverPassword { url, .. } => url.strip_prefix(app.issuer()).map(str::to_owned),
        _ => None,
    });
    let page = browser.get(&link.expect("a link was mailed")).await;
    let new = "nine kites over a quiet harbour";
    browser.submit(page.form("/recover/set").with("password", new)).await;
    let mut ana = Member { browser, password: new.to_owned(), ..ana };
    let page = ana.sign_in().await;
    page.expect_at("/login/second");
    assert!(!ana.browser.is_signed_in().await);
    ana.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/profile");
}

#[tokio::test]
async fn s052_a_passkey_that_was_just_made_counts_and_the_session_is_another_one() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let before = ana.browser.cookie("session").unwrap().to_owned();
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    assert_ne!(ana.browser.cookie("session"), Some(before.as_str()), "s049: the session is another one");
    ana.browser.get("/profile/email").await.expect_at("/profile/email");
}
