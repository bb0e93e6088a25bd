//! Who has seen or received a member's data, page by page: each look of an official, and each day on which a service was
//! given something. The two are asked for apart, so that a service that comes often hides no look.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::Action;
use idp_core::id::{AccountId, ClientId};

use crate::audit::{AuditLine, LINE, line};
use crate::engine::params;
use crate::{Store, StoreError};

/// Lines that tell of something a service was given.
const RELEASES: [Action; 3] = [Action::TokensIssued, Action::TokensRefreshed, Action::NumberReleased];
/// The day in Bangkok of a line, counted since 1970.
const DAY: &str = "(at + 25200000) / 86400000";

/// What a service was given on one day.
#[derive(Clone, Debug)]
pub struct ReleaseDay {
    /// Which service, on which day: where a page ends and the next goes on.
    pub place: ReleasePlace,
    /// When last.
    pub at: DateTime<Utc>,
    /// How often.
    pub times: i64,
    /// What, each once: the action's word, and what its line says.
    pub given: Vec<(String, Option<String>)>,
}

/// A service and a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleasePlace {
    /// Days in Bangkok since 1970.
    pub day: i64,
    /// The service.
    pub client_id: ClientId,
}

impl Store {
    /// The newest `limit` looks of officials at an account, the newest first; those before line number `before` when it is
    /// given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn looks_at(
        &self,
        account: AccountId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<AuditLine>, StoreError> {
        // The word stands in the text: there is an index of these lines alone.
        let look = Action::PersonalDataSeen.as_str();
        let sql = format!("{LINE} WHERE account_id = $1 AND action = '{look}' AND seq < $2 ORDER BY seq DESC LIMIT $3");
        let values = params![account, before.unwrap_or(i64::MAX), limit];
        self.engine().all("audit_log", &sql, values).await?.iter().map(line).collect()
    }

    /// What services were given about an account (a trial, by which an official sees what they are given themselves, is none), a line for each of them and day: `limit` of them, the latest day first,
    /// after the place where a page ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn releases_of(
        &self,
        account: AccountId,
        after: Option<&ReleasePlace>,
        limit: u64,
    ) -> Result<Vec<ReleaseDay>, StoreError> {
        let actions = RELEASES.map(|action| format!("'{}'", action.as_str())).join(", ");
        let about = format!(
            "FROM audit_log WHERE account_id = $1 AND client_id IS NOT NULL \
             AND client_id NOT LIKE 'trial.%' AND action IN ({actions})"
        );
        let (further, more) = match after {
            Some(place) => (format!(" AND ({DAY}, client_id) < ($3, $4)"), params![place.day, &place.client_id]),
            None => (String::new(), Vec::new()),
        };
        let sql = format!(
            "SELECT client_id, {DAY} AS day, max(at) AS latest, count(*) AS times {about}{further} \
             GROUP BY client_id, {DAY} ORDER BY day DESC, client_id DESC LIMIT $2"
        );
        let values = params![account, limit].into_iter().chain(more).collect();
        let rows = self.engine().all("audit_log", &sql, values).await?;
        let mut days = Vec::with_capacity(rows.len());
        for row in &rows {
            days.push(ReleaseDay {
                place: ReleasePlace { day: row.get("day")?, client_id: row.client_id("client_id")? },
                at: row.time("latest")?,
                times: row.get("times")?,
                given: Vec::new(),
            });
        }
        let (Some(newest), Some(oldest)) = (days.first(), days.last()) else { return Ok(days) };
        let sql = format!(
            "SELECT DISTINCT client_id, {DAY} AS day, action, detail {about} AND at >= $2 AND at < $3 \
             ORDER BY day, client_id, action, detail"
        );
        let values = params![account, midnight(oldest.place.day), midnight(newest.place.day + 1)];
        let mut given: BTreeMap<ReleasePlace, Vec<(String, Option<String>)>> = BTreeMap::new();
        for row in self.engine().all("audit_log", &sql, values).await? {
            let place = ReleasePlace { day: row.get("day")?, client_id: row.client_id("client_id")? };
            given.entry(place).or_default().push((row.get("action")?, row.get("detail")?));
        }
        for day in &mut days {
            day.given = given.remove(&day.place).unwrap_or_default();
        }
        Ok(days)
    }
}

/// When a day begins in Bangkok.
fn midnight(day: i64) -> i64 {
    day.saturating_mul(TimeDelta::days(1).num_milliseconds()).saturating_sub(TimeDelta::hours(7).num_milliseconds())
}
