//! The outbox: mails leave from here, each under a lease, again and again until they are sent or pointless.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use idp_store::{QueuedMail, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Leader;
use crate::account::post_office::Envelope;
use crate::account::recover::answer;
use crate::figures::Delivery;
use crate::mail::{MailError, Mailer};
use crate::state::App;
use crate::view::lang::Lang;

/// Carries mails.
pub type Mailman = Arc<Mailer>;

/// A mail that is being sent is nobody else's for so long.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// So many at a time.
const BATCH: u64 = 20;

/// Delivers as mails are queued, and looks again every few seconds.
pub(super) async fn run(app: App, mailman: Mailman, stop: CancellationToken) {
    let holder = Leader::new(&app).holder();
    let pause = Duration::from_secs(app.config.mail.outbox_interval_seconds.max(1));
    loop {
        match deliver_due(&app, &mailman, holder).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!("the outbox cannot reach its store: {error}"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.mail_queued.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Delivers what is due now, and says how many mails were taken in hand.
///
/// # Errors
/// When the store is down; a mail server that is down is no error, its mails wait.
pub async fn deliver_due(app: &App, mailman: &Mailman, holder: Uuid) -> Result<usize, StoreError> {
    let begun = app.now();
    let mails = app.store.lease_mails(holder, begun, LEASE, BATCH).await?;
    for mail in &mails {
        // A slow server must not take us past the lease: what is left would be sent by somebody else as well.
        if app.now() - begun > LEASE / 2 {
            break;
        }
        deliver(app, mailman, mail).await?;
    }
    Ok(mails.len())
}

async fn deliver(app: &App, mailman: &Mailman, mail: &QueuedMail) -> Result<(), StoreError> {
    let now = app.now();
    if now >= mail.expires_at {
        tracing::warn!(mail.id = %mail.id, mail.kind, "a mail was not sent in time and is dropped");
        app.meter.delivery(Delivery::MailDropped);
        return app.store.mail_dropped(mail.id, "expired", now).await;
    }
    if mail.kind == answer::ASKED {
        return answer::answer(app, mail).await;
    }
    let envelope = match Envelope::open(app, mail.id, &mail.sealed) {
        Ok(envelope) => envelope,
        Err(error) => {
            tracing::error!(mail.id = %mail.id, mail.kind, "a mail cannot be opened: {error}");
            app.meter.delivery(Delivery::MailDropped);
            return app.store.mail_dropped(mail.id, "unreadable", now).await;
        }
    };
    let lang = Lang::from_tag(&envelope.lang).unwrap_or_default();
    let composed = envelope.letter.compose(lang, &app.sender);
    match mailman.send(mail.id.0, &envelope.to, &composed, envelope.written_at).await {
        Ok(()) => {
            app.meter.delivery(Delivery::MailSent);
            app.store.mail_sent(mail.id, app.now()).await
        }
        Err(refusal @ MailError::Permanent { .. }) => {
            tracing::warn!(mail.id = %mail.id, mail.kind, "{refusal}");
            app.meter.delivery(Delivery::MailDropped);
            app.store.mail_dropped(mail.id, "refused", now).await
        }
        Err(delay @ MailError::Temporary { .. }) => {
            // 20 s, 40 s, 80 s … up to half an hour.
            let pause = TimeDelta::seconds(10 << mail.attempts.min(8)).min(TimeDelta::minutes(30));
            tracing::warn!(mail.id = %mail.id, mail.kind, "{delay}");
            app.meter.delivery(Delivery::MailFailed);
            app.store.mail_retry(mail.id, now + pause, "temporary").await
        }
    }
}
