//! Clients, kept whole as JSON beside what is looked for.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::client::{Client, ClientStatus, RedirectUri};
use idp_core::id::ClientId;

use crate::accounts::json;
use crate::cache::Stale;
use crate::engine::{Change, Param, Row, params};
use crate::{Store, StoreError};

pub(crate) fn client(row: &Row) -> Result<Client, StoreError> {
    let client: Client = row.json("settings")?;
    if client.id != row.client_id("id")? {
        return Err(row.corrupt("settings"));
    }
    Ok(client)
}

pub(crate) fn client_params(client: &Client) -> Vec<Param> {
    let status = client.status.column();
    let (back, front) = (client.logout.back.is_some(), client.logout.front.is_some());
    let (events, pushed) = (client.events.column(), client.events.push.is_some());
    params![&client.id, status, client.updated_at, json(client), back, front, events, pushed]
}

pub(crate) const INSERT: &str = "INSERT INTO clients (id, status, updated_at, settings, told_back, told_front, events, \
     events_pushed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id";

/// The values of [`client_params`], then when the client was last changed.
pub(crate) const REPLACE: &str = "UPDATE clients SET status = $2, updated_at = $3, settings = $4, told_back = $5, \
     told_front = $6, events = $7, events_pushed = $8 WHERE id = $1 AND updated_at = $9 RETURNING id";

impl Store {
    /// A client, or the trial of one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        if id.is_trial() {
            return self.trial(id).await;
        }
        if let Some(cached) = self.caches().clients.get(id) {
            return Ok(Some(cached));
        }
        let ticket = self.caches().clients.ticket(id);
        let row = self.engine().one("clients", "SELECT id, settings FROM clients WHERE id = $1", params![id]).await?;
        let Some(found) = row.as_ref().map(client).transpose()?.map(Arc::new) else { return Ok(None) };
        self.caches().clients.keep(id.clone(), Arc::clone(&found), &ticket);
        Ok(Some(found))
    }

    /// Every client, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients(&self) -> Result<Vec<Client>, StoreError> {
        let rows = self.engine().all("clients", "SELECT id, settings FROM clients ORDER BY id", params![]).await?;
        rows.iter().map(client).collect()
    }

    /// The origins (scheme, host, port) at which clients in use have redirect URIs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redirect_origins(&self) -> Result<Arc<HashSet<String>>, StoreError> {
        if let Some(cached) = self.caches().origins.get(&()) {
            return Ok(cached);
        }
        let ticket = self.caches().origins.ticket(&());
        let clients = self.clients().await?;
        let in_use = clients.iter().filter(|client| client.status == ClientStatus::Active);
        let origins = in_use.flat_map(|client| &client.redirect_uris).filter_map(RedirectUri::origin);
        let found: Arc<HashSet<String>> = Arc::new(origins.collect());
        self.caches().origins.keep((), Arc::clone(&found), &ticket);
        Ok(found)
    }

    /// Registers a client. `false` when the id is taken, or kept for trials.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_client(&self, new: &Client, events: &[AuditEvent]) -> Result<bool, StoreError> {
        if new.id.is_trial() {
            return Ok(false);
        }
        let change = Change::new("clients", INSERT, client_params(new)).touches([Stale::Client(new.id.clone()).into()]);
        self.engine().settle(change.events(events)).await
    }

    /// Puts `new` in the place of the client as it was at `expected_updated_at`. `false` when somebody else changed it
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_client(
        &self,
        new: &Client,
        expected_updated_at: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let mut values = client_params(new);
        values.push(expected_updated_at.into());
        let change = Change::new("clients", REPLACE, values).touches([Stale::Client(new.id.clone()).into()]);
        self.engine().settle(change.events(events)).await
    }
}
