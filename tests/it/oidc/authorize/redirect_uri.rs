//! Redirect URIs: byte for byte, in every mode and on every way.

use idp_core::authorize::ResponseMode;
use idp_core::client::{ClientDraft, DraftError};
use idp_core::secret::Secret;
use idp_tests::{Answer, App, encoded};

/// Neighbours of `https://rp.test/cb`, none of which is it.
const NEIGHBOURS: [&str; 44] = [
    "https://evilrp.test/cb",
    "https://rp.test.evil.test/cb",
    "https://rp.testevil/cb",
    "https://rp-test/cb",
    "https://rpxtest/cb",
    "https://sub.rp.test/cb",
    "https://rp.test./cb",
    "https://evil.test/https://rp.test/cb",
    "https://evil.test?https://rp.test/cb",
    "https://evil.test#https://rp.test/cb",
    "https://evil.test\\.rp.test/cb",
    "https://rp.test@evil.test/cb",
    "https://rp.test:443@evil.test/cb",
    "https://user@rp.test/cb",
    "https://user:secret@rp.test/cb",
    "https://@rp.test/cb",
    "https://rp.test/cb/../evil",
    "https://rp.test/cb/..;/evil",
    "https://rp.test/./cb",
    "https://rp.test/%2e%2e/cb",
    "https://rp.test/%252e%252e/cb",
    "https://rp.test/%63b",
    "https://rp.test/%2563b",
    "https://rp.test//cb",
    "https://rp.test\\cb",
    "https:/rp.test/cb",
    "https:rp.test/cb",
    "//rp.test/cb",
    "https://rp.test/cb\t",
    "https://rp.test/cb\r\nSet-Cookie: session=x",
    "https://rp.test/c\nb",
    " https://rp.test/cb",
    "https://rp.test/cb ",
    "HTTPS://rp.test/cb",
    "https://RP.test/cb",
    "https://rp.test/CB",
    "https://rp.test/cb/",
    "https://rp.test/cb?",
    "https://rp.test/cb?next=https://evil.test",
    "https://rp.test/cb#",
    "https://rp.test/cb#fragment",
    "https://rp.test:443/cb",
    "http://rp.test/cb",
    "https://r\u{440}.test/cb",
];

#[tokio::test]
async fn s001_a_redirect_uri_that_is_not_registered_is_a_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let mut vectors: Vec<String> = NEIGHBOURS.map(str::to_owned).to_vec();
    vectors.extend(
        ["", "null", "about:blank", "javascript:alert(1)", "data:text/html,x", "/cb", "rp.test/cb"].map(str::to_owned),
    );
    vectors.push(format!("https://rp.test/cb?{}", "a".repeat(3000)));
    for vector in &vectors {
        for mode in ResponseMode::NAMES {
            let ask = rp.ask().with("redirect_uri", vector).with("response_mode", mode);
            let page = app.unchanged(ana.browser.get(&ask.path())).await;
            page.expect_error(400, "invalid_request");
            // The same for requests that would be refused anyhow, silent ones, and posted ones.
            for (name, value) in [("prompt", "none"), ("response_type", "token"), ("request", "x")] {
                let page = ana.browser.get(&ask.clone().with(name, value).path()).await;
                page.expect_error(400, "invalid_request");
            }
            let fields: Vec<(&str, &str)> =
                ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let page = ana.browser.post_from("https://rp.test", "/authorize", &fields).await;
            page.expect_error(400, "invalid_request");
        }
    }
    let answer = Answer::of(&ana.browser.get(&rp.ask().path()).await);
    assert_eq!(answer.address, "https://rp.test/cb", "the exact one passes");
}

