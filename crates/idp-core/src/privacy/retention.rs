//! How long each class of data is kept: the one table that the purging job works through and docs/privacy.md repeats.
//!
//! What a member erases at once by deleting the account is not here; that is `erase` in the store.

use chrono::TimeDelta;

/// What happens to rows whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are deleted.
    Deleted,
    /// They stay, without what these assignments of SQL take from them.
    Cleared(&'static str),
}

/// A class of data, kept for a time.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// Its name, in the log, in the audit log's counts and in docs/privacy.md.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// Its key.
    pub key: &'static str,
    /// The rows that are over, `$1` being now less `kept`.
    pub over: &'static str,
    /// How long they are kept after that moment.
    pub kept: TimeDelta,
    /// What becomes of them.
    pub fate: Fate,
    /// Whether it tells of a person: its runs are then written to the audit log, and not to the program's log alone.
    pub personal: bool,
}

const fn class(name: &'static str, table: &'static str, key: &'static str, over: &'static str) -> Class {
    Class { name, table, key, over, kept: TimeDelta::zero(), fate: Fate::Deleted, personal: true }
}

impl Class {
    const fn kept(self, kept: TimeDelta) -> Self {
        Self { kept, ..self }
    }

    const fn cleared(self, assignments: &'static str) -> Self {
        Self { fate: Fate::Cleared(assignments), ..self }
    }

    const fn of_nobody(self) -> Self {
        Self { personal: false, ..self }
    }
}

const FIGURE: &str = "span, metric, begins_at, label";
const DAY: TimeDelta = TimeDelta::days(1);

/// The grants of an ended session are kept this long: a code or token of it is told apart from one that never was.
pub const GRANTS_OF_ENDED_SESSIONS: TimeDelta = TimeDelta::days(2);
/// Members see their sign-ins this far back.
pub const SIGN_INS: TimeDelta = TimeDelta::days(180);
/// The name under which [`GRANTS_OF_ENDED_SESSIONS`] is counted: its rows go session by session, before the sessions.
pub const GRANTS_NAME: &str = "grants of ended sessions";

