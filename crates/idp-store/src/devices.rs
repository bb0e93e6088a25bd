//! Devices that wait for their member (RFC 8628). A yes and the grant that comes of it are one transaction.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::grant::{Challenge, DeviceRequest, DeviceState, Grant};
use idp_core::resource::ResourceSet;
use idp_core::scope::ScopeSet;
use idp_core::secret::Digest;

use crate::cache::Stale;
use crate::engine::{Change, Row, Verdict, params};
use crate::grants::{issue_params, issue_sql, resources_text, word_if_any};
use crate::{Link, Store, StoreError, consents};

const DEVICE: &str = "SELECT digest, client_id, scopes, resource, challenge, created_at, expires_at, state, \
     poll_seconds, polled_at FROM device_codes";

fn device(row: &Row) -> Result<DeviceRequest, StoreError> {
    Ok(DeviceRequest {
        digest: row.digest("digest")?,
        client_id: row.client_id("client_id")?,
        scopes: ScopeSet::parse(&row.get::<String>("scopes")?),
        resources: word_if_any(row, "resource", ResourceSet::stored)?.unwrap_or_default(),
        challenge: word_if_any(row, "challenge", Challenge::stored)?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        state: row.word("state", DeviceState::parse)?,
        poll_seconds: row.number("poll_seconds")?,
        polled_at: row.time_if_any("polled_at")?,
    })
}

impl Store {
    /// Lets a device wait under the mark of its user code. `false` when another one waits under the same.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_device(
        &self,
        new: &DeviceRequest,
        user_code: &str,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO device_codes (digest, user_code, client_id, scopes, resource, challenge, created_at, \
             expires_at, state, poll_seconds) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT DO NOTHING RETURNING digest";
        let values = params![
            &new.digest,
            user_code,
            &new.client_id,
            new.scopes.to_string(),
            resources_text(&new.resources),
            new.challenge.as_ref().map(Challenge::as_str),
            new.created_at,
            new.expires_at,
            new.state.as_str(),
            new.poll_seconds,
        ];
        self.engine().settle(Change::new("device_codes", sql, values).events(events)).await
    }

    /// The device with this device code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn device(&self, digest: &Digest) -> Result<Option<DeviceRequest>, StoreError> {
        let row = self.engine().one("device_codes", &format!("{DEVICE} WHERE digest = $1"), params![digest]).await?;
        row.as_ref().map(device).transpose()
    }

    /// The device that waits under the mark of a user code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn device_by_user_code(&self, user_code: &str) -> Result<Option<DeviceRequest>, StoreError> {
        let sql = format!("{DEVICE} WHERE user_code = $1");
        let row = self.engine().one("device_codes", &sql, params![user_code]).await?;
        row.as_ref().map(device).transpose()
    }

    /// Notes that a device asked, and how far apart its questions must be from now on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_poll(&self, digest: &Digest, poll_seconds: u32, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE device_codes SET polled_at = $2, poll_seconds = $3 \
             WHERE digest = $1 AND state = 'waiting' RETURNING digest";
        self.engine().settle(Change::new("device_codes", sql, params![digest, now, poll_seconds])).await.map(|_| ())
    }

    /// The member says yes: once, while the device waits, and while the session of `grant` lives and its client is linked
    /// to the member.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approve_device(
        &self,
        grant: &Grant,
        link: Link,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let order = (grant.clone(), link, issue_sql(self.engine()), events.to_vec());
        let approved = self
            .engine()
            .steps(order, move |tx, (grant, link, issue, events)| {
                Box::pin(async move {
                    let approve = "UPDATE device_codes SET state = 'approved' \
                         WHERE digest = $1 AND state = 'waiting' AND expires_at > $2 RETURNING digest";
                    if tx.one("device_codes", approve, params![&grant.code, now]).await?.is_none() {
                        return Ok(Verdict::Undo(false));
                    }
                    if let Link::New(release) = link {
                        consents::link(tx, grant.account_id, &grant.client_id, release, now).await?;
                    }
                    if tx.one("grants", issue, issue_params(grant, now)).await?.is_none() {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await?;
        if !approved {
            // A consent that was read from a cache may have been withdrawn: whoever looks again shall see it.
            self.caches().drop_row(&Stale::Consent(grant.account_id, grant.client_id.clone()));
        }
        Ok(approved)
    }

    /// The member says no. `false` when the device no longer waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deny_device(&self, digest: &Digest, events: &[AuditEvent]) -> Result<bool, StoreError> {
        let sql = "UPDATE device_codes SET state = 'denied' WHERE digest = $1 AND state = 'waiting' RETURNING digest";
        self.engine().settle(Change::new("device_codes", sql, params![digest]).events(events)).await
    }
}
