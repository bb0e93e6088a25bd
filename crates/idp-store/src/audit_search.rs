//! Looking through the audit log, and whether what is looked at is as it was sealed.

use chrono::{DateTime, Utc};
use idp_core::id::{AccountId, ClientId};

use crate::audit::{AuditFault, AuditLine, LINE, SEAL, Seal, line, seal};
use crate::engine::{Param, params};
use crate::{Store, StoreError};

/// What is looked for; what is not given is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who did it.
    pub actor: Option<AccountId>,
    /// About whom.
    pub account: Option<AccountId>,
    /// The word of an action, or its beginning up to a dot: `client.`.
    pub action: Option<String>,
    /// Through or about which client.
    pub client: Option<ClientId>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// Whether lines are as they were sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealCheck {
    /// All that is sealed of them is.
    Sound {
        /// Seals that were checked.
        seals: u64,
    },
    /// Something is not.
    Broken(AuditFault),
}

impl AuditFilter {
    fn sql(&self, first: usize) -> (String, Vec<Param>) {
        let mut parts = Vec::new();
        let mut values: Vec<Param> = Vec::new();
        let mut add = |column: &str, value: Param| {
            values.push(value);
            parts.push(format!("{column} ${}", first + values.len() - 1));
        };
        if let Some(actor) = self.actor {
            add("actor_id =", actor.into());
        }
        if let Some(account) = self.account {
            add("account_id =", account.into());
        }
        if let Some(client) = &self.client {
            add("client_id =", client.into());
        }
        if let Some(from) = self.from {
            add("at >=", from.into());
        }
        if let Some(until) = self.until {
            add("at <", until.into());
        }
        match self.action.as_deref() {
            // The character after a dot ends what begins so.
            Some(group) if group.ends_with('.') => {
                add("action >=", group.into());
                add("action <", format!("{}/", group.trim_end_matches('.')).into());
            }
            Some(action) => add("action =", action.into()),
            None => {}
        }
        let sql = parts.iter().map(|part| format!(" AND {part}")).collect();
        (sql, values)
    }
}

impl Store {
    /// Lines that fit `filter`, the newest first, below the number `before`, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_lines(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let (more, values) = filter.sql(3);
        let sql = format!("{LINE} WHERE seq < $1{more} ORDER BY seq DESC LIMIT $2");
        let values = params![before.unwrap_or(i64::MAX), limit].into_iter().chain(values).collect();
        self.engine().all("audit_log", &sql, values).await?.iter().map(line).collect()
    }

    /// The same from the oldest on, above the number `after`: for a file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_lines_from(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let (more, values) = filter.sql(3);
        let sql = format!("{LINE} WHERE seq > $1{more} ORDER BY seq LIMIT $2");
        let values = params![after, limit].into_iter().chain(values).collect();
        self.engine().all("audit_log", &sql, values).await?.iter().map(line).collect()
    }

    /// Checks the seals over the numbers `from` to `to`, at most the newest 100 of them, each against its rows and the seal
    /// before it. [`Store::verify_audit`] checks everything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_seals(&self, from: i64, to: i64) -> Result<SealCheck, StoreError> {
        let sql = format!("{SEAL} WHERE to_seq >= $1 AND from_seq <= $2 ORDER BY number DESC LIMIT 100");
        let rows = self.engine().all("audit_seals", &sql, params![from, to]).await?;
        let mut seals: Vec<Seal> = Vec::new();
        for row in &rows {
            let Ok(read) = seal(row) else {
                let number = row.get("number")?;
                return Ok(SealCheck::Broken(AuditFault::Seal { number }));
            };
            seals.push(read);
        }
        for (place, sealed) in seals.iter().enumerate() {
            let rows = self.rows_under(sealed).await?;
            if rows.as_ref().map(|rows| sealed.hash_with(rows.iter())).as_ref() != Some(&sealed.hash) {
                return Ok(SealCheck::Broken(AuditFault::Rows { number: sealed.number }));
            }
            if let Some(earlier) = seals.get(place + 1)
                && (sealed.number != earlier.number + 1 || sealed.previous != earlier.hash)
            {
                return Ok(SealCheck::Broken(AuditFault::Seal { number: sealed.number }));
            }
        }
        Ok(SealCheck::Sound { seals: seals.len() as u64 })
    }
}
