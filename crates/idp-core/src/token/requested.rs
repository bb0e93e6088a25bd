//! What a grant gives beside its scopes: claims asked for by name (OpenID Connect Core §5.5), kept with the grant so that
//! userinfo and every later ID token agree.

use serde::{Deserialize, Serialize};

use super::verified::VerifiedRequest;
use crate::claim::{Claim, ClaimSet};
use crate::scope::ScopeSet;

/// The language of names without a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimsLocale {
    /// Thai: unless the client asks otherwise.
    #[default]
    Th,
    /// English, where the member has a name in it.
    En,
}

impl ClaimsLocale {
    /// The languages of claims, as discovery lists them.
    pub const ALL: [&str; 2] = ["th", "en"];

    /// The first language of `claims_locales` that we speak.
    pub fn choose(list: &str) -> Option<Self> {
        list.split(' ').find_map(|tag| {
            let primary = tag.split('-').next().unwrap_or_default();
            match () {
                () if primary.eq_ignore_ascii_case("th") => Some(Self::Th),
                () if primary.eq_ignore_ascii_case("en") => Some(Self::En),
                () => None,
            }
        })
    }
}

/// Claims asked for by name, and how they are to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaims {
    /// For userinfo.
    #[serde(default, skip_serializing_if = "ClaimSet::is_empty")]
    pub userinfo: ClaimSet,
    /// For the ID token.
    #[serde(default, skip_serializing_if = "ClaimSet::is_empty")]
    pub id_token: ClaimSet,
    /// `verified_claims` for userinfo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified_userinfo: Vec<VerifiedRequest>,
    /// `verified_claims` for the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified_id_token: Vec<VerifiedRequest>,
    /// `claims_locales`
    #[serde(default)]
    pub locale: ClaimsLocale,
}

impl RequestedClaims {
    /// Everything that is asked for, wherever it is to appear: what the member is asked about.
    pub fn all(&self) -> ClaimSet {
        let verified = self.verified_userinfo.iter().chain(&self.verified_id_token);
        let verified = verified.fold(ClaimSet::NONE, |set, request| {
            set.union(request.claims).union(ClaimSet::from_iter([Claim::VerifiedClaims]))
        });
        self.userinfo.union(self.id_token).union(verified)
    }

    /// The part of it that a client with these scopes may ask for.
    #[must_use]
    pub fn within(mut self, scopes: ScopeSet) -> Self {
        let askable = ClaimSet::askable_with(scopes);
        self.userinfo = self.userinfo.intersect(askable);
        self.id_token = self.id_token.intersect(askable);
        for list in [&mut self.verified_userinfo, &mut self.verified_id_token] {
            for request in list.iter_mut() {
                request.claims = request.claims.intersect(askable);
            }
            list.retain(|request| askable.contains(Claim::VerifiedClaims) && !request.claims.is_empty());
        }
        self
    }

    /// Whether nothing differs from a grant that gives its scopes alone.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
