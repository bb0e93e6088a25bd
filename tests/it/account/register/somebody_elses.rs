//! A registration with an address that is somebody else's: it takes nothing from its owner, now or later.

use idp_tests::{App, Letter, PASSWORD, filled_details};

use super::{at_code, at_details};

const VICTIM: &str = "victim@mail.example";
const GUESS: &str = "a password the attacker has chosen";

#[tokio::test]
async fn s076_an_address_that_is_taken_gives_nothing_in_whatever_letters() {
    let app = App::start().await;
    let mut owner = app.insert_member("victim").await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut owner).await;
    let before = owner.account().await;
    for typed in [VICTIM, "VICTIM@mail.example", "Victim@Mail.Example", " victim@mail.example "] {
        let (mut attacker, page) = at_code(&app, typed).await;
        // The mailbox's owner hears of it, and no code exists that could be guessed.
        let letters = app.letters_to(VICTIM).await;
        assert!(!letters.iter().any(|letter| matches!(letter, Letter::ConfirmEmail { .. })));
        attacker.submit(page.form("/register/code").with("code", "000000")).await;
        assert_eq!(attacker.get("/register/details").await.place(), "/register/code");
        assert!(!attacker.is_signed_in().await);
    }
    assert_eq!(app.store.row_count("accounts").await.unwrap(), 1);
    // Letters that only look alike are no address at all.
    for alike in ["vіctim@mail.example", "victim@mаil.example", "ｖictim@mail.example", "vıctim@mail.example"] {
        let (mut attacker, page) = super::at_email(&app).await;
        let page = attacker.submit(page.form("/register/email").with("email", alike)).await;
        assert_eq!(page.status, 422, "{alike}");
    }
    // Nor does the address count for anything where something else is asked for.
    let (mut attacker, page) = at_details(&app, "attacker@mail.example").await;
    let form = filled_details(page.form("/register/details"));
    let form = form.with("organization", VICTIM).with("department", VICTIM).with("position", VICTIM);
    assert_eq!(attacker.submit(form.with("password", GUESS)).await.place(), "/welcome");
    let mut stranger = app.browser();
    let page = stranger.get("/login").await;
    let page = stranger.submit(page.form("/login").with("username", VICTIM).with("password", GUESS)).await;
    assert_ne!(page.place(), "/profile");

    let after = owner.account().await;
    assert_eq!((after.account.id, after.account.updated_at), (before.account.id, before.account.updated_at));
    assert!(owner.browser.is_signed_in().await);
    rp.refreshed(&tokens).await;
    assert_eq!(owner.elsewhere().sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn s077_whoever_registers_first_without_the_mailbox_leaves_nothing_for_later() {
    let app = App::start().await;
    // The attacker comes first, goes as far as it goes, and keeps the browser.
    let (mut attacker, page) = at_code(&app, VICTIM).await;
    let details = attacker.get("/register/details").await;
    assert_eq!(details.place(), "/register/code", "no step is skipped");
    for guess in ["000000", "111111"] {
        attacker.submit(page.form("/register/code").with("code", guess)).await;
    }
    assert_eq!(app.store.row_count("accounts").await.unwrap(), 0);
    assert_eq!(app.store.row_count("sessions").await.unwrap(), 0);

    // The victim registers in the ordinary way.
    let (mut victim, details) = at_details(&app, VICTIM).await;
    assert_eq!(victim.submit(filled_details(details.form("/register/details"))).await.place(), "/welcome");
    let id = app.store.account_by_email(VICTIM).await.unwrap().unwrap().account.id;

    // What the attacker holds opens nothing: not the browser, not the registration, not a password.
    assert!(!attacker.is_signed_in().await);
    assert_eq!(attacker.get("/register/details").await.place(), "/register/code");
    let code = app.mailed_code(VICTIM).await;
    attacker.submit(page.form("/register/code").with("code", &code)).await;
    assert!(!attacker.is_signed_in().await, "the victim's code is for the victim's registration");
    let page = attacker.get("/login").await;
    let page = attacker.submit(page.form("/login").with("username", VICTIM).with("password", GUESS)).await;
    assert_eq!(page.place(), "/login");
    for table in ["accounts", "sessions", "known_devices"] {
        assert_eq!(app.store.row_count(table).await.unwrap(), 1, "{table}: the victim's alone");
    }
    for table in ["grants", "consents", "links", "identities"] {
        assert_eq!(app.store.row_count(table).await.unwrap(), 0, "{table}");
    }
    assert_eq!(app.store.account_by_email(VICTIM).await.unwrap().unwrap().account.id, id);
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    let page = browser.submit(page.form("/login").with("username", VICTIM).with("password", PASSWORD)).await;
    assert_eq!(page.place(), "/profile");
}
