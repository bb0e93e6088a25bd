//! `/verify`: as general public, or as ministry personnel.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Access, MembershipState};
use idp_core::client::MembershipPolicy;

use super::verifiable;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::authorize::{Waiting, leading_on, load};
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::VerifyChoicePage;
use crate::view::text::Text;

/// GET.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let handle = waiting.handle();
    let member = match verifiable(&visitor, handle) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let client = match handle {
        Some(handle) => load(&app, &visitor, handle).await.ok().map(|(_, address)| address.client().clone()),
        None => None,
    };
    let service = client.as_ref().map(|client| in_lang(&client.name, visitor.lang).to_owned());
    let required_by =
        client.filter(|client| client.membership == MembershipPolicy::PermanentOnly).and_then(|_| service.clone());
    let ended = matches!(member.account.membership.state(visitor.now), MembershipState::Ended { .. });
    let usable = member.account.access(visitor.now) == Access::Full && required_by.is_none();
    let cancel_href = match handle {
        // Without the badge the service cannot be reached: going back tells it so.
        Some(handle) if !usable => format!("{}?request={handle}", urls::GIVE_UP),
        Some(handle) => urls::with_request(urls::RESUME, Some(handle)),
        None => urls::PROFILE.to_owned(),
    };
    let page = VerifyChoicePage {
        shell: visitor.shell_for(service),
        account_email: member.account.email.as_str().to_owned(),
        request: handle.map(str::to_owned),
        thaid: app.thaid.is_some(),
        notice: ended.then(|| Text::key("st-expired")),
        required_by,
        cancel_href,
    };
    let page = page.render_response(StatusCode::OK).into_response();
    Ok(leading_on(&visitor, handle, page))
}
