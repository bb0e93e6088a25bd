//! What the token endpoint's other ways in need: assertions used once, tokens revoked one by one, devices that wait, and
//! what a grant is bound to.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0010_tokens"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Digest of client and jti; RFC 7523 section 3: each assertion once.
CREATE TABLE client_assertions (
  digest BYTEA PRIMARY KEY,
  expires_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_assertions_expires_at ON client_assertions (expires_at);

-- Access tokens without a grant (client credentials) that were revoked: digest of their jti.
CREATE TABLE revoked_tokens (
  digest BYTEA PRIMARY KEY,
  expires_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_tokens_expires_at ON revoked_tokens (expires_at);

-- RFC 8628: a device waits for its member. What is approved becomes a grant.
CREATE TABLE device_codes (
  digest BYTEA PRIMARY KEY,
  -- A keyed mark of the code that a person types: it is short, and a plain digest could be searched.
  user_code TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resource TEXT,
  challenge TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- waiting, approved, denied.
  state TEXT NOT NULL,
  poll_seconds BIGINT NOT NULL,
  polled_at BIGINT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_codes_user_code ON device_codes (user_code);
CREATE INDEX device_codes_expires_at ON device_codes (expires_at);

-- RFC 8707: the resource the tokens are for; RFC 9449: the thumbprint of the key they are bound to.
ALTER TABLE grants ADD COLUMN resource TEXT;
ALTER TABLE grants ADD COLUMN dpop_jkt TEXT;
";
