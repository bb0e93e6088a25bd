//! A change settled by one statement, with its audit events and mails written beside it, or not at all.
//!
//! The statement ends in `RETURNING`; a row returned means that the change took effect. SQLite runs the parts one after
//! the other in one go, the later ones only where the one before changed a row; PostgreSQL runs them as one statement.

use std::fmt::Write as _;

use idp_core::audit::AuditEvent;
use idp_core::chance::Chance;
use idp_core::client::EventKind;
use idp_core::mail::OutgoingMail;

use super::Param;
use crate::audit::{AUDIT_COLUMNS, event_params, mark_origin};
use crate::cache::Touched;
use crate::mails::{MAIL_COLUMNS, mail_params};

/// A change that one statement decides.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(super) table: &'static str,
    decision: String,
    pub(super) params: Vec<Param>,
    own_params: usize,
    events: usize,
    mails: usize,
    pub(super) touched: Vec<Touched>,
    /// Set when services are told of one of the events: then all of it is done in steps, which queue what is told.
    pub(super) told: Option<Told>,
}

/// What a change that services are told of writes beside its decision.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) events: Vec<AuditEvent>,
    pub(super) mails: Vec<OutgoingMail>,
}

impl Change {
    /// `decision` is an INSERT, UPDATE or DELETE on `table` that ends in `RETURNING`.
    pub(crate) fn new(table: &'static str, decision: impl Into<String>, params: Vec<Param>) -> Self {
        let own_params = params.len();
        Self {
            table,
            decision: decision.into(),
            params,
            own_params,
            events: 0,
            mails: 0,
            touched: Vec::new(),
            told: None,
        }
    }

    /// Events to be written when the change takes effect. Before [`Change::mails`].
    pub(crate) fn events(mut self, events: &[AuditEvent]) -> Self {
        debug_assert_eq!(self.mails, 0, "events come before mails");
        if self.told.is_some() || events.iter().any(|event| EventKind::of(event.action).is_some()) {
            debug_assert!(self.events == 0 || self.told.is_some(), "what services are told of comes first");
            self.told.get_or_insert_default().events.extend_from_slice(events);
        }
        self.events += events.len();
        self.params.reserve(events.len() * AUDIT_COLUMNS.len());
        for event in events {
            self.params.extend(event_params(event));
        }
        self
    }

    /// Draws what marks the addresses in the events; before the change is made.
    pub(super) fn mark_origins(&mut self, chance: &dyn Chance) {
        let end = self.own_params + self.events * AUDIT_COLUMNS.len();
        for values in self.params[self.own_params..end].chunks_mut(AUDIT_COLUMNS.len()) {
            mark_origin(values, chance);
        }
    }

    /// Mails to be queued when the change takes effect.
    pub(crate) fn mails(mut self, mails: &[OutgoingMail]) -> Self {
        if let Some(told) = &mut self.told {
            told.mails.extend_from_slice(mails);
        }
        self.mails += mails.len();
        for mail in mails {
            self.params.extend(mail_params(mail));
        }
        self
    }

    /// Cached rows that are stale once the change has taken effect.
    pub(crate) fn touches(mut self, touched: impl IntoIterator<Item = Touched>) -> Self {
        self.touched.extend(touched);
        self
    }

    /// The statement that decides, and its values.
    pub(super) fn decision(&self) -> (&str, Vec<Param>) {
        (&self.decision, self.params[..self.own_params].to_vec())
    }

    /// The text for SQLite, with a transaction of its own around it or for use in one.
    pub(super) fn sqlite_text(&self, own_transaction: bool) -> String {
        let parts = usize::from(self.events > 0) + usize::from(self.mails > 0);
        if parts == 0 {
            // One statement is a transaction already.
            return self.decision.clone();
        }
        let mut text = String::with_capacity(self.decision.len() + 64 + 120 * (1 + self.events + self.mails));
        if own_transaction {
            text.push_str("BEGIN IMMEDIATE; ");
        }
        text.push_str(&self.decision);
        for (target, columns, rows, first, suffix) in self.inserts() {
            // changes() is what the statement before changed: the decision, or the events that followed it.
            let _ = write!(text, "; INSERT INTO {target} ({}) SELECT * FROM (VALUES ", columns.join(", "));
            write_rows(&mut text, rows, columns.len(), first);
            let _ = write!(text, ") WHERE changes() > 0{suffix}");
        }
        if own_transaction {
            text.push_str("; COMMIT");
        }
        text
    }

    /// The text for PostgreSQL: one statement.
    pub(super) fn postgres_text(&self) -> String {
        if self.events + self.mails == 0 {
            return self.decision.clone();
        }
        let mut text = String::with_capacity(self.decision.len() + 128 + 120 * (1 + self.events + self.mails));
        let _ = write!(text, "WITH done AS ({})", self.decision);
        for (target, columns, rows, first, suffix) in self.inserts() {
            let names = columns.join(", ");
            let _ = write!(text, ", to_{target} AS (INSERT INTO {target} ({names}) SELECT v.* FROM (VALUES ");
            write_rows(&mut text, rows, columns.len(), first);
            let _ = write!(text, ") AS v WHERE EXISTS (SELECT 1 FROM done){suffix})");
        }
        text.push_str(" SELECT * FROM done");
        text
    }

    /// What follows the decision: table, columns, rows, number of the first parameter, suffix.
    fn inserts(&self) -> impl Iterator<Item = (&'static str, &'static [&'static str], usize, usize, &'static str)> {
        let after_events = self.own_params + self.events * AUDIT_COLUMNS.len();
        let log = ("audit_log", &AUDIT_COLUMNS[..], self.events, self.own_params + 1, "");
        // A mail that may exist once and does is left as it is.
        let mails = ("mails", &MAIL_COLUMNS[..], self.mails, after_events + 1, " ON CONFLICT DO NOTHING");
        [log, mails].into_iter().filter(|part| part.2 > 0)
    }
}

/// `($5, $6), ($7, $8)`
pub(crate) fn write_rows(text: &mut String, rows: usize, columns: usize, first: usize) {
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let _ = write!(text, "{}${}", if column == 0 { "" } else { ", " }, first + row * columns + column);
        }
        text.push(')');
    }
}
