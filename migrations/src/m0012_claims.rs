//! Claims asked for by name (OpenID Connect Core §5.5): what a grant gives beside its scopes, and what a member agreed to.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0012_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, COLUMNS).await
    }
}

const COLUMNS: &str = "
-- JSON; NULL where nothing was asked for but scopes.
ALTER TABLE grants ADD COLUMN claims TEXT;
-- Names with spaces between; NULL where none was agreed to.
ALTER TABLE consents ADD COLUMN claims TEXT;
ALTER TABLE consent_records ADD COLUMN claims TEXT;
";
