//! `/profile/email`: another address, proven where it is, told where it was, and taken back from there.

use chrono::TimeDelta;
use idp_core::account::Standing;
use idp_tests::{App, Letter, Member, Page};
use tokio::task::JoinSet;

use super::register::at_details;

const NEW: &str = "ana.new@mail.example";

/// Asks for `new`; the page that follows.
async fn ask(member: &mut Member, new: &str) -> Page {
    let page = member.browser.get("/profile/email").await;
    member.browser.submit(page.form("/profile/email").with("email", new)).await
}

/// Changes the address by the code mailed to `new`.
async fn change(app: &App, member: &mut Member, new: &str) -> Page {
    let page = ask(member, new).await;
    page.expect_at("/profile/email/code");
    let code = app.mailed_code(new).await;
    member.browser.submit(page.form("/profile/email/code").with("code", &code)).await
}

/// The path of the newest link that takes a change back, mailed to `address`.
async fn undo_link(app: &App, address: &str) -> String {
    let letters = app.letters_to(address).await;
    let url = letters.into_iter().rev().find_map(|letter| match letter {
        Letter::EmailChanged { undo_url, .. } => Some(undo_url),
        _ => None,
    });
    let url = url.expect("the old address was told");
    url.strip_prefix(app.issuer()).expect("the link is on the configured issuer").to_owned()
}

async fn undo(app: &App, address: &str) -> Page {
    let mut owner = app.browser();
    let page = owner.get(&undo_link(app, address).await).await;
    owner.submit(page.form("/profile/email/undo")).await
}

async fn address_of(member: &Member) -> String {
    member.account().await.account.email.as_str().to_owned()
}

#[tokio::test]
async fn s052_it_is_proven_at_the_new_address_told_at_the_old_and_ends_all_other_sessions() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let other = app.client("other").await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    let theirs = rp.sign_in(&mut elsewhere).await;
    let own = other.sign_in(&mut ana).await;
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.attribute("#change-email", "href").as_deref(), Some("/profile/email"));

    let page = change(&app, &mut ana, NEW).await;
    assert!(page.has("#email-changed"), "{}", page.text("main"));
    assert_eq!(address_of(&ana).await, NEW);
    assert!(ana.browser.is_signed_in().await);
    assert!(!elsewhere.browser.is_signed_in().await);
    rp.refresh(&theirs.refresh, None).await.expect_token_error("invalid_grant");
    // What services receive follows.
    assert_eq!(other.claims(&own).await["email"], NEW);
    let told = app.letters_to(&old).await;
    let Some(Letter::EmailChanged { new_address, .. }) = told.last() else { panic!("{told:?}") };
    assert_eq!(new_address, "an•••@mail.example", "whoever reads the old mailbox learns no address");
    assert!(matches!(app.letters_to(NEW).await.last(), Some(Letter::EmailIsNew { .. })));
    // One signs in with the new address alone.
    assert_ne!(ana.elsewhere().sign_in().await.place(), "/profile");
    ana.email = NEW.to_owned();
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn it_needs_a_proof_of_the_last_five_minutes() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let form = ana.browser.get("/profile/email").await.form("/profile/email").with("email", NEW);
    app.advance(TimeDelta::minutes(6));
    let page = ana.browser.get("/profile/email").await;
    assert_ne!(page.place(), "/profile/email");
    let page = ana.browser.submit(form).await;
    assert_ne!(page.place(), "/profile/email/code", "{}", page.path);
    assert_eq!(app.store.row_count("email_changes").await.unwrap(), 0);
    assert!(app.letters_to(NEW).await.is_empty());
}

#[tokio::test]
async fn s064_an_address_that_somebody_has_is_answered_as_any_other() {
    let app = App::start().await;
    let bob = app.insert_member("bob").await;
    let mut ana = app.insert_member("ana").await;
    let free = ask(&mut ana, "free@mail.example").await;
    app.advance(TimeDelta::minutes(2));
    let taken = ask(&mut ana, &bob.email.to_uppercase()).await;
    let shape = |page: &Page, address: &str| {
        let reference = page.text(".lead");
        let shown = page.html.replace(address, "…").replace(&reference, "…");
        shown.split("csrf").next().unwrap_or_default().len()
    };
    assert_eq!((free.status, free.place()), (taken.status, taken.place()));
    assert_eq!(free.texts("h1"), taken.texts("h1"));
    assert_eq!(free.texts("label"), taken.texts("label"));
    assert_eq!(shape(&free, "free@mail.example").abs_diff(shape(&taken, "BOB@MAIL.EXAMPLE")), 0);
    // The owner hears of it, by no name, and no code was made for them.
    let letters = app.letters_to(&bob.email.to_uppercase()).await;
    assert!(matches!(letters.as_slice(), [Letter::EmailWanted { .. }]), "{letters:?}");
    // And no code fits: of all there are, these few at least.
    for code in ["000000", "123456", "999999"] {
        let page = ana.browser.submit(taken.form("/profile/email/code").with("code", code)).await;
        assert_eq!((page.status.as_u16(), page.place()), (422, "/profile/email/code"));
    }
    assert_eq!(address_of(&bob).await, bob.email);
    assert_eq!(address_of(&ana).await, ana.email);
}

