//! Changes of an account's address. The address is taken by the write that changes it, or not at all; every other session,
//! and every link that lies in the old mailbox and could set a password, dies in the same transaction.

use chrono::{DateTime, Utc};
use idp_core::account::{CodeState, EmailChange, EmailChangeStage, UNDO_LIFETIME};
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, EmailChangeId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::password::PasswordHash;
use idp_core::secret::Digest;
use idp_core::session::SessionEnd;
use uuid::Uuid;

use crate::cache::Stale;
use crate::disputes::dispute_in;
use crate::engine::{Change, Row, Tx, Verdict, params};
use crate::factors::drop_factors_since;
use crate::links::{insert_links, void_mailbox};
use crate::passwords::void_password;
use crate::sessions::{end_in, forget_devices};
use crate::{Ending, OneTimeLink, Store, StoreError};

const COLUMNS: &str = "id, account_id, stage, session_id, email, code_digest, sent_at, attempts, former, changed_at, \
     undo_until";

/// A change about to be made, and what is written beside it.
#[derive(Clone, Debug)]
pub struct EmailChangeOrder {
    /// The change, as its code was judged.
    pub change: EmailChange,
    /// The code that was right.
    pub code: Digest,
    /// The address as it is.
    pub former: EmailAddress,
    /// The secret in the letter to the old address that takes the change back.
    pub undo: Digest,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
    /// The letters to the old and the new address.
    pub mails: Vec<OutgoingMail>,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailChanged {
    /// The account has the new address.
    Done,
    /// Somebody else has the address by now.
    Taken,
    /// The change is not waited for any more, its session has ended, or the account may not be changed.
    Gone,
}

/// A change about to be taken back, and what is written beside it.
#[derive(Clone, Debug)]
pub struct EmailUndoOrder {
    /// The secret of the letter to the old address.
    pub undo: Digest,
    /// The link by which its owner sets a password next.
    pub recovery: OneTimeLink,
    /// A hash that no password has: whoever changed the address knew the one that was.
    pub void: PasswordHash,
    /// Links in the letters.
    pub links: Vec<OneTimeLink>,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
    /// The line about factors that were added since the change, where there are some: they go with it.
    pub factors_removed: AuditEvent,
    /// The letters.
    pub mails: Vec<OutgoingMail>,
}

/// What came of taking a change back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailUndone {
    /// The account has its former address again; its owner sets a password next.
    Restored,
    /// The former address belongs to another account by now: this one is frozen, and an officer decides.
    Frozen,
    /// The letter was used, or is too old.
    Gone,
}

fn change(row: &Row) -> Result<EmailChange, StoreError> {
    let email = |column| row.word(column, |text| EmailAddress::parse(text).ok());
    let stage = match row.get::<String>("stage")?.as_str() {
        "code_sent" => EmailChangeStage::CodeSent {
            code: CodeState {
                digest: row.digest("code_digest")?,
                sent_at: row.time("sent_at")?,
                attempts: row.number("attempts")?,
            },
        },
        "changed" => EmailChangeStage::Changed {
            former: email("former")?,
            at: row.time("changed_at")?,
            undo_until: row.time("undo_until")?,
        },
        "undone" => EmailChangeStage::Undone,
        _ => return Err(row.corrupt("stage")),
    };
    Ok(EmailChange {
        id: EmailChangeId(row.get("id")?),
        account_id: AccountId(row.get("account_id")?),
        session_id: SessionId(row.get("session_id")?),
        email: email("email")?,
        stage,
    })
}

impl Store {
    /// Puts a change and its code in place of whatever waited for this account. `false` when the session has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_email_change(
        &self,
        asked: &EmailChange,
        code: &CodeState,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO email_changes (id, account_id, stage, session_id, email, code_digest, sent_at, attempts) \
             SELECT $1, $2, 'code_sent', $3, $4, $5, $6, $7 \
             WHERE EXISTS (SELECT 1 FROM sessions WHERE id = $3 AND ended_at IS NULL) \
             ON CONFLICT (account_id) WHERE stage = 'code_sent' DO UPDATE SET id = excluded.id, \
             session_id = excluded.session_id, email = excluded.email, code_digest = excluded.code_digest, \
             sent_at = excluded.sent_at, attempts = excluded.attempts RETURNING id";
        let values = params![
            asked.id,
            asked.account_id,
            asked.session_id,
            asked.email.as_str(),
            code.digest,
            code.sent_at,
            code.attempts
        ];
        self.engine().settle(Change::new("email_changes", sql, values).events(events).mails(mails)).await
    }

    /// The change that waits in this session, without counting a guess: to be shown and sent anew, never to be compared
    /// with what was typed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn waiting_email_change(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<Option<EmailChange>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM email_changes WHERE account_id = $1 AND session_id = $2 AND stage = 'code_sent'"
        );
        self.engine().one("email_changes", &sql, params![account, session]).await?.as_ref().map(change).transpose()
    }

    /// Counts a guess and then shows the change whose code it may be compared with. `None` when none waits in this session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_email_guess(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<Option<EmailChange>, StoreError> {
        let sql = format!(
            "UPDATE email_changes SET attempts = attempts + 1 \
             WHERE account_id = $1 AND session_id = $2 AND stage = 'code_sent' RETURNING {COLUMNS}"
        );
        let rows = self.engine().change(Change::new("email_changes", sql, params![account, session])).await?;
        rows.first().map(change).transpose()
    }

    /// Changes the address: once, while its session lives, and only to an address that nobody has at this moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_email(&self, order: EmailChangeOrder, now: DateTime<Utc>) -> Result<EmailChanged, StoreError> {
        self.engine().steps(order, move |tx, order| Box::pin(make(tx, order, now))).await
    }

    /// The change that a letter to the old address can take back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn email_change_by_undo(&self, undo: &Digest) -> Result<Option<EmailChange>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM email_changes WHERE undo_digest = $1");
        self.engine().one("email_changes", &sql, params![undo]).await?.as_ref().map(change).transpose()
    }

    /// Takes a change back, once: the former address is the account's again, every session and grant ends, later changes
    /// and their letters are void, and so is the password: the link of `order` sets another one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn undo_email_change(
        &self,
        order: EmailUndoOrder,
        now: DateTime<Utc>,
    ) -> Result<EmailUndone, StoreError> {
        self.engine().steps(order, move |tx, order| Box::pin(undo(tx, order, now))).await
    }
}

