//! Values in words: dates, memberships, scopes, as a person reads them.

use chrono::{DateTime, Utc};
use idp_core::account::{
    AboutMe, Account, Membership, Nickname, PersonnelType, Sex, Username, VerificationMethod, WebPage,
};
use idp_core::scope::Scope;
use idp_core::thai::BuddhistDate;
use idp_core::thai::time::{clock_english, clock_thai, date_english, date_thai};

use crate::view::lang::Lang;
use crate::view::text::{self, Text};

/// The day of a moment.
pub fn day(at: DateTime<Utc>, lang: Lang) -> String {
    match lang {
        Lang::Th => date_thai(at),
        Lang::En => date_english(at),
    }
}

/// Day and time of a moment.
pub fn moment(at: DateTime<Utc>, lang: Lang) -> String {
    match lang {
        Lang::Th => format!("{} เวลา {}", date_thai(at), clock_thai(at)),
        Lang::En => format!("{}, {}", date_english(at), clock_english(at)),
    }
}

/// A birth date.
pub fn date(date: &BuddhistDate, lang: Lang) -> String {
    match lang {
        Lang::Th => date.in_thai(),
        Lang::En => date.in_english(),
    }
}

/// A network as [`crate::proxy::origin_network`] writes it, in plain words.
pub fn network(network: &str, lang: Lang) -> String {
    let Some((address, _)) = network.split_once('/') else { return text::get(lang, "network-local").to_owned() };
    // The zeros at the end are what was cut off.
    let beginning = address.strip_suffix(".0").unwrap_or_else(|| address.trim_end_matches(':'));
    text::format(lang, &Text::key("network-begins").with("beginning", beginning))
}

/// A browser and system in words.
pub fn device(device: &str, lang: Lang) -> String {
    if device.is_empty() { text::get(lang, "device-unknown").to_owned() } else { device.to_owned() }
}

/// The words for a scope on consent and profile.
pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::OpenId => "scope-openid",
        Scope::Membership => "scope-membership",
        Scope::Profile => "scope-profile",
        Scope::Email => "scope-email",
        Scope::Phone => "scope-phone",
        Scope::Organization => "scope-organization",
        Scope::CitizenId => "scope-citizen-id",
    }
}

/// What a member chose to show, a picture in words.
pub fn shown(about: &AboutMe, lang: Lang) -> Vec<String> {
    let texts = [
        about.nickname.as_ref().map(Nickname::as_str),
        about.username.as_ref().map(Username::as_str),
        about.profile.as_ref().map(WebPage::as_str),
        about.website.as_ref().map(WebPage::as_str),
    ];
    texts.into_iter().flatten().map(str::to_owned).chain(picture_shown(about, lang)).collect()
}

/// That there is a picture, in words.
pub fn picture_shown(about: &AboutMe, lang: Lang) -> Option<String> {
    about.picture.map(|_| text::get(lang, "about-picture-now").to_owned())
}

/// The words for a way of verifying.
pub fn method(method: VerificationMethod) -> &'static str {
    match method {
        VerificationMethod::CivilRegistry => "method-register",
        VerificationMethod::StaffDirectory => "method-staff",
        VerificationMethod::Thaid => "method-thaid",
    }
}

/// The words for a sex.
pub fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "sex-male",
        Sex::Female => "sex-female",
        Sex::Unspecified => "sex-unspecified",
    }
}

/// The words for a personnel type.
pub fn personnel_type(kind: PersonnelType) -> &'static str {
    match kind {
        PersonnelType::Outside => "reg-ptype-out",
        PersonnelType::Inside => "reg-ptype-in",
    }
}

/// The membership in one line.
pub fn membership_in_words(account: &Account, lang: Lang) -> String {
    match &account.membership {
        Membership::Permanent { .. } => {
            format!("{} · {}", text::get(lang, "st-perm"), text::get(lang, "st-verified"))
        }
        Membership::Temporary { expires_at } => {
            let until = Text::key("st-temp-until").with("date", day(*expires_at, lang));
            format!("{} · {}", text::get(lang, "st-temp-plain"), text::format(lang, &until))
        }
    }
}
