//! Claims about the member (`docs/architecture.md`, "What a service receives").

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ClaimsLocale;
use crate::account::{Account, Membership, Sex, VerifiedIdentity};
use crate::claim::{Claim, ClaimSet};
use crate::scope::Scope;

/// The `membership` scope: in the ID token and at userinfo.
#[derive(Clone, Debug, Serialize)]
pub struct MembershipClaims {
    /// `permanent` or `temporary`.
    pub membership: &'static str,
    /// The end of a temporary membership, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membership_expires_at: Option<i64>,
    /// Whether the member carries the verified badge.
    pub verified_badge: bool,
    /// `public` or `staff`.
    pub member_type: &'static str,
}

impl MembershipClaims {
    /// The account's, as it stands.
    pub fn of(account: &Account) -> Self {
        let expires_at = match &account.membership {
            Membership::Temporary { expires_at } => Some(expires_at.timestamp()),
            Membership::Permanent { .. } => None,
        };
        Self {
            membership: account.membership.claim(),
            membership_expires_at: expires_at,
            verified_badge: account.badge().is_some(),
            member_type: account.member_type.as_str(),
        }
    }
}

/// What the claims are made of.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The member.
    pub account: &'a Account,
    /// What was matched at the registry: given only where it may be released, and only then read from its seal.
    pub identity: Option<&'a VerifiedIdentity>,
    /// The language of names without a tag.
    pub locale: ClaimsLocale,
    /// The address of the member's picture, where there is one.
    pub picture: Option<&'a str>,
}

/// The claims of userinfo: `sub`, and those of `wanted` that are known.
pub fn userinfo(sub: &str, wanted: ClaimSet, source: Source<'_>) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(sub));
    member_claims(&mut claims, wanted, source);
    claims
}

/// Adds those of `wanted` that are known. No claim is ever null or empty (OpenID Connect Core §5.3.2): what is not known is
/// absent.
pub fn member_claims(claims: &mut Map<String, Value>, wanted: ClaimSet, source: Source<'_>) {
    let mut put = |claim: Claim, value: Value| {
        if wanted.contains(claim) && !matches!(&value, Value::Null) && value.as_str() != Some("") {
            claims.insert(claim.as_str().to_owned(), value);
        }
    };
    let Source { account, identity, locale, picture } = source;
    let (profile, about) = (&account.profile, &account.about);
    let touches = |scope| !wanted.intersect(ClaimSet::of(scope)).is_empty();
    if touches(Scope::Membership) {
        let membership = MembershipClaims::of(account);
        put(Claim::Membership, json!(membership.membership));
        put(Claim::MembershipExpiresAt, json!(membership.membership_expires_at));
        put(Claim::VerifiedBadge, json!(membership.verified_badge));
        put(Claim::MemberType, json!(membership.member_type));
    }
    if touches(Scope::Profile) {
        let (first, last) = (profile.first_name.as_str(), profile.last_name.as_str());
        let middle = profile.middle_name.as_ref().map(|name| name.as_str());
        let (first_en, last_en) =
            (profile.first_name_en.as_ref().map(|n| n.as_str()), profile.last_name_en.as_ref().map(|n| n.as_str()));
        let (full, full_en) = (profile.full_name(), profile.full_name_en());
        // OpenID Connect Core §5.2: the language without a tag is the one asked for, where the member has a whole name in
        // it: a name is never half in one script and half in another.
        let english = (locale == ClaimsLocale::En).then_some(()).and(full_en.as_deref().zip(first_en).zip(last_en));
        let ((plain, plain_first), plain_last) = english.unwrap_or(((full.as_str(), first), last));
        put(Claim::Name, json!(plain));
        put(Claim::NameTh, json!(full));
        put(Claim::NameEn, json!(full_en));
        put(Claim::GivenName, json!(plain_first));
        put(Claim::GivenNameTh, json!(first));
        put(Claim::GivenNameEn, json!(first_en));
        put(Claim::MiddleName, json!(middle));
        put(Claim::FamilyName, json!(plain_last));
        put(Claim::FamilyNameTh, json!(last));
        put(Claim::FamilyNameEn, json!(last_en));
        put(Claim::Title, json!(profile.title.as_thai()));
        put(
            Claim::Gender,
            match profile.sex {
                Sex::Male => json!("male"),
                Sex::Female => json!("female"),
                Sex::Unspecified => Value::Null,
            },
        );
        put(Claim::Birthdate, json!(profile.birth_date.birthdate_claim()));
        // What the member chose to show, in their own words: no register vouches for any of it.
        put(Claim::Nickname, json!(about.nickname));
        put(Claim::PreferredUsername, json!(about.username));
        put(Claim::ProfilePage, json!(about.profile));
        put(Claim::Picture, json!(picture));
        put(Claim::Website, json!(about.website));
        put(Claim::Zoneinfo, json!("Asia/Bangkok"));
        put(Claim::Locale, json!(account.language.as_deref().unwrap_or("th")));
        put(Claim::UpdatedAt, json!(account.updated_at.timestamp()));
    }
    if touches(Scope::Email) {
        put(Claim::Email, json!(account.email.as_str()));
        // The mailbox was proven before the account existed.
        put(Claim::EmailVerified, json!(true));
    }
    if let Some(phone) = &profile.phone {
        put(Claim::PhoneNumber, json!(phone.as_str()));
        put(Claim::PhoneNumberVerified, json!(false));
    }
    if touches(Scope::Organization) {
        put(Claim::PersonnelType, json!(profile.personnel_type.as_str()));
        put(Claim::Organization, json!(profile.organization));
        put(Claim::Department, json!(profile.department));
        put(Claim::Position, json!(profile.position));
    }
    if let Some(identity) = identity {
        put(Claim::CitizenId, json!(identity.number.digits()));
    }
}
