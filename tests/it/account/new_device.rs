//! The letter about a sign-in with a browser that the account did not know.

use idp_tests::{App, Letter, Member};

async fn notices(app: &App, member: &Member) -> Vec<Letter> {
    let letters = app.letters_to(&member.email).await;
    letters.into_iter().filter(|letter| matches!(letter, Letter::NewSignIn { .. })).collect()
}

fn link(app: &App, letter: &Letter) -> String {
    let Letter::NewSignIn { not_me_url, .. } = letter else { panic!("{letter:?}") };
    not_me_url.strip_prefix(app.issuer()).expect("the link is on the configured issuer").to_owned()
}

#[tokio::test]
async fn s119_a_new_browser_is_told_of_once_with_time_device_and_network() {
    let app = App::start().await;
    let mut ana = app.member("ana").await;
    assert!(notices(&app, &ana).await.is_empty(), "the browser of the registration is no news");
    ana.sign_out().await;
    ana.sign_in().await;
    assert!(notices(&app, &ana).await.is_empty(), "nor is it later");
    let mut elsewhere = ana.elsewhere();
    elsewhere.browser.address = "203.0.113.77".parse().unwrap();
    elsewhere.sign_in().await;
    let told = notices(&app, &ana).await;
    let [Letter::NewSignIn { at, device, network, .. }] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((*at, device.as_str(), network.as_str()), (app.now(), "Chrome, Android", "203.0.113.0/24"));
    elsewhere.sign_out().await;
    elsewhere.sign_in().await;
    assert_eq!(notices(&app, &ana).await.len(), 1, "known from now on");
    // A wrong password is no sign-in.
    let mut stranger = Member { password: "not her password".to_owned(), ..ana.elsewhere() };
    stranger.sign_in().await;
    assert_eq!(notices(&app, &ana).await.len(), 1);
}

#[tokio::test]
async fn s119_not_me_signs_everybody_out_and_leads_to_a_new_password_and_takes_nothing_else() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.permanent("ana").await;
    let mut thief = ana.elsewhere();
    let tokens = rp.sign_in(&mut thief).await;
    let told = notices(&app, &ana).await;
    let path = link(&app, &told[0]);
    let mut owner = app.browser();
    let page = app.unchanged(owner.get(&path)).await;
    let form = page.form("/not-me");
    let page = owner.submit(form.clone()).await;
    assert!(page.has("#sign-in-disputed"), "{}", page.text("main"));
    assert!(!thief.browser.is_signed_in().await && !ana.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    let account = ana.account().await;
    assert!(account.badge().is_some(), "the badge stays");
    assert_eq!(app.store.consents_of(ana.id).await.unwrap().len(), 1, "and so do the services");
    assert_ne!(thief.sign_in().await.place(), "/profile", "the thief's password is void before the owner sets another");
    let set = page.attribute("#sign-in-disputed .actions a", "href").unwrap();
    let page = owner.get(&set).await;
    let page = owner.submit(page.form("/recover/set").with("password", "nine kites over a quiet harbour")).await;
    assert!(page.has("#password-set"));
    assert_ne!(thief.sign_in().await.place(), "/profile", "the thief's password is worth nothing");
    app.unchanged(owner.submit(form)).await.expect_error(410, "link_expired");
    // The thief's browser is a stranger's again: the next sign-in with it is told of.
    thief.password = "nine kites over a quiet harbour".to_owned();
    thief.sign_in().await;
    assert_eq!(notices(&app, &ana).await.len(), 2);
}

#[tokio::test]
async fn of_many_sign_ins_at_once_in_one_new_browser_one_letter_goes_out() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut browser = ana.elsewhere();
    browser.sign_in().await;
    assert_eq!(notices(&app, &ana).await.len(), 1);
    let device = browser.browser.cookie("device").unwrap().to_owned();
    let mut again = ana.elsewhere();
    again.browser.cookies.insert(again.browser.cookie_name("device"), device);
    let all = (0..5).map(|_| {
        let mut one = again.clone();
        tokio::spawn(async move { one.sign_in().await.place().to_owned() })
    });
    for done in all.collect::<Vec<_>>() {
        assert_eq!(done.await.unwrap(), "/profile");
    }
    assert_eq!(notices(&app, &ana).await.len(), 1);
}
