//! Which resources, with which of their scopes (RFC 8707): as asked for, agreed to, granted, and meant by one token.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ResourceAccess, ResourceScope, ResourceUri, UNKNOWN};
use crate::authorize::ProtocolError;
use crate::client::Client;
use crate::jose::Audience;
use crate::scope::{Scope, ScopeSet};

/// Resources and scopes of theirs, each resource once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceSet(Vec<ResourceAccess>);

impl ResourceSet {
    /// Nothing.
    pub const NONE: Self = Self(Vec::new());

    /// What an authorization is for besides userinfo: each `resource` that it names, with those of its scopes that
    /// `scope` names. A scope of a resource that is not named is like any other that we do not know.
    ///
    /// # Errors
    /// `invalid_target` (RFC 8707 §2) for a resource that the client may not ask for.
    pub fn asked<'a>(
        client: &Client,
        named: impl Iterator<Item = &'a str>,
        scope: Option<&str>,
    ) -> Result<Self, ProtocolError> {
        let mut set = Self::NONE;
        for name in named {
            let access = client.resources.iter().find(|access| access.resource.as_str() == name).ok_or(UNKNOWN)?;
            if set.get(&access.resource).is_none() {
                set.0.push(access.clone());
            }
        }
        Ok(set.with_scopes_of(scope.unwrap_or_default()))
    }

    /// Reads what [`fmt::Display`] wrote: a line for each resource.
    pub fn stored(text: &str) -> Option<Self> {
        let line = |line: &str| {
            let mut words = line.split(' ');
            let resource = ResourceUri::stored(words.next()?)?;
            let scopes = words.map(ResourceScope::parse).collect::<Result<_, _>>().ok()?;
            Some(ResourceAccess { resource, scopes })
        };
        text.lines().map(line).collect::<Option<_>>().map(Self)
    }

    /// What is known of one resource.
    pub fn get(&self, resource: &ResourceUri) -> Option<&ResourceAccess> {
        self.0.iter().find(|access| access.resource == *resource)
    }

    /// Each resource.
    pub fn iter(&self) -> impl Iterator<Item = &ResourceAccess> {
        self.0.iter()
    }

    /// Whether there is no resource.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same resources with those of their scopes that `scope`, a list with spaces between, names.
    #[must_use]
    pub fn with_scopes_of(mut self, scope: &str) -> Self {
        for access in &mut self.0 {
            access.scopes.retain(|known| scope.split(' ').any(|token| token == known.as_str()));
        }
        self
    }

    /// Those with scopes: what a member is asked about. A resource without is told nothing but that it is the same person.
    #[must_use]
    pub fn askable(&self) -> Self {
        Self(self.0.iter().filter(|access| !access.scopes.is_empty()).cloned().collect())
    }

    /// The part of it that `client` may still ask for.
    #[must_use]
    pub fn within(&self, client: &Client) -> Self {
        let allowed = |access: &ResourceAccess| {
            let held = client.resources.iter().find(|held| held.resource == access.resource)?;
            let scopes = access.scopes.iter().filter(|scope| held.scopes.contains(scope)).cloned().collect();
            Some(ResourceAccess { resource: access.resource.clone(), scopes })
        };
        Self(self.0.iter().filter_map(allowed).collect())
    }

    /// Whether whoever agreed to this has agreed to the scopes of `other`.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|asked| {
            let held = self.get(&asked.resource).map_or(&[][..], |held| &held.scopes);
            asked.scopes.iter().all(|scope| held.contains(scope))
        })
    }

    /// Both together.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for more in &other.0 {
            match self.0.iter_mut().find(|known| known.resource == more.resource) {
                None => self.0.push(more.clone()),
                Some(known) => {
                    let fresh = more.scopes.iter().filter(|scope| !known.scopes.contains(scope)).cloned();
                    let fresh: Vec<_> = fresh.collect();
                    known.scopes.extend(fresh);
                }
            }
        }
        self
    }

    /// What one access token is for (RFC 8707 §2.2): what the token request names, as far as it was granted; without a
    /// name, userinfo and every resource. Userinfo goes by the name of the issuer.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn target<'a>(&self, named: impl Iterator<Item = &'a str>, issuer: &str) -> Result<Target, ProtocolError> {
        let mut target = Target { resources: Self::NONE, userinfo: false };
        let mut any = false;
        for name in named {
            any = true;
            if name == issuer {
                target.userinfo = true;
                continue;
            }
            let access = self.0.iter().find(|access| access.resource.as_str() == name).ok_or(UNKNOWN)?;
            if target.resources.get(&access.resource).is_none() {
                target.resources.0.push(access.clone());
            }
        }
        Ok(if any { target } else { Target { resources: self.clone(), userinfo: true } })
    }

    /// Whether a token request's `scope` holds nothing but `ours` and scopes of these resources.
    pub fn admits(&self, scope: &str, ours: ScopeSet) -> bool {
        scope.split(' ').filter(|token| !token.is_empty()).all(|token| match Scope::parse(token) {
            Some(scope) => ours.contains(scope),
            None => self.0.iter().flat_map(|access| &access.scopes).any(|known| known.as_str() == token),
        })
    }
}

