//! What was answered and how fast, over time and by endpoint. There are thousands of these rows in a range (endpoints by
//! spans by buckets): the store adds them up.

use std::collections::HashMap;

use idp_core::figures::{ANSWERS, BUCKETS, LATENCY, percentile};
use idp_store::{Figure, Meant};

use super::numbers::Numbers;
use crate::error::AppError;
use crate::figures::Endpoint;
use crate::state::App;

/// The first digits of a status.
pub(super) const CLASSES: usize = 5;
/// How many letters of a label name its bucket, and how many its class: `token/07`, `token/2`.
const BUCKET_LETTERS: u32 = 2;
const CLASS_LETTERS: u32 = 1;

/// Answers that were counted together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answers {
    /// By the first digit of the status, from 1 on.
    classes: [u64; CLASSES],
    /// By how long they took.
    buckets: [u64; BUCKETS],
}

impl Answers {
    /// Those whose status begins with `class`.
    pub(super) fn of_class(&self, class: usize) -> u64 {
        class.checked_sub(1).and_then(|place| self.classes.get(place)).copied().unwrap_or(0)
    }

    /// All of them.
    pub(super) fn all(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// Milliseconds within which `share` of a hundred were given; `None` without answers.
    pub(super) fn within(&self, share: u32) -> Option<u32> {
        percentile(&self.buckets, share)
    }

    fn add(&mut self, metric: &str, what: &str, count: u64) {
        let place = what.parse::<usize>().ok();
        let slot = match metric {
            LATENCY => place.and_then(|bucket| self.buckets.get_mut(bucket)),
            _ => place.and_then(|class| class.checked_sub(1)).and_then(|class| self.classes.get_mut(class)),
        };
        if let Some(slot) = slot {
            *slot += count;
        }
    }
}

/// The answers of a range.
pub(super) struct Answered {
    /// In each span: of the endpoint that is looked at, or of all but files and probes.
    pub(super) spans: Vec<Answers>,
    /// In the whole range, by the word of the endpoint.
    by_endpoint: HashMap<String, Answers>,
}

impl Answered {
    /// Reads the answers in the spans of `numbers`.
    pub(super) async fn read(app: &App, numbers: &Numbers, endpoint: Option<Endpoint>) -> Result<Self, AppError> {
        let (span, begins) = (numbers.range.spans().0, &numbers.begins);
        let mut answered = Self { spans: vec![Answers::default(); begins.len()], by_endpoint: HashMap::new() };
        let Some(&from) = begins.first() else { return Ok(answered) };
        let noise = [Endpoint::Assets.as_str(), Endpoint::Health.as_str()];
        let meant = endpoint.map_or(Meant::AllBut(&noise), |endpoint| Meant::Only(endpoint.as_str()));
        for (metric, letters) in [(ANSWERS, CLASS_LETTERS), (LATENCY, BUCKET_LETTERS)] {
            for Figure { begins_at, label, count, .. } in
                app.store.figures_over_time(span, metric, letters, from, meant).await?
            {
                let place = begins.iter().position(|begin| *begin == begins_at);
                if let Some(answers) = place.and_then(|place| answered.spans.get_mut(place)) {
                    answers.add(metric, &label, count);
                }
            }
            for Figure { label, count, .. } in app.store.figures_by_label(span, metric, from).await? {
                let Some((endpoint, what)) = label.split_once('/') else { continue };
                answered.by_endpoint.entry(endpoint.to_owned()).or_default().add(metric, what, count);
            }
        }
        Ok(answered)
    }

    /// What an endpoint answered in the range.
    pub(super) fn of(&self, endpoint: Endpoint) -> Answers {
        self.by_endpoint.get(endpoint.as_str()).copied().unwrap_or_default()
    }
}
