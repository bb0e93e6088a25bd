//! A civil registry on this machine that answers from the table of sample citizens.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::{Method, StatusCode};
use idp_core::thai::{BuddhistDate, ThaiName};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::client::RegistrySettings;
use super::dialect::{CHECK_PATH, CONSUMER_KEY, TOKEN, TOKEN_PATH};
use super::{Outcome, SampleCitizen, citizens};
use crate::outgoing::{ApiKey, Timeouts};
use crate::simulator::{self, Act, Asked, Count, Dialect, RunningSimulator, Scene};

const KEY: &str = "demo-consumer-key";
const SECRET: &str = "demo-consumer-secret";
/// Longer than [`Timeouts::default`] waits.
const SLOW: Duration = Duration::from_secs(20);

/// The simulated civil registry.
#[derive(Debug)]
pub struct RegistrySimulator {
    by_number: HashMap<&'static str, &'static SampleCitizen>,
}

impl RegistrySimulator {
    /// Starts it on `address`; port 0 takes a free port.
    pub async fn start(address: SocketAddr) -> io::Result<RunningSimulator> {
        let by_number = citizens().iter().map(|citizen| (citizen.number, citizen)).collect();
        simulator::start(address, Self { by_number }).await
    }

    /// The settings with which [`crate::HttpRegistry`] asks a simulator at `base`.
    pub fn settings(base: Url) -> RegistrySettings {
        RegistrySettings {
            base,
            consumer_key: ApiKey::new(KEY),
            consumer_secret: ApiKey::new(SECRET),
            agent: "moc-account".to_owned(),
            timeouts: Timeouts::default(),
        }
    }

    fn give_token(request: &Asked) -> Scene {
        let query: HashMap<_, _> =
            form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let known = request.header(CONSUMER_KEY) == KEY
            && query.get("ConsumerSecret").is_some_and(|secret| secret == SECRET)
            && query.get("AgentID").is_some_and(|agent| !agent.is_empty());
        let (status, body) = if known {
            (StatusCode::OK, json!({ "Result": token(request) }))
        } else {
            (StatusCode::UNAUTHORIZED, json!({ "Message": "Consumer-Key or ConsumerSecret is not valid" }))
        };
        Scene { count: Count::Token, act: Act::Answer { status, body: body.to_string() } }
    }

    fn check(&self, request: &Asked) -> Scene {
        if request.header(CONSUMER_KEY) != KEY || request.header(TOKEN) != token(request) {
            return Scene::uncounted(StatusCode::UNAUTHORIZED, r#"{"Message":"Token is not valid"}"#);
        }
        let form: HashMap<_, _> = form_urlencoded::parse(&request.body).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let number = field("CitizenID");
        let complete = ["CitizenID", "FirstName", "LastName", "BEBirthDate"].iter().all(|name| !field(name).is_empty());
        let act = match self.by_number.get(number) {
            _ if !complete => incomplete(),
            None => not_found(),
            Some(citizen) => answer(citizen, field("FirstName"), field("LastName"), field("BEBirthDate")),
        };
        Scene { count: Count::Person { number: number.to_owned() }, act }
    }
}

impl Dialect for RegistrySimulator {
    fn act(&self, request: &Asked) -> Scene {
        match (&request.method, request.uri.path()) {
            (&Method::GET, TOKEN_PATH) => Self::give_token(request),
            (&Method::POST, CHECK_PATH) => self.check(request),
            // Above all the published GET, which would have the number in its URL.
            (_, TOKEN_PATH | CHECK_PATH) => Scene::uncounted(StatusCode::METHOD_NOT_ALLOWED, ""),
            _ => Scene::uncounted(StatusCode::NOT_FOUND, ""),
        }
    }
}

/// The one token of this age: enough for a simulator, which has one client.
fn token(request: &Asked) -> String {
    format!("demo-token-{}", request.token_age)
}

fn answer(citizen: &SampleCitizen, first: &str, last: &str, birth: &str) -> Act {
    match citizen.outcome {
        Outcome::Outage => return Act::Answer { status: StatusCode::SERVICE_UNAVAILABLE, body: String::new() },
        Outcome::Slow => return Act::Late { after: SLOW, body: yes_or_no(true) },
        Outcome::Drip => return Act::Drip,
        Outcome::Closed => return Act::Close,
        Outcome::Malformed => {
            return Act::Answer {
                status: StatusCode::OK, body: "<html><body>ปิดปรับปรุงระบบ</body></html>".to_owned()
            };
        }
        Outcome::NotFound => return not_found(),
        _ => {}
    }
    // The state of a card is told only to who knows the person on it (S103).
    if !(same_name(first, citizen.first) && same_name(last, citizen.last)) {
        return business("[4] สถานะไม่ปกติ => ข้อมูลไม่ตรง");
    }
    // The exchange documents two ways to say no; the simulator uses both, so that both are understood.
    let registered = if let Outcome::OtherBirthDate(registered) = citizen.outcome { registered } else { citizen.birth };
    if BuddhistDate::from_registry_form(birth).is_none_or(|birth| birth.registry_form() != registered) {
        return Act::Answer { status: StatusCode::OK, body: yes_or_no(false) };
    }
    match citizen.outcome {
        Outcome::ChipAbnormal => business("[1] สถานะไม่ปกติ => หมายเลขชิปไม่ถูกต้อง"),
        Outcome::CardInvalid(reason) => business(&format!("[2] บัตรสิ้นสภาพการใช้งาน เนื่องจากกรณี {reason}")),
        Outcome::Deceased => business("[2] บัตรสิ้นสภาพการใช้งาน เนื่องจากกรณี เสียชีวิต"),
        Outcome::Incomplete => incomplete(),
        _ => Act::Answer { status: StatusCode::OK, body: yes_or_no(true) },
    }
}

fn same_name(typed: &str, registered: &str) -> bool {
    match (ThaiName::parse_as_typed(typed), ThaiName::parse_as_typed(registered)) {
        (Ok(typed), Ok(registered)) => typed.key() == registered.key(),
        _ => false,
    }
}

fn yes_or_no(yes: bool) -> String {
    json!({ "Result": yes }).to_string()
}

fn business(text: &str) -> Act {
    Act::Answer { status: StatusCode::INTERNAL_SERVER_ERROR, body: text.to_owned() }
}

fn not_found() -> Act {
    business("[4] สถานะไม่ปกติ => ไม่พบข้อมูลบุคคล")
}

fn incomplete() -> Act {
    business("[5] ข้อมูลที่ใช้ในการตรวจสอบไม่ครบ")
}
