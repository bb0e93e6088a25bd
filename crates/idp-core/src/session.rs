//! A browser session: one sign-in of one member in one browser.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, SessionId};
use crate::secret::Digest;

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// From sign-in, whatever happens.
    pub absolute: TimeDelta,
    /// Without any request.
    pub idle: TimeDelta,
}

/// How the member authenticated (`amr` values of RFC 8176 that can occur).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationMethod {
    /// Password.
    Pwd,
    /// One-time code.
    Otp,
    /// Proof of a hardware-held key.
    Hwk,
    /// Proof of a key of which it is not known what holds it: a passkey.
    Pop,
    /// Proof that a person was there.
    User,
    /// A code that came by another channel: the mailbox.
    Mca,
    /// ThaID said who it is. RFC 8176 has no word for another provider's sign-in, so this one is ours.
    Thaid,
    /// More than one factor.
    Mfa,
}

impl AuthenticationMethod {
    /// Every method.
    pub const ALL: [Self; 8] =
        [Self::Pwd, Self::Otp, Self::Hwk, Self::Mca, Self::Pop, Self::User, Self::Thaid, Self::Mfa];

    /// Reads [`AuthenticationMethod::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// The `amr` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Hwk => "hwk",
            Self::Pop => "pop",
            Self::User => "user",
            Self::Mca => "mca",
            Self::Thaid => "thaid",
            Self::Mfa => "mfa",
        }
    }
}

/// Why a session ended; written to the audit log and, later, behind every logout notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// The member signed out.
    SignedOut,
    /// The member signed out everywhere.
    SignedOutEverywhere,
    /// The member signed in anew in the same browser.
    Replaced,
    /// Too old or idle.
    Expired,
    /// The temporary membership ended.
    MembershipEnded,
    /// The account was suspended or frozen.
    Suspended,
    /// The badge was withdrawn.
    BadgeWithdrawn,
    /// The password changed.
    PasswordChanged,
    /// The e-mail address changed, or its change was undone.
    EmailChanged,
    /// The owner said that a sign-in was not theirs.
    Disputed,
    /// The account rests at its owner's word.
    Restricted,
    /// A factor was added or removed.
    FactorsChanged,
    /// The account is being deleted.
    Deleting,
    /// An officer ended it.
    EndedByOfficer,
}

impl SessionEnd {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::SignedOutEverywhere => "signed_out_everywhere",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::MembershipEnded => "membership_ended",
            Self::Suspended => "suspended",
            Self::BadgeWithdrawn => "badge_withdrawn",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::Disputed => "disputed",
            Self::Restricted => "restricted",
            Self::FactorsChanged => "factors_changed",
            Self::Deleting => "deleting",
            Self::EndedByOfficer => "ended_by_officer",
        }
    }
}

/// A browser session. It is alive while [`Session::is_alive`] says so and its row has no end.
#[derive(Clone, Debug)]
pub struct Session {
    /// The `sid` claim.
    pub id: SessionId,
    /// Digest of the cookie's secret.
    pub cookie: Digest,
    /// Whose.
    pub account_id: AccountId,
    /// When the member proved who they are (`auth_time`).
    pub authenticated_at: DateTime<Utc>,
    /// How (`amr`).
    pub methods: Vec<AuthenticationMethod>,
    /// The last request seen; written at most once a minute.
    pub last_seen_at: DateTime<Utc>,
    /// The browser and system in two words, for the member's own list.
    pub device: String,
    /// When it ended, if it has.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Session {
    /// The `acr` that the authentication methods justify.
    pub fn acr(&self) -> Acr {
        if self.methods.contains(&AuthenticationMethod::Mfa) { Acr::Aal2 } else { Acr::Aal1 }
    }

    /// Whether more than one factor was proven, and one of them is something that the member holds: an app, a key, a
    /// code on paper. A code by mail is none; it is reached by whoever reaches the mailbox, as a new password is. ThaID is
    /// one where it said itself that it asked for two factors: then nothing else is there beside it.
    pub fn has_strong_factor(&self) -> bool {
        use AuthenticationMethod::{Hwk, Mfa, Otp, Pop, Thaid};
        let held = [Otp, Hwk, Pop].iter().any(|held| self.methods.contains(held));
        self.methods.contains(&Mfa) && (held || self.methods == [Thaid, Mfa])
    }

    /// Whether the session may be used at `now`.
    pub fn is_alive(&self, now: DateTime<Utc>, limits: SessionLimits) -> bool {
        self.ended_at.is_none()
            && now < self.authenticated_at + limits.absolute
            && now < self.last_seen_at + limits.idle
    }

    /// The moment at which it ends whatever happens.
    pub fn ends_at(&self, limits: SessionLimits) -> DateTime<Utc> {
        self.authenticated_at + limits.absolute
    }
}

/// Authentication context class: how the member authenticated, never who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acr {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
}

impl Acr {
    /// The levels that a member can reach here, as discovery lists them.
    pub const OFFERED: [Self; 2] = [Self::Aal1, Self::Aal2];

    /// Reads [`Acr::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Aal1, Self::Aal2].into_iter().find(|acr| acr.as_str() == text)
    }

    /// The claim's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "https://account.moc.go.th/acr/aal1",
            Self::Aal2 => "https://account.moc.go.th/acr/aal2",
        }
    }
}
