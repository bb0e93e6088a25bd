//! The API: what a program was answered when it created something, for when it asks again.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0031_api"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE api_answers (
  client_id TEXT NOT NULL,
  -- The digest of the key that the program chose.
  key BYTEA NOT NULL,
  -- The digest of what it asked for with it.
  request BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (client_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answers_expire ON api_answers (expires_at);
";
