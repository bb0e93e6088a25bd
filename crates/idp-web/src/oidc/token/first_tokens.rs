//! The first tokens of a grant, whether its code came through a browser or to a device.

use axum::response::Response;
use idp_core::client::GrantType;
use idp_core::dpop::Thumbprint;
use idp_core::grant::{Grant, GrantState, RefreshFamily, RefreshToken};
use idp_core::resource::Target;
use idp_core::token::expiry;
use idp_store::StoredAccount;

use super::mint::{Beforehand, Minting, Occasion, answer};
use super::{TokenError, TokenRequest};

/// Makes the tokens, and notes in `grant` what the write that spends its code has to keep.
///
/// # Errors
/// `invalid_grant` when the session is over; as [`answer`].
pub(super) async fn first_tokens(
    request: &TokenRequest<'_>,
    grant: &mut Grant,
    account: &StoredAccount,
    target: Target,
) -> Result<Response, TokenError> {
    let &TokenRequest { app, client, now, .. } = request;
    let refresh = begin(request, grant, account)?;
    let beforehand = Beforehand::of(app, client, grant, now).await?;
    answer(Minting {
        app,
        client,
        account,
        grant,
        beforehand: &beforehand,
        refresh: refresh.as_ref(),
        target,
        key: request.key.as_ref(),
        occasion: Occasion::Exchange,
        now,
    })
}

/// Begins what is redeemed: the family of refresh tokens, and the lives of session and membership around it.
///
/// # Errors
/// `invalid_grant` when the session is over.
fn begin(
    request: &TokenRequest<'_>,
    grant: &mut Grant,
    account: &StoredAccount,
) -> Result<Option<RefreshToken>, TokenError> {
    let &TokenRequest { app, client, now, .. } = request;
    let session_ends = grant.authenticated_at + app.session_limits().absolute;
    if now >= session_ends {
        return Err(TokenError::invalid_grant());
    }
    let refresh = client.may_use(GrantType::RefreshToken).then(|| RefreshToken::make(&*app.chance));
    grant.refresh = refresh.as_ref().map(|token| {
        let lifetime = app.lifetimes().refresh_absolute;
        RefreshFamily::begin(token, now, expiry(now, lifetime, session_ends, &account.account))
    });
    grant.state = GrantState::Redeemed { at: now };
    Ok(refresh)
}

/// The key that refresh tokens are bound to (RFC 9449 §5): those of public clients. Others prove who they are.
pub(super) fn lasting_key<'a>(request: &'a TokenRequest<'_>) -> Option<&'a Thumbprint> {
    request.key.as_ref().filter(|_| request.client.is_public())
}
