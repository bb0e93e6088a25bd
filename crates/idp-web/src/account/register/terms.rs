//! `/register/terms`: terms of service and privacy notice, each in its version.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Registration, RegistrationStage};
use idp_core::audit::{Action, Actor, AuditEvent};

use super::{current, to_step};
use crate::account::document::in_force;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::document::{DocumentKind, version_in_force};
use crate::view::field::FieldErrors;
use crate::view::page::TermsPage;
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let registration = current(&app, &visitor).await?;
    match &registration {
        Some(found) if matches!(found.stage, RegistrationStage::TypeChosen { .. }) => {
            Ok(show(&app, &visitor, found, FieldErrors::none()).await)
        }
        _ => Ok(to_step(&visitor, registration.as_ref())),
    }
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let registration = current(&app, visitor).await?;
    let Some(found) = registration.as_ref().filter(|found| matches!(found.stage, RegistrationStage::TypeChosen { .. }))
    else {
        return Ok(to_step(visitor, registration.as_ref()));
    };
    let mut errors = FieldErrors::none();
    if !form.is_ticked("accept_terms") {
        errors.add("accept_terms", Text::key("error-accept-terms"));
    }
    if !form.is_ticked("read_privacy") {
        errors.add("read_privacy", Text::key("error-read-privacy"));
    }
    if !errors.is_empty() {
        return Ok(show(&app, visitor, found, errors).await);
    }
    let version = version_in_force();
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::TermsAccepted)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "registration": found.id, "version": version, "language": visitor.lang.tag() }));
    app.store.accept_terms(found.id, version, visitor.now, &[event]).await?;
    Ok(visitor.go(urls::REGISTER_EMAIL))
}

async fn show(app: &App, visitor: &Visitor, registration: &Registration, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = TermsPage {
        shell: visitor.shell_for(service_name(app, visitor, registration.request.as_deref()).await),
        errors,
        terms: in_force(app, DocumentKind::Terms, visitor.lang),
        privacy: in_force(app, DocumentKind::Privacy, visitor.lang),
    };
    visitor.dress(page.render_response(status).into_response())
}
