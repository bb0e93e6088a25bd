//! Trials: short-lived shadows of clients, each for the official who began it.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0038_trials"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Apart from clients, so that nothing that lists, counts or tells clients ever meets one.
CREATE TABLE trials (
  client_id TEXT PRIMARY KEY,
  of_client TEXT NOT NULL,
  -- One official has one at a time.
  account_id UUID NOT NULL UNIQUE,
  -- The shadow as JSON, as a client's settings are.
  settings TEXT NOT NULL,
  expires_at BIGINT NOT NULL
) STRICT;
CREATE INDEX trials_expires_at ON trials (expires_at);
";
