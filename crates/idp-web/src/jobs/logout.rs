//! Tells services that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.5): each notice under a lease, again
//! and again at growing intervals, until it is delivered or given up.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::jose::{Content, TokenType};
use idp_core::secret::base64url;
use idp_core::token::{LogoutClaims, subject};
use idp_store::{LogoutNotice, StoreError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Leader;
use crate::figures::Delivery;
use crate::oidc::client_keys::keys_of;
use crate::state::App;

/// Longer than the longest request to a service may take.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// So many at a time, and so many of one service.
const BATCH: u32 = 64;
const EACH: u32 = 8;
/// So many batches under way at once: one that waits for a slow service keeps no other from being told.
const ROUNDS: usize = 4;
/// A member who signs out here is signed out everywhere within about this time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Delivers what is due, every second.
pub(super) async fn run(app: App, stop: CancellationToken) {
    let holder = Leader::new(&app).holder();
    let rounds = Arc::new(Semaphore::new(ROUNDS));
    let mut under_way = JoinSet::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = look.tick() => {}
        }
        while under_way.try_join_next().is_some() {}
        if let Ok(permit) = Arc::clone(&rounds).try_acquire_owned() {
            let app = app.clone();
            under_way.spawn(async move {
                if let Err(error) = deliver_notices(&app, holder).await {
                    tracing::error!("notices of sign-out cannot reach their store: {error}");
                }
                drop(permit);
            });
        }
    }
    // What is under way is finished: it takes seconds, and nothing is told twice.
    while under_way.join_next().await.is_some() {}
}

/// Delivers what is due now, all at once, and says how many notices were taken in hand.
///
/// # Errors
/// When the store is down; a service that is down is no error, its notices wait.
pub async fn deliver_notices(app: &App, holder: Uuid) -> Result<usize, StoreError> {
    let notices = app.store.lease_notices(holder, app.now(), LEASE, EACH, BATCH).await?;
    let taken = notices.len();
    let mut deliveries = JoinSet::new();
    for notice in notices {
        let app = app.clone();
        deliveries.spawn(async move { deliver(&app, &notice).await });
    }
    let mut done = Ok(taken);
    while let Some(delivered) = deliveries.join_next().await {
        if let Ok(Err(error)) = delivered {
            done = Err(error);
        }
    }
    done
}

async fn deliver(app: &App, notice: &LogoutNotice) -> Result<(), StoreError> {
    let error = match tell(app, notice).await? {
        None => {
            app.meter.delivery(Delivery::NoticeDelivered);
            return app.store.notice_delivered(notice, app.now()).await;
        }
        Some(error) => error,
    };
    let now = app.now();
    // 10 s, 20 s, 40 s … up to an hour.
    let pause = TimeDelta::seconds(5 << notice.attempts.min(10)).min(TimeDelta::hours(1));
    let (client, attempts) = (&notice.client_id, notice.attempts);
    if now + pause < notice.expires_at {
        app.meter.delivery(Delivery::NoticeFailed);
        tracing::warn!(client.id = %client, attempts, "{client} was not told of a sign-out: {error}");
        return app.store.notice_retry(notice, now + pause, &error).await;
    }
    app.meter.delivery(Delivery::NoticeGivenUp);
    tracing::error!(client.id = %client, attempts, "{client} was never told of a sign-out, and is given up: {error}");
    let event = AuditEvent::new(now, Actor::System, Action::LogoutNoticeGivenUp)
        .account(notice.account_id)
        .client(client)
        .session(notice.sid)
        .detail(serde_json::json!({ "attempts": attempts, "error": error }));
    app.store.notice_given_up(notice, &error, now, &[event]).await
}

/// Sends the logout token; what went wrong, if anything. A token is made for each attempt: it is short-lived.
async fn tell(app: &App, notice: &LogoutNotice) -> Result<Option<String>, StoreError> {
    let client = app.store.client(&notice.client_id).await?;
    // A client that no longer wants to be told has been told all it wants.
    let Some((client, uri)) = client.as_ref().and_then(|client| Some((client, client.logout.back.as_ref()?))) else {
        return Ok(None);
    };
    // Of an account erased meanwhile there is no sub any more; the session says enough.
    let account = app.store.account(notice.account_id).await?;
    let sub = account.map(|account| subject(&account.subject_seed, client));
    let mut jti = [0; 16];
    app.chance.fill(&mut jti);
    let (sid, now) = (notice.sid.to_string(), app.now());
    let claims = LogoutClaims::new(app.issuer(), client.id.as_str(), sub.as_deref(), &sid, base64url(&jti), now);
    // Back-Channel Logout §2.6: signed as the client's ID tokens are.
    let token =
        app.keys.load().signing(client.id_token_algorithm).map(|key| key.seal_claims(TokenType::Logout, &claims));
    let Some(Ok(mut token)) = token else { return Ok(Some("no signing key is ready".to_owned())) };
    // §2.4: and encrypted as they are.
    if let Some(how) = client.answers.id_token_encryption {
        let encrypted = match keys_of(app, client, now).await {
            Ok(keys) => keys.encrypt(how, Content::Token, token.as_bytes()).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        token = match encrypted {
            Ok(token) => token,
            Err(error) => return Ok(Some(format!("the logout token could not be encrypted: {error}"))),
        };
    }
    let sent = app.egress.post_form(uri, format!("logout_token={token}")).await;
    Ok(sent.err().map(|error| error.to_string()))
}
