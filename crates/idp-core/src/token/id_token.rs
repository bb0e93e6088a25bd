//! ID tokens (OpenID Connect Core §2): protocol claims, and membership where it was asked for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha512};

use super::userinfo::{MembershipClaims, Source, member_claims};
use crate::account::Account;
use crate::claim::{Claim, ClaimSet};
use crate::grant::Grant;
use crate::jose::Algorithm;
use crate::scope::Scope;
use crate::secret::base64url;

/// The claims of an ID token.
#[derive(Debug, Serialize)]
pub struct IdClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'static str,
    amr: Vec<&'static str>,
    sid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(flatten)]
    membership: Option<MembershipClaims>,
    #[serde(flatten)]
    named: Map<String, Value>,
}

impl<'a> IdClaims<'a> {
    /// Claims for `grant`, beside an access token of which `at_hash` is the [`half_hash`].
    pub fn new(
        grant: &'a Grant,
        account: &Account,
        issuer: &'a str,
        sub: &'a str,
        at_hash: String,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Self {
        Self {
            iss: issuer,
            sub,
            aud: grant.client_id.as_str(),
            iat: now.timestamp(),
            exp: expires.timestamp(),
            auth_time: grant.authenticated_at.timestamp(),
            nonce: grant.nonce.as_deref(),
            acr: grant.acr.as_str(),
            amr: grant.methods.iter().map(|method| method.as_str()).collect(),
            sid: grant.sid.to_string(),
            at_hash: Some(at_hash),
            membership: grant.scopes.contains(Scope::Membership).then(|| MembershipClaims::of(account)),
            named: Map::new(),
        }
    }

    /// With claims that were asked for by name. The 13-digit number is never among them.
    #[must_use]
    pub fn with_named(mut self, wanted: ClaimSet, verified: Option<Value>, source: Source<'_>) -> Self {
        // Those of the scope are there already.
        let there = if self.membership.is_some() { ClaimSet::of(Scope::Membership) } else { ClaimSet::NONE };
        let number = ClaimSet::from_iter([Claim::CitizenId]);
        member_claims(&mut self.named, wanted.without(there).without(number), source);
        if let Some(verified) = verified {
            self.named.insert(Claim::VerifiedClaims.as_str().to_owned(), verified);
        }
        self
    }

    /// The same without a nonce, as a refresh gives it (OpenID Connect Core §12.2).
    #[must_use]
    pub fn without_nonce(self) -> Self {
        Self { nonce: None, ..self }
    }
}

/// `at_hash` (OpenID Connect Core §3.1.3.6): the left half of the digest that `algorithm`, which signs the ID token, is
/// made with: SHA-256 for those that end in 256, SHA-512 for EdDSA on Ed25519 (RFC 8032 §5.1).
pub fn half_hash(token: &str, algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::ES256 | Algorithm::RS256 | Algorithm::PS256 => base64url(&Sha256::digest(token.as_bytes())[..16]),
        Algorithm::EdDSA => base64url(&Sha512::digest(token.as_bytes())[..32]),
    }
}

/// What is read of an `id_token_hint`: whose it was, for whom, in which session. Age does not matter for a hint
/// (OpenID Connect RP-Initiated Logout §4), our signature does; and that it is an ID token: what every one has must be
/// there, and of all that we sign under this `typ` an ID token alone tells when somebody signed in (RFC 8725 §3.12).
#[derive(Debug, Deserialize)]
pub struct IdTokenHint {
    /// The issuer.
    pub iss: String,
    /// The member, as the client sees them.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// The session.
    pub sid: Option<String>,
    /// When the member signed in.
    pub auth_time: i64,
    /// When it was made.
    pub iat: i64,
    /// When it ended, or will.
    pub exp: i64,
}
