//! An attempt to sign in to an account, as its owner sees it in their history.

use chrono::{DateTime, TimeDelta, Utc};

use crate::id::{AccountId, ClientId, SessionId};
use crate::session::AuthenticationMethod;

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInResult {
    /// Signed in.
    Success,
    /// The password was wrong.
    WrongPassword,
    /// The password was right; the second factor was refused.
    RefusedFactor,
    /// ThaID said who it is, and the owner does not want to be signed in through ThaID.
    RefusedThaid,
    /// The password was right, or ThaID said who it is, and the second step has not followed. A sign-in that is completed
    /// takes this line's place.
    HalfWay,
    /// The password was right, or ThaID said who it is, and nobody signs in to the account: it is suspended or frozen.
    Stopped,
}

/// So long a sign-in that went half-way may be completed by the one who began it; after that its owner is written to.
pub const HALF_WAY_PATIENCE: TimeDelta = TimeDelta::minutes(15);

impl SignInResult {
    const ALL: [Self; 6] =
        [Self::Success, Self::WrongPassword, Self::RefusedFactor, Self::RefusedThaid, Self::HalfWay, Self::Stopped];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::WrongPassword => "wrong_password",
            Self::RefusedFactor => "refused_factor",
            Self::RefusedThaid => "refused_thaid",
            Self::HalfWay => "half_way",
            Self::Stopped => "stopped",
        }
    }

    /// Reads [`SignInResult::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == text)
    }
}

/// How somebody proved, or tried to prove, who they are: what a member calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The password alone.
    Password,
    /// The password and a code or key beside it.
    PasswordAndFactor,
    /// A passkey.
    Passkey,
    /// ThaID, with or without a factor of this account beside it.
    Thaid,
    /// Something else.
    Other,
}

impl How {
    /// What these `amr` values amount to.
    pub fn of(methods: &[AuthenticationMethod]) -> Self {
        use AuthenticationMethod::{Pwd, Thaid};
        match methods {
            [] => Self::Other,
            upstream if upstream.contains(&Thaid) => Self::Thaid,
            [Pwd] => Self::Password,
            more if more.contains(&Pwd) => Self::PasswordAndFactor,
            _ => Self::Passkey,
        }
    }
}

/// One line of a member's sign-in history.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Whose.
    pub account_id: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub result: SignInResult,
    /// What was presented.
    pub methods: Vec<AuthenticationMethod>,
    /// The browser and system in two words.
    pub device: String,
    /// The network it came from, without the part that names one subscriber's device: `203.0.113.0/24`.
    pub network: String,
    /// The service on the way to which it happened.
    pub client_id: Option<ClientId>,
    /// The session that began.
    pub session_id: Option<SessionId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use AuthenticationMethod::{Hwk, Mfa, Otp, Pwd, Thaid};

    #[test]
    fn methods_are_called_what_members_call_them() {
        let check = |methods: &[AuthenticationMethod], how| assert_eq!(How::of(methods), how, "{methods:?}");
        check(&[Pwd], How::Password);
        check(&[Pwd, Otp, Mfa], How::PasswordAndFactor);
        check(&[Pwd, Hwk, Mfa], How::PasswordAndFactor);
        check(&[Hwk, Mfa], How::Passkey);
        check(&[Thaid], How::Thaid);
        check(&[Thaid, Otp, Mfa], How::Thaid);
        check(&[], How::Other);
    }

    #[test]
    fn results_are_read_as_they_are_written() {
        for result in SignInResult::ALL {
            assert_eq!(SignInResult::parse(result.as_str()), Some(result));
        }
        assert_eq!(SignInResult::parse("else"), None);
    }
}
