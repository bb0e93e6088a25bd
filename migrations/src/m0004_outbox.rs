//! Mails waiting to be sent.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0004_outbox"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE mails (
  id UUID PRIMARY KEY,
  account_id UUID,
  kind TEXT NOT NULL,
  once TEXT,
  -- Emptied when the mail is sent or dropped.
  sealed BYTEA NOT NULL,
  due_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  leased_by UUID,
  leased_until BIGINT,
  -- When it was sent or dropped.
  done_at BIGINT,
  last_error TEXT
) STRICT;
CREATE UNIQUE INDEX mails_once ON mails (account_id, once) WHERE once IS NOT NULL;
CREATE INDEX mails_due_at ON mails (due_at) WHERE done_at IS NULL;
CREATE INDEX mails_done_at ON mails (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX mails_done_once ON mails (done_at) WHERE done_at IS NOT NULL AND once IS NULL;
";
