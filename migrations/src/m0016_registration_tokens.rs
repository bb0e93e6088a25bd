//! Initial access tokens: with them clients register themselves.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0016_registration_tokens"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE registration_tokens (
  id UUID PRIMARY KEY,
  digest BYTEA NOT NULL,
  -- What may be registered with it, as JSON.
  policy TEXT NOT NULL,
  uses_left BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX registration_tokens_digest ON registration_tokens (digest);
";
