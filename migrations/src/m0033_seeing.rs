//! Numbers for the dashboard, added up by span, and the traffic log that the Computer Crime Act asks for.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0033_seeing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- span: hour, day, month; ahead: told beforehand, by the day it is about.
CREATE TABLE figures (
  span TEXT NOT NULL,
  metric TEXT NOT NULL,
  begins_at BIGINT NOT NULL,
  label TEXT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (span, metric, begins_at, label)
) STRICT, WITHOUT ROWID;

-- What a node has counted is added once, also when it did not hear that it was.
CREATE TABLE figure_batches (
  id UUID PRIMARY KEY,
  at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX figure_batches_at ON figure_batches (at);

-- Who was seen in a day and a month: each is counted once, and forgotten when the span is over.
CREATE TABLE active_members (
  account_id UUID NOT NULL,
  span TEXT NOT NULL,
  begins_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, span, begins_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX active_members_begins_at ON active_members (span, begins_at);

CREATE TABLE active_services (
  client_id TEXT NOT NULL,
  span TEXT NOT NULL,
  begins_at BIGINT NOT NULL,
  PRIMARY KEY (client_id, span, begins_at)
) STRICT, WITHOUT ROWID;

-- Traffic data: no foreign key, because it outlives what it tells of.
CREATE TABLE traffic (
  id UUID PRIMARY KEY,
  at BIGINT NOT NULL,
  endpoint TEXT NOT NULL,
  method TEXT NOT NULL,
  status BIGINT NOT NULL,
  account_id UUID,
  session_id UUID,
  client_id TEXT,
  -- The source, and the port that a proxy named if it named one.
  address TEXT NOT NULL,
  port BIGINT
) STRICT, WITHOUT ROWID;
CREATE INDEX traffic_at ON traffic (at, id);
CREATE INDEX traffic_account_id ON traffic (account_id, at, id) WHERE account_id IS NOT NULL;
CREATE INDEX traffic_address ON traffic (address, at, id);
CREATE INDEX client_days_day ON client_days (day);
";
