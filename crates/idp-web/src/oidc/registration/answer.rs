//! Client information responses (RFC 7591 §3.2.1, RFC 7592 §3).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::client::{Client, metadata};
use idp_core::secret::Secret;
use serde_json::json;

use crate::state::App;
use crate::urls;

/// A client, and the secrets that its answer holds.
pub(super) struct Shown<'a> {
    pub(super) client: &'a Client,
    /// Its registration access token: new, or as it was presented.
    pub(super) access: &'a Secret,
    /// Its secret, in the one answer after it was made.
    pub(super) secret: Option<&'a Secret>,
}

/// The whole registration as it is kept.
pub(super) fn answer(app: &App, status: StatusCode, shown: &Shown<'_>) -> Response {
    let Shown { client, access, secret } = shown;
    let mut body = metadata::show(client);
    let mut put = |name: &str, value| body.insert(name.to_owned(), value);
    put("client_id", json!(client.id));
    put("client_id_issued_at", json!(client.created_at.timestamp()));
    put("registration_access_token", json!(access.reveal()));
    put("registration_client_uri", json!(app.url(&urls::client_configuration(&client.id))));
    if let Some(secret) = secret {
        put("client_secret", json!(secret.reveal()));
        // It does not expire.
        put("client_secret_expires_at", json!(0));
    }
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (status, headers, axum::Json(body)).into_response()
}
