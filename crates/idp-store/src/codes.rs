//! Codes mailed to members who are signed in, one for each purpose.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::CodeState;
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;
use idp_core::secret::Digest;

use crate::engine::{Change, Row, params};
use crate::{Store, StoreError};

/// A code this old is not waited for any more; long before, it is too old to be right.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

fn code(row: &Row) -> Result<(EmailAddress, CodeState), StoreError> {
    let code = CodeState {
        digest: row.digest("code_digest")?,
        sent_at: row.time("sent_at")?,
        attempts: row.number("attempts")?,
    };
    Ok((row.word("email", |text| EmailAddress::parse(text).ok())?, code))
}

impl Store {
    /// Puts a code, sent `now`, in place of whatever was waited for under `purpose`.
    ///
    /// # Errors
    /// [`StoreError`].
    #[expect(clippy::too_many_arguments, reason = "a code, whose and what for, and what is written with it")]
    pub async fn put_code(
        &self,
        account: AccountId,
        purpose: &str,
        address: &EmailAddress,
        code: &CodeState,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO mailed_codes (account_id, purpose, email, code_digest, sent_at, attempts) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, purpose) DO UPDATE SET email = excluded.email, \
             code_digest = excluded.code_digest, sent_at = excluded.sent_at, attempts = excluded.attempts, \
             confirmed_at = NULL RETURNING account_id";
        let values = params![account, purpose, address.as_str(), code.digest, now, code.attempts];
        let change = Change::new("mailed_codes", sql, values).events(events).mails(mails);
        self.engine().change(change).await.map(|_| ())
    }

    /// Counts a guess and then shows the code it may be compared with, and the address it went to. `None` when no code is
    /// waited for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_code_guess(
        &self,
        account: AccountId,
        purpose: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(EmailAddress, CodeState)>, StoreError> {
        let sql = "UPDATE mailed_codes SET attempts = attempts + 1 \
             WHERE account_id = $1 AND purpose = $2 AND confirmed_at IS NULL AND sent_at > $3 \
             RETURNING account_id, email, code_digest, sent_at, attempts";
        let values = params![account, purpose, now - FORGOTTEN_AFTER];
        let rows = self.engine().change(Change::new("mailed_codes", sql, values)).await?;
        rows.first().map(code).transpose()
    }

    /// The code waited for under `purpose` and the address it went to, without counting a guess: to be shown and sent
    /// anew, never to be compared with what was typed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn waiting_code(
        &self,
        account: AccountId,
        purpose: &str,
    ) -> Result<Option<(EmailAddress, CodeState)>, StoreError> {
        let sql = "SELECT account_id, email, code_digest, sent_at, attempts FROM mailed_codes \
             WHERE account_id = $1 AND purpose = $2 AND confirmed_at IS NULL";
        let row = self.engine().one("mailed_codes", sql, params![account, purpose]).await?;
        row.as_ref().map(code).transpose()
    }

    /// Notes that the address is proven: the code with `digest` was typed and is still the one waited for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm_code(
        &self,
        account: AccountId,
        purpose: &str,
        digest: &Digest,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE mailed_codes SET confirmed_at = $4 \
             WHERE account_id = $1 AND purpose = $2 AND code_digest = $3 AND confirmed_at IS NULL RETURNING account_id";
        let change = Change::new("mailed_codes", sql, params![account, purpose, digest, now]);
        self.engine().settle(change.events(events)).await
    }

    /// The address that was proven under `purpose`, at `not_before` or later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirmed_address(
        &self,
        account: AccountId,
        purpose: &str,
        not_before: DateTime<Utc>,
    ) -> Result<Option<EmailAddress>, StoreError> {
        let sql = "SELECT account_id, email FROM mailed_codes \
             WHERE account_id = $1 AND purpose = $2 AND confirmed_at >= $3";
        let row = self.engine().one("mailed_codes", sql, params![account, purpose, not_before]).await?;
        row.map(|row| row.word("email", |text| EmailAddress::parse(text).ok())).transpose()
    }
}
