//! Bad input everywhere: never a 5xx, never a trace in a table.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use idp_tests::{Answer, App, Browser, FORM, Reply, encoded};
use idp_web::run;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

/// Every path of ours, read from the table itself, and one that is not.
pub(super) fn paths() -> Vec<String> {
    let table = include_str!("../../../crates/idp-web/src/urls.rs");
    let constants = table.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
    let filled = |path: &str| path.replace("{client_id}", "rp").replace("{version}", "2569-1").replace("{name}", "x");
    let paths = constants.map(|(_, path)| filled(path.trim_end_matches("\";")));
    let paths: Vec<String> = paths.chain(["/nowhere".to_owned()]).collect();
    assert!(paths.len() > 40 && paths.iter().all(|path| path.starts_with('/') && !path.contains('{')), "{paths:?}");
    paths
}

/// A provider with everything switched on.
async fn everything() -> App {
    App::start_with(|config| config.clients.registration = true).await
}

pub(super) fn nasty() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "=",
        "&",
        "&&&===",
        "%",
        "%zz",
        "%00",
        "%ff%fe%fd",
        "%c0%af",
        "%ed%a0%80",
        "a=1&a=2",
        "client_id=rp&client_id=rp",
        "client_id=%00",
        "client_id=rp&redirect_uri=https%3A%2F%2Frp.test%2Fcb&response_type=code&scope=openid&state=%0d%0aX%3A%20y",
        "client_id=../../etc/passwd",
        "client_id=%27%20OR%201%3D1%20--",
        "request=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "request=..%2f..%2f&csrf=x&decision=allow",
        "csrf=x&username=a%40b.example&password=x",
        "grant_type=authorization_code&code=x&client_id=rp",
        "grant_type=refresh_token&refresh_token=x.x&client_id=nobody",
        "access_token=e30.e30.e30",
        "id_token_hint=e30.e30.e30&post_logout_redirect_uri=javascript%3Aalert(1)",
        "token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "lang=xx&return_to=%2F%2Fevil.test",
        "max_age=99999999999999999999999999",
        "client_id=rp&request=e30.e30.e30",
        "client_id=rp&request=eyJhbGciOiJFUzI1NiJ9.W1tbW1tbW1tbW1tbW1tbXV1dXV1dXV1dXV1dXV1d.AA",
        "client_id=rp&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "client_id=rp&request_uri=http%3A%2F%2F127.0.0.1%3A1%2F",
        "client_id=rp&redirect_uri=https%3A%2F%2Frp.test%2Fcb&response_type=code&scope=openid&claims=%7B%22userinfo%22%3A7",
        "client_id=rp&redirect_uri=https%3A%2F%2Frp.test%2Fcb&response_mode=form_post.jwt&response_type=x",
        "prompt=%F0%9F%98%80",
        "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22values%22%3A%5B%5B%5B%5B%5B%5D%5D%5D%5D%5D%7D%7D%7D&client_id=rp",
        "client_id%5B%5D=rp&client_id%5B0%5D=rp",
        "scope=openid;DROP%20TABLE%20accounts&client_id=rp",
        "user_code=%E2%80%8BBCDF-GHJK&csrf=x",
        "page=-1&page_size=18446744073709551616&cursor=AAAA",
        "{\"json\":true}",
        "<xml/>",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("scope={}", "openid%20".repeat(1000)));
    all.push(format!("state={}", "%E0%B8%81".repeat(2000)));
    all.push((0..2000).map(|number| format!("k{number}=v&")).collect());
    all.push("a[".repeat(4000));
    all
}

async fn send(app: &App, browser: &Browser, method: Method, path: &str, kind: Option<&str>, body: Vec<u8>) {
    let what = format!("{method} {} {kind:?} {} bytes", &path[..path.len().min(200)], body.len());
    let mut request = browser.request(method, path);
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let Ok(request) = request.body(Body::from(body)) else { return };
    let reply = app.send_from(browser.address, request).await;
    assert!(reply.status.as_u16() < 500, "{}: {what}: {}", reply.status, reply.body);
    stays_home(app, &reply, &what);
}

