//! `/introspect` (RFC 7662): a resource asks whether a token that it was sent counts. It hears about tokens meant for it;
//! everything else, whatever it is, is the same `{"active":false}`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::authorize::{ErrorCode, ProtocolError};
use idp_core::client::Client;
use idp_core::dpop::Confirmation;
use idp_core::jose::{Audience, TokenType, Unverified};
use idp_core::resource::{ResourceUri, TokenScope};
use idp_core::token::{AccessClaims, AnyAccessClaims, MachineClaims};
use idp_store::StoreError;
use serde::Serialize;

use super::living::{LivingMachine, living, living_machine};
use super::token::{Place, ServerForm, TokenError, authenticate_request};
use crate::state::App;

/// The media type of the signed answer (RFC 9701 §4).
const SIGNED: &str = "application/token-introspection+jwt";

/// What is said of a token (RFC 7662 §2.2).
#[derive(Default, Serialize)]
struct Answer {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    about: Option<About>,
}

#[derive(Serialize)]
struct About {
    iss: String,
    sub: String,
    aud: Audience,
    client_id: String,
    scope: String,
    token_type: &'static str,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// The signed answer's claims (RFC 9701 §5).
#[derive(Serialize)]
struct SignedAnswer<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: Answer,
}

/// POST.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, TokenError> {
    let now = app.now();
    let ServerForm { parts, parameters } = ServerForm::read(request).await?;
    let client = authenticate_request(&app, &parts.headers, &parameters, Place::Token, now).await?;
    // RFC 7662 §2.1: whoever asks must have proven who they are; a public client cannot.
    if client.is_public() {
        return Err(TokenError::invalid_client());
    }
    let token = parameters.get("token").ok_or(ProtocolError::invalid_request("token is missing"))?;
    let about = match &client.resource {
        Some(resource) => examine(&app, token, &resource.identifier, now).await?,
        None => None,
    };
    let answer = Answer { active: about.is_some(), about };
    if !wants_signed(&parts.headers) {
        return Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(answer)).into_response());
    }
    sign(&app, &client, answer, now)
}

/// What a token says that counts, and is meant for `resource`.
async fn examine(
    app: &App,
    token: &str,
    resource: &ResourceUri,
    now: DateTime<Utc>,
) -> Result<Option<About>, StoreError> {
    let read = Unverified::parse(token).and_then(|token| token.verify(TokenType::Access, &app.keys.load()));
    match read {
        Ok(AnyAccessClaims::Member(claims)) => about_member(app, claims, resource, now).await,
        Ok(AnyAccessClaims::Machine(claims)) => about_machine(app, claims, resource, now).await,
        Err(_) => Ok(None),
    }
}

async fn about_member(
    app: &App,
    claims: AccessClaims,
    resource: &ResourceUri,
    now: DateTime<Utc>,
) -> Result<Option<About>, StoreError> {
    let meant = claims.iss == app.issuer() && claims.aud.contains(resource.as_str()) && now.timestamp() < claims.exp;
    if !meant {
        return Ok(None);
    }
    let Some(living) = living(app, &claims, now).await? else { return Ok(None) };
    // What the client has lost since does not count any more, and a resource hears of its own scopes alone.
    let Some(held) = living.grant.resources.within(&living.client).get(resource).cloned() else { return Ok(None) };
    let theirs = claims.scope.theirs.into_iter().filter(|scope| held.scopes.contains(scope)).collect();
    let ours = claims.scope.ours.intersect(living.grant.scopes).intersect(living.client.scopes);
    let scope = TokenScope { ours, theirs };
    if living.grant.refresh.as_ref().is_some_and(|family| family.generation == claims.generation && !family.confirmed) {
        // As at userinfo: the reply that brought this token arrived.
        app.store.confirm(living.grant.id, claims.generation).await?;
    }
    Ok(Some(About {
        iss: claims.iss,
        sub: claims.sub,
        aud: claims.aud,
        client_id: claims.client_id.as_str().to_owned(),
        scope: scope.to_string(),
        token_type: if claims.cnf.is_some() { "DPoP" } else { "Bearer" },
        iat: claims.iat,
        exp: claims.exp,
        jti: claims.jti,
        cnf: claims.cnf,
    }))
}

async fn about_machine(
    app: &App,
    claims: MachineClaims,
    resource: &ResourceUri,
    now: DateTime<Utc>,
) -> Result<Option<About>, StoreError> {
    let Some(LivingMachine { scopes, .. }) = living_machine(app, &claims, resource, now).await? else {
        return Ok(None);
    };
    let scope = scopes.join(" ");
    Ok(Some(About {
        iss: claims.iss,
        sub: claims.sub.as_str().to_owned(),
        aud: Audience::One(claims.aud),
        client_id: claims.client_id.as_str().to_owned(),
        scope,
        token_type: if claims.cnf.is_some() { "DPoP" } else { "Bearer" },
        iat: claims.iat,
        exp: claims.exp,
        jti: claims.jti,
        cnf: claims.cnf,
    }))
}

/// Whether the signed form is asked for (RFC 9701 §4).
fn wants_signed(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|list| list.split(','))
        .any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(SIGNED)))
}

/// Signs an answer as this client wants its answers signed (RFC 9701 §6).
fn sign(app: &App, client: &Client, answer: Answer, now: DateTime<Utc>) -> Result<Response, TokenError> {
    let broken = || ProtocolError::new(ErrorCode::ServerError, "no signing key is ready");
    let claims = SignedAnswer {
        iss: app.issuer(),
        aud: client.resource.as_ref().map_or(client.id.as_str(), |resource| resource.identifier.as_str()),
        iat: now.timestamp(),
        token_introspection: answer,
    };
    let keys = app.keys.load();
    let key = keys.signing(client.answers.introspection_algorithm).ok_or_else(broken)?;
    let token = key.seal_claims(TokenType::Introspection, &claims).map_err(|_| broken())?;
    Ok(([(header::CONTENT_TYPE, SIGNED), (header::CACHE_CONTROL, "no-store")], token).into_response())
}
