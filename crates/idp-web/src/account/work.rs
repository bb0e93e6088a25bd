//! Whoever keeps guessing works or waits before the next guess is looked at (`core/work.rs`). Asked of a form after
//! repeated failures for an account or from an origin; never of a browser the owner has signed in with, and never of a
//! passkey, which cannot be guessed.

use std::time::Duration;

use chrono::TimeDelta;
use idp_core::work::{self, LIFETIME, Paid, Price};
use idp_store::Space;

use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::view::page::WorkView;

/// Failures from an origin are counted for so long.
const COUNTED_FOR: Duration = Duration::from_secs(3600);

/// The form a task belongs to: what was paid at one door opens no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The password.
    SignIn,
    /// A link for a forgotten password.
    Recovery,
    /// A second factor.
    Second,
}

impl Door {
    fn word(self) -> &'static [u8] {
        match self {
            Self::SignIn => b"sign-in",
            Self::Recovery => b"recovery",
            Self::Second => b"second",
        }
    }
}

/// Counts a failure from the visitor's origin.
///
/// # Errors
/// When the short-lived store is full or down.
pub async fn failed(app: &App, visitor: &Visitor) -> Result<(), AppError> {
    app.short_lived.count(Space::Rate, &origin(visitor), COUNTED_FOR).await?;
    Ok(())
}

/// Whether this origin has failed so often that it has to work.
///
/// # Errors
/// When the short-lived store is down.
pub async fn origin_has_to(app: &App, visitor: &Visitor) -> Result<bool, AppError> {
    let counted = app.short_lived.get(Space::Rate, &origin(visitor)).await?;
    let counted = counted.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| text.parse::<u32>().ok());
    Ok(counted.unwrap_or(0) >= app.config.throttle.work_after_origin_failures)
}

/// Whether whoever is counted under `key` (see [`super::login::throttle_key`]) has to work: not in a browser that the owner
/// has signed in with.
///
/// # Errors
/// When a store is down.
pub async fn has_to(app: &App, visitor: &Visitor, key: &str) -> Result<bool, AppError> {
    if key.starts_with("device:") {
        return Ok(false);
    }
    let failures = app.store.failures(key, visitor.now).await?;
    Ok(failures >= app.config.throttle.work_after_failures || origin_has_to(app, visitor).await?)
}

/// Whether a page shows a task before anything was sent: in a browser that nobody has signed in with, at an origin that
/// has to work.
///
/// # Errors
/// When the short-lived store is down.
pub async fn page_asks(app: &App, visitor: &Visitor) -> Result<bool, AppError> {
    Ok(visitor.known_device().is_none() && origin_has_to(app, visitor).await?)
}

/// A task for this browser and this form.
pub fn task(app: &App, visitor: &Visitor, door: Door) -> WorkView {
    let browser = visitor.browser();
    let Price { bits, wait } = price(app);
    WorkView {
        task: work::task(&app.work_key, &[door.word(), browser.as_bytes()], &*app.chance, visitor.now),
        bits,
        wait: wait.num_seconds(),
    }
}

/// Whether the form pays for being looked at; the task is spent.
///
/// # Errors
/// When the short-lived store is full or down.
pub async fn paid(app: &App, form: &Posted, door: Door) -> Result<bool, AppError> {
    let visitor = &form.visitor;
    let browser = visitor.browser();
    let (task, answer) = (form.field("work_task"), form.field("work_answer"));
    let bound: [&[u8]; 2] = [door.word(), browser.as_bytes()];
    let price = price(app);
    match work::judge(&app.work_key, &bound, task, answer, price, visitor.now) {
        Paid::Computed => {}
        // Waiting costs nobody anything who waits for many at once: an origin waits for one after the other.
        Paid::Waited => {
            let turn = format!("waited:{}", visitor.origin_bucket());
            if !app.short_lived.put_new(Space::Rate, &turn, b"", duration(price.wait)).await? {
                return Ok(false);
            }
        }
        Paid::NotYet(_) | Paid::Void => return Ok(false),
    }
    Ok(app.short_lived.put_new(Space::Challenge, &format!("work:{task}"), b"", duration(LIFETIME)).await?)
}

fn price(app: &App) -> Price {
    let throttle = &app.config.throttle;
    Price { bits: throttle.work_bits, wait: TimeDelta::seconds(throttle.work_wait_seconds.into()) }
}

fn duration(span: TimeDelta) -> Duration {
    span.to_std().unwrap_or_default()
}

fn origin(visitor: &Visitor) -> String {
    format!("failed:{}", visitor.origin_bucket())
}
