//! What the hot paths cost: `cargo bench -p idp-tests` (release build of `idp` first). Prints CPU time of the server per
//! request, taken from the kernel's account of its process, and rates; it judges nothing.
//!
//! One server process on SQLite at full durability, ES256, on one core where `taskset` is at hand; the load comes from
//! this process over loopback, bounded in number and time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PORT: u16 = 18_080;
const PASSWORD: &str = "เรือใบสีฟ้าลอยน้ำยามเช้า";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://localhost:9/callback";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let binary = binary();
    let (server, ready_fresh) = Server::start(&binary, folder.path());
    drop(server);
    let (server, ready_again) = Server::start(&binary, folder.path());
    report("time to ready, new database", format!("{} ms", ready_fresh.as_millis()));
    report("time to ready, migrated", format!("{} ms", ready_again.as_millis()));
    report("memory idle (demonstration, all parts)", server.memory());

    let secret = server.register_client(&binary, folder.path());
    let mut browser = Browser::new();
    browser.register();
    let basic = base64(format!("bench:{secret}").as_bytes());
    browser.consent();

    for _ in 0..200 {
        sign_in(&mut browser, &basic);
    }
    let discovery = measure(&server, 2000, || {
        browser.get("/.well-known/openid-configuration");
    });
    discovery.print("discovery");
    let authorize = measure(&server, 1500, || {
        authorize(&mut browser);
    });
    authorize.print("authorize alone (signed in, consented)");
    let sign_ins = measure(&server, 1500, || {
        sign_in(&mut browser, &basic);
    });
    sign_ins.print("single-sign-on sign-in (authorize + token)");
    let mut refresh = sign_in(&mut browser, &basic);
    let refreshes = measure(&server, 1500, || {
        let body = format!("grant_type=refresh_token&refresh_token={refresh}");
        let answer = browser.post_token(&body, &basic);
        refresh = json_field(&answer, "refresh_token").expect("a refresh token");
    });
    refreshes.print("refresh");
    let access = json_field(
        &browser.post_token(&format!("grant_type=refresh_token&refresh_token={refresh}"), &basic),
        "access_token",
    )
    .expect("an access token");
    let userinfo = measure(&server, 1500, || {
        let answer = browser.request("GET", "/userinfo", &format!("Authorization: Bearer {access}\r\n"), "");
        assert_eq!(answer.status, 200, "{}", answer.body);
    });
    userinfo.print("userinfo");
    let passwords = measure(&server, 60, || browser.sign_in_again());
    passwords.print("password sign-in (page and password)");
    report("memory after load", server.memory());
    parallel(&server, &browser, &basic);
    report("memory after parallel load", server.memory());
}

fn report(what: &str, value: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{what:55} {value}");
}

/// Eight keep-alive connections at once: what the server gives when it is never idle.
fn parallel(server: &Server, browser: &Browser, basic: &str) {
    let sign_ins = in_parallel(server, browser, |browser| {
        sign_in(browser, basic);
    });
    sign_ins.print("sign-in, 8 connections");
    let refreshes = in_parallel(server, browser, |browser| {
        let refresh = match browser.refresh.take() {
            Some(refresh) => refresh,
            None => sign_in(browser, basic),
        };
        let answer = browser.post_token(&format!("grant_type=refresh_token&refresh_token={refresh}"), basic);
        browser.refresh = Some(json_field(&answer, "refresh_token").expect("a refresh token"));
    });
    refreshes.print("refresh, 8 connections");
}

fn in_parallel(server: &Server, browser: &Browser, work: impl Fn(&mut Browser) + Sync) -> Measured {
    const CONNECTIONS: u32 = 8;
    const EACH: u32 = 500;
    let (before, start) = (server.cpu(), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            let (mut browser, work) = (browser.again(), &work);
            scope.spawn(move || {
                for _ in 0..EACH {
                    work(&mut browser);
                }
            });
        }
    });
    Measured { count: CONNECTIONS * EACH, wall: start.elapsed(), cpu: server.cpu() - before }
}

struct Measured {
    count: u32,
    wall: Duration,
    cpu: Duration,
}

impl Measured {
    fn print(&self, what: &str) {
        let each = self.cpu.as_micros() / u128::from(self.count);
        let rate = f64::from(self.count) / self.wall.as_secs_f64();
        report(what, format!("{each:>6} µs server CPU   {rate:>8.0}/s"));
    }
}

