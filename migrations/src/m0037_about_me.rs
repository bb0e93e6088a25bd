//! What members choose to show of themselves, and their pictures.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0037_about_me"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Nickname, user name, page, site and the name of the picture; NULL while nothing is shown.
ALTER TABLE accounts ADD COLUMN about TEXT;
CREATE TABLE member_pictures (
  -- Drawn by chance: its name in URLs.
  name TEXT PRIMARY KEY,
  account_id UUID NOT NULL UNIQUE REFERENCES accounts (id),
  -- Decoded and encoded again by us; never the bytes that were sent.
  png BYTEA NOT NULL,
  updated_at BIGINT NOT NULL
) STRICT;
";
