//! What lists and reports rest on when there is much of everything: the audit log by client, by action and by program, the
//! numbers of its lines by the hour, its seals by the lines they cover, and when each client was last used.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0040_scale"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Each filter of the audit log is one range of one of these; that by member has been there since m0005.
CREATE INDEX audit_log_client_id ON audit_log (client_id, seq) WHERE client_id IS NOT NULL;
CREATE INDEX audit_log_action ON audit_log (action, seq);
CREATE INDEX audit_log_programs ON audit_log (actor_id, seq) WHERE actor = 'program';
CREATE INDEX audit_seals_to_seq ON audit_seals (to_seq, number);

-- Between which numbers the lines of an hour lie: a filter by time becomes a range of numbers. The row of hour -1 says up to
-- which number that is known; a program of the earlier version seals without it, and what it left out is added later.
CREATE TABLE audit_hours (
  hour BIGINT PRIMARY KEY,
  first_seq BIGINT NOT NULL,
  last_seq BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO audit_hours (hour, first_seq, last_seq)
  SELECT at / 3600000, min(seq), max(seq) FROM audit_log
  WHERE seq <= (SELECT coalesce(max(to_seq), 0) FROM audit_seals) GROUP BY at / 3600000;
INSERT INTO audit_hours (hour, first_seq, last_seq) SELECT -1, 0, coalesce(max(to_seq), 0) FROM audit_seals;

-- When a client was last given something. client_days says it too, for 400 days, and would have to be added up.
CREATE TABLE client_last_use (
  client_id TEXT PRIMARY KEY,
  last_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO client_last_use (client_id, last_at)
  SELECT client_id, max(last_at) FROM client_days WHERE outcome IN ('signed_in', 'refreshed', 'served') GROUP BY client_id;
";
