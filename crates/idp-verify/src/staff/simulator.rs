//! A staff directory on this machine that answers from the table of sample personnel.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::{Method, StatusCode};
use idp_core::email::EmailAddress;
use idp_core::thai::ThaiName;
use url::Url;

use super::client::StaffSettings;
use super::dialect::{Found, LOOKUP_PATH, Lookup};
use super::{SampleStaff, StaffOutcome, personnel};
use crate::outgoing::{ApiKey, Timeouts};
use crate::simulator::{self, Act, Asked, Count, Dialect, RunningSimulator, Scene};

const KEY: &str = "demo-staff-key";
/// Longer than anyone waits.
const NEVER: Duration = Duration::from_secs(3600);

/// The simulated staff directory.
#[derive(Debug)]
pub struct StaffSimulator(());

impl StaffSimulator {
    /// Starts it on `address`; port 0 takes a free port.
    pub async fn start(address: SocketAddr) -> io::Result<RunningSimulator> {
        simulator::start(address, Self(())).await
    }

    /// The settings with which [`crate::HttpStaffDirectory`] asks a simulator at `base`.
    pub fn settings(base: Url) -> StaffSettings {
        StaffSettings { base, key: ApiKey::new(KEY), timeouts: Timeouts::default() }
    }
}

impl Dialect for StaffSimulator {
    fn act(&self, request: &Asked) -> Scene {
        if request.uri.path() != LOOKUP_PATH {
            return Scene::uncounted(StatusCode::NOT_FOUND, "");
        }
        if request.method != Method::POST {
            return Scene::uncounted(StatusCode::METHOD_NOT_ALLOWED, "");
        }
        if request.header("authorization").strip_prefix("Bearer ") != Some(KEY) {
            return Scene::uncounted(StatusCode::UNAUTHORIZED, "");
        }
        let Ok(lookup) = serde_json::from_slice::<Lookup<String>>(&request.body) else {
            return Scene::uncounted(StatusCode::BAD_REQUEST, "");
        };
        let act = match personnel().iter().find(|person| person.number == lookup.national_id) {
            Some(SampleStaff { outcome: StaffOutcome::Outage, .. }) => {
                Act::Answer { status: StatusCode::SERVICE_UNAVAILABLE, body: String::new() }
            }
            Some(SampleStaff { outcome: StaffOutcome::Hang, .. }) => Act::Late { after: NEVER, body: String::new() },
            Some(person) if is_about(&lookup, person) => found(match person.outcome {
                StaffOutcome::Left => Found::Left,
                StaffOutcome::NoSuchMailbox => Found::NoMatch,
                _ => Found::Match { unit: Some(person.unit.to_owned()), position: Some(person.position.to_owned()) },
            }),
            _ => found(Found::NoMatch),
        };
        Scene { count: Count::Person { number: lookup.national_id }, act }
    }
}

/// Whether names and mailbox are the person's too. That somebody has left is told only to who knows all of them.
fn is_about(lookup: &Lookup<String>, person: &SampleStaff) -> bool {
    let same_name =
        |typed: &str, listed: &str| match (ThaiName::parse_as_typed(typed), ThaiName::parse_as_typed(listed)) {
            (Ok(typed), Ok(listed)) => typed.key() == listed.key(),
            _ => false,
        };
    let same_mailbox = match (EmailAddress::parse(&lookup.email), EmailAddress::parse(person.mailbox)) {
        (Ok(typed), Ok(listed)) => typed.key() == listed.key(),
        _ => false,
    };
    let citizen = person.citizen();
    same_mailbox && same_name(&lookup.first_name, citizen.first) && same_name(&lookup.last_name, citizen.last)
}

fn found(found: Found) -> Act {
    let body = serde_json::to_string(&found).expect("three plain variants always serialise");
    Act::Answer { status: StatusCode::OK, body }
}
