//! One next signing key for each algorithm, as there is one active one: of two that rotate at once, one makes it.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0014_key_rotation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, INDEX).await
    }
}

const INDEX: &str = "CREATE UNIQUE INDEX signing_keys_next ON signing_keys (algorithm) WHERE state = 'next';";
