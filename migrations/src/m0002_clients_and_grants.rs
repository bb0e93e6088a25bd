//! Clients, what members consented to, and the grants that came of it.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0002_clients_and_grants"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE clients (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  -- The whole client as JSON.
  settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One authorization: a code, then a family of refresh tokens. It names session, account and client without foreign
-- keys: the insert itself reads the session, and a check on each of the hottest writes would prove nothing more.
CREATE TABLE grants (
  id UUID PRIMARY KEY,
  client_id TEXT NOT NULL,
  account_id UUID NOT NULL,
  session_id UUID NOT NULL,
  sid UUID NOT NULL,
  code_digest BYTEA NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT,
  nonce TEXT,
  scopes TEXT NOT NULL,
  methods TEXT NOT NULL,
  acr TEXT NOT NULL,
  authenticated_at BIGINT NOT NULL,
  issued_at BIGINT NOT NULL,
  redeemed_at BIGINT,
  revoked_at BIGINT,
  refresh_handle BYTEA,
  refresh_current BYTEA,
  refresh_previous BYTEA,
  refresh_confirmed BOOLEAN,
  refresh_generation BIGINT,
  refresh_alive_from BIGINT,
  refresh_rotated_at BIGINT,
  refresh_expires_at BIGINT
) STRICT;
CREATE UNIQUE INDEX grants_code_digest ON grants (code_digest);
CREATE UNIQUE INDEX grants_refresh_handle ON grants (refresh_handle) WHERE refresh_handle IS NOT NULL;
CREATE INDEX grants_account_id ON grants (account_id, session_id);
-- Codes that wait, and those that nobody came for.
CREATE INDEX grants_unredeemed ON grants (issued_at) WHERE redeemed_at IS NULL;

-- What holds now; the history is in consent_records.
CREATE TABLE consents (
  account_id UUID NOT NULL REFERENCES accounts (id),
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  text_version TEXT NOT NULL,
  PRIMARY KEY (account_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent_records (
  seq SERIAL KEY,
  account_id UUID NOT NULL,
  client_id TEXT NOT NULL,
  -- given or withdrawn.
  act TEXT NOT NULL,
  scopes TEXT,
  text_version TEXT,
  language TEXT,
  at BIGINT NOT NULL
) STRICT;
CREATE INDEX consent_records_account_id ON consent_records (account_id);
";
