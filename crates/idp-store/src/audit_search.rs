//! Looking through the audit log, and whether what is looked at is as it was sealed.

use chrono::{DateTime, Utc};
use idp_core::id::{AccountId, ClientId};

use crate::audit::{AuditFault, AuditLine, LINE, SEAL, Seal, line, seal};
use crate::engine::{Param, params};
use crate::{Store, StoreError};

/// What is looked for; what is not given is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who did it.
    pub actor: Option<AccountId>,
    /// About whom.
    pub account: Option<AccountId>,
    /// The word of an action, or its beginning up to a dot: `client.`.
    pub action: Option<String>,
    /// Through or about which client.
    pub client: Option<ClientId>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// Whether lines are as they were sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealCheck {
    /// All that is sealed of them is.
    Sound {
        /// Seals that were checked.
        seals: u64,
    },
    /// Something is not.
    Broken(AuditFault),
}

/// Seals over lines that are shown, and what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedLines {
    /// Whether the lines are as they were sealed.
    pub check: SealCheck,
    /// How many of the lines that were asked about lie under the seals that were checked, or under none yet.
    pub lines: usize,
}

/// Rows that are read at most to check seals for a page: a page that shows lines far apart is under as many seals.
const CHECKED_ROWS: i64 = 4_000;
/// Words of actions that a filter's beginning stands for, at most.
const WORDS: i64 = 100;

/// From which end lines are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

/// The statement that reads a page of the lines between two numbers. Each branch is one range of one index, read from its
/// end and no further than a page: what a filter leaves out costs nothing, however deep the page.
struct Search<'a> {
    filter: &'a AuditFilter,
    /// The words of the actions that fit; `None`: all.
    words: Option<Vec<String>>,
    between: (i64, i64),
    order: Order,
    limit: u32,
}

impl Search<'_> {
    /// Who acts as what: whoever is looked for may be a member, who acts on their own account alone, an officer or a
    /// program. Lines of members are found by the account they are about, so that signing in keeps no further index.
    const ACTORS: [&'static str; 3] = [
        "actor = 'member' AND actor_id = ? AND account_id = ?",
        "actor = 'staff' AND actor_id = ?",
        "actor = 'program' AND actor_id = ?",
    ];

    fn sql(&self) -> (String, Vec<Param>) {
        let mut values = params![self.between.0, self.between.1, self.limit];
        let mut hold = |part: &str, value: Param| {
            values.push(value);
            part.replace('?', &format!("${}", values.len()))
        };
        let mut common = vec!["seq >= $1 AND seq <= $2".to_owned()];
        if let Some(account) = self.filter.account {
            common.push(hold("account_id = ?", account.into()));
        }
        if let Some(client) = &self.filter.client {
            common.push(hold("client_id = ?", client.into()));
        }
        if let Some(from) = self.filter.from {
            common.push(hold("at >= ?", from.into()));
        }
        if let Some(until) = self.filter.until {
            common.push(hold("at < ?", until.into()));
        }
        let actors: Vec<String> = match self.filter.actor {
            Some(actor) => Self::ACTORS.iter().map(|part| hold(part, actor.into())).collect(),
            None => vec!["TRUE".to_owned()],
        };
        let words: Vec<String> = match &self.words {
            Some(words) => words.iter().map(|word| hold("action = ?", word.as_str().into())).collect(),
            None => vec!["TRUE".to_owned()],
        };
        let common = common.join(" AND ");
        let order = if self.order == Order::NewestFirst { "seq DESC" } else { "seq" };
        let branches: Vec<String> = actors
            .iter()
            .flat_map(|actor| words.iter().map(move |word| (actor, word)))
            .map(|(actor, word)| format!("{LINE} WHERE {common} AND {actor} AND {word} ORDER BY {order} LIMIT $3"))
            .collect();
        let sql = match branches.as_slice() {
            [one] => one.clone(),
            many => {
                let many: Vec<String> =
                    many.iter().enumerate().map(|(n, branch)| format!("SELECT * FROM ({branch}) AS b{n}")).collect();
                format!("{} ORDER BY {order} LIMIT $3", many.join(" UNION ALL "))
            }
        };
        (sql, values)
    }
}

