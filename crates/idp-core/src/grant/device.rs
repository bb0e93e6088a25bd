//! Device authorization (RFC 8628): a device shows a short code, its member types it elsewhere and agrees, and the device,
//! which asked again and again meanwhile, gets its tokens.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::Challenge;
use crate::chance::Chance;
use crate::id::ClientId;
use crate::resource::ResourceSet;
use crate::scope::ScopeSet;
use crate::secret::{Digest, Secret};

/// How long a device waits.
pub const DEVICE_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// A device asks no more often than this, in seconds, and so much more seldom each time it does (§3.5).
pub const POLL_SECONDS: u32 = 5;

/// The code that a person types (§6.1): eight of twenty consonants. None of them looks like another or like a digit, and no
/// word can come of them. 34 bits, for ten minutes, behind a limit on guesses.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

impl UserCode {
    /// A fresh code, each letter drawn evenly.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let mut byte = [0];
            chance.fill(&mut byte);
            // The last, incomplete twenty would favour some letters.
            if byte[0] < 240 {
                code.push(char::from(LETTERS[usize::from(byte[0] % 20)]));
            }
        }
        Self(code)
    }

    /// Reads what was typed, however it was spaced and in either case.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let letters: String = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '.')).collect();
        let letters = letters.to_ascii_uppercase();
        (letters.len() == LENGTH && letters.bytes().all(|b| LETTERS.contains(&b))).then_some(Self(letters))
    }

    /// The bare letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code as it is shown: in two halves.
    pub fn shown(&self) -> String {
        format!("{}-{}", &self.0[..LENGTH / 2], &self.0[LENGTH / 2..])
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

/// The digest of a device code. It is made in a way of its own, so that a device code is never good as another code.
pub fn device_digest(code: &str) -> Digest {
    Secret::presented(format!("device code\n{code}")).digest()
}

/// A device that waits.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// Digest of the device code; also the code of the grant that comes of it.
    pub digest: Digest,
    /// Who asks.
    pub client_id: ClientId,
    /// For what.
    pub scopes: ScopeSet,
    /// For which resources besides userinfo.
    pub resources: ResourceSet,
    /// The S256 challenge, when there was one.
    pub challenge: Option<Challenge>,
    /// When it began to wait.
    pub created_at: DateTime<Utc>,
    /// When it has waited long enough.
    pub expires_at: DateTime<Utc>,
    /// What its member said.
    pub state: DeviceState,
    /// How far apart its questions must be now, in seconds.
    pub poll_seconds: u32,
    /// When it asked last.
    pub polled_at: Option<DateTime<Utc>>,
}

/// What the member said to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Nothing yet.
    Waiting,
    /// Yes: there is a grant.
    Approved,
    /// No.
    Denied,
}

impl DeviceState {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }

    /// Reads [`DeviceState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Denied].into_iter().find(|state| state.as_str() == text)
    }
}

/// What a device that asks is told (§3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// `authorization_pending`
    Pending,
    /// `slow_down`
    SlowDown,
    /// `access_denied`
    Denied,
    /// `expired_token`
    Expired,
    /// There are tokens for it.
    Approved,
}

impl DeviceRequest {
    /// What the device is told that asks at `now`.
    pub fn poll(&self, now: DateTime<Utc>) -> Poll {
        if now >= self.expires_at {
            return Poll::Expired;
        }
        match self.state {
            DeviceState::Denied => Poll::Denied,
            DeviceState::Approved => Poll::Approved,
            DeviceState::Waiting => {
                let wait = TimeDelta::seconds(self.poll_seconds.into());
                let early = self.polled_at.is_some_and(|at| now < at + wait);
                if early { Poll::SlowDown } else { Poll::Pending }
            }
        }
    }

    /// Whether a member may still say something to it.
    pub fn is_waiting(&self, now: DateTime<Utc>) -> bool {
        self.state == DeviceState::Waiting && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::counting;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::parse("BCDFGHJK").unwrap();
        assert_eq!(code.shown(), "BCDF-GHJK");
        for typed in ["bcdf-ghjk", " BCDF GHJK ", "bcdf–ghjk", "B.C.D.F.G.H.J.K"] {
            assert_eq!(UserCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
        for typed in ["", "BCDFGHJ", "BCDFGHJKL", "ABCDFGHJ", "BCDFGHJ0", "ฺBCDFGHJK", &"B".repeat(1000)] {
            assert_eq!(UserCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn every_letter_is_drawn() {
        let chance = counting(7);
        let drawn: String = (0..200).map(|_| UserCode::make(&chance).0).collect();
        assert!(LETTERS.iter().all(|letter| drawn.contains(char::from(*letter))));
        assert!(UserCode::parse(&drawn[..8]).is_some());
    }

    #[test]
    fn a_device_that_asks_too_often_is_slowed_down() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut device = DeviceRequest {
            digest: device_digest("x"),
            client_id: ClientId::parse("tv").unwrap(),
            scopes: ScopeSet::NONE,
            resources: ResourceSet::NONE,
            challenge: None,
            created_at: now,
            expires_at: now + DEVICE_LIFETIME,
            state: DeviceState::Waiting,
            poll_seconds: POLL_SECONDS,
            polled_at: None,
        };
        assert_eq!(device.poll(now), Poll::Pending);
        device.polled_at = Some(now);
        assert_eq!(device.poll(now + TimeDelta::seconds(4)), Poll::SlowDown);
        assert_eq!(device.poll(now + TimeDelta::seconds(5)), Poll::Pending);
        device.state = DeviceState::Approved;
        assert_eq!(device.poll(now + TimeDelta::seconds(1)), Poll::Approved);
        assert_eq!(device.poll(now + DEVICE_LIFETIME), Poll::Expired);
        device.state = DeviceState::Denied;
        assert_eq!(device.poll(now), Poll::Denied);
    }
}
