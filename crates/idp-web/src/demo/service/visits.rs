//! Who is visiting the service: kept here, found by an unguessable cookie.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Duration, Utc};
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier, RefreshToken};

use super::provider::Person;
use crate::{demo::Surroundings, view::Lang};

/// A service session ends after this long at the latest.
const LENGTH: i64 = 8;
/// Visits remembered at once.
const SEATS: usize = 2_000;
/// Sign-ins one browser may have begun and not ended: one per open tab.
const BEGUN: usize = 8;

/// A sign-in on its way: what came back must fit.
pub(super) struct Begun {
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
    pub(super) lang: Lang,
}

/// Somebody signed in.
#[derive(Clone)]
pub(super) struct Seated {
    pub(super) person: Arc<Person>,
    /// Guards the forms of the page.
    pub(super) csrf: String,
}

pub(super) struct Visits {
    surroundings: Surroundings,
    seats: Mutex<HashMap<String, Visit>>,
}

struct Visit {
    since: DateTime<Utc>,
    begun: VecDeque<Begun>,
    seated: Option<Seated>,
    refresh_token: Option<RefreshToken>,
    signing_out: Option<CsrfToken>,
}

impl Visits {
    pub(super) fn new(surroundings: Surroundings) -> Visits {
        Visits { surroundings, seats: Mutex::default() }
    }

    /// Notes a sign-in that begins; the answer is the cookie's value, the old one if it is still good.
    pub(super) fn begin(&self, cookie: Option<&str>, begun: Begun) -> String {
        let mut seats = self.seats();
        let key = match cookie.filter(|key| seats.contains_key(*key)) {
            Some(key) => key.to_owned(),
            None => self.enter(&mut seats),
        };
        if let Some(visit) = seats.get_mut(&key) {
            visit.begun.push_back(begun);
            if visit.begun.len() > BEGUN {
                visit.begun.pop_front();
            }
        }
        key
    }

    /// The sign-in this browser began with `state`. It is given out once.
    pub(super) fn come_back(&self, cookie: &str, state: &str) -> Option<Begun> {
        let state = CsrfToken::new(state.to_owned());
        let mut seats = self.seats();
        let visit = seats.get_mut(cookie)?;
        let at = visit.begun.iter().position(|begun| begun.state == state)?;
        visit.begun.remove(at)
    }

    /// Seats a person under a new cookie: one known before the sign-in must not be good after it.
    pub(super) fn seat(&self, cookie: &str, person: Person, refresh_token: Option<RefreshToken>) -> String {
        let csrf = self.surroundings.secret();
        let mut seats = self.seats();
        let begun = seats.remove(cookie).map(|visit| visit.begun).unwrap_or_default();
        let key = self.enter(&mut seats);
        if let Some(visit) = seats.get_mut(&key) {
            visit.begun = begun;
            visit.seated = Some(Seated { person: Arc::new(person), csrf });
            visit.refresh_token = refresh_token;
        }
        key
    }

    pub(super) fn person(&self, cookie: &str) -> Option<Seated> {
        self.seats().get(cookie)?.seated.clone()
    }

    /// Takes the refresh token for one use, so that two clicks at once do not spend it twice.
    pub(super) fn take_refresh_token(&self, cookie: &str) -> Option<RefreshToken> {
        self.seats().get_mut(cookie)?.refresh_token.take()
    }

    /// Puts back what a refresh gave, or the token that could not be used now.
    pub(super) fn refreshed(&self, cookie: &str, person: Option<Person>, refresh_token: Option<RefreshToken>) {
        if let Some(visit) = self.seats().get_mut(cookie) {
            if let (Some(person), Some(seated)) = (person, &mut visit.seated) {
                seated.person = Arc::new(person);
            }
            visit.refresh_token = refresh_token;
        }
    }

    /// Ends a visit. The answer is a new cookie that waits for the provider to come back with `signing_out`.
    pub(super) fn leave(&self, cookie: &str, signing_out: Option<CsrfToken>) -> String {
        let mut seats = self.seats();
        seats.remove(cookie);
        let key = self.enter(&mut seats);
        if let Some(visit) = seats.get_mut(&key) {
            visit.signing_out = signing_out;
        }
        key
    }

    /// Whether the provider came back from the sign-out this browser began.
    pub(super) fn signed_out(&self, cookie: &str, state: &str) -> bool {
        let state = CsrfToken::new(state.to_owned());
        let mut seats = self.seats();
        let Some(visit) = seats.get_mut(cookie) else { return false };
        if visit.signing_out.as_ref() == Some(&state) {
            visit.signing_out = None;
            return true;
        }
        false
    }

    fn enter(&self, seats: &mut HashMap<String, Visit>) -> String {
        let now = self.surroundings.now();
        if seats.len() >= SEATS
            && let Some(oldest) = seats.iter().min_by_key(|(_, visit)| visit.since).map(|(key, _)| key.clone())
        {
            seats.remove(&oldest);
        }
        let key = self.surroundings.secret();
        let visit = Visit { since: now, begun: VecDeque::new(), seated: None, refresh_token: None, signing_out: None };
        seats.insert(key.clone(), visit);
        key
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<String, Visit>> {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.surroundings.now();
        seats.retain(|_, visit| now - visit.since < Duration::hours(LENGTH));
        seats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(state: &str) -> Begun {
        Begun {
            state: CsrfToken::new(state.into()),
            nonce: Nonce::new("n".into()),
            verifier: PkceCodeVerifier::new("v".into()),
            lang: Lang::Th,
        }
    }

    #[test]
    fn a_sign_in_comes_back_once_and_to_its_own_browser() {
        let visits = Visits::new(Surroundings::still());
        let ana = visits.begin(None, begun("a"));
        let ben = visits.begin(None, begun("b"));
        assert_ne!(ana, ben);
        assert!(visits.come_back(&ben, "a").is_none());
        assert!(visits.come_back(&ana, "b").is_none());
        assert!(visits.come_back(&ana, "a").is_some());
        assert!(visits.come_back(&ana, "a").is_none());
    }

    #[test]
    fn two_tabs_may_sign_in_at_once_but_not_without_end() {
        let visits = Visits::new(Surroundings::still());
        let cookie = visits.begin(None, begun("0"));
        for state in 1..=BEGUN {
            assert_eq!(visits.begin(Some(&cookie), begun(&state.to_string())), cookie);
        }
        assert!(visits.come_back(&cookie, "0").is_none());
        assert!(visits.come_back(&cookie, "1").is_some());
    }

    #[test]
    fn a_cookie_we_did_not_give_is_not_taken_over() {
        let visits = Visits::new(Surroundings::still());
        assert_ne!(visits.begin(Some("planted"), begun("a")), "planted");
    }

    #[test]
    fn visits_do_not_grow_without_end() {
        let visits = Visits::new(Surroundings::still());
        for number in 0..SEATS + 10 {
            visits.begin(None, begun(&number.to_string()));
        }
        assert_eq!(visits.seats().len(), SEATS);
    }

    #[test]
    fn signing_out_is_confirmed_once() {
        let visits = Visits::new(Surroundings::still());
        let cookie = visits.leave("whoever", Some(CsrfToken::new("s".into())));
        assert!(!visits.signed_out(&cookie, "x"));
        assert!(visits.signed_out(&cookie, "s"));
        assert!(!visits.signed_out(&cookie, "s"));
    }
}
