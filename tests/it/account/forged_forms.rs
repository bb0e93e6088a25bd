//! S065: no form is acted on that this browser was not given, by this site, in this session.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use idp_tests::{App, Browser, PARTS, PHOTO, parts};
use url::form_urlencoded;

/// The name of a route, its path, and what is filled in.
type PageForm = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Every route that changes something when a form is posted, with a form that would be acted on.
const FORMS: [PageForm; 55] = [
    ("CONSENT", "/consent", &[("decision", "allow")]),
    ("DEVICE", "/device", &[("user_code", "BCDF-GHJK")]),
    ("DEVICE_CONFIRM", "/device/confirm", &[("decision", "allow")]),
    ("REGISTER", "/register", &[("member_type", "public")]),
    ("REGISTER_TERMS", "/register/terms", &[("accept_terms", "yes"), ("read_privacy", "yes")]),
    ("REGISTER_EMAIL", "/register/email", &[("email", "new@mail.example")]),
    ("REGISTER_CODE", "/register/code", &[("code", "123456")]),
    ("REGISTER_RESEND", "/register/code/resend", &[]),
    ("REGISTER_DETAILS", "/register/details", &[("title", "นาย")]),
    ("WELCOME", "/welcome", &[]),
    ("VERIFY_PUBLIC", "/verify/public", &[("national_id", "1000000000017")]),
    ("VERIFY_STAFF", "/verify/staff", &[("national_id", "1000000000017")]),
    ("VERIFY_MAILBOX", "/verify/staff/mailbox", &[("email", "somchai@staff.moc.example")]),
    ("VERIFY_CODE", "/verify/staff/code", &[("code", "123456")]),
    ("VERIFY_RESEND", "/verify/staff/code/resend", &[]),
    ("LOGIN", "/login", &[("username", "ana@mail.example"), ("password", idp_tests::PASSWORD)]),
    ("LOGIN_SECOND", "/login/second", &[("by", "totp"), ("code", "123456")]),
    ("LOGIN_SECOND_LOST", "/login/second/lost", &[("code", "123456")]),
    ("LOGIN_SECOND_MAIL", "/login/second/mail", &[]),
    ("RECOVER", "/recover", &[("email", "ana@mail.example")]),
    ("RECOVER_SET", "/recover/set", &[("token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]),
    ("TOTP", "/profile/security/totp", &[("code", "123456")]),
    ("TOTP_REMOVE", "/profile/security/totp/remove", &[]),
    ("RECOVERY_CODES", "/profile/security/recovery-codes", &[]),
    ("THAID_DOOR", "/profile/security/thaid", &[("open", "no")]),
    ("PASSWORD", "/profile/password", &[("current", idp_tests::PASSWORD), ("password", "another long one of mine")]),
    ("LOGIN_PASSKEY", "/login/passkey", &[("answer", "{}")]),
    ("LOGIN_PASSKEY_ASK", "/login/passkey/options", &[]),
    ("PASSKEYS", "/profile/passkeys", &[("answer", "{}")]),
    ("PASSKEYS_ASK", "/profile/passkeys/options", &[]),
    ("PASSKEYS_RENAME", "/profile/passkeys/rename", &[("name", "mine")]),
    ("PASSKEYS_REMOVE", "/profile/passkeys/remove", &[("passkey", "6f1d7a3e-5d3c-4f7e-9b1a-2c3d4e5f6a7b")]),
    ("EMAIL", "/profile/email", &[("email", "other@mail.example")]),
    ("EMAIL_CODE", "/profile/email/code", &[("code", "123456")]),
    ("EMAIL_RESEND", "/profile/email/code/resend", &[]),
    ("EMAIL_UNDO", "/profile/email/undo", &[("token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]),
    ("HISTORY_SIGN_OUT", "/profile/history/signout", &[("session", "00000000-0000-4000-8000-000000000000")]),
    ("LANGUAGE", "/language", &[("lang", "en")]),
    ("WITHDRAW", "/profile/services/withdraw", &[("client_id", "rp")]),
    ("WITHDRAW_ALL", "/profile/services/withdraw-all", &[]),
    ("DATA_DOWNLOAD", "/profile/data/download", &[]),
    ("EDIT", "/profile/edit", &[("phone", "0899999999")]),
    ("ABOUT", "/profile/about", &[("nickname", "ส้ม")]),
    ("ABOUT_PICTURE_REMOVE", "/profile/about/picture/remove", &[]),
    ("RESTRICT", "/profile/restrict", &[]),
    ("LIFT", "/profile/restrict/lift", &[]),
    ("ACCEPT", "/terms/accept", &[("read_privacy", "yes")]),
    ("VERIFY_RENEW", "/verify/renew", &[("national_id", "1000000000017")]),
    ("DELETE", "/profile/delete", &[("password", idp_tests::PASSWORD)]),
    ("KEEP", "/profile/keep", &[]),
    ("SIGN_OUT", "/signout", &[]),
    ("SIGN_OUT_CONFIRM", "/signout/confirm", &[]),
    ("SIGN_OUT_EVERYWHERE", "/signout/everywhere", &[]),
    ("STAFF_INVITATION", "/staff/invitation", &[("token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]),
    ("NOT_ME", "/not-me", &[("token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]),
];

/// Likewise, for a form with a file.
const UPLOADS: [(&str, &str, &str); 1] = [("ABOUT_PICTURE", "/profile/about/picture", "picture")];

/// Posts of the protocol: they come from services, which have no form of ours, and carry their own proof or change nothing.
const PROTOCOL: [&str; 11] = [
    "AUTHORIZE",
    "CLIENT_REGISTRATION",
    "DEVICE_AUTHORIZATION",
    "EVENTS",
    "INTROSPECT",
    "LEGACY_TOKEN",
    "LOGOUT",
    "PAR",
    "REVOKE",
    "TOKEN",
    "USERINFO",
];

#[test]
fn every_route_that_takes_a_post_is_looked_at_here() {
    let table = include_str!("../../../crates/idp-web/src/routes.rs");
    let routes = table.split(".route(urls::").skip(1);
    let posts = routes.filter_map(|route| {
        let (name, rest) = route.split_once(',')?;
        let handler = rest.split(".route(").next()?.split('\n').next()?;
        handler.contains("post(").then(|| name.to_owned())
    });
    let known = FORMS
        .iter()
        .map(|(name, _, _)| *name)
        .chain(UPLOADS.map(|(name, _, _)| name))
        .chain(PROTOCOL)
        .map(str::to_owned);
    assert_eq!(posts.collect::<BTreeSet<_>>(), known.collect::<BTreeSet<_>>());
}

/// What is wrong with a post.
struct Forgery<'a> {
    what: &'static str,
    token: Option<&'a str>,
    headers: &'a [(&'static str, &'a str)],
    content_type: &'static str,
    expected: StatusCode,
}

async fn post(app: &App, browser: &Browser, path: &str, fields: &[(&str, &str)], forgery: &Forgery<'_>) -> StatusCode {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields).extend_pairs(forgery.token.map(|token| ("csrf", token)));
    send(app, browser, path, body.finish().into_bytes(), forgery).await
}

async fn upload(app: &App, browser: &Browser, path: &str, field: &str, forgery: &Forgery<'_>) -> StatusCode {
    let token: Vec<_> = forgery.token.map(|token| ("csrf", token)).into_iter().collect();
    send(app, browser, path, parts(token, field, PHOTO), forgery).await
}

async fn send(app: &App, browser: &Browser, path: &str, body: Vec<u8>, forgery: &Forgery<'_>) -> StatusCode {
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request = Request::post(path).header(header::COOKIE, cookies.join("; "));
    if !forgery.content_type.is_empty() {
        request = request.header(header::CONTENT_TYPE, forgery.content_type);
    }
    for (name, value) in forgery.headers {
        request = request.header(*name, *value);
    }
    let reply = app.send_from(browser.address, request.body(Body::from(body)).unwrap()).await;
    assert!(
        !reply.headers.contains_key("set-cookie"),
        "{path}, {}: no cookie is given for a forged form",
        forgery.what
    );
    reply.status
}

#[tokio::test]
async fn s065_forged_forms_are_refused_and_change_nothing() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
    let token = ana.browser.get("/profile").await.form("/language").value("csrf").to_owned();
    // The same browser before the member signed in, another member's, and a stranger's.
    let mut before = ana.browser.clone();
    before.cookies.remove("session");
    let before = before.get("/login").await.form("/login").value("csrf").to_owned();
    let mut ben = app.insert_member("ben").await;
    let bens = ben.browser.get("/profile").await.form("/language").value("csrf").to_owned();
    let strangers = app.browser().get("/login").await.form("/login").value("csrf").to_owned();
    let form = "application/x-www-form-urlencoded";
    let own = app.issuer().to_owned();
    let bad = |what, token| Forgery { what, token, headers: &[], content_type: form, expected: StatusCode::FORBIDDEN };
    let from = |what, headers| Forgery { headers, ..bad(what, Some(token.as_str())) };
    let own_but_cross_site = [("origin", own.as_str()), ("sec-fetch-site", "cross-site")];
    let forgeries = [
        bad("no token", None),
        bad("an empty token", Some("")),
        bad("the token of before signing in", Some(&before)),
        bad("another member's token", Some(&bens)),
        bad("a stranger's token", Some(&strangers)),
        bad("half a token", Some(&token[..20])),
        from("a foreign origin", &[("origin", "https://evil.test")]),
        from("a host that begins like ours", &[("origin", "http://localhost:8080.evil.test")]),
        from("no origin to speak of", &[("origin", "null")]),
        from("cross-site", &[("sec-fetch-site", "cross-site")]),
        from("same-site but another host", &[("sec-fetch-site", "same-site")]),
        from("our origin, yet cross-site", &own_but_cross_site),
        Forgery {
            content_type: "text/plain",
            expected: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..bad("plain text", Some(&token))
        },
        Forgery { content_type: "", expected: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..bad("no type", Some(&token)) },
        Forgery {
            content_type: "multipart/form-data; boundary=x",
            expected: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..bad("several parts", Some(&token))
        },
    ];
    let tables = app.tables().await;
    for (_, path, fields) in FORMS {
        for forgery in &forgeries {
            let status = post(&app, &ana.browser, path, fields, forgery).await;
            assert_eq!(status, forgery.expected, "{path}: {}", forgery.what);
        }
    }
    for (_, path, field) in UPLOADS {
        for forgery in &forgeries {
            let with_parts = match forgery.content_type {
                kind if kind == form => Forgery { content_type: PARTS, ..*forgery },
                // As a form of words.
                kind if kind.starts_with("multipart") => {
                    Forgery { content_type: form, expected: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..*forgery }
                }
                _ => Forgery { ..*forgery },
            };
            let status = upload(&app, &ana.browser, path, field, &with_parts).await;
            assert_eq!(status, with_parts.expected, "{path}: {}", forgery.what);
        }
    }
    assert_eq!(tables, app.tables().await, "nothing was written");
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn s065_another_method_is_refused_or_reads() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let token = ana.browser.get("/profile").await.form("/language").value("csrf").to_owned();
    let cookies: Vec<String> = ana.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let tables = app.tables().await;
    for (_, path, fields) in FORMS {
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("csrf", &token).finish();
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let uri = format!("{path}?{query}");
            let request = Request::builder().method(&method).uri(uri).header(header::COOKIE, cookies.join("; "));
            let reply = app.send_from(ana.browser.address, request.body(Body::empty()).unwrap()).await;
            assert!(reply.status.as_u16() < 500, "{method} {path}");
            if method != Method::GET {
                assert_eq!(reply.status, 405, "{method} {path}");
            }
        }
    }
    assert_eq!(tables, app.tables().await, "nothing was written");
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test]
async fn a_field_that_comes_twice_or_is_no_text_is_refused() {
    let app = App::start().await;
    let mut browser = app.browser();
    let token = browser.get("/register").await.form("/register").value("csrf").to_owned();
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for body in [
        format!("csrf={token}&member_type=public&member_type=staff"),
        format!("csrf={token}&csrf={token}&member_type=public"),
        format!("csrf={token}&member_type=%ff%fe"),
        format!("csrf={token}&member_type=public&%6dember_type=staff"),
    ] {
        let request = Request::post("/register")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies.join("; "));
        let sent = app.send_from(browser.address, request.body(Body::from(body.clone())).unwrap());
        let reply = app.unchanged(sent).await;
        assert!([400, 422].contains(&reply.status.as_u16()), "{body}: {}", reply.status);
    }
}

#[tokio::test]
async fn a_form_without_a_browser_behind_it_is_refused() {
    let app = App::start().await;
    let mut browser = app.browser();
    let form = browser.get("/register").await.form("/register").with("member_type", "public");
    // The token alone, without the cookie that it was made for.
    browser.forget_cookies();
    app.unchanged(browser.submit(form)).await.expect_error(403, "form_expired");
}
