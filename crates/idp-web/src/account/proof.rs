//! Proof of presence: sensitive pages ask for one that is young.

use axum::response::Response;
use chrono::TimeDelta;

use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::state::App;
use crate::urls;

/// A page of ours that asks for a proof, and to which its visitor comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// `/profile/data`
    Data,
    /// `/profile/restrict`
    Restrict,
    /// `/verify/renew`
    Renew,
}

/// What a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Members about their own account: within five minutes.
    Member,
}

/// Whether the visitor has proven enough.
pub enum Proof {
    /// They have.
    Given(Member),
    /// They have not: where they are sent instead.
    Missing(Response),
}

/// Asks for a proof.
///
/// # Errors
/// When the store does not answer.
#[expect(clippy::unused_async, reason = "factors are read here")]
pub async fn ask(_app: &App, visitor: &Visitor, _demand: Demand, _back: Destination) -> Result<Proof, AppError> {
    let Some(member) = visitor.member.clone() else { return Ok(Proof::Missing(visitor.go(urls::LOGIN))) };
    if visitor.now - member.session.authenticated_at > TimeDelta::minutes(5) {
        return Ok(Proof::Missing(visitor.go("/login?again=yes")));
    }
    Ok(Proof::Given(member))
}
