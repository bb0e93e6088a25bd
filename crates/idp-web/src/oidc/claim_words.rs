//! Claims asked for by name, as a member reads them: in a few groups, with the values that would be sent.

use idp_core::account::Account;
use idp_core::claim::{Claim, ClaimSet, Release};
use idp_core::scope::Scope;
use idp_core::token::{ClaimsLocale, Source, member_claims};
use serde_json::{Map, Value};

use crate::account::words;
use crate::view::lang::Lang;
use crate::view::page::ConsentItem;
use crate::view::text::{self, Text};

/// What is told in one line, and its words.
const GROUPS: [(&str, &[Claim]); 14] = [
    ("scope-membership", &[Claim::Membership, Claim::MembershipExpiresAt, Claim::VerifiedBadge, Claim::MemberType]),
    ("scope-verified", &[Claim::VerifiedClaims]),
    (
        "done-name",
        &[
            Claim::Name,
            Claim::NameTh,
            Claim::NameEn,
            Claim::GivenName,
            Claim::GivenNameTh,
            Claim::GivenNameEn,
            Claim::MiddleName,
            Claim::FamilyName,
            Claim::FamilyNameTh,
            Claim::FamilyNameEn,
        ],
    ),
    ("reg-title-name", &[Claim::Title]),
    ("reg-sex", &[Claim::Gender]),
    ("card-birth", &[Claim::Birthdate]),
    ("about-nickname", &[Claim::Nickname]),
    ("about-username", &[Claim::PreferredUsername]),
    ("about-picture", &[Claim::Picture]),
    ("about-pages", &[Claim::ProfilePage, Claim::Website]),
    ("claim-settings", &[Claim::Zoneinfo, Claim::Locale, Claim::UpdatedAt]),
    ("scope-email", &[Claim::Email, Claim::EmailVerified]),
    ("scope-phone", &[Claim::PhoneNumber, Claim::PhoneNumberVerified]),
    ("scope-organization", &[Claim::PersonnelType, Claim::Organization, Claim::Department, Claim::Position]),
];

/// The groups that `claims` touches, each with its part of them.
fn groups(claims: ClaimSet) -> impl Iterator<Item = (&'static str, ClaimSet)> {
    let parts =
        GROUPS.into_iter().map(move |(words, group)| (words, claims.intersect(group.iter().copied().collect())));
    parts.filter(|(_, part)| !part.is_empty())
}

/// The words alone.
pub fn labels(claims: ClaimSet) -> impl Iterator<Item = Text> {
    groups(claims).map(|(words, _)| Text::key(words))
}

/// One line for each group.
pub fn items(claims: ClaimSet, account: &Account, given: &Release, lang: Lang) -> Vec<ConsentItem> {
    let line = |(label, part): (&'static str, ClaimSet)| ConsentItem {
        scope: part.to_string(),
        label: Text::key(label),
        values: values(part, account, lang),
        already: given.covers(&Release { claims: part, ..Release::default() }),
    };
    groups(claims).map(line).collect()
}

fn values(part: ClaimSet, account: &Account, lang: Lang) -> Vec<String> {
    let profile = &account.profile;
    let is = |claim: Claim| part.contains(claim);
    let mut values: Vec<String> = match () {
        () if is(Claim::VerifiedClaims) => account
            .badge()
            .map(|badge| vec![text::get(lang, words::method(badge.method)).to_owned(), words::day(badge.at, lang)])
            .unwrap_or_default(),
        () if !part.intersect(ClaimSet::of(Scope::Membership)).is_empty() => {
            vec![words::membership_in_words(account, lang)]
        }
        () if is(Claim::Gender) => vec![text::get(lang, words::sex(profile.sex)).to_owned()],
        () if is(Claim::Birthdate) => vec![words::date(&profile.birth_date, lang)],
        () if is(Claim::Picture) => words::picture_shown(&account.about, lang).into_iter().collect(),
        () if is(Claim::PhoneNumber) => profile.phone.iter().map(idp_core::phone::PhoneNumber::shown).collect(),
        () => as_sent(part, account),
    };
    if is(Claim::PersonnelType) {
        values.retain(|value| value != profile.personnel_type.as_str());
        values.insert(0, text::get(lang, words::personnel_type(profile.personnel_type)).to_owned());
    }
    values.retain(|value| !value.is_empty());
    if values.is_empty() {
        values.push(text::get(lang, "profile-none").to_owned());
    }
    values
}

/// The texts that would be sent, each once.
fn as_sent(part: ClaimSet, account: &Account) -> Vec<String> {
    let mut sent = Map::new();
    member_claims(&mut sent, part, Source { account, identity: None, locale: ClaimsLocale::default(), picture: None });
    let mut texts: Vec<String> = Vec::new();
    for (_, value) in sent {
        if let Value::String(text) = value
            && !texts.contains(&text)
        {
            texts.push(text);
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_that_can_be_asked_for_is_told_in_one_line() {
        for claim in Claim::ALL.iter().copied().filter(|claim| *claim != Claim::CitizenId) {
            assert_eq!(groups(ClaimSet::from_iter([claim])).count(), 1, "{}", claim.as_str());
        }
    }
}
