//! Half signed in: the password was right, or ThaID said who it is, and the account asks for more. There is no session
//! yet. What was proven waits for ten minutes under a secret of its own in the browser that proved it, and is spent once.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use idp_core::account::Account;
use idp_core::id::AccountId;
use idp_core::secret::{Secret, base64url};
use idp_core::session::AuthenticationMethod;
use idp_store::{Space, StoredAccount};
use serde::{Deserialize, Serialize};

use super::arrival;
use crate::error::AppError;
use crate::extract::{Cookie, Visitor};
use crate::state::App;

/// A second factor must follow within so long.
const LIFETIME: Duration = Duration::from_secs(600);

#[derive(Serialize, Deserialize)]
struct Kept {
    browser: String,
    account: String,
    /// The account's password then; with another one in its place nothing is proven any more.
    password: String,
    /// What was proven.
    first: String,
}

/// Who is half signed in.
pub struct Half {
    /// The account.
    pub account: Arc<StoredAccount>,
    /// What was proven: the password, or ThaID's word.
    pub first: AuthenticationMethod,
}

fn mark(account: &Account) -> String {
    base64url(Secret::presented(account.password.as_str()).digest().as_bytes())
}

/// Keeps that `first` was proven, writes it down for the member, and hands the browser the secret in `response`.
///
/// # Errors
/// When the store is full or down.
pub async fn begin(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    first: AuthenticationMethod,
    request: Option<&str>,
    response: &mut Response,
) -> Result<(), AppError> {
    arrival::half_way(app, visitor, account, first, request).await?;
    let secret = Secret::make(&*app.chance);
    let kept = Kept {
        browser: base64url(visitor.browser().as_bytes()),
        account: account.id.to_string(),
        password: mark(account),
        first: first.as_str().to_owned(),
    };
    let bytes = serde_json::to_vec(&kept).map_err(|error| AppError::internal(error.to_string()))?;
    app.short_lived.put(Space::HalfDone, &name(&secret), &bytes, LIFETIME).await?;
    visitor.jar.write(response.headers_mut(), Cookie::Half, secret.reveal());
    Ok(())
}

/// Who is half signed in in this browser, if what was proven still holds.
///
/// # Errors
/// When a store is down.
pub async fn find(app: &App, visitor: &Visitor) -> Result<Option<Half>, AppError> {
    let Some(secret) = visitor.half() else { return Ok(None) };
    let Some(bytes) = app.short_lived.get(Space::HalfDone, &name(secret)).await? else { return Ok(None) };
    open(app, visitor, &bytes).await
}

/// Spends it; of several who try at once, one.
///
/// # Errors
/// When a store is down.
pub async fn spend(app: &App, visitor: &Visitor) -> Result<Option<Half>, AppError> {
    let Some(secret) = visitor.half() else { return Ok(None) };
    let Some(bytes) = app.short_lived.take(Space::HalfDone, &name(secret)).await? else { return Ok(None) };
    open(app, visitor, &bytes).await
}

async fn open(app: &App, visitor: &Visitor, bytes: &[u8]) -> Result<Option<Half>, AppError> {
    let Ok(kept) = serde_json::from_slice::<Kept>(bytes) else { return Ok(None) };
    let here = kept.browser == base64url(visitor.browser().as_bytes());
    let Some(id) = AccountId::parse(&kept.account).filter(|_| here) else { return Ok(None) };
    let Some(first) = AuthenticationMethod::parse(&kept.first) else { return Ok(None) };
    let account = app.store.account(id).await?.filter(|stored| mark(&stored.account) == kept.password);
    Ok(account.map(|account| Half { account, first }))
}

fn name(secret: &Secret) -> String {
    base64url(secret.digest().as_bytes())
}
