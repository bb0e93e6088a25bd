//! A ministry service that signs people in with MOC Account: a real relying party, standard OpenID Connect only.
//!
//! In reading order: which service it is, going to the provider and coming back, the page of who signed in,
//! leaving; then what these lean on.

mod office;

mod sign_in;

mod me;

mod sign_out;

mod trouble;

mod provider;

mod claims;

mod visits;

mod http;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::error;

pub use office::{Credentials, DemoService, Neighbour, Offer};

use self::{provider::Provider, visits::Visits};
use super::{
    Surroundings,
    page::{self, Speaks, Words},
};
use crate::{assets, view::Lang};

/// Where the provider sends the browser back to, below the service's own address.
pub const CALLBACK_PATH: &str = "/callback";
/// Where the provider sends the browser after signing out, below the service's own address.
pub const SIGNED_OUT_PATH: &str = "/signed-out";
/// What the service asks for.
pub const SCOPES: [&str; 5] = ["openid", "membership", "profile", "email", "organization"];

/// Serves the service on `listener` until `stop`. The provider is looked up when first needed, so the order in which
/// the two start does not matter.
pub async fn serve(listener: TcpListener, service: DemoService, surroundings: Surroundings, stop: CancellationToken) {
    let name = service.name_en;
    let router = match router(service, surroundings) {
        Ok(router) => router,
        Err(error) => {
            error!("the demo service {name} cannot start: {error}");
            return;
        }
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
    if let Err(error) = served.await {
        error!("the demo service {name} ended: {error}");
    }
}

/// The service's pages; fails when its addresses are none or no HTTP client can be made.
pub fn router(service: DemoService, surroundings: Surroundings) -> Result<Router, ServiceError> {
    let provider = Provider::new(&service, surroundings.clone())?;
    let desk = Arc::new(Desk { provider, visits: Visits::new(surroundings), service });
    Ok(Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in::start))
        .route(CALLBACK_PATH, get(sign_in::finish))
        .route("/me", get(me::show))
        .route("/refresh", post(me::refresh))
        .route("/sign-out", post(sign_out::leave))
        .route(SIGNED_OUT_PATH, get(sign_out::left))
        .route("/accent.css", get(accent))
        .fallback(lost)
        .layer(from_fn(page::remember_language))
        .with_state(desk)
        .merge(assets::routes()))
}

/// Why a demo service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The issuer's or the service's own address is not a URL.
    #[error("{0} is not a URL")]
    Address(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// What every handler of one service works with.
struct Desk {
    service: DemoService,
    provider: Provider,
    visits: Visits,
}

impl Desk {
    /// The visit a request belongs to.
    fn visit<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        page::cookie(headers, &self.service.cookie_name())
    }

    /// The head, foot and language of a page.
    fn frame(&self, lang: Lang) -> Frame<'_> {
        Frame { words: Words(lang), lang, service: &self.service, here: "" }
    }

    /// A page; its forms may lead here and, when the provider is asked to sign out, on to the provider:
    /// browsers hold `form-action` against the redirects after a form, too.
    fn page(&self, status: StatusCode, page: &impl Template) -> Response {
        page::answer(status, page, &format!("form-action 'self' {}", self.provider.origin()))
    }
}

/// Sends the browser on with a GET.
fn go(to: &str) -> Response {
    // A URL made by the `url` crate or a path of ours is always a header value; anything else leads home.
    let location = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
    )
        .into_response()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    let value = HeaderValue::try_from(cookie).expect("a cookie of ASCII letters");
    response.headers_mut().append(header::SET_COOKIE, value);
    response
}

async fn home(State(desk): State<Arc<Desk>>, Speaks(lang): Speaks, headers: HeaderMap) -> Response {
    let person = desk.visit(&headers).and_then(|visit| desk.visits.person(visit));
    let who = person.map(|seated| seated.person.name(lang));
    desk.page(StatusCode::OK, &HomePage { frame: desk.frame(lang), who })
}

async fn lost(State(desk): State<Arc<Desk>>, Speaks(lang): Speaks) -> Response {
    trouble::Trouble::NoSuchPage.page(&desk, lang)
}

/// The department's colour; in a file, because the content policy allows no inline styles.
async fn accent(State(desk): State<Arc<Desk>>) -> Response {
    let css = format!(":root{{--accent:{};}}\n", desk.service.accent);
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], css)
        .into_response()
}

/// What every page of a service shows around its content.
struct Frame<'a> {
    words: Words,
    lang: Lang,
    service: &'a DemoService,
    /// Where the switch of the language leads: this page, or the front page from one that cannot be asked for again.
    here: &'static str,
}

impl Frame<'_> {
    /// A text of the service as HTML, with the phrases held together that browsers break within a word.
    fn hold(&self, text: &str) -> String {
        crate::view::text::to_html(text)
    }
}

#[derive(Template)]
#[template(path = "demo/service_home.html")]
struct HomePage<'a> {
    frame: Frame<'a>,
    who: Option<String>,
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    /// A service whose provider is not there: nothing listens on port 1.
    fn service_alone() -> Router {
        let credentials = Credentials { client_id: "demo".into(), client_secret: "demo".into() };
        let service = DemoService::academy("http://localhost:8081", "http://127.0.0.1:1", credentials);
        router(service, Surroundings::still()).unwrap()
    }

    async fn fetch(router: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_front_page_offers_to_sign_in_in_both_languages() {
        let router = service_alone();
        let check = async |path: &str, said: &str| {
            let (status, headers, body) = fetch(&router, Request::get(path).body(Body::empty()).unwrap()).await;
            assert_eq!(status, StatusCode::OK);
            assert!(body.contains("id=\"sign-in\"") && body.contains(said), "{path}: {body}");
            assert!(!body.contains("demo-service-"), "every word is in the locale files: {body}");
            assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'"));
        };
        check("/", "เข้าสู่ระบบด้วย MOC Account").await;
        check("/?lang=en", "Sign in with MOC Account").await;
    }

    #[tokio::test]
    async fn a_provider_that_is_down_is_said_kindly_with_a_way_to_try_again() {
        let request = Request::get("/sign-in").body(Body::empty()).unwrap();
        let (status, _, body) = fetch(&service_alone(), request).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY);
        assert!(body.contains("id=\"error-code\"") && body.contains("href=\"/sign-in\""), "{body}");
    }

    #[tokio::test]
    async fn an_answer_nobody_asked_for_signs_nobody_in() {
        let router = service_alone();
        for query in ["code=x&state=y", "code=x", "", "state=a&state=b&code=c", "error=access_denied&state=y"] {
            let request = Request::get(format!("/callback?{query}")).header("cookie", "demo_8081=guess");
            let (status, headers, body) = fetch(&router, request.body(Body::empty()).unwrap()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
            assert!(body.contains("id=\"error-code\">state_unknown<"), "{query}: {body}");
            assert!(!headers.contains_key(header::SET_COOKIE));
        }
    }

    #[tokio::test]
    async fn nobody_signed_in_is_led_to_the_front_page() {
        let router = service_alone();
        let check = async |request: Request<Body>| {
            let (status, headers, _) = fetch(&router, request).await;
            assert_eq!((status, &headers[header::LOCATION]), (StatusCode::SEE_OTHER, &HeaderValue::from_static("/")));
        };
        check(Request::get("/me").body(Body::empty()).unwrap()).await;
        let form = |path| Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        check(form("/sign-out").body(Body::from("csrf=x")).unwrap()).await;
        check(form("/refresh").body(Body::from("csrf=x")).unwrap()).await;
    }
}
