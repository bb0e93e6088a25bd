//! A member's own data as typed, at registration and when it is corrected.

use chrono::{DateTime, Utc};
use idp_core::account::{MemberType, PersonnelType, Profile, Sex};
use idp_core::phone::PhoneNumber;
use idp_core::thai::{LatinName, ThaiName, Title};

use super::typed::{BirthDate, FirstName, birth_date, first_name, name_text, thai_name};
use crate::extract::Posted;
use crate::view::field::FieldErrors;
use crate::view::page::{DetailsForm, TITLES};
use crate::view::text::Text;

/// The longest organisation, department or position.
const LONGEST_OFFICE: usize = 200;

/// A profile as the form shows it.
pub fn form_of(profile: &Profile) -> DetailsForm {
    let title = profile.title.as_thai().to_owned();
    let listed = TITLES.contains(&title.as_str());
    let birth = &profile.birth_date;
    let number = |part: Option<u8>| part.map(|part| part.to_string()).unwrap_or_default();
    DetailsForm {
        title: if listed { title.clone() } else { "other".to_owned() },
        title_other: if listed { String::new() } else { title },
        first_name: profile.first_name.as_str().to_owned(),
        middle_name: profile.middle_name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        last_name: profile.last_name.as_str().to_owned(),
        first_name_en: profile.first_name_en.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        last_name_en: profile.last_name_en.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        sex: profile.sex.as_str().to_owned(),
        birth_day: number(birth.day()),
        birth_month: birth.month().map_or_else(|| "0".to_owned(), |month| month.to_string()),
        birth_year: birth.year().to_string(),
        phone: profile.phone.as_ref().map(PhoneNumber::shown).unwrap_or_default(),
        personnel_type: profile.personnel_type.as_str().to_owned(),
        organization: profile.organization.clone(),
        department: profile.department.clone(),
        position: profile.position.clone(),
        ..DetailsForm::default()
    }
}

/// The fields as they were typed.
pub fn as_typed(form: &Posted) -> DetailsForm {
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
        ..DetailsForm::default()
    }
}

/// Reads and judges everything at once. With `verified`, names and birth date are those of the register, and no field of
/// theirs is taken.
pub fn read(
    form: &Posted,
    now: DateTime<Utc>,
    needed: Office,
    verified: Option<&Profile>,
    typed: &mut DetailsForm,
    errors: &mut FieldErrors,
) -> Option<Profile> {
    let title = read_title(form, errors);
    let (first, last, date) = match verified {
        Some(profile) => {
            refuse(form, errors);
            (Some(profile.first_name.clone()), Some(profile.last_name.clone()), Some(profile.birth_date))
        }
        None => {
            let FirstName { name: first, offer } = first_name(form, errors);
            typed.offer_first_name = offer;
            let last = thai_name(form, "last_name", errors);
            let BirthDate { date, era_suggestion } = birth_date(form, now, errors);
            typed.era_suggestion = era_suggestion;
            (first, last, date)
        }
    };
    let middle =
        optional(form, "middle_name", errors, |text| ThaiName::parse_as_typed(text).map_err(|e| name_text(&e)));
    let latin = |text: &str| LatinName::parse_as_typed(text).map_err(|error| name_text(&error));
    let first_en = optional(form, "first_name_en", errors, latin);
    let last_en = optional(form, "last_name_en", errors, latin);
    let sex = Sex::parse(form.field("sex"));
    if sex.is_none() {
        errors.add("sex", Text::key("error-sex"));
    }
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

/// What the register confirmed is corrected by asking the register again.
fn refuse(form: &Posted, errors: &mut FieldErrors) {
    for field in ["first_name", "last_name", "birth_day", "birth_month", "birth_year"] {
        if form.given(field).is_some() {
            errors.add(field, Text::key("error-verified-field"));
        }
    }
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
pub enum Office {
    /// All three.
    Needed,
    /// None of them.
    MayBeEmpty,
}

impl Office {
    /// What is asked of a member.
    pub fn of(member_type: MemberType) -> Self {
        if member_type == MemberType::Staff { Self::Needed } else { Self::MayBeEmpty }
    }
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
