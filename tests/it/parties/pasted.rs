//! What the pages say whose stacks do not run in the tests (Spring, ASP.NET Core, oauth2-proxy, AppAuth): each address and
//! setting of them is held against the provider, and the requests that those libraries send are sent.

use std::collections::BTreeSet;
use std::path::Path;

use idp_tests::{App, Ask, Client, ClientBuilder};
use serde_json::{Value, json};
use url::Url;

/// Where the pages say the provider is.
const PRODUCTION: &str = "https://account.moc.go.th";

fn page(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/integrate").join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Every address of a service in a page.
fn addresses(page: &str) -> BTreeSet<&str> {
    let starts = ["https://events.example.go.th/", "th.go.example.events:/"];
    let found = starts.into_iter().flat_map(|start| page.match_indices(start).map(|(at, _)| &page[at..]));
    found.filter_map(|rest| rest.split(['`', '"', ' ', ')', '\n']).next()).collect()
}

/// A client as `page` asks the administrator for it.
async fn registered(builder: ClientBuilder, page: &str, back: &str, bye: &str) -> Client {
    for address in [back, bye] {
        assert!(address.is_empty() || page.contains(address), "the page does not name {address}");
    }
    let mut rp = builder
        .with(|draft| {
            draft.redirect_uris = vec![back.to_owned()];
            draft.post_logout_redirect_uris = if bye.is_empty() { Vec::new() } else { vec![bye.to_owned()] };
        })
        .await;
    rp.redirect_uri = back.to_owned();
    rp
}

/// The request of a library, for the scopes that `page` names.
fn asks(rp: &Client, page: &str, scopes: &str) -> Ask {
    for scope in scopes.split(' ') {
        assert!(page.contains(scope), "the page does not name {scope}");
    }
    rp.ask().with("scope", scopes)
}

const SCOPES: &str = "openid membership profile email";

#[tokio::test]
async fn every_address_and_claim_of_the_pages_is_one_of_the_providers() {
    let app = App::start().await;
    let metadata = app.get("/.well-known/openid-configuration").await.expect(200).json();
    let ours: BTreeSet<String> = metadata
        .as_object()
        .expect("an object")
        .values()
        .filter_map(|value| Some(value.as_str()?.strip_prefix(app.issuer())?.to_owned()))
        .collect();
    let known = |list: &str, name: &str| metadata[list].as_array().is_some_and(|all| all.contains(&json!(name)));
    for name in ["spring-boot.md", "aspnet-core.md", "oauth2-proxy.md", "appauth.md"] {
        let text = page(name);
        assert!(text.contains(PRODUCTION), "{name} says where the provider is");
        // In a query it is encoded.
        for whole in [text.clone(), text.replace("%3A", ":").replace("%2F", "/")] {
            for (at, _) in whole.match_indices(PRODUCTION) {
                let path = whole[at + PRODUCTION.len()..].split(['`', '"', ' ', ')', '\n', ';', ',']).next();
                let path = path.unwrap_or_default();
                assert!(path.is_empty() || ours.contains(path), "{name}: {path} is no endpoint");
            }
        }
        for scope in SCOPES.split(' ') {
            assert!(text.contains(scope) && known("scopes_supported", scope), "{name}: {scope}");
        }
        for claim in ["membership", "membership_expires_at", "verified_badge", "member_type"] {
            assert!(!text.contains(claim) || known("claims_supported", claim), "{name}: {claim}");
        }
        for address in addresses(&text) {
            assert!(Url::parse(address).is_ok(), "{name}: {address}");
        }
    }
    assert!(known("code_challenge_methods_supported", "S256") && known("response_modes_supported", "form_post"));
}

#[tokio::test]
async fn spring_signs_in_and_out_as_its_page_says() {
    let (app, text) = (App::start().await, page("spring-boot.md"));
    let mut ana = app.insert_member("ana").await;
    let (back, bye) = ("https://events.example.go.th/login/oauth2/code/moc", "https://events.example.go.th/bye");
    assert!(text.contains("--id-token-alg RS256"));
    let told = text.split('`').find_map(|part| part.strip_prefix("--backchannel-logout-uri ")).expect("an address");
    assert!(told.ends_with("/logout/connect/back-channel/moc"), "where Spring Security listens for this registration");
    let told = told.to_owned();
    let builder = app.client("events").rs256().with(|draft| draft.logout.back = Some(told));
    let rp = registered(builder, &text, back, bye).await;
    // client_secret_basic, a nonce, and PKCE by the customizer of the page.
    let tokens = rp.sign_in_with(&mut ana, asks(&rp, &text, SCOPES)).await;
    assert_eq!(tokens.id.claims["membership"], "temporary");
    rp.claims(&tokens).await;
    let path = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("post_logout_redirect_uri", bye)]);
    assert_eq!(ana.browser.get(&path).await.left_for().as_str(), bye);
}

