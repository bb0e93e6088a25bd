//! A router that hands every request on to a program that listens elsewhere.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use reqwest::redirect::Policy;

/// Everything goes to `address`.
pub(crate) fn router(address: &str) -> Router {
    let http = reqwest::Client::builder().redirect(Policy::none()).build().expect("an HTTP client can be made");
    let address = address.to_owned();
    Router::new().fallback(move |request: Request<Body>| {
        let (http, address) = (http.clone(), address.clone());
        async move { forward(&http, &address, request).await }
    })
}

async fn forward(http: &reqwest::Client, address: &str, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 16 << 20).await.expect("a request in memory can be read");
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let sent = http.request(parts.method, format!("{address}{target}")).headers(parts.headers).body(body);
    // An answer counts when it came whole.
    let (status, headers, body) = match whole(sent).await {
        Ok(answer) => answer,
        Err(_) => (StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::from_static(b"no answer")),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    response
}

async fn whole(sent: reqwest::RequestBuilder) -> reqwest::Result<(StatusCode, HeaderMap, Bytes)> {
    let reply = sent.send().await?;
    let (status, headers) = (reply.status(), reply.headers().clone());
    Ok((status, headers, reply.bytes().await?))
}
