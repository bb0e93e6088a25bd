//! `/userinfo` (OpenID Connect Core §5.3): claims for a token whose grant, session and account live.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::authorization_header::TokenScheme;
use idp_core::authorize::RawRequest;
use idp_core::claim::{Claim, ClaimSet};
use idp_core::client::Client;
use idp_core::jose::{Content, KeyError, TokenType, Unverified};
use idp_core::scope::Scope;
use idp_core::token::{AccessClaims, Source, userinfo, verified_claims};
use serde_json::{Map, Value};

use super::bearer::{Refusal, possession, presented};
use super::client_keys::keys_of;
use super::dpop::with_nonce;
use super::living::{Living, living};
use crate::extract::is_form;
use crate::portrait;
use crate::state::App;
use crate::urls;

/// GET and POST.
pub async fn serve(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let now = app.now();
    let (parts, body) = request.into_parts();
    let mut token = presented(&parts.headers)?;
    if parts.method == Method::POST && is_form(&parts.headers) {
        let body = axum::body::to_bytes(body, 32 * 1024).await.map_err(|_| Refusal::Malformed)?;
        let body = std::str::from_utf8(&body).map_err(|_| Refusal::Malformed)?;
        let form = RawRequest::parse(&[body]).map_err(|_| Refusal::Malformed)?;
        // RFC 6750 §2: not more than one way at a time.
        match (form.get("access_token"), &token) {
            (Some(_), Some(_)) => return Err(Refusal::Malformed),
            (Some(text), None) => token = Some((TokenScheme::Bearer, text.to_owned())),
            (None, _) => {}
        }
    }
    let (scheme, token) = token.ok_or(Refusal::NoToken)?;
    let claims: AccessClaims = Unverified::parse(&token)
        .and_then(|token| token.verify(TokenType::Access, &app.keys.load()))
        .map_err(|_| Refusal::InvalidToken(scheme))?;
    if !claims.is_current(app.issuer(), now) || !claims.scope.ours.contains(Scope::OpenId) {
        return Err(Refusal::InvalidToken(scheme));
    }
    let nonce = possession(&app, (&parts, urls::USERINFO), (scheme, &token), claims.cnf.as_ref(), now).await?;
    let Living { grant, client, account } = living(&app, &claims, now).await?.ok_or(Refusal::InvalidToken(scheme))?;
    if grant.refresh.as_ref().is_some_and(|family| family.generation == claims.generation && !family.confirmed) {
        // The reply that brought this token arrived: its predecessor is spent for good.
        app.store.confirm(grant.id, claims.generation).await?;
    }
    let scopes = claims.scope.ours.intersect(grant.scopes).intersect(client.scopes);
    let requested = grant.claims.as_deref().map(|requested| requested.clone().within(client.scopes));
    let number = scopes.contains(Scope::CitizenId);
    let verified = requested.as_ref().is_some_and(|requested| !requested.verified_userinfo.is_empty());
    let badge = account.account.badge();
    let mut identity = match badge {
        Some(_) if number || verified => app.store.identity(grant.account_id).await?,
        _ => None,
    };
    let mut wanted = ClaimSet::of_scopes(scopes);
    if let Some(requested) = &requested {
        wanted = wanted.union(requested.userinfo);
    }
    if number && badge.is_some() {
        let event = AuditEvent::new(now, Actor::Client, Action::NumberReleased)
            .account(grant.account_id)
            .client(&grant.client_id)
            .session(grant.session_id)
            .from(crate::extract::origin(&parts, &app).to_string());
        app.store.record(&[event]).await?;
    }
    let confirmed = match (&requested, badge, &identity) {
        (Some(requested), Some(badge), Some(identity)) => {
            verified_claims(&requested.verified_userinfo, badge, identity, now)
        }
        _ => None,
    };
    if !number {
        identity = None;
    }
    let locale = requested.as_ref().map(|requested| requested.locale).unwrap_or_default();
    let picture = portrait::address(&app, &account);
    let source = Source { account: &account.account, identity: identity.as_ref(), locale, picture: picture.as_deref() };
    let mut body = userinfo(&claims.sub, wanted, source);
    if let Some(confirmed) = confirmed {
        body.insert(Claim::VerifiedClaims.as_str().to_owned(), confirmed);
    }
    let response = answer(&app, &client, body, now).await?;
    Ok(match nonce {
        Some(nonce) => with_nonce(response, nonce),
        None => response,
    })
}

/// As JSON, or as a token where the client has it so (OpenID Connect Core §5.3.2): signed, encrypted, or both.
async fn answer(
    app: &App,
    client: &Client,
    mut body: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Response, Refusal> {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (signed, encrypted) = (client.answers.userinfo_algorithm, client.answers.userinfo_encryption);
    if signed.is_none() && encrypted.is_none() {
        return Ok(([no_store], axum::Json(body)).into_response());
    }
    body.insert("iss".to_owned(), Value::String(app.issuer().to_owned()));
    body.insert("aud".to_owned(), Value::String(client.id.as_str().to_owned()));
    let unsealed = |error: KeyError| {
        tracing::error!(client.id = %client.id, "userinfo could not be made a token: {error}");
        Refusal::Unavailable
    };
    let (content, mut text) = match signed {
        Some(algorithm) => {
            let keys = app.keys.load();
            let key = keys.signing(algorithm).ok_or(KeyError::Sign).map_err(unsealed)?;
            (Content::Token, key.seal_claims(TokenType::Userinfo, &body).map_err(unsealed)?)
        }
        None => (Content::Claims, Value::Object(body).to_string()),
    };
    if let Some(how) = encrypted {
        let keys = keys_of(app, client, now).await.map_err(|error| {
            tracing::warn!(client.id = %client.id, %error, "userinfo could not be encrypted");
            Refusal::Unavailable
        })?;
        text = keys.encrypt(how, content, text.as_bytes()).map_err(unsealed)?;
    }
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
    Ok(([no_store, kind], text).into_response())
}
