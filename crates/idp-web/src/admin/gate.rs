//! Who comes in: a live session of somebody with a role, with a strong second factor, and with a young proof for what has
//! consequences. `core/admin/entry.rs` decides; roles are read from their rows at every request.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use idp_core::account::Access;
use idp_core::admin::{AtTheGate, Entry, Operation, PROOF_AGE, Staff, enter};

use idp_core::audit::Actor;

use super::{OnDuty, again};
use crate::account::proof::{self, Demand, Destination, Proof};
use crate::clients::Hand;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::urls;

/// Stands before the one route that does `operation`.
pub(super) async fn gate(State((app, operation)): State<(App, Operation)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => visitor,
        Err(error) => return error.into_response(),
    };
    match judge(&app, &visitor, operation).await {
        Ok(duty) => {
            parts.extensions.insert(duty);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(Stopped::Answer(answer)) => *answer,
        Err(Stopped::Prove) => match prove(&app, &visitor, operation, Request::from_parts(parts, body)).await {
            Ok(way) => way,
            Err(error) => error.into_response(),
        },
    }
}

/// Why nobody comes in.
enum Stopped {
    /// They hear this.
    Answer(Box<Response>),
    /// They prove again who they are, or prove more.
    Prove,
}

/// The way to a proof. What was asked for waits meanwhile (`again.rs`).
async fn prove(app: &App, visitor: &Visitor, operation: Operation, request: Request) -> Result<Response, AppError> {
    let back = again::keep(app, visitor, operation, request).await?;
    match proof::ask(app, visitor, Demand::Staff, back).await? {
        Proof::Missing(way) => Ok(way),
        // Cannot be: the gate and the proof ask for the same. Nobody comes in by it.
        Proof::Given(_) => Err(refused()),
    }
}

async fn judge(app: &App, visitor: &Visitor, operation: Operation) -> Result<OnDuty, Stopped> {
    let failed = |error: AppError| Stopped::Answer(Box::new(error.into_response()));
    let to_sign_in = || Stopped::Answer(Box::new(visitor.go(&sign_in())));
    let Some(member) = &visitor.member else { return Err(to_sign_in()) };
    let id = member.account.account.id;
    let roles = app.store.staff_roles_of(id).await.map_err(|error| failed(error.into()))?;
    let staff = Staff::of(id, &roles);
    let at_the_gate = AtTheGate {
        staff: staff.as_ref(),
        in_good_standing: member.account.account.access(visitor.now) == Access::Full,
        strong: member.session.has_strong_factor(),
        fresh: visitor.now - member.session.authenticated_at <= PROOF_AGE,
    };
    match (enter(Some(at_the_gate), operation), staff) {
        (Entry::Open, Some(staff)) => {
            let hand = Hand {
                actor: Actor::Staff(id),
                session: Some(member.session.id),
                origin: Some(visitor.origin.to_string()),
                now: visitor.now,
            };
            Ok(OnDuty { staff, operation, hand })
        }
        (Entry::SecondFactor | Entry::ProveAgain, _) => Err(Stopped::Prove),
        (Entry::SignIn, _) => Err(to_sign_in()),
        (Entry::Refused | Entry::Open, _) => Err(failed(refused())),
    }
}

/// The sign-in page, which leads back to the console.
fn sign_in() -> String {
    urls::with_destination(urls::LOGIN, Some(Destination::Console))
}

/// No role, or none that may do this.
pub(crate) fn refused() -> AppError {
    AppError::new(StatusCode::FORBIDDEN, "not_permitted", "adm-refused-title", "adm-refused-body")
        .next(urls::PROFILE, "profile-title")
}
