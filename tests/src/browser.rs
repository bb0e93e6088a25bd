//! A small browser: keeps cookies, follows redirects within the provider, posts forms as browsers do. It stops where a
//! redirect leaves the provider.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::{Method, Request, header};
use url::Url;

use crate::reply::{FORM, encoded};
use crate::{App, Form, Page, Reply};

/// A browser with its own cookies and address. A clone is a copy of its cookies.
#[derive(Clone)]
pub struct Browser {
    app: App,
    /// The address it comes from.
    pub address: IpAddr,
    /// `Accept-Language`.
    pub language: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
}

/// From where a request is made, as `Sec-Fetch-Site` and the SameSite rules see it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Site<'a> {
    /// The person typed the address or followed a link.
    Person,
    /// A page of the provider.
    Own,
    /// A page of somebody else's.
    Foreign(&'a str),
}

/// What a request carries.
struct Body {
    kind: &'static str,
    bytes: Vec<u8>,
}

impl Body {
    fn form(text: String) -> Self {
        Self { kind: FORM, bytes: text.into_bytes() }
    }

    /// RFC 7578: the fields, then the file.
    fn parts(fields: &[(String, String)], name: &str, file: &[u8]) -> Self {
        let mut bytes = Vec::new();
        for (name, value) in fields.iter().filter(|(field, _)| field != name) {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            bytes.extend(head.bytes());
        }
        let filename = if file.is_empty() { "" } else { "photo.png" };
        let about = format!("form-data; name=\"{name}\"; filename=\"{filename}\"");
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: {about}\r\nContent-Type: application/octet-stream\r\n\r\n");
        bytes.extend(head.bytes().chain(file.iter().copied()).chain(format!("\r\n--{BOUNDARY}--\r\n").bytes()));
        Self { kind: PARTS, bytes }
    }
}

/// What stands between the parts of a form with a file.
const BOUNDARY: &str = "----part-of-a-form-7f3a";
/// The media type of forms with a file, as this browser sends them.
pub const PARTS: &str = "multipart/form-data; boundary=----part-of-a-form-7f3a";

/// The body of a form with a file, for tests that write their own requests.
pub fn parts<N: Into<String>, V: Into<String>>(fields: Vec<(N, V)>, name: &str, file: &[u8]) -> Vec<u8> {
    let fields: Vec<(String, String)> = fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    Body::parts(&fields, name, file).bytes
}

impl Browser {
    pub(crate) fn new(app: App, address: IpAddr) -> Self {
        let user_agent = "Mozilla/5.0 (Linux; Android 15) Chrome/141.0".to_owned();
        Self { app, address, language: "th".to_owned(), user_agent, cookies: BTreeMap::new() }
    }

    /// The provider.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Puts this browser before another provider, as after a restart.
    pub fn visit(&mut self, app: &App) {
        self.app = app.clone();
    }

    /// Opens a path of the provider, or a whole URL of it.
    pub async fn get(&mut self, path: &str) -> Page {
        self.go(Method::GET, self.own_path(path), None, Site::Person).await
    }

    /// Sends a form of the provider's page.
    pub async fn submit(&mut self, form: Form) -> Page {
        let body = encoded(&form.fields);
        let action = self.own_path(&form.action);
        match form.is_post {
            true => self.go(Method::POST, action, Some(Body::form(body)), Site::Own).await,
            false => self.go(Method::GET, format!("{action}?{body}"), None, Site::Own).await,
        }
    }

    /// Sends a form with a file chosen in its field `name`, as browsers write such a form.
    pub async fn upload(&mut self, form: &Form, name: &str, file: &[u8]) -> Page {
        let action = self.own_path(&form.action);
        self.go(Method::POST, action, Some(Body::parts(&form.fields, name, file)), Site::Own).await
    }

    /// Sends a form from a page of `origin`: the browser says so, and keeps our cookies back.
    pub async fn post_from(&mut self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = encoded(fields);
        self.go(Method::POST, path.to_owned(), Some(Body::form(body)), Site::Foreign(origin)).await
    }

