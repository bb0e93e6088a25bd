//! How long each class of data is kept: the one table that the purging job works through and docs/privacy.md repeats.
//!
//! Every table about a member (`held.rs`) has a line: among [`CLASSES`] what ends by itself, among [`LASTING`] what does
//! not. What erasing an account does at once is `erase` in the store.

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
/// Traffic data is kept as long as the Computer Crime Act says, and no longer.
pub const TRAFFIC: TimeDelta = TimeDelta::days(90);
/// The name under which [`GRANTS_OF_ENDED_SESSIONS`] is counted: its rows go session by session, before the sessions.
pub const GRANTS_NAME: &str = "grants of ended sessions";
/// Lines of the audit log say this long from which network address something was done: long enough to look into what is
/// noticed late. The traffic log, which the law asks for, has its own time.
pub const ADDRESSES_IN_LOG: TimeDelta = TimeDelta::days(365);
/// The name under which [`ADDRESSES_IN_LOG`] is counted: they are cleared seal by seal, because an index of the lines
/// themselves would be written with each of them.
pub const ADDRESSES_NAME: &str = "network addresses in the audit log";
/// The name under which trials of clients are counted that are over: what came of them goes with them.
pub const TRIALS_NAME: &str = "trials of services";
/// A browser that nobody signed in with for so long is not known any more; its cookie is gone by then as well.
pub const KNOWN_DEVICES: TimeDelta = TimeDelta::days(365);

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
    class("known browsers not used", "known_devices", "account_id, digest", "last_seen_at < $1").kept(KNOWN_DEVICES),
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
    // Computer Crime Act B.E. 2550, section 26.
    class("traffic data", "traffic", "id", "at < $1").kept(TRAFFIC),
    class("events for services", "client_events", "id", "done_at < $1 AND delivered = TRUE").kept(TimeDelta::days(7)),
    class("events for services not delivered", "client_events", "id", "done_at < $1").kept(TimeDelta::days(90)),
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
    class("answers kept for programs", "api_answers", "client_id, key", "expires_at < $1").of_nobody(),
    class("device codes", "device_codes", "digest", "expires_at < $1").kept(DAY).of_nobody(),
    class("leases", "leases", "name", "until < $1").kept(DAY).of_nobody(),
];

/// What becomes of data without an age when its account is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtErasure {
    /// It is deleted.
    Deleted,
    /// What is personal in it is.
    Cleared,
    /// It stays, by the account's id alone.
    Stays,
}

/// Data that no age ends.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    /// What it is, in docs/privacy.md.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// What its member, an officer or the program ends it by; `None` when nothing does but erasure.
    pub until: Option<&'static str>,
    /// What erasure does to it.
    pub erased: AtErasure,
}

const fn lasting(name: &'static str, table: &'static str, erased: AtErasure) -> Lasting {
    Lasting { name, table, until: None, erased }
}

impl Lasting {
    const fn until(self, until: &'static str) -> Self {
        Self { until: Some(until), ..self }
    }

    /// How long, as the documentation writes it.
    pub fn in_words(&self) -> String {
        match (self.until, self.erased) {
            (Some(until), _) => format!("until {until}"),
            (None, AtErasure::Stays) => "no end".to_owned(),
            (None, AtErasure::Deleted | AtErasure::Cleared) => "while the account is".to_owned(),
        }
    }
}

/// Every table about a member whose rows do not end by themselves.
pub const LASTING: &[Lasting] = &[
    lasting("accounts", "accounts", AtErasure::Cleared),
    lasting("who did what", "audit_log", AtErasure::Stays),
    lasting("consents given and withdrawn", "consent_records", AtErasure::Stays),
    lasting("terms and privacy notices accepted", "terms_acceptances", AtErasure::Stays),
    lasting("roles of staff", "staff_roles", AtErasure::Stays),
    lasting("attempts at verification", "verification_cases", AtErasure::Stays),
    lasting("reviews", "reviews", AtErasure::Stays),
    lasting("linked services", "consents", AtErasure::Deleted).until("withdrawn"),
    lasting("what matched at the register", "identities", AtErasure::Deleted).until("the badge is withdrawn"),
    lasting("marks of numbers", "identity_numbers", AtErasure::Deleted).until("the badge is withdrawn"),
    lasting("names and addresses folded for searching", "member_words", AtErasure::Deleted),
    lasting("badges before a renewal", "former_badges", AtErasure::Deleted),
    lasting("passkeys", "passkeys", AtErasure::Deleted).until("removed"),
    lasting("authenticator apps", "totp_factors", AtErasure::Deleted).until("removed"),
    lasting("recovery codes", "recovery_codes", AtErasure::Deleted).until("replaced or useless"),
    lasting("the door of ThaID", "thaid_closed", AtErasure::Deleted).until("opened again"),
    lasting("pictures of members", "member_pictures", AtErasure::Deleted).until("removed"),
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
        let mut names: Vec<&str> = CLASSES
            .iter()
            .map(|class| class.name)
            .chain(LASTING.iter().map(|lasting| lasting.name))
            .chain([GRANTS_NAME, ADDRESSES_NAME, TRIALS_NAME])
            .collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn every_table_about_a_member_has_a_line() {
        for held in crate::privacy::held::HELD {
            let ends = CLASSES.iter().any(|class| class.table == held.table);
            let lasts = LASTING.iter().any(|lasting| lasting.table == held.table);
            assert!(ends || lasts, "{}: how long is it kept?", held.table);
        }
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
        let addresses = format!("{ADDRESSES_NAME} | `audit_log` | {} | cleared", in_words(ADDRESSES_IN_LOG));
        let trials = format!("{TRIALS_NAME} | `trials` | at once | deleted");
        let done: Vec<String> = [grants, addresses, trials]
            .into_iter()
            .chain(CLASSES.iter().map(|class| {
                let fate = match class.fate {
                    Fate::Deleted => "deleted".to_owned(),
                    Fate::Cleared(_) => "cleared".to_owned(),
                };
                format!("{} | `{}` | {} | {fate}", class.name, class.table, in_words(class.kept))
            }))
            .chain(LASTING.iter().map(|lasting| {
                let erased = match lasting.erased {
                    AtErasure::Deleted => "deleted at erasure",
                    AtErasure::Cleared => "cleared at erasure",
                    AtErasure::Stays => "stays by id",
                };
                format!("{} | `{}` | {} | {erased}", lasting.name, lasting.table, lasting.in_words())
            }))
            .collect();
        assert_eq!(said, done, "docs/privacy.md, Retention");
    }
}
