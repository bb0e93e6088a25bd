//! Steps waiting for their transaction: what they need, and whom to answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use tokio::sync::oneshot;

use super::{Tx, Verdict, Work};
use crate::StoreError;

/// Steps of any kind.
pub(crate) type AnyJob = Box<dyn Job>;

/// Steps that can be run, more than once if need be, and then answer their caller.
pub(crate) trait Job: Send {
    /// Runs the steps; whether what they wrote stays.
    fn run<'t>(&'t mut self, tx: &'t mut Tx<'_>) -> Work<'t, bool>;
    /// Answers the caller: with the verdict, or with what went wrong.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Steps<I, T, F> {
    input: I,
    steps: F,
    verdict: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

type Reply<T> = oneshot::Receiver<Result<T, StoreError>>;

pub(super) fn job<I, T, F>(input: I, steps: F) -> (AnyJob, Reply<T>)
where
    I: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'t, 'c> Fn(&'t mut Tx<'c>, &'t I) -> Work<'t, Verdict<T>> + Send + Sync + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Box::new(Steps { input, steps, verdict: None, reply }), receiver)
}

impl<I, T, F> Job for Steps<I, T, F>
where
    I: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'t, 'c> Fn(&'t mut Tx<'c>, &'t I) -> Work<'t, Verdict<T>> + Send + Sync + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx<'_>) -> Work<'t, bool> {
        Box::pin(async move {
            let (keep, verdict) = match surviving((self.steps)(tx, &self.input)).await? {
                Verdict::Keep(verdict) => (true, verdict),
                Verdict::Undo(verdict) => (false, verdict),
            };
            self.verdict = Some(verdict);
            Ok(keep)
        })
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { verdict, reply, .. } = *self;
        let answer = outcome.and_then(|()| verdict.ok_or_else(|| StoreError::unavailable("a write was not run")));
        // A caller that went away wants no answer.
        let _ = reply.send(answer);
    }
}

/// Turns a panic into an error, so that one job's mistake is not the end of the writer.
async fn surviving<T>(mut work: Work<'_, T>) -> Result<T, StoreError> {
    std::future::poll_fn(|context| {
        // The work is not polled again after a panic, and the transaction it may have left half-done is rolled back.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(Err(StoreError::unavailable("a write failed by a programming error"))),
        }
    })
    .await
}