async fn make(
    tx: &mut Tx<'_>,
    order: &EmailChangeOrder,
    now: DateTime<Utc>,
) -> Result<Verdict<EmailChanged>, StoreError> {
    let EmailChange { id, account_id, session_id, email, .. } = &order.change;
    let settle = "UPDATE email_changes SET stage = 'changed', code_digest = NULL, former = $1, changed_at = $2, \
         undo_digest = $3, undo_until = $4 WHERE id = $5 AND stage = 'code_sent' AND code_digest = $6 \
         AND EXISTS (SELECT 1 FROM sessions WHERE id = $7 AND ended_at IS NULL)";
    let values = params![order.former.as_str(), now, order.undo, now + UNDO_LIFETIME, *id, order.code, *session_id];
    if tx.run(settle, values).await? == 0 {
        return Ok(Verdict::Undo(EmailChanged::Gone));
    }
    match give(tx, *account_id, email, &["active"], now).await? {
        Given::Yes => {}
        Given::Taken => return Ok(Verdict::Undo(EmailChanged::Taken)),
        Given::NoAccount => return Ok(Verdict::Undo(EmailChanged::Gone)),
    }
    end_in(tx, Ending::AccountExcept(*account_id, *session_id), SessionEnd::EmailChanged, now, &order.events).await?;
    void_mailbox(tx, *account_id, now).await?;
    tx.record(&order.events).await?;
    tx.queue(&order.mails).await?;
    Ok(Verdict::Keep(EmailChanged::Done))
}

async fn undo(tx: &mut Tx<'_>, order: &EmailUndoOrder, now: DateTime<Utc>) -> Result<Verdict<EmailUndone>, StoreError> {
    let settle = "UPDATE email_changes SET stage = 'undone' WHERE undo_digest = $1 AND stage = 'changed' \
         AND undo_until > $2 RETURNING id, account_id, former, changed_at";
    let Some(row) = tx.one("email_changes", settle, params![order.undo, now]).await? else {
        return Ok(Verdict::Undo(EmailUndone::Gone));
    };
    let account = AccountId(row.get::<Uuid>("account_id")?);
    let former = row.word("former", |text| EmailAddress::parse(text).ok())?;
    // Whoever changed it on from there must not bring their own address back by their own letter.
    let later = "UPDATE email_changes SET stage = 'undone' \
         WHERE account_id = $1 AND stage = 'changed' AND changed_at >= $2";
    let changed_at = row.time("changed_at")?;
    tx.run(later, params![account, changed_at]).await?;
    tx.run("DELETE FROM email_changes WHERE account_id = $1 AND stage = 'code_sent'", params![account]).await?;
    let undone =
        match give(tx, account, &former, &["active", "suspended", "frozen", "restricted", "deleting"], now).await? {
            Given::Yes => EmailUndone::Restored,
            Given::Taken => EmailUndone::Frozen,
            Given::NoAccount => return Ok(Verdict::Undo(EmailUndone::Gone)),
        };
    end_in(tx, Ending::Account(account), SessionEnd::EmailChanged, now, &order.events).await?;
    void_mailbox(tx, account, now).await?;
    if drop_factors_since(tx, account, changed_at).await? {
        tx.record(std::slice::from_ref(&order.factors_removed)).await?;
    }
    match undone {
        EmailUndone::Restored => {
            // Who was signed in meanwhile is a stranger from now on.
            forget_devices(tx, account, None).await?;
            void_password(tx, account, &order.void).await?;
            insert_links(tx, std::slice::from_ref(&order.recovery)).await?;
        }
        _ => {
            dispute_in(tx, account, changed_at, now).await?;
        }
    }
    insert_links(tx, &order.links).await?;
    tx.record(&order.events).await?;
    tx.queue(&order.mails).await?;
    Ok(Verdict::Keep(undone))
}

/// Whether an account was given an address.
enum Given {
    Yes,
    /// It belongs to another account.
    Taken,
    /// There is no account in one of the standings asked for.
    NoAccount,
}

/// Gives an account an address that nobody else has. When somebody takes it in this very moment, the unique index stops
/// one of the two, and its transaction is made again and finds the address taken.
async fn give(
    tx: &mut Tx<'_>,
    account: AccountId,
    email: &EmailAddress,
    standings: &[&str],
    now: DateTime<Utc>,
) -> Result<Given, StoreError> {
    let held = "SELECT id FROM accounts WHERE email_key = $1 AND id <> $2";
    if tx.one("accounts", held, params![email.key(), account]).await?.is_some() {
        return Ok(Given::Taken);
    }
    let standings = standings.join("', '");
    let sql = format!(
        "UPDATE accounts SET email = $2, email_key = $3, email_confirmed_at = $4, updated_at = $4 \
         WHERE id = $1 AND standing IN ('{standings}')"
    );
    let given = tx.run(&sql, params![account, email.as_str(), email.key(), now]).await?;
    tx.touch(Stale::Account(account));
    Ok(if given == 0 { Given::NoAccount } else { Given::Yes })
}
