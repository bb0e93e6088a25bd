//! `/language`: the switch in the head of every page.

use idp_tests::App;

#[tokio::test]
async fn the_switch_leads_back_to_the_same_page_in_the_other_language_and_is_remembered() {
    let app = App::start().await;
    let mut browser = app.browser();
    for path in ["/login", "/register", "/terms", "/privacy"] {
        let page = browser.get(path).await;
        assert_eq!(page.attribute("html", "lang").as_deref(), Some("th"), "{path}");
        let page = browser.submit(page.form("/language").with("lang", "en")).await;
        assert_eq!((page.place(), page.attribute("html", "lang").as_deref()), (path, Some("en")));
        assert_eq!(browser.get("/login").await.text("h1"), "Sign in", "remembered");
        let page = browser.get(path).await;
        browser.submit(page.form("/language").with("lang", "th")).await;
    }
    assert_eq!(browser.get("/login").await.text("h1"), "เข้าสู่ระบบ");
}

#[tokio::test]
async fn a_sign_in_that_waits_survives_the_switch() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    let page = browser.get(&rp.ask().path()).await;
    let request = page.form("/login").value("request").to_owned();
    let page = browser.submit(page.form("/language").with("lang", "en")).await;
    assert_eq!(page.form("/login").value("request"), request);
    assert!(page.text(".strip").contains("Test service"));
}

#[tokio::test]
async fn the_page_of_a_sign_out_stays_with_what_its_service_asked() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let uri = rp.after_logout();
    let path =
        rp.logout_path(&[("client_id", "rp"), ("post_logout_redirect_uri", uri.as_str()), ("state", "s/t?a=b&c")]);
    let page = ana.browser.get(&path).await;
    assert_eq!(page.place(), "/logout", "{}", page.text("main"));
    let page = ana.browser.submit(page.form("/language").with("lang", "en")).await;
    assert_eq!((page.place(), page.attribute("html", "lang").as_deref()), ("/logout", Some("en")));
    assert!(page.text("main").contains("Test service"), "{}", page.text("main"));
    let left = ana.browser.submit(page.form("/signout/confirm")).await;
    assert!(left.has("#signed-out"), "{}", left.text("main"));
}

#[tokio::test]
async fn the_switch_stays_on_a_page_of_the_account_or_the_console() {
    let app = App::start().await;
    app.client("rp").await;
    let mut root = app.insert_staff("root", idp_core::admin::Role::SuperAdmin, None).await;
    for path in
        ["/profile/security", "/profile/history", "/admin", "/admin/clients", "/admin/client/rp/edit", "/admin/audit"]
    {
        for lang in ["en", "th"] {
            let page = root.browser.get(path).await;
            let page = root.browser.submit(page.form("/language").with("lang", lang)).await;
            assert_eq!((page.place(), page.attribute("html", "lang").as_deref()), (path, Some(lang)));
        }
    }
}

#[tokio::test]
async fn letters_follow_the_language_a_member_chose() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/profile").await;
    ana.browser.submit(page.form("/language").with("lang", "en")).await;
    assert_eq!(ana.account().await.language.as_deref(), Some("en"));
}

#[tokio::test]
async fn ui_locales_is_honoured_and_the_visitor_can_switch_afterwards() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    let page = browser.get(&rp.ask().with("ui_locales", "de en-GB th").path()).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
    let page = browser.submit(page.form("/language").with("lang", "th")).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("th"));
}

#[tokio::test]
async fn s011_the_switch_leads_nowhere_outside() {
    let app = App::start().await;
    let mut browser = app.browser();
    let form = browser.get("/login").await.form("/language");
    for elsewhere in [
        "//evil.test",
        "/\\evil.test",
        "/%5cevil.test",
        "/%09/evil.test",
        "https:evil.test",
        "https://evil.test/login",
        "/login?next=//evil.test",
        "/login\r\nSet-Cookie: x=y",
        "javascript:alert(1)",
        "/authorize?client_id=rp",
        "/logout//evil.test",
        "/logout\\?x=y",
        "/logout?x=\\evil.test",
        "/logout?x=y#z",
        "/admin//evil.test",
        "/admin/../login",
        "/admin/client/rp/secret",
        "/admin/client//edit",
        "/admin/trial",
        "/administrator",
        "",
    ] {
        let reply = browser.press(&form.clone().with("return_to", elsewhere)).await.expect(303);
        assert_eq!(reply.header("location"), "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn a_language_we_do_not_speak_is_thai() {
    let app = App::start().await;
    let mut browser = app.browser();
    browser.language = "de-DE,fr;q=0.8".to_owned();
    assert_eq!(browser.get("/login").await.attribute("html", "lang").as_deref(), Some("th"));
    let form = browser.get("/login").await.form("/language").with("lang", "tlh");
    assert_eq!(browser.submit(form).await.attribute("html", "lang").as_deref(), Some("th"));
    browser.language = "\u{fffd}".to_owned();
    assert_eq!(browser.get("/login").await.status, 200);
}
