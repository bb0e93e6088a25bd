//! Whether an access token still counts: its grant, its client and its account are asked, each time; of a machine's token
//! its client, and whether it was revoked.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::account::Access;
use idp_core::client::{Client, ClientStatus};
use idp_core::grant::Grant;
use idp_core::resource::ResourceUri;
use idp_core::secret::Secret;
use idp_core::token::{AccessClaims, MachineClaims};
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
    let serves =
        client.status == ClientStatus::Active && !client.is_over(now) && account.account.access(now) == Access::Full;
    Ok(serves.then_some(Living { grant, client, account }))
}

/// What stands behind a machine's token that counts.
pub struct LivingMachine {
    /// Whose it is.
    pub client: Arc<Client>,
    /// What of its scopes the client still holds.
    pub scopes: Vec<String>,
}

/// What stands behind a machine's `claims` at `resource`, whose signature was checked; `None` when it does not count there.
///
/// # Errors
/// [`StoreError`].
pub async fn living_machine(
    app: &App,
    claims: &MachineClaims,
    resource: &ResourceUri,
    now: DateTime<Utc>,
) -> Result<Option<LivingMachine>, StoreError> {
    let meant = claims.iss == app.issuer() && claims.aud == resource.as_str() && now.timestamp() < claims.exp;
    if !meant || claims.sub != claims.client_id {
        return Ok(None);
    }
    let Some(client) = app.store.client(&claims.client_id).await? else { return Ok(None) };
    // What the client has lost since does not count any more.
    let Some(access) = client.resources.iter().find(|access| access.resource == *resource) else { return Ok(None) };
    let held = |token: &&str| access.scopes.iter().any(|scope| scope.as_str() == *token);
    let scopes = claims.scope.split(' ').filter(held).map(str::to_owned).collect();
    let revoked = app.store.is_revoked(&Secret::presented(claims.jti.as_str()).digest()).await?;
    let counts = client.status == ClientStatus::Active && !revoked;
    Ok(counts.then_some(LivingMachine { client, scopes }))
}
