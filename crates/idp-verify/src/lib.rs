//! Asks others who a person is: the civil registry and the ministry's staff directory, a simulator beside each, and ThaID.
//!
//! A definite answer is a value ([`RegistryAnswer`], [`StaffAnswer`]); not having one is an error ([`Unavailable`]).
//! The two never mix: an outage is never a pass and never a counted try, and a business "no" is never an outage,
//! whatever status code it travelled under.
//!
//! In reading order: the values and traits here, then [`registry`], [`staff`], [`thaid`], [`assurance`], and what both clients
//! stand on ([`outgoing`]: limits, and the circuit breaker under it) and both simulators stand on ([`simulator`]).

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use idp_core::email::EmailAddress;
use idp_core::thai::{BuddhistDate, NationalId, ThaiName};

pub mod assurance;
mod breaker;
pub mod openid;
pub mod outgoing;
pub mod registry;
pub mod simulator;
pub mod staff;
pub mod thaid;

pub use assurance::{AboveCeiling, AssuranceTable, Ial, ceiling};
pub use idp_core::account::VerificationMethod;
pub use outgoing::{ApiKey, MonotonicClock, RequestIds, SettingsError, Timeouts};
pub use registry::{HttpRegistry, RegistrySettings, RegistrySimulator};
pub use simulator::{RunningSimulator, Weather};
pub use staff::{DEMO_STAFF_DOMAIN, HttpStaffDirectory, StaffSettings, StaffSimulator};
pub use thaid::{Thaid, ThaidError, ThaidPerson, ThaidScope, ThaidSettings};

/// A future that can be returned from a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is printed on the face of the citizen card, as the person typed it: all that the registry is told.
#[derive(Clone)]
pub struct CardData {
    /// The 13-digit number.
    pub number: NationalId,
    /// First name in Thai, without title and without middle name, as the registry wants it.
    pub first_name: ThaiName,
    /// Surname in Thai.
    pub last_name: ThaiName,
    /// Birth date in the Buddhist era, as printed: day and month may be unknown.
    pub birth_date: BuddhistDate,
}

impl fmt::Debug for CardData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardData").finish_non_exhaustive()
    }
}

/// A definite answer of the civil registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryAnswer {
    /// The number, both names and the birth date are those of one living person with a valid card.
    Match {
        /// The id of the request that was answered: the `txn` of the evidence, found again in the gateway's log.
        reference: String,
    },
    /// A name or the birth date is not the one in the register. Which one is not to be told to anybody.
    Mismatch,
    /// The register does not know the number. To the person this is the same answer as [`Self::Mismatch`].
    NotFound,
    /// The person is right, the card is not: expired, reported lost, replaced after a move, chip abnormal.
    CardInvalid,
    /// The register says the holder of the number has died. To the person this is the same answer as
    /// [`Self::Mismatch`]: whoever asks is not the holder.
    Deceased,
    /// The registry wants data that the request did not have.
    Incomplete,
}

impl RegistryAnswer {
    /// The answer's name in the audit log. Never shown: it tells which field was wrong (`thai-identity.md` 5.6).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Match { .. } => "match",
            Self::Mismatch => "mismatch",
            Self::NotFound => "not_found",
            Self::CardInvalid => "card_invalid",
            Self::Deceased => "deceased",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Why there is no answer: an outage. Never a pass, never a counted try, and no text of it tells about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// No complete answer within the time allowed.
    #[error("no complete answer within the time allowed")]
    Timeout,
    /// The connection was refused or closed before the answer was complete.
    #[error("the connection was refused or closed")]
    Refused,
    /// An HTTP status that carries no business answer.
    #[error("answered with status {0}")]
    Status(u16),
    /// An answer that makes no sense: not the agreed form, too long, or the answer to another request.
    #[error("answered in a form that was not agreed")]
    Malformed,
    /// Not asked at all: the last calls failed, and the next is allowed after [`outgoing::BREAKER_PAUSE`].
    #[error("not asked, because the last calls failed")]
    BreakerOpen,
    /// This deployment has no address to ask at.
    #[error("not asked, because no address is set")]
    NotConfigured,
}

