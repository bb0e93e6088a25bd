//! Half signed in: the password was right, and the account asks for more. There is no session yet. What was proven waits
//! for ten minutes under a secret of its own in the browser that proved it, and is spent once.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use idp_core::account::Account;
use idp_core::id::AccountId;
use idp_core::secret::{Secret, base64url};
use idp_store::{Space, StoredAccount};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::extract::{Cookie, Visitor};
use crate::state::App;

/// A second factor must follow within so long.
const LIFETIME: Duration = Duration::from_secs(600);

#[derive(Serialize, Deserialize)]
struct Kept {
    browser: String,
    account: String,
    /// The password that was right; with another one in its place nothing is proven any more.
    password: String,
}

fn mark(account: &Account) -> String {
    base64url(Secret::presented(account.password.as_str()).digest().as_bytes())
}

/// Keeps that the password was right, and hands the browser the secret in `response`.
///
/// # Errors
/// When the store is full or down.
pub async fn begin(app: &App, visitor: &Visitor, account: &Account, response: &mut Response) -> Result<(), AppError> {
    let secret = Secret::make(&*app.chance);
    let kept = Kept {
        browser: base64url(visitor.browser().as_bytes()),
        account: account.id.to_string(),
        password: mark(account),
    };
    let bytes = serde_json::to_vec(&kept).map_err(|error| AppError::internal(error.to_string()))?;
    app.short_lived.put(Space::HalfDone, &name(&secret), &bytes, LIFETIME).await?;
    visitor.jar.write(response.headers_mut(), Cookie::Half, secret.reveal());
    Ok(())
}

/// Whose password was right in this browser, if it still is.
///
/// # Errors
/// When a store is down.
pub async fn find(app: &App, visitor: &Visitor) -> Result<Option<Arc<StoredAccount>>, AppError> {
    let Some(secret) = visitor.half() else { return Ok(None) };
    let Some(bytes) = app.short_lived.get(Space::HalfDone, &name(secret)).await? else { return Ok(None) };
    open(app, visitor, &bytes).await
}

/// Spends it; of several who try at once, one.
///
/// # Errors
/// When a store is down.
pub async fn spend(app: &App, visitor: &Visitor) -> Result<Option<Arc<StoredAccount>>, AppError> {
    let Some(secret) = visitor.half() else { return Ok(None) };
    let Some(bytes) = app.short_lived.take(Space::HalfDone, &name(secret)).await? else { return Ok(None) };
    open(app, visitor, &bytes).await
}

async fn open(app: &App, visitor: &Visitor, bytes: &[u8]) -> Result<Option<Arc<StoredAccount>>, AppError> {
    let Ok(kept) = serde_json::from_slice::<Kept>(bytes) else { return Ok(None) };
    let here = kept.browser == base64url(visitor.browser().as_bytes());
    let Some(id) = AccountId::parse(&kept.account).filter(|_| here) else { return Ok(None) };
    Ok(app.store.account(id).await?.filter(|stored| mark(&stored.account) == kept.password))
}

fn name(secret: &Secret) -> String {
    base64url(secret.digest().as_bytes())
}
