//! Finding and listing members. Every list is one range of one index, and a page begins where the one before it ended:
//! the ten-thousandth costs what the first does.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::account::{Account, Profile, search_words};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, ClientId};
use idp_core::thai::NationalId;
use serde::{Deserialize, Serialize};

use crate::accounts::{ACCOUNT, account};
use crate::engine::{Param, Row, Tx, Verdict, params};
use crate::{Store, StoreError, StoredAccount};

/// Which members a list holds, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberList {
    /// All, the newest first.
    All,
    /// Permanent members, the newest first.
    Permanent,
    /// Temporary members whose time runs, the soonest end first.
    Temporary,
    /// Temporary members whose time is over, the latest end first.
    Ended,
    /// Suspended by an officer, the latest first.
    Suspended,
    /// Frozen by the member ("this was not me"), the latest first.
    Frozen,
    /// At rest at the member's word, the latest first.
    Resting,
    /// Waiting for erasure, the latest first.
    Deleting,
    /// Those who use a service, the latest consent first.
    Of(ClientId),
    /// Those with a word that begins like this ([`idp_core::account::Sought::Word`]), by that word.
    Called(Vec<u8>),
}

/// Where a page ended: the next begins behind it. Handed out sealed, so that nobody makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberPlace {
    at: i64,
    word: Vec<u8>,
    id: AccountId,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct MemberPage {
    /// The members, in the order of the list.
    pub members: Vec<Arc<StoredAccount>>,
    /// Where the next page begins, when there may be one.
    pub next: Option<MemberPlace>,
}

/// How a list is read: a statement that gives the key and the account's id in order.
struct Range {
    sql: String,
    values: Vec<Param>,
}

/// Behind every id: none of ours is all ones.
const GREATEST: AccountId = AccountId(uuid::Uuid::from_bytes([0xFF; 16]));

/// The bytes of text never hold 0xFF, so this ends the range of words that begin like `prefix`.
fn end_of(prefix: &[u8]) -> Vec<u8> {
    prefix.iter().copied().chain([0xFF]).collect()
}

impl MemberList {
    fn range(&self, after: Option<&MemberPlace>, now: DateTime<Utc>, limit: u64) -> Range {
        let newest = i64::MAX;
        match self {
            Self::All => by_time("accounts", "registered_at", "standing <> 'erased'", vec![], after, newest, limit),
            Self::Permanent => {
                by_time("accounts", "permanent_since", "permanent_since IS NOT NULL", vec![], after, newest, limit)
            }
            Self::Temporary => {
                // Ascending: behind everybody whose last moment is over.
                let (at, id) = after.map_or((now.timestamp_millis() - 1, GREATEST), |place| (place.at, place.id));
                let values = params![at, id, limit];
                let sql = "SELECT id, expires_at AS at FROM accounts WHERE expires_at IS NOT NULL \
                     AND (expires_at, id) > ($1, $2) ORDER BY expires_at, id LIMIT $3";
                Range { sql: sql.to_owned(), values }
            }
            Self::Ended => {
                let over = now.timestamp_millis() - 1;
                by_time("accounts", "expires_at", "expires_at IS NOT NULL", vec![], after, over, limit)
            }
            Self::Suspended => by_standing("'suspended'", after, limit),
            Self::Frozen => by_standing("'frozen'", after, limit),
            Self::Resting => {
                by_time("accounts", "standing_since", "standing = 'restricted'", vec![], after, newest, limit)
            }
            Self::Deleting => by_standing("'deleting'", after, limit),
            Self::Of(client) => {
                let values = params![client];
                let sql = "SELECT account_id AS id, given_at AS at FROM consents WHERE client_id = $1 \
                     AND (given_at, account_id) < ($2, $3) ORDER BY given_at DESC, account_id DESC LIMIT $4";
                Range { sql: sql.to_owned(), values: behind(values, after, newest, limit) }
            }
            Self::Called(prefix) => {
                let (word, id) = match after {
                    Some(place) => (place.word.as_slice(), least(after)),
                    None => (prefix.as_slice(), least(None)),
                };
                let sql = "SELECT account_id AS id, word FROM member_words WHERE word < $1 AND (word, account_id) > ($2, $3) \
                     ORDER BY word, account_id LIMIT $4";
                Range { sql: sql.to_owned(), values: params![end_of(prefix), word, id, limit] }
            }
        }
    }
}

fn by_standing(standing: &str, after: Option<&MemberPlace>, limit: u64) -> Range {
    // The list of the index stands in the text as well: that is how the engines see that it serves.
    let which = format!("standing IN ('suspended', 'frozen', 'deleting') AND standing = {standing}");
    by_time("accounts", "standing_since", &which, vec![], after, i64::MAX, limit)
}

/// A list in descending order of a moment, beginning at `newest`.
fn by_time(
    table: &str,
    column: &str,
    which: &str,
    values: Vec<Param>,
    after: Option<&MemberPlace>,
    newest: i64,
    limit: u64,
) -> Range {
    let n = values.len();
    let sql = format!(
        "SELECT id, {column} AS at FROM {table} WHERE {which} AND ({column}, id) < (${}, ${}) \
         ORDER BY {column} DESC, id DESC LIMIT ${}",
        n + 1,
        n + 2,
        n + 3
    );
    Range { sql, values: behind(values, after, newest, limit) }
}

fn behind(mut values: Vec<Param>, after: Option<&MemberPlace>, newest: i64, limit: u64) -> Vec<Param> {
    let (at, id) = after.map_or((newest, GREATEST), |place| (place.at, place.id));
    values.extend(params![at, id, limit]);
    values
}

