//! The life of signing keys, next → active → retired → gone, and what is due when.
//!
//! A relying party may keep the JWKS document for [`JWKS_MAX_AGE`] and need not ask again for a `kid` it does not know. So
//! a key is published long before it signs, and stays published until the last token it signed is worth nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Algorithm, KeyState};

/// How long a cache may keep the JWKS document; always below [`RotationPolicy::lead`].
pub const JWKS_MAX_AGE: TimeDelta = TimeDelta::minutes(5);

/// A key's place in its life, without the key.
#[derive(Clone, Copy, Debug)]
pub struct KeyLife<'k> {
    /// Its thumbprint.
    pub kid: &'k str,
    /// The one algorithm it is used with.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made, and with it published.
    pub created_at: DateTime<Utc>,
    /// When it began to sign.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it stopped.
    pub retired_at: Option<DateTime<Utc>>,
}

/// When keys change.
#[derive(Clone, Copy, Debug)]
pub struct RotationPolicy {
    /// How long a key signs; `None` when keys change by command alone.
    pub period: Option<TimeDelta>,
    /// How long a key is published before it signs.
    pub lead: TimeDelta,
    /// How long a retired key stays published: what it signed last has expired by then.
    pub keep: TimeDelta,
}

/// One thing that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// No next key is published for this algorithm: one is made.
    Make(Algorithm),
    /// The next key signs from now on, the active one no longer.
    Switch {
        /// The key that is `next`.
        next: String,
        /// The key that is `active`.
        active: String,
    },
    /// What this retired key signed has expired: it goes.
    Remove(String),
}

/// What a rotation asked for by hand comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing is signed with this algorithm: there is no key to be relieved.
    Unused,
    /// There is no next key yet: one is made and published now, and can sign after [`RotationPolicy::lead`].
    Make,
    /// The next key is not known everywhere before this moment.
    Wait(DateTime<Utc>),
    /// It can sign: always a [`KeyStep::Switch`].
    Switch(KeyStep),
}

/// Everything that is due at `now` for all of `keys`: an algorithm that has no active key is not in use.
pub fn due(keys: &[KeyLife<'_>], policy: &RotationPolicy, now: DateTime<Utc>) -> Vec<KeyStep> {
    let mut steps = Vec::new();
    if let Some(period) = policy.period {
        for algorithm in Algorithm::ALL {
            let (next, Some(active)) = current(keys, algorithm) else { continue };
            let is_old = active.activated_at.unwrap_or(active.created_at) + period <= now;
            match next {
                // A next key is always there, so that one who must replace a key at once has one that everybody knows.
                None => steps.push(KeyStep::Make(algorithm)),
                Some(next) if is_old && next.created_at + policy.lead <= now => steps.push(switch(next, active)),
                Some(_) => {}
            }
        }
    }
    let over = |key: &&KeyLife<'_>| {
        key.state == KeyState::Retired && key.retired_at.unwrap_or(key.created_at) + policy.keep <= now
    };
    steps.extend(keys.iter().filter(over).map(|key| KeyStep::Remove(key.kid.to_owned())));
    steps
}

/// What happens when somebody asks for a rotation of `algorithm` at `now`.
pub fn asked(keys: &[KeyLife<'_>], algorithm: Algorithm, policy: &RotationPolicy, now: DateTime<Utc>) -> Asked {
    match current(keys, algorithm) {
        (_, None) => Asked::Unused,
        (None, _) => Asked::Make,
        (Some(next), _) if now < next.created_at + policy.lead => Asked::Wait(next.created_at + policy.lead),
        (Some(next), Some(active)) => Asked::Switch(switch(next, active)),
    }
}

fn current<'a, 'k>(
    keys: &'a [KeyLife<'k>],
    algorithm: Algorithm,
) -> (Option<&'a KeyLife<'k>>, Option<&'a KeyLife<'k>>) {
    let find = |state| keys.iter().find(|key| key.algorithm == algorithm && key.state == state);
    (find(KeyState::Next), find(KeyState::Active))
}

