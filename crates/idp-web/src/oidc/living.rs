//! Whether an access token still counts: its grant, its client and its account are asked, each time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::account::Access;
use idp_core::client::{Client, ClientStatus};
use idp_core::grant::Grant;
use idp_core::token::AccessClaims;
use idp_store::{StoreError, StoredAccount};

use crate::state::App;

/// What stands behind a token that counts.
pub struct Living {
    /// Its grant.
    pub grant: Arc<Grant>,
    /// To whom it was given.
    pub client: Arc<Client>,
    /// About whom.
    pub account: Arc<StoredAccount>,
}

/// What stands behind `claims`, whose signature and times were checked; `None` when any of it has ended.
///
/// # Errors
/// [`StoreError`].
pub async fn living(app: &App, claims: &AccessClaims, now: DateTime<Utc>) -> Result<Option<Living>, StoreError> {
    let Some(grant) = app.store.grant_for(claims.grant, claims.generation).await? else { return Ok(None) };
    let generation_lives = grant.refresh.as_ref().is_none_or(|family| family.accepts_generation(claims.generation));
    if !grant.state.gives_tokens() || grant.client_id != claims.client_id || !generation_lives {
        return Ok(None);
    }
    let Some(client) = app.store.client(&grant.client_id).await? else { return Ok(None) };
    let Some(account) = app.store.account(grant.account_id).await? else { return Ok(None) };
    let serves = client.status == ClientStatus::Active && account.account.access(now) == Access::Full;
    Ok(serves.then_some(Living { grant, client, account }))
}