    /// One GET, without following where it leads.
    pub async fn look(&mut self, path: &str) -> Reply {
        self.once(Method::GET, &self.own_path(path), None, Site::Person).await
    }

    /// One POST of a form, without following where it leads.
    pub async fn press(&mut self, form: &Form) -> Reply {
        self.once(Method::POST, &self.own_path(&form.action), Some(Body::form(encoded(&form.fields))), Site::Own).await
    }

    /// A request with this browser's cookies and nothing else, for tests that write their own.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let line = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        Request::builder().method(method).uri(path).header(header::COOKIE, line.join("; "))
    }

    /// The name of a cookie as this provider writes it.
    pub fn cookie_name(&self, cookie: &str) -> String {
        if self.app.config.server.is_https() { format!("__Host-{cookie}") } else { cookie.to_owned() }
    }

    /// A cookie's value.
    pub fn cookie(&self, cookie: &str) -> Option<&str> {
        self.cookies.get(&self.cookie_name(cookie)).map(String::as_str)
    }

    /// Whether the browser holds a session that the provider knows.
    pub async fn is_signed_in(&mut self) -> bool {
        self.look("/profile").await.status == 200
    }

    /// Forgets all cookies, as somebody does who borrows the device.
    pub fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    fn own_path(&self, url: &str) -> String {
        url.strip_prefix(self.app.issuer()).unwrap_or(url).to_owned()
    }

    async fn go(&mut self, method: Method, path: String, body: Option<Body>, site: Site<'_>) -> Page {
        let (mut path, mut reply) = (path.clone(), self.once(method, &path, body, site).await);
        for _ in 0..20 {
            if !reply.status.is_redirection() {
                return Page { path, status: reply.status, headers: reply.headers, html: reply.body, away: None };
            }
            let here = Url::parse(&format!("{}{path}", self.app.issuer())).expect("a path of ours");
            let next = here.join(reply.header("location")).expect("a Location is a URL");
            // RFC 9700 §4.12: nothing here redirects a POST as a POST, neither here nor away.
            assert_eq!(reply.status, 303, "from {path}");
            if next.origin() != here.origin() {
                let away = Some(reply.header("location").to_owned());
                return Page { path, status: reply.status, headers: reply.headers, html: reply.body, away };
            }
            path = next[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
            reply = self.once(Method::GET, &path, None, Site::Person).await;
        }
        panic!("redirected without end, at last to {path}");
    }

    async fn once(&mut self, method: Method, path: &str, body: Option<Body>, site: Site<'_>) -> Reply {
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::ACCEPT_LANGUAGE, &self.language)
            .header(header::USER_AGENT, &self.user_agent);
        request = match site {
            Site::Person => request.header("sec-fetch-site", "none"),
            Site::Own => request.header("sec-fetch-site", "same-origin").header(header::ORIGIN, self.app.issuer()),
            Site::Foreign(origin) => request.header("sec-fetch-site", "cross-site").header(header::ORIGIN, origin),
        };
        // SameSite=Lax: a form of another site brings no cookies.
        let lax_allows = method == Method::GET || !matches!(site, Site::Foreign(_));
        if lax_allows && !self.cookies.is_empty() {
            let line = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
            request = request.header(header::COOKIE, line.join("; "));
        }
        if let Some(body) = &body {
            request = request.header(header::CONTENT_TYPE, body.kind);
        }
        let body = body.map_or_else(axum::body::Body::empty, |body| axum::body::Body::from(body.bytes));
        let request = request.body(body).expect("a path of ours");
        let reply = self.app.clone().send_from(self.address, request).await;
        self.take_cookies(&reply);
        reply
    }

    /// RFC 6265 §5.3, as far as our cookies go.
    fn take_cookies(&mut self, reply: &Reply) {
        for line in reply.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("our cookies are ASCII");
            let mut parts = line.split(';').map(str::trim);
            let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a name");
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
