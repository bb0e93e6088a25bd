//! Lost second factors.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0021_lost_factors"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- The last request to remove second factors that were lost. stage: mail_proven, waiting, done, cancelled.
CREATE TABLE lost_factors (
  account_id UUID PRIMARY KEY REFERENCES accounts (id),
  stage TEXT NOT NULL,
  -- When it came to this stage.
  changed_at BIGINT NOT NULL,
  -- Once waiting.
  wait_until BIGINT
) STRICT;
CREATE INDEX lost_factors_changed_at ON lost_factors (changed_at);
";
