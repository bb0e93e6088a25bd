//! Refresh tokens: one family for each grant, rotated at every use, forgiving a lost reply and nothing else.
//!
//! A family remembers two digests: the current token's and that of the one spent to make it. The spent one is accepted
//! again only while nothing it produced has been used: then a reply was lost and the client tries again, and what the
//! lost reply held dies. Anything else that names the family is a replay, and ends it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::chance::Chance;
use crate::secret::{Digest, Secret};

/// A refresh token as it travels: `handle.secret`. The handle finds the family and is known to its holder alone.
#[derive(Clone)]
pub struct RefreshToken {
    /// Finds the family.
    pub handle: Secret,
    /// Proves the place in it.
    pub secret: Secret,
}

impl RefreshToken {
    /// A token for a new family.
    pub fn make(chance: &dyn Chance) -> Self {
        Self { handle: Secret::make(chance), secret: Secret::make(chance) }
    }

    /// The next token of the same family.
    #[must_use]
    pub fn next(&self, chance: &dyn Chance) -> Self {
        Self { handle: self.handle.clone(), secret: Secret::make(chance) }
    }

    /// Reads a presented token; `None` when it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let (handle, secret) = text.split_once('.')?;
        let sound =
            |part: &str| part.len() == 43 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (sound(handle) && sound(secret))
            .then(|| Self { handle: Secret::presented(handle), secret: Secret::presented(secret) })
    }

    /// The token as it is handed out.
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.handle.reveal(), self.secret.reveal())
    }
}

/// The refresh tokens of a grant, as they are kept.
#[derive(Clone, Debug)]
pub struct RefreshFamily {
    /// Digest of the handle.
    pub handle: Digest,
    /// Digest of the token that is good now.
    pub current: Digest,
    /// Digest of the token that was spent to make it.
    pub previous: Option<Digest>,
    /// Whether anything the last rotation produced has been used: after that there is no going back.
    pub confirmed: bool,
    /// Counts rotations; access tokens carry the number they were made under.
    pub generation: u32,
    /// Access tokens of an earlier generation died with a lost reply.
    pub alive_from: u32,
    /// When it was last rotated.
    pub rotated_at: DateTime<Utc>,
    /// The end, whatever happens.
    pub expires_at: DateTime<Utc>,
}

/// What a presented token is worth.
#[derive(Clone, Debug)]
pub enum RefreshVerdict {
    /// It is good: this is the family after the rotation, to be written where `current` is still `expected`.
    Rotate {
        /// The family afterwards.
        next: RefreshFamily,
        /// What must still be current for the write to count.
        expected: Digest,
    },
    /// It is not.
    Refuse(RefreshRefusal),
}

/// Why a refresh token is refused; all of it is `invalid_grant` to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshRefusal {
    /// Too old, or not used for too long.
    Expired,
    /// Spent earlier, and what it produced is in use: the family must end.
    Replayed,
}

