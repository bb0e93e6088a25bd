//! Network addresses that can be taken out of the audit log, looks that are found however much else was written, when a
//! known browser was last used, and sign-ins that end half-way.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0036_origins"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- From here on origin holds a mark of the address, which is what the seal covers, as it covered the address before: a
-- program of the earlier version seals and checks such a line alike. Address and salt are cleared together.
ALTER TABLE audit_log ADD COLUMN address TEXT;
ALTER TABLE audit_log ADD COLUMN address_salt BYTEA;
-- Looks alone are in it: no other line costs anything.
CREATE INDEX audit_log_looks ON audit_log (account_id, seq) WHERE action = 'data.seen_by_staff';

-- Whether the addresses under the seal are gone. An index of the lines themselves would be written with each of them.
ALTER TABLE audit_seals ADD COLUMN cleared BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX audit_seals_at ON audit_seals (at) WHERE cleared = FALSE;

-- When somebody last signed in with the browser; those that were there before count as used just now.
ALTER TABLE known_devices ADD COLUMN last_seen_at BIGINT;
UPDATE known_devices SET last_seen_at = coalesce((SELECT at FROM audit_log ORDER BY seq DESC LIMIT 1), first_seen_at);
CREATE INDEX known_devices_last_seen_at ON known_devices (last_seen_at);

-- Of a sign-in that waits for its second step: the browser in which it may be completed, and the letter that goes out
-- if it is not.
ALTER TABLE sign_ins ADD COLUMN browser BYTEA;
ALTER TABLE sign_ins ADD COLUMN mail_id UUID;
CREATE INDEX sign_ins_browser ON sign_ins (account_id, browser) WHERE browser IS NOT NULL;
";
