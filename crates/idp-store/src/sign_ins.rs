//! The history of sign-ins, which each member sees of their own account.

use chrono::{DateTime, Utc};
use idp_core::account::{HALF_WAY_PATIENCE, SignIn, SignInResult};
use idp_core::audit::AuditEvent;
use idp_core::id::{AccountId, ClientId, MailId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::secret::Digest;
use idp_core::session::AuthenticationMethod;
use uuid::Uuid;

use crate::engine::{Tx, Verdict, params};
use crate::sessions::{methods, methods_text};
use crate::{Store, StoreError};

/// A line of the history, with its number: what a page ends at, and the next begins before.
#[derive(Clone, Debug)]
pub struct SignInLine {
    /// Its number; later lines have higher ones.
    pub seq: i64,
    /// What it says.
    pub sign_in: SignIn,
}

/// A sign-in that went half-way: a second step is asked for.
#[derive(Clone, Debug)]
pub struct HalfSignIn {
    /// The line in the member's history.
    pub line: SignIn,
    /// The browser in which it may be completed.
    pub browser: Digest,
    /// What is mailed when it is not, due when [`HALF_WAY_PATIENCE`] is over.
    pub notice: Option<OutgoingMail>,
    /// The lines in the log.
    pub events: Vec<AuditEvent>,
}

/// Writes a line, if there is such an account.
pub(crate) async fn insert_sign_in(tx: &mut Tx<'_>, sign_in: &SignIn) -> Result<(), StoreError> {
    insert(tx, sign_in, None, None).await
}

async fn insert(
    tx: &mut Tx<'_>,
    sign_in: &SignIn,
    browser: Option<Digest>,
    mail: Option<MailId>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO sign_ins (account_id, at, result, methods, device, network, client_id, session_id, browser, \
         mail_id) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1)";
    let values = params![
        sign_in.account_id,
        sign_in.at,
        sign_in.result.as_str(),
        methods_text(&sign_in.methods),
        sign_in.device.as_str(),
        sign_in.network.as_str(),
        sign_in.client_id.as_ref(),
        sign_in.session_id,
        browser,
        mail,
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// A sign-in that went half-way in this browser is completed: its lines make room for the one that tells of that, and the
/// letter is not sent, unless another one went half-way by the password meanwhile, for which there is no letter beside it.
pub(crate) async fn complete(
    tx: &mut Tx<'_>,
    account: AccountId,
    browser: &Digest,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let since = now - HALF_WAY_PATIENCE;
    let lines = "DELETE FROM sign_ins WHERE account_id = $1 AND browser = $2 AND at >= $3 RETURNING mail_id";
    let letter = "DELETE FROM mails WHERE id = $1 AND account_id = $2 AND done_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM sign_ins WHERE account_id = $2 AND browser IS NOT NULL AND at >= $3 AND methods = $4)";
    let by_password = methods_text(&[AuthenticationMethod::Pwd]);
    for row in tx.all("sign_ins", lines, params![account, browser, since]).await? {
        if let Some(mail) = row.get::<Option<Uuid>>("mail_id")? {
            tx.run(letter, params![mail, account, since, by_password.as_str()]).await?;
        }
    }
    Ok(())
}

impl Store {
    /// Writes down an attempt that did not succeed. For an address that nobody has, `attempt` names an account that does
    /// not exist: the same statements run, and nothing but `events` is written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_in_refused(&self, attempt: &SignIn, events: &[AuditEvent]) -> Result<(), StoreError> {
        let order = (attempt.clone(), events.to_vec());
        self.engine()
            .steps(order, |tx, (attempt, events)| {
                Box::pin(async move {
                    insert_sign_in(tx, attempt).await?;
                    tx.record(events).await?;
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// Writes down that a sign-in went half-way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn half_sign_in(&self, half: HalfSignIn) -> Result<(), StoreError> {
        self.engine()
            .steps(half, |tx, half| {
                Box::pin(async move {
                    let mail = half.notice.as_ref().map(|mail| mail.id);
                    insert(tx, &half.line, Some(half.browser), mail).await?;
                    tx.queue(half.notice.as_slice()).await?;
                    tx.record(&half.events).await?;
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// The newest `limit` lines about an account, newest first; those before line number `before` when it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_ins_of(
        &self,
        account: AccountId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<SignInLine>, StoreError> {
        let sql = "SELECT seq, account_id, at, result, methods, device, network, client_id, session_id FROM sign_ins \
             WHERE account_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
        let rows = self.engine().all("sign_ins", sql, params![account, before.unwrap_or(i64::MAX), limit]).await?;
        rows.iter()
            .map(|row| {
                let client = row.get::<Option<String>>("client_id")?;
                Ok(SignInLine {
                    seq: row.get("seq")?,
                    sign_in: SignIn {
                        account_id: AccountId(row.get("account_id")?),
                        at: row.time("at")?,
                        result: row.word("result", SignInResult::parse)?,
                        methods: methods(row)?,
                        device: row.get("device")?,
                        network: row.get("network")?,
                        client_id: client
                            .map(|id| ClientId::parse(&id).ok_or_else(|| row.corrupt("client_id")))
                            .transpose()?,
                        session_id: row.get::<Option<Uuid>>("session_id")?.map(SessionId),
                    },
                })
            })
            .collect()
    }
}
