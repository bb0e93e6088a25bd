//! Logos of clients, as we drew them: one for each client at most, written with the client that names it.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::client::{Client, LogoName};

use crate::cache::Stale;
use crate::clients::{REPLACE, client_params};
use crate::engine::{Verdict, params};
use crate::{Store, StoreError};

/// A picture and its name.
#[derive(Clone, Debug)]
pub struct Logo {
    /// Under which it is served.
    pub name: LogoName,
    /// The picture.
    pub png: Vec<u8>,
}

impl Store {
    /// Puts `next` in the place of the client as it was at `expected_updated_at`, and its logo in the place of whatever
    /// logo it had. `source` is where it was fetched. `false` when somebody else changed the client meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_logo(
        &self,
        next: &Client,
        expected_updated_at: DateTime<Utc>,
        logo: Option<&Logo>,
        source: Option<&str>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let mut values = client_params(next);
        values.push(expected_updated_at.into());
        let order = (next.id.clone(), values, logo.cloned(), source.map(str::to_owned), events.to_vec());
        let now = next.updated_at;
        self.engine()
            .steps(order, move |tx, (client, values, logo, source, events)| {
                Box::pin(async move {
                    if tx.one("clients", REPLACE, values.clone()).await?.is_none() {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.run("DELETE FROM client_logos WHERE client_id = $1", params![&*client]).await?;
                    if let Some(Logo { name, png }) = logo {
                        let sql = "INSERT INTO client_logos (client_id, digest, png, source, updated_at) \
                             VALUES ($1, $2, $3, $4, $5)";
                        let name = name.as_bytes().to_vec();
                        tx.run(sql, params![&*client, name, png.clone(), source.as_deref(), now]).await?;
                    }
                    tx.record(events).await?;
                    tx.touch(Stale::Client(client.clone()));
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// A logo by its name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn logo(&self, name: &LogoName) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT png FROM client_logos WHERE digest = $1 LIMIT 1";
        let row = self.engine().one("client_logos", sql, params![name.as_bytes().to_vec()]).await?;
        row.map(|row| row.get("png")).transpose()
    }
}
