//! Accounts: made at the end of a registration, suspended, deleted; never forgotten by id.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Account, MemberType, Membership, Standing};
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, RegistrationId};
use idp_core::mail::OutgoingMail;
use idp_core::password::PasswordHash;
use idp_core::secret::Digest;
use idp_core::session::{Session, SessionEnd};

use crate::cache::Stale;
use crate::disputes::{FREEZE, Settlement, settle_in};
use crate::engine::{Change, Row, Tx, Verdict, params};
use crate::links::void_mailed;
use crate::members::index_member;
use crate::reviews::supersede_in;
use crate::sessions::{Ending, end_in, insert_session, know_device};
use crate::{Store, StoreError};

/// An account, and what its pairwise subjects are made of.
#[derive(Clone)]
pub struct StoredAccount {
    /// The account.
    pub account: Account,
    /// 256 random bits, made with the account and told to nobody.
    pub subject_seed: [u8; 32],
    /// The version of terms and privacy notice that was accepted last.
    pub documents: Option<String>,
}

impl Deref for StoredAccount {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl std::fmt::Debug for StoredAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredAccount({:?})", self.account.id)
    }
}

/// What came of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The account is there and signed in.
    Done,
    /// Somebody registered the address meanwhile.
    EmailTaken,
    /// The registration is over, or its mailbox is not proven, or another one is.
    NotConfirmed,
}

pub(crate) const ACCOUNT: &str = "SELECT id, email, email_confirmed_at, password, member_type, profile, expires_at, \
     permanent_since, badge, standing, standing_since, standing_why, erase_at, language, subject_seed, registered_at, \
     updated_at, documents, about FROM accounts";

/// Folds a row into an account; `None` for an erased one.
pub(crate) fn account(row: &Row) -> Result<Option<StoredAccount>, StoreError> {
    let since = || row.time("standing_since");
    let standing = match row.get::<String>("standing")?.as_str() {
        "active" => Standing::Active,
        "suspended" => Standing::Suspended { since: since()?, why: row.get("standing_why")? },
        "frozen" => Standing::Frozen { since: since()? },
        "restricted" => Standing::Restricted { since: since()? },
        "deleting" => Standing::Deleting { erase_at: row.time("erase_at")? },
        "erased" => return Ok(None),
        _ => return Err(row.corrupt("standing")),
    };
    let membership = match (row.time_if_any("expires_at")?, row.time_if_any("permanent_since")?) {
        (Some(expires_at), None) => Membership::Temporary { expires_at },
        (None, Some(since)) => Membership::Permanent { since, badge: row.json("badge")? },
        _ => return Err(row.corrupt("permanent_since")),
    };
    let account = Account {
        id: AccountId(row.get("id")?),
        email: row.word("email", |text| EmailAddress::parse(text).ok())?,
        email_confirmed_at: row.time("email_confirmed_at")?,
        password: row.word("password", PasswordHash::stored)?,
        member_type: row.word("member_type", MemberType::parse)?,
        profile: row.json("profile")?,
        about: row.json_if_any("about")?.unwrap_or_default(),
        membership,
        standing,
        language: row.get("language")?,
        registered_at: row.time("registered_at")?,
        updated_at: row.time("updated_at")?,
    };
    let seed: Vec<u8> = row.get("subject_seed")?;
    let subject_seed = seed.try_into().map_err(|_| row.corrupt("subject_seed"))?;
    Ok(Some(StoredAccount { account, subject_seed, documents: row.get("documents")? }))
}

struct Registration {
    account: Account,
    subject_seed: [u8; 32],
    registration: RegistrationId,
    terms_version: String,
    terms_accepted_at: DateTime<Utc>,
    session: Session,
    device: Option<Digest>,
    events: Vec<AuditEvent>,
    mails: Vec<OutgoingMail>,
}

