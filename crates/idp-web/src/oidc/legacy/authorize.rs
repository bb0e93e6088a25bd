//! `GET /auth/authorize`: `response_type`, `client_id`, `redirect_uri`, and a `state` if there is one.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use idp_core::authorize::{RawRequest, ReturnAddress};
use idp_core::client::LEGACY_AUTHORIZE;
use idp_core::secret::base64url;
use sha2::{Digest as _, Sha256};

use super::{allowed, verifier};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::answer;
use crate::oidc::authorize::proceed;
use crate::oidc::pending::Pending;
use crate::state::App;

/// The request becomes an ordinary one for everything the client may have; nothing else of it counts.
pub async fn get(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let raw = RawRequest::parse(&[query.as_deref().unwrap_or_default()])?;
    let client = app.store.client(&ReturnAddress::client_id(&raw)?).await?;
    let scopes = client.as_ref().map(|client| client.scopes.to_string()).unwrap_or_default();
    let challenge = client.as_ref().map(|client| base64url(&Sha256::digest(verifier(&app, client))));
    let challenge = challenge.as_deref().unwrap_or_default();
    let ours = [("scope", scopes.as_str()), ("code_challenge_method", "S256"), ("code_challenge", challenge)];
    let ordinary = RawRequest::parse(&[&raw.narrowed(&LEGACY_AUTHORIZE, &ours)])?;
    // Nobody is answered before client and redirect URI are proven; then the client hears that it may not.
    let address = ReturnAddress::prove(&ordinary, client)?;
    if let Err(error) = allowed(address.client(), visitor.now) {
        return answer::error(&app, &visitor, &address, error).await;
    }
    let pending = Pending { query: String::new(), began_at: visitor.now, pushed: None };
    proceed(&app, &visitor, ordinary, pending, None).await
}
