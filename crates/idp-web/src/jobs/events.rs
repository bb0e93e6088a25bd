//! Posts events to services (RFC 8935): each under a lease, again at growing pauses, until it is taken or given up. Events
//! that a service fetches are only given up here, when it never came.

use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::client::{Client, ClientStatus};
use idp_store::{ClientEvent, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::deliver::{BATCH, EACH, LEASE, all_at_once, every_second, pause};
use crate::figures::Delivery;
use crate::oidc::events::token_of;
use crate::state::App;

/// Delivers what is due, every second.
pub(super) async fn run(app: App, stop: CancellationToken) {
    every_second(app, stop, "events", |app, holder| async move { deliver_events(&app, holder).await }).await;
}

/// Delivers what is due now, all at once, and says how many events were taken in hand.
///
/// # Errors
/// When the store is down; a service that is down is no error, its events wait.
pub async fn deliver_events(app: &App, holder: Uuid) -> Result<usize, StoreError> {
    let events = app.store.lease_events(holder, app.now(), LEASE, EACH, BATCH).await?;
    let taken = events.len();
    all_at_once(events.into_iter().map(|event| {
        let app = app.clone();
        async move { deliver(&app, &event).await }
    }))
    .await?;
    Ok(taken)
}

async fn deliver(app: &App, event: &ClientEvent) -> Result<(), StoreError> {
    let client = app.store.client(&event.client_id).await?;
    let wanted = client.as_ref().filter(|client| client.events.kinds.contains(&event.kind));
    // One that is over for good has nothing left to fetch with.
    let wanted = wanted.filter(|client| client.status != ClientStatus::Retired || client.events.push.is_some());
    let error = match wanted {
        // A client that no longer wants it has been told all it wants.
        None => None,
        Some(client) => post(app, client, event).await?,
    };
    let now = app.now();
    let Some(error) = error else {
        app.meter.delivery(Delivery::EventDelivered);
        return app.store.event_delivered(event, now).await;
    };
    let (client, attempts, pause) = (&event.client_id, event.attempts, pause(event.attempts));
    if now + pause < event.expires_at {
        app.meter.delivery(Delivery::EventFailed);
        tracing::warn!(client.id = %client, attempts, "{client} did not take an event: {error}");
        return app.store.event_retry(event, now + pause, &error).await;
    }
    app.meter.delivery(Delivery::EventGivenUp);
    tracing::error!(client.id = %client, attempts, "{client} never took an event, and it is given up: {error}");
    let mut line = AuditEvent::new(now, Actor::System, Action::ClientEventGivenUp)
        .client(client)
        .detail(serde_json::json!({ "event": event.kind.as_str(), "attempts": attempts, "error": error }));
    line.account_id = event.account_id;
    app.store.event_given_up(event, &error, now, &[line]).await
}

/// What went wrong, if anything.
async fn post(app: &App, client: &Client, event: &ClientEvent) -> Result<Option<String>, StoreError> {
    let Some(uri) = &client.events.push else { return Ok(Some("the service never fetched it".to_owned())) };
    match token_of(app, client, event).await? {
        // Of an account erased meanwhile nobody is told any more.
        Ok(None) => Ok(None),
        Ok(Some(token)) => Ok(app.egress.post_event(uri, token).await.err().map(|error| error.to_string())),
        Err(error) => Ok(Some(error)),
    }
}
