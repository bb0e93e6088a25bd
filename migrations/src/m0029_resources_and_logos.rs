//! What members agree to beside our own scopes: those of resources. And the logos of clients, as we made them.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0029_resources_and_logos"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- A line for each resource: its URI, then its scopes, with spaces between.
ALTER TABLE consents ADD COLUMN resources TEXT;
ALTER TABLE consent_records ADD COLUMN resources TEXT;
CREATE TABLE client_logos (
  client_id TEXT PRIMARY KEY,
  -- SHA-256 of the picture: its name in URLs.
  digest BYTEA NOT NULL,
  -- Decoded and encoded again by us; never the bytes that were sent.
  png BYTEA NOT NULL,
  -- From where it was fetched; nowhere, when it was handed over.
  source TEXT,
  updated_at BIGINT NOT NULL
) STRICT;
CREATE INDEX client_logos_digest ON client_logos (digest);
";
