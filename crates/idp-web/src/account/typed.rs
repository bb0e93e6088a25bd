//! From typed text to values: each field parsed once, each fault kept beside its field.

use chrono::{DateTime, Utc};
use idp_core::thai::{BuddhistDate, DateError, NameError, ThaiName};

use crate::extract::Posted;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// A birth date of three fields. A year that looks Christian is asked back about, and taken when the person agrees.
pub struct BirthDate {
    /// The date, when it is one.
    pub date: Option<BuddhistDate>,
    /// The Buddhist year that was probably meant.
    pub era_suggestion: Option<u16>,
}

/// Reads `birth_day`, `birth_month`, `birth_year` and the answer `accept_year`.
pub fn birth_date(form: &Posted, now: DateTime<Utc>, errors: &mut FieldErrors) -> BirthDate {
    let today = BuddhistDate::on(now);
    let unknown = form.is_ticked("no_day_month");
    let part = |name: &'static str| if unknown { "" } else { form.field(name) };
    let (day, month) = (part("birth_day"), part("birth_month"));
    match BuddhistDate::parse(day, month, form.field("birth_year"), today) {
        Ok(date) => BirthDate { date: Some(date), era_suggestion: None },
        Err(DateError::ChristianEra { suggestion }) if form.is_ticked("accept_year") => {
            match BuddhistDate::parse(day, month, &suggestion.to_string(), today) {
                Ok(date) => BirthDate { date: Some(date), era_suggestion: None },
                Err(error) => refused(&error, errors),
            }
        }
        Err(error) => refused(&error, errors),
    }
}

fn refused(error: &DateError, errors: &mut FieldErrors) -> BirthDate {
    let (field, suggestion) = match error {
        DateError::ChristianEra { suggestion } => ("birth_year", Some(*suggestion)),
        DateError::YearMissing | DateError::YearNotANumber | DateError::YearOutOfRange | DateError::Future => {
            ("birth_year", None)
        }
        DateError::MonthInvalid => ("birth_month", None),
        DateError::DayInvalid | DateError::DayWithoutMonth => ("birth_day", None),
    };
    let mut text = Text::key(error.message_key());
    if let Some(year) = suggestion {
        text = text.with("suggestion", year);
    }
    errors.add(field, text);
    BirthDate { date: None, era_suggestion: suggestion }
}

/// A first name, and what is offered in its place when a title seems to be glued to it.
pub struct FirstName {
    /// The name, when it is one.
    pub name: Option<ThaiName>,
    /// The name without the title.
    pub offer: Option<String>,
}

/// Reads `first_name` with the answers `accept_first_name` and `keep_first_name`.
pub fn first_name(form: &Posted, errors: &mut FieldErrors) -> FirstName {
    let typed = form.field("first_name");
    let read = if form.is_ticked("keep_first_name") { ThaiName::parse_as_typed(typed) } else { ThaiName::parse(typed) };
    match read {
        Ok(name) => FirstName { name: Some(name), offer: None },
        Err(NameError::TitleInName { rest, .. }) if form.is_ticked("accept_first_name") && !rest.is_empty() => {
            match ThaiName::parse(&rest) {
                Ok(name) => FirstName { name: Some(name), offer: None },
                Err(error) => wrong_name("first_name", &error, errors),
            }
        }
        Err(error) => wrong_name("first_name", &error, errors),
    }
}

fn wrong_name(field: &'static str, error: &NameError, errors: &mut FieldErrors) -> FirstName {
    errors.add(field, name_text(error));
    let offer = match error {
        NameError::TitleInName { rest, .. } if !rest.is_empty() => Some(rest.clone()),
        _ => None,
    };
    FirstName { name: None, offer }
}

/// Reads a name field that is needed.
pub fn thai_name(form: &Posted, field: &'static str, errors: &mut FieldErrors) -> Option<ThaiName> {
    match ThaiName::parse_as_typed(form.field(field)) {
        Ok(name) => Some(name),
        Err(NameError::Empty) if field == "last_name" => {
            errors.add(field, Text::key("error-surname-empty"));
            None
        }
        Err(error) => {
            errors.add(field, name_text(&error));
            None
        }
    }
}

/// What is said about a name.
pub fn name_text(error: &NameError) -> Text {
    let text = Text::key(error.message_key());
    match error {
        NameError::BadCharacter(character) => text.with("character", *character),
        NameError::TitleInName { title, rest } => text.with("title", *title).with("rest", rest),
        _ => text,
    }
}
