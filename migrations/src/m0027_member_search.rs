//! What members are found and listed by, and the queue of verifications that need a human.

use sea_orm_migration::prelude::*;

use crate::schema::apply;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0027_member_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        apply(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Folded names and addresses, each after a letter that says which it is. Bytes, so that both engines order them alike
-- and a prefix is a range of the primary key.
CREATE TABLE member_words (
  word BYTEA NOT NULL,
  account_id UUID NOT NULL REFERENCES accounts (id),
  PRIMARY KEY (word, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_words_account_id ON member_words (account_id);
-- The updated_at of which member_words tells: an account whose words lag behind is folded anew by the round.
ALTER TABLE accounts ADD COLUMN words_of BIGINT;
CREATE INDEX accounts_words_lag ON accounts (id) WHERE (words_of IS NULL OR words_of < updated_at) AND standing <> 'erased';

-- Each list of members is one range of one of these.
CREATE INDEX accounts_registered_at ON accounts (registered_at, id) WHERE standing <> 'erased';
CREATE INDEX accounts_permanent_since ON accounts (permanent_since, id) WHERE permanent_since IS NOT NULL;
CREATE INDEX accounts_temporary ON accounts (expires_at, id) WHERE expires_at IS NOT NULL;
CREATE INDEX accounts_standing ON accounts (standing, standing_since, id) WHERE standing IN ('suspended', 'frozen', 'deleting');
CREATE INDEX consents_client_id ON consents (client_id, given_at, account_id);
CREATE INDEX mails_account_id ON mails (account_id, due_at) WHERE account_id IS NOT NULL;

-- A verification that an officer has to look at. kind: held_by_other, staff_not_found, name_changed. state: open,
-- approved, rejected, superseded.
CREATE TABLE reviews (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL REFERENCES accounts (id),
  case_id UUID NOT NULL,
  kind TEXT NOT NULL,
  -- Who holds the number, when somebody does.
  holder_id UUID,
  -- Number, names and birth date as typed, mailbox, the registry's reference. Emptied 90 days after the decision.
  sealed BYTEA NOT NULL,
  state TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  assigned_to UUID,
  assigned_at BIGINT,
  decided_by UUID,
  decided_at BIGINT,
  -- Why, from a closed list.
  reason TEXT
) STRICT;
CREATE UNIQUE INDEX reviews_open_account_id ON reviews (account_id) WHERE state = 'open';
CREATE INDEX reviews_waiting ON reviews (opened_at, id) WHERE state = 'open';
CREATE INDEX reviews_account_id ON reviews (account_id, opened_at);
CREATE INDEX reviews_decided_at ON reviews (decided_at, id) WHERE decided_at IS NOT NULL;
";
