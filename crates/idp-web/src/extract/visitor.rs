//! Who is visiting: the moment, the language, the origin, the browser, and the member if one is signed in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, OriginalUri};
use axum::http::request::Parts as RequestParts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Profile;
use idp_core::seal::mac;
use idp_core::secret::{Digest, Secret, base64url, same_bytes};
use idp_core::session::Session;
use idp_store::StoredAccount;

use super::{Cookie, CookieJar};
use crate::error::AppError;
use crate::proxy::{origin_bucket, origin_of};
use crate::state::App;
use crate::traffic;
use crate::urls;
use crate::view::lang::Lang;
use crate::view::shell::{MemberChip, Shell};

/// The visitor of one request. `now` is read here, once.
pub struct Visitor {
    /// The moment of the request.
    pub now: DateTime<Utc>,
    /// The language to answer in.
    pub lang: Lang,
    /// The network address, behind trusted proxies.
    pub origin: IpAddr,
    /// Browser and system in two words.
    pub device: String,
    /// The signed-in member.
    pub member: Option<Member>,
    /// How cookies are written.
    pub jar: CookieJar,
    browser: Browser,
    known_device: Option<Secret>,
    registration: Option<Secret>,
    half: Option<Secret>,
    here: String,
    form_token: String,
    app: App,
}

/// A member with a live session.
#[derive(Clone)]
pub struct Member {
    /// The session.
    pub session: Arc<Session>,
    /// The account.
    pub account: Arc<StoredAccount>,
}

enum Browser {
    Known(Secret),
    New(Secret),
}

/// The session's last request is written down at most this often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

impl FromRequestParts<App> for Visitor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut RequestParts, app: &App) -> Result<Self, AppError> {
        let now = app.now();
        let jar = CookieJar { https: app.config.server.is_https() };
        let headers = &parts.headers;
        let origin = origin(parts, app);
        let secret = |cookie| jar.read(headers, cookie).filter(|value| value.len() == 43).map(Secret::presented);
        let browser = match secret(Cookie::Browser) {
            Some(secret) => Browser::Known(secret),
            None => Browser::New(Secret::make(&*app.chance)),
        };
        let member = match secret(Cookie::Session) {
            Some(secret) => find_member(app, &secret.digest(), now).await?.inspect(|member| {
                traffic::member(member.account.account.id, Some(member.session.id));
            }),
            None => None,
        };
        let lang = Lang::choose(None, jar.read(headers, Cookie::Language), text(headers, header::ACCEPT_LANGUAGE));
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let mut visitor = Self {
            now,
            lang,
            origin,
            device: device_name(text(headers, header::USER_AGENT).unwrap_or_default()),
            member,
            jar,
            browser,
            known_device: secret(Cookie::Device),
            registration: secret(Cookie::Registration),
            half: secret(Cookie::Half),
            here: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            form_token: String::new(),
            app: app.clone(),
        };
        visitor.form_token = visitor.make_form_token();
        Ok(visitor)
    }
}

/// The network address a request comes from, behind trusted proxies.
pub(crate) fn origin(parts: &RequestParts, app: &App) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.ip());
    origin_of(peer, &parts.headers, &app.config.server.proxies())
}

async fn find_member(app: &App, cookie: &Digest, now: DateTime<Utc>) -> Result<Option<Member>, AppError> {
    let Some(session) = app.store.session_by_cookie(cookie).await? else { return Ok(None) };
    if !session.is_alive(now, app.session_limits()) {
        return Ok(None);
    }
    let Some(account) = app.store.account(session.account_id).await? else { return Ok(None) };
    if now - session.last_seen_at >= TOUCH_EVERY {
        app.store.touch_session(session.id, now).await?;
    }
    Ok(Some(Member { session, account }))
}

