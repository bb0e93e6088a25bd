//! Accounts, the registrations that make them, and the sessions they sign in to.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- A member. Erasing clears the personal columns and keeps the row: its id stands in the audit log.
CREATE TABLE accounts (
  id UUID PRIMARY KEY,
  email TEXT,
  email_key TEXT,
  email_confirmed_at BIGINT NOT NULL,
  password TEXT NOT NULL,
  member_type TEXT NOT NULL,
  profile TEXT,
  -- Temporary: expires_at. Permanent: permanent_since and badge.
  expires_at BIGINT,
  permanent_since BIGINT,
  badge TEXT,
  -- When the end of a temporary membership was dealt with.
  end_handled_at BIGINT,
  -- active, suspended, frozen, deleting, erased.
  standing TEXT NOT NULL,
  standing_since BIGINT,
  standing_why TEXT,
  erase_at BIGINT,
  language TEXT,
  -- What pairwise subjects are made of.
  subject_seed BYTEA NOT NULL,
  registered_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key);
CREATE INDEX accounts_expires_at ON accounts (expires_at) WHERE end_handled_at IS NULL;
CREATE INDEX accounts_erase_at ON accounts (erase_at) WHERE erase_at IS NOT NULL;

CREATE TABLE terms_acceptances (
  account_id UUID NOT NULL REFERENCES accounts (id),
  version TEXT NOT NULL,
  accepted_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, version)
) STRICT, WITHOUT ROWID;

-- A registration on its way. stage: type_chosen, terms_accepted, code_sent, email_confirmed, concluded.
CREATE TABLE registrations (
  id UUID PRIMARY KEY,
  cookie_digest BYTEA NOT NULL,
  stage TEXT NOT NULL,
  member_type TEXT NOT NULL,
  terms_version TEXT,
  terms_accepted_at BIGINT,
  email TEXT,
  code_digest BYTEA,
  code_sent_at BIGINT,
  code_attempts BIGINT,
  email_confirmed_at BIGINT,
  request TEXT,
  expires_at BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX registrations_cookie_digest ON registrations (cookie_digest);
CREATE INDEX registrations_expires_at ON registrations (expires_at);

-- Codes mailed to signed-in members, one for each purpose.
CREATE TABLE mailed_codes (
  account_id UUID NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL,
  email TEXT NOT NULL,
  code_digest BYTEA NOT NULL,
  sent_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  confirmed_at BIGINT,
  PRIMARY KEY (account_id, purpose)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
  digest BYTEA PRIMARY KEY,
  account_id UUID NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
) STRICT, WITHOUT ROWID;
CREATE INDEX links_account_id ON links (account_id);
CREATE INDEX links_expires_at ON links (expires_at);

CREATE TABLE sessions (
  id UUID PRIMARY KEY,
  cookie_digest BYTEA NOT NULL,
  account_id UUID NOT NULL REFERENCES accounts (id),
  authenticated_at BIGINT NOT NULL,
  -- amr values, separated by spaces.
  methods TEXT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  device TEXT NOT NULL,
  ended_at BIGINT,
  end_reason TEXT,
  -- Whether the grants of an ended session have been deleted.
  cleared BOOLEAN NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_cookie_digest ON sessions (cookie_digest);
CREATE INDEX sessions_account_id ON sessions (account_id);
CREATE INDEX sessions_authenticated_at ON sessions (authenticated_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_last_seen_at ON sessions (last_seen_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended_at ON sessions (cleared, ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE known_devices (
  account_id UUID NOT NULL REFERENCES accounts (id),
  digest BYTEA NOT NULL,
  first_seen_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, digest)
) STRICT, WITHOUT ROWID;
";
