//! The trial's way to the provider: straight into our own router, in this process. Nothing goes over a network, and nowhere
//! but to the issuer; what was sent and answered is noted down.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tower::ServiceExt as _;

use super::masked;
use crate::routes;
use crate::state::App;

/// More than any answer of ours.
const LONGEST: usize = 1024 * 1024;

/// A request and its answer, as they are shown: what is secret in them is not there any more.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) request: String,
    pub(super) answer: String,
}

pub(super) struct InProcess {
    router: Router,
    issuer: String,
    exchanges: Mutex<Vec<Exchange>>,
}

/// Another address than the issuer's, or an answer that cannot be read. Says nothing of the request, which holds secrets.
#[derive(Debug, thiserror::Error)]
#[error("not an answer of this provider")]
pub(super) struct NoAnswer;

impl InProcess {
    pub(super) fn new(app: &App) -> Self {
        Self { router: routes::router(app.clone()), issuer: app.issuer().to_owned(), exchanges: Mutex::default() }
    }

    /// What went back and forth since this was last asked.
    pub(super) fn taken(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.exchanges.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.to_string().strip_prefix(&self.issuer).map(str::to_owned).ok_or(NoAnswer)?;
        if !path.starts_with('/') {
            return Err(NoAnswer);
        }
        let shown = shown_request(parts.method.as_str(), &path, &parts.headers, &body);
        let mut inner = Request::builder().method(parts.method).uri(path);
        if let Some(headers) = inner.headers_mut() {
            *headers = parts.headers;
        }
        let inner = inner.body(Body::from(body)).map_err(|_| NoAnswer)?;
        let answer: Result<_, Infallible> = self.router.clone().oneshot(inner).await;
        let Ok(answer) = answer;
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, LONGEST).await.map_err(|_| NoAnswer)?;
        let status = format!("{} {}", parts.status.as_u16(), parts.status.canonical_reason().unwrap_or_default());
        let answer = format!("{}\n\n{}", status.trim_end(), masked::body(&parts.headers, &body));
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.push(Exchange { request: shown, answer });
        let mut response = HttpResponse::new(body.to_vec());
        *response.status_mut() = parts.status;
        *response.headers_mut() = parts.headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for InProcess {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn shown_request(method: &str, path: &str, headers: &HeaderMap, body: &[u8]) -> String {
    let mut shown = format!("{method} {path}");
    for name in [header::AUTHORIZATION, header::ACCEPT, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name).and_then(|value| value.to_str().ok()) {
            let value = if name == header::AUTHORIZATION { masked::authorization(value) } else { value.to_owned() };
            shown.push_str(&format!("\n{name}: {value}"));
        }
    }
    if !body.is_empty() {
        shown.push_str("\n\n");
        shown.push_str(&masked::form(body));
    }
    shown
}
