//! What services are linked to an account and what members consented to: what holds now, and every giving and
//! withdrawing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::claim::{ClaimSet, Release};
use idp_core::id::{AccountId, ClientId};
use idp_core::resource::ResourceSet;
use idp_core::scope::ScopeSet;

use crate::cache::Stale;
use crate::engine::{Row, Tx, Verdict, params};
use crate::grants::{resources_text, word_if_any};
use crate::sessions::revoke_grants;
use crate::{Store, StoreError};

/// Why a service may receive what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The member was asked and agreed.
    Agreed,
    /// The member was not asked: the ministry's own service, or one that learns nothing but that it is the same person.
    Unasked,
}

impl Basis {
    const ALL: [Self; 2] = [Self::Agreed, Self::Unasked];

    fn word(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Unasked => "unasked",
        }
    }
}

/// That a service is linked to an account, and with what.
#[derive(Clone, Debug)]
pub struct Consent {
    /// For which client.
    pub client_id: ClientId,
    /// To which scopes.
    pub scopes: ScopeSet,
    /// To which claims by name beside them.
    pub claims: ClaimSet,
    /// To which scopes of resources.
    pub resources: ResourceSet,
    /// When it was given last; unasked, since when the service is used.
    pub given_at: DateTime<Utc>,
    /// The version of the text that was shown; empty when none was.
    pub version: String,
    /// Whether the member was asked.
    pub basis: Basis,
}

impl Consent {
    /// What the service may receive.
    pub fn release(&self) -> Release {
        Release { scopes: self.scopes, claims: self.claims, resources: self.resources.clone() }
    }

    /// What the member was asked for and agreed to.
    pub fn agreed(&self) -> Release {
        match self.basis {
            Basis::Agreed => self.release(),
            Basis::Unasked => Release::default(),
        }
    }
}

const CONSENT: &str =
    "SELECT account_id, client_id, scopes, claims, resources, given_at, text_version, basis FROM consents";
const RECORD: &str = "INSERT INTO consent_records (account_id, client_id, act, scopes, text_version, language, at, claims, \
     resources, documents) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
     (SELECT documents FROM accounts WHERE id = $1))";

fn consent(row: &Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        client_id: row.client_id("client_id")?,
        scopes: ScopeSet::parse(&row.get::<String>("scopes")?),
        claims: row.get::<Option<String>>("claims")?.as_deref().map(ClaimSet::parse).unwrap_or_default(),
        resources: word_if_any(row, "resources", ResourceSet::stored)?.unwrap_or_default(),
        given_at: row.time("given_at")?,
        version: row.get("text_version")?,
        basis: row.word("basis", |word| Basis::ALL.into_iter().find(|basis| basis.word() == word))?,
    })
}

