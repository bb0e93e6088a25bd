//! A deed in an account of which its owner says that it was not theirs: what may be a stranger's since then, and what becomes
//! of it when an officer restores the account.

use chrono::{DateTime, Utc};

/// What an owner disputes, until an officer has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// When the earliest disputed deed was done. Whatever was set up since may be a stranger's.
    pub since: DateTime<Utc>,
    /// How many second factors were set up since; a set of recovery codes is one.
    pub factors: u32,
}

/// What an officer has found out about the second factors that were set up since a disputed deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewFactors {
    /// They are the owner's.
    Keep,
    /// They are not.
    Remove,
}

impl NewFactors {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Keep, Self::Remove];

    /// The word in forms, the API and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
        }
    }

    /// Reads [`NewFactors::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

impl Dispute {
    /// What becomes of the new factors. `None`: somebody who spoke with the owner has to say so first. The mailbox alone
    /// can say neither: whoever reads it disputes an owner's new passkey as easily as the owner does a thief's.
    pub fn settled(self, said: Option<NewFactors>) -> Option<NewFactors> {
        match self.factors {
            0 => Some(NewFactors::Keep),
            _ => said,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_up_since_is_decided_by_somebody() {
        let check = |factors, said, expected| {
            let dispute = Dispute { since: DateTime::UNIX_EPOCH, factors };
            assert_eq!(dispute.settled(said), expected, "{factors} {said:?}");
        };
        check(0, None, Some(NewFactors::Keep));
        check(0, Some(NewFactors::Remove), Some(NewFactors::Keep));
        check(2, None, None);
        check(2, Some(NewFactors::Keep), Some(NewFactors::Keep));
        check(2, Some(NewFactors::Remove), Some(NewFactors::Remove));
    }

    #[test]
    fn the_words_are_read_back() {
        for known in NewFactors::ALL {
            assert_eq!(NewFactors::parse(known.as_str()), Some(known));
        }
        assert_eq!(NewFactors::parse(""), None);
    }
}
