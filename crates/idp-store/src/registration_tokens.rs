//! Initial access tokens (RFC 7591 §3), and the registrations made with them.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::client::{Client, RegistrationToken};
use idp_core::secret::Digest;
use uuid::Uuid;

use crate::accounts::json;
use crate::cache::Stale;
use crate::clients::{INSERT, client_params};
use crate::engine::{Change, Row, Verdict, params};
use crate::{Store, StoreError};

const TOKEN: &str = "SELECT id, digest, policy, uses_left, created_at, expires_at, revoked_at FROM registration_tokens";

fn token(row: &Row) -> Result<RegistrationToken, StoreError> {
    Ok(RegistrationToken {
        id: row.get("id")?,
        digest: row.digest("digest")?,
        policy: row.json("policy")?,
        uses_left: row.number("uses_left")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.time_if_any("revoked_at")?,
    })
}

impl Store {
    /// Keeps a new token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_registration_token(
        &self,
        new: &RegistrationToken,
        events: &[AuditEvent],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO registration_tokens (id, digest, policy, uses_left, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let values = params![new.id, &new.digest, json(&new.policy), new.uses_left, new.created_at, new.expires_at];
        self.engine().change(Change::new("registration_tokens", sql, values).events(events)).await.map(|_| ())
    }

    /// Every token, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registration_tokens(&self) -> Result<Vec<RegistrationToken>, StoreError> {
        let sql = format!("{TOKEN} ORDER BY created_at DESC, id");
        self.engine().all("registration_tokens", &sql, params![]).await?.iter().map(token).collect()
    }

    /// The token of a secret, by its digest; it may be spent, over or withdrawn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registration_token(&self, digest: &Digest) -> Result<Option<RegistrationToken>, StoreError> {
        let sql = format!("{TOKEN} WHERE digest = $1");
        let row = self.engine().one("registration_tokens", &sql, params![digest]).await?;
        row.as_ref().map(token).transpose()
    }

    /// Withdraws a token: nobody registers with it any more, and what was registered stays. `false` when there is none,
    /// or it was withdrawn before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_registration_token(
        &self,
        id: Uuid,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE registration_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id";
        self.engine().settle(Change::new("registration_tokens", sql, params![id, now]).events(events)).await
    }

    /// Registers a client and takes one use from the token, or neither. `false` when the token is spent, over or
    /// withdrawn by now, or the client's id is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_client(
        &self,
        new: &Client,
        token: Uuid,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (client_params(new), new.id.clone(), events.to_vec());
        self.engine()
            .steps(order, move |tx, (client, id, events)| {
                Box::pin(async move {
                    let sql = "UPDATE registration_tokens SET uses_left = uses_left - 1 \
                         WHERE id = $1 AND uses_left > 0 AND expires_at > $2 AND revoked_at IS NULL";
                    if tx.run(sql, params![token, now]).await? == 0
                        || tx.one("clients", INSERT, client.clone()).await?.is_none()
                    {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.touch(Stale::Client(id.clone()));
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}
