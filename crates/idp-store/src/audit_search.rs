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
        let mut common = Vec::new();
        // What a branch is a range of: the column whose index ends in the number.
        let mut lead = None;
        if let Some(account) = self.filter.account {
            lead = Some(("account_id", hold("?", account.into())));
        }
        if let Some(client) = &self.filter.client {
            let client = hold("?", client.into());
            match lead {
                None => lead = Some(("client_id", client)),
                Some(_) => common.push(format!("client_id = {client}")),
            }
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
        let words: Vec<Option<String>> = match &self.words {
            Some(words) => words.iter().map(|word| Some(hold("?", word.as_str().into()))).collect(),
            None => vec![None],
        };
        let descends = if self.order == Order::NewestFirst { " DESC" } else { "" };
        let branch = |actor: &String, word: &Option<String>| {
            let lead = match (&lead, self.filter.actor, word) {
                (Some((column, value)), ..) => Some((*column, value)),
                (None, None, Some(word)) => Some(("action", word)),
                _ => None,
            };
            let (range, order) = match lead {
                // Compared as a pair, and ordered by it, so that no plan reads the log by its numbers and looks at each
                // line whether it fits.
                Some((column, value)) => (
                    format!(
                        "{column} IS NOT NULL AND ({column}, seq) >= ({value}, $1) AND ({column}, seq) <= ({value}, $2)"
                    ),
                    format!("{column}{descends}, seq{descends}"),
                ),
                None => ("seq >= $1 AND seq <= $2".to_owned(), format!("seq{descends}")),
            };
            let word = word.as_ref().filter(|_| lead.is_none_or(|(column, _)| column != "action"));
            let word = word.map(|word| format!("action = {word}"));
            let parts = [range, actor.clone()].into_iter().chain(word).chain(common.iter().cloned());
            format!("{LINE} WHERE {} ORDER BY {order} LIMIT $3", parts.collect::<Vec<_>>().join(" AND "))
        };
        let branches: Vec<String> =
            actors.iter().flat_map(|actor| words.iter().map(move |word| branch(actor, word))).collect();
        let sql = match branches.as_slice() {
            [one] => one.clone(),
            many => {
                let many: Vec<String> =
                    many.iter().enumerate().map(|(n, branch)| format!("SELECT * FROM ({branch}) AS b{n}")).collect();
                format!("{} ORDER BY seq{descends} LIMIT $3", many.join(" UNION ALL "))
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
