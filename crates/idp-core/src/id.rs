//! Identifiers: one type for each kind of thing, so that they cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chance::Chance;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh random identifier (UUID version 4: it tells nothing, not even when it was made).
            pub fn make(chance: &dyn Chance) -> Self {
                let mut bytes = [0; 16];
                chance.fill(&mut bytes);
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// Reads the usual hyphenated form.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

uuid_id! {
    /// A member's account.
    AccountId,
    /// One sign-in in one browser; its value is the `sid` claim.
    SessionId,
    /// What one authorization gave: a code, and the tokens that came of it.
    GrantId,
    /// A registration that has been begun and not concluded.
    RegistrationId,
    /// One attempt at verifying who a member is.
    CaseId,
    /// A verification that an officer looks at.
    ReviewId,
    /// A mail in the outbox.
    MailId,
    /// A passkey of an account.
    PasskeyId,
    /// A change of an account's e-mail address.
    EmailChangeId,
}

/// The `client_id` of a relying party (RFC 6749 §2.2).
///
/// ```
/// # use idp_core::id::ClientId;
/// assert!(ClientId::parse("ditp-academy").is_some());
/// assert!(ClientId::parse("two words").is_none());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// Accepts 1 to 64 letters, digits, dots, dashes and underscores.
    ///
    /// RFC 9700 §4.15: a client must not be able to pass for a user, and a `sub` of ours is 43 characters of base64url;
    /// an identifier of exactly that length is therefore refused.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let ok = (1..=64).contains(&text.len()) && text.len() != 43 && text.bytes().all(legal);
        ok.then(|| Self(text.to_owned()))
    }

    /// A fresh identifier of 20 characters. Its first is a letter: after a dash it would be taken for an option at the
    /// command line, and some systems want no digit there.
    pub fn make(chance: &dyn Chance) -> Self {
        let mut bytes = [0; 15];
        chance.fill(&mut bytes);
        // The first six bits, below 52, are a letter in base64url.
        bytes[0] &= 0b0111_1111;
        Self(crate::secret::base64url(&bytes))
    }

    /// A fresh identifier of a trial ([`crate::client::Trial`]).
    pub fn make_trial(chance: &dyn Chance) -> Self {
        let mut bytes = [0; 18];
        chance.fill(&mut bytes);
        Self(format!("{TRIAL}{}", crate::secret::base64url(&bytes)))
    }

    /// Whether it names a trial: no service is registered under such a name.
    pub fn is_trial(&self) -> bool {
        self.0.starts_with(TRIAL)
    }

    /// The identifier as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the names of trials begin with.
const TRIAL: &str = "trial.";

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::base64url;

    #[test]
    fn no_client_can_be_named_like_a_member() {
        // What `token::subject` makes of any member, in any sector.
        for byte in 0..=255 {
            assert!(ClientId::parse(&base64url(&[byte; 32])).is_none());
        }
        assert!(ClientId::parse(&"a".repeat(42)).is_some() && ClientId::parse(&"a".repeat(44)).is_some());
    }
}