fn switch(next: &KeyLife<'_>, active: &KeyLife<'_>) -> KeyStep {
    KeyStep::Switch { next: next.kid.to_owned(), active: active.kid.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAD: TimeDelta = TimeDelta::hours(24);
    const KEEP: TimeDelta = TimeDelta::hours(13);
    const PERIOD: TimeDelta = TimeDelta::days(90);

    fn policy(period: Option<TimeDelta>) -> RotationPolicy {
        RotationPolicy { period, lead: LEAD, keep: KEEP }
    }

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
    }

    fn key(kid: &'static str, algorithm: Algorithm, state: KeyState, since: TimeDelta) -> KeyLife<'static> {
        let at = start() + since;
        let activated_at = (state != KeyState::Next).then_some(at);
        let retired_at = (state == KeyState::Retired).then_some(at);
        KeyLife { kid, algorithm, state, created_at: at, activated_at, retired_at }
    }

    /// One active key for each algorithm, and for ES256 what is added.
    fn keys(more: &[KeyLife<'static>]) -> Vec<KeyLife<'static>> {
        let active =
            Algorithm::ALL.map(|algorithm| key(algorithm.as_str(), algorithm, KeyState::Active, TimeDelta::zero()));
        active.into_iter().chain(more.iter().copied()).collect()
    }

    #[track_caller]
    fn check(more: &[KeyLife<'static>], after: TimeDelta, expected: &[KeyStep]) {
        let steps = due(&keys(more), &policy(Some(PERIOD)), start() + after);
        let others = |step: &&KeyStep| !matches!(step, KeyStep::Make(algorithm) if *algorithm != Algorithm::ES256);
        let steps: Vec<KeyStep> = steps.iter().filter(others).cloned().collect();
        assert_eq!(steps, expected);
    }

    #[test]
    fn a_key_signs_for_its_period_and_its_successor_was_published_long_before() {
        let next = |since| key("next", Algorithm::ES256, KeyState::Next, since);
        let switch = KeyStep::Switch { next: "next".to_owned(), active: "ES256".to_owned() };
        let instant = TimeDelta::milliseconds(1);
        check(&[], TimeDelta::zero(), &[KeyStep::Make(Algorithm::ES256)]);
        check(&[next(TimeDelta::zero())], LEAD, &[]);
        check(&[next(TimeDelta::zero())], PERIOD - instant, &[]);
        check(&[next(TimeDelta::zero())], PERIOD, std::slice::from_ref(&switch));
        // Whatever the period says, a key that is not known everywhere does not sign.
        check(&[next(PERIOD)], PERIOD + LEAD - instant, &[]);
        check(&[next(PERIOD)], PERIOD + LEAD, &[switch]);
    }

    #[test]
    fn a_retired_key_stays_until_what_it_signed_is_over() {
        let more = [
            key("next", Algorithm::ES256, KeyState::Next, TimeDelta::zero()),
            key("old", Algorithm::ES256, KeyState::Retired, TimeDelta::zero()),
        ];
        check(&more, KEEP - TimeDelta::milliseconds(1), &[]);
        check(&more, KEEP, &[KeyStep::Remove("old".to_owned())]);
    }

    #[test]
    fn without_a_period_nothing_happens_by_itself_but_clearing_away() {
        let more = [
            key("next", Algorithm::ES256, KeyState::Next, TimeDelta::zero()),
            key("old", Algorithm::ES256, KeyState::Retired, TimeDelta::zero()),
        ];
        let steps = due(&keys(&more), &policy(None), start() + PERIOD * 9);
        assert_eq!(steps, [KeyStep::Remove("old".to_owned())]);
    }

    #[test]
    fn by_hand_a_key_is_made_then_waits_then_signs() {
        let next = key("next", Algorithm::ES256, KeyState::Next, TimeDelta::zero());
        let ask = |keys: &[KeyLife<'_>], after| asked(keys, Algorithm::ES256, &policy(None), start() + after);
        assert_eq!(ask(&keys(&[]), TimeDelta::zero()), Asked::Make);
        assert_eq!(ask(&keys(&[next]), TimeDelta::hours(23)), Asked::Wait(start() + LEAD));
        let switch = KeyStep::Switch { next: "next".to_owned(), active: "ES256".to_owned() };
        assert_eq!(ask(&keys(&[next]), LEAD), Asked::Switch(switch));
        assert_eq!(ask(&[next], LEAD), Asked::Unused);
    }
}
