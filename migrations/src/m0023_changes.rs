//! Changes of address, and the history of sign-ins that members see.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0023_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- A change of an account's address. stage: code_sent, changed, undone.
CREATE TABLE email_changes (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL REFERENCES accounts (id),
  stage TEXT NOT NULL,
  -- The session it was asked in; the write looks whether it lives.
  session_id UUID NOT NULL,
  email TEXT NOT NULL,
  -- While a code is waited for.
  code_digest BYTEA,
  sent_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  -- Once changed.
  former TEXT,
  changed_at BIGINT,
  undo_digest BYTEA,
  undo_until BIGINT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX email_changes_waiting ON email_changes (account_id) WHERE stage = 'code_sent';
CREATE UNIQUE INDEX email_changes_undo ON email_changes (undo_digest) WHERE undo_digest IS NOT NULL;
CREATE INDEX email_changes_account_id ON email_changes (account_id);
CREATE INDEX email_changes_sent_at ON email_changes (sent_at);

-- Attempts to sign in, for the member's own eyes.
CREATE TABLE sign_ins (
  seq SERIAL KEY,
  account_id UUID NOT NULL,
  at BIGINT NOT NULL,
  result TEXT NOT NULL,
  methods TEXT NOT NULL,
  device TEXT NOT NULL,
  network TEXT NOT NULL,
  client_id TEXT,
  session_id UUID
) STRICT;
CREATE INDEX sign_ins_account_id ON sign_ins (account_id, seq);
CREATE INDEX sign_ins_at ON sign_ins (at);
";
