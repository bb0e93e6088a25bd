//! What programs create at the API, each at most once however often they ask: the creation and what was answered to it are
//! one transaction, under a key that the program chose.

use chrono::{DateTime, Utc};
use idp_core::admin::StaffRole;
use idp_core::audit::AuditEvent;
use idp_core::client::Client;
use idp_core::id::ClientId;
use idp_core::seal::Purpose;
use idp_core::secret::{Digest, base64url};

use crate::cache::Stale;
use crate::clients::{INSERT, client_params};
use crate::engine::{Tx, Verdict, params};
use crate::staff::give_in;
use crate::{Store, StoreError};

/// What is created.
#[derive(Clone, Debug)]
pub enum Creation {
    /// A client.
    Client(Box<Client>),
    /// A role.
    Role(Box<StaffRole>),
}

/// An answer that is kept with what it tells of.
#[derive(Clone)]
pub struct KeptAnswer {
    /// Who asked.
    pub client: ClientId,
    /// The digest of the key.
    pub key: Digest,
    /// The digest of the request.
    pub request: Digest,
    /// The answer.
    pub answer: Vec<u8>,
    /// When.
    pub now: DateTime<Utc>,
    /// Until when it is kept.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for KeptAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptAnswer").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What a key was used for before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The same request: it was answered so.
    Same(Vec<u8>),
    /// Another request.
    Otherwise,
}

/// What came of creating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It was made.
    Made,
    /// There is such a thing already.
    Already,
    /// The key was used before.
    Answered(Answered),
}

impl Store {
    /// What was answered under `key` before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept_answer(
        &self,
        client: &ClientId,
        key: &Digest,
        request: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<Answered>, StoreError> {
        let sql = "SELECT request, sealed FROM api_answers WHERE client_id = $1 AND key = $2 AND expires_at > $3";
        let Some(row) = self.engine().one("api_answers", sql, params![client, key, now]).await? else {
            return Ok(None);
        };
        if row.get::<Vec<u8>>("request")? != request.as_bytes() {
            return Ok(Some(Answered::Otherwise));
        }
        let sealed: Vec<u8> = row.get("sealed")?;
        let answer = self.0.vault.open(Purpose::Answer, &name(client, key), &sealed)?;
        Ok(Some(Answered::Same(answer.to_vec())))
    }

    /// Creates something, and keeps the answer when there is one to keep. Of several who come with one key, one creates and
    /// all are answered alike.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(
        &self,
        creation: Creation,
        kept: Option<&KeptAnswer>,
        events: &[AuditEvent],
    ) -> Result<Created, StoreError> {
        let sealed = kept.map(|kept| {
            let place = name(&kept.client, &kept.key);
            self.0.vault.seal(Purpose::Answer, &place, &kept.answer, &*self.0.chance)
        });
        let work = (creation, kept.cloned(), sealed, events.to_vec());
        let made = self
            .engine()
            .steps(work, |tx, (creation, kept, sealed, events)| {
                Box::pin(async move {
                    if let (Some(kept), Some(sealed)) = (kept, sealed)
                        && !keep(tx, kept, sealed).await?
                    {
                        return Ok(Verdict::Undo(None));
                    }
                    let made = match creation {
                        // The names of trials are for nobody else.
                        Creation::Client(client) if client.id.is_trial() => false,
                        Creation::Client(client) => {
                            let row = tx.one("clients", INSERT, client_params(client)).await?;
                            tx.touch(Stale::Client(client.id.clone()));
                            row.is_some()
                        }
                        Creation::Role(role) => give_in(tx, role).await?,
                    };
                    if !made {
                        return Ok(Verdict::Undo(Some(Created::Already)));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Some(Created::Made)))
                })
            })
            .await?;
        match (made, kept) {
            (Some(created), _) => Ok(created),
            (None, Some(kept)) => {
                let before = self.kept_answer(&kept.client, &kept.key, &kept.request, kept.now).await?;
                before.map(Created::Answered).ok_or_else(|| StoreError::unavailable("an answer was kept and is gone"))
            }
            (None, None) => Err(StoreError::unavailable("nothing was kept, and something was in the way")),
        }
    }
}

/// Where an answer lies, which its seal is bound to.
fn name(client: &ClientId, key: &Digest) -> String {
    format!("{client}/{}", base64url(key.as_bytes()))
}

/// Keeps an answer; `false` when the key is taken.
async fn keep(tx: &mut Tx<'_>, kept: &KeptAnswer, sealed: &[u8]) -> Result<bool, StoreError> {
    let over = "DELETE FROM api_answers WHERE client_id = $1 AND key = $2 AND expires_at <= $3";
    tx.run(over, params![&kept.client, kept.key, kept.now]).await?;
    let sql = "INSERT INTO api_answers (client_id, key, request, sealed, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING RETURNING client_id";
    let values = params![&kept.client, kept.key, kept.request, sealed.to_vec(), kept.expires_at];
    Ok(tx.one("api_answers", sql, values).await?.is_some())
}
