//! Why an officer does something, in their own words: it goes into the audit log, so it must not tell who somebody is.

use crate::id::ReviewId;
use crate::thai::ascii_digits;

/// An officer's reason: one line without an address or a 13-digit number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// Why a reason is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// Nothing, or too little to be understood later.
    #[error("give a reason of five characters at least")]
    TooShort,
    /// Longer than anybody reads.
    #[error("the reason is longer than 300 characters")]
    TooLong,
    /// It names an address or a number.
    #[error("the reason goes into the audit log: name a case, not an address or a 13-digit number")]
    Personal,
}

const FEWEST: usize = 5;
const MOST: usize = 300;

impl ReasonError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(self) -> &'static str {
        match self {
            Self::TooShort => "error-reason-short",
            Self::TooLong => "error-reason-long",
            Self::Personal => "error-reason-personal",
        }
    }
}

impl Reason {
    /// Reads what was typed; white space becomes single spaces.
    ///
    /// # Errors
    /// [`ReasonError`].
    pub fn parse(typed: &str) -> Result<Self, ReasonError> {
        if typed.chars().nth(4 * MOST).is_some() {
            return Err(ReasonError::TooLong);
        }
        let text: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.chars().count() {
            count if count < FEWEST => return Err(ReasonError::TooShort),
            count if count > MOST => return Err(ReasonError::TooLong),
            _ => {}
        }
        if text.contains('@') || longest_number(&text) >= 13 {
            return Err(ReasonError::Personal);
        }
        Ok(Self(text))
    }

    /// The reason of whoever works on a review.
    pub fn of_review(id: ReviewId) -> Self {
        Self(format!("review {id}"))
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The most digits that follow each other, with spaces and dashes between them or not.
fn longest_number(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in ascii_digits(text).chars() {
        match c {
            '0'..='9' => run += 1,
            ' ' | '-' => {}
            _ => run = 0,
        }
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_tells_why_and_not_who() {
        let kept = Reason::parse("  สมาชิกโทรแจ้ง\nเรื่องที่ 123/2569 ").unwrap();
        assert_eq!(kept.as_str(), "สมาชิกโทรแจ้ง เรื่องที่ 123/2569");
        for (typed, why) in [
            ("", ReasonError::TooShort),
            ("test", ReasonError::TooShort),
            ("ask somchai@example.com", ReasonError::Personal),
            ("เลข 1-0000-00000-01-7 โทรมา", ReasonError::Personal),
            ("เลข ๑๐๐๐๐๐๐๐๐๐๐๑๗ โทรมา", ReasonError::Personal),
            (&"ก".repeat(301), ReasonError::TooLong),
            (&" ".repeat(5000), ReasonError::TooLong),
        ] {
            assert_eq!(Reason::parse(typed), Err(why), "{typed}");
        }
    }
}
