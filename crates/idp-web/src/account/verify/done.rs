//! `/verify/done`: the badge.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::account::words;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::authorize::{Waiting, leading_on};
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::VerifyDonePage;
use crate::view::text::Text;

/// GET.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let Some((member, badge)) = visitor.member.as_ref().and_then(|member| Some((member, member.account.badge()?)))
    else {
        return Ok(visitor.go(urls::PROFILE));
    };
    let handle = waiting.handle();
    let service = service_name(&app, &visitor, handle).await;
    let page = VerifyDonePage {
        shell: visitor.shell_for(service.clone()),
        name: member.account.profile.full_name(),
        method: Text::key(words::method(badge.method)),
        since: words::day(badge.at, visitor.lang),
        continue_href: match handle.filter(|_| service.is_some()) {
            Some(handle) => urls::with_request(urls::RESUME, Some(handle)),
            None => urls::PROFILE.to_owned(),
        },
        service,
    };
    let page = page.render_response(StatusCode::OK).into_response();
    Ok(leading_on(&visitor, handle, page))
}
