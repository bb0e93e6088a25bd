//! An authorization request that waits for a page: kept here, bound to the browser; the browser holds only its name.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use idp_core::authorize::RawRequest;
use idp_core::client::Client;
use idp_core::secret::{Secret, base64url};
use idp_store::Space;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;

/// As long as a registration may take.
pub(super) const LIFETIME: Duration = Duration::from_secs(2 * 3600);
/// So many may begin to wait from one origin in a minute; above it somebody is filling our memory.
const PER_ORIGIN_PER_MINUTE: u64 = 600;

/// A waiting request.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    /// The parameters, encoded as they came.
    pub query: String,
    /// When it first came in.
    pub began_at: DateTime<Utc>,
    /// The name under which it was pushed, to be spent with its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Bound<T> {
    browser: String,
    kept: T,
}

/// A handle as it may appear in a URL or a form; anything else is as if there were none.
pub fn handle(text: &str) -> Option<&str> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (text.len() == 43 && text.bytes().all(legal)).then_some(text)
}

/// Keeps something for this browser and names it.
///
/// # Errors
/// When one origin keeps too much, or the store is full or down.
pub async fn keep<T: Serialize>(app: &App, visitor: &Visitor, kept: T) -> Result<String, AppError> {
    // Counted in the room of the requests themselves: from enough origins at once, their counts alone would otherwise fill
    // what is kept free for counting sign-ins, and nobody could sign in any more. A handle never holds a colon.
    let origin = format!("origin:{}", visitor.origin_bucket());
    if app.short_lived.count(Space::Request, &origin, Duration::from_secs(60)).await? > PER_ORIGIN_PER_MINUTE {
        return Err(AppError::too_many());
    }
    let handle = Secret::make(&*app.chance).reveal().to_owned();
    let bound = Bound { browser: base64url(visitor.browser().as_bytes()), kept };
    let bytes = serde_json::to_vec(&bound).map_err(|error| AppError::internal(error.to_string()))?;
    app.short_lived.put(Space::Request, &handle, &bytes, LIFETIME).await?;
    Ok(handle)
}

/// What was kept under `handle`, if this browser kept it.
///
/// # Errors
/// [`AppError::request_gone`] when there is nothing, or it belongs to another browser.
pub async fn find<T: DeserializeOwned>(app: &App, visitor: &Visitor, handle: &str) -> Result<T, AppError> {
    let bytes = app.short_lived.get(Space::Request, handle).await?.ok_or_else(AppError::request_gone)?;
    let bound: Bound<T> = serde_json::from_slice(&bytes).map_err(|_| AppError::request_gone())?;
    if bound.browser != base64url(visitor.browser().as_bytes()) {
        return Err(AppError::request_gone());
    }
    Ok(bound.kept)
}

/// Forgets it.
///
/// # Errors
/// When the store is down.
pub async fn forget(app: &App, handle: &str) -> Result<(), AppError> {
    Ok(app.short_lived.remove(Space::Request, handle).await?)
}

/// The name of the service whose sign-in waits under `handle`, for the strip on top of the page. Without one, or when it
/// is gone, there is no strip: a page in between does not fail for it.
pub async fn service_name(app: &App, visitor: &Visitor, handle: Option<&str>) -> Option<String> {
    service(app, visitor, handle).await.map(|client| in_lang(&client.name, visitor.lang).to_owned())
}

/// The service itself.
pub async fn service(app: &App, visitor: &Visitor, handle: Option<&str>) -> Option<Arc<Client>> {
    let pending: Pending = find(app, visitor, handle?).await.ok()?;
    let raw = RawRequest::kept(&pending.query).ok()?;
    let id = idp_core::authorize::ReturnAddress::client_id(&raw).ok()?;
    app.store.client(&id).await.ok()?
}

/// The half of a bilingual text that the visitor reads.
pub fn in_lang(text: &idp_core::client::Bilingual, lang: crate::view::lang::Lang) -> &str {
    match lang {
        crate::view::lang::Lang::Th => &text.th,
        crate::view::lang::Lang::En => &text.en,
    }
}
