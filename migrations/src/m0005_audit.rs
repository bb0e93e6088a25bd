//! The audit log, and the seals over it.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0005_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE audit_log (
  seq SERIAL KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  actor_id UUID,
  action TEXT NOT NULL,
  account_id UUID,
  client_id TEXT,
  session_id UUID,
  origin TEXT,
  detail TEXT
) STRICT;
CREATE INDEX audit_log_account_id ON audit_log (account_id, seq) WHERE account_id IS NOT NULL;

-- A link of the chain: everything from from_seq to to_seq but the gaps, and the late rows that filled earlier gaps.
CREATE TABLE audit_seals (
  number BIGINT PRIMARY KEY,
  from_seq BIGINT NOT NULL,
  to_seq BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  -- JSON: ranges of numbers that had no row, and the numbers of the late rows.
  gaps TEXT NOT NULL,
  late TEXT NOT NULL,
  previous BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
";
