//! The real client of the civil registry, in the dialect of the neighbouring page.

use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::sync::Mutex;
use url::Url;

use super::dialect::{self, CHECK_PATH, CONSUMER_KEY, TOKEN, TOKEN_PATH, Verdict};
use crate::outgoing::{self, ApiKey, MonotonicClock, Outgoing, Reply, RequestIds, SettingsError, Timeouts};
use crate::{BoxFuture, CardData, CivilRegistry, RegistryAnswer, Unavailable};

/// A token dies after 60 idle minutes; we let go of it a little earlier than the other side does.
const TOKEN_IDLE: Duration = Duration::from_secs(55 * 60);

/// How to reach the registry.
#[derive(Debug, Clone)]
pub struct RegistrySettings {
    /// The exchange or the ministry's gateway in front of it, with a path prefix if it has one.
    pub base: Url,
    /// The key issued for this system.
    pub consumer_key: ApiKey,
    /// The secret issued with the key. It travels in the query of the token request, as the exchange demands: the
    /// gateway should not log that path.
    pub consumer_secret: ApiKey,
    /// The system's English name. The exchange would also take an officer's number here; we do not.
    pub agent: String,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// The civil registry over HTTP.
pub struct HttpRegistry {
    outgoing: Outgoing,
    clock: MonotonicClock,
    token_url: Url,
    check_url: Url,
    consumer_key: HeaderValue,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    last_used: Duration,
}

impl HttpRegistry {
    /// A client that has not asked anything yet; refuses settings under which personal data would not be safe.
    pub fn new(
        settings: &RegistrySettings,
        clock: MonotonicClock,
        request_ids: RequestIds,
    ) -> Result<Self, SettingsError> {
        outgoing::check_base(&settings.base)?;
        if idp_core::thai::ascii_digits(&settings.agent).chars().filter(char::is_ascii_digit).count() >= 13 {
            return Err(SettingsError::AgentIsPerson);
        }
        let mut token_url = outgoing::below(&settings.base, TOKEN_PATH);
        token_url
            .query_pairs_mut()
            .append_pair("ConsumerSecret", settings.consumer_secret.expose())
            .append_pair("AgentID", &settings.agent);
        Ok(Self {
            outgoing: Outgoing::new("civil registry", settings.timeouts, clock.clone(), request_ids)?,
            clock,
            token_url,
            check_url: outgoing::below(&settings.base, CHECK_PATH),
            consumer_key: settings.consumer_key.as_header("")?,
            token: Mutex::new(None),
        })
    }

    async fn ask(&self, card: &CardData) -> Result<RegistryAnswer, Unavailable> {
        let token = self.live_token().await?;
        let mut reply = self.send_check(card, &token).await?;
        if matches!(reply.status, 401 | 403) {
            // The exchange forgot the token before its time. Nothing was decided yet, so asking once more is no retry
            // of an answer.
            self.forget(&token).await;
            let token = self.live_token().await?;
            reply = self.send_check(card, &token).await?;
        }
        let verdict = match dialect::read_check(reply.status, &reply.body) {
            Ok(verdict) => verdict,
            Err(outage) => {
                // A dead token may hide behind any failure: the next check starts with a fresh one.
                self.token.lock().await.take();
                return Err(outage);
            }
        };
        let reference = reply.answered_request()?;
        Ok(match verdict {
            Verdict::Match => RegistryAnswer::Match { reference },
            Verdict::Mismatch => RegistryAnswer::Mismatch,
            Verdict::NotFound => RegistryAnswer::NotFound,
            Verdict::CardInvalid => RegistryAnswer::CardInvalid,
            Verdict::Deceased => RegistryAnswer::Deceased,
            Verdict::Incomplete => RegistryAnswer::Incomplete,
        })
    }

    async fn send_check(&self, card: &CardData, token: &HeaderValue) -> Result<Reply, Unavailable> {
        let form = [
            ("CitizenID", card.number.digits()),
            ("FirstName", card.first_name.as_str()),
            ("LastName", card.last_name.as_str()),
            ("BEBirthDate", &card.birth_date.registry_form()),
        ];
        let request = self
            .outgoing
            .post(self.check_url.clone())
            .header(CONSUMER_KEY, &self.consumer_key)
            .header(TOKEN, token)
            .form(&form);
        self.outgoing.send(request).await
    }

