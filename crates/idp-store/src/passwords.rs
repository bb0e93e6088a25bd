//! Passwords: recovered by a mailed link, or changed by whoever knows the old one. Either way every other link, session
//! and grant that might be in wrong hands dies in the same transaction.

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::id::{AccountId, MailId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::password::PasswordHash;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;

use crate::cache::Stale;
use crate::engine::{Change, Tx, Verdict, params};
use crate::links::{insert_links, void_mailed};
use crate::mails::finish_in;
use crate::sessions::{end_in, forget_devices};
use crate::{Ending, OneTimeLink, Store, StoreError};

/// The purpose of a link that lets its holder set a password.
pub const RECOVERY: &str = "recover";

/// A password about to take the place of another, and what is written beside it.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// Whose.
    pub account_id: AccountId,
    /// Its hash.
    pub hash: PasswordHash,
    /// The browser in which it was set: the account knows it on, if it did, and no other one.
    pub device: Option<Digest>,
    /// The link in the letter about it, by which its owner objects.
    pub links: Vec<OneTimeLink>,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
    /// The letter about it.
    pub mails: Vec<OutgoingMail>,
}

/// What proves that the password may be set.
#[derive(Clone, Debug)]
enum Proof {
    /// An unused link, by its digest.
    Link(Digest),
    /// The password as it is, and the session that stays.
    Password(PasswordHash, SessionId),
}

impl Store {
    /// Writes a link that recovers a password, with the mail that carries it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn order_recovery(
        &self,
        link: &OneTimeLink,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let order = (vec![link.clone()], events.to_vec(), mails.to_vec());
        let account = link.account_id;
        // Whoever suspends the account in this moment takes turns with it, and voids the link.
        let sql = format!(
            "SELECT id FROM accounts WHERE id = $1 AND standing NOT IN ('suspended', 'erased'){}",
            self.engine().for_share()
        );
        self.engine()
            .steps((order, sql), move |tx, ((links, events, mails), sql)| {
                Box::pin(async move {
                    if tx.one("accounts", sql, params![account]).await?.is_none() {
                        return Ok(Verdict::Undo(false));
                    }
                    insert_links(tx, links).await?;
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Writes what became of an asking that waited in the outbox as `errand`, once: the line in the log and, where
    /// somebody has the address, a link with the mail that carries it. `address` is the key of the one asked
    /// for: no link goes to a mailbox that the account has left meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answer_recovery(
        &self,
        errand: MailId,
        address: &str,
        answer: Option<(&OneTimeLink, &OutgoingMail)>,
        event: &AuditEvent,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (link, mail) = answer.map(|(link, mail)| (link.clone(), mail.clone())).unzip();
        let links: Vec<_> = link.into_iter().collect();
        let mails: Vec<_> = mail.into_iter().collect();
        let order = (address.to_owned(), links, mails, event.clone());
        self.engine()
            .steps(order, move |tx, (address, links, mails, event)| {
                Box::pin(async move {
                    if !finish_in(tx, errand, now).await? {
                        return Ok(Verdict::Undo(()));
                    }
                    tx.record(std::slice::from_ref(event)).await?;
                    // Held, so that a change of the address comes before it and is seen, or after it and voids the link.
                    let theirs = "UPDATE accounts SET updated_at = updated_at WHERE id = $1 AND email_key = $2";
                    if let Some(link) = links.first()
                        && tx.run(theirs, params![link.account_id, address.as_str()]).await? > 0
                    {
                        insert_links(tx, links).await?;
                        tx.queue(mails).await?;
                    }
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// Sets a password by a mailed link, once, and ends every session and grant. `false` when the link was used or is too
    /// old by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recover_password(
        &self,
        link: &Digest,
        new: NewPassword,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.set_password(Proof::Link(*link), new, now).await
    }

    /// Sets a password in the place of `old`, and ends every session but `kept` and every grant that does not live with
    /// it. `false` when the password is another one by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_password(
        &self,
        old: &PasswordHash,
        kept: SessionId,
        new: NewPassword,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.set_password(Proof::Password(old.clone(), kept), new, now).await
    }

    /// When the password was set; `None` for one that is as old as its account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn password_set_at(&self, account: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT id, password_set_at FROM accounts WHERE id = $1";
        let row = self.engine().one("accounts", sql, params![account]).await?;
        row.map_or(Ok(None), |row| row.time_if_any("password_set_at"))
    }

    /// Keeps the hash of the same password at another cost. Nothing happens when the password is another one by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rehash_password(
        &self,
        account: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET password = $3 WHERE id = $1 AND password = $2 RETURNING id";
        let change = Change::new("accounts", sql, params![account, old.as_str(), new.as_str()]);
        self.engine().settle(change.touches([Stale::Account(account).into()])).await
    }

    async fn set_password(&self, proof: Proof, new: NewPassword, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.engine().steps((proof, new), move |tx, (proof, new)| Box::pin(set(tx, proof, new, now))).await
    }
}

/// Puts a hash that no password has in the place of an account's, until its owner sets another password by mail.
pub(crate) async fn void_password(tx: &mut Tx<'_>, account: AccountId, void: &PasswordHash) -> Result<(), StoreError> {
    tx.touch(Stale::Account(account));
    let sql = "UPDATE accounts SET password = $2 WHERE id = $1 AND standing <> 'erased'";
    tx.run(sql, params![account, void.as_str()]).await.map(|_| ())
}

async fn set(
    tx: &mut Tx<'_>,
    proof: &Proof,
    new: &NewPassword,
    now: DateTime<Utc>,
) -> Result<Verdict<bool>, StoreError> {
    let id = new.account_id;
    let (proven, ending) = match proof {
        Proof::Link(digest) => {
            let sql = "UPDATE links SET used_at = $1 WHERE digest = $2 AND purpose = $3 AND account_id = $4 \
                 AND used_at IS NULL AND expires_at > $1";
            (tx.run(sql, params![now, digest, RECOVERY, id]).await?, Ending::Account(id))
        }
        Proof::Password(old, kept) => {
            let sql = "UPDATE accounts SET updated_at = $1 WHERE id = $2 AND password = $3";
            (tx.run(sql, params![now, id, old.as_str()]).await?, Ending::AccountExcept(id, *kept))
        }
    };
    let replace = "UPDATE accounts SET password = $2, password_set_at = $3, updated_at = $3 WHERE id = $1 AND standing <> 'erased'";
    if proven == 0 || tx.run(replace, params![id, new.hash.as_str(), now]).await? == 0 {
        return Ok(Verdict::Undo(false));
    }
    // A link that is still on its way in another letter must not set the password a second time.
    void_mailed(tx, id, now).await?;
    forget_devices(tx, id, new.device).await?;
    // Nor may a change of address that was asked for under the old password go through.
    tx.run("DELETE FROM email_changes WHERE account_id = $1 AND stage = 'code_sent'", params![id]).await?;
    tx.touch(Stale::Account(id));
    end_in(tx, ending, SessionEnd::PasswordChanged, now, &new.events).await?;
    insert_links(tx, &new.links).await?;
    tx.record(&new.events).await?;
    tx.queue(&new.mails).await?;
    Ok(Verdict::Keep(true))
}
