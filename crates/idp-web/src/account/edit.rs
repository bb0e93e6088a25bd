//! `/profile/edit`: members correct what they gave at registration. What the register confirmed is corrected by verifying anew
//! (`/verify/renew`); what is not on the form is nobody's to write.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Account, MemberType, Minority, Profile, minority};
use idp_core::audit::{Action, AuditEvent};
use idp_core::thai::BuddhistDate;
use serde_json::json;

use super::personal::{self, Office};
use super::{profile, words};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{DetailsForm, EditPage, VerifiedFacts};
use crate::view::text::Text;

/// Every field that may come; another one is a program's, and nothing of its form is taken.
const FIELDS: [&str; 22] = [
    "csrf",
    "title",
    "title_other",
    "first_name",
    "middle_name",
    "last_name",
    "first_name_en",
    "last_name_en",
    "sex",
    "birth_day",
    "birth_month",
    "birth_year",
    "no_day_month",
    "phone",
    "personnel_type",
    "organization",
    "department",
    "position",
    "accept_first_name",
    "keep_first_name",
    "accept_year",
    "save",
];

/// GET.
pub async fn get(visitor: Visitor) -> Response {
    match profile::at_home(&visitor) {
        Ok(member) => {
            let account = &member.account.account;
            show(&visitor, account, personal::form_of(&account.profile), FieldErrors::none())
        }
        Err(elsewhere) => *elsewhere,
    }
}

/// POST: everything is judged at once, and kept as typed when something is wrong.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match profile::at_home(visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    if let Some(name) = form.names().find(|name| !FIELDS.contains(name)) {
        return Err(AppError::bad_request(format!("{name} cannot be written here")));
    }
    let account = &member.account.account;
    let mut errors = FieldErrors::none();
    let mut typed = personal::as_typed(&form);
    let verified = account.badge().map(|_| &account.profile);
    let needed = Office::of(account.member_type);
    let new = personal::read(&form, visitor.now, needed, verified, &mut typed, &mut errors);
    if let Some(new) = &new
        && verified.is_none()
        && minority(&new.birth_date, BuddhistDate::on(visitor.now)) == Minority::Child
    {
        errors.add("birth_year", Text::key("error-child"));
    }
    let (Some(new), true) = (new, errors.is_empty()) else {
        return Ok(show(visitor, account, typed, errors));
    };
    let changed = changed(&account.profile, &new);
    if changed.is_empty() {
        return Ok(visitor.go(urls::PROFILE));
    }
    let event = AuditEvent::by_member(visitor.now, account.id, Action::ProfileCorrected)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "fields": changed }));
    if !app.store.correct_profile(account.id, &new, account.updated_at, visitor.now, &[event]).await? {
        // Something was changed in this very moment, perhaps the name that was just verified: looked at again.
        errors.add("title", Text::key("error-changed-meanwhile"));
        return Ok(show(visitor, account, typed, errors));
    }
    Ok(visitor.go(urls::PROFILE))
}

/// Which fields differ, by name: the audit log holds no value.
fn changed(old: &Profile, new: &Profile) -> Vec<&'static str> {
    [
        ("title", old.title != new.title),
        ("first_name", old.first_name != new.first_name),
        ("middle_name", old.middle_name != new.middle_name),
        ("last_name", old.last_name != new.last_name),
        ("first_name_en", old.first_name_en != new.first_name_en),
        ("last_name_en", old.last_name_en != new.last_name_en),
        ("sex", old.sex != new.sex),
        ("birth_date", old.birth_date != new.birth_date),
        ("phone", old.phone != new.phone),
        ("personnel_type", old.personnel_type != new.personnel_type),
        ("organization", old.organization != new.organization),
        ("department", old.department != new.department),
        ("position", old.position != new.position),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

fn show(visitor: &Visitor, account: &Account, form: DetailsForm, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let profile = &account.profile;
    let page = EditPage {
        shell: visitor.shell(),
        errors,
        verified: account.badge().map(|_| VerifiedFacts {
            first_name: profile.first_name.as_str().to_owned(),
            last_name: profile.last_name.as_str().to_owned(),
            birth: words::date(&profile.birth_date, visitor.lang),
        }),
        staff: account.member_type == MemberType::Staff,
        form,
    };
    visitor.dress(page.render_response(status).into_response())
}