impl Visitor {
    /// The member, or the way to the sign-in page.
    ///
    /// # Errors
    /// A redirect to the sign-in page.
    pub fn signed_in(&self) -> Result<Member, Box<Response>> {
        self.member.clone().ok_or_else(|| Box::new(self.go(urls::LOGIN)))
    }

    /// What the shell of a page needs.
    pub fn shell(&self) -> Shell {
        let config = &self.app.config;
        Shell {
            lang: self.lang,
            here: self.here.clone(),
            csrf: self.form_token.clone(),
            member: self.member.as_ref().map(|member| MemberChip {
                name: name_in(&member.account.profile, self.lang),
                verified: member.account.badge().is_some(),
            }),
            service: None,
            demo: config.demo,
            issuer_host: config.server.issuer.split_once("://").map_or_else(String::new, |(_, host)| host.to_owned()),
        }
    }

    /// The shell with the name of the service that is signed in to.
    pub fn shell_for(&self, service: Option<String>) -> Shell {
        Shell { service, ..self.shell() }
    }

    /// 303 to a path of ours.
    pub fn go(&self, path: &str) -> Response {
        self.dress(see_other(path))
    }

    /// Gives the browser its name if it has none yet.
    pub fn dress(&self, mut response: Response) -> Response {
        if let Browser::New(secret) = &self.browser {
            self.jar.write(response.headers_mut(), Cookie::Browser, secret.reveal());
        }
        response
    }

    /// What waiting sign-ins are bound to.
    pub fn browser(&self) -> Digest {
        match &self.browser {
            Browser::Known(secret) | Browser::New(secret) => secret.digest(),
        }
    }

    /// Whether the browser came with a name: a form can only have come from a page that gave it one.
    pub fn has_browser(&self) -> bool {
        matches!(self.browser, Browser::Known(_))
    }

    /// The digest of the device cookie.
    pub fn known_device(&self) -> Option<Digest> {
        self.known_device.as_ref().map(Secret::digest)
    }

    /// The device cookie's secret, to be written again.
    pub fn device_secret(&self) -> Option<Secret> {
        self.known_device.clone()
    }

    /// The digest of the registration cookie.
    pub fn registration(&self) -> Option<Digest> {
        self.registration.as_ref().map(Secret::digest)
    }

    /// The secret of a sign-in that waits for a second factor.
    pub fn half(&self) -> Option<&Secret> {
        self.half.as_ref()
    }

    /// The origin as throttles count it: an address, or a network of the size one household has.
    pub fn origin_bucket(&self) -> String {
        origin_bucket(self.origin)
    }

    /// Whether `token` was given to this browser, in this session.
    pub fn owns_form(&self, token: &str) -> bool {
        self.has_browser() && same_bytes(token.as_bytes(), self.form_token.as_bytes())
    }

    fn make_form_token(&self) -> String {
        let browser = self.browser();
        let session = self.member.as_ref().map(|member| *member.session.id.0.as_bytes()).unwrap_or_default();
        base64url(&mac(&self.app.form_key, &[browser.as_bytes(), &session]))
    }
}

/// 303: the method becomes GET, whatever it was (RFC 9700 §4.12 forbids 307 here).
pub fn see_other(location: &str) -> Response {
    use axum::response::IntoResponse as _;
    match axum::http::HeaderValue::try_from(location) {
        Ok(location) => (axum::http::StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => AppError::internal("a redirect that is no header value").into_response(),
    }
}

/// The name as the page's language writes it, if the member gave one.
fn name_in(profile: &Profile, lang: Lang) -> String {
    match lang {
        Lang::Th => profile.full_name(),
        Lang::En => profile.full_name_en().unwrap_or_else(|| profile.full_name()),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// "Chrome, Android": enough for a member to recognise a device, too little to tell people apart.
fn device_name(user_agent: &str) -> String {
    let first = |table: &[(&str, &str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("", |(_, name)| *name).to_owned()
    };
    // Order matters: most browsers claim to be the ones before them as well.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Line/", "LINE"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
