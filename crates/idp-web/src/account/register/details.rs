//! `/register/details`: the form, and the account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{
    AboutMe, Account, MemberType, Membership, Minority, PersonnelType, Registration, RegistrationStage, Standing,
    minority,
};
use idp_core::audit::{Action, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::AccountId;
use idp_core::session::{AuthenticationMethod, SessionEnd};
use idp_core::thai::BuddhistDate;
use idp_store::{Ending, Registered};

use super::{current, to_step};
use crate::account::login::Started;
use crate::account::new_password;
use crate::account::personal::{self, Office};
use crate::account::post_office::{Posting, post as seal_letter};
use crate::error::AppError;
use crate::extract::{Cookie, Posted, Visitor};
use crate::mail::Letter;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::traffic;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{DetailsForm, DetailsPage};
use crate::view::text::Text;

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
    let mut typed = personal::as_typed(&form);
    let needed = Office::of(found.stage.member_type());
    let profile = personal::read(&form, visitor.now, needed, None, &mut typed, &mut errors);
    let minority = profile.as_ref().map(|profile| minority(&profile.birth_date, BuddhistDate::on(visitor.now)));
    guard(&form, minority, &mut typed, &mut errors);
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
        about: AboutMe::default(),
        membership: Membership::temporary(visitor.now, app.config.membership.temporary_days),
        standing: Standing::Active,
        language: Some(visitor.lang.tag().to_owned()),
        registered_at: visitor.now,
        updated_at: visitor.now,
    };
    let started = Started::new(&app, visitor, account.id, vec![AuthenticationMethod::Pwd]);
    let mut events = [Action::AccountRegistered, Action::SignedIn].map(|action| {
        AuditEvent::by_member(visitor.now, account.id, action)
            .session(started.session.id)
            .from(visitor.origin.to_string())
    });
    if minority == Some(Minority::Minor) {
        events[0].detail = Some(serde_json::json!({ "guardian_agrees": true }));
    }
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
        Registered::Done => traffic::member(account.id, Some(started.session.id)),
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

/// PDPA s.20: nobody of ten years or less registers alone, and nobody under twenty without the word that whoever has
/// parental power knows and agrees.
fn guard(form: &Posted, minority: Option<Minority>, typed: &mut DetailsForm, errors: &mut FieldErrors) {
    match minority {
        Some(Minority::Child) => errors.add("birth_year", Text::key("error-child")),
        Some(Minority::Minor) => {
            typed.minor = true;
            typed.guardian_agrees = form.is_ticked("guardian_agrees");
            if !typed.guardian_agrees {
                errors.add("guardian_agrees", Text::key("error-guardian"));
            }
        }
        Some(Minority::Adult) | None => {}
    }
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
