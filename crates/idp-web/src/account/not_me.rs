//! `/not-me`: the link in the notice of a verification or of a new password. It freezes the account; an officer looks at
//! it.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::secret::{Digest, Secret};
use serde::Deserialize;

use super::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::pending::handle;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{MessagePage, NotMePage, Sign};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// What somebody says was not them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disputed {
    /// The verification of their identity.
    Verification,
    /// The change of their password.
    Password,
    /// A passkey that was added or removed.
    Passkey,
}

impl Disputed {
    const ALL: [Self; 3] = [Self::Verification, Self::Password, Self::Passkey];

    /// The purpose of its link.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Verification => "not-me",
            Self::Password => "not-me-password",
            Self::Passkey => "not-me-passkey",
        }
    }
}

/// It may be used for so long.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);

/// The link's token.
#[derive(Deserialize)]
pub struct Opened {
    token: Option<String>,
}

/// GET: shows what will happen. A mail program that opens links changes nothing.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(opened): Query<Opened>) -> Result<Response, AppError> {
    let token = opened.token.as_deref().and_then(handle).ok_or_else(spent)?;
    let digest = Secret::presented(token).digest();
    let (disputed, account) = find(&app, &visitor, &digest).await?;
    let account = app.store.account(account).await?.ok_or_else(spent)?;
    let what = match disputed {
        Disputed::Verification => {
            let badge = account.badge().ok_or_else(spent)?;
            Text::key("not-me-verified").with("when", words::moment(badge.at, visitor.lang))
        }
        Disputed::Password => Text::key("not-me-password"),
        Disputed::Passkey => Text::key("not-me-passkey"),
    };
    let page = NotMePage { shell: visitor.shell(), token: token.to_owned(), what };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: sessions end, the badge no longer counts, nobody signs in until an officer has looked.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let token = form.given("token").and_then(handle).ok_or_else(spent)?;
    let digest = Secret::presented(token).digest();
    let (disputed, account) = find(&app, visitor, &digest).await?;
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::IdentityDisputed)
        .account(account)
        .detail(serde_json::json!({ "what": disputed.purpose() }))
        .from(visitor.origin.to_string());
    // Frozen first: should the program die in between, the link can be used again. Freezing twice changes nothing.
    let event = [event];
    let frozen = app.store.freeze(account, visitor.now, &event, &[]).await?;
    // An account that was stopped already is disputed all the same.
    let unsaid = if frozen { &[] } else { &event[..] };
    app.store.redeem_link(&digest, disputed.purpose(), visitor.now, unsaid).await?;
    let page = MessagePage {
        shell: crate::view::shell::Shell { member: None, ..visitor.shell() },
        id: "not-me-done",
        sign: Sign::Done,
        title: Text::key("not-me-done-title"),
        body: vec![Text::key("not-me-done-body")],
        actions: vec![PageAction::primary(urls::HOME, Text::key("error-page-home"))],
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// Which of the links it is, and whose account it is about.
async fn find(app: &App, visitor: &Visitor, digest: &Digest) -> Result<(Disputed, AccountId), AppError> {
    for disputed in Disputed::ALL {
        if let Some(account) = app.store.peek_link(digest, disputed.purpose(), visitor.now).await? {
            return Ok((disputed, account));
        }
    }
    Err(spent())
}

fn spent() -> AppError {
    AppError::new(StatusCode::GONE, "link_expired", "error-page-link-title", "error-page-link-body")
}
