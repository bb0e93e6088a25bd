//! Claims by scope (`docs/architecture.md`, "What a service receives").

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::account::{Account, Membership, Sex, VerifiedIdentity};
use crate::scope::{Scope, ScopeSet};

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

/// The claims of userinfo. No claim is ever null or empty (OpenID Connect Core §5.3.2): what is not known is absent.
/// `identity` is given only where the number may be released, and only then read from its seal.
pub fn userinfo(sub: &str, account: &Account, scopes: ScopeSet, identity: Option<&VerifiedIdentity>) -> Value {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| {
        if !matches!(&value, Value::Null) && value.as_str() != Some("") {
            claims.insert(name.to_owned(), value);
        }
    };
    put("sub", json!(sub));
    let profile = &account.profile;
    if scopes.contains(Scope::Membership)
        && let Ok(Value::Object(membership)) = serde_json::to_value(MembershipClaims::of(account))
    {
        for (name, value) in membership {
            put(&name, value);
        }
    }
    if scopes.contains(Scope::Profile) {
        let (first, last) = (profile.first_name.as_str(), profile.last_name.as_str());
        let middle = profile.middle_name.as_ref().map(|name| name.as_str());
        let (first_en, last_en) =
            (profile.first_name_en.as_ref().map(|n| n.as_str()), profile.last_name_en.as_ref().map(|n| n.as_str()));
        put("name", json!(profile.full_name()));
        put("name#th", json!(profile.full_name()));
        put("name#en", json!(profile.full_name_en()));
        put("given_name", json!(first));
        put("given_name#th", json!(first));
        put("given_name#en", json!(first_en));
        put("middle_name", json!(middle));
        put("family_name", json!(last));
        put("family_name#th", json!(last));
        put("family_name#en", json!(last_en));
        put("title", json!(profile.title.as_thai()));
        put(
            "gender",
            match profile.sex {
                Sex::Male => json!("male"),
                Sex::Female => json!("female"),
                Sex::Unspecified => Value::Null,
            },
        );
        put("birthdate", json!(profile.birth_date.birthdate_claim()));
        put("zoneinfo", json!("Asia/Bangkok"));
        put("locale", json!(account.language.as_deref().unwrap_or("th")));
        put("updated_at", json!(account.updated_at.timestamp()));
    }
    if scopes.contains(Scope::Email) {
        put("email", json!(account.email.as_str()));
        // The mailbox was proven before the account existed.
        put("email_verified", json!(true));
    }
    if scopes.contains(Scope::Phone)
        && let Some(phone) = &profile.phone
    {
        put("phone_number", json!(phone.as_str()));
        put("phone_number_verified", json!(false));
    }
    if scopes.contains(Scope::Organization) {
        put("personnel_type", json!(profile.personnel_type.as_str()));
        put("organization", json!(profile.organization));
        put("department", json!(profile.department));
        put("position", json!(profile.position));
    }
    if scopes.contains(Scope::CitizenId) {
        put("citizen_id", json!(identity.map(|identity| identity.number.digits())));
    }
    Value::Object(claims)
}
