//! Verification: choose a way, fill in the card, ask the registry, become permanent.

mod ask;
mod card;
mod choose;
mod done;
mod mailbox;
mod own;
mod renew;
mod review;
mod stopped;
mod thaid;

pub use card::{get_public, get_staff, post_public, post_staff};
pub use choose::get as choose;
pub use done::get as done;
pub use mailbox::{check_code, code_page, mailbox_page, resend, send_code};
pub(in crate::account) use own::{Own, prove as prove_own, read as read_own};
pub(crate) use renew::renewed_badge;
pub use renew::{get as renew_page, may_renew, post as renew};
pub use thaid::{by_thaid, get as thaid_page, renew_by_thaid, unavailable};

use axum::response::Response;
use idp_core::account::Access;

use super::proof::{self, Demand, Destination, Proof};
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::state::App;
use crate::urls;

/// The member who may begin to verify now. Where ThaID signs in, the number that is verified opens the account from then on,
/// to whoever it belongs: so there it takes a young proof, and a stolen session alone gives nobody a door of their own.
/// Everybody else is led elsewhere.
///
/// # Errors
/// When the store does not answer.
pub async fn may_verify(
    app: &App,
    visitor: &Visitor,
    demand: Demand,
    request: Option<&str>,
) -> Result<Result<Member, Response>, AppError> {
    let member = match verifiable(visitor, request) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    if app.thaid.is_none() {
        return Ok(Ok(member));
    }
    Ok(match proof::ask_on_the_way(app, visitor, demand, Destination::Verify, request).await? {
        Proof::Given(member) => Ok(member),
        Proof::Missing(elsewhere) => Err(elsewhere),
    })
}

/// The member who may verify now: signed in, temporary, and not barred. Everybody else is led elsewhere.
#[expect(clippy::result_large_err, reason = "the other way is a page, and there is one for each request")]
fn verifiable(visitor: &Visitor, request: Option<&str>) -> Result<Member, Response> {
    let Some(member) = visitor.member.clone() else {
        return Err(visitor.go(&urls::with_request(urls::LOGIN, request)));
    };
    if member.account.badge().is_some() {
        return Err(match request {
            Some(handle) => visitor.go(&urls::with_request(urls::RESUME, Some(handle))),
            None => visitor.go(urls::PROFILE),
        });
    }
    match member.account.access(visitor.now) {
        Access::Full | Access::VerifyOrDelete => Ok(member),
        Access::KeepOrLeave | Access::Barred => Err(visitor.go(urls::PROFILE)),
    }
}
