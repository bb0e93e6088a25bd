//! Members who do not want to be signed in through ThaID; and the rest that an account comes back to after a deletion
//! that was taken back.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0030_thaid"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE thaid_closed (
  account_id UUID PRIMARY KEY,
  closed_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

-- Since when the account rested that is being deleted, or was suspended: whoever comes back finds it so.
ALTER TABLE accounts ADD COLUMN resting_since BIGINT;
";
