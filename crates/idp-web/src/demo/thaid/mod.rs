//! A simulated ThaID: an OpenID provider that signs the sample citizens in, for the demonstration and for tests, which can
//! make it misbehave.
//!
//! In reading order: serving it, the page on which somebody chooses who to be (`authorize`), the ID token (`token`), and
//! what both work with (`office`).

mod authorize;
mod office;
mod token;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::error;

pub use office::{Choice, Fault};

use self::office::Office;
use super::Surroundings;
use super::page;
use crate::assets;

/// As whom MOC Account is registered there.
pub const CLIENT_ID: &str = "moc-account";
/// Its secret there.
pub const CLIENT_SECRET: &str = "demo-thaid-secret";

/// A simulated ThaID at work. Dropped, it stops.
pub struct RunningThaid {
    address: SocketAddr,
    office: Arc<Office>,
    _stop: DropGuard,
}

impl RunningThaid {
    /// Serves it on `listener`; `issuer` is the address by which browsers and MOC Account reach it, and `redirect_uri` the
    /// callback that MOC Account has registered there.
    ///
    /// # Errors
    /// When no signing key can be made, or the listener has no address.
    pub fn start(
        listener: TcpListener,
        issuer: String,
        redirect_uri: String,
        surroundings: Surroundings,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let office = Arc::new(Office::open(issuer, redirect_uri, surroundings).map_err(io::Error::other)?);
        let stop = CancellationToken::new();
        let (router, stopped) = (router(Arc::clone(&office)), stop.clone());
        tokio::spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(async move { stopped.cancelled().await });
            if let Err(error) = served.await {
                error!("the simulated ThaID ended: {error}");
            }
        });
        Ok(Self { address, office, _stop: stop.drop_guard() })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.office.issuer
    }

    /// The callback that it knows.
    pub fn redirect_uri(&self) -> &str {
        &self.office.redirect_uri
    }

    /// What is wrong with it from now on.
    pub fn set_fault(&self, fault: Fault) {
        self.office.set_fault(fault);
    }

    /// What the person does on the page at `url`: the address that their browser is sent back to. `None` for a request
    /// that the page refuses.
    pub fn choose(&self, url: &str, choice: &Choice) -> Option<String> {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let asked = self.office.read(query)?;
        Some(self.office.answer(&asked, choice))
    }

    /// The scopes of a request to it.
    pub fn scopes(&self, url: &str) -> Option<String> {
        self.office.read(url.split_once('?')?.1).map(|asked| asked.scope)
    }

    /// How many codes somebody tried to redeem.
    pub fn token_calls(&self) -> u64 {
        self.office.token_calls()
    }
}

fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/", get(authorize::home))
        .route("/authorize", get(authorize::show).post(authorize::choose))
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/token", post(token::redeem))
        .layer(from_fn(page::remember_language))
        .with_state(office)
        .merge(assets::routes())
}

async fn metadata(State(office): State<Arc<Office>>) -> Response {
    if office.fault() == Fault::Down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let at = |path: &str| format!("{}{path}", office.issuer);
    Json(json!({
        "issuer": office.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid", "pid", "ial", "given_name", "family_name", "birthdate"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

async fn jwks(State(office): State<Arc<Office>>) -> Response {
    if office.fault() == Fault::Down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(json!({ "keys": [office.key().public()] })).into_response()
}
