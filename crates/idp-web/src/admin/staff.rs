//! `/admin/staff`: who has which role; super admins give and end them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::admin::{Department, Operation, Role, StaffRole};
use idp_core::audit::Action;
use idp_core::email::EmailAddress;
use idp_core::id::AccountId;
use idp_core::secret::Secret;
use idp_store::Invitation;
use serde_json::json;
use uuid::Uuid;

use super::invitation::{INVITATION_LIFETIME, invitation_path, told};
use super::once::Once;
use super::parameters::{Nothing, Parameters};
use super::{OnDuty, overtaken, paths};
use crate::account::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::roles::{self, Holder, RoleRefused};
use crate::state::App;
use crate::view::Page as _;
use crate::view::console;
use crate::view::field::FieldErrors;
use crate::view::page::admin::{InvitationRow, StaffForm, StaffPage, StaffRow};
use crate::view::text::Text;

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    _: Parameters<Nothing>,
) -> Result<Response, AppError> {
    show(&app, &duty, &visitor, StaffForm::default(), FieldErrors::none(), None).await
}

/// POST `/admin/staff/give`: somebody who has an account gets a role.
pub(super) async fn give(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let typed = typed(&form);
    let mut errors = FieldErrors::none();
    let wished = wished(&typed, &mut errors);
    let account = match EmailAddress::parse(&typed.email) {
        Ok(email) => app.store.account_by_email(email.key()).await?.map(|stored| stored.account.id),
        Err(_) => None,
    };
    match account {
        None => errors.add("email", Text::key("adm-staff-no-account")),
        // Nobody gives a role to themselves: whoever has all of them needs none.
        Some(account) if account == duty.id() => errors.add("email", Text::key("adm-staff-own")),
        Some(_) => {}
    }
    if let (Some((role, department)), Some(account), true) = (wished, account, errors.is_empty()) {
        let asked = (Holder::Account(account), role, department);
        match roles::give(&app.store, &*app.chance, &duty.hand, Some(duty.id()), asked, &|_| None).await {
            Ok(_) => return Ok(visitor.go(paths::STAFF)),
            Err(RoleRefused::HadIt) => errors.add("role", Text::key("adm-staff-had")),
            Err(RoleRefused::Store(error)) => return Err(error.into()),
            Err(other) => return Err(AppError::bad_request(other.to_string())),
        }
    }
    show(&app, &duty, visitor, typed, errors, None).await
}

/// POST `/admin/staff/invite`: a link by which whoever opens it, signed in, gets the role. It is shown once.
pub(super) async fn invite(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let typed = StaffForm { email: String::new(), ..typed(&form) };
    let mut errors = FieldErrors::none();
    let Some((role, department)) = wished(&typed, &mut errors) else {
        return show(&app, &duty, visitor, typed, errors, None).await;
    };
    // A page that is loaded anew makes no second link.
    let id: Uuid = Once::of(&app, "invitation").read(&form)?;
    let secret = Secret::make(&*app.chance);
    let invitation = Invitation {
        id,
        digest: secret.digest(),
        role,
        department,
        made_by: Some(duty.id()),
        made_at: visitor.now,
        expires_at: visitor.now + INVITATION_LIFETIME,
    };
    let event = duty.event(Action::StaffInvited).detail(told(&invitation));
    if !app.store.invite_staff(&invitation, &[event]).await? {
        errors.add("role", Text::key("adm-staff-invited-already"));
        return show(&app, &duty, visitor, typed, errors, None).await;
    }
    let link = app.url(&invitation_path(&secret));
    show(&app, &duty, visitor, StaffForm::default(), FieldErrors::none(), Some(link)).await
}

/// POST `/admin/staff/withdraw`: an invitation that nobody has used is over at once.
pub(super) async fn withdraw(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let id = Uuid::try_parse(form.field("id")).map_err(|_| AppError::bad_request("no invitation has such an id"))?;
    let event = duty.event(Action::StaffInvitationWithdrawn).detail(json!({ "invitation": id }));
    match app.store.withdraw_invitation(id, Some(duty.id()), visitor.now, &[event]).await? {
        true => Ok(visitor.go(paths::STAFF)),
        // Used, withdrawn or over meanwhile: the list says what is left.
        false => Err(overtaken(paths::STAFF)),
    }
}

/// POST `/admin/staff/end`: a role is over at once, and so are the invitations of who had it.
pub(super) async fn end(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let id = Uuid::try_parse(form.field("id")).map_err(|_| AppError::bad_request("no role has such an id"))?;
    let mut errors = FieldErrors::none();
    if !roles::end(&app.store, &duty.hand, Some(duty.id()), id).await?.ok_or_else(AppError::not_found)? {
        errors.add("role", Text::key("adm-staff-last"));
        return show(&app, &duty, visitor, StaffForm::default(), errors, None).await;
    }
    Ok(visitor.go(paths::STAFF))
}

fn typed(form: &Posted) -> StaffForm {
    StaffForm {
        email: form.field("email").trim().to_owned(),
        role: form.field("role").to_owned(),
        department: form.field("department").trim().to_owned(),
    }
}

fn wished(typed: &StaffForm, errors: &mut FieldErrors) -> Option<(Role, Option<Department>)> {
    let Some(role) = Role::parse(&typed.role) else {
        errors.add("role", Text::key("adm-staff-choose-role"));
        return None;
    };
    // A department chosen and then not needed is no fault.
    let department = match (role, typed.department.as_str()) {
        (Role::ClientAdmin, word) => Department::parse(word).ok(),
        _ => None,
    };
    if StaffRole::judge(role, department.as_ref()).is_err() {
        errors.add("department", Text::key("adm-staff-choose-department"));
        return None;
    }
    Some((role, department))
}

async fn show(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    form: StaffForm,
    errors: FieldErrors,
    invitation: Option<String>,
) -> Result<Response, AppError> {
    let mut rows = Vec::new();
    let programs = roles::programs(&app.store).await?;
    for role in app.store.staff_roles().await?.into_iter().filter(|role| role.ended_at.is_none()) {
        let account = app.store.account(role.account_id).await?;
        let who = match (account, programs.get(&role.account_id)) {
            (Some(stored), _) => stored.account.profile.full_name(),
            (None, Some(program)) => program.to_string(),
            (None, None) => String::new(),
        };
        rows.push(StaffRow {
            id: role.id.to_string(),
            account: role.account_id.to_string(),
            who,
            role: Text::key(console::role(role.role)),
            department: role.department.map(|department| console::department(&department, visitor.lang)),
            since: words::moment(role.since, visitor.lang),
        });
    }
    let mut invitations = Vec::new();
    for open in app.store.open_invitations(visitor.now).await? {
        let by = match open.made_by {
            Some(id) => app.store.account(id).await?.map(|stored| stored.account.profile.full_name()),
            None => None,
        };
        invitations.push(InvitationRow {
            id: open.id.to_string(),
            role: Text::key(console::role(open.role)),
            department: open.department.map(|department| console::department(&department, visitor.lang)),
            by,
            until: words::moment(open.expires_at, visitor.lang),
        });
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = StaffPage {
        shell: visitor.shell(),
        console: duty.console(paths::STAFF),
        rows,
        invitations,
        once: Once::of(app, "invitation").field(&AccountId::make(&*app.chance).0),
        may_change: duty.staff.may(Operation::StaffChange),
        roles: Role::ALL.map(|role| (role.as_str(), Text::key(console::role(role)))).to_vec(),
        departments: console::departments(visitor.lang),
        form,
        invitation,
        errors,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}