#[tokio::test]
async fn a_redirect_uri_must_be_sent_even_where_one_is_registered() {
    let app = App::start().await;
    let one = app.client("one").await;
    let two = app.client("two").redirect_uris(&["https://two.test/a", "https://two.test/b"]).await;
    for rp in [one, two] {
        let page = app.browser().get(&rp.ask().without(&["redirect_uri"]).path()).await;
        page.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn each_of_several_redirect_uris_is_answered_at_itself() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").redirect_uris(&["https://rp.test/a", "https://rp.test/b"]).await;
    for uri in ["https://rp.test/b", "https://rp.test/a"] {
        let ask = rp.ask().with("redirect_uri", uri);
        let answer = rp.authorize(&mut ana, &ask).await;
        assert_eq!(answer.address, uri);
        rp.exchange(&ask, answer.code()).await.expect(200);
    }
}

#[tokio::test]
async fn a_registered_query_is_kept_and_no_other_is_accepted() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").redirect_uris(&["https://rp.test/cb?bar=foo"]).await;
    let answer = rp.authorize(&mut ana, &rp.ask()).await;
    assert_eq!((answer.address.as_str(), answer.get("bar")), ("https://rp.test/cb", "foo"));
    for other in ["https://rp.test/cb", "https://rp.test/cb?bar=fooo", "https://rp.test/cb?bar=foo&x=y"] {
        let page = ana.browser.get(&rp.ask().with("redirect_uri", other).path()).await;
        page.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn s002_only_the_port_of_a_native_loopback_address_may_vary() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("app").native().await;
    for uri in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:51234/cb",
        "http://[::1]:65535/cb",
        "th.go.moc.app:/cb",
    ] {
        let ask = rp.ask().with("redirect_uri", uri);
        let answer = rp.authorize(&mut ana, &ask).await;
        assert_eq!(answer.address, uri);
        rp.exchange(&ask, answer.code()).await.expect(200);
    }
    for uri in [
        "http://localhost/cb",
        "http://localhost:80@evil.test/cb",
        "http://127.0.0.1:80@evil.test/cb",
        "http://127.0.0.1@evil.test/cb",
        "http://127.1/cb",
        "http://0x7f.1/cb",
        "http://0x7f000001/cb",
        "http://2130706433/cb",
        "http://127.0.0.2/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:99999999999999999999/cb",
        "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:80/other",
        "http://127.0.0.1:80/cb/",
        "http://127.0.0.1:80/cb?x=1",
        "http://127.0.0.1:80/cb#x",
        "http://127.0.0.1:80\\@evil.test/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "https://127.0.0.1/cb",
        "th.go.moc.app:/cb/x",
        "th.go.moc.app://cb",
        "th.go.moc.app:/cb?x",
    ] {
        let page = app.unchanged(ana.browser.get(&rp.ask().with("redirect_uri", uri).path())).await;
        assert_eq!((page.status.as_u16(), page.away.as_deref()), (400, None), "{uri}");
    }
}

#[tokio::test]
async fn the_port_of_a_web_clients_loopback_address_may_not_vary() {
    let app = App::start().await;
    let rp = app.client("rp").redirect_uris(&["http://127.0.0.1:8081/cb"]).await;
    let page = app.browser().get(&rp.ask().with("redirect_uri", "http://127.0.0.1:8082/cb").path()).await;
    page.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn s004_no_dangerous_uri_can_be_registered() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    for uri in [
        "javascript:alert(1)//https://rp.test/cb",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "vbscript:x",
        "blob:https://rp.test/x",
        "about:blank",
        "https://*.rp.test/cb",
        "https://rp.test/*",
        "https://user@rp.test/cb",
        "https://rp.test/cb#fragment",
        "http://rp.test/cb",
        "http://localhost.evil.test/cb",
        "app:/cb",
        "//rp.test/cb",
        "",
    ] {
        for after_logout in [false, true] {
            let errors = draft(&rp.client, uri, after_logout).accept(&Secret::presented("x"), app.now()).unwrap_err();
            let named = |error: &DraftError| matches!(error, DraftError::RedirectUri { .. } | DraftError::NotNative(_));
            assert!(errors.iter().any(named), "{uri}: {errors:?}");
        }
    }
}

fn draft(client: &idp_core::client::Client, uri: &str, after_logout: bool) -> ClientDraft {
    let (first, second) = ("https://rp.test/cb".to_owned(), uri.to_owned());
    ClientDraft {
        name: client.name.clone(),
        owner: client.owner.clone(),
        purpose: client.purpose.clone(),
        kind: client.kind,
        authentication_method: client.authentication.method().to_owned(),
        redirect_uris: if after_logout { vec![first.clone()] } else { vec![first.clone(), second.clone()] },
        post_logout_redirect_uris: if after_logout { vec![second] } else { Vec::new() },
        scopes: client.scopes,
        refresh_tokens: true,
        membership: client.membership,
        consent: client.consent,
        public_subject: true,
        pkce: client.pkce,
        id_token_algorithm: client.id_token_algorithm,
        ..ClientDraft::new(client.id.clone())
    }
}

#[tokio::test]
async fn s011_nothing_in_a_request_leads_to_another_site() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let evils =
        ["//evil.test", "/\\evil.test", "/%5cevil.test", "/%09/evil.test", "https:evil.test", "https://evil.test"];
    for evil in evils {
        for name in ["next", "return_to", "request", "redirect_uri", "continue", "url", "post_logout_redirect_uri"] {
            let query = encoded(&[(name, evil)]);
            for path in [
                "/",
                "/login",
                "/register",
                "/welcome",
                "/verify",
                "/verify/done",
                "/profile",
                "/signout",
                "/terms",
                "/logout",
                "/recover",
                "/recover/set",
                "/not-me",
                "/profile/email/undo",
                "/staff/invitation",
            ] {
                let page = ana.browser.get(&format!("{path}?{query}")).await;
                assert_eq!(page.away, None, "{path}?{query}");
            }
            let mut stranger = ana.elsewhere();
            let page = stranger.browser.get(&format!("/login?{query}")).await;
            let page = stranger.sign_in_at(&page).await;
            assert_eq!((page.away.as_deref(), page.place()), (None, "/profile"), "{query}");
        }
        let page = ana.browser.get("/profile").await;
        let page = ana.browser.submit(page.form("/language").with("lang", "th").with("return_to", evil)).await;
        assert_eq!(page.away, None, "{evil}");
    }
}
