//! Invitations that can be listed and withdrawn, since when a membership is temporary again, and the seal over a line.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0041_rules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, CHANGES).await
    }
}

const CHANGES: &str = "
-- What is open has no name by which it could be listed, and may be somebody's who is no super admin any more. It would have
-- been over in a day.
DELETE FROM staff_invitations WHERE used_at IS NULL;
-- The name of an invitation, which is not its secret; NULL for those that were used before there were names.
ALTER TABLE staff_invitations ADD COLUMN id UUID;
CREATE UNIQUE INDEX staff_invitations_id ON staff_invitations (id);
ALTER TABLE staff_invitations ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE staff_invitations ADD COLUMN withdrawn_by UUID;
-- When a badge was withdrawn, and the membership became temporary anew; NULL while it is the one of the registration.
ALTER TABLE accounts ADD COLUMN temporary_since BIGINT;
-- The seal over a line is found by its number.
CREATE INDEX audit_seals_to ON audit_seals (to_seq, number);
";
