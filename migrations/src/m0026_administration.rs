//! Staff and what they do: roles, invitations, requests for a second person, drafts of clients, and what clients were
//! answered by day.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0026_administration"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE staff_roles (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  role TEXT NOT NULL,
  -- Empty for every role that is bound to none, so that the index below sees it.
  department TEXT NOT NULL,
  -- NULL: an operator at the command line.
  given_by UUID,
  since BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by UUID
) STRICT, WITHOUT ROWID;
-- A role is had once.
CREATE UNIQUE INDEX staff_roles_in_force ON staff_roles (account_id, role, department) WHERE ended_at IS NULL;

-- Links by which somebody becomes staff, each good once.
CREATE TABLE staff_invitations (
  digest BYTEA PRIMARY KEY,
  role TEXT NOT NULL,
  department TEXT NOT NULL,
  made_by UUID,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  used_by UUID
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  asked_by UUID NOT NULL,
  asked_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  -- What else the deed needs, as JSON.
  payload TEXT,
  expires_at BIGINT NOT NULL,
  decision TEXT,
  decided_by UUID,
  decided_at BIGINT
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_asked_at ON approvals (asked_at, id);
-- The same thing waits once.
CREATE UNIQUE INDEX approvals_open ON approvals (kind, subject) WHERE decided_at IS NULL;

-- What a client was answered on a day in UTC: added up by every node every few seconds.
CREATE TABLE client_days (
  client_id TEXT NOT NULL,
  day BIGINT NOT NULL,
  -- signed_in, refreshed, or the code of an error.
  outcome TEXT NOT NULL,
  count BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (client_id, day, outcome)
) STRICT, WITHOUT ROWID;

-- What staff did is looked for by who did it; everything else by whom it is about, or by time.
CREATE INDEX audit_log_staff ON audit_log (actor_id, seq) WHERE actor = 'staff';
";