impl Registration {
    async fn conclude(&self, tx: &mut Tx<'_>) -> Result<Verdict<Registered>, StoreError> {
        let account = &self.account;
        let now = account.registered_at;
        let conclude = "UPDATE registrations SET stage = 'concluded', email = NULL, email_confirmed_at = NULL, \
             request = NULL WHERE id = $1 AND stage = 'email_confirmed' AND email = $2 AND expires_at > $3";
        if tx.run(conclude, params![self.registration, account.email.as_str(), now]).await? == 0 {
            return Ok(Verdict::Undo(Registered::NotConfirmed));
        }
        let (expires_at, since, badge) = match &account.membership {
            Membership::Temporary { expires_at } => (Some(*expires_at), None, None),
            Membership::Permanent { since, badge } => (None, Some(*since), Some(json(badge))),
        };
        let insert = "INSERT INTO accounts (id, email, email_key, email_confirmed_at, password, member_type, profile, \
             expires_at, permanent_since, badge, standing, language, subject_seed, registered_at, updated_at, documents) VALUES \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'active', $11, $12, $13, $14, $15) ON CONFLICT (email_key) DO NOTHING";
        let row = params![
            account.id,
            account.email.as_str(),
            account.email.key(),
            account.email_confirmed_at,
            account.password.as_str(),
            account.member_type.as_str(),
            json(&account.profile),
            expires_at,
            since,
            badge,
            account.language.as_deref(),
            self.subject_seed,
            now,
            account.updated_at,
            self.terms_version.as_str(),
        ];
        if tx.run(insert, row).await? == 0 {
            return Ok(Verdict::Undo(Registered::EmailTaken));
        }
        index_member(tx, account.id, &account.email, &account.profile, account.updated_at).await?;
        let terms = "INSERT INTO terms_acceptances (account_id, version, accepted_at) VALUES ($1, $2, $3)";
        tx.run(terms, params![account.id, self.terms_version.as_str(), self.terms_accepted_at]).await?;
        insert_session(tx, &self.session).await?;
        if let Some(device) = &self.device {
            know_device(tx, account.id, device, now).await?;
        }
        tx.record(&self.events).await?;
        tx.queue(&self.mails).await?;
        Ok(Verdict::Keep(Registered::Done))
    }
}

/// Whoever comes back from a deletion or a suspension is where they were: at rest since they asked for it, or in use.
const AS_BEFORE: &str = "standing = CASE WHEN resting_since IS NULL THEN 'active' ELSE 'restricted' END, \
     standing_since = COALESCE(resting_since, $2), resting_since = NULL";

/// So long at least whoever asked for deletion may change their mind after an account was stopped and restored.
const SECOND_THOUGHTS: TimeDelta = TimeDelta::days(7);

impl Store {
    /// Concludes a registration: makes the account, active, with the terms it accepted, signs it in, and knows its
    /// device. All of it or nothing; of several at once for one address, one.
    ///
    /// # Errors
    /// [`StoreError`].
    #[expect(clippy::too_many_arguments, reason = "one transaction over everything a registration makes")]
    pub async fn register(
        &self,
        account: &Account,
        registration: RegistrationId,
        terms_version: &str,
        terms_accepted_at: DateTime<Utc>,
        session: &Session,
        device: Option<Digest>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<Registered, StoreError> {
        let mut subject_seed = [0; 32];
        self.0.chance.fill(&mut subject_seed);
        let order = Registration {
            account: account.clone(),
            subject_seed,
            registration,
            terms_version: terms_version.to_owned(),
            terms_accepted_at,
            session: session.clone(),
            device,
            events: events.to_vec(),
            mails: mails.to_vec(),
        };
        self.engine().steps(order, |tx, order| Box::pin(order.conclude(tx))).await
    }

    /// An account; erased ones are not found.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: AccountId) -> Result<Option<Arc<StoredAccount>>, StoreError> {
        if let Some(cached) = self.caches().accounts.get(&id) {
            return Ok(Some(cached));
        }
        let ticket = self.caches().accounts.ticket(&id);
        let Some(row) = self.engine().one("accounts", &format!("{ACCOUNT} WHERE id = $1"), params![id]).await? else {
            return Ok(None);
        };
        let found = account(&row)?.map(Arc::new);
        if let Some(found) = &found {
            self.caches().accounts.keep(id, Arc::clone(found), &ticket);
        }
        Ok(found)
    }

