//! `/signout` and `/signout/everywhere`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::audit::{Action, AuditEvent};
use idp_core::session::SessionEnd;
use idp_store::Ending;

use crate::account::post_office::{Posting, post as seal_letter};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::front_channel::{self, Frame};
use crate::oidc::logout::{end_this_session, signed_out};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::SignOutPage;

/// GET: a page that asks, for whoever comes here by a link.
pub async fn get(visitor: Visitor) -> Response {
    if visitor.member.is_none() {
        return visitor.dress(signed_out(&visitor));
    }
    let page =
        SignOutPage { shell: visitor.shell(), service: None, request: None, cancel_href: urls::PROFILE.to_owned() };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}

/// POST: this browser.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let mut frames = Vec::new();
    if let Some(member) = &form.visitor.member {
        frames = front_channel::frames(&app, member).await?;
        end_this_session(&app, &form.visitor, member).await?;
    }
    Ok(done(&form.visitor, frames))
}

/// POST: every browser, every service.
pub async fn everywhere(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let mut frames = Vec::new();
    if let Some(member) = &visitor.member {
        frames = front_channel::frames(&app, member).await?;
        let account = &member.account.account;
        let letter = Letter::SignedOutEverywhere { name: account.profile.full_name(), at: visitor.now };
        let posting = Posting {
            account: Some(account.id),
            to: &account.email,
            lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
            good_for: chrono::TimeDelta::days(2),
            once: None,
        };
        let mail = seal_letter(&app, posting, letter, visitor.now);
        let event = AuditEvent::by_member(visitor.now, account.id, Action::SignedOut)
            .session(member.session.id)
            .from(visitor.origin.to_string());
        app.store
            .end_sessions(Ending::Account(account.id), SessionEnd::SignedOutEverywhere, visitor.now, &[event], &[mail])
            .await?;
        app.mail_queued.notify_one();
    }
    Ok(done(visitor, frames))
}

/// `frames`: pages of services that this browser is signed in to.
fn done(visitor: &Visitor, frames: Vec<Frame>) -> Response {
    let mut response = if frames.is_empty() { signed_out(visitor) } else { front_channel::page(visitor, frames, None) };
    visitor.jar.clear(response.headers_mut(), Cookie::Session);
    visitor.dress(response)
}
