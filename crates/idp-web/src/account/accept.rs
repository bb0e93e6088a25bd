//! `/terms/accept`: terms or privacy notice have a new version, which is accepted before the account is used on. Data can be
//! taken and the account deleted without it.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::audit::{Action, AuditEvent};
use idp_store::StoredAccount;

use super::document::in_force;
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::oidc::authorize::{Waiting, leading_on};
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
pub use crate::view::document::version_in_force;
use crate::view::document::{DocumentKind, changed_since};
use crate::view::field::FieldErrors;
use crate::view::page::AcceptPage;
use crate::view::text::Text;

/// Whether a member has accepted what is in force.
pub fn has_accepted(account: &StoredAccount) -> bool {
    account.documents.as_deref() == Some(version_in_force())
}

/// GET.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let handle = waiting.handle();
    let Some(member) = &visitor.member else { return Ok(visitor.go(&urls::with_request(urls::LOGIN, handle))) };
    if has_accepted(&member.account) {
        return Ok(onward(&visitor, handle));
    }
    Ok(show(&app, &visitor, member, handle, FieldErrors::none()).await)
}

/// POST: all that is new, or none of it.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let (visitor, handle) = (&form.visitor, form.request());
    let Some(member) = &visitor.member else { return Ok(visitor.go(&urls::with_request(urls::LOGIN, handle))) };
    let mut errors = FieldErrors::none();
    for kind in changed_since(member.account.documents.as_deref()) {
        let (field, fault) = match kind {
            DocumentKind::Terms => ("accept_terms", "error-accept-terms"),
            DocumentKind::Privacy => ("read_privacy", "error-read-privacy"),
        };
        if !form.is_ticked(field) {
            errors.add(field, Text::key(fault));
        }
    }
    // What the page showed is what is accepted: a newer version may have come with a newer program meanwhile.
    let stale = form.field("version") != version_in_force();
    if !errors.is_empty() || stale {
        return Ok(show(&app, visitor, member, handle, errors).await);
    }
    let id = member.account.account.id;
    let event = AuditEvent::by_member(visitor.now, id, Action::DocumentsAccepted)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "version": version_in_force(), "language": visitor.lang.tag() }));
    app.store.accept_documents(id, version_in_force(), visitor.now, &[event]).await?;
    Ok(onward(visitor, handle))
}

fn onward(visitor: &Visitor, handle: Option<&str>) -> Response {
    match handle {
        Some(handle) => visitor.go(&urls::with_request(urls::RESUME, Some(handle))),
        None => visitor.go(urls::PROFILE),
    }
}

async fn show(app: &App, visitor: &Visitor, member: &Member, handle: Option<&str>, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let changed = changed_since(member.account.documents.as_deref());
    let newer = |kind| changed.contains(&kind).then(|| in_force(app, kind, visitor.lang));
    let page = AcceptPage {
        shell: visitor.shell_for(service_name(app, visitor, handle).await),
        errors,
        terms: newer(DocumentKind::Terms),
        privacy: newer(DocumentKind::Privacy),
        version: version_in_force(),
        request: handle.map(str::to_owned),
        cancel_href: match handle {
            Some(handle) => urls::with_request(urls::GIVE_UP, Some(handle)),
            None => urls::SIGN_OUT.to_owned(),
        },
    };
    leading_on(visitor, handle, page.render_response(status).into_response())
}