fn least(after: Option<&MemberPlace>) -> AccountId {
    after.map_or(AccountId(uuid::Uuid::nil()), |place| place.id)
}

impl Store {
    /// A page of up to `limit` members behind `after`. A member with several fitting words stands under the first of them
    /// alone, so a page may be shorter than `limit` and yet have a next one. Erased accounts are in no list.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn members(
        &self,
        list: &MemberList,
        after: Option<&MemberPlace>,
        limit: u64,
        now: DateTime<Utc>,
    ) -> Result<MemberPage, StoreError> {
        let range = list.range(after, now, limit.saturating_add(1));
        let mut places = self
            .engine()
            .all("accounts", &range.sql, range.values)
            .await?
            .iter()
            .map(place(list))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let more = places.len() as u64 > limit;
        if more {
            places.pop();
        }
        let next = more.then(|| places.last().cloned()).flatten();
        let found = self.accounts(places.iter().map(|place| place.id)).await?;
        let members = places
            .iter()
            .filter_map(|place| found.get(&place.id).map(|stored| (place, stored)))
            .filter(|(place, stored)| match list {
                MemberList::Called(prefix) => stands_under(&stored.account, &place.word, prefix),
                _ => true,
            })
            .map(|(_, stored)| Arc::clone(stored))
            .collect();
        Ok(MemberPage { members, next })
    }

    /// Who has been verified with a number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn holder_of(&self, number: &NationalId) -> Result<Option<AccountId>, StoreError> {
        for index in self.0.vault.number_indexes(number) {
            let sql = "SELECT account_id FROM identity_numbers WHERE number_index = $1";
            if let Some(row) = self.engine().one("identity_numbers", sql, params![index]).await? {
                return Ok(Some(AccountId(row.get("account_id")?)));
            }
        }
        Ok(None)
    }

    /// Folds names and addresses of up to `limit` accounts whose words lag behind, and tells how many: accounts of before
    /// there were words, and those that something else changed.
    ///
    /// # Errors
    /// [`StoreError`]. What was folded before it stays so.
    pub async fn fold_members(&self, limit: u64) -> Result<usize, StoreError> {
        let sql = format!(
            "{ACCOUNT} WHERE (words_of IS NULL OR words_of < updated_at) AND standing <> 'erased' ORDER BY id LIMIT $1"
        );
        let rows = self.engine().all("accounts", &sql, params![limit]).await?;
        for row in &rows {
            // A row that makes no sense must not keep the others from being found: it is marked as done.
            let (id, updated_at) = (AccountId(row.get("id")?), row.time("updated_at")?);
            let found = account(row).unwrap_or_else(|error| {
                tracing::error!("a member cannot be found by name: {error}");
                None
            });
            let words = found.map(|found| search_words(&found.email, &found.profile)).unwrap_or_default();
            self.engine()
                .steps(words, move |tx, words| {
                    Box::pin(async move {
                        write_words(tx, id, words, updated_at).await?;
                        Ok(Verdict::Keep(()))
                    })
                })
                .await?;
        }
        Ok(rows.len())
    }

    /// Accounts by their ids; erased ones are not among them.
    async fn accounts(
        &self,
        ids: impl Iterator<Item = AccountId>,
    ) -> Result<HashMap<AccountId, Arc<StoredAccount>>, StoreError> {
        let ids: Vec<Param> = ids.map(Param::from).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let places = (1..=ids.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let rows = self.engine().all("accounts", &format!("{ACCOUNT} WHERE id IN ({places})"), ids).await?;
        let found = rows.iter().filter_map(|row| account(row).transpose());
        found.map(|found| found.map(|found| (found.id, Arc::new(found)))).collect()
    }
}

/// Reads a row of a list's statement.
fn place(list: &MemberList) -> impl Fn(&Row) -> Result<MemberPlace, StoreError> {
    let by_word = matches!(list, MemberList::Called(_));
    move |row| {
        Ok(MemberPlace {
            id: AccountId(row.get("id")?),
            at: if by_word { 0 } else { row.get("at")? },
            word: if by_word { row.get("word")? } else { Vec::new() },
        })
    }
}

/// Whether `word` is the first of the account's words that begins with `prefix`. Words that lag behind the account still
/// find it.
fn stands_under(account: &Account, word: &[u8], prefix: &[u8]) -> bool {
    let words = search_words(&account.email, &account.profile);
    words.iter().find(|own| own.starts_with(prefix)).is_none_or(|first| first == word)
}

/// Writes what an account is found by, in the transaction that makes or changes it.
pub(crate) async fn index_member(
    tx: &mut Tx<'_>,
    id: AccountId,
    email: &EmailAddress,
    profile: &Profile,
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    write_words(tx, id, &search_words(email, profile), updated_at).await
}

async fn write_words(
    tx: &mut Tx<'_>,
    id: AccountId,
    words: &[Vec<u8>],
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    // The account's row first: whoever changes it at the same time is waited for, and leaves a later moment behind.
    let mark = "UPDATE accounts SET words_of = $2 WHERE id = $1 AND standing <> 'erased'";
    if tx.run(mark, params![id, updated_at]).await? == 0 {
        return Ok(());
    }
    tx.run("DELETE FROM member_words WHERE account_id = $1", params![id]).await?;
    for word in words {
        let insert = "INSERT INTO member_words (word, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        tx.run(insert, params![word.as_slice(), id]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_behind_every_word_that_begins_like_its_prefix() {
        let end = end_of("nสม".as_bytes());
        for word in ["nสม", "nสมชาย", "nสม\u{10FFFF}"] {
            assert!(word.as_bytes() < end.as_slice(), "{word}");
        }
        assert!("nสย".as_bytes() > end.as_slice());
    }
}