#[tokio::test]
async fn a_wrong_code_is_counted_and_an_old_one_is_spent() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ask(&mut ana, NEW).await;
    let right = app.mailed_code(NEW).await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        let page = ana.browser.submit(page.form("/profile/email/code").with("code", wrong)).await;
        assert_eq!(page.status, 422);
    }
    let page = ana.browser.submit(page.form("/profile/email/code").with("code", &right)).await;
    assert_eq!(page.status, 422, "after five guesses even the right one is worth nothing");
    app.advance(TimeDelta::seconds(61));
    let page = ana.browser.submit(page.form("/profile/email/code/resend")).await;
    let newer = app.mailed_code(NEW).await;
    app.advance(TimeDelta::minutes(11));
    let page = ana.browser.submit(page.form("/profile/email/code").with("code", &newer)).await;
    assert_eq!(page.status, 422);
    assert_eq!(address_of(&ana).await, ana.email);
}

#[tokio::test]
async fn a_change_that_waits_dies_with_another_password_and_belongs_to_its_own_browser() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ask(&mut ana, NEW).await;
    let code = app.mailed_code(NEW).await;
    let form = page.form("/profile/email/code").with("code", &code);
    // In another browser of the same member there is nothing to type a code for.
    let mut elsewhere = ana.elsewhere();
    elsewhere.sign_in().await;
    elsewhere.browser.get("/profile/email/code").await.expect_at("/profile/email");
    let page = ana.browser.get("/profile/password").await;
    let password = page.form("/profile/password").with("current", &ana.password);
    let page = ana.browser.submit(password.with("password", "nine kites over a quiet harbour")).await;
    assert!(page.has("#password-changed"), "{}", page.text("main"));
    ana.browser.submit(form).await.expect_at("/profile/email");
    assert_eq!(address_of(&ana).await, ana.email);
}

#[tokio::test]
async fn ones_own_address_and_what_is_none_are_refused_with_a_reason() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for typed in [&ana.email.to_uppercase(), "ana", "", "ก@mail.example"] {
        let page = app.unchanged(ask(&mut ana, typed)).await;
        assert_eq!(page.status, 422, "{typed}");
        assert!(!page.text("#email-error").is_empty(), "{typed}");
    }
}

#[tokio::test]
async fn the_old_address_takes_it_back_and_sets_a_password() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    change(&app, &mut ana, NEW).await;
    let theirs = rp.sign_in(&mut ana).await;
    let path = undo_link(&app, &old).await;
    let mut owner = app.browser();
    // A mail program that opens links changes nothing.
    let page = app.unchanged(owner.get(&path)).await;
    assert!(page.text(".lead").contains(&old));
    let form = page.form("/profile/email/undo");
    let page = owner.submit(form.clone()).await;
    assert!(page.has("#email-undone"), "{}", page.text("main"));
    assert_eq!(address_of(&ana).await, old);
    assert!(!ana.browser.is_signed_in().await, "everybody is signed out");
    rp.refresh(&theirs.refresh, None).await.expect_token_error("invalid_grant");
    // Recovery has begun: the next page sets a password.
    let set = page.attribute("#email-undone .actions a", "href").unwrap();
    let page = owner.get(&set).await;
    let page = owner.submit(page.form("/recover/set").with("password", "nine kites over a quiet harbour")).await;
    assert!(page.has("#password-set"), "{}", page.text("main"));
    assert_ne!(ana.elsewhere().sign_in().await.place(), "/profile", "the old password is worth nothing");
    // Once.
    app.unchanged(owner.get(&path)).await.expect_error(410, "link_expired");
    app.unchanged(owner.submit(form)).await.expect_error(410, "link_expired");
    // The address that lost it can stop everything until an officer has looked.
    let letters = app.letters_to(NEW).await;
    let Some(Letter::EmailUndone { not_me_url, .. }) = letters.last() else { panic!("{letters:?}") };
    let path = not_me_url.strip_prefix(app.issuer()).unwrap();
    let page = owner.get(path).await;
    owner.submit(page.form("/not-me")).await;
    assert!(matches!(ana.account().await.account.standing, Standing::Frozen { .. }));
}