impl fmt::Display for ResourceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, access) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(access.resource.as_str())?;
            for scope in &access.scopes {
                write!(f, " {}", scope.as_str())?;
            }
        }
        Ok(())
    }
}

/// For whom one access token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The resources.
    pub resources: ResourceSet,
    /// Userinfo as well.
    pub userinfo: bool,
}

impl Target {
    /// `aud`: the resources, then the issuer for userinfo.
    pub fn audience(&self, issuer: &str) -> Audience {
        let resources = self.resources.iter().map(|access| access.resource.as_str());
        let names: Vec<String> = resources.chain(self.userinfo.then_some(issuer)).map(str::to_owned).collect();
        match <[String; 1]>::try_from(names) {
            Ok([name]) => Audience::One(name),
            Err(names) => Audience::Many(names),
        }
    }

    /// `scope`: what means something to those the token is for (RFC 9068 §3). Our own scopes are userinfo's; they stand in
    /// for those of resources that have none, since there is no empty scope.
    pub fn scope(&self, ours: ScopeSet) -> TokenScope {
        let mut theirs: Vec<ResourceScope> = Vec::new();
        for scope in self.resources.iter().flat_map(|access| &access.scopes) {
            if !theirs.contains(scope) {
                theirs.push(scope.clone());
            }
        }
        let ours = if self.userinfo || theirs.is_empty() { ours } else { ScopeSet::NONE };
        TokenScope { ours, theirs }
    }
}

/// The scope of a member's access token: ours, and those of the resources it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenScope {
    /// Ours.
    pub ours: ScopeSet,
    /// The resources'.
    pub theirs: Vec<ResourceScope>,
}

impl TokenScope {
    /// Reads a list with spaces between. What can be no scope is left out.
    pub fn parse(list: &str) -> Self {
        Self {
            ours: ScopeSet::parse(list),
            theirs: list.split(' ').filter_map(|token| ResourceScope::parse(token).ok()).collect(),
        }
    }
}

impl From<ScopeSet> for TokenScope {
    fn from(ours: ScopeSet) -> Self {
        Self { ours, theirs: Vec::new() }
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.ours, f)?;
        for (index, scope) in self.theirs.iter().enumerate() {
            if index > 0 || !self.ours.is_empty() {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for TokenScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::ErrorCode;

    const ISSUER: &str = "https://op.test";

    fn granted() -> ResourceSet {
        ResourceSet::stored("https://a.test a:read a:write\nhttps://b.test\nhttps://c.test c:read").unwrap()
    }

    #[track_caller]
    fn check(named: &[&str], aud: &[&str], scope: &str) {
        let target = granted().target(named.iter().copied(), ISSUER).unwrap();
        assert_eq!(target.audience(ISSUER).iter().collect::<Vec<_>>(), aud);
        assert_eq!(target.scope(ScopeSet::parse("openid profile")).to_string(), scope, "{named:?}");
    }

    #[test]
    fn a_token_is_for_what_it_names_and_has_the_scopes_of_that() {
        let (a, b, c) = ("https://a.test", "https://b.test", "https://c.test");
        check(&[], &[a, b, c, ISSUER], "openid profile a:read a:write c:read");
        check(&[a], &[a], "a:read a:write");
        check(&[a, a, c], &[a, c], "a:read a:write c:read");
        check(&[ISSUER], &[ISSUER], "openid profile");
        check(&[ISSUER, c], &[c, ISSUER], "openid profile c:read");
        check(&[b], &[b], "openid profile");
        for unknown in ["https://a.test/", "https://d.test", "", "a:read"] {
            let refused = granted().target([a, unknown].into_iter(), ISSUER).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidTarget, "{unknown}");
        }
        let plain = ResourceSet::NONE.target(std::iter::empty(), ISSUER).unwrap();
        assert_eq!(plain.audience(ISSUER), Audience::One(ISSUER.to_owned()));
    }

    #[test]
    fn a_scope_can_be_left_out_and_none_be_added() {
        let narrow = granted().with_scopes_of("openid a:read");
        assert_eq!(narrow.to_string(), "https://a.test a:read\nhttps://b.test\nhttps://c.test");
        assert!(granted().admits("c:read a:write", ScopeSet::NONE) && !granted().admits("d:read", ScopeSet::NONE));
        assert!(granted().admits("openid c:read", ScopeSet::parse("openid")));
        assert!(!granted().admits("profile", ScopeSet::parse("openid")));
    }

    #[test]
    fn what_was_agreed_to_is_read_as_it_was_written_and_covers_no_more() {
        assert_eq!(ResourceSet::stored(&granted().to_string()), Some(granted()));
        assert_eq!(
            ResourceSet::stored("https://a.test"),
            Some(ResourceSet(vec![granted().0[0].clone()]).with_scopes_of(""))
        );
        for broken in ["no uri", "https://a.test  x", "https://a.test openid", "https://a.test\n\nhttps://b.test"] {
            assert_eq!(ResourceSet::stored(broken), None, "{broken}");
        }
        let some = granted().with_scopes_of("a:read");
        assert!(granted().covers(&some) && !some.covers(&granted()));
        assert!(ResourceSet::NONE.covers(&some.clone().with_scopes_of("")));
        assert_eq!(some.clone().union(&granted()).to_string(), granted().to_string());
        assert_eq!(some.askable().iter().count(), 1);
    }
}
