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

-- One person, one permanent account: the number's blind index is unique.
CREATE TABLE identities (
  account_id UUID PRIMARY KEY REFERENCES accounts (id),
  number_index BYTEA NOT NULL,
  -- Number, names and birth date as matched.
  sealed BYTEA NOT NULL,
  matched_at BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX identities_number_index ON identities (number_index);
";
