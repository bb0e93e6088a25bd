//! Which second factors an account has, which of them a sign-in is asked for, and what proving one adds.

use chrono::{DateTime, Utc};

use crate::session::AuthenticationMethod;

/// A way to prove oneself beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// A passkey (Web Authentication). Nothing is typed, and using one is a whole sign-in by itself.
    Passkey,
    /// Six digits from an authenticator app (RFC 6238).
    Totp,
    /// One of the recovery codes on paper; each works once.
    RecoveryCode,
    /// Six digits sent to the account's own mailbox: for members who have nothing better.
    MailedCode,
}

impl FactorKind {
    /// Every kind, the one to be offered first, first.
    pub const ALL: [Self; 4] = [Self::Passkey, Self::Totp, Self::RecoveryCode, Self::MailedCode];

    /// The word in addresses, forms and the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery-code",
            Self::MailedCode => "mail",
        }
    }

    /// Reads [`FactorKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What proving it says in `amr` (RFC 8176). A code by mail is another channel, and never the proof of something
    /// that the member holds: it must not pass for one.
    pub fn method(self) -> AuthenticationMethod {
        match self {
            Self::Passkey => AuthenticationMethod::Pop,
            Self::Totp | Self::RecoveryCode => AuthenticationMethod::Otp,
            Self::MailedCode => AuthenticationMethod::Mca,
        }
    }
}

/// An authenticator app that was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpFactor {
    /// When its first code confirmed it.
    pub since: DateTime<Utc>,
    /// When a code of it was last accepted.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The second factors of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    /// Its authenticator app.
    pub totp: Option<TotpFactor>,
    /// Its passkeys.
    pub passkeys: u32,
    /// Recovery codes that were not used yet.
    pub recovery_codes: u32,
}

impl Factors {
    /// Whether the member set up a factor of their own. Then every sign-in by password needs a second one, and nothing
    /// falls back on the mailbox.
    pub fn has_strong(&self) -> bool {
        self.totp.is_some() || self.passkeys > 0
    }

    /// What a member who has proven the password may prove next, the usual one first; never empty but for a member who
    /// lost every way.
    pub fn offered(&self) -> Vec<FactorKind> {
        FactorKind::ALL
            .into_iter()
            .filter(|kind| match kind {
                FactorKind::Passkey => self.passkeys > 0,
                FactorKind::Totp => self.totp.is_some(),
                FactorKind::RecoveryCode => self.has_strong() && self.recovery_codes > 0,
                FactorKind::MailedCode => !self.has_strong(),
            })
            .collect()
    }
}

/// The methods of a session that began with `first`, after a factor of `kind` was proven too.
pub fn with_second(first: &[AuthenticationMethod], kind: FactorKind) -> Vec<AuthenticationMethod> {
    let mut methods = first.to_vec();
    for method in [kind.method(), AuthenticationMethod::Mfa] {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    // The usual order: how, and last that it was more than one.
    methods.sort_by_key(|method| *method == AuthenticationMethod::Mfa);
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mailbox_is_offered_to_those_who_have_nothing_better_and_to_nobody_else() {
        let check = |factors: Factors, offered: &[FactorKind]| {
            assert_eq!(factors.offered(), offered, "{factors:?}");
        };
        let totp = Some(TotpFactor { since: DateTime::UNIX_EPOCH, last_used_at: None });
        check(Factors::default(), &[FactorKind::MailedCode]);
        check(Factors { totp, ..Factors::default() }, &[FactorKind::Totp]);
        check(Factors { totp, recovery_codes: 3, ..Factors::default() }, &[FactorKind::Totp, FactorKind::RecoveryCode]);
        check(Factors { recovery_codes: 3, ..Factors::default() }, &[FactorKind::MailedCode]);
        check(Factors { passkeys: 1, ..Factors::default() }, &[FactorKind::Passkey]);
        check(
            Factors { totp, passkeys: 2, recovery_codes: 3 },
            &[FactorKind::Passkey, FactorKind::Totp, FactorKind::RecoveryCode],
        );
    }

    #[test]
    fn what_was_proven_is_said_once_and_in_order() {
        use AuthenticationMethod::{Mca, Mfa, Otp, Pop, Pwd};
        assert_eq!(with_second(&[Pwd], FactorKind::Totp), [Pwd, Otp, Mfa]);
        assert_eq!(with_second(&[Pwd], FactorKind::MailedCode), [Pwd, Mca, Mfa]);
        assert_eq!(with_second(&[Pwd, Mca, Mfa], FactorKind::RecoveryCode), [Pwd, Mca, Otp, Mfa]);
        assert_eq!(with_second(&[Pwd], FactorKind::Passkey), [Pwd, Pop, Mfa]);
        for kind in FactorKind::ALL {
            assert_eq!(FactorKind::parse(kind.as_str()), Some(kind));
        }
    }
}
