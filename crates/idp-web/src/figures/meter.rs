//! The numbers that were counted and not written yet: one atomic number for each, and nothing else on the way of a request.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use idp_core::chance::Chance;
use idp_core::figures::{ANSWERS, BUCKETS, Counted, DELIVERIES, LATENCY, bucket_of};
use idp_store::{Store, StoreError};
use uuid::Uuid;

use super::Endpoint;
use crate::time::monotonic;

/// First digits of a status: 1 to 5.
const CLASSES: usize = 5;

/// What became of something that was to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each word says what it is")]
pub enum Delivery {
    MailSent,
    MailFailed,
    MailDropped,
    NoticeDelivered,
    NoticeFailed,
    NoticeGivenUp,
    EventDelivered,
    EventFailed,
    EventGivenUp,
}

impl Delivery {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::MailSent,
        Self::MailFailed,
        Self::MailDropped,
        Self::NoticeDelivered,
        Self::NoticeFailed,
        Self::NoticeGivenUp,
        Self::EventDelivered,
        Self::EventFailed,
        Self::EventGivenUp,
    ];

    /// Its stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MailSent => "mail_sent",
            Self::MailFailed => "mail_failed",
            Self::MailDropped => "mail_dropped",
            Self::NoticeDelivered => "notice_delivered",
            Self::NoticeFailed => "notice_failed",
            Self::NoticeGivenUp => "notice_given_up",
            Self::EventDelivered => "event_delivered",
            Self::EventFailed => "event_failed",
            Self::EventGivenUp => "event_given_up",
        }
    }
}

/// A batch under its name, until it is known to be written.
struct Batch {
    id: Uuid,
    at: DateTime<Utc>,
    counts: Vec<(Counted, u64)>,
}

/// The numbers of this node.
pub struct Meter {
    answers: Vec<[AtomicU64; CLASSES]>,
    latency: Vec<[AtomicU64; BUCKETS]>,
    deliveries: [AtomicU64; Delivery::ALL.len()],
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
    unwritten: Mutex<Option<Batch>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            answers: Endpoint::ALL.iter().map(|_| Default::default()).collect(),
            latency: Endpoint::ALL.iter().map(|_| std::array::from_fn(|_| AtomicU64::new(0))).collect(),
            deliveries: Default::default(),
            elapsed: monotonic(),
            unwritten: Mutex::default(),
        }
    }
}

impl Meter {
    /// Time since the meter was made, which no calendar disturbs.
    pub fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }

    /// Counts an answer.
    pub fn answered(&self, endpoint: Endpoint, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES) - 1;
        let place = endpoint.place();
        if let (Some(answers), Some(latency)) = (self.answers.get(place), self.latency.get(place)) {
            answers[class].fetch_add(1, Relaxed);
            latency[bucket_of(took)].fetch_add(1, Relaxed);
        }
    }

    /// Counts what became of something that was to be delivered.
    pub fn delivery(&self, what: Delivery) {
        self.deliveries[what as usize].fetch_add(1, Relaxed);
    }

    /// Adds what was counted to the database. A batch whose fate is not known is sent again as it is, under the same name.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost, and the next call tries again.
    pub async fn flush(&self, store: &Store, chance: &dyn Chance, now: DateTime<Utc>) -> Result<(), StoreError> {
        let earlier = self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let batch = earlier.unwrap_or_else(|| {
            let mut bytes = [0; 16];
            chance.fill(&mut bytes);
            Batch { id: uuid::Builder::from_random_bytes(bytes).into_uuid(), at: now, counts: self.take() }
        });
        if batch.counts.is_empty() {
            return Ok(());
        }
        let written = store.add_figures(batch.id, batch.at, &batch.counts).await;
        if written.is_err() {
            *self.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(batch);
        }
        written
    }

    fn take(&self) -> Vec<(Counted, u64)> {
        let mut counts = Vec::new();
        let mut put = |metric, label: String, number: &AtomicU64| {
            let count = number.swap(0, Relaxed);
            if count > 0 {
                counts.push((Counted { metric, label }, count));
            }
        };
        for endpoint in Endpoint::ALL {
            let name = endpoint.as_str();
            for (class, number) in self.answers[endpoint.place()].iter().enumerate() {
                put(ANSWERS, format!("{name}/{}", class + 1), number);
            }
            for (bucket, number) in self.latency[endpoint.place()].iter().enumerate() {
                put(LATENCY, format!("{name}/{bucket:02}"), number);
            }
        }
        for what in Delivery::ALL {
            put(DELIVERIES, what.as_str().to_owned(), &self.deliveries[what as usize]);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_taken_once() {
        let meter = Meter::default();
        meter.answered(Endpoint::Token, StatusCode::OK, Duration::from_millis(4));
        meter.answered(Endpoint::Token, StatusCode::OK, Duration::from_millis(4));
        meter.answered(Endpoint::Other, StatusCode::from_u16(999).unwrap(), Duration::from_secs(60));
        meter.delivery(Delivery::EventGivenUp);
        let counts: Vec<(String, u64)> =
            meter.take().into_iter().map(|(what, count)| (format!("{} {}", what.metric, what.label), count)).collect();
        let expected = [
            ("answers token/2", 2),
            ("latency token/03", 2),
            ("answers other/5", 1),
            ("latency other/22", 1),
            ("deliveries event_given_up", 1),
        ];
        assert_eq!(counts, expected.map(|(what, count)| (what.to_owned(), count)));
        assert!(meter.take().is_empty());
    }
}
