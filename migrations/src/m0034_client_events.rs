//! Events for services that a member uses, and which of them a client wants.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0034_client_events"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- What the client's settings say, where SQL can see it: the kinds, each between spaces, and whether they are posted.
ALTER TABLE clients ADD COLUMN events TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN events_pushed BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE client_events (
  id UUID PRIMARY KEY,
  client_id TEXT NOT NULL,
  -- NULL: about the client itself.
  account_id UUID,
  kind TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  leased_by UUID,
  leased_until BIGINT,
  -- When it was delivered, fetched or given up.
  done_at BIGINT,
  delivered BOOLEAN,
  last_error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX client_events_due_at ON client_events (due_at) WHERE done_at IS NULL;
CREATE INDEX client_events_waiting ON client_events (client_id, made_at, id) WHERE done_at IS NULL;
CREATE INDEX client_events_done_at ON client_events (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX client_events_account_id ON client_events (account_id) WHERE account_id IS NOT NULL;
";