fn measure(server: &Server, count: u32, mut work: impl FnMut()) -> Measured {
    let (before, start) = (server.cpu(), Instant::now());
    for _ in 0..count {
        work();
    }
    Measured { count, wall: start.elapsed(), cpu: server.cpu() - before }
}

fn authorize(browser: &mut Browser) -> String {
    let path = format!(
        "/authorize?response_type=code&client_id=bench&redirect_uri={CALLBACK}&scope=openid+membership+profile\
         &state=s&nonce=n&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let answer = browser.get(&path);
    let location = answer.location.unwrap_or_default();
    assert!(location.starts_with(CALLBACK), "{location} {}", answer.status);
    between(&location, "code=", "&").expect("a code").to_owned()
}

fn sign_in(browser: &mut Browser, basic: &str) -> String {
    let code = authorize(browser);
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}");
    let answer = browser.post_token(&body, basic);
    json_field(&answer, "refresh_token").unwrap_or_else(|| panic!("no tokens: {answer}"))
}

struct Server {
    child: Child,
}

impl Server {
    fn start(binary: &Path, folder: &Path) -> (Self, Duration) {
        let start = Instant::now();
        let pinned = Command::new("taskset").arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        let mut command = if pinned { Command::new("taskset") } else { Command::new(binary) };
        if pinned {
            command.args(["-c", "0"]).arg(binary);
        }
        let child = command
            .args(["demo", "--port", &PORT.to_string(), "--data"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the release build of idp starts");
        let server = Self { child };
        for _ in 0..10_000 {
            if TcpStream::connect(("127.0.0.1", PORT)).is_ok() && Browser::new().get("/health/ready").status == 200 {
                return (server, start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("the server did not become ready");
    }

    fn register_client(&self, binary: &Path, folder: &Path) -> String {
        let output = Command::new(binary)
            .args(["client", "--json", "--demo"])
            .arg(folder)
            .args(["create", "--id", "bench", "--redirect-uri", CALLBACK, "--scope", "openid membership profile email"])
            .args(["--name-th", "ทดสอบ", "--name-en", "bench", "--owner-th", "ทดสอบ", "--owner-en", "bench"])
            .args(["--purpose-th", "ทดสอบ", "--purpose-en", "measure"])
            .output()
            .expect("idp client runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        json_field(&text.replace("\": \"", "\":\""), "client_secret").unwrap_or_else(|| panic!("{output:?}"))
    }

    /// User and system time of the process so far.
    fn cpu(&self) -> Duration {
        let mut total = Duration::ZERO;
        // schedstat counts nanoseconds, for each thread.
        for task in
            std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("the server's threads").flatten()
        {
            let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let nanos = text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0);
            total += Duration::from_nanos(nanos);
        }
        total
    }

    fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let kib: u64 = between(&status, "VmRSS:", "kB").and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        format!("{:.1} MB", kib as f64 / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("IDP_BENCH_BIN") {
        return path.into();
    }
    // The bench runs from target/release/deps; the program lies beside it.
    let own = std::env::current_exe().expect("this program's path");
    let path = own.ancestors().nth(2).expect("target/release").join("idp");
    assert!(path.exists(), "build the program first: cargo build --release --workspace ({})", path.display());
    path
}

struct Answer {
    status: u16,
    location: Option<String>,
    body: String,
}

/// One keep-alive connection and its cookies.
struct Browser {
    connection: TcpStream,
    cookies: Vec<(String, String)>,
    /// The refresh token to be used next.
    refresh: Option<String>,
}

impl Browser {
    fn new() -> Self {
        let connection = TcpStream::connect(("127.0.0.1", PORT)).expect("the server listens");
        connection.set_nodelay(true).expect("a socket option");
        Self { connection, cookies: Vec::new(), refresh: None }
    }

    /// The same browser on another connection.
    fn again(&self) -> Self {
        Self { cookies: self.cookies.clone(), ..Self::new() }
    }

    fn get(&mut self, path: &str) -> Answer {
        self.request("GET", path, "", "")
    }

    fn post_token(&mut self, body: &str, basic: &str) -> String {
        let headers = format!("Authorization: Basic {basic}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        self.request("POST", "/token", &headers, body).body
    }

    fn post(&mut self, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let csrf = between(&page.body, "name=\"csrf\" value=\"", "\"").expect("a form").to_owned();
        let mut body = format!("csrf={csrf}");
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", encoded(value)));
        }
        self.request("POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", &body)
    }

    fn request(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\nCookie: {}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        );
        self.connection.write_all(request.as_bytes()).expect("the server reads");
        let mut bytes = Vec::with_capacity(4096);
        let mut chunk = [0; 16_384];
        let (head, length) = loop {
            let read = self.connection.read(&mut chunk).expect("the server answers");
            assert!(read > 0, "the server closed the connection");
            bytes.extend_from_slice(&chunk[..read]);
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                let length: usize = between(&format!("{head}\r\n"), "content-length: ", "\r\n")
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0);
                break (head, end + 4 + length);
            }
        };
        while bytes.len() < length {
            let read = self.connection.read(&mut chunk).expect("the server answers");
            bytes.extend_from_slice(&chunk[..read]);
        }
        let mut location = None;
        for line in head.lines() {
            if let Some(cookie) = line.strip_prefix("set-cookie: ") {
                let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
                self.cookies.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    self.cookies.push((name.to_owned(), value.to_owned()));
                }
            }
            if let Some(place) = line.strip_prefix("location: ") {
                location = Some(place.to_owned());
            }
        }
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
        let start = head.len() + 4;
        Answer { status, location, body: String::from_utf8_lossy(&bytes[start..]).into_owned() }
    }

