//! `/register`: general public or ministry personnel.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{MemberType, REGISTRATION_LIFETIME, Registration, RegistrationStage};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::RegistrationId;
use idp_core::secret::Secret;
use idp_store::Space;

use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::oidc::authorize::Waiting;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::MemberTypePage;
use crate::view::text::Text;

/// So many registrations may begin from one origin in an hour.
const PER_ORIGIN_PER_HOUR: u64 = 300;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(waiting): Query<Waiting>) -> Response {
    if visitor.member.is_some() {
        return visitor.go(urls::PROFILE);
    }
    show(&app, &visitor, waiting.handle(), FieldErrors::none()).await
}

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member_type) = MemberType::parse(form.field("member_type")) else {
        let mut errors = FieldErrors::none();
        errors.add("member_type", Text::key("error-member-type"));
        return Ok(show(&app, visitor, form.request(), errors).await);
    };
    let origin = format!("register:{}", visitor.origin_bucket());
    if app.short_lived.count(Space::Rate, &origin, Duration::from_secs(3600)).await? > PER_ORIGIN_PER_HOUR {
        return Err(AppError::too_many());
    }
    let cookie = Secret::make(&*app.chance);
    let registration = Registration {
        id: RegistrationId::make(&*app.chance),
        cookie: cookie.digest(),
        stage: RegistrationStage::TypeChosen { member_type },
        request: form.request().map(str::to_owned),
        expires_at: visitor.now + REGISTRATION_LIFETIME,
    };
    let event = AuditEvent::new(visitor.now, Actor::Anonymous, Action::RegistrationBegun)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "registration": registration.id, "member_type": member_type }));
    app.store.begin_registration(&registration, visitor.now, &[event]).await?;
    let mut response = visitor.go(urls::REGISTER_TERMS);
    visitor.jar.write(response.headers_mut(), Cookie::Registration, cookie.reveal());
    Ok(response)
}

async fn show(app: &App, visitor: &Visitor, request: Option<&str>, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = MemberTypePage {
        shell: visitor.shell_for(service_name(app, visitor, request).await),
        request: request.map(str::to_owned),
        errors,
    };
    visitor.dress(page.render_response(status).into_response())
}
