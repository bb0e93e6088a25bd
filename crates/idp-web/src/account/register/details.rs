//! `/register/details`: the form, and the account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{
    Account, MemberType, Membership, PersonnelType, Profile, Registration, RegistrationStage, Sex, Standing,
};
use idp_core::audit::{Action, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::AccountId;
use idp_core::phone::PhoneNumber;
use idp_core::session::{AuthenticationMethod, SessionEnd};
use idp_core::thai::{LatinName, ThaiName, Title};
use idp_store::{Ending, Registered};

use super::{current, to_step};
use crate::account::login::Started;
use crate::account::new_password;
use crate::account::post_office::{Posting, post as seal_letter};
use crate::account::typed::{BirthDate, FirstName, birth_date, first_name, name_text, thai_name};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{DetailsForm, DetailsPage};
use crate::view::text::Text;

/// The longest organisation, department or position.
const LONGEST_OFFICE: usize = 200;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let registration = current(&app, &visitor).await?;
    match &registration {
        Some(found) if confirmed(found).is_some() => {
            let inside = found.stage.member_type() == MemberType::Staff;
            let personnel_type = if inside { PersonnelType::Inside } else { PersonnelType::Outside };
            let form = DetailsForm { personnel_type: personnel_type.as_str().to_owned(), ..DetailsForm::default() };
            Ok(show(&app, &visitor, found, form, FieldErrors::none()).await)
        }
        _ => Ok(to_step(&visitor, registration.as_ref())),
    }
}

/// POST: everything is judged at once, and kept as typed when something is wrong.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let registration = current(&app, visitor).await?;
    let Some((found, email)) = registration.as_ref().and_then(|found| Some((found, confirmed(found)?))) else {
        return Ok(to_step(visitor, registration.as_ref()));
    };
    let mut errors = FieldErrors::none();
    let mut typed = as_typed(&form);
    let needed = if found.stage.member_type() == MemberType::Staff { Office::Needed } else { Office::MayBeEmpty };
    let profile = read_profile(&form, visitor, needed, &mut typed, &mut errors);
    check_password(&form, email, &mut errors);
    let (Some(profile), true) = (profile, errors.is_empty()) else {
        return Ok(show(&app, visitor, found, typed, errors).await);
    };
    let password = app.hasher.hash(form.field("password").to_owned()).await?;
    let RegistrationStage::EmailConfirmed { member_type, terms_version, terms_accepted_at, confirmed_at, .. } =
        &found.stage
    else {
        return Ok(to_step(visitor, Some(found)));
    };
    let account = Account {
        id: AccountId::make(&*app.chance),
        email: email.clone(),
        email_confirmed_at: *confirmed_at,
        password,
        member_type: *member_type,
        profile,
        membership: Membership::temporary(visitor.now, app.config.membership.temporary_days),
        standing: Standing::Active,
        language: Some(visitor.lang.tag().to_owned()),
        registered_at: visitor.now,
        updated_at: visitor.now,
    };
    let started = Started::new(&app, visitor, account.id, vec![AuthenticationMethod::Pwd]);
    let events = [Action::AccountRegistered, Action::SignedIn].map(|action| {
        AuditEvent::by_member(visitor.now, account.id, action)
            .session(started.session.id)
            .from(visitor.origin.to_string())
    });
    let welcome = Letter::Welcome {
        name: account.profile.full_name(),
        until_date: account.tokens_end_at().unwrap_or(visitor.now),
    };
    let posting = Posting {
        account: Some(account.id),
        to: email,
        lang: visitor.lang,
        good_for: TimeDelta::days(7),
        once: Some("welcome".to_owned()),
    };
    let mail = seal_letter(&app, posting, welcome, visitor.now);
    let registered = app
        .store
        .register(
            &account,
            found.id,
            terms_version,
            *terms_accepted_at,
            &started.session,
            Some(started.device.digest()),
            &events,
            &[mail],
        )
        .await?;
    match registered {
        Registered::Done => {}
        Registered::NotConfirmed => return Ok(to_step(visitor, None)),
        // The same mailbox was registered in another window meanwhile. Whoever is here has proven it, so may know.
        Registered::EmailTaken => {
            return Err(AppError::new(
                StatusCode::CONFLICT,
                "already_registered",
                "error-page-registered-title",
                "error-page-registered-body",
            )
            .next(urls::LOGIN, "login"));
        }
    }
    if let Some(other) = &visitor.member {
        // Somebody else was signed in in this browser: its cookie is about to name the new session.
        let theirs = Ending::Session(other.session.id);
        app.store.end_sessions(theirs, SessionEnd::Replaced, visitor.now, &[], &[]).await?;
    }
    app.mail_queued.notify_one();
    let mut response = visitor.go(&urls::with_request(urls::WELCOME, found.request.as_deref()));
    started.write_cookies(visitor, &mut response);
    visitor.jar.clear(response.headers_mut(), Cookie::Registration);
    Ok(response)
}

fn confirmed(registration: &Registration) -> Option<&EmailAddress> {
    match &registration.stage {
        RegistrationStage::EmailConfirmed { email, .. } => Some(email),
        _ => None,
    }
}