    fn register(&mut self) {
        let page = self.get("/register");
        self.post("/register", &page, &[("member_type", "public")]);
        let page = self.get("/register/terms");
        self.post("/register/terms", &page, &[("accept_terms", "yes"), ("read_privacy", "yes")]);
        let page = self.get("/register/email");
        self.post("/register/email", &page, &[("email", "bench@mail.example")]);
        let code = (0..2000).find_map(|_| mailed_code()).expect("the code arrives in the mailbox");
        let page = self.get("/register/code");
        self.post("/register/code", &page, &[("code", &code)]);
        let page = self.get("/register/details");
        let fields = [
            ("title", "นาย"),
            ("first_name", "สมชาย"),
            ("last_name", "ใจดีตัวอย่าง"),
            ("sex", "male"),
            ("birth_day", "20"),
            ("birth_month", "5"),
            ("birth_year", "2533"),
            ("personnel_type", "outside"),
            ("organization", "-"),
            ("department", "-"),
            ("position", "-"),
            ("password", PASSWORD),
        ];
        let answer = self.post("/register/details", &page, &fields);
        assert_eq!(answer.location.as_deref(), Some("/welcome"), "{}", answer.body);
    }

    fn consent(&mut self) {
        let answer = self.get(&format!(
            "/authorize?response_type=code&client_id=bench&redirect_uri={CALLBACK}&scope=openid+membership+profile\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        ));
        let page = answer.location.expect("the consent page");
        let request = page.split_once("request=").expect("a waiting request").1.to_owned();
        let page = self.get(&page);
        self.post(
            "/consent",
            &page,
            &[("request", &request), ("shown", "openid membership profile"), ("decision", "allow")],
        );
    }

    fn sign_in_again(&mut self) {
        let page = self.get("/login?again=yes");
        let answer = self.post("/login", &page, &[("username", "bench@mail.example"), ("password", PASSWORD)]);
        assert_eq!(answer.location.as_deref(), Some("/profile"), "{}", answer.status);
    }
}

fn mailed_code() -> Option<String> {
    std::thread::sleep(Duration::from_millis(5));
    let mut connection = TcpStream::connect(("127.0.0.1", PORT + 3)).ok()?;
    let mut fetch = |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", PORT + 3);
        connection.write_all(request.as_bytes()).ok()?;
        let mut text = String::new();
        connection.read_to_string(&mut text).ok()?;
        connection = TcpStream::connect(("127.0.0.1", PORT + 3)).ok()?;
        Some(text)
    };
    let list = fetch("/")?;
    let mail = between(&list, "href=\"/mail", "\"")?.to_owned();
    let mail = fetch(&format!("/mail{mail}"))?;
    let digits = mail.as_bytes().windows(8).find(|window| {
        window[1..7].iter().all(u8::is_ascii_digit)
            && !window[0].is_ascii_alphanumeric()
            && !window[7].is_ascii_alphanumeric()
    })?;
    Some(String::from_utf8_lossy(&digits[1..7]).into_owned())
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let rest = &text[text.find(before)? + before.len()..];
    Some(&rest[..rest.find(after)?])
}

fn json_field(text: &str, name: &str) -> Option<String> {
    between(text, &format!("\"{name}\":\""), "\"").map(str::to_owned)
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