impl Unavailable {
    /// The outage's name in the audit log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Status(_) => "status",
            Self::Malformed => "malformed",
            Self::BreakerOpen => "breaker_open",
            Self::NotConfigured => "not_configured",
        }
    }
}

/// The civil registry: are these four values those of one person?
pub trait CivilRegistry: Send + Sync {
    /// Asks once. The future may be dropped at any point; a late answer is then lost, never applied.
    fn check<'a>(&'a self, card: &'a CardData) -> BoxFuture<'a, Result<RegistryAnswer, Unavailable>>;
}

/// Who claims to work at the ministry, under which mailbox. The mailbox has been proven before.
#[derive(Clone)]
pub struct StaffQuery {
    /// The 13-digit number.
    pub number: NationalId,
    /// First name in Thai.
    pub first_name: ThaiName,
    /// Surname in Thai.
    pub last_name: ThaiName,
    /// The confirmed mailbox of the ministry's domain.
    pub email: EmailAddress,
}

impl fmt::Debug for StaffQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffQuery").finish_non_exhaustive()
    }
}

/// A definite answer of the staff directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffAnswer {
    /// The person works at the ministry and the mailbox is theirs.
    Match {
        /// The id of the request that was answered: the `txn` of the evidence.
        reference: String,
        /// The unit, as the directory writes it.
        unit: Option<String>,
        /// The position, as the directory writes it.
        position: Option<String>,
    },
    /// No such person, or another mailbox. Which one is not to be told to anybody.
    NoMatch,
    /// The person and the mailbox belong together, but the person has left the ministry.
    Left,
}

impl StaffAnswer {
    /// The answer's name in the audit log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Match { .. } => "match",
            Self::NoMatch => "no_match",
            Self::Left => "left",
        }
    }
}

/// The ministry's staff directory: does this person work here, under this mailbox?
pub trait StaffDirectory: Send + Sync {
    /// Asks once. The future may be dropped at any point; a late answer is then lost, never applied.
    fn look_up<'a>(&'a self, query: &'a StaffQuery) -> BoxFuture<'a, Result<StaffAnswer, Unavailable>>;
}

/// Stands where no address is set: never an answer, never a guess.
pub struct NotConfigured;

impl CivilRegistry for NotConfigured {
    fn check<'a>(&'a self, _: &'a CardData) -> BoxFuture<'a, Result<RegistryAnswer, Unavailable>> {
        Box::pin(async { Err(Unavailable::NotConfigured) })
    }
}

impl StaffDirectory for NotConfigured {
    fn look_up<'a>(&'a self, _: &'a StaffQuery) -> BoxFuture<'a, Result<StaffAnswer, Unavailable>> {
        Box::pin(async { Err(Unavailable::NotConfigured) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_tells_nothing_but_its_kind() {
        fn check(outage: Unavailable, text: &str) {
            assert_eq!(outage.to_string(), text);
        }
        check(Unavailable::Timeout, "no complete answer within the time allowed");
        check(Unavailable::Refused, "the connection was refused or closed");
        check(Unavailable::Status(503), "answered with status 503");
        check(Unavailable::Malformed, "answered in a form that was not agreed");
        check(Unavailable::BreakerOpen, "not asked, because the last calls failed");
    }

    #[test]
    fn printing_what_is_asked_prints_nothing_personal() {
        let citizen = registry::citizens().first().expect("there are sample citizens");
        let card = citizen.card().expect("the first sample citizen can fill in the form");
        assert_eq!(format!("{card:?}"), "CardData { .. }");
        let query = StaffQuery {
            number: card.number,
            first_name: card.first_name,
            last_name: card.last_name,
            email: EmailAddress::parse("somchai@staff.moc.example").expect("an address"),
        };
        assert_eq!(format!("{query:?}"), "StaffQuery { .. }");
    }
}
