//! A service's own HTTP server: a real one, on a port of this machine, that notes what it is sent and answers as it is
//! told. It can be slow, fail, be gone, and come back.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How the server answers.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// With this status and no body.
    Status(u16),
    /// With these bytes, called this kind of thing.
    Bytes(&'static str, Vec<u8>),
    /// With this JSON.
    Json(serde_json::Value),
    /// With a redirect to this address.
    Redirect(String),
    /// Not at all, until it is told otherwise.
    Silence,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// The server. It ends when it is dropped.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: Option<tokio::task::JoinHandle<()>>,
}

struct Shared {
    behaviour: watch::Sender<Behaviour>,
    received: Mutex<Vec<Received>>,
}

impl Receiver {
    /// A server that answers 200.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let shared =
            Arc::new(Shared { behaviour: watch::Sender::new(Behaviour::Status(200)), received: Mutex::default() });
        let mut receiver = Self { address, shared, server: None };
        receiver.serve(listener);
        receiver
    }

    fn serve(&mut self, listener: TcpListener) {
        let router = Router::new().fallback(answer).with_state(Arc::clone(&self.shared));
        self.server = Some(tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") }));
    }

    /// An address of this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers like this from now on; requests that wait are answered as well.
    pub fn behave(&self, behaviour: Behaviour) {
        self.shared.behaviour.send_replace(behaviour);
    }

    /// What came so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().expect("nobody panics with it").clone()
    }

    /// Stops listening: connections are refused.
    pub async fn go_away(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            let _ = server.await;
        }
    }

    /// Listens again at the same port.
    pub async fn come_back(&mut self) {
        self.serve(TcpListener::bind(self.address).await.expect("nobody else took the port"));
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    shared.received.lock().expect("nobody panics with it").push(Received { method, uri, headers, body });
    let mut behaviour = shared.behaviour.subscribe();
    let now = behaviour.wait_for(|behaviour| !matches!(behaviour, Behaviour::Silence)).await;
    match now.map(|behaviour| behaviour.clone()) {
        Ok(Behaviour::Status(status)) => StatusCode::from_u16(status).expect("a status").into_response(),
        Ok(Behaviour::Bytes(kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Ok(Behaviour::Json(value)) => axum::Json(value).into_response(),
        Ok(Behaviour::Redirect(to)) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Ok(Behaviour::Silence) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