impl RefreshFamily {
    /// A family with its first token.
    pub fn begin(token: &RefreshToken, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Self {
        Self {
            handle: token.handle.digest(),
            current: token.secret.digest(),
            previous: None,
            confirmed: false,
            generation: 0,
            alive_from: 0,
            rotated_at: now,
            expires_at,
        }
    }

    /// Judges `presented` and makes the family as it is after `fresh` has taken its place.
    pub fn present(
        &self,
        presented: &RefreshToken,
        fresh: &RefreshToken,
        idle: TimeDelta,
        now: DateTime<Utc>,
    ) -> RefreshVerdict {
        if now >= self.expires_at || now >= self.rotated_at + idle {
            return RefreshVerdict::Refuse(RefreshRefusal::Expired);
        }
        let digest = presented.secret.digest();
        let generation = self.generation.saturating_add(1);
        let rotated = |alive_from| RefreshFamily {
            current: fresh.secret.digest(),
            previous: Some(digest),
            confirmed: false,
            generation,
            alive_from,
            rotated_at: now,
            ..self.clone()
        };
        if digest == self.current {
            return RefreshVerdict::Rotate { next: rotated(self.alive_from), expected: self.current };
        }
        if self.previous == Some(digest) && !self.confirmed {
            // The lost reply's tokens die, and stay dead: two branches never live. Older access tokens die with them, since
            // the client is being given a new one.
            return RefreshVerdict::Rotate { next: rotated(generation), expected: self.current };
        }
        RefreshVerdict::Refuse(RefreshRefusal::Replayed)
    }

    /// Judges `presented` for a client whose refresh tokens stay as they are: the current one is good, however often.
    pub fn present_again(&self, presented: &RefreshToken, idle: TimeDelta, now: DateTime<Utc>) -> RefreshVerdict {
        if now >= self.expires_at || now >= self.rotated_at + idle {
            return RefreshVerdict::Refuse(RefreshRefusal::Expired);
        }
        if presented.secret.digest() != self.current {
            return RefreshVerdict::Refuse(RefreshRefusal::Replayed);
        }
        RefreshVerdict::Rotate { next: Self { rotated_at: now, ..self.clone() }, expected: self.current }
    }

    /// Whether an access token made under `generation` still counts.
    pub fn accepts_generation(&self, generation: u32) -> bool {
        (self.alive_from..=self.generation).contains(&generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Step(std::cell::Cell<u8>);
    // Only the tests' single thread draws from it.
    struct Counter(std::sync::Mutex<Step>);
    impl Chance for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            let step = self.0.lock().unwrap();
            step.0.set(step.0.get().wrapping_add(1));
            bytes.fill(step.0.get());
        }
    }

    struct Table {
        chance: Counter,
        now: DateTime<Utc>,
        family: RefreshFamily,
    }

    impl Table {
        fn new() -> (Self, RefreshToken) {
            let chance = Counter(std::sync::Mutex::new(Step(std::cell::Cell::new(0))));
            let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
            let token = RefreshToken::make(&chance);
            let family = RefreshFamily::begin(&token, now, now + TimeDelta::hours(12));
            (Self { chance, now, family }, token)
        }

        fn present(&mut self, token: &RefreshToken) -> Result<RefreshToken, RefreshRefusal> {
            let fresh = token.next(&self.chance);
            match self.family.present(token, &fresh, TimeDelta::minutes(30), self.now) {
                RefreshVerdict::Rotate { next, expected } => {
                    assert_eq!(expected, self.family.current);
                    self.family = next;
                    Ok(fresh)
                }
                RefreshVerdict::Refuse(why) => Err(why),
            }
        }
    }

    #[test]
    fn a_spent_token_is_good_again_only_while_its_fruit_is_untouched() {
        let (mut table, first) = Table::new();
        let lost = table.present(&first).unwrap();
        let second = table.present(&first).unwrap();
        assert!(!table.family.accepts_generation(1), "the lost reply's access token is dead");
        assert!(table.family.accepts_generation(2));
        let third = table.present(&second).unwrap();
        assert!(!table.family.accepts_generation(1), "and stays dead after the next rotation");
        assert!(table.family.accepts_generation(2) && table.family.accepts_generation(3));
        assert!(matches!(table.present(&first), Err(RefreshRefusal::Replayed)));
        assert!(matches!(table.present(&lost), Err(RefreshRefusal::Replayed)));
        assert!(table.present(&second).is_ok(), "still a lost reply");
        assert!(matches!(table.present(&third), Err(RefreshRefusal::Replayed)));
    }

    #[test]
    fn once_the_new_tokens_were_used_the_spent_one_is_a_replay() {
        let (mut table, first) = Table::new();
        table.present(&first).unwrap();
        table.family.confirmed = true;
        assert!(matches!(table.present(&first), Err(RefreshRefusal::Replayed)));
    }

    #[test]
    fn a_family_ends_by_age_and_by_rest() {
        let (mut table, first) = Table::new();
        table.now += TimeDelta::minutes(30);
        assert!(matches!(table.present(&first), Err(RefreshRefusal::Expired)));
        table.now -= TimeDelta::minutes(1);
        let mut token = table.present(&first).unwrap();
        for _ in 0..23 {
            table.now += TimeDelta::minutes(29);
            token = table.present(&token).unwrap();
        }
        table.now += TimeDelta::minutes(29);
        assert!(matches!(table.present(&token), Err(RefreshRefusal::Expired)));
    }

    #[test]
    fn only_the_two_part_form_is_read() {
        let (_, token) = Table::new();
        assert!(RefreshToken::parse(&token.reveal()).is_some());
        for text in ["", ".", "a.b", &token.reveal()[1..], &format!("{}x", token.reveal()), &"ก".repeat(87)] {
            assert!(RefreshToken::parse(text).is_none());
        }
    }
}
