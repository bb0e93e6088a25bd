//! The header `Idempotency-Key`: a creation that is asked for again, with the same key and the same body, is answered as
//! the first time and made once.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::id::ClientId;
use idp_core::secret::{Digest, Secret};
use idp_store::{Answered, KeptAnswer};
use serde::Serialize;

use super::gate::Caller;
use super::problem::{Kind, Problem};
use crate::state::App;

/// The header.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Said of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Answers are kept so long.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// A longer key is none.
const LONGEST: usize = 128;

/// Under which key a creation is asked for, by whom.
pub(super) struct Once {
    caller: ClientId,
    key: Option<Digest>,
    now: DateTime<Utc>,
}

impl FromRequestParts<App> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let behind_the_gate = parts.extensions.get::<Caller>().cloned();
        let Caller { client, now } = behind_the_gate.ok_or_else(|| Problem::new(Kind::ServerError))?;
        let mut values = parts.headers.get_all(KEY).iter();
        let key = match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => {
                let text = value.to_str().unwrap_or_default().trim_matches('"');
                if text.is_empty() || text.len() > LONGEST {
                    return Err(Problem::bad("Idempotency-Key has 1 to 128 printable ASCII characters"));
                }
                Some(Secret::presented(text).digest())
            }
            _ => return Err(Problem::bad("Idempotency-Key is there twice")),
        };
        Ok(Self { caller: client, key, now })
    }
}

impl Once {
    /// What was answered before under this key.
    pub(super) async fn before(&self, app: &App, mark: &Digest) -> Result<Option<Response>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        let before = app.store.kept_answer(&self.caller, key, mark, self.now).await?;
        before.map(again).transpose()
    }

    /// The answer to be kept beside what it tells of.
    pub(super) fn keep(&self, mark: &Digest, answer: &impl Serialize) -> Option<KeptAnswer> {
        Some(KeptAnswer {
            client: self.caller.clone(),
            key: self.key?,
            request: *mark,
            answer: serde_json::to_vec(answer).expect("an answer is JSON"),
            now: self.now,
            expires_at: self.now + KEPT,
        })
    }
}

/// The answer of before.
pub(super) fn again(answered: Answered) -> Result<Response, Problem> {
    match answered {
        Answered::Same(body) => {
            let mut response = created(body);
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Answered::Otherwise => Err(Problem::new(Kind::KeyReused)),
    }
}

/// 201 with what was made. It may hold a secret: nobody keeps it on the way.
pub(super) fn created(body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::CREATED, headers, body).into_response()
}

/// The same of something that can be written.
pub(super) fn created_as(answer: &impl Serialize) -> Response {
    created(serde_json::to_vec(answer).expect("an answer is JSON"))
}
