//! Who has the address for which a recovery was asked? That is looked into after the asking was answered, by the outbox:
//! nothing that the browser sees or measures depends on it.

use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::mail::OutgoingMail;
use idp_store::{QueuedMail, StoreError};
use serde::{Deserialize, Serialize};

use super::{LIFETIME, fresh_link};
use crate::account::post_office::{self, Posting, post};
use crate::extract::Visitor;
use crate::mail::Letter;
use crate::state::App;
use crate::view::lang::Lang;

/// The kind under which an asking waits in the outbox.
pub const ASKED: &str = "recovery_asked";

/// An asking, sealed.
#[derive(Serialize, Deserialize)]
struct Asked {
    /// As it was typed, in its one spelling.
    email: String,
    /// The language of the page, for an account that has chosen none.
    lang: String,
    /// Where it came from.
    origin: String,
    /// The sign-in that waits, by its handle. In the same browser it goes on afterwards; elsewhere it is worth nothing.
    request: Option<String>,
}

/// An asking for the outbox.
pub(super) fn errand(app: &App, visitor: &Visitor, email: &EmailAddress, request: Option<&str>) -> OutgoingMail {
    let asked = Asked {
        email: email.as_str().to_owned(),
        lang: visitor.lang.tag().to_owned(),
        origin: visitor.origin.to_string(),
        request: request.map(str::to_owned),
    };
    post_office::errand(app, ASKED, &asked, visitor.now, LIFETIME)
}

/// Answers an asking that was taken from the outbox: whoever has the address is mailed a link, and for an address that
/// nobody has the asking is written down all the same. Once, however often it is taken.
///
/// # Errors
/// When the store is down; the asking waits.
pub async fn answer(app: &App, mail: &QueuedMail) -> Result<(), StoreError> {
    let now = app.now();
    let Some((asked, email)) = open(app, mail) else {
        tracing::error!(mail.id = %mail.id, mail.kind, "an asking cannot be opened");
        return app.store.mail_dropped(mail.id, "unreadable", now).await;
    };
    let event = AuditEvent::new(now, Actor::Anonymous, Action::RecoveryAsked).from(asked.origin);
    let Some(stored) = app.store.account_by_email(email.key()).await? else {
        let event = event.detail(serde_json::json!({ "address": app.address_mark(email.key()) }));
        return app.store.answer_recovery(mail.id, email.key(), None, &event, now).await;
    };
    let account = &stored.account;
    let (path, link) = fresh_link(app, now, account.id);
    let request = asked.request.map(|handle| format!("&request={handle}")).unwrap_or_default();
    let letter = Letter::RecoverPassword {
        name: account.profile.full_name(),
        url: app.url(&format!("{path}{request}")),
        minutes: u32::try_from(LIFETIME.num_minutes()).unwrap_or(30),
    };
    let spoken = [account.language.as_deref(), Some(asked.lang.as_str())];
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: spoken.into_iter().flatten().find_map(Lang::from_tag).unwrap_or_default(),
        good_for: LIFETIME,
        once: None,
    };
    let letter = post(app, posting, letter, now);
    let event = event.account(account.id);
    app.store.answer_recovery(mail.id, email.key(), Some((&link, &letter)), &event, now).await
}

fn open(app: &App, mail: &QueuedMail) -> Option<(Asked, EmailAddress)> {
    let asked: Asked = post_office::open(app, mail.id, &mail.sealed).ok()?;
    let email = EmailAddress::parse(&asked.email).ok()?;
    Some((asked, email))
}
