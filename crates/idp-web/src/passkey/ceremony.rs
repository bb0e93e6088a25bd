//! Where a question waits: in the short-lived store under its challenge, bound to the browser it was asked in, for five
//! minutes and one answer.

use std::time::Duration;

use idp_core::secret::base64url;
use idp_store::Space;
use serde::{Deserialize, Serialize};

use super::door::{Ceremony, Question};
use super::{Door, Refusal};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;

/// As long as a question waits.
pub const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// So many questions may begin to wait from one origin in a minute; above it somebody is filling our memory.
const PER_ORIGIN_PER_MINUTE: u64 = 600;

#[derive(Serialize, Deserialize)]
struct Waiting {
    browser: String,
    ceremony: Ceremony,
}

/// Asks: the question waits, and the options go to the browser.
///
/// # Errors
/// 404 where there are no passkeys, 429 when an origin asks too much, and when the short-lived store is full or down.
pub async fn begin(
    app: &App,
    visitor: &Visitor,
    ask: impl FnOnce(&Door) -> Result<Question, Refusal>,
) -> Result<String, AppError> {
    let door = app.passkeys.as_ref().ok_or_else(AppError::not_found)?;
    let origin = format!("origin:{}", visitor.origin_bucket());
    if app.short_lived.count(Space::Challenge, &origin, Duration::from_secs(60)).await? > PER_ORIGIN_PER_MINUTE {
        return Err(AppError::too_many());
    }
    let question = ask(door).map_err(|refusal| AppError::internal(format!("no question: {}", refusal.as_str())))?;
    let waiting = Waiting { browser: base64url(visitor.browser().as_bytes()), ceremony: question.ceremony };
    let bytes = serde_json::to_vec(&waiting).map_err(|error| AppError::internal(error.to_string()))?;
    app.short_lived.put(Space::Challenge, &key(&question.challenge), &bytes, LIFETIME).await?;
    Ok(question.options)
}

/// What waited for an answer to `challenge`; of several answers at once, one gets it.
///
/// # Errors
/// When the short-lived store is down. Within: [`Refusal::NotAsked`].
pub async fn take(app: &App, visitor: &Visitor, challenge: &str) -> Result<Result<Ceremony, Refusal>, AppError> {
    let Some(bytes) = app.short_lived.take(Space::Challenge, &key(challenge)).await? else {
        return Ok(Err(Refusal::NotAsked));
    };
    let waiting: Option<Waiting> = serde_json::from_slice(&bytes).ok();
    let ours = waiting.filter(|waiting| waiting.browser == base64url(visitor.browser().as_bytes()));
    Ok(ours.map(|waiting| waiting.ceremony).ok_or(Refusal::NotAsked))
}

fn key(challenge: &str) -> String {
    format!("passkey:{challenge}")
}
