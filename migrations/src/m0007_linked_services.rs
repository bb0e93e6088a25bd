//! Services that members use without having been asked: the ministry's own, and those that learn nothing about them.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0007_linked_services"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

// agreed or unasked.
const TABLES: &str = "ALTER TABLE consents ADD COLUMN basis TEXT NOT NULL DEFAULT 'agreed'";
