//! Accounts at rest are listed like those that are suspended, frozen or waiting for erasure.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0039_resting_members"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, INDEX).await
    }
}

const INDEX: &str = "
CREATE INDEX accounts_resting ON accounts (standing_since, id) WHERE standing = 'restricted';
";
