//! Looking at whole tables: for tests that nothing else was changed, and for `idp check`.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::engine::params;
use crate::{Store, StoreError};

/// Every table of ours.
const TABLES: &[&str] = &[
    "accounts",
    "active_members",
    "active_services",
    "api_answers",
    "approvals",
    "audit_hours",
    "audit_log",
    "audit_seals",
    "client_assertions",
    "client_days",
    "client_events",
    "client_last_use",
    "client_logos",
    "clients",
    "consent_records",
    "consents",
    "device_codes",
    "email_changes",
    "figure_batches",
    "figures",
    "former_badges",
    "grants",
    "identities",
    "identity_numbers",
    "known_devices",
    "leases",
    "links",
    "logout_notices",
    "lost_factors",
    "mailed_codes",
    "mails",
    "member_pictures",
    "member_words",
    "passkeys",
    "recovery_codes",
    "registration_tokens",
    "registrations",
    "resting_numbers",
    "reviews",
    "revoked_tokens",
    "sessions",
    "sign_ins",
    "signing_keys",
    "staff_invitations",
    "staff_roles",
    "terms_acceptances",
    "thaid_closed",
    "throttles",
    "totp_factors",
    "traffic",
    "trials",
    "verification_cases",
];

impl Store {
    /// A digest of every table's content but those in `except`, by table.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn table_digests(&self, except: &[&str]) -> Result<BTreeMap<String, String>, StoreError> {
        let mut digests = BTreeMap::new();
        for table in TABLES.iter().copied().filter(|table| !except.contains(table)) {
            let sql = if self.engine().is_sqlite() {
                let columns = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
                let columns = self.engine().all(table, &columns, params![]).await?;
                let columns = columns.iter().map(|row| row.get::<String>("name")).collect::<Result<Vec<_>, _>>()?;
                let line = columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join("||','||");
                format!("SELECT {line} AS line FROM {table} ORDER BY 1")
            } else {
                format!("SELECT t::text AS line FROM {table} t ORDER BY 1")
            };
            let mut digest = Sha256::new();
            for row in self.engine().all(table, &sql, params![]).await? {
                digest.update(row.get::<String>("line")?);
                digest.update(b"\n");
            }
            let text = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            digests.insert(table.to_owned(), text);
        }
        Ok(digests)
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no such table of ours, and the others.
    pub async fn row_count(&self, table: &str) -> Result<u64, StoreError> {
        let Some(table) = TABLES.iter().copied().find(|known| *known == table) else {
            return Err(StoreError::unavailable("there is no such table"));
        };
        let row = self.engine().one(table, &format!("SELECT count(*) AS rows FROM {table}"), params![]).await?;
        Ok(row.map_or(Ok(0), |row| row.get::<i64>("rows"))?.try_into().unwrap_or(0))
    }
}
