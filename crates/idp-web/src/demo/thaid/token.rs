//! The token endpoint of the simulated ThaID: a code, proven by client and verifier, against an ID token.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use idp_core::jose::{Algorithm, SigningKey, TokenType};
use idp_core::thai::BuddhistDate;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::office::{Fault, Given, Office, level};
use super::{CLIENT_ID, CLIENT_SECRET};

/// POST `/token`.
pub(super) async fn redeem(
    State(office): State<Arc<Office>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let fault = office.fault();
    office.count();
    if matches!(fault, Fault::Down | Fault::TokensDown) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let in_form = (get("client_id"), get("client_secret")) == (CLIENT_ID, CLIENT_SECRET);
    if !in_form && !in_header(&headers) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let Some(given) = office.take(get("code")) else { return error(StatusCode::BAD_REQUEST, "invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier")));
    if get("grant_type") != "authorization_code"
        || challenge != given.challenge()
        || get("redirect_uri") != given.redirect_uri()
    {
        return error(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let access_token = office.surroundings.secret();
    let Some(token) = id_token(&office, &given, fault, &access_token) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // As ThaID does, the number stands beside the ID token, too.
    let mut answer = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 300,
        "scope": given.asked.scope, "pid": given.citizen.number, "id_token": token,
    });
    if fault == Fault::NoToken {
        answer["id_token"] = Value::Null;
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn in_header(headers: &HeaderMap) -> bool {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let pair = basic.and_then(|text| text.strip_prefix("Basic ")).and_then(|text| STANDARD.decode(text).ok());
    pair.is_some_and(|pair| pair == format!("{CLIENT_ID}:{CLIENT_SECRET}").into_bytes())
}

fn error(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({ "error": code }))).into_response()
}

/// The ID token, or one that is as wrong as it was told to be.
fn id_token(office: &Office, given: &Given, fault: Fault, access_token: &str) -> Option<String> {
    let now = office.surroundings.now().timestamp();
    let hashed = if fault == Fault::OtherAccessToken { "another" } else { access_token };
    let at_hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(hashed)[..16]);
    let mut claims = json!({
        "iss": office.issuer, "aud": CLIENT_ID, "sub": format!("thaid-{}", &given.citizen.number[9..]),
        "iat": now, "exp": now + 300, "auth_time": now, "nonce": given.nonce(), "at_hash": at_hash,
        "pid": given.citizen.number, "ial": level(&given.citizen),
    });
    if given.asked.wants("given_name") {
        claims["given_name"] = given.citizen.first.into();
        claims["family_name"] = given.last.as_str().into();
    }
    if given.asked.wants("birthdate") {
        let date = BuddhistDate::from_registry_form(given.citizen.birth)?;
        claims["birthdate"] = date.birthdate_claim().into();
    }
    let object = claims.as_object_mut()?;
    match fault {
        Fault::OtherNonce => object.insert("nonce".into(), "another".into()),
        Fault::NoNonce => object.remove("nonce"),
        Fault::OtherIssuer => object.insert("iss".into(), "https://thaid.evil.test".into()),
        Fault::OtherAudience => object.insert("aud".into(), "another-client".into()),
        Fault::Expired => object.insert("exp".into(), (now - 1).into()),
        Fault::FromTheFuture => object.insert("iat".into(), (now + 86_400).into()),
        Fault::OldSignIn => object.insert("auth_time".into(), (now - 3600).into()),
        Fault::NoNumber => object.remove("pid"),
        Fault::NoLevel => object.remove("ial"),
        Fault::LevelAsNumber => object.insert("ial".into(), json!(2.3)),
        Fault::HighestLevel => object.insert("ial".into(), "3".into()),
        Fault::NoBirthDate => object.remove("birthdate"),
        Fault::BuddhistBirthDate => object.insert("birthdate".into(), given.citizen.birth.into()),
        Fault::TwoFactors => object.insert("acr".into(), "urn:thaid:two-factors".into()),
        _ => None,
    };
    if fault == Fault::Unsigned {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        return Some(format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&claims)));
    }
    let known = match fault {
        Fault::NewKey => office.change_key().ok()?,
        _ => office.key(),
    };
    let key = match fault {
        Fault::Forged => SigningKey::generate(Algorithm::ES256).ok()?.0,
        _ => known.clone(),
    };
    let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{}"}}"#, known.kid());
    match fault {
        Fault::Forged => key.seal_under(&header, &claims).ok(),
        _ => key.seal_claims(TokenType::Id, &claims).ok(),
    }
}
