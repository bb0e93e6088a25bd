//! Recovery codes.

use idp_core::account::{Account, RecoveryCode};
use idp_core::audit::{Action, AuditEvent};

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::view::text::Text;

/// Judges a code and spends it.
pub(super) async fn accept(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    typed: &str,
) -> Result<Result<(), Text>, AppError> {
    let wrong = || Ok(Err(Text::key("second-recovery-wrong")));
    let Some(code) = RecoveryCode::parse(typed) else { return wrong() };
    let event = AuditEvent::by_member(visitor.now, account.id, Action::FactorRecovered)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "by": "recovery-code" }));
    match app.store.use_recovery_code(account.id, &code.digest(account.id), visitor.now, &[event]).await? {
        true => Ok(Ok(())),
        false => wrong(),
    }
}
