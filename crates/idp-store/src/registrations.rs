//! Registrations on their way: each step needs the one before it, and the write looks.

use chrono::{DateTime, Utc};
use idp_core::account::{CodeState, MemberType, Registration, RegistrationStage};
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::RegistrationId;
use idp_core::mail::OutgoingMail;
use idp_core::secret::Digest;

use crate::engine::{Change, Row, params};
use crate::{Store, StoreError};

const COLUMNS: &str = "id, cookie_digest, stage, member_type, terms_version, terms_accepted_at, email, code_digest, \
     code_sent_at, code_attempts, email_confirmed_at, request, expires_at";

/// Folds a row into a registration; `None` for a concluded one.
fn registration(row: &Row) -> Result<Option<Registration>, StoreError> {
    let member_type = row.word("member_type", MemberType::parse)?;
    let terms = || Ok::<_, StoreError>((row.get("terms_version")?, row.time("terms_accepted_at")?));
    let email = || row.word("email", |text| EmailAddress::parse(text).ok());
    let stage = match row.get::<String>("stage")?.as_str() {
        "type_chosen" => RegistrationStage::TypeChosen { member_type },
        "terms_accepted" => {
            let (terms_version, terms_accepted_at) = terms()?;
            RegistrationStage::TermsAccepted { member_type, terms_version, terms_accepted_at }
        }
        "code_sent" => {
            let (terms_version, terms_accepted_at) = terms()?;
            let code = CodeState {
                digest: row.digest("code_digest")?,
                sent_at: row.time("code_sent_at")?,
                attempts: row.number("code_attempts")?,
            };
            RegistrationStage::CodeSent { member_type, terms_version, terms_accepted_at, email: email()?, code }
        }
        "email_confirmed" => {
            let (terms_version, terms_accepted_at) = terms()?;
            let confirmed_at = row.time("email_confirmed_at")?;
            RegistrationStage::EmailConfirmed {
                member_type,
                terms_version,
                terms_accepted_at,
                email: email()?,
                confirmed_at,
            }
        }
        "concluded" => return Ok(None),
        _ => return Err(row.corrupt("stage")),
    };
    Ok(Some(Registration {
        id: RegistrationId(row.get("id")?),
        cookie: row.digest("cookie_digest")?,
        stage,
        request: row.get("request")?,
        expires_at: row.time("expires_at")?,
    }))
}

impl Store {
    /// Begins a registration, unless its time is over. Only its member type is written: the later stages are reached
    /// step by step.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_registration(
        &self,
        begun: &Registration,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO registrations (id, cookie_digest, stage, member_type, request, expires_at) \
             SELECT $1, $2, 'type_chosen', $3, $4, $5 WHERE $5 > $6 RETURNING id";
        let values = params![
            begun.id,
            &begun.cookie,
            begun.stage.member_type().as_str(),
            begun.request.as_deref(),
            begun.expires_at,
            now,
        ];
        self.engine().change(Change::new("registrations", sql, values).events(events)).await.map(|_| ())
    }

    /// The registration of a cookie, unless it is concluded or too old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registration_by_cookie(
        &self,
        cookie: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<Registration>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM registrations WHERE cookie_digest = $1 AND expires_at > $2");
        let row = self.engine().one("registrations", &sql, params![cookie, now]).await?;
        Ok(row.as_ref().map(registration).transpose()?.flatten())
    }

    /// Changes the member type, as long as no code was sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn choose_type(
        &self,
        id: RegistrationId,
        member_type: MemberType,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE registrations SET member_type = $2 \
             WHERE id = $1 AND stage IN ('type_chosen', 'terms_accepted') AND expires_at > $3 RETURNING id";
        let change = Change::new("registrations", sql, params![id, member_type.as_str(), now]);
        self.engine().settle(change.events(events)).await
    }

    /// Notes that terms and privacy notice were accepted, once or again, as long as no code was sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_terms(
        &self,
        id: RegistrationId,
        version: &str,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE registrations SET stage = 'terms_accepted', terms_version = $2, terms_accepted_at = $3 \
             WHERE id = $1 AND stage IN ('type_chosen', 'terms_accepted') AND expires_at > $3 RETURNING id";
        let change = Change::new("registrations", sql, params![id, version, now]);
        self.engine().settle(change.events(events)).await
    }

    /// Puts a fresh code in place, to the same address or another; what was sent before is worth nothing any more.
    /// Only after the terms were accepted and before a mailbox is proven.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_code(
        &self,
        id: RegistrationId,
        email: &EmailAddress,
        code: &CodeState,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE registrations SET stage = 'code_sent', email = $2, code_digest = $3, code_sent_at = $4, \
             code_attempts = $5 WHERE id = $1 AND stage IN ('terms_accepted', 'code_sent') AND expires_at > $6 \
             RETURNING id";
        let values = params![id, email.as_str(), code.digest, code.sent_at, code.attempts, now];
        self.engine().settle(Change::new("registrations", sql, values).events(events).mails(mails)).await
    }

    /// Counts a guess and then shows the code it may be compared with. `None` when no code is waited for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_guess(&self, id: RegistrationId, now: DateTime<Utc>) -> Result<Option<Registration>, StoreError> {
        let sql = format!(
            "UPDATE registrations SET code_attempts = code_attempts + 1 \
             WHERE id = $1 AND stage = 'code_sent' AND expires_at > $2 RETURNING {COLUMNS}"
        );
        let rows = self.engine().change(Change::new("registrations", sql, params![id, now])).await?;
        Ok(rows.first().map(registration).transpose()?.flatten())
    }

    /// Notes that the mailbox is proven: the code with `digest` was typed and is still the one waited for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm_email(
        &self,
        id: RegistrationId,
        digest: &Digest,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE registrations SET stage = 'email_confirmed', email_confirmed_at = $3, code_digest = NULL, \
             code_sent_at = NULL, code_attempts = NULL \
             WHERE id = $1 AND stage = 'code_sent' AND code_digest = $2 AND expires_at > $3 RETURNING id";
        let change = Change::new("registrations", sql, params![id, digest, now]);
        self.engine().settle(change.events(events)).await
    }
}