    /// The token in hand, or a new one. The lock is held while asking, so that many callers fetch one token.
    async fn live_token(&self) -> Result<HeaderValue, Unavailable> {
        let mut slot = self.token.lock().await;
        let now = (self.clock)();
        if let Some(token) = slot.as_mut().filter(|token| now.saturating_sub(token.last_used) < TOKEN_IDLE) {
            token.last_used = now;
            return Ok(token.header.clone());
        }
        let request = self.outgoing.get(self.token_url.clone()).header(CONSUMER_KEY, &self.consumer_key);
        let reply = self.outgoing.send(request).await?;
        let token = dialect::read_token(reply.status, &reply.body)?;
        let mut header = HeaderValue::from_str(&token).map_err(|_| Unavailable::Malformed)?;
        header.set_sensitive(true);
        *slot = Some(Token { header: header.clone(), last_used: now });
        Ok(header)
    }

    /// Lets go of this token, unless another caller has already got a new one.
    async fn forget(&self, dead: &HeaderValue) {
        let mut slot = self.token.lock().await;
        if slot.as_ref().is_some_and(|token| token.header == *dead) {
            *slot = None;
        }
    }
}

impl CivilRegistry for HttpRegistry {
    fn check<'a>(&'a self, card: &'a CardData) -> BoxFuture<'a, Result<RegistryAnswer, Unavailable>> {
        Box::pin(self.outgoing.exchange(self.ask(card)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::outgoing::{BREAKER_PAUSE, BREAKER_THRESHOLD};
    use crate::registry::{Outcome, RegistrySimulator, SampleCitizen, citizens};
    use crate::simulator::tests::{LOOPBACK, ManualClock, counted_ids, number};
    use crate::simulator::{RunningSimulator, Weather};

    struct Scene {
        simulator: RunningSimulator,
        registry: HttpRegistry,
        clock: ManualClock,
    }

    /// Long enough for loopback on a busy machine.
    const PATIENT: Duration = Duration::from_secs(30);
    /// For those who are kept waiting on purpose.
    const IMPATIENT: Duration = Duration::from_millis(200);

    impl Scene {
        async fn waiting(total: Duration) -> Self {
            let simulator = RegistrySimulator::start(LOOPBACK).await.expect("a free port");
            let mut settings = RegistrySimulator::settings(simulator.base_url());
            settings.timeouts.total = total;
            let clock = ManualClock::default();
            let registry = HttpRegistry::new(&settings, clock.reader(), counted_ids()).expect("good settings");
            Self { simulator, registry, clock }
        }

        async fn check(&self, card: &CardData) -> Result<RegistryAnswer, Unavailable> {
            self.registry.check(card).await
        }

        async fn warm_up(&self) {
            assert!(matches!(self.check(&anyone()).await, Ok(RegistryAnswer::Match { .. })));
        }
    }

    fn with(outcome: Outcome) -> &'static SampleCitizen {
        citizens().iter().find(|citizen| citizen.outcome == outcome).expect("somebody with this outcome")
    }

    fn anyone() -> CardData {
        with(Outcome::Match).card().expect("a card")
    }

    // Every row of thai-identity.md 5.6 that the registry decides.
    #[tokio::test]
    async fn every_sample_citizen_gets_the_answer_of_the_table() {
        let patient = Scene::waiting(PATIENT).await;
        let impatient = Scene::waiting(IMPATIENT).await;
        for citizen in citizens() {
            let Some(card) = citizen.card() else { continue };
            let scene = if matches!(citizen.outcome, Outcome::Slow | Outcome::Drip) { &impatient } else { &patient };
            let answer = scene.check(&card).await;
            let expected = match citizen.outcome {
                Outcome::Match => {
                    assert!(matches!(answer, Ok(RegistryAnswer::Match { .. })), "{citizen:?}: {answer:?}");
                    continue;
                }
                Outcome::OtherBirthDate(_) => Ok(RegistryAnswer::Mismatch),
                Outcome::NotFound => Ok(RegistryAnswer::NotFound),
                Outcome::ChipAbnormal | Outcome::CardInvalid(_) => Ok(RegistryAnswer::CardInvalid),
                Outcome::Deceased => Ok(RegistryAnswer::Deceased),
                Outcome::Incomplete => Ok(RegistryAnswer::Incomplete),
                Outcome::Outage => Err(Unavailable::Status(503)),
                Outcome::Slow | Outcome::Drip => Err(Unavailable::Timeout),
                Outcome::Closed => Err(Unavailable::Refused),
                Outcome::Malformed => Err(Unavailable::Malformed),
                Outcome::RefusedByForm => unreachable!("it has no card"),
            };
            assert_eq!(answer, expected, "{citizen:?}");
        }
    }

    // S097, S103: whatever is wrong, the answer is the same no, and the state of a card is told only to its holder.
    #[tokio::test]
    async fn s097_s103_wrong_data_about_a_known_number_is_a_mismatch() {
        let scene = Scene::waiting(PATIENT).await;
        let stranger = with(Outcome::NotFound).card().expect("a card");
        for citizen in [with(Outcome::Match), with(Outcome::Deceased), with(Outcome::CardInvalid("บัตรหมดอายุ"))]
        {
            let right = citizen.card().expect("a card");
            let wrong = [
                CardData { first_name: stranger.first_name.clone(), ..right.clone() },
                CardData { last_name: stranger.last_name.clone(), ..right.clone() },
                CardData { birth_date: stranger.birth_date, ..right.clone() },
            ];
            for card in &wrong {
                assert_eq!(scene.check(card).await, Ok(RegistryAnswer::Mismatch), "{citizen:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_number_nobody_has_is_not_found() {
        let scene = Scene::waiting(PATIENT).await;
        let card = CardData { number: number("4000000000011"), ..anyone() };
        assert_eq!(scene.check(&card).await, Ok(RegistryAnswer::NotFound));
    }

    // S109: the same name typed in another encoding is the same name.
    #[tokio::test]
    async fn a_name_matches_in_any_encoding() {
        let scene = Scene::waiting(PATIENT).await;
        let card = with(Outcome::Match).card().expect("a card");
        let nam = citizens().iter().find(|citizen| citizen.first.starts_with("น้ำ")).expect("a name with sara am");
        for spelling in ["น้ำทิพย์", "นํ้าทิพย์", "น้ํา\u{200b}ทิพย์", "นำ้ทิพย์"]
        {
            let first_name = idp_core::thai::ThaiName::parse(spelling).expect("a name");
            let card = CardData { first_name, ..nam.card().expect("a card") };
            assert!(matches!(scene.check(&card).await, Ok(RegistryAnswer::Match { .. })), "{spelling:?}");
        }
        assert_eq!(scene.simulator.calls_for(card.number.digits()), 0);
    }

    #[tokio::test]
    async fn a_business_no_is_not_retried_and_never_opens_the_breaker() {
        let scene = Scene::waiting(PATIENT).await;
        let citizen = with(Outcome::CardInvalid("บัตรหมดอายุ"));
        let card = citizen.card().expect("a card");
        for calls in 1..=u64::from(BREAKER_THRESHOLD) + 1 {
            assert_eq!(scene.check(&card).await, Ok(RegistryAnswer::CardInvalid));
            assert_eq!(scene.simulator.calls_for(citizen.number), calls);
        }
    }

    #[tokio::test]
    async fn a_match_is_referred_to_by_the_request_it_answered() {
        let scene = Scene::waiting(PATIENT).await;
        // The first id went to the token request.
        let reference = "00000000-0000-0000-0000-000000000002".to_owned();
        assert_eq!(scene.check(&anyone()).await, Ok(RegistryAnswer::Match { reference }));
    }

    // S106: a recorded "yes" played back for another request is discarded.
    #[tokio::test]
    async fn a_recorded_yes_is_not_an_answer() {
        let scene = Scene::waiting(PATIENT).await;
        scene.warm_up().await;
        scene.simulator.set_weather(Weather::Replay);
        let wrong = with(Outcome::OtherBirthDate("25050518")).card().expect("a card");
        assert_eq!(scene.check(&wrong).await, Err(Unavailable::Malformed));
        assert_eq!(scene.check(&anyone()).await, Err(Unavailable::Malformed), "nor for the same person again");
    }

    // S104: each kind of outage, also in the middle of a working connection.
    #[tokio::test]
    async fn bad_weather_is_never_an_answer() {
        async fn check(weather: Weather, total: Duration, expected: Unavailable) {
            for warm in [false, true] {
                let scene = Scene::waiting(total).await;
                if warm {
                    // To have a token and a connection in hand; on a busy machine the impatient may fail to get them.
                    let _answer = scene.check(&anyone()).await;
                }
                scene.simulator.set_weather(weather);
                assert_eq!(scene.check(&anyone()).await, Err(expected), "{weather:?}, warm: {warm}");
            }
        }
        check(Weather::Outage, PATIENT, Unavailable::Refused).await;
        check(Weather::Hang, IMPATIENT, Unavailable::Timeout).await;
        check(Weather::Drip, IMPATIENT, Unavailable::Timeout).await;
        check(Weather::Status503, PATIENT, Unavailable::Status(503)).await;
        check(Weather::Flood, PATIENT, Unavailable::Malformed).await;
    }

    #[tokio::test]
    async fn nobody_at_home_is_an_outage() {
        // Bound and not listening: the port stays ours and refuses.
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(LOOPBACK).expect("a free port");
        let base = Url::parse(&format!("http://{}", socket.local_addr().expect("bound"))).expect("an address");
        let settings = RegistrySimulator::settings(base);
        let registry =
            HttpRegistry::new(&settings, ManualClock::default().reader(), counted_ids()).expect("good settings");
        assert_eq!(registry.check(&anyone()).await, Err(Unavailable::Refused));
    }

    #[tokio::test]
    async fn the_breaker_spares_a_failing_registry_and_lets_it_come_back() {
        let scene = Scene::waiting(PATIENT).await;
        scene.warm_up().await;
        scene.simulator.set_weather(Weather::Status503);
        for _ in 0..BREAKER_THRESHOLD {
            assert_eq!(scene.check(&anyone()).await, Err(Unavailable::Status(503)));
        }
        let asked = scene.simulator.urls().len();
        assert_eq!(scene.check(&anyone()).await, Err(Unavailable::BreakerOpen));
        assert_eq!(scene.simulator.urls().len(), asked, "nobody was asked");

        scene.clock.advance(BREAKER_PAUSE);
        assert_eq!(scene.check(&anyone()).await, Err(Unavailable::Status(503)), "one try");
        assert_eq!(scene.check(&anyone()).await, Err(Unavailable::BreakerOpen));

        scene.simulator.set_weather(Weather::Fine);
        scene.clock.advance(BREAKER_PAUSE);
        scene.warm_up().await;
        scene.warm_up().await;
    }

    #[tokio::test]
    async fn one_token_serves_many_checks() {
        let scene = Arc::new(Scene::waiting(PATIENT).await);
        let checks: Vec<_> = (0..8)
            .map(|_| {
                let scene = scene.clone();
                tokio::spawn(async move { scene.check(&anyone()).await })
            })
            .collect();
        for check in checks {
            assert!(matches!(check.await.expect("no panic"), Ok(RegistryAnswer::Match { .. })));
        }
        assert_eq!((scene.simulator.token_calls(), scene.simulator.calls()), (1, 8));
    }

    #[tokio::test]
    async fn an_idle_token_is_renewed_before_it_dies() {
        let scene = Scene::waiting(PATIENT).await;
        scene.warm_up().await;
        scene.clock.advance(TOKEN_IDLE - Duration::from_millis(1));
        scene.warm_up().await;
        scene.clock.advance(TOKEN_IDLE - Duration::from_millis(1));
        scene.warm_up().await;
        assert_eq!(scene.simulator.token_calls(), 1, "use keeps it alive");
        scene.clock.advance(TOKEN_IDLE);
        scene.warm_up().await;
        assert_eq!(scene.simulator.token_calls(), 2);
    }

    #[tokio::test]
    async fn a_token_that_died_early_is_renewed_within_the_check() {
        let scene = Scene::waiting(PATIENT).await;
        scene.warm_up().await;
        scene.simulator.forget_tokens();
        scene.warm_up().await;
        assert_eq!((scene.simulator.token_calls(), scene.simulator.calls()), (2, 2), "no answer was asked for twice");
    }

    #[tokio::test]
    async fn wrong_keys_are_an_outage() {
        let simulator = RegistrySimulator::start(LOOPBACK).await.expect("a free port");
        let mut settings = RegistrySimulator::settings(simulator.base_url());
        settings.consumer_secret = ApiKey::new("another");
        let registry =
            HttpRegistry::new(&settings, ManualClock::default().reader(), counted_ids()).expect("good settings");
        assert_eq!(registry.check(&anyone()).await, Err(Unavailable::Status(401)));
    }

    // Design rule 9.
    #[tokio::test]
    async fn no_url_ever_has_a_number_in_it() {
        let scene = Scene::waiting(PATIENT).await;
        for citizen in citizens() {
            let waits = matches!(citizen.outcome, Outcome::Slow | Outcome::Drip);
            let Some(card) = citizen.card().filter(|_| !waits) else { continue };
            // Whatever the answer: it is the request that matters here.
            let _answer = scene.check(&card).await;
            assert_eq!(scene.simulator.calls_for(citizen.number), 1, "{citizen:?}");
            scene.clock.advance(BREAKER_PAUSE);
        }
        for url in scene.simulator.urls() {
            assert!(url.chars().filter(char::is_ascii_digit).count() < 13, "{url}");
        }
    }

    #[test]
    fn an_officers_number_is_no_agent() {
        for agent in ["1000000000017", "1-0000-00000-01-7", "๑๐๐๐๐๐๐๐๐๐๐๑๗"] {
            let base = Url::parse("https://gateway.moc.example").expect("an address");
            let settings = RegistrySettings { agent: agent.to_owned(), ..RegistrySimulator::settings(base) };
            let refused = HttpRegistry::new(&settings, ManualClock::default().reader(), counted_ids());
            assert!(matches!(refused.err(), Some(SettingsError::AgentIsPerson)), "{agent}");
        }
    }
}
