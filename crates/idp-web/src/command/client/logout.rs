//! What `idp client` says about notices of sign-out.

use idp_core::client::{Client, LogoutDraft};
use idp_store::{OpenNotice, Store};
use serde_json::{Value, json};

use super::super::{Failure, print, say};

/// More than anybody reads.
const MOST: u32 = 1000;

/// The flags of `idp client create`.
#[derive(clap::Args)]
pub(super) struct LogoutFlags {
    /// Where the provider posts a signed message when a member's session is over, https: the service then ends its own.
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// The service cannot do without `sid` in that message; it is always there.
    #[arg(long, requires = "backchannel_logout_uri")]
    backchannel_logout_session_required: bool,
    /// What the member's browser loads in a hidden frame on signing out, at the place of a redirect URI. Browsers that
    /// keep other sites' cookies back make this unreliable: prefer --backchannel-logout-uri.
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// The service cannot do without `iss` and `sid` there; they are always there.
    #[arg(long, requires = "frontchannel_logout_uri")]
    frontchannel_logout_session_required: bool,
}

impl LogoutFlags {
    pub(super) fn into_draft(self) -> LogoutDraft {
        LogoutDraft {
            back: self.backchannel_logout_uri,
            back_needs_sid: self.backchannel_logout_session_required,
            front: self.frontchannel_logout_uri,
            front_needs_sid: self.frontchannel_logout_session_required,
        }
    }
}

/// Says in a line what a client was not told.
pub(super) async fn warn_of_open(store: &Store, client: &Client) -> Result<(), Failure> {
    let open = store.open_notices(Some(&client.id), MOST).await?;
    let given_up = open.iter().filter(|notice| notice.given_up_at.is_some()).count();
    if !open.is_empty() {
        let waiting = open.len() - given_up;
        say(format!(
            "\nNotices of sign-out: {waiting} waiting, {given_up} given up; `idp client notices {}` shows them.",
            client.id
        ));
    }
    Ok(())
}

/// Lists what was not delivered.
pub(super) async fn list(store: &Store, client: Option<&Client>, json: bool) -> Result<(), Failure> {
    let open = store.open_notices(client.map(|client| &client.id), MOST).await?;
    if json {
        print(&open.iter().map(shape).collect::<Vec<_>>());
        return Ok(());
    }
    for notice in &open {
        let state = match notice.given_up_at {
            Some(at) => format!("given up {}", at.to_rfc3339()),
            None => format!("next try {}", notice.due_at.to_rfc3339()),
        };
        let error = notice.last_error.as_deref().unwrap_or("not tried yet");
        say(format!("{:24} {} {} attempts, {state}: {error}", notice.client_id, notice.sid, notice.attempts));
    }
    Ok(())
}

fn shape(notice: &OpenNotice) -> Value {
    json!({
        "client_id": notice.client_id,
        "sid": notice.sid.to_string(),
        "why": notice.why,
        "made_at": notice.made_at,
        "attempts": notice.attempts,
        "due_at": notice.due_at,
        "given_up_at": notice.given_up_at,
        "last_error": notice.last_error,
    })
}
