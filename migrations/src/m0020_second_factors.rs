//! Second factors: authenticator apps and recovery codes.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0020_second_factors"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- One authenticator app for an account; a row is there once its first code confirmed it.
CREATE TABLE totp_factors (
  account_id UUID PRIMARY KEY REFERENCES accounts (id),
  -- The shared secret, sealed.
  sealed BYTEA NOT NULL,
  since BIGINT NOT NULL,
  last_used_at BIGINT,
  -- The step of the last code that was accepted: neither it nor an older one is accepted again.
  last_step BIGINT NOT NULL
) STRICT;

-- Codes on paper, by digests salted with the account.
CREATE TABLE recovery_codes (
  account_id UUID NOT NULL REFERENCES accounts (id),
  digest BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account_id, digest)
) STRICT, WITHOUT ROWID;

-- When the password was last set; NULL for one that is as old as its account, or older than this column.
ALTER TABLE accounts ADD COLUMN password_set_at BIGINT;
";