/// Every class that ends by itself, in the order in which a run takes them.
pub const CLASSES: &[Class] = &[
    class(
        "number and origin of attempts at verification",
        "verification_cases",
        "id",
        "origin IS NOT NULL AND opened_at < $1",
    )
    .kept(TimeDelta::days(90))
    .cleared("number_index = NULL, origin = NULL"),
    // Nothing of the bytes, in words that both engines know.
    class("what a review rested on", "reviews", "id", "decided_at < $1 AND length(sealed) > 0")
        .kept(TimeDelta::days(90))
        .cleared("sealed = substr(sealed, 1, 0)"),
    class("registrations under way", "registrations", "id", "expires_at < $1"),
    class("codes that nobody came for", "grants", "id", "redeemed_at IS NULL AND issued_at < $1").kept(DAY),
    class("one-time links", "links", "digest", "expires_at < $1").kept(DAY),
    // A proven mailbox counts for an hour.
    class("mailed codes", "mailed_codes", "account_id", "sent_at < $1").kept(DAY),
    // A change of address that nobody confirmed, and one that can no longer be taken back.
    class("changes of address not confirmed", "email_changes", "id", "sent_at < $1 AND undo_until IS NULL").kept(DAY),
    class("changes of address", "email_changes", "id", "undo_until < $1"),
    // Longer than the longest waiting time and the week after it.
    class("requests about a lost second factor", "lost_factors", "account_id", "changed_at < $1")
        .kept(TimeDelta::days(60)),
    class("attempts to sign in", "sign_ins", "seq", "at < $1").kept(SIGN_INS),
    class("failed sign-ins counted", "throttles", "key", "forget_at < $1"),
    class("mails", "mails", "id", "done_at < $1 AND once IS NULL").kept(TimeDelta::days(7)),
    // A mail that may exist once stays: it says that it existed.
    class("mails that go out once", "mails", "id", "done_at < $1").kept(TimeDelta::days(400)),
    class("notices of sign-out", "logout_notices", "client_id, sid", "done_at < $1 AND delivered = TRUE")
        .kept(TimeDelta::days(7)),
    class("notices of sign-out not delivered", "logout_notices", "client_id, sid", "done_at < $1")
        .kept(TimeDelta::days(90)),
    // After the grants of a session.
    class("sessions", "sessions", "id", "ended_at < $1 AND cleared = TRUE").kept(TimeDelta::days(90)),
    class("numbers of erased accounts", "resting_numbers", "number_index", "free_at < $1"),
    class(
        "days on which members were active",
        "active_members",
        "account_id, span, begins_at",
        "span = 'day' AND begins_at < $1",
    )
    .kept(TimeDelta::days(3)),
    class("months in which members were active", "active_members", "account_id, span, begins_at", "begins_at < $1")
        .kept(TimeDelta::days(40)),
    class("services that were active", "active_services", "client_id, span, begins_at", "begins_at < $1")
        .kept(TimeDelta::days(40))
        .of_nobody(),
    class("numbers by the hour", "figures", FIGURE, "span = 'hour' AND begins_at < $1")
        .kept(TimeDelta::days(14))
        .of_nobody(),
    class("numbers by the day", "figures", FIGURE, "span = 'day' AND begins_at < $1")
        .kept(TimeDelta::days(400))
        .of_nobody(),
    class("numbers by the month", "figures", FIGURE, "span = 'month' AND begins_at < $1")
        .kept(TimeDelta::days(3650))
        .of_nobody(),
    class("numbers told beforehand", "figures", FIGURE, "span = 'ahead' AND begins_at < $1").kept(DAY).of_nobody(),
    class("names of batches of numbers", "figure_batches", "id", "at < $1").kept(DAY).of_nobody(),
    // A day is counted since 1970.
    class("what clients were answered", "client_days", "client_id, day, outcome", "day < $1 / 86400000")
        .kept(TimeDelta::days(400))
        .of_nobody(),
    class("client assertions", "client_assertions", "digest", "expires_at < $1").of_nobody(),
    class("revoked tokens of machines", "revoked_tokens", "digest", "expires_at < $1").of_nobody(),
    class("device codes", "device_codes", "digest", "expires_at < $1").kept(DAY).of_nobody(),
    class("leases", "leases", "name", "until < $1").kept(DAY).of_nobody(),
];

/// A time as the documentation writes it: whole days, or at once.
pub fn in_words(kept: TimeDelta) -> String {
    match kept.num_days() {
        0 => "at once".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_name_of_its_own() {
        let mut names: Vec<&str> = CLASSES.iter().map(|class| class.name).chain([GRANTS_NAME]).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    /// The table of docs/privacy.md and this one say the same.
    #[test]
    fn the_documentation_says_what_the_jobs_do() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/privacy.md");
        let text = std::fs::read_to_string(path).unwrap();
        let part = text.split("\n## Retention").nth(1).expect("docs/privacy.md has a part on retention");
        let part = part.split("\n## ").next().unwrap_or_default();
        let said: Vec<String> = part
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| Class") && !line.starts_with("|---"))
            .map(|line| {
                let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
                format!("{} | {} | {} | {}", cells[0], cells[1], cells[2], cells[3])
            })
            .collect();
        let grants = format!("{GRANTS_NAME} | `grants` | {} | deleted", in_words(GRANTS_OF_ENDED_SESSIONS));
        let done: Vec<String> = std::iter::once(grants)
            .chain(CLASSES.iter().map(|class| {
                let fate = match class.fate {
                    Fate::Deleted => "deleted".to_owned(),
                    Fate::Cleared(_) => "cleared".to_owned(),
                };
                format!("{} | `{}` | {} | {fate}", class.name, class.table, in_words(class.kept))
            }))
            .collect();
        assert_eq!(said, done, "docs/privacy.md, Retention");
    }
}
