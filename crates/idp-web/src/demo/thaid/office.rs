//! What the simulated ThaID knows: its keys, its one client, the codes it gave out, and what is wrong with it today.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::jose::{Algorithm, KeyError, SigningKey};
use idp_verify::registry::{Outcome, SampleCitizen, citizens};
use url::Url;
use url::form_urlencoded::parse;

use super::{CLIENT_ID, Surroundings};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Its machines answer 503.
    Down,
    /// Only its token endpoint does.
    TokensDown,
    /// It gives no ID token.
    NoToken,
    /// The ID token carries another nonce.
    OtherNonce,
    /// It carries none.
    NoNonce,
    /// It names another issuer.
    OtherIssuer,
    /// It is for another client.
    OtherAudience,
    /// It has expired.
    Expired,
    /// It was made tomorrow.
    FromTheFuture,
    /// Another key signed it, under the name of the right one.
    Forged,
    /// Nobody signed it: `alg` is `none`.
    Unsigned,
    /// Its `at_hash` belongs to another access token.
    OtherAccessToken,
    /// The person signed in there an hour ago, and was not asked again.
    OldSignIn,
    /// It tells no number.
    NoNumber,
    /// It tells no level.
    NoLevel,
    /// It tells the level as a number, which is no fault.
    LevelAsNumber,
    /// It tells a level above what it can know.
    HighestLevel,
    /// It tells no birth date.
    NoBirthDate,
    /// It tells the birth date in the Buddhist era, which is no fault.
    BuddhistBirthDate,
    /// It says that it asked for two factors, which is no fault.
    TwoFactors,
    /// It changes its key with each token, and publishes the new one, which is no fault.
    NewKey,
}

/// What somebody does on its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Signs in as the person with this number.
    Person(String),
    /// Signs in under another name: after a marriage, say.
    Renamed {
        /// The number.
        number: String,
        /// The surname now.
        last: String,
    },
    /// Presses "cancel".
    Cancel,
}

/// A request of ours, as it is on the page.
#[derive(Clone)]
pub(super) struct AskedFor {
    pub(super) scope: String,
    pub(super) query: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    challenge: String,
}

impl AskedFor {
    pub(super) fn wants(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|word| word == scope)
    }
}

/// A code that was given out.
pub(super) struct Given {
    pub(super) asked: AskedFor,
    pub(super) citizen: SampleCitizen,
    pub(super) last: String,
    pub(super) at: DateTime<Utc>,
}

impl Given {
    pub(super) fn redirect_uri(&self) -> &str {
        &self.asked.redirect_uri
    }

    pub(super) fn nonce(&self) -> &str {
        &self.asked.nonce
    }

    pub(super) fn challenge(&self) -> &str {
        &self.asked.challenge
    }
}

pub(super) struct Office {
    pub(super) issuer: String,
    pub(super) redirect_uri: String,
    pub(super) surroundings: Surroundings,
    inner: Mutex<Inner>,
}

struct Inner {
    key: SigningKey,
    fault: Fault,
    codes: HashMap<String, Given>,
    token_calls: u64,
}

/// Codes that nobody came for are forgotten when there are more.
const MEMORY: usize = 256;
/// A code lives so long.
const CODE: TimeDelta = TimeDelta::seconds(60);

impl Office {
    pub(super) fn open(issuer: String, redirect_uri: String, surroundings: Surroundings) -> Result<Self, KeyError> {
        let inner = Inner { key: new_key()?, fault: Fault::None, codes: HashMap::new(), token_calls: 0 };
        Ok(Self { issuer, redirect_uri, surroundings, inner: Mutex::new(inner) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fault(&self) -> Fault {
        self.inner().fault
    }

    pub(super) fn set_fault(&self, fault: Fault) {
        self.inner().fault = fault;
    }

    pub(super) fn count(&self) {
        self.inner().token_calls += 1;
    }

    pub(super) fn token_calls(&self) -> u64 {
        self.inner().token_calls
    }

    pub(super) fn key(&self) -> SigningKey {
        self.inner().key.clone()
    }

    pub(super) fn change_key(&self) -> Result<SigningKey, KeyError> {
        let key = new_key()?;
        self.inner().key = key.clone();
        Ok(key)
    }

    /// A request that the page takes: of its one client, for its one callback, with everything that keeps a code safe.
    pub(super) fn read(&self, query: &str) -> Option<AskedFor> {
        let mut values: HashMap<String, String> = HashMap::new();
        for (name, value) in parse(query.as_bytes()) {
            if values.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        let get = |name: &str| values.get(name).cloned().filter(|value| !value.is_empty());
        let asked = AskedFor {
            scope: get("scope")?,
            query: query.to_owned(),
            redirect_uri: get("redirect_uri")?,
            state: get("state")?,
            nonce: get("nonce")?,
            challenge: get("code_challenge")?,
        };
        let sound = get("client_id")? == CLIENT_ID
            && asked.redirect_uri == self.redirect_uri
            && get("response_type")? == "code"
            && get("code_challenge_method")? == "S256"
            && get("prompt")? == "login"
            && asked.wants("openid");
        sound.then_some(asked)
    }

    /// Where the browser goes after a choice.
    pub(super) fn answer(&self, asked: &AskedFor, choice: &Choice) -> String {
        let person = match choice {
            Choice::Person(number) => citizen(number).map(|citizen| (citizen, citizen.last.to_owned())),
            Choice::Renamed { number, last } => citizen(number).map(|citizen| (citizen, last.clone())),
            Choice::Cancel => None,
        };
        let mut url = Url::parse(&asked.redirect_uri).expect("the registered callback is an address");
        {
            let mut answer = url.query_pairs_mut();
            match person {
                None => {
                    answer.append_pair("error", "access_denied");
                }
                Some((citizen, last)) => {
                    let code = self.surroundings.secret();
                    let given = Given { asked: asked.clone(), citizen, last, at: self.surroundings.now() };
                    let mut inner = self.inner();
                    if inner.codes.len() >= MEMORY {
                        inner.codes.clear();
                    }
                    inner.codes.insert(code.clone(), given);
                    answer.append_pair("code", &code);
                }
            }
            answer.append_pair("state", &asked.state);
            answer.append_pair("iss", &self.issuer);
        }
        url.into()
    }

    /// A code is good once, and for a minute.
    pub(super) fn take(&self, code: &str) -> Option<Given> {
        let now = self.surroundings.now();
        let mut inner = self.inner();
        inner.codes.remove(code).filter(|given| now - given.at <= CODE)
    }
}

fn new_key() -> Result<SigningKey, KeyError> {
    SigningKey::generate(Algorithm::ES256).map(|(key, _)| key)
}

/// Who has a ThaID: everybody living of the simulated register.
pub(super) fn people() -> impl Iterator<Item = &'static SampleCitizen> {
    citizens().iter().filter(|citizen| citizen.outcome != Outcome::Deceased && citizen.outcome != Outcome::NotFound)
}

fn citizen(number: &str) -> Option<SampleCitizen> {
    people().find(|citizen| citizen.number == number).copied()
}

/// How sure ThaID is of somebody: of one of them, not enough.
pub(super) fn level(citizen: &SampleCitizen) -> &'static str {
    if citizen.outcome == Outcome::ChipAbnormal { "1.1" } else { "2.3" }
}
