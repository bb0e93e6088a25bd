//! ThaID, the state's own OpenID provider: who signed in there, and how sure ThaID is of it (`thai-identity.md` 5.4).
//!
//! In reading order: the values here, `claims` (what an ID token says, and what of it is believed), `client` (the
//! `openidconnect` crate as relying party). Its simulator has pages and lives with the demonstration.

mod claims;
mod client;

use std::fmt;

use idp_core::thai::{BuddhistDate, NationalId, ThaiName};
use url::Url;

use crate::{ApiKey, BoxFuture, Ial, Unavailable};

pub use client::{Begun, Thaid};
pub use openidconnect::{HttpRequest, HttpResponse};

/// How ThaID knows this ministry, and what is believed of it.
#[derive(Debug, Clone)]
pub struct ThaidSettings {
    /// The issuer, as its discovery document and its ID tokens write it.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: ApiKey,
    /// Whether the secret travels in the form, and not in the header.
    pub secret_in_form: bool,
    /// Our callback, as it is registered there.
    pub redirect_uri: Url,
    /// Whoever ThaID is less sure of is nobody.
    pub least_ial: Ial,
    /// Values of `acr` by which ThaID says that it asked for two factors.
    pub aal2_acr_values: Vec<String>,
    /// Whether test numbers are taken.
    pub numbers: idp_core::thai::AcceptedNumbers,
}

/// What is asked of ThaID: no more than is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThaidScope {
    /// The number and its level: to find an account.
    Number,
    /// Names and birth date, too: to verify one.
    Identity,
}

/// Who signed in at ThaID.
#[derive(Clone)]
pub struct ThaidPerson {
    /// The 13-digit number.
    pub number: NationalId,
    /// How sure ThaID is that it is they.
    pub ial: Ial,
    /// Whether ThaID asked for two factors, and said so in a way that the settings trust.
    pub two_factors: bool,
    /// Names and birth date, where they were asked for.
    pub identity: Option<ThaidIdentity>,
    /// The id of the exchange, as evidence: found again in our log, and in ThaID's.
    pub reference: String,
}

/// Names and birth date of the register, by ThaID's word.
#[derive(Clone)]
pub struct ThaidIdentity {
    /// First name in Thai.
    pub first_name: ThaiName,
    /// Surname in Thai.
    pub last_name: ThaiName,
    /// Birth date.
    pub birth_date: BuddhistDate,
}

impl fmt::Debug for ThaidPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThaidPerson").field("ial", &self.ial).finish_non_exhaustive()
    }
}

/// Why nobody came back from ThaID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ThaidError {
    /// ThaID cannot be asked now, or answers nonsense.
    #[error("ThaID is not available: {0}")]
    Unavailable(#[from] Unavailable),
    /// It does not take the code: too old, used, or not ours. Whoever sent it may begin again.
    #[error("ThaID did not take the code")]
    CodeRefused,
    /// The ID token is not one for this sign-in; which check failed.
    #[error("ThaID's ID token is not for this sign-in: {0}")]
    Untrusted(&'static str),
    /// ThaID is not sure enough of who it is, or does not say how sure it is.
    #[error("ThaID's level is below what is asked for")]
    TooUnsure,
    /// The number is one that is not taken here.
    #[error("ThaID's number is not one that is taken here")]
    NumberNotTaken,
}

/// The way out to ThaID's own addresses. The caller's HTTP client judges where a name leads; nothing is followed.
pub trait Transport: Send + Sync {
    /// Sends one request and reads its answer, bounded in time and length.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, Unavailable>>;
}
