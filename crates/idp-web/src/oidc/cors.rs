//! What a program in a browser may reach from its own site: the endpoints that take no cookie and know their caller by a
//! code, a secret or a token. What is public anyway is there for any site; token and userinfo answer the sites where a
//! client has its redirect URIs. Everything else is ours alone.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::state::App;
use crate::urls;

const ANYBODY: HeaderValue = HeaderValue::from_static("*");

/// What a program may read beside the body: why it was refused, and the nonce for its next proof.
const EXPOSED: HeaderValue = HeaderValue::from_static("dpop-nonce, www-authenticate");

/// What is the same for everybody.
const PUBLIC: [&str; 3] = [urls::DISCOVERY, urls::METADATA, urls::JWKS];

/// Answers the browser's question beforehand, and lets the program read the answer.
pub async fn open_to_programs(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_public = PUBLIC.contains(&request.uri().path());
    let origin = if is_public { Some(ANYBODY) } else { known_origin(&app, request.headers()).await };
    if request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, dpop")),
            (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
        ];
        return match origin {
            Some(_) => allow((StatusCode::NO_CONTENT, headers).into_response(), origin),
            None => allow(StatusCode::NO_CONTENT.into_response(), None),
        };
    }
    allow(next.run(request).await, origin)
}

/// The `Origin` of a request, if a client in use has a redirect URI there. A program on a server sends none, and costs
/// nothing here.
async fn known_origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    match app.store.redirect_origins().await {
        Ok(known) => origin.to_str().is_ok_and(|origin| known.contains(origin)).then(|| origin.clone()),
        Err(error) => {
            tracing::error!("the sites of clients cannot be read: {error}");
            None
        }
    }
}

fn allow(mut response: Response, origin: Option<HeaderValue>) -> Response {
    let headers = response.headers_mut();
    let is_anybody = origin.as_ref() == Some(&ANYBODY);
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    if !is_anybody {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}
