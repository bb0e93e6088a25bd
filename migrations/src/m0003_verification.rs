//! Attempts at verification, and the identities that came of them.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0003_verification"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE verification_cases (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL REFERENCES accounts (id),
  method TEXT NOT NULL,
  outcome TEXT NOT NULL,
  number_index BYTEA,
  origin TEXT,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT
) STRICT;
CREATE INDEX verification_cases_asked ON verification_cases (opened_at) WHERE outcome = 'asked';
CREATE INDEX verification_cases_account_id ON verification_cases (account_id, opened_at);
CREATE INDEX verification_cases_number_index ON verification_cases (number_index, opened_at);
CREATE INDEX verification_cases_origin ON verification_cases (origin, opened_at);

CREATE TABLE identities (
  account_id UUID PRIMARY KEY REFERENCES accounts (id),
  -- Number, names and birth date as matched.
  sealed BYTEA NOT NULL,
  matched_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

-- One person, one permanent account: a number's blind index is there once. There is one for each master secret in the key
-- file, so that nodes with an older and a newer key file still meet in one of them.
CREATE TABLE identity_numbers (
  number_index BYTEA PRIMARY KEY,
  account_id UUID NOT NULL REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_numbers_account_id ON identity_numbers (account_id);
";
