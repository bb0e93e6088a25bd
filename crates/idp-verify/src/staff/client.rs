//! The real client of the staff directory, in the dialect of the neighbouring page.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use url::Url;

use super::dialect::{self, Found, LOOKUP_PATH, Lookup};
use crate::outgoing::{self, ApiKey, MonotonicClock, Outgoing, RequestIds, SettingsError, Timeouts};
use crate::{BoxFuture, StaffAnswer, StaffDirectory, StaffQuery, Unavailable};

/// How to reach the staff directory.
#[derive(Debug, Clone)]
pub struct StaffSettings {
    /// The directory's address, with a path prefix if it has one.
    pub base: Url,
    /// The bearer key issued for this system.
    pub key: ApiKey,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// The staff directory over HTTP.
pub struct HttpStaffDirectory {
    outgoing: Outgoing,
    lookup_url: Url,
    authorization: HeaderValue,
}

impl HttpStaffDirectory {
    /// A client that has not asked anything yet; refuses settings under which personal data would not be safe.
    pub fn new(
        settings: &StaffSettings,
        clock: MonotonicClock,
        request_ids: RequestIds,
    ) -> Result<Self, SettingsError> {
        outgoing::check_base(&settings.base)?;
        Ok(Self {
            outgoing: Outgoing::new("staff directory", &settings.base, settings.timeouts, clock, request_ids)?,
            lookup_url: outgoing::below(&settings.base, LOOKUP_PATH),
            authorization: settings.key.as_header("Bearer ")?,
        })
    }

