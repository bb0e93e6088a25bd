//! A client's own server on loopback: what it answers can be changed, and what it was asked is counted.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::jose::SigningKey;
use serde_json::json;
use tokio::net::TcpListener;

/// A running server; it ends with the test.
#[derive(Clone)]
pub struct ClientServer {
    base: String,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    status: StatusCode,
    location: Option<String>,
    body: Vec<u8>,
    asked: Vec<(String, HeaderMap)>,
}

impl ClientServer {
    /// Starts one that answers every GET and POST with 404.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let inner = Inner { status: StatusCode::NOT_FOUND, location: None, body: Vec::new(), asked: Vec::new() };
        let server = Self { base: format!("http://{address}"), inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// A server with the public halves of `keys`.
    pub async fn with_keys(keys: &[&SigningKey]) -> Self {
        let server = Self::start().await;
        server.show_keys(keys);
        server
    }

    /// The URL of a path there.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// From now on answers with a JWKS document.
    pub fn show_keys(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
        self.answer_with(200, json!({ "keys": keys }).to_string());
    }

    /// From now on answers with this.
    pub fn answer_with(&self, status: u16, body: impl Into<Vec<u8>>) {
        self.change(|inner| {
            inner.status = StatusCode::from_u16(status).expect("a status");
            inner.body = body.into();
        });
    }

    /// From now on sends everybody elsewhere.
    pub fn redirect_to(&self, location: &str) {
        self.change(|inner| {
            inner.status = StatusCode::FOUND;
            inner.location = Some(location.to_owned());
        });
    }

    /// How often it was asked.
    pub fn times_asked(&self) -> usize {
        self.change(|inner| inner.asked.len())
    }

    /// Path and headers of each request, in order.
    pub fn asked(&self) -> Vec<(String, HeaderMap)> {
        self.change(|inner| inner.asked.clone())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn answer(State(server): State<ClientServer>, request: Request) -> Response {
    server.change(|inner| {
        inner.asked.push((request.uri().to_string(), request.headers().clone()));
        let mut response = (inner.status, inner.body.clone()).into_response();
        if let Some(location) = &inner.location {
            let location = HeaderValue::try_from(location).expect("a Location");
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    })
}