#[tokio::test]
async fn it_can_be_taken_back_for_seven_days() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    change(&app, &mut ana, NEW).await;
    let mut owner = app.browser();
    let path = undo_link(&app, &old).await;
    let form = owner.get(&path).await.form("/profile/email/undo");
    for token in ["", "short", &"A".repeat(43)] {
        app.unchanged(owner.submit(form.clone().with("token", token))).await.expect_error(410, "link_expired");
    }
    app.advance(TimeDelta::days(7));
    app.unchanged(owner.submit(form)).await.expect_error(410, "link_expired");
    app.store.purge(app.now() + TimeDelta::days(1)).await.unwrap();
    assert_eq!(app.store.row_count("email_changes").await.unwrap(), 0, "and then the old address is forgotten");
    assert_eq!(address_of(&ana).await, NEW);
}

#[tokio::test]
async fn whoever_changed_it_on_cannot_bring_it_back_to_their_own() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    // Somebody with her browser and password changes the address twice.
    change(&app, &mut ana, "thief@mail.example").await;
    app.advance(TimeDelta::minutes(1));
    change(&app, &mut ana, "thief2@mail.example").await;
    let second = undo_link(&app, "thief@mail.example").await;
    assert!(undo(&app, &old).await.has("#email-undone"));
    assert_eq!(address_of(&ana).await, old);
    app.unchanged(app.browser().get(&second)).await.expect_error(410, "link_expired");
}

#[tokio::test]
async fn an_old_address_that_was_registered_anew_is_not_taken_from_its_account() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    change(&app, &mut ana, NEW).await;
    let other = app.member("ana").await;
    assert_ne!(other.id, ana.id);
    let page = undo(&app, &old).await;
    assert!(page.has("#email-undo-frozen"), "{}", page.text("main"));
    assert_eq!(address_of(&other).await, old);
    let account = ana.account().await.account;
    assert_eq!(account.email.as_str(), NEW);
    assert!(matches!(account.standing, Standing::Frozen { .. }), "an officer decides");
}

#[tokio::test]
async fn a_link_that_recovers_the_password_and_lies_in_the_old_mailbox_is_worth_nothing_afterwards() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    let mut thief = app.browser();
    let page = thief.get("/recover").await;
    thief.submit(page.form("/recover").with("email", &old)).await;
    let letters = app.letters_to(&old).await;
    let Some(Letter::RecoverPassword { url, .. }) = letters.last() else { panic!("{letters:?}") };
    let url = url.clone();
    change(&app, &mut ana, NEW).await;
    app.unchanged(thief.get(&url)).await.expect_error(410, "link_expired");
}

#[tokio::test]
async fn s071_its_links_are_on_the_configured_address_whatever_the_request_says() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let old = ana.email.clone();
    let page = ask(&mut ana, NEW).await;
    let code = app.mailed_code(NEW).await;
    let form = page.form("/profile/email/code").with("code", &code);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let request = ana
        .browser
        .request(axum::http::Method::POST, "/profile/email/code")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test;proto=https");
    app.send_from(ana.browser.address, request.body(axum::body::Body::from(body)).unwrap()).await.expect(200);
    assert!(undo_link(&app, &old).await.starts_with("/profile/email/undo?token="));
}

/// Two members with the same wish, and somebody who registers it, at two nodes in the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s076_of_two_members_and_a_registration_one_gets_the_address() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    let rounds: usize = std::env::var("IDP_TEST_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    for round in 0..rounds {
        let wanted = format!("wanted{round}@mail.example");
        let mut forms = Vec::new();
        for (number, node) in [&first, &second].into_iter().enumerate() {
            let mut member = first.insert_member(&format!("m{round}x{number}")).await;
            let page = ask(&mut member, &wanted).await;
            let code = first.mailed_code(&wanted).await;
            member.browser.visit(node);
            forms.push((member.browser.clone(), page.form("/profile/email/code").with("code", &code)));
        }
        let (mut newcomer, page) = at_details(&first, &wanted).await;
        newcomer.visit(if round % 2 == 0 { &first } else { &second });
        forms.push((newcomer, idp_tests::filled_details(page.form("/register/details"))));
        let mut all = JoinSet::new();
        for (mut browser, form) in forms {
            all.spawn(async move { browser.submit(form).await });
        }
        let mut won = 0;
        for page in all.join_all().await {
            match page.status.as_u16() {
                200 => won += 1,
                _ => page.expect_error(409, "already_registered"),
            }
        }
        assert_eq!(won, 1, "round {round}");
        first.advance(TimeDelta::hours(1));
    }
}

