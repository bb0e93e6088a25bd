//! Security headers for every response.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::App;
use crate::urls;

/// A page whose form leads on to a service says so here: where the browser goes from there is the service's to say.
#[derive(Clone, Debug)]
pub struct LeadsOn;

/// Where services open a window and hear from it when it comes back to them. A policy for openers would cut that tie for good,
/// also one that came with a redirect on the way. Nothing else of ours is ever shown in another site's window.
const IN_WINDOWS_OF_SERVICES: &[&str] = &[
    urls::AUTHORIZE,
    urls::LEGACY_AUTHORIZE,
    urls::LOGIN,
    urls::CONSENT,
    urls::ACCEPT,
    "/register",
    "/recover",
    urls::VERIFY,
    "/thaid",
    urls::LOGOUT,
    "/signout",
];

/// A page that shows other sites' pages in frames names their origins here; no other page can.
#[derive(Clone, Debug)]
pub struct Frames(pub Vec<String>);

/// A page whose script asks this site something says so here; on other pages no script asks anybody anything.
#[derive(Clone, Debug)]
pub struct AsksUs;

/// Adds the headers. Pages have no inline script or style, load nothing from elsewhere and cannot be framed.
pub async fn security_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let opener = match IN_WINDOWS_OF_SERVICES.iter().any(|start| is_below(request.uri().path(), start)) {
        true => "unsafe-none",
        false => "same-origin",
    };
    let mut response = next.run(request).await;
    // Chromium holds every redirect after a form to `form-action`, those of the service and whoever it leads on to as well.
    let form_action = match response.extensions_mut().remove::<LeadsOn>() {
        Some(LeadsOn) => "",
        None => "form-action 'self'; ",
    };
    let frames = response.extensions_mut().remove::<Frames>();
    let frames = frames.map_or_else(String::new, |Frames(origins)| format!("; frame-src {}", origins.join(" ")));
    let connect = if response.extensions_mut().remove::<AsksUs>().is_some() { "; connect-src 'self'" } else { "" };
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; \
         {form_action}frame-ancestors 'none'; base-uri 'none'{connect}{frames}"
    );
    let headers = response.headers_mut();
    let mut put = |name: header::HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    // Nothing to other sites. "no-referrer" would make browsers send `Origin: null` with our own forms as well (Fetch,
    // "append a request Origin header"), and then nobody could tell them from another site's.
    put(header::REFERRER_POLICY, "same-origin");
    put(header::CACHE_CONTROL, "no-store");
    put(header::HeaderName::from_static("cross-origin-opener-policy"), opener);
    put(header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if app.config.server.is_https() {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    response
}

/// Whether a path is `start`, or lies below it.
fn is_below(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
