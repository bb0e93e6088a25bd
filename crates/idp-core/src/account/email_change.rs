//! Another e-mail address for an account: asked for by whoever has just proven who they are, proven at the new address by
//! a code, and for a week taken back from the old one.
//!
//! ```text
//! code_sent ── changed ── undone
//! ```
//!
//! A change that waits belongs to the session it was asked in, and dies with it: with a new password, a sign-out, a
//! suspension. Asking again puts another in its place.

use chrono::{DateTime, TimeDelta, Utc};

use super::registration::{CodeState, CodeVerdict};
use crate::email::EmailAddress;
use crate::id::{AccountId, EmailChangeId, SessionId};

/// For so long the letter at the old address can take a change back.
pub const UNDO_LIFETIME: TimeDelta = TimeDelta::days(7);

/// A change of an account's address, under way or done.
#[derive(Clone, Debug)]
pub struct EmailChange {
    /// Its identifier, which salts the code.
    pub id: EmailChangeId,
    /// Whose address.
    pub account_id: AccountId,
    /// The session it was asked in: nobody else's code counts.
    pub session_id: SessionId,
    /// The new address.
    pub email: EmailAddress,
    /// How far it has come.
    pub stage: EmailChangeStage,
}

/// How far a change of address has come.
#[derive(Clone, Debug)]
pub enum EmailChangeStage {
    /// A code went to the new address.
    CodeSent {
        /// The code.
        code: CodeState,
    },
    /// The account has the new address.
    Changed {
        /// The address before it.
        former: EmailAddress,
        /// Since when.
        at: DateTime<Utc>,
        /// Until when it can be taken back.
        undo_until: DateTime<Utc>,
    },
    /// It was taken back from the address before, or a change before it was.
    Undone,
}

impl EmailChange {
    /// What a code typed in `session` is worth. The store has counted the guess before.
    pub fn judge(&self, typed: &str, session: SessionId, now: DateTime<Utc>) -> CodeVerdict {
        match &self.stage {
            EmailChangeStage::CodeSent { code } if self.session_id == session => {
                code.judge(typed, &self.id.to_string(), now)
            }
            _ => CodeVerdict::Spent,
        }
    }

    /// The code that is waited for.
    pub fn code(&self) -> Option<CodeState> {
        match self.stage {
            EmailChangeStage::CodeSent { code } => Some(code),
            _ => None,
        }
    }

    /// The address that would be restored at `now`.
    pub fn may_restore(&self, now: DateTime<Utc>) -> Option<&EmailAddress> {
        match &self.stage {
            EmailChangeStage::Changed { former, undo_until, .. } if now < *undo_until => Some(former),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn change(stage: impl FnOnce(EmailChangeId) -> EmailChangeStage) -> EmailChange {
        let id = EmailChangeId(uuid::Uuid::from_u128(5));
        EmailChange {
            id,
            account_id: AccountId(uuid::Uuid::from_u128(1)),
            session_id: SessionId(uuid::Uuid::from_u128(2)),
            email: EmailAddress::parse("new@mail.example").unwrap(),
            stage: stage(id),
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn a_code_counts_in_its_own_session_while_it_is_waited_for() {
        let own = SessionId(uuid::Uuid::from_u128(2));
        let other = SessionId(uuid::Uuid::from_u128(3));
        let sent = change(|id| {
            let code = CodeState::sent(&Secret::presented("123456"), &id.to_string(), now());
            EmailChangeStage::CodeSent { code: CodeState { attempts: 1, ..code } }
        });
        let check = |typed: &str, session, expected| assert_eq!(sent.judge(typed, session, now()), expected, "{typed}");
        check("123456", own, CodeVerdict::Right);
        check("123456", other, CodeVerdict::Spent);
        check("654321", own, CodeVerdict::Wrong { left: 4 });
        assert_eq!(change(|_| EmailChangeStage::Undone).judge("123456", own, now()), CodeVerdict::Spent);
    }

    #[test]
    fn a_change_can_be_taken_back_for_a_week_and_once() {
        let former = EmailAddress::parse("old@mail.example").unwrap();
        let done = change(|_| EmailChangeStage::Changed { former, at: now(), undo_until: now() + UNDO_LIFETIME });
        assert!(done.may_restore(now()).is_some());
        assert!(done.may_restore(now() + UNDO_LIFETIME - TimeDelta::milliseconds(1)).is_some());
        assert!(done.may_restore(now() + UNDO_LIFETIME).is_none());
        assert!(change(|_| EmailChangeStage::Undone).may_restore(now()).is_none());
    }
}
