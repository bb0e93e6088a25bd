//! ThaID (`idp_verify::thaid`): signing in and verifying through it ([decision 0017] and 0025).
//!
//! In reading order: `begin` sends the browser there, `callback` judges what it comes back with and hands the person on, to
//! `sign_in` or to `account/verify/thaid.rs`; `door` is its owner's word on whether ThaID opens an account.
//!
//! What a sign-in there was begun with waits in `ShortLived` under the digest of its `state`, sealed, bound to the browser,
//! and is spent once. All that comes back are a code and that state.
//!
//! [decision 0017]: ../../../../../docs/decisions/0017-thaid-finds-an-account-by-number.md

mod begin;
mod callback;
mod door;
mod sign_in;

use std::time::Duration;

use chrono::{DateTime, Utc};
use idp_core::id::{AccountId, SessionId};
use idp_core::seal::Purpose;
use idp_core::secret::{Secret, base64url};
use idp_store::Space;
use idp_verify::Thaid;
use serde::{Deserialize, Serialize};

use super::login::Onward;
use super::proof::Destination;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::handle;
use crate::state::App;

pub use begin::{Opened, get as begin};
pub use callback::get as callback;
pub use door::{get as door_page, post as door};

/// As long as a sign-in there may take.
const LIFETIME: Duration = Duration::from_secs(600);

/// What somebody goes to ThaID for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
enum Errand {
    /// To sign in.
    SignIn,
    /// To prove once more that it is they.
    Prove { account: AccountId, session: SessionId },
    /// To become a permanent member.
    Verify { account: AccountId, session: SessionId },
    /// To have names and birth date confirmed anew.
    Renew { account: AccountId, session: SessionId },
}

/// What waits for an answer of ThaID.
#[derive(Serialize, Deserialize)]
struct Kept {
    browser: String,
    nonce: String,
    verifier: String,
    began_at: DateTime<Utc>,
    errand: Errand,
    request: Option<String>,
    to: Option<String>,
}

impl Kept {
    fn onward(&self) -> Onward<'_> {
        Onward {
            request: self.request.as_deref().and_then(handle),
            destination: self.to.as_deref().and_then(Destination::parse),
        }
    }
}

/// ThaID, where it is on; there is no such page elsewhere.
fn thaid(app: &App) -> Result<&Thaid, AppError> {
    app.thaid.as_ref().ok_or_else(AppError::not_found)
}

/// What waits is named by the state's digest: who reads the store cannot come back with it.
fn name(state: &Secret) -> String {
    base64url(state.digest().as_bytes())
}

fn place(name: &str) -> String {
    format!("thaid/{name}")
}

async fn keep(app: &App, state: &Secret, kept: &Kept) -> Result<(), AppError> {
    let name = name(state);
    let plain = serde_json::to_vec(kept).map_err(|error| AppError::internal(error.to_string()))?;
    let sealed = app.vault.seal(Purpose::Upstream, &place(&name), &plain, &*app.chance);
    Ok(app.short_lived.put(Space::Upstream, &name, &sealed, LIFETIME).await?)
}

/// Spends what waits under a state in this browser. Another browser finds nothing, and spends nothing: somebody who was
/// sent here with another's answer must not take it away from them either.
async fn spend(app: &App, visitor: &Visitor, state: &Secret) -> Result<Option<Kept>, AppError> {
    let name = name(state);
    let open = |sealed: Option<Vec<u8>>| {
        let plain = app.vault.open(Purpose::Upstream, &place(&name), &sealed?).ok()?;
        let kept: Kept = serde_json::from_slice(&plain).ok()?;
        (kept.browser == base64url(visitor.browser().as_bytes())).then_some(kept)
    };
    if open(app.short_lived.get(Space::Upstream, &name).await?).is_none() {
        return Ok(None);
    }
    Ok(open(app.short_lived.take(Space::Upstream, &name).await?))
}

/// Counts a visit to ThaID's doors, as a sign-in is counted.
async fn count(app: &App, visitor: &Visitor) -> Result<(), AppError> {
    let origin = format!("thaid:{}", visitor.origin_bucket());
    let most = u64::from(app.config.throttle.per_origin_per_minute);
    match app.short_lived.count(Space::Rate, &origin, Duration::from_secs(60)).await? {
        count if count > most => Err(AppError::too_many()),
        _ => Ok(()),
    }
}