    async fn ask(&self, query: &StaffQuery) -> Result<StaffAnswer, Unavailable> {
        let lookup = Lookup {
            national_id: query.number.digits(),
            first_name: query.first_name.as_str(),
            last_name: query.last_name.as_str(),
            email: query.email.as_str(),
        };
        let request =
            self.outgoing.post(self.lookup_url.clone()).header(AUTHORIZATION, &self.authorization).json(&lookup);
        let reply = self.outgoing.send(request).await?;
        let found = dialect::read_found(reply.status, &reply.body)?;
        let reference = reply.answered_request()?;
        Ok(match found {
            Found::Match { unit, position } => StaffAnswer::Match { reference, unit, position },
            Found::NoMatch => StaffAnswer::NoMatch,
            Found::Left => StaffAnswer::Left,
        })
    }
}

impl StaffDirectory for HttpStaffDirectory {
    fn look_up<'a>(&'a self, query: &'a StaffQuery) -> BoxFuture<'a, Result<StaffAnswer, Unavailable>> {
        Box::pin(self.outgoing.exchange(self.ask(query)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use idp_core::email::EmailAddress;

    use super::*;
    use crate::outgoing::{BREAKER_PAUSE, BREAKER_THRESHOLD};
    use crate::simulator::tests::{LOOPBACK, ManualClock, counted_ids};
    use crate::simulator::{RunningSimulator, Weather};
    use crate::staff::{SampleStaff, StaffOutcome, StaffSimulator, personnel};

    async fn scene(total: Duration) -> (RunningSimulator, HttpStaffDirectory, ManualClock) {
        let simulator = StaffSimulator::start(LOOPBACK).await.expect("a free port");
        let mut settings = StaffSimulator::settings(simulator.base_url());
        settings.timeouts.total = total;
        let clock = ManualClock::default();
        let directory = HttpStaffDirectory::new(&settings, clock.reader(), counted_ids()).expect("good settings");
        (simulator, directory, clock)
    }

    const PATIENT: Duration = Duration::from_secs(30);
    const IMPATIENT: Duration = Duration::from_millis(200);

    fn query(of: &SampleStaff) -> StaffQuery {
        of.query().expect("the sample can fill in the form")
    }

    fn with(outcome: StaffOutcome) -> &'static SampleStaff {
        personnel().iter().find(|person| person.outcome == outcome).expect("somebody with this outcome")
    }

    #[tokio::test]
    async fn every_sample_gets_the_answer_of_the_table() {
        let (_patient, patient, _) = scene(PATIENT).await;
        let (_impatient, impatient, _) = scene(IMPATIENT).await;
        for person in personnel() {
            let directory = if person.outcome == StaffOutcome::Hang { &impatient } else { &patient };
            let answer = directory.look_up(&query(person)).await;
            match person.outcome {
                StaffOutcome::Match => match answer {
                    Ok(StaffAnswer::Match { unit, position, .. }) => {
                        assert_eq!(unit.as_deref(), Some(person.unit));
                        assert_eq!(position.as_deref(), Some(person.position));
                    }
                    other => panic!("{person:?}: {other:?}"),
                },
                StaffOutcome::NoSuchMailbox => assert_eq!(answer, Ok(StaffAnswer::NoMatch), "{person:?}"),
                StaffOutcome::Left => assert_eq!(answer, Ok(StaffAnswer::Left), "{person:?}"),
                StaffOutcome::Outage => assert_eq!(answer, Err(Unavailable::Status(503)), "{person:?}"),
                StaffOutcome::Hang => assert_eq!(answer, Err(Unavailable::Timeout), "{person:?}"),
            }
        }
    }

    #[tokio::test]
    async fn anothers_mailbox_or_name_is_no_match_also_for_who_has_left() {
        let (_simulator, directory, _) = scene(PATIENT).await;
        for person in [with(StaffOutcome::Match), with(StaffOutcome::Left)] {
            let right = query(person);
            let other = query(with(StaffOutcome::Outage));
            let wrong = [
                StaffQuery { email: other.email, ..right.clone() },
                StaffQuery { first_name: other.first_name, ..right.clone() },
                StaffQuery { last_name: other.last_name, ..right.clone() },
            ];
            for query in &wrong {
                assert_eq!(directory.look_up(query).await, Ok(StaffAnswer::NoMatch), "{person:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_mailbox_is_the_same_in_capitals() {
        let (_simulator, directory, _) = scene(PATIENT).await;
        let person = with(StaffOutcome::Match);
        let email = EmailAddress::parse(&person.mailbox.to_uppercase()).expect("an address");
        let answer = directory.look_up(&StaffQuery { email, ..query(person) }).await;
        assert!(matches!(answer, Ok(StaffAnswer::Match { .. })), "{answer:?}");
    }

    #[tokio::test]
    async fn a_recorded_yes_is_not_an_answer() {
        let (simulator, directory, _) = scene(PATIENT).await;
        assert!(matches!(directory.look_up(&query(with(StaffOutcome::Match))).await, Ok(StaffAnswer::Match { .. })));
        simulator.set_weather(Weather::Replay);
        assert_eq!(directory.look_up(&query(with(StaffOutcome::Left))).await, Err(Unavailable::Malformed));
    }

    #[tokio::test]
    async fn bad_weather_is_never_an_answer() {
        async fn check(weather: Weather, total: Duration, expected: Unavailable) {
            let (simulator, directory, _) = scene(total).await;
            simulator.set_weather(weather);
            assert_eq!(directory.look_up(&query(with(StaffOutcome::Match))).await, Err(expected), "{weather:?}");
        }
        check(Weather::Outage, PATIENT, Unavailable::Refused).await;
        check(Weather::Hang, IMPATIENT, Unavailable::Timeout).await;
        check(Weather::Drip, IMPATIENT, Unavailable::Timeout).await;
        check(Weather::Status503, PATIENT, Unavailable::Status(503)).await;
        check(Weather::Flood, PATIENT, Unavailable::Malformed).await;
    }

    #[tokio::test]
    async fn the_breaker_spares_a_failing_directory_and_lets_it_come_back() {
        let (simulator, directory, clock) = scene(PATIENT).await;
        let query = query(with(StaffOutcome::Match));
        simulator.set_weather(Weather::Status503);
        for _ in 0..BREAKER_THRESHOLD {
            assert_eq!(directory.look_up(&query).await, Err(Unavailable::Status(503)));
        }
        assert_eq!(directory.look_up(&query).await, Err(Unavailable::BreakerOpen));
        assert_eq!(simulator.calls(), u64::from(BREAKER_THRESHOLD));
        simulator.set_weather(Weather::Fine);
        clock.advance(BREAKER_PAUSE);
        assert!(matches!(directory.look_up(&query).await, Ok(StaffAnswer::Match { .. })));
    }

    #[tokio::test]
    async fn a_wrong_key_is_an_outage() {
        let simulator = StaffSimulator::start(LOOPBACK).await.expect("a free port");
        let settings = StaffSettings { key: ApiKey::new("another"), ..StaffSimulator::settings(simulator.base_url()) };
        let directory =
            HttpStaffDirectory::new(&settings, ManualClock::default().reader(), counted_ids()).expect("good settings");
        let answer = directory.look_up(&query(with(StaffOutcome::Match))).await;
        assert_eq!(answer, Err(Unavailable::Status(401)));
    }

    // Design rule 9.
    #[tokio::test]
    async fn no_url_ever_has_personal_data_in_it() {
        let (simulator, directory, _) = scene(PATIENT).await;
        let answering: Vec<_> = personnel().iter().filter(|person| person.outcome != StaffOutcome::Hang).collect();
        for person in &answering {
            let _answer = directory.look_up(&query(person)).await;
        }
        assert_eq!(simulator.urls(), vec![LOOKUP_PATH; answering.len()]);
    }
}
