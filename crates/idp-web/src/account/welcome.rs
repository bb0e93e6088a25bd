//! `/welcome`: the green button and the blue button.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::MembershipState;

use crate::account::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::authorize::{Waiting, leading_on};
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::WelcomePage;

/// GET.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    let MembershipState::Temporary { until, .. } = member.account.membership.state(visitor.now) else {
        return Ok(visitor.go(urls::PROFILE));
    };
    let handle = waiting.handle();
    let service = service_name(&app, &visitor, handle).await;
    let page = WelcomePage {
        shell: visitor.shell_for(service.clone()),
        service,
        until: words::day(until, visitor.lang),
        verify_href: urls::with_request(urls::VERIFY, handle),
        continue_action: urls::WELCOME,
        request: handle.map(str::to_owned),
    };
    let page = page.render_response(StatusCode::OK).into_response();
    Ok(leading_on(&visitor, handle, page))
}

/// POST: the blue button.
pub async fn post(form: Posted) -> Response {
    match form.request() {
        Some(handle) => form.visitor.go(&urls::with_request(urls::RESUME, Some(handle))),
        None => form.visitor.go(urls::PROFILE),
    }
}
