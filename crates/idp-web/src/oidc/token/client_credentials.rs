//! `grant_type=client_credentials` (RFC 6749 §4.4): a machine asks for a token as itself, to one resource.

use axum::response::Response;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::dpop::Confirmation;
use idp_core::jose::{Algorithm, TokenType};
use idp_core::resource::resource_of_machine;
use idp_core::secret::base64url;
use idp_core::token::MachineClaims;
use serde::Serialize;
use serde_json::json;

use super::mint::{send, token_type};
use super::{TokenError, TokenRequest};

/// The answer of RFC 6749 §4.4.3: no refresh token, no ID token.
#[derive(Serialize)]
struct Body<'a> {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: &'a str,
}

/// Gives a token about nobody but the client.
pub(super) async fn give(request: &TokenRequest<'_>) -> Result<Response, TokenError> {
    let &TokenRequest { app, client, parameters, now, .. } = request;
    let key = request.key.as_ref();
    let access = resource_of_machine(client, parameters.get("resource"))?;
    let scope = access.granted(parameters.get("scope"))?;
    let lifetime = app.lifetimes().access;
    let mut jti = [0; 16];
    app.chance.fill(&mut jti);
    let claims = MachineClaims {
        iss: app.issuer().to_owned(),
        sub: client.id.clone(),
        aud: access.resource.as_str().to_owned(),
        client_id: client.id.clone(),
        iat: now.timestamp(),
        exp: (now + lifetime).timestamp(),
        jti: base64url(&jti),
        scope,
        cnf: key.map(|key| Confirmation { jkt: key.clone() }),
    };
    let broken = || ProtocolError::new(ErrorCode::ServerError, "no signing key is ready");
    let keys = app.keys.load();
    let signing = keys.signing(Algorithm::ES256).ok_or_else(broken)?;
    let access_token = signing.seal_claims(TokenType::Access, &claims).map_err(|_| broken())?;
    let event = AuditEvent::new(now, Actor::Client, Action::TokensIssued)
        .client(&client.id)
        .from(request.origin.clone())
        .detail(json!({ "resource": claims.aud, "scope": claims.scope }));
    app.store.record(&[event]).await?;
    let body =
        Body { access_token, token_type: token_type(key), expires_in: lifetime.num_seconds(), scope: &claims.scope };
    Ok(send(app, &body, key, now))
}
