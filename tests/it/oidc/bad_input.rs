//! Bad input from who has proven something: a client, a member, the holder of a token; and the table of routes, so that none
//! is left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{Method, Request, header};
use idp_tests::{App, Browser, FORM, Form, Reply};
use serde_json::{Value, json};

use super::registration;
use super::survey::{nasty, paths, stays_home};

/// Nothing of the server's own goes wrong, nobody is sent away, and what a program reads is JSON in ASCII.
#[track_caller]
fn is_sound(app: &App, reply: &Reply, what: &str) {
    assert!(reply.status.as_u16() < 500, "{}: {what}: {}", reply.status, reply.body);
    stays_home(app, reply, what);
    if reply.header("content-type") == "application/json" && !reply.error().is_empty() {
        let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        let description = reply.json()["error_description"].as_str().unwrap_or_default().to_owned();
        assert!(reply.error().bytes().all(legal) && description.bytes().all(legal), "{what}: {}", reply.body);
    }
}

async fn send(app: &App, method: Method, path: &str, authorization: &str, kind: &str, body: Vec<u8>) {
    let what = format!("{method} {path} {kind} {}", String::from_utf8_lossy(&body[..body.len().min(120)]));
    let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, authorization);
    let request = request.header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
    is_sound(app, &app.send(request).await, &what);
}

#[tokio::test]
async fn no_route_is_left_out_of_the_survey() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("crates/idp-web/src");
    let table = std::fs::read_to_string(sources.join("urls.rs")).unwrap();
    let known: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \"/"))
        .map(|(name, _)| name)
        .collect();
    let mut used = BTreeSet::new();
    // Console and API have tables of their own, the only way into them: `it/admin/matrix.rs` and `it/api/matrix.rs` walk
    // through those.
    let others = [sources.join("demo"), sources.join("admin/routes.rs"), sources.join("api")];
    for file in files(&sources).into_iter().filter(|file| !others.iter().any(|other| file.starts_with(other))) {
        let source = std::fs::read_to_string(&file).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for route in source.split(".route(").skip(1) {
            let path = route.split(',').next().unwrap_or_default().trim().to_owned();
            let name = path.strip_prefix("urls::").map(|rest| rest.rsplit("::").next().unwrap_or_default().to_owned());
            // What anybody may have, and what says nothing of anybody.
            let asset = file.ends_with("assets.rs")
                && ["\"/assets/{version}/{*path}\"", "\"/favicon.ico\""].contains(&path.as_str());
            match name {
                Some(name) => used.insert(name),
                None => {
                    assert!(asset, "{}: the route {path} is not one of the URL table", file.display());
                    false
                }
            };
        }
    }
    let unlisted: Vec<_> = used.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(unlisted.is_empty(), "no path of the URL table: {unlisted:?}");
    assert!(used.len() > 40 && used.len() <= paths().len(), "{} routes", used.len());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

#[tokio::test]
async fn no_request_of_a_proven_client_gives_a_server_error_or_changes_a_table() {
    for app in [App::start().await, App::start_on_servers().await] {
        let rp = app.client("rp").await;
        let basic = rp.basic();
        app.unchanged(async {
            for path in ["/token", "/par", "/introspect", "/revoke", "/device_authorization"] {
                for body in nasty() {
                    send(&app, Method::POST, path, &basic, FORM, body.into_bytes()).await;
                }
                for kind in
                    [FORM, "application/json", "application/x-www-form-urlencoded; charset=tis-620", "text/plain"]
                {
                    send(&app, Method::POST, path, &basic, kind, b"grant_type=\xff&token=\xfe".to_vec()).await;
                }
                for grant in [
                    "authorization_code",
                    "refresh_token",
                    "client_credentials",
                    "urn:ietf:params:oauth:grant-type:device_code",
                ] {
                    for (name, value) in values() {
                        let rest = "redirect_uri=x&code_verifier=x&scope=x";
                        let body = format!("grant_type={grant}&{rest}&{name}={value}").into_bytes();
                        send(&app, Method::POST, path, &basic, FORM, body).await;
                    }
                }
            }
        })
        .await;
    }
}