/// Whoever is sent anywhere is sent within our site, or to the one address that is registered.
pub(super) fn stays_home(app: &App, reply: &Reply, what: &str) {
    let location = reply.header("location");
    let own = location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\");
    let ours = location.strip_prefix(app.issuer()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let registered = ["https://rp.test/cb", "https://rp.test/bye"]
        .iter()
        .any(|uri| location.strip_prefix(uri).is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#'])));
    assert!(location.is_empty() || own || ours || registered, "{what} leads to {location}");
    assert!(reply.header("refresh").is_empty(), "{what}");
    let forms = reply.body.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for action in forms {
        assert!(
            action.starts_with('/') && !action.starts_with("//") || action == "https://rp.test/cb",
            "{what}: {action}"
        );
    }
}

#[tokio::test]
async fn no_query_gives_a_server_error_or_changes_a_table() {
    let app = everything().await;
    app.client("rp").await;
    let visitors = [app.browser(), app.insert_member("ana").await.browser];
    app.unchanged(async {
        for browser in &visitors {
            for path in &paths() {
                for query in nasty() {
                    // What no HTTP library would even send is left out.
                    let Ok(_) = format!("{path}?{query}").parse::<axum::http::Uri>() else { continue };
                    send(&app, browser, Method::GET, &format!("{path}?{query}"), None, Vec::new()).await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn no_body_gives_a_server_error_or_changes_a_table() {
    let app = everything().await;
    app.client("rp").await;
    let visitors = [app.browser(), app.insert_member("ana").await.browser];
    app.unchanged(async {
        for browser in &visitors {
            for path in &paths() {
                for body in nasty() {
                    send(&app, browser, Method::POST, path, Some(FORM), body.into_bytes()).await;
                }
                for kind in [Some(FORM), Some("application/json"), Some("multipart/form-data"), Some("\u{7f}x"), None] {
                    send(&app, browser, Method::POST, path, kind, b"\xff\xfe\x00\x80".to_vec()).await;
                    send(&app, browser, Method::POST, path, kind, vec![b'a'; 200_000]).await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn no_method_gives_a_server_error_or_changes_a_table() {
    let app = everything().await;
    let ana = app.insert_member("ana").await.browser;
    let methods = ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "GETT"];
    app.unchanged(async {
        for path in &paths() {
            for method in methods {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                send(&app, &ana, method, path, Some(FORM), b"csrf=x".to_vec()).await;
            }
        }
    })
    .await;
}

/// What a HEAD asks for would be a whole answer: a grant, a spent request, a sign-out.
#[tokio::test]
async fn whoever_only_looks_changes_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").first_party().await;
    let tokens = rp.sign_in(&mut ana).await;
    let ask = rp.ask();
    let fields: Vec<(&str, &str)> =
        ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reply = rp.call("/par", &fields, &[]).await.expect(201);
    let name = reply.json()["request_uri"].as_str().unwrap().to_owned();
    let pushed = format!("/authorize?{}", encoded(&[("client_id", rp.id()), ("request_uri", &name)]));
    let after = rp.after_logout();
    let logout = rp.logout_path(&[("id_token_hint", &tokens.id.token), ("post_logout_redirect_uri", after.as_str())]);
    let old = format!("/auth{}", rp.ask().path());
    app.unchanged(async {
        for (path, allowed) in [
            (rp.ask().path(), "GET, POST"),
            (pushed.clone(), "GET, POST"),
            (logout, "GET, POST"),
            (old, "GET"),
            ("/authorize/resume?request=x".to_owned(), "GET"),
        ] {
            let request = ana.browser.request(Method::HEAD, &path).body(Body::empty()).unwrap();
            let reply = app.send_from(ana.browser.address, request).await.expect(405);
            assert_eq!((reply.header("allow"), reply.header("location")), (allowed, ""), "{path}");
            assert_eq!(reply.header("set-cookie"), "", "{path}");
        }
    })
    .await;
    assert!(ana.browser.is_signed_in().await);
    Answer::of(&ana.browser.get(&pushed).await).code();
}

#[tokio::test]
async fn no_header_gives_a_server_error_or_changes_a_table() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let ask = rp.ask().path();
    let long = "x".repeat(100_000);
    let headers: Vec<(&str, Vec<u8>)> = vec![
        ("cookie", b"session=".to_vec()),
        ("cookie", b"\xff\xfe=\x80; session; =; ;;;".to_vec()),
        ("cookie", format!("session={long}").into_bytes()),
        ("cookie", "a=b; ".repeat(5000).into_bytes()),
        ("authorization", b"Basic \xff".to_vec()),
        ("authorization", b"Bearer".to_vec()),
        ("authorization", format!("Bearer {long}").into_bytes()),
        ("authorization", format!("Basic {long}").into_bytes()),
        ("accept-language", b"\xff;q=nan,*;q=-1,en;q=99999999999999999999".to_vec()),
        ("accept-language", ",".repeat(10_000).into_bytes()),
        ("content-type", b"\xff/\xff; charset=".to_vec()),
        ("origin", b"null".to_vec()),
        ("origin", b"\xff".to_vec()),
        ("sec-fetch-site", b"cross-site, same-origin".to_vec()),
        ("host", b"evil.test:99999".to_vec()),
        ("x-forwarded-for", b"::1, \xff, 999.1.1.1".to_vec()),
        ("forwarded", b"for=\"[::1\";;;,,,by=".to_vec()),
        ("user-agent", b"\xff\xfe\x80".to_vec()),
        ("user-agent", long.clone().into_bytes()),
        ("content-length", b"5".to_vec()),
        ("range", b"bytes=0-0,1-".to_vec()),
        ("if-none-match", b"\xff".to_vec()),
    ];
    app.unchanged(async {
        for (name, value) in &headers {
            for (method, path) in [
                (Method::GET, "/login"),
                (Method::GET, ask.as_str()),
                (Method::GET, "/profile"),
                (Method::GET, "/userinfo"),
                (Method::GET, "/logout"),
                (Method::GET, "/jwks.json"),
                (Method::POST, "/token"),
                (Method::POST, "/userinfo"),
                (Method::POST, "/login"),
                (Method::POST, "/consent"),
                (Method::POST, "/authorize"),
            ] {
                let Ok(value) = HeaderValue::from_bytes(value) else { panic!("{name} cannot be sent") };
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                let request = Request::builder().method(&method).uri(path).header(&name, value);
                let reply = app.send(request.body(Body::from("a=b")).unwrap()).await;
                assert!(reply.status.as_u16() < 500, "{} {method} {path} {name}", reply.status);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn s122_what_is_too_much_is_refused_before_it_is_read() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    // A URL of more than 64 KB is refused by the HTTP library, before it comes to us.
    let huge = "a".repeat(60_000);
    for name in ["scope", "state", "nonce", "client_id", "redirect_uri", "login_hint", "id_token_hint", "extra"] {
        let page = app.unchanged(ana.browser.get(&rp.ask().with(name, &huge).path())).await;
        assert!(matches!(page.status.as_u16(), 400 | 413 | 414 | 431) && page.away.is_none(), "{name}");
        let fields = [("grant_type", "refresh_token"), (name, huge.as_str())];
        let reply = app.unchanged(rp.token(&fields)).await;
        assert!(matches!(reply.status.as_u16(), 400 | 413), "{name}: {}", reply.status);
    }
    // Less than a body may have, and more than a request may: it hears so in words.
    for size in [20_000, 40_000] {
        let value = "a".repeat(size);
        for (path, status) in [("/token", 400), ("/par", 413), ("/introspect", 400)] {
            let reply = app.unchanged(rp.call(path, &[("scope", &value)], &[])).await;
            assert_eq!((reply.status.as_u16(), reply.error().as_str()), (status, "invalid_request"), "{path} {size}");
            let described = reply.json()["error_description"].as_str().unwrap().to_owned();
            assert!(described.starts_with("the body is too long"), "{described}");
        }
    }
    let keys: String = (0..100_000).map(|number| format!("{number}=&")).collect();
    for path in ["/token", "/login", "/consent", "/authorize", "/logout", "/userinfo", "/signout"] {
        let reply = app.unchanged(app.post(path, &keys)).await;
        assert!(matches!(reply.status.as_u16(), 400..=499), "{path}: {}", reply.status);
    }
}

#[tokio::test]
async fn s122_headers_beyond_reason_are_refused_at_the_socket() {
    let app = App::start().await;
    let listener = run::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(run::serve(app.provider().clone(), listener, stop.clone()));
    let many: String = (0..200).map(|number| format!("x-{number}: y\r\n")).collect();
    let long = format!("x-long: {}\r\n", "y".repeat(1 << 20));
    for (line, headers, expected) in [
        ("GET /jwks.json HTTP/1.1".to_owned(), String::new(), &["200"][..]),
        ("GET /jwks.json HTTP/1.1".to_owned(), many, &["431"]),
        ("GET /jwks.json HTTP/1.1".to_owned(), long, &["431"]),
        (format!("GET /login?x={} HTTP/1.1", "a".repeat(100_000)), String::new(), &["414", "431", "400"]),
        ("GET /login HTTP/1.1 x".to_owned(), String::new(), &["400"]),
        ("\u{0}\u{1}\u{2}".to_owned(), String::new(), &["400"]),
        ("POST /token HTTP/1.1".to_owned(), "content-length: x\r\n".to_owned(), &["400"]),
        ("POST /token HTTP/1.1".to_owned(), "content-length: 5\r\ncontent-length: 6\r\n".to_owned(), &["400"]),
    ] {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("{line}\r\nhost: localhost:8080\r\nconnection: close\r\n{headers}\r\n");
        // The server may have answered and closed before it was told all.
        let _ = socket.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(expected.contains(&status), "{} gave {answer}", &line[..line.len().min(60)]);
    }
    stop.cancel();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_error_page_tells_nothing_it_was_told() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut browser = app.browser();
    let canary = "canary-4711<b>";
    for name in ["client_id", "redirect_uri", "response_mode", "state"] {
        let ask = rp.ask().with("redirect_uri", "https://evil.test/").with(name, canary);
        let page = browser.get(&ask.path()).await;
        assert_eq!(page.status, 400);
        assert!(!page.html.contains("canary-4711<b>") && !page.text("main").contains("canary"), "{name}");
    }
    let page = browser.get("/nowhere/canary-4711").await;
    page.expect_error(404, "not_found");
    assert!(!page.text("main").contains("canary"));
    assert!(page.has("main a[href]"), "a way on");
}
