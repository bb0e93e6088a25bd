//! The codes of an authenticator app.

use idp_core::account::{Account, TotpSecret};
use idp_core::seal::Purpose;
use idp_core::thai::ascii_digits;

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::view::text::Text;

/// Where a secret is sealed: it opens for its account alone.
pub(super) fn place(account: &Account) -> String {
    format!("totp_factors/{}", account.id)
}

/// Judges a code and spends its step.
pub(super) async fn accept(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    typed: &str,
) -> Result<Result<(), Text>, AppError> {
    let wrong = || Ok(Err(Text::key("second-wrong")));
    let Some(kept) = app.store.totp_secret(account.id).await? else { return wrong() };
    let secret = app
        .vault
        .open(Purpose::TotpSecret, &place(account), &kept.sealed)
        .map_err(|error| AppError::internal(error.to_string()))?;
    let secret =
        TotpSecret::from_bytes(&secret).ok_or_else(|| AppError::internal("a shared secret has another length"))?;
    let digits = plain_digits(typed);
    let Some(step) = secret.step_of(&digits, visitor.now, Some(kept.last_step)) else { return wrong() };
    match app.store.accept_totp(account.id, step, visitor.now).await? {
        true => Ok(Ok(())),
        false => wrong(),
    }
}

/// As apps show them, in two groups, and as Thai keyboards type them.
pub(super) fn plain_digits(typed: &str) -> String {
    ascii_digits(typed).chars().filter(|letter| !letter.is_whitespace()).collect()
}