/// Values of the wrong kind, for whatever takes a secret or a name.
fn values() -> Vec<(&'static str, String)> {
    let odd = ["%00", "%F0%9F%98%80", "a.b.c.d.e", "%27", "-1", "null", "..%2F", "%0d%0a"];
    let long = "x".repeat(9000);
    let names =
        ["code", "refresh_token", "device_code", "token", "token_type_hint", "resource", "assertion", "dpop_jkt"];
    let pairs = names.into_iter().flat_map(|name| odd.into_iter().map(move |value| (name, value.to_owned())));
    pairs.chain(names.into_iter().map(|name| (name, long.clone()))).collect()
}

#[tokio::test]
async fn no_request_with_a_good_token_gives_a_server_error_or_changes_a_table() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    rp.userinfo(&tokens.access).await.expect(200);
    app.unchanged(async {
        for scheme in ["Bearer", "bearer", "DPoP"] {
            let authorization = format!("{scheme} {}", tokens.access);
            for body in nasty() {
                if format!("/userinfo?{body}").parse::<axum::http::Uri>().is_ok() {
                    send(&app, Method::GET, &format!("/userinfo?{body}"), &authorization, FORM, Vec::new()).await;
                }
                send(&app, Method::POST, "/userinfo", &authorization, FORM, body.into_bytes()).await;
            }
            send(
                &app,
                Method::POST,
                "/userinfo",
                &authorization,
                "application/json",
                b"{\"access_token\":{}}".to_vec(),
            )
            .await;
            send(&app, Method::GET, "/auth/resource", &authorization, FORM, vec![0xff; 100_000]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn no_metadata_gives_a_server_error_and_what_is_refused_leaves_nothing() {
    for app in [
        App::start_with(|config| config.clients.registration = true).await,
        App::start_on_servers_with(|config| config.clients.registration = true).await,
    ] {
        let token = registration::token_for(&app, 1000, |_| {}).await;
        let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let odd = [
            json!(7),
            json!(true),
            json!({}),
            json!([]),
            json!([[]]),
            json!([7]),
            json!({ "keys": 7 }),
            deep(11),
            deep(60),
        ];
        let texts = ["", "\u{0}", "\u{fffd}😀", "javascript:alert(1)", "https://rp.test/\r\nx", "none", "<b>"];
        let odd: Vec<Value> =
            odd.into_iter().chain(texts.map(|text| json!(text))).chain([json!("ก".repeat(3000))]).collect();
        let (mut accepted, mut refused) = (0, 0);
        for name in [
            "redirect_uris",
            "client_name",
            "client_name#th",
            "application_type",
            "token_endpoint_auth_method",
            "response_types",
            "grant_types",
            "scope",
            "subject_type",
            "sector_identifier_uri",
            "id_token_signed_response_alg",
            "jwks",
            "jwks_uri",
            "id_token_encrypted_response_alg",
            "post_logout_redirect_uris",
            "backchannel_logout_uri",
            "backchannel_logout_session_required",
            "frontchannel_logout_uri",
            "logo_uri",
            "contacts",
            "initiate_login_uri",
            "require_signed_request_object",
            "dpop_bound_access_tokens",
        ] {
            for value in &odd {
                let mut metadata = json!({ "client_name": "Service", "redirect_uris": ["https://rp.test/cb"] });
                metadata[name] = value.clone();
                let before = app.tables().await;
                let reply = registration::register(&app, &token, metadata).await;
                is_sound(&app, &reply, &format!("{name}: {value}"));
                match reply.status.as_u16() {
                    201 => accepted += 1,
                    status => {
                        assert_eq!((status, before), (400, app.tables().await), "{name}: {value}");
                        refused += 1;
                    }
                }
            }
        }
        assert!(refused > 200 && accepted > 0, "{refused} refused, {accepted} accepted");
        // A name twice: whoever reads after us could see another client than we do.
        let twice =
            br#"{"client_name":"a","redirect_uris":["https://rp.test/cb"],"redirect_uris":["https://evil.test/cb"]}"#;
        let request = Request::post("/connect/register").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(twice.to_vec()));
        let reply = app.unchanged(app.send(request.unwrap())).await;
        assert_eq!((reply.status.as_u16(), reply.error().as_str()), (400, "invalid_request"), "{}", reply.body);
    }
}

fn wrong_values() -> Vec<String> {
    ["\u{0}", "\u{fffd}", "😀<b>\"'", "\r\nx: y", "%00%ff", "-1", "//evil.test", "๑๒๓"]
        .map(str::to_owned)
        .into_iter()
        .chain(["ก".repeat(4000), "9".repeat(60)])
        .collect()
}

/// The forms of the pages that only a request which waits leads to: consent, a device's code, the second factor.
#[tokio::test]
async fn no_field_of_a_form_behind_a_waiting_request_gives_a_server_error() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let tv = super::device::tv(&app).await;
    let mut pressed = Vec::new();
    for place in ["/consent", "/device", "/device/confirm", "/login/second"] {
        let mut ana = app.insert_member(&place.replace('/', "a")).await;
        let page = match place {
            "/consent" => ana.browser.get(&rp.ask().path()).await,
            "/device" => ana.browser.get("/device").await,
            "/device/confirm" => super::device::waiting_for(&tv, &mut ana).await,
            _ => {
                ana.insert_totp().await;
                let mut elsewhere = ana.elsewhere();
                let page = elsewhere.browser.get("/login").await;
                let page = elsewhere.sign_in_at(&page).await;
                ana.browser = elsewhere.browser;
                page
            }
        };
        assert_eq!(page.place(), place, "{}", page.text("main"));
        for form in page.forms().into_iter().filter(|form| form.is_post && form.action.starts_with(place)) {
            for (field, _) in form.fields.clone() {
                for value in wrong_values() {
                    press(&app, &ana.browser, &page, form.clone().with(&field, &value)).await;
                }
                press(&app, &ana.browser, &page, form.clone().without(&field)).await;
            }
            pressed.push(form.action);
        }
    }
    for action in ["/consent", "/device", "/device/confirm", "/login/second"] {
        assert!(pressed.iter().any(|pressed| pressed == action), "{action} is missing: {pressed:?}");
    }
}

/// Every other form that a visitor or a member can open, with every field of it wrong.
#[tokio::test]
async fn no_field_of_a_form_gives_a_server_error() {
    let app = App::start_with(|config| config.clients.registration = true).await;
    app.client("rp").await;
    let values = wrong_values();
    let mut pressed = 0;
    for path in paths() {
        for signed_in in [false, true] {
            // Signing out and erasing are what a form is for: every page has a member of its own.
            let name = format!("m{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), ""));
            let browser: Browser = match signed_in {
                true => app.insert_member(&name).await.browser,
                false => app.browser(),
            };
            let mut browser = browser;
            let page = browser.get(&path).await;
            for form in page.forms().into_iter().filter(|form| form.is_post && form.action.starts_with('/')) {
                for (field, _) in form.fields.clone() {
                    for value in &values {
                        press(&app, &browser, &page, form.clone().with(&field, value)).await;
                        pressed += 1;
                    }
                    press(&app, &browser, &page, form.clone().without(&field)).await;
                }
            }
        }
    }
    assert!(pressed > 500, "{pressed}");
}

async fn press(app: &App, browser: &Browser, page: &idp_tests::Page, form: Form) {
    let what = format!("{} on {}: {:?}", form.action, page.path, form.fields);
    let what: String = what.chars().take(300).collect();
    let before = app.tables().await;
    // The visitor as the page left them: the cookies it set are part of the form's proof.
    let reply = browser.clone().press(&form).await;
    is_sound(app, &reply, &what);
    if reply.status.is_client_error() {
        assert_eq!(before, app.tables().await, "refused, and yet written: {what}");
    }
}
