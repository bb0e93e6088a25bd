//! Who acts, in a handler behind the gate.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use idp_core::admin::{Department, Operation, Staff};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::AccountId;

use super::gate::refused;
use crate::clients::Hand;
use crate::error::AppError;
use crate::state::App;
use crate::view::console::Console;

/// A member of staff, or a program, whom the gate let through for one operation.
#[derive(Clone, Debug)]
pub struct OnDuty {
    /// Who, with their roles.
    pub staff: Staff,
    /// What the gate let them through for.
    pub operation: Operation,
    /// Whose hand it is, in the audit log.
    pub hand: Hand,
}

impl FromRequestParts<App> for OnDuty {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, AppError> {
        let behind_the_gate = parts.extensions.get::<Self>().cloned();
        behind_the_gate.ok_or_else(|| AppError::internal("a console handler stands outside the gate"))
    }
}

impl OnDuty {
    /// Their account.
    pub fn id(&self) -> AccountId {
        self.staff.account_id
    }

    /// Goes on only when they may do this operation for what belongs to `department`.
    ///
    /// # Errors
    /// The page that says that they may not.
    pub fn over(&self, department: Option<&Department>) -> Result<(), AppError> {
        if self.staff.may_for(self.operation, department) { Ok(()) } else { Err(refused()) }
    }

    /// A line of the audit log in which they act.
    pub fn event(&self, action: Action) -> AuditEvent {
        self.hand.event(action)
    }

    /// The console around a page of theirs; `here` is the section it belongs to.
    pub fn console(&self, here: &'static str) -> Console {
        Console::for_staff(&self.staff, here)
    }
}
