//! `/not-me`: the link in a notice of what was done in a member's name. It freezes the account, and an officer looks at it;
//! after a sign-in that was somebody else's it signs everybody out, and the owner sets another password.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::password::PasswordHash;
use idp_core::secret::{Digest, Secret};
use idp_store::{LOST_FACTOR_DISPUTE, OneTimeLink, SIGN_IN_DISPUTE, ThaidDoor};
use serde::Deserialize;

use super::{recover, words};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::oidc::pending::handle;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{MessagePage, NotMePage, Sign};
use crate::view::shell::{Action as PageAction, Shell};
use crate::view::text::Text;

/// What somebody says was not them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disputed {
    /// The verification of their identity.
    Verification,
    /// The change of their password.
    Password,
    /// A change of their second factors.
    Factors,
    /// A sign-in with a new browser.
    SignIn,
    /// A passkey that was added or removed.
    Passkey,
    /// That a change of their e-mail address was taken back.
    EmailUndo,
    /// That a lost second factor is to be removed.
    LostFactor,
}

impl Disputed {
    const ALL: [Self; 7] = [
        Self::Verification,
        Self::Password,
        Self::Factors,
        Self::SignIn,
        Self::Passkey,
        Self::EmailUndo,
        Self::LostFactor,
    ];

    /// The purpose of its link.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Verification => "not-me",
            Self::Password => "not-me-password",
            Self::Passkey => "not-me-passkey",
            Self::Factors => "not-me-factors",
            Self::SignIn => SIGN_IN_DISPUTE,
            Self::EmailUndo => "not-me-email-undo",
            Self::LostFactor => LOST_FACTOR_DISPUTE,
        }
    }
}

/// It may be used for so long after what it is about.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);

/// A link by which its owner objects to what is done to `account` at `then`, and its address for the letter about it.
pub fn objection(app: &App, account: AccountId, disputed: Disputed, then: DateTime<Utc>) -> (OneTimeLink, String) {
    let secret = Secret::make(&*app.chance);
    let link = OneTimeLink {
        digest: secret.digest(),
        account_id: account,
        purpose: disputed.purpose().to_owned(),
        expires_at: then + LIFETIME,
    };
    (link, format!("{}?token={}", app.url(urls::NOT_ME), secret.reveal()))
}

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
        Disputed::Factors => Text::key("not-me-factors"),
        Disputed::SignIn => Text::key("not-me-sign-in"),
        Disputed::EmailUndo => Text::key("not-me-email-undo"),
        Disputed::LostFactor => Text::key("not-me-lost-factor"),
    };
    let (then, confirm) = match disputed {
        Disputed::SignIn | Disputed::LostFactor if opened_by_thaid(&app, account.id).await? => {
            ("not-me-sign-in-then-thaid", "not-me-sign-in-confirm")
        }
        Disputed::SignIn | Disputed::LostFactor => ("not-me-sign-in-then", "not-me-sign-in-confirm"),
        _ => ("not-me-then", "not-me-confirm"),
    };
    let page = NotMePage {
        shell: visitor.shell(),
        token: token.to_owned(),
        what,
        then: Text::key(then),
        confirm: Text::key(confirm),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: sessions end, the badge no longer counts, nobody signs in until an officer has looked.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let token = form.given("token").and_then(handle).ok_or_else(spent)?;
    let digest = Secret::presented(token).digest();
    let (disputed, account) = find(&app, visitor, &digest).await?;
    if matches!(disputed, Disputed::SignIn | Disputed::LostFactor) {
        return sign_in_was_not_theirs(&app, visitor, &digest, account, disputed).await;
    }
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::IdentityDisputed)
        .account(account)
        .detail(serde_json::json!({ "what": disputed.purpose() }))
        .from(visitor.origin.to_string());
    if !app.store.dispute_deed(&digest, disputed.purpose(), LIFETIME, visitor.now, &[event]).await? {
        return Err(spent());
    }
    let page = MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "not-me-done",
        sign: Sign::Done,
        title: Text::key("not-me-done-title"),
        body: vec![Text::key("not-me-done-body")],
        actions: vec![PageAction::primary(urls::HOME, Text::key("error-page-home"))],
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// Somebody else knows the password: everybody is signed out, a removal of second factors that waits is called off, and the
/// owner sets another one. Nothing else is taken away.
async fn sign_in_was_not_theirs(
    app: &App,
    visitor: &Visitor,
    digest: &Digest,
    account: AccountId,
    disputed: Disputed,
) -> Result<Response, AppError> {
    let action = match disputed {
        Disputed::LostFactor => Action::FactorRecoveryCancelled,
        _ => Action::SignInDisputed,
    };
    let (url, recovery) = recover::fresh_link(app, visitor.now, account);
    let event =
        AuditEvent::new(visitor.now, Actor::Anonymous, action).account(account).from(visitor.origin.to_string());
    let purpose = disputed.purpose();
    let by_thaid = opened_by_thaid(app, account).await?;
    let door = if by_thaid { ThaidDoor::Closed } else { ThaidDoor::Left };
    let stored = app.store.account(account).await?.ok_or_else(spent)?;
    let void = PasswordHash::of_nobody(stored.account.password.cost());
    if !app.store.dispute_sign_in(digest, purpose, &recovery, &void, door, visitor.now, &[event]).await? {
        return Err(spent());
    }
    let mut body = vec![Text::key("disputed-body"), Text::key("disputed-password")];
    if by_thaid {
        body.push(Text::key("disputed-thaid"));
    }
    let page = MessagePage {
        shell: Shell { member: None, ..visitor.shell() },
        id: "sign-in-disputed",
        sign: Sign::Done,
        title: Text::key("disputed-title"),
        body,
        actions: vec![PageAction::primary(url, Text::key("undo-email-done-set"))],
    };
    let mut response = page.render_response(StatusCode::OK).into_response();
    if visitor.member.as_ref().is_some_and(|member| member.account.account.id == account) {
        visitor.jar.clear(response.headers_mut(), Cookie::Session);
    }
    Ok(visitor.dress(response))
}

/// Whether ThaID opens this account: then a stranger may have come in that way, too.
async fn opened_by_thaid(app: &App, account: AccountId) -> Result<bool, AppError> {
    if app.thaid.is_none() {
        return Ok(false);
    }
    Ok(app.store.account(account).await?.is_some_and(|stored| stored.badge().is_some()))
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
