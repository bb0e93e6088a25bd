//! Scopes: what a service may ask for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A scope this provider knows (`docs/architecture.md`, "What a service receives").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Scope {
    /// The protocol's own claims (OpenID Connect Core §3.1.2.1); without it a request is plain OAuth and is refused.
    OpenId = 1,
    /// Membership, its end, the verified badge and the member type.
    Membership = 1 << 1,
    /// Names, sex, birth date.
    Profile = 1 << 2,
    /// The mailbox.
    Email = 1 << 3,
    /// The telephone number.
    Phone = 1 << 4,
    /// Personnel type, organisation, department, position.
    Organization = 1 << 5,
    /// The 13-digit number: only for clients that were granted it, with consent and badge, at userinfo.
    CitizenId = 1 << 6,
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

/// A set of scopes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ScopeSet(u16);

impl ScopeSet {
    /// No scope at all.
    pub const NONE: Self = Self(0);

    /// Reads a space-separated list; scopes we do not know are left out, as OpenID Connect Core §3.1.2.1 advises.
    pub fn parse(list: &str) -> Self {
        list.split(' ').filter_map(Scope::parse).collect()
    }

    /// Whether `scope` is in it.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope as u16 != 0
    }

    /// Whether every scope of `other` is in it.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The scopes in both.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The scopes in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes in reading order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope as u16))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

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
