//! What a client wishes and never must: `login_hint`, `ui_locales`, `display`, `acr_values`.

use idp_tests::App;

#[tokio::test]
async fn ui_locales_choose_the_first_language_we_speak() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for (wish, lang) in [
        ("en", "en"),
        ("th", "th"),
        ("th-TH en", "th"),
        ("fr en-GB th", "en"),
        ("EN", "en"),
        ("se", "th"),
        ("x-klingon  de", "th"),
        ("<script>", "th"),
    ] {
        let mut browser = app.browser();
        let page = browser.get(&rp.ask().with("ui_locales", wish).path()).await;
        assert_eq!((page.place(), page.attribute("html", "lang").as_deref()), ("/login", Some(lang)), "{wish}");
        // It holds on the pages that follow.
        assert_eq!(browser.get("/terms").await.attribute("html", "lang").as_deref(), Some(lang));
    }
}

#[tokio::test]
async fn without_ui_locales_the_browser_is_asked() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    browser.language = "en-US,en;q=0.9,th;q=0.1".to_owned();
    let page = browser.get(&rp.ask().path()).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
}

#[tokio::test]
async fn a_login_hint_fills_in_the_address_and_nothing_else() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let shown = async |hint: &str| {
        let page = app.browser().get(&rp.ask().with("login_hint", hint).path()).await;
        assert_eq!(page.place(), "/login", "{hint}");
        page.attribute("#username", "value").unwrap()
    };
    assert_eq!(shown("ana@mail.example").await, "ana@mail.example");
    for stranger in ["buffy", "โทร 02 000 0000 เพื่อรับสิทธิ์", "\"><script>alert(1)</script>", &"a".repeat(4000)]
    {
        assert_eq!(shown(stranger).await, "");
    }
}

#[tokio::test]
async fn other_wishes_are_taken_without_an_error() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    for (name, value) in [
        ("display", "page"),
        ("display", "popup"),
        ("display", "touch"),
        ("display", "hologram"),
        ("acr_values", "1 2"),
        ("acr_values", "https://account.moc.go.th/acr/aal1"),
        ("claims_locales", "se"),
        ("login_hint", "somebody@else.example"),
    ] {
        let tokens = rp.sign_in_with(&mut ana, rp.ask().with(name, value)).await;
        assert_eq!(tokens.id.text("acr"), "https://account.moc.go.th/acr/aal1", "{name}={value}");
    }
}

#[tokio::test]
async fn the_page_names_the_service_that_is_signed_in_to() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let page = app.browser().get(&rp.ask().path()).await;
    assert!(page.text(".strip").contains("บริการทดสอบ"), "{}", page.text(".strip"));
    let page = app.browser().get(&rp.ask().with("ui_locales", "en").path()).await;
    assert!(page.text(".strip").contains("Test service"));
}
