//! The numbers of one range, read once.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::figures::{
    ACCOUNTS, ACTIVE, ANSWERS, DELIVERIES, LATENCY, MEMBERS, Range, SIGN_INS, Span, VERIFICATIONS, WAITING,
};
use idp_core::thai::time;
use idp_store::AHEAD_DAYS;

use crate::error::AppError;
use crate::state::App;
use crate::view::lang::Lang;

/// The metrics of a page: answers are added up for it where they lie.
pub(super) const DRAWN: [&str; 7] = [SIGN_INS, ACCOUNTS, VERIFICATIONS, ACTIVE, MEMBERS, WAITING, DELIVERIES];

/// Every metric, as a file has them.
pub(super) const METRICS: [&str; 9] =
    [SIGN_INS, ACCOUNTS, VERIFICATIONS, ACTIVE, MEMBERS, WAITING, DELIVERIES, ANSWERS, LATENCY];

/// What was counted in a range.
pub(super) struct Numbers {
    /// The range.
    pub range: Range,
    /// When its spans began, the oldest first.
    pub begins: Vec<DateTime<Utc>>,
    /// Temporary memberships that end on each of the next days.
    pub ahead: Vec<(DateTime<Utc>, u64)>,
    /// Every number: metric and label, place of the span.
    counts: HashMap<(String, String), Vec<Option<u64>>>,
}

impl Numbers {
    /// Reads metrics in a range that ends now.
    pub(super) async fn read(app: &App, range: Range, metrics: &[&str], now: DateTime<Utc>) -> Result<Self, AppError> {
        let begins = range.begins(now);
        let mut counts: HashMap<(String, String), Vec<Option<u64>>> = HashMap::new();
        let from = begins.first().copied().unwrap_or(now);
        for figure in app.store.figures(range.spans().0, metrics, from).await? {
            let Some(place) = begins.iter().position(|begin| *begin == figure.begins_at) else { continue };
            let row = counts.entry((figure.metric, figure.label)).or_insert_with(|| vec![None; begins.len()]);
            row[place] = Some(figure.count);
        }
        let told = app.store.endings_ahead(now).await?;
        let today = Span::Day.begin(now);
        let ahead = (0..AHEAD_DAYS).map(|day| today + TimeDelta::days(day.into()));
        let on =
            |day: DateTime<Utc>| told.iter().find(|figure| figure.begins_at == day).map_or(0, |figure| figure.count);
        Ok(Self { range, ahead: ahead.map(|day| (day, on(day))).collect(), begins, counts })
    }

    /// A metric's kind in each span; nothing counted is nought.
    pub(super) fn counted(&self, metric: &str, label: &str) -> Vec<Option<u64>> {
        let row = self.counts.get(&(metric.to_owned(), label.to_owned()));
        (0..self.begins.len()).map(|place| Some(row.and_then(|row| row[place]).unwrap_or(0))).collect()
    }

    /// A metric's kind in each span where somebody looked.
    pub(super) fn seen(&self, metric: &str, label: &str) -> Vec<Option<u64>> {
        let row = self.counts.get(&(metric.to_owned(), label.to_owned()));
        row.cloned().unwrap_or_else(|| vec![None; self.begins.len()])
    }

    /// All of it in the range.
    pub(super) fn sum(&self, metric: &str, label: &str) -> u64 {
        self.seen(metric, label).into_iter().flatten().sum()
    }

    /// What was seen last.
    pub(super) fn last(&self, metric: &str, label: &str) -> Option<u64> {
        self.seen(metric, label).into_iter().rev().flatten().next()
    }

    /// Every row of it, in order: for a file.
    pub(super) fn rows(&self) -> Vec<(DateTime<Utc>, &str, &str, u64)> {
        let mut rows: Vec<_> = self
            .counts
            .iter()
            .flat_map(|((metric, label), row)| {
                self.begins
                    .iter()
                    .zip(row)
                    .filter_map(|(begin, count)| Some((*begin, metric.as_str(), label.as_str(), (*count)?)))
            })
            .collect();
        rows.sort_unstable();
        rows
    }

    /// The places on the axis, in words.
    pub(super) fn axis(&self, lang: Lang) -> Vec<String> {
        let word = |begin: &DateTime<Utc>| match (self.range, lang) {
            (Range::Day, Lang::Th) => time::clock_thai(*begin).trim_end_matches(" น.").to_owned(),
            (Range::Day, Lang::En) => time::clock_english(*begin),
            (Range::Week | Range::Month, _) => day(*begin, lang),
            (Range::Year, Lang::Th) => time::month_short_thai(*begin),
            (Range::Year, Lang::En) => time::month_short_english(*begin),
        };
        self.begins.iter().map(word).collect()
    }
}

/// A day on an axis.
pub(super) fn day(at: DateTime<Utc>, lang: Lang) -> String {
    match lang {
        Lang::Th => time::day_short_thai(at),
        Lang::En => time::day_short_english(at),
    }
}
