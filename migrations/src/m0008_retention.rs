//! Finds what has been kept long enough.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0008_retention"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE INDEX accounts_ended ON accounts (expires_at) WHERE end_handled_at IS NOT NULL AND standing = 'active';
CREATE INDEX verification_cases_traced ON verification_cases (opened_at) WHERE origin IS NOT NULL;
";
