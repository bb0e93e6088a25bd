//! Since when an account may have been in a stranger's hands, at its owner's word.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0035_disputes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- When the earliest deed was done that the owner says was not theirs; NULL once an officer has restored the account.
ALTER TABLE accounts ADD COLUMN disputed_since BIGINT;
";