impl Store {
    /// What an account consented to for a client.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn consent(&self, account: AccountId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let key = (account, client.clone());
        if let Some(cached) = self.caches().consents.get(&key) {
            return Ok(cached.as_deref().cloned());
        }
        let ticket = self.caches().consents.ticket(&key);
        let sql = format!("{CONSENT} WHERE account_id = $1 AND client_id = $2");
        let row = self.engine().one("consents", &sql, params![account, client]).await?;
        let found = row.as_ref().map(consent).transpose()?.map(Arc::new);
        self.caches().consents.keep(key, found.clone(), &ticket);
        Ok(found.as_deref().cloned())
    }

    /// Everything an account consented to, the latest first. A trial is no service that a member uses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn consents_of(&self, account: AccountId) -> Result<Vec<Consent>, StoreError> {
        let sql = format!("{CONSENT} WHERE account_id = $1 ORDER BY given_at DESC, client_id");
        let rows = self.engine().all("consents", &sql, params![account]).await?;
        let found: Vec<Consent> = rows.iter().map(consent).collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|consent| !consent.client_id.is_trial()).collect())
    }

    /// Notes a consent, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError`].
    #[expect(clippy::too_many_arguments, reason = "who, to whom, to what, on which text, when")]
    pub async fn give_consent(
        &self,
        account: AccountId,
        client: &ClientId,
        release: impl Into<Release>,
        text_version: &str,
        language: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<(), StoreError> {
        let Release { scopes, claims, resources } = release.into();
        let beside = (claims_text(claims), resources_text(&resources));
        let order = (beside, client.clone(), text_version.to_owned(), language.to_owned(), events.to_vec());
        self.engine()
            .steps(order, move |tx, ((claims, resources), client, version, language, events)| {
                Box::pin(async move {
                    let give = "INSERT INTO consents \
                         (account_id, client_id, scopes, given_at, text_version, basis, claims, resources) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account_id, client_id) DO UPDATE SET \
                         scopes = excluded.scopes, given_at = excluded.given_at, \
                         text_version = excluded.text_version, basis = excluded.basis, claims = excluded.claims, \
                         resources = excluded.resources";
                    let (scopes, version) = (scopes.to_string(), version.as_str());
                    let basis = Basis::Agreed.word();
                    let (claims, resources) = (claims.as_deref(), resources.as_deref());
                    let values = params![account, client, scopes.as_str(), now, version, basis, claims, resources];
                    tx.run(give, values).await?;
                    let language = language.as_str();
                    let record = params![account, client, "given", scopes, version, language, now, claims, resources];
                    tx.run(RECORD, record).await?;
                    tx.record(events).await?;
                    tx.touch(Stale::Consent(account, client.clone()));
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// Takes a consent back, or ends the link with a service that did not ask, and with it what the client holds. `false` when there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_consent(
        &self,
        account: AccountId,
        client: &ClientId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((client.clone(), events.to_vec()), move |tx, (client, events)| {
                Box::pin(async move {
                    let withdraw = "DELETE FROM consents WHERE account_id = $1 AND client_id = $2";
                    if tx.run(withdraw, params![account, client]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    withdrawn(tx, account, client, now, events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}

impl Store {
    /// Takes back every consent and link of an account at once, each with `event` about its client. One transaction: all,
    /// or none. Tells how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_all_consents(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
        event: &AuditEvent,
    ) -> Result<usize, StoreError> {
        self.engine()
            .steps(event.clone(), move |tx, event| {
                Box::pin(async move {
                    let withdraw = "DELETE FROM consents WHERE account_id = $1 RETURNING client_id";
                    let rows = tx.all("consents", withdraw, params![account]).await?;
                    for row in &rows {
                        let client = row.client_id("client_id")?;
                        withdrawn(tx, account, &client, now, &[event.clone().client(&client)]).await?;
                    }
                    Ok(Verdict::Keep(rows.len()))
                })
            })
            .await
    }
}

/// What goes with every withdrawal: its record, the end of what the client holds, and the line in the log.
async fn withdrawn(
    tx: &mut Tx<'_>,
    account: AccountId,
    client: &ClientId,
    now: DateTime<Utc>,
    events: &[AuditEvent],
) -> Result<(), StoreError> {
    let none = None::<&str>;
    let record = params![account, client, "withdrawn", none, none, none, now, none, none];
    tx.run(RECORD, record).await?;
    let which = "account_id = $2 AND client_id = $3";
    revoke_grants(tx, which, params![now, account, client], "consent_withdrawn", now).await?;
    tx.record(events).await?;
    tx.touch(Stale::Consent(account, client.clone()));
    Ok(())
}

/// Notes within a transaction that a service is used without having asked. A consent stays as it is.
pub(crate) async fn link(
    tx: &mut Tx<'_>,
    account: AccountId,
    client: &ClientId,
    release: &Release,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO consents (account_id, client_id, scopes, given_at, text_version, basis, claims, resources) \
         VALUES ($1, $2, $3, $4, '', $5, $6, $7) ON CONFLICT (account_id, client_id) DO UPDATE SET \
         scopes = excluded.scopes, claims = excluded.claims, resources = excluded.resources \
         WHERE consents.basis = excluded.basis";
    let (scopes, basis) = (release.scopes.to_string(), Basis::Unasked.word());
    let (claims, resources) = (claims_text(release.claims), resources_text(&release.resources));
    tx.run(sql, params![account, client, scopes, now, basis, claims, resources]).await?;
    tx.touch(Stale::Consent(account, client.clone()));
    Ok(())
}

/// The column: `NULL` where there is no claim.
fn claims_text(claims: ClaimSet) -> Option<String> {
    (!claims.is_empty()).then(|| claims.to_string())
}