    /// The account of an address, by [`EmailAddress::key`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_by_email(&self, key: &str) -> Result<Option<Arc<StoredAccount>>, StoreError> {
        let row = self.engine().one("accounts", &format!("{ACCOUNT} WHERE email_key = $1"), params![key]).await?;
        Ok(row.map(|row| account(&row)).transpose()?.flatten().map(Arc::new))
    }

    /// The account of an address, by its name alone: nothing of the row is read, so that an address that somebody has takes
    /// no longer than one that nobody has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_id_by_email(&self, key: &str) -> Result<Option<AccountId>, StoreError> {
        let row = self.engine().one("accounts", "SELECT id FROM accounts WHERE email_key = $1", params![key]).await?;
        row.map(|row| Ok(AccountId(row.get("id")?))).transpose()
    }

    /// What the pairwise subjects of an account are made of.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subject_seed(&self, id: AccountId) -> Result<Option<[u8; 32]>, StoreError> {
        Ok(self.account(id).await?.map(|stored| stored.subject_seed))
    }

    /// Remembers the language a member chose.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_language(&self, id: AccountId, tag: &str) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET language = $2 WHERE id = $1 AND standing <> 'erased' RETURNING id";
        let change = Change::new("accounts", sql, params![id, tag]).touches([Stale::Account(id).into()]);
        self.engine().change(change).await.map(|_| ())
    }

    /// Stops an account that was in use, frozen or waiting for deletion, and ends its sessions and grants. That its owner asked
    /// for deletion is kept: it waits until the account is restored. `false` when it was suspended already, or is no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suspend(
        &self,
        id: AccountId,
        why: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET standing = 'suspended', standing_since = $2, standing_why = $3, \
             resting_since = CASE standing WHEN 'restricted' THEN standing_since ELSE resting_since END \
             WHERE id = $1 AND standing IN ('active', 'frozen', 'restricted', 'deleting')";
        self.stop(id, sql, params![id, now, why], SessionEnd::Suspended, now, events, mails).await
    }

    /// Takes an account that was suspended or frozen into use again, back to rest where its owner had it rest, or back to
    /// waiting for the deletion that its owner asked for, which gives them a week at least to think again. What its owner
    /// disputes is settled with it, and a deletion is forgotten that may not have been theirs. `false` when it was neither, or `settlement` does not fit: there is one exactly
    /// where something is disputed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn restore(
        &self,
        id: AccountId,
        settlement: Option<Settlement>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let order = (settlement, events.to_vec(), mails.to_vec());
        self.engine()
            .steps(order, move |tx, (settlement, events, mails)| {
                Box::pin(async move {
                    if let Some(settlement) = settlement
                        && !settle_in(tx, id, settlement).await?
                    {
                        return Ok(Verdict::Undo(false));
                    }
                    let which =
                        "id = $1 AND standing IN ('suspended', 'frozen') AND disputed_since IS NULL AND erase_at IS";
                    let deleting = format!(
                        "UPDATE accounts SET standing = 'deleting', standing_since = $2, standing_why = NULL, \
                         erase_at = CASE WHEN erase_at < $3 THEN $3 ELSE erase_at END WHERE {which} NOT NULL"
                    );
                    let in_use = format!("UPDATE accounts SET {AS_BEFORE}, standing_why = NULL WHERE {which} NULL");
                    if tx.run(&deleting, params![id, now, now + SECOND_THOUGHTS]).await? == 0
                        && tx.run(&in_use, params![id, now]).await? == 0
                    {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.touch(Stale::Account(id));
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Stops an account until an officer has looked, and ends its sessions and grants. `false` when it was not in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn freeze(
        &self,
        id: AccountId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.stop(id, FREEZE, params![id, now], SessionEnd::Suspended, now, events, mails).await
    }

    /// Marks an account for erasure at `erase_at`, and ends its sessions and grants; its owner may sign in to change
    /// their mind. `false` when it was not in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schedule_deletion(
        &self,
        id: AccountId,
        erase_at: DateTime<Utc>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET standing = 'deleting', standing_since = $2, erase_at = $3, \
             resting_since = CASE standing WHEN 'restricted' THEN standing_since END \
             WHERE id = $1 AND standing IN ('active', 'restricted')";
        self.stop(id, sql, params![id, now, erase_at], SessionEnd::Deleting, now, events, mails).await
    }

    /// Takes an account that waits for erasure into use again, or back to rest where it rested before. `false` when it does not wait, or its time has come.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel_deletion(
        &self,
        id: AccountId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE accounts SET {AS_BEFORE}, erase_at = NULL \
             WHERE id = $1 AND standing = 'deleting' AND erase_at > $2 RETURNING id"
        );
        let change = Change::new("accounts", sql.as_str(), params![id, now]).touches([Stale::Account(id).into()]);
        self.engine().settle(change.events(events)).await
    }

    /// A change of standing after which nobody is signed in.
    #[expect(clippy::too_many_arguments, reason = "what the three callers above have in common")]
    pub(crate) async fn stop(
        &self,
        id: AccountId,
        sql: &'static str,
        values: Vec<crate::engine::Param>,
        why: SessionEnd,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let order = (values, events.to_vec(), mails.to_vec());
        self.engine()
            .steps(order, move |tx, (values, events, mails)| {
                Box::pin(async move {
                    if tx.run(sql, values.clone()).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.touch(Stale::Account(id));
                    end_in(tx, Ending::Account(id), why, now, events).await?;
                    crate::lost_factors::cancel_in(tx, id, now).await?;
                    void_mailed(tx, id, now).await?;
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Erases up to `limit` accounts whose time has come: what tells who they were is gone, the address is free again, the
    /// number is free after `cooling`, and the row stays by its id. `make_event` makes the event written with each.
    ///
    /// # Errors
    /// [`StoreError`]. Accounts erased before it are erased.
    pub async fn erase_due(
        &self,
        now: DateTime<Utc>,
        cooling: TimeDelta,
        limit: u64,
        make_event: &(dyn Fn(AccountId) -> AuditEvent + Send + Sync),
    ) -> Result<Vec<AccountId>, StoreError> {
        self.erase_where("standing = 'deleting' AND erase_at <= $1", "erase_at", now, (now, cooling), limit, make_event)
            .await
    }

    /// Erases up to `limit` accounts in use that were never verified and whose temporary membership ended before
    /// `ended_before`.
    ///
    /// # Errors
    /// [`StoreError`]. Accounts erased before it are erased.
    pub async fn erase_unverified(
        &self,
        ended_before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u64,
        make_event: &(dyn Fn(AccountId) -> AuditEvent + Send + Sync),
    ) -> Result<Vec<AccountId>, StoreError> {
        let over = "standing = 'active' AND end_handled_at IS NOT NULL AND expires_at < $1 AND permanent_since IS NULL \
             AND NOT EXISTS (SELECT 1 FROM verification_cases WHERE account_id = accounts.id AND outcome = 'verified')";
        self.erase_where(over, "expires_at", ended_before, (now, TimeDelta::zero()), limit, make_event).await
    }

    /// Erases accounts of which `which` is true, `$1` being `before`: the write itself looks again.
    async fn erase_where(
        &self,
        which: &'static str,
        order: &str,
        before: DateTime<Utc>,
        when: (DateTime<Utc>, TimeDelta),
        limit: u64,
        make_event: &(dyn Fn(AccountId) -> AuditEvent + Send + Sync),
    ) -> Result<Vec<AccountId>, StoreError> {
        let sql = format!("SELECT id FROM accounts WHERE {which} ORDER BY {order} LIMIT $2");
        let mut erased = Vec::new();
        for row in self.engine().all("accounts", &sql, params![before, limit]).await? {
            let id = AccountId(row.get("id")?);
            let event = vec![make_event(id)];
            let steps =
                self.engine().steps(event, move |tx, event| Box::pin(erase(tx, id, which, before, when, event)));
            erased.extend(steps.await?.then_some(id));
        }
        Ok(erased)
    }
}

async fn erase(
    tx: &mut Tx<'_>,
    id: AccountId,
    which: &str,
    before: DateTime<Utc>,
    (now, cooling): (DateTime<Utc>, TimeDelta),
    event: &[AuditEvent],
) -> Result<Verdict<bool>, StoreError> {
    let shred = format!(
        "UPDATE accounts SET standing = 'erased', standing_since = $3, standing_why = NULL, erase_at = NULL, \
         resting_since = NULL, disputed_since = NULL, temporary_since = NULL, email = NULL, email_key = NULL, password = '', profile = NULL, about = NULL, expires_at = NULL, permanent_since = NULL, \
         badge = NULL, language = NULL, documents = NULL, subject_seed = $4, updated_at = $3 WHERE id = $2 AND {which}"
    );
    if tx.run(&shred, params![before, id, now, Vec::new()]).await? == 0 {
        return Ok(Verdict::Undo(false));
    }
    tx.touch(Stale::Account(id));
    end_in(tx, Ending::Account(id), SessionEnd::Deleting, now, event).await?;
    if cooling > TimeDelta::zero() {
        // In the transaction that frees it: whoever waits for the number finds it resting.
        let rest = "INSERT INTO resting_numbers (number_index, free_at) \
             SELECT number_index, $2 FROM identity_numbers WHERE account_id = $1 \
             ON CONFLICT (number_index) DO UPDATE SET free_at = excluded.free_at";
        tx.run(rest, params![id, now + cooling]).await?;
    }
    for personal in [
        "DELETE FROM identities WHERE account_id = $1",
        "DELETE FROM former_badges WHERE account_id = $1",
        "DELETE FROM identity_numbers WHERE account_id = $1",
        "DELETE FROM mailed_codes WHERE account_id = $1",
        "DELETE FROM member_words WHERE account_id = $1",
        "DELETE FROM member_pictures WHERE account_id = $1",
        "DELETE FROM links WHERE account_id = $1",
        "DELETE FROM known_devices WHERE account_id = $1",
        "DELETE FROM passkeys WHERE account_id = $1",
        "DELETE FROM email_changes WHERE account_id = $1",
        "DELETE FROM sign_ins WHERE account_id = $1",
        "DELETE FROM active_members WHERE account_id = $1",
        "DELETE FROM client_events WHERE account_id = $1",
        "DELETE FROM totp_factors WHERE account_id = $1",
        "DELETE FROM recovery_codes WHERE account_id = $1",
        "DELETE FROM thaid_closed WHERE account_id = $1",
        "DELETE FROM lost_factors WHERE account_id = $1",
        "DELETE FROM consents WHERE account_id = $1",
        "DELETE FROM mails WHERE account_id = $1",
        "UPDATE sessions SET device = '' WHERE account_id = $1",
        "UPDATE verification_cases SET number_index = NULL, origin = NULL WHERE account_id = $1",
    ] {
        tx.run(personal, params![id]).await?;
    }
    supersede_in(tx, id, now).await?;
    tx.run("UPDATE reviews SET sealed = $2 WHERE account_id = $1", params![id, Vec::new()]).await?;
    tx.record(event).await?;
    // Last, so that no line written here keeps one: from where the member did what is nobody's any more. The seals hold.
    for lines in ["account_id = $1", "actor = 'staff' AND actor_id = $1"] {
        let sql =
            format!("UPDATE audit_log SET address = NULL, address_salt = NULL WHERE {lines} AND address IS NOT NULL");
        tx.run(&sql, params![id]).await?;
    }
    Ok(Verdict::Keep(true))
}

pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the values stored as JSON have text for keys")
}
