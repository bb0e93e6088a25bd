//! Draws the page of a failure, in the visitor's language.

use std::any::Any;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::AppError;
use crate::extract::{Cookie, CookieJar, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::ErrorPage;
use crate::view::shell::{Action, Shell};
use crate::view::text::Text;

/// Turns an [`AppError`] left by a handler into its page.
pub async fn error_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut visit = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(error) = response.extensions().get::<AppError>().cloned() else { return response };
    // The store may be what is down: then the page is drawn without knowing who is visiting.
    let shell = match Visitor::from_request_parts(&mut visit, &app).await {
        Ok(visitor) => visitor.shell(),
        Err(_) => bare_shell(&app, &visit.headers),
    };
    let failure = error.failure();
    let (href, text) = failure.next.clone().unwrap_or_else(|| (urls::HOME.to_owned(), Text::key("error-page-home")));
    let page = ErrorPage {
        shell,
        code: failure.code.to_owned(),
        title: failure.title.clone(),
        body: failure.body.clone(),
        detail: failure.detail.clone(),
        actions: vec![Action::primary(href, text)],
        reference: reference(&app),
    };
    let mut drawn = page.render_response(failure.status);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            drawn.headers_mut().append(name, value.clone());
        }
    }
    drawn
}

/// What is answered when a handler panics: nothing of what happened, and the process lives on.
pub fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "application/json")], r#"{"error":"server_error"}"#)
        .into_response()
}

fn bare_shell(app: &App, headers: &HeaderMap) -> Shell {
    let jar = CookieJar { https: app.config.server.is_https() };
    let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Shell {
        lang: Lang::choose(None, jar.read(headers, Cookie::Language), accept),
        here: urls::HOME.to_owned(),
        csrf: String::new(),
        member: None,
        service: None,
        demo: app.config.demo,
        issuer_host: String::new(),
    }
}

/// A short word that the person can tell the help desk and an operator finds in the log.
fn reference(app: &App) -> String {
    let mut bytes = [0; 6];
    app.chance.fill(&mut bytes);
    let reference = idp_core::secret::base64url(&bytes);
    tracing::info!(reference, "an error page was shown");
    reference
}