fn as_typed(form: &Posted) -> DetailsForm {
    let field = |name| form.field(name).to_owned();
    DetailsForm {
        title: field("title"),
        title_other: field("title_other"),
        first_name: field("first_name"),
        middle_name: field("middle_name"),
        last_name: field("last_name"),
        first_name_en: field("first_name_en"),
        last_name_en: field("last_name_en"),
        sex: field("sex"),
        birth_day: field("birth_day"),
        birth_month: field("birth_month"),
        birth_year: field("birth_year"),
        phone: field("phone"),
        personnel_type: field("personnel_type"),
        organization: field("organization"),
        department: field("department"),
        position: field("position"),
        offer_first_name: None,
        era_suggestion: None,
    }
}

fn read_profile(
    form: &Posted,
    visitor: &Visitor,
    needed: Office,
    typed: &mut DetailsForm,
    errors: &mut FieldErrors,
) -> Option<Profile> {
    let title = read_title(form, errors);
    let FirstName { name: first, offer } = first_name(form, errors);
    typed.offer_first_name = offer;
    let middle =
        optional(form, "middle_name", errors, |text| ThaiName::parse_as_typed(text).map_err(|e| name_text(&e)));
    let last = thai_name(form, "last_name", errors);
    let latin = |text: &str| LatinName::parse_as_typed(text).map_err(|error| name_text(&error));
    let first_en = optional(form, "first_name_en", errors, latin);
    let last_en = optional(form, "last_name_en", errors, latin);
    let sex = Sex::parse(form.field("sex"));
    if sex.is_none() {
        errors.add("sex", Text::key("error-sex"));
    }
    let BirthDate { date, era_suggestion } = birth_date(form, visitor.now, errors);
    typed.era_suggestion = era_suggestion;
    let phone = optional(form, "phone", errors, |text| {
        PhoneNumber::parse(text).map_err(|error| Text::key(error.message_key()))
    });
    let personnel_type = PersonnelType::parse(form.field("personnel_type"));
    if personnel_type.is_none() {
        errors.add("personnel_type", Text::key("error-personnel-type"));
    }
    let organization = office(form, "organization", "error-organization", needed, errors);
    let department = office(form, "department", "error-department", needed, errors);
    let position = office(form, "position", "error-position", needed, errors);
    Some(Profile {
        title: title?,
        first_name: first?,
        middle_name: middle?,
        last_name: last?,
        first_name_en: first_en?,
        last_name_en: last_en?,
        sex: sex?,
        birth_date: date?,
        phone: phone?,
        personnel_type: personnel_type?,
        organization: organization?,
        department: department?,
        position: position?,
    })
}

fn read_title(form: &Posted, errors: &mut FieldErrors) -> Option<Title> {
    let (field, text) = match form.field("title") {
        "other" => ("title_other", form.field("title_other")),
        chosen => ("title", chosen),
    };
    match Title::parse(text) {
        Ok(title) => Some(title),
        Err(error) => {
            errors.add(field, Text::key(error.message_key()));
            None
        }
    }
}

/// A field that may stay empty: `Some(None)` when it does, `None` when it is wrong.
fn optional<T>(
    form: &Posted,
    field: &'static str,
    errors: &mut FieldErrors,
    read: impl Fn(&str) -> Result<T, Text>,
) -> Option<Option<T>> {
    let Some(text) = form.given(field).filter(|text| !text.trim().is_empty()) else { return Some(None) };
    match read(text) {
        Ok(value) => Some(Some(value)),
        Err(fault) => {
            errors.add(field, fault);
            None
        }
    }
}

/// Whether organisation, department and position have to be given: ministry personnel have all three, others may have none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Office {
    Needed,
    MayBeEmpty,
}

fn office(
    form: &Posted,
    field: &'static str,
    key: &'static str,
    needed: Office,
    errors: &mut FieldErrors,
) -> Option<String> {
    let text = form.field(field).split_whitespace().collect::<Vec<_>>().join(" ");
    let there = !text.is_empty() || needed == Office::MayBeEmpty;
    let sound = there && text.chars().count() <= LONGEST_OFFICE && !text.chars().any(char::is_control);
    if !sound {
        errors.add(field, Text::key(key));
    }
    sound.then_some(text)
}

fn check_password(form: &Posted, email: &EmailAddress, errors: &mut FieldErrors) {
    let own_words: Vec<&str> =
        ["first_name", "middle_name", "last_name", "first_name_en", "last_name_en", "birth_year", "phone"]
            .into_iter()
            .chain(["organization", "department", "position"])
            .map(|name| form.field(name))
            .chain([email.as_str(), email.local_part()])
            .collect();
    new_password::judge(form.field("password"), &own_words, "password", errors);
}

async fn show(
    app: &App,
    visitor: &Visitor,
    registration: &Registration,
    form: DetailsForm,
    errors: FieldErrors,
) -> Response {
    let Some(email) = confirmed(registration) else { return to_step(visitor, Some(registration)) };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DetailsPage {
        shell: visitor.shell_for(service_name(app, visitor, registration.request.as_deref()).await),
        errors,
        email: email.as_str().to_owned(),
        staff: registration.stage.member_type() == MemberType::Staff,
        form,
        password_min: new_password::LEAST,
    };
    visitor.dress(page.render_response(status).into_response())
}
