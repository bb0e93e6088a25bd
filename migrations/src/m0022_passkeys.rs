//! Passkeys.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0022_passkeys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE passkeys (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  credential_id BYTEA NOT NULL,
  -- A member's own word.
  name TEXT NOT NULL,
  -- The credential as the library writes it, as JSON: a public key and flags, nothing secret.
  credential TEXT NOT NULL,
  counter BIGINT NOT NULL,
  backed_up BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);
CREATE INDEX passkeys_account ON passkeys (account_id);
";
