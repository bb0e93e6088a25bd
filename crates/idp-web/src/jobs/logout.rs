//! Tells services that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.5): each notice under a lease, again
//! and again at growing intervals, until it is delivered or given up.

use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::jose::{Content, TokenType};
use idp_core::secret::base64url;
use idp_core::token::{LogoutClaims, subject};
use idp_store::{LogoutNotice, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::deliver::{BATCH, EACH, LEASE, all_at_once, every_second, pause};
use crate::figures::Delivery;
use crate::oidc::client_keys::keys_of;
use crate::state::App;

/// Delivers what is due, every second.
pub(super) async fn run(app: App, stop: CancellationToken) {
    every_second(app, stop, "notices of sign-out", |app, holder| async move { deliver_notices(&app, holder).await })
        .await;
}

/// Delivers what is due now, all at once, and says how many notices were taken in hand.
///
/// # Errors
/// When the store is down; a service that is down is no error, its notices wait.
pub async fn deliver_notices(app: &App, holder: Uuid) -> Result<usize, StoreError> {
    let notices = app.store.lease_notices(holder, app.now(), LEASE, EACH, BATCH).await?;
    let taken = notices.len();
    all_at_once(notices.into_iter().map(|notice| {
        let app = app.clone();
        async move { deliver(&app, &notice).await }
    }))
    .await?;
    Ok(taken)
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
    let (client, attempts, pause) = (&notice.client_id, notice.attempts, pause(notice.attempts));
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
