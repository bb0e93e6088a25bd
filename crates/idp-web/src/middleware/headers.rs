//! Security headers for every response.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::App;

/// A page that needs more than the strict policy says so here.
#[derive(Clone, Debug)]
pub struct Csp {
    /// An origin that a form on the page may post to.
    pub form_action: String,
}

/// A page that shows other sites' pages in frames names their origins here; no other page can.
#[derive(Clone, Debug)]
pub struct Frames(pub Vec<String>);

/// A page whose script asks this site something says so here; on other pages no script asks anybody anything.
#[derive(Clone, Debug)]
pub struct AsksUs;

/// Adds the headers. Pages have no inline script or style, load nothing from elsewhere and cannot be framed.
pub async fn security_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let extra = response.extensions_mut().remove::<Csp>();
    // After a sign-in the browser follows a redirect to the service; browsers that apply form-action to redirects
    // (Chromium) would stop it there, so forms that lead on to a service name its origin.
    let form_action = extra.map_or_else(|| "'self'".to_owned(), |csp| format!("'self' {}", csp.form_action));
    let frames = response.extensions_mut().remove::<Frames>();
    let frames = frames.map_or_else(String::new, |Frames(origins)| format!("; frame-src {}", origins.join(" ")));
    let connect = if response.extensions_mut().remove::<AsksUs>().is_some() { "; connect-src 'self'" } else { "" };
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; \
         form-action {form_action}; frame-ancestors 'none'; base-uri 'none'{connect}{frames}"
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
    put(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if app.config.server.is_https() {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    response
}
