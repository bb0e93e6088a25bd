//! Members' rights: which documents they accepted, receipts that name them, numbers that rest, evidence before a renewal.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0024_rights"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- The version of terms and privacy notice that was accepted last.
ALTER TABLE accounts ADD COLUMN documents TEXT;
UPDATE accounts SET documents = (SELECT t.version FROM terms_acceptances t WHERE t.account_id = accounts.id
  ORDER BY t.accepted_at DESC LIMIT 1);

-- The same at the time of a consent.
ALTER TABLE consent_records ADD COLUMN documents TEXT;

-- Numbers of erased accounts, tied to no account: nobody becomes permanent with one until then.
CREATE TABLE resting_numbers (
  number_index BYTEA PRIMARY KEY,
  free_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resting_numbers_free_at ON resting_numbers (free_at);

-- What a badge rested on before it was renewed.
CREATE TABLE former_badges (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL REFERENCES accounts (id),
  badge TEXT NOT NULL,
  -- Number, names and birth date as they matched then.
  sealed BYTEA NOT NULL,
  until_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_badges_account_id ON former_badges (account_id);
";