// S077, decision 0020: whoever took the account for a moment leaves no factor behind.
#[tokio::test]
async fn s077_taking_it_back_takes_the_factors_along_that_were_added_meanwhile() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (owner, former) = (ana.clone(), ana.email.clone());
    change(&app, &mut ana, "thief@mail.example").await;
    // The thief makes themselves at home: a passkey, then an app, which ends what else was signed in.
    let mut phone = ana.authenticator();
    assert!(ana.add_passkey(&mut phone).await.has(".passkey"));
    assert_eq!(ana.recovery_codes.len(), 10);
    ana.insert_totp().await;
    assert!(app.store.factors(ana.id).await.unwrap().has_strong());
    let page = undo(&app, &former).await;
    let factors = app.store.factors(ana.id).await.unwrap();
    assert_eq!((factors.totp, factors.passkeys, factors.recovery_codes), (None, 0, 0));
    assert_eq!(app.store.row_count("recovery_codes").await.unwrap(), 0);
    let mut thief = owner.elsewhere();
    assert_eq!(thief.sign_in_by_passkey(&mut phone).await.status, 400);
    assert!(!thief.browser.is_signed_in().await);
    let actions: Vec<String> =
        app.store.events_about(ana.id, 9).await.unwrap().into_iter().map(|line| line.action).collect();
    assert!(actions.contains(&"factor.removed".to_owned()), "{actions:?}");
    // The owner is in again, by a new password alone; the one the thief knew is void.
    let mut owner = Member { email: former, ..owner.elsewhere() };
    owner.sign_in().await.expect_at("/login");
    set_password(&mut owner, &page).await;
    owner.sign_in().await.expect_at("/profile");
}

/// Sets the password that the page after taking a change back leads to.
async fn set_password(owner: &mut Member, page: &Page) {
    let set = page.attribute("#email-undone .actions a", "href").expect("it leads to a new password");
    owner.password = "เจ้าของตั้งใหม่เอง 9317".to_owned();
    let page = owner.browser.get(&set).await;
    let form = page.form("/recover/set").with("password", &owner.password);
    assert!(owner.browser.submit(form).await.has("#password-set"));
}

/// The path of the newest link by which a sign-in was not the owner's, mailed to `address`.
async fn sign_in_objection(app: &App, address: &str) -> String {
    let url = app.letters_to(address).await.into_iter().rev().find_map(|letter| match letter {
        Letter::NewSignIn { not_me_url, .. } => Some(not_me_url),
        _ => None,
    });
    url.expect("a new browser is told of").strip_prefix(app.issuer()).unwrap().to_owned()
}

/// The owner has left a mailbox that others read. What lies in it gives nobody a password any more.
#[tokio::test]
async fn s052_what_lies_in_the_old_mailbox_sets_no_password() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let former = ana.email.clone();
    ana.elsewhere().sign_in().await;
    let objection = sign_in_objection(&app, &former).await;
    app.browser().get(&objection).await.expect_at("/not-me");
    change(&app, &mut ana, NEW).await;
    app.unchanged(app.browser().get(&objection)).await.expect_error(410, "link_expired");
}

/// A thief changed the address, and signed in anew so that a letter with a link came to them. Taking the change back takes
/// the link back as well.
#[tokio::test]
async fn s073_what_lies_in_a_thiefs_mailbox_sets_no_password_after_the_change_is_taken_back() {
    let app = App::start().await;
    let mut thief = app.insert_member("ana").await;
    let former = thief.email.clone();
    change(&app, &mut thief, "thief@mail.example").await;
    let mut second = Member { email: "thief@mail.example".to_owned(), ..thief.elsewhere() };
    second.sign_in().await.expect_at("/profile");
    let objection = sign_in_objection(&app, "thief@mail.example").await;
    let page = undo(&app, &former).await;
    app.unchanged(app.browser().get(&objection)).await.expect_error(410, "link_expired");
    let mut owner = Member { email: former, ..thief.elsewhere() };
    set_password(&mut owner, &page).await;
    app.unchanged(app.browser().get(&objection)).await.expect_error(410, "link_expired");
}

/// One proof is worth one code, and not as many as the session lives.
#[tokio::test]
async fn another_code_asks_for_a_young_proof() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ask(&mut ana, NEW).await;
    app.advance(TimeDelta::minutes(6));
    let sent = app.letters_to(NEW).await.len();
    ana.browser.submit(page.form("/profile/email/code/resend")).await.expect_at("/login");
    assert_eq!(app.letters_to(NEW).await.len(), sent);
}

#[tokio::test]
async fn taking_it_back_leaves_the_factors_that_were_there_before() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let (owner, former) = (ana.clone(), ana.email.clone());
    let mut phone = ana.authenticator();
    ana.add_passkey(&mut phone).await;
    app.advance(TimeDelta::seconds(1));
    change(&app, &mut ana, "new@mail.example").await;
    let page = undo(&app, &former).await;
    let factors = app.store.factors(ana.id).await.unwrap();
    assert_eq!((factors.passkeys, factors.recovery_codes), (1, 10));
    let mut owner = Member { email: former, ..owner.elsewhere() };
    set_password(&mut owner, &page).await;
    let page = owner.sign_in().await;
    page.expect_at("/login/second");
    owner.sign_in_by_passkey_at(&page, &mut phone).await.expect_at("/profile");
}
