//! The traffic log lies in the order of its time: a line is written at the end of it, and found by its time without an
//! index beside it. Each request of a member writes one.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0042_traffic_by_time"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
ALTER TABLE traffic RENAME TO traffic_by_name;
CREATE TABLE traffic (
  id UUID NOT NULL,
  at BIGINT NOT NULL,
  endpoint TEXT NOT NULL,
  method TEXT NOT NULL,
  status BIGINT NOT NULL,
  account_id UUID,
  session_id UUID,
  client_id TEXT,
  -- The source, and the port that a proxy named if it named one.
  address TEXT NOT NULL,
  port BIGINT,
  PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic (id, at, endpoint, method, status, account_id, session_id, client_id, address, port)
  SELECT id, at, endpoint, method, status, account_id, session_id, client_id, address, port FROM traffic_by_name;
DROP TABLE traffic_by_name;
CREATE INDEX traffic_account_id ON traffic (account_id, at, id) WHERE account_id IS NOT NULL;
CREATE INDEX traffic_address ON traffic (address, at, id);
";
