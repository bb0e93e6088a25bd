//! Scopes: what a service may ask for.

use crate::names::{Name, NameSet};

/// A scope this provider knows (`docs/architecture.md`, "What a service receives").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// The protocol's own claims (OpenID Connect Core §3.1.2.1); without it a request is plain OAuth and is refused.
    OpenId,
    /// Membership, its end, the verified badge and the member type.
    Membership,
    /// Names, sex, birth date.
    Profile,
    /// The mailbox.
    Email,
    /// The telephone number.
    Phone,
    /// Personnel type, organisation, department, position.
    Organization,
    /// The 13-digit number: only for clients that were granted it, with consent and badge, at userinfo.
    CitizenId,
}

impl Scope {
    /// Every scope, in the order in which people read them.
    pub const ALL: [Self; 7] =
        [Self::OpenId, Self::Membership, Self::Profile, Self::Email, Self::Phone, Self::Organization, Self::CitizenId];

    /// The scope token.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Membership => "membership",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Organization => "organization",
            Self::CitizenId => "citizen_id",
        }
    }

    /// Reads [`Scope::as_str`].
    pub fn parse(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == token)
    }
}

impl Name for Scope {
    const EVERY: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn place(self) -> u32 {
        self as u32
    }
}

/// A set of scopes. Of a list, scopes that we do not know are left out, as OpenID Connect Core §3.1.2.1 advises.
pub type ScopeSet = NameSet<Scope>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_in_any_order_and_unknown_scopes_are_left_out() {
        let set = ScopeSet::parse("email openid nonsense profile openid");
        assert_eq!(set.to_string(), "openid profile email");
        assert!(set.covers(ScopeSet::parse("email")));
        assert!(!set.covers(ScopeSet::parse("phone")));
        assert_eq!(set.without(ScopeSet::parse("openid")).to_string(), "profile email");
        assert!(ScopeSet::parse("").is_empty());
    }
}
