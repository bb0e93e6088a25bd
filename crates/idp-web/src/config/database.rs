//! `[database]`: the SQL that holds the truth.

use serde::Deserialize;

use super::{Findings, Location};

/// The SQL database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Where accounts, clients, grants and the audit log live: sqlite://path or postgres://user@host/database.
    pub url: Location,
    /// Most connections to PostgreSQL, or readers of SQLite beside its one writer, per node.
    pub max_connections: u32,
    /// How a commit reaches the disk. Only "full" is accepted: an answered change has to survive a power cut.
    pub synchronous: String,
}

/// The engines that the program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// Embedded, one node.
    Sqlite,
    /// Any number of nodes.
    Postgres,
}

impl Database {
    /// Which engine the address names.
    pub fn kind(&self) -> Option<DatabaseKind> {
        match self.url.scheme() {
            "sqlite" => Some(DatabaseKind::Sqlite),
            "postgres" | "postgresql" => Some(DatabaseKind::Postgres),
            _ => None,
        }
    }

    pub(super) fn validate(&self, trial: bool, findings: &mut Findings) {
        const SETTING: &str = "database.url";
        match self.kind() {
            None => findings.refuse(
                SETTING,
                format!("no engine is called “{}”", self.url.scheme()),
                "write sqlite://path/to/file or postgres://user@host/database",
            ),
            Some(DatabaseKind::Sqlite) => self.validate_sqlite(trial, findings),
            Some(DatabaseKind::Postgres) => {
                let encrypted =
                    self.url.parameter("sslmode").is_some_and(|mode| mode == "verify-full" || mode == "verify-ca");
                if !self.url.is_local() && !encrypted {
                    findings.warn(
                        SETTING,
                        "members' data crosses the network without proof of who is at the other end",
                        "add ?sslmode=verify-full&sslrootcert=/path/to/ca.pem",
                    );
                }
            }
        }
        findings.within("database.max_connections", self.max_connections.into(), 1..=500);
        if self.synchronous != "full" {
            findings.refuse(
                "database.synchronous",
                "a power cut could undo a revocation or revive a code that was already answered",
                "set it to \"full\"",
            );
        }
    }

    fn validate_sqlite(&self, trial: bool, findings: &mut Findings) {
        let text = self.url.expose();
        if !trial && (text.contains(":memory:") || text.contains("mode=memory")) {
            findings.refuse(
                "database.url",
                "everything would be lost when the program ends",
                "name a file: sqlite://path",
            );
        } else if text.contains("synchronous=") || text.contains("journal_mode=") {
            findings.refuse(
                "database.url",
                "the write mode is fixed (write-ahead log, synchronous=full)",
                "remove synchronous and journal_mode from the address",
            );
        }
    }
}
