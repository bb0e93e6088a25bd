//! Auth.js, with the settings of `docs/integrate/authjs.md`.

use idp_tests::{Client, OpenAir, Service, documented};

use super::service::{promises, refused, register};

/// Runs a service on the settings of the page, and has it keep what the page promises.
async fn run(air: &OpenAir, rp: Client, port: u16, more: &[(&str, &str)]) -> Service {
    let (base, text) = (format!("http://127.0.0.1:{port}"), port.to_string());
    let mut settings =
        vec![("MOC_ISSUER", air.app.issuer()), ("MOC_CLIENT_ID", rp.id()), ("BASE_URL", &base), ("PORT", &text)];
    settings.extend(more);
    let page = documented("authjs.md", "// auth.config.js");
    let service = include_str!("../../parties/authjs/service.mjs");
    let files = [("service.mjs", service), ("auth.config.mjs", page.as_str())];
    let service = Service::node("authjs", port, &files, &settings).await;
    promises(&air.app, &base).await;
    service
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_the_authjs_page_keep_its_promises() {
    let air = OpenAir::start().await;
    let port = Service::reserve();
    let base = format!("http://127.0.0.1:{port}");
    let rp = register(&air.app, "authjs", &base, "/api/auth/callback/moc").await;
    let secret = rp.secret.reveal().to_owned();
    let service = run(&air, rp, port, &[("MOC_CLIENT_SECRET", &secret)]).await;
    let page = refused(&air.app, &base).await;
    assert_eq!(page.url.query_pairs().find(|(name, _)| name == "error").unwrap().1, "OAuthCallbackError", "{page:?}");
    assert!(service.log().contains("OAuthCallbackError"), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authjs_proves_itself_by_its_key() {
    let air = OpenAir::start().await;
    let port = Service::reserve();
    let base = format!("http://127.0.0.1:{port}");
    let (callback, home, keys) =
        (format!("{base}/api/auth/callback/moc"), format!("{base}/bye"), format!("{base}/keys"));
    let rp = air.app.client("authjs").redirect_uris(&[&callback]).with(|draft| {
        draft.post_logout_redirect_uris = vec![home];
        draft.authentication_method = "private_key_jwt".to_owned();
        draft.jwks_uri = Some(keys);
        // It names the issuer and the token endpoint, both.
        draft.assertion_to_token_endpoint = true;
    });
    run(&air, rp.await, port, &[]).await;
}
