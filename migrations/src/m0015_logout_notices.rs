//! Notices of sign-out waiting to be delivered to services, and which services want to be told.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0015_logout_notices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- What the client's settings say, where SQL can see it: told by a message of ours, told through the member's browser.
ALTER TABLE clients ADD COLUMN told_back BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD COLUMN told_front BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE logout_notices (
  client_id TEXT NOT NULL,
  sid UUID NOT NULL,
  account_id UUID NOT NULL,
  why TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  leased_by UUID,
  leased_until BIGINT,
  -- When it was delivered or given up.
  done_at BIGINT,
  delivered BOOLEAN,
  last_error TEXT,
  PRIMARY KEY (client_id, sid)
) STRICT, WITHOUT ROWID;
CREATE INDEX logout_notices_due_at ON logout_notices (due_at) WHERE done_at IS NULL;
CREATE INDEX logout_notices_done_at ON logout_notices (done_at) WHERE done_at IS NOT NULL;
";