impl Store {
    /// Lines that fit `filter`, the newest first, below the number `before`, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_lines(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let newest = before.map_or(i64::MAX, |before| before.saturating_sub(1));
        self.search_audit(filter, (0, newest), Order::NewestFirst, limit).await
    }

    /// The same from the oldest on, above the number `after`: for a file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_lines_from(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        self.search_audit(filter, (after.saturating_add(1), i64::MAX), Order::OldestFirst, limit).await
    }

    async fn search_audit(
        &self,
        filter: &AuditFilter,
        (low, high): (i64, i64),
        order: Order,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let words = match filter.action.as_deref() {
            None => None,
            Some(group) if group.ends_with('.') => Some(self.words_of(group).await?),
            Some(word) => Some(vec![word.to_owned()]),
        };
        let (first, last) = self.numbers_between(filter.from, filter.until).await?;
        let between = (low.max(first), high.min(last));
        if between.0 > between.1 || words.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let (sql, values) = Search { filter, words, between, order, limit }.sql();
        self.engine().all("audit_log", &sql, values).await?.iter().map(line).collect()
    }

    /// The words of actions in the log that begin with `group`, by a look at the index for each of them.
    async fn words_of(&self, group: &str) -> Result<Vec<String>, StoreError> {
        // The character after a dot ends what begins so.
        let end = format!("{}/", group.trim_end_matches('.'));
        let sql = "WITH RECURSIVE words (word) AS (                SELECT min(action) FROM audit_log WHERE action >= $1 AND action < $2                UNION ALL                SELECT (SELECT min(action) FROM audit_log WHERE action > word AND action < $2) FROM words                WHERE word IS NOT NULL              ) SELECT word FROM words WHERE word IS NOT NULL LIMIT $3";
        let rows = self.engine().all("audit_log", sql, params![group, end, WORDS]).await?;
        rows.iter().map(|row| row.get("word")).collect()
    }

    /// Checks the seals over the lines with these numbers, the newest first, each against its rows and the seal before
    /// it, as far as a page can wait for it. [`Store::verify_audit`] checks everything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_lines(&self, lines: &[i64]) -> Result<SealedLines, StoreError> {
        let mut lines = lines.to_vec();
        lines.sort_unstable_by(|a, b| b.cmp(a));
        let (mut seals, mut rows, mut covered) = (0, 0, 0);
        let mut under: Option<Seal> = None;
        for seq in lines {
            let known = under.as_ref().is_some_and(|seal| seal.covers(seq));
            if !known {
                let sql = format!("{SEAL} WHERE to_seq >= $1 ORDER BY to_seq, number LIMIT 1");
                let Some(row) = self.engine().one("audit_seals", &sql, params![seq]).await? else {
                    // Too young to be sealed.
                    covered += 1;
                    continue;
                };
                let Ok(found) = seal(&row) else { return Ok(broken(AuditFault::Seal { number: row.get("number")? })) };
                rows += found.row_count;
                if seals > 0 && rows > CHECKED_ROWS {
                    break;
                }
                if let Some(fault) = self.fault_under(&found).await? {
                    return Ok(broken(fault));
                }
                seals += 1;
                under = Some(found);
            }
            covered += 1;
        }
        Ok(SealedLines { check: SealCheck::Sound { seals }, lines: covered })
    }

    /// What is wrong with a seal: its rows, or that the one before it is not the one it was put on.
    async fn fault_under(&self, sealed: &Seal) -> Result<Option<AuditFault>, StoreError> {
        let rows = self.rows_under(sealed).await?;
        if rows.as_ref().map(|rows| sealed.hash_with(rows.iter())).as_ref() != Some(&sealed.hash) {
            return Ok(Some(AuditFault::Rows { number: sealed.number }));
        }
        let sql = format!("{SEAL} WHERE number = $1");
        let before = self.engine().one("audit_seals", &sql, params![sealed.number - 1]).await?;
        let fits = match before.as_ref().map(seal) {
            Some(Ok(before)) => before.hash == sealed.previous,
            Some(Err(_)) => false,
            None => sealed.number == 1,
        };
        Ok((!fits).then_some(AuditFault::Seal { number: sealed.number }))
    }

    /// Checks the seals over the numbers `from` to `to`, at most the newest 100 of them, each against its rows and the seal
    /// before it. [`Store::verify_audit`] checks everything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_seals(&self, from: i64, to: i64) -> Result<SealCheck, StoreError> {
        let sql = format!("{SEAL} WHERE to_seq >= $1 AND from_seq <= $2 ORDER BY number DESC LIMIT 100");
        let rows = self.engine().all("audit_seals", &sql, params![from, to]).await?;
        let mut seals: Vec<Seal> = Vec::new();
        for row in &rows {
            let Ok(read) = seal(row) else {
                let number = row.get("number")?;
                return Ok(SealCheck::Broken(AuditFault::Seal { number }));
            };
            seals.push(read);
        }
        for (place, sealed) in seals.iter().enumerate() {
            let rows = self.rows_under(sealed).await?;
            if rows.as_ref().map(|rows| sealed.hash_with(rows.iter())).as_ref() != Some(&sealed.hash) {
                return Ok(SealCheck::Broken(AuditFault::Rows { number: sealed.number }));
            }
            if let Some(earlier) = seals.get(place + 1)
                && (sealed.number != earlier.number + 1 || sealed.previous != earlier.hash)
            {
                return Ok(SealCheck::Broken(AuditFault::Seal { number: sealed.number }));
            }
        }
        Ok(SealCheck::Sound { seals: seals.len() as u64 })
    }
}

fn broken(fault: AuditFault) -> SealedLines {
    SealedLines { check: SealCheck::Broken(fault), lines: 0 }
}