#[tokio::test]
async fn asp_net_core_signs_in_and_out_as_its_page_says() {
    let (app, text) = (App::start().await, page("aspnet-core.md"));
    let mut ana = app.insert_member("ana").await;
    let (back, bye) =
        ("https://events.example.go.th/signin-oidc", "https://events.example.go.th/signout-callback-oidc");
    assert!(text.contains("--auth-method client_secret_post"));
    let rp = registered(app.client("events").secret_in_body(), &text, back, bye).await;
    // The library's own defaults: an answer by form, a nonce, PKCE, parameters of its own that mean nothing here.
    let ask = asks(&rp, &text, SCOPES).with("response_mode", "form_post").with("x-client-SKU", "ID_NET9_0");
    let answer = rp.authorize(&mut ana, &ask).await;
    assert!(answer.is_form);
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.id.claims["membership"], "temporary");
    assert_eq!(rp.claims(&tokens).await["email"], ana.email);
    let state = "CfDJ8".repeat(60);
    let fields = [
        ("post_logout_redirect_uri", bye),
        ("id_token_hint", tokens.id.token.as_str()),
        ("state", &state),
        ("x-client-ver", "8.0.0"),
    ];
    let left = ana.browser.get(&rp.logout_path(&fields)).await.left_for();
    assert_eq!(left.as_str(), format!("{bye}?state={state}"));
}

#[tokio::test]
async fn oauth2_proxy_lets_permanent_members_in_as_its_page_says() {
    let (app, text) = (App::start().await, page("oauth2-proxy.md"));
    let mut ana = app.insert_member("ana").await;
    let back = "https://events.example.go.th/oauth2/callback";
    for line in [
        "code_challenge_method = \"S256\"",
        "oidc_groups_claim = \"membership\"",
        "allowed_groups = [\"permanent\"]",
        "scope = \"openid membership profile email\"",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert!(text.contains(&format!("redirect_url = \"{back}\"")));
    let rp = registered(app.client("events"), &text, back, "").await;
    let ask = asks(&rp, &text, SCOPES).with("approval_prompt", "force");
    let tokens = rp.sign_in_with(&mut ana, ask.clone()).await;
    // The group is one word, which the proxy takes for a list of one; the mailbox is proven, or it lets nobody in.
    assert_eq!(tokens.id.claims["membership"], "temporary");
    let claims = rp.claims(&tokens).await;
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!(ana.email), &Value::Bool(true)));
    app.promote(&ana).await;
    let tokens = rp.sign_in_with(&mut ana, ask.with("prompt", "login")).await;
    assert_eq!(tokens.id.claims["membership"], "permanent");
    // Where its sign-out leads asks first.
    let page = ana.browser.get("/logout").await;
    assert!(!page.forms().is_empty() && page.away.is_none());
}

#[tokio::test]
async fn appauth_signs_in_and_out_as_its_page_says() {
    let (app, text) = (App::start().await, page("appauth.md"));
    let mut ana = app.insert_member("ana").await;
    let (back, bye) = ("th.go.example.events:/callback", "th.go.example.events:/bye");
    assert!(text.contains("manifestPlaceholders[\"appAuthRedirectScheme\"] = \"th.go.example.events\""));
    let rp = registered(app.client("events-app").native(), &text, back, bye).await;
    // A public client: PKCE with S256, a nonce and a state, as AppAuth makes them by itself.
    let tokens = rp.sign_in_with(&mut ana, asks(&rp, &text, SCOPES)).await;
    assert_eq!(tokens.id.claims["membership"], "temporary");
    rp.refreshed(&tokens).await;
    let fields =
        [("id_token_hint", tokens.id.token.as_str()), ("post_logout_redirect_uri", bye), ("state", "from-the-app")];
    let left = ana.browser.get(&rp.logout_path(&fields)).await.left_for();
    assert_eq!(left.as_str(), format!("{bye}?state=from-the-app"));
}
