//! Claims about a member, one by one: which scope gives them, and sets of them (OpenID Connect Core §5.4, §5.5).

use crate::names::{Name, NameSet};
use crate::resource::ResourceSet;
use crate::scope::{Scope, ScopeSet};

macro_rules! claims {
    ($($name:ident = $text:literal of $scope:ident),+ $(,)?) => {
        /// A claim about a member (`docs/architecture.md`, "What a service receives").
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the specifications' own words")]
        pub enum Claim {
            $($name),+
        }

        impl Claim {
            /// Every claim, scope by scope.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The scope that gives it, and that a client must be allowed to use to ask for it by name.
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope),+ }
            }
        }
    };
}

claims! {
    Membership = "membership" of Membership,
    MembershipExpiresAt = "membership_expires_at" of Membership,
    VerifiedBadge = "verified_badge" of Membership,
    MemberType = "member_type" of Membership,
    VerifiedClaims = "verified_claims" of Membership,
    Name = "name" of Profile,
    NameTh = "name#th" of Profile,
    NameEn = "name#en" of Profile,
    GivenName = "given_name" of Profile,
    GivenNameTh = "given_name#th" of Profile,
    GivenNameEn = "given_name#en" of Profile,
    MiddleName = "middle_name" of Profile,
    FamilyName = "family_name" of Profile,
    FamilyNameTh = "family_name#th" of Profile,
    FamilyNameEn = "family_name#en" of Profile,
    Title = "title" of Profile,
    Gender = "gender" of Profile,
    Birthdate = "birthdate" of Profile,
    Nickname = "nickname" of Profile,
    PreferredUsername = "preferred_username" of Profile,
    ProfilePage = "profile" of Profile,
    Picture = "picture" of Profile,
    Website = "website" of Profile,
    Zoneinfo = "zoneinfo" of Profile,
    Locale = "locale" of Profile,
    UpdatedAt = "updated_at" of Profile,
    Email = "email" of Email,
    EmailVerified = "email_verified" of Email,
    PhoneNumber = "phone_number" of Phone,
    PhoneNumberVerified = "phone_number_verified" of Phone,
    PersonnelType = "personnel_type" of Organization,
    Organization = "organization" of Organization,
    Department = "department" of Organization,
    Position = "position" of Organization,
    CitizenId = "citizen_id" of CitizenId,
}

impl Claim {
    /// Reads a name that may be asked for through `claims`. The 13-digit number is not among them: it comes under its own
    /// scope alone; nor is `verified_claims`, which is asked for in a form of its own.
    pub fn parse(name: &str) -> Option<Self> {
        let by_name = |claim: &Self| !matches!(claim, Self::CitizenId | Self::VerifiedClaims);
        Self::ALL.iter().copied().filter(by_name).find(|claim| claim.as_str() == name)
    }
}

impl Name for Claim {
    const EVERY: &'static [Self] = Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn place(self) -> u32 {
        self as u32
    }
}

/// A set of claims.
pub type ClaimSet = NameSet<Claim>;

impl ClaimSet {
    /// What a scope gives by itself. `verified_claims` comes only when it is asked for.
    pub fn of(scope: Scope) -> Self {
        Self::of_scopes(ScopeSet::from_iter([scope]))
    }

    /// What members need not give anybody, and may choose to show (`AboutMe`).
    pub fn chosen() -> Self {
        use Claim::{Nickname, Picture, PreferredUsername, ProfilePage, Website};
        Self::from_iter([Nickname, PreferredUsername, ProfilePage, Picture, Website])
    }

    /// What these scopes give by themselves.
    pub fn of_scopes(scopes: ScopeSet) -> Self {
        Self::askable_with(scopes).without(Self::from_iter([Claim::VerifiedClaims]))
    }

    /// What a client with these scopes may ask for by name.
    pub fn askable_with(scopes: ScopeSet) -> Self {
        Claim::ALL.iter().copied().filter(|claim| scopes.contains(claim.scope())).collect()
    }
}

/// What is asked for, agreed to or given: scopes, claims by name beside them, and scopes of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Scopes.
    pub scopes: ScopeSet,
    /// Claims by name.
    pub claims: ClaimSet,
    /// Scopes of resources.
    pub resources: ResourceSet,
}

impl Release {
    /// Whether whoever agreed to this has agreed to `other`: a scope stands for its claims.
    pub fn covers(&self, other: &Self) -> bool {
        let claims = self.claims.union(ClaimSet::of_scopes(self.scopes));
        let ours = self.scopes.covers(other.scopes) && claims.covers(other.claims);
        ours && self.resources.covers(&other.resources)
    }

    /// Both together.
    #[must_use]
    pub fn union(self, other: &Self) -> Self {
        Self {
            scopes: self.scopes.union(other.scopes),
            claims: self.claims.union(other.claims),
            resources: self.resources.union(&other.resources),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.claims.is_empty() && self.resources.is_empty()
    }
}

impl From<ScopeSet> for Release {
    fn from(scopes: ScopeSet) -> Self {
        Self { scopes, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let all: ClaimSet = Claim::ALL.iter().copied().collect();
        assert_eq!(ClaimSet::parse(&all.to_string()), all);
        assert_eq!(ClaimSet::parse("email nonsense").to_string(), "email");
        assert!(Claim::ALL.len() <= 64, "the bits of a set");
    }

    #[test]
    fn a_scope_stands_for_its_claims_but_never_for_the_evidence() {
        let profile = Release::from(ScopeSet::parse("openid profile"));
        let named = |claims| Release { claims, ..Release::default() };
        let name = named(ClaimSet::from_iter([Claim::Name, Claim::NameEn]));
        assert!(profile.covers(&name) && !name.covers(&profile));
        let evidence = named(ClaimSet::from_iter([Claim::VerifiedClaims]));
        assert!(!Release::from(ScopeSet::from_iter(Scope::ALL)).covers(&evidence));
        assert!(evidence.covers(&evidence));
    }

    /// OpenID Connect Core §5.4: what a certification suite expects of the scope.
    #[test]
    fn the_scope_profile_has_every_standard_claim() {
        let standard = "name family_name given_name middle_name nickname preferred_username profile picture website \
             gender birthdate zoneinfo locale updated_at";
        let profile = ClaimSet::of(Scope::Profile);
        for name in standard.split_whitespace() {
            assert!(Claim::parse(name).is_some_and(|claim| profile.contains(claim)), "{name}");
        }
    }

    #[test]
    fn the_number_cannot_be_asked_for_by_name() {
        assert_eq!(Claim::parse("citizen_id"), None);
        assert_eq!(Claim::parse("verified_claims"), None);
        assert_eq!(Claim::parse("name#en"), Some(Claim::NameEn));
        assert!(ClaimSet::of(Scope::CitizenId).contains(Claim::CitizenId));
    }
}
