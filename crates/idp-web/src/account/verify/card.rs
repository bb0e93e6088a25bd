//! `/verify/public` and `/verify/staff`: the data on the face of the card.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::VerificationMethod;
use idp_core::thai::{AcceptedNumbers, BuddhistDate, NationalId, NationalIdError};
use idp_verify::CardData;

use super::ask::{Asked, ask, card_again};
use super::mailbox::confirmed_mailbox;
use super::may_verify;
use crate::account::proof::Demand;
use crate::account::typed::{BirthDate, FirstName, birth_date, first_name, thai_name};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::oidc::authorize::Waiting;
use crate::oidc::pending::service_name;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{CardForm, VerifyCardPage};
use crate::view::text::Text;

/// GET `/verify/public`.
pub async fn get_public(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    open(&app, &visitor, VerificationMethod::CivilRegistry, waiting.handle()).await
}

/// GET `/verify/staff`.
pub async fn get_staff(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    open(&app, &visitor, VerificationMethod::StaffDirectory, waiting.handle()).await
}

/// POST `/verify/public`.
pub async fn post_public(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    submit(&app, &form, VerificationMethod::CivilRegistry).await
}

/// POST `/verify/staff`.
pub async fn post_staff(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    submit(&app, &form, VerificationMethod::StaffDirectory).await
}

async fn open(
    app: &App,
    visitor: &Visitor,
    method: VerificationMethod,
    request: Option<&str>,
) -> Result<Response, AppError> {
    let member = match may_verify(app, visitor, Demand::Member, request).await? {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if method == VerificationMethod::StaffDirectory && confirmed_mailbox(app, &member, visitor.now).await?.is_none() {
        return Ok(visitor.go(&urls::with_request(urls::VERIFY_MAILBOX, request)));
    }
    let profile = &member.account.profile;
    // The name is as on the card for most people; the number and the date are typed anew, from the card.
    let form = CardForm {
        first_name: profile.first_name.as_str().to_owned(),
        last_name: profile.last_name.as_str().to_owned(),
        ..CardForm::default()
    };
    Ok(Card { app, visitor, member: &member, method, request }.show(form, FieldErrors::none(), None).await)
}

async fn submit(app: &App, form: &Posted, method: VerificationMethod) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let request = form.request();
    let member = match may_verify(app, visitor, Demand::LongForm, request).await? {
        Ok(member) => member,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mailbox = match method {
        VerificationMethod::CivilRegistry | VerificationMethod::Thaid => None,
        VerificationMethod::StaffDirectory => match confirmed_mailbox(app, &member, visitor.now).await? {
            Some(mailbox) => Some(mailbox),
            None => return Ok(visitor.go(&urls::with_request(urls::VERIFY_MAILBOX, request))),
        },
    };
    let page = Card { app, visitor, member: &member, method, request };
    let mut errors = FieldErrors::none();
    let (card, typed) = read_card(app, form, &mut errors);
    let (Some(card), true) = (card, errors.is_empty()) else {
        return Ok(page.show(typed, errors, None).await);
    };
    match ask(app, visitor, &member, method, card, mailbox, request).await? {
        Asked::Done(response) => Ok(response),
        Asked::Again(what) => {
            let (error, errors) = card_again(what);
            Ok(page.show(typed, errors, error).await)
        }
    }
}

/// The card as typed, and as it is understood when nothing is wrong with it.
pub(super) fn read_card(app: &App, form: &Posted, errors: &mut FieldErrors) -> (Option<CardData>, CardForm) {
    let mut typed = CardForm {
        national_id: form.field("national_id").to_owned(),
        first_name: form.field("first_name").to_owned(),
        last_name: form.field("last_name").to_owned(),
        birth_day: form.field("birth_day").to_owned(),
        birth_month: form.field("birth_month").to_owned(),
        birth_year: form.field("birth_year").to_owned(),
        no_day_month: form.is_ticked("no_day_month"),
        era_suggestion: None,
        offer_first_name: None,
    };
    let number = read_number(app, form, errors);
    let FirstName { name: first, offer } = first_name(form, errors);
    typed.offer_first_name = offer;
    let last = thai_name(form, "last_name", errors);
    let BirthDate { date, era_suggestion } = birth_date(form, form.visitor.now, errors);
    typed.era_suggestion = era_suggestion;
    if let Some(date) = &date {
        check_age(app, &form.visitor, date, errors);
    }
    let card = || Some(CardData { number: number?, first_name: first?, last_name: last?, birth_date: date? });
    (card(), typed)
}

fn read_number(app: &App, form: &Posted, errors: &mut FieldErrors) -> Option<NationalId> {
    let accept = match app.config.verification.accept_test_numbers {
        true => AcceptedNumbers::WithTestNumbers,
        false => AcceptedNumbers::Real,
    };
    match NationalId::parse(form.field("national_id"), accept) {
        Ok(number) => Some(number),
        Err(error) => {
            let text = Text::key(error.message_key());
            let text = match error {
                NationalIdError::WrongLength { digits } => text.with("digits", digits),
                _ => text,
            };
            errors.add("national_id", text);
            None
        }
    }
}

/// An incomplete date is left to the registry: only its year is known, and a year too few is not held against anybody.
fn check_age(app: &App, visitor: &Visitor, date: &BuddhistDate, errors: &mut FieldErrors) {
    let least = app.config.verification.minimum_age_years;
    if date.full_years_at(BuddhistDate::on(visitor.now)).is_some_and(|years| years < least) {
        errors.add("birth_year", Text::key("error-too-young").with("n", least));
    }
}

struct Card<'a> {
    app: &'a App,
    visitor: &'a Visitor,
    member: &'a Member,
    method: VerificationMethod,
    request: Option<&'a str>,
}

impl Card<'_> {
    async fn show(&self, form: CardForm, errors: FieldErrors, error: Option<Text>) -> Response {
        let fine = errors.is_empty() && error.is_none();
        let page = VerifyCardPage {
            shell: self.visitor.shell_for(service_name(self.app, self.visitor, self.request).await),
            staff: self.method == VerificationMethod::StaffDirectory,
            renew: false,
            thaid: None,
            lost: false,
            errors,
            error,
            account_email: self.member.account.email.as_str().to_owned(),
            form,
            request: self.request.map(str::to_owned),
        };
        let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        self.visitor.dress(page.render_response(status).into_response())
    }
}
