//! A member's account: who they say they are, what they have proven, and whether they may use it.

mod about;
mod badge;
mod case;
mod dispute;
mod email_change;
mod factor;
mod find;
mod lost_factor;
mod membership;
mod minor;
mod profile;
mod recovery_code;
mod registration;
mod review;
mod sign_in;
mod totp;

pub use about::{
    AboutMe, Nickname, NicknameError, PictureName, ShownPart, Username, UsernameError, WebPage, WebPageError,
};
pub use badge::{Assurance, Badge, VerificationMethod, VerifiedIdentity};
pub use case::{CaseOutcome, VerificationCase};
pub use dispute::{Dispute, NewFactors};
pub use email_change::{EmailChange, EmailChangeStage, UNDO_LIFETIME};
pub use factor::{FactorKind, Factors, TotpFactor, with_second};
pub use find::{Sought, SoughtError, search_words};
pub use lost_factor::{LOST_FACTOR_PROOF_LIFETIME, LOST_FACTOR_REMOVAL_LIFETIME, LostFactorStage, LostFactorStep};
pub use membership::{Membership, MembershipState};
pub use minor::{Minority, minority};
pub use profile::{PersonnelType, Profile, Sex};
pub use recovery_code::{RECOVERY_CODES, RecoveryCode};
pub use registration::{
    CODE_ATTEMPTS, CODE_LIFETIME, CodeState, CodeVerdict, REGISTRATION_LIFETIME, Registration, RegistrationStage,
};
pub use review::{DeclineReason, Review, ReviewEvidence, ReviewKind, ReviewRefusal, ReviewState};
pub use sign_in::{HALF_WAY_PATIENCE, How, SignIn, SignInResult};
pub use totp::TotpSecret;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::id::AccountId;
use crate::password::PasswordHash;

/// How a member registered; the first question of the registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberType {
    /// ประชาชนทั่วไป
    Public,
    /// บุคลากรกระทรวงพาณิชย์
    Staff,
}

impl MemberType {
    /// The value of the `member_type` claim and of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Staff => "staff",
        }
    }

    /// Reads [`MemberType::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "public" => Some(Self::Public),
            "staff" => Some(Self::Staff),
            _ => None,
        }
    }
}

/// Whether an account may be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In use.
    Active,
    /// Stopped by an officer.
    Suspended {
        /// When.
        since: DateTime<Utc>,
        /// The officer's reason, without personal data.
        why: String,
    },
    /// Frozen by its owner ("this was not me"); an officer looks at it.
    Frozen {
        /// When.
        since: DateTime<Utc>,
    },
    /// At rest at its owner's word (PDPA s.34): kept, and used for nothing.
    Restricted {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The owner asked for deletion; until then they may change their mind.
    Deleting {
        /// When the personal data is erased.
        erase_at: DateTime<Utc>,
    },
}

/// A member's account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account's own identifier; services see a pairwise `sub` instead.
    pub id: AccountId,
    /// The mailbox, proven before the account existed.
    pub email: EmailAddress,
    /// When the mailbox was proven.
    pub email_confirmed_at: DateTime<Utc>,
    /// The password's Argon2id hash.
    pub password: PasswordHash,
    /// How the member registered.
    pub member_type: MemberType,
    /// Personal data as given by the member.
    pub profile: Profile,
    /// What the member chose to show beside it.
    pub about: AboutMe,
    /// Temporary or permanent.
    pub membership: Membership,
    /// Whether the account may be used.
    pub standing: Standing,
    /// The language the member chose, as a tag ("th", "en").
    pub language: Option<String>,
    /// When the account was made.
    pub registered_at: DateTime<Utc>,
    /// When profile or membership last changed (`updated_at` claim).
    pub updated_at: DateTime<Utc>,
}

/// What an account may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    Full,
    /// The temporary membership has ended: only to verify or to delete.
    VerifyOrDelete,
    /// At rest, or waiting for deletion, at its owner's word: only to change one's mind, or to leave.
    KeepOrLeave,
    /// Suspended or frozen: nothing.
    Barred,
}

impl Account {
    /// What the account may do at `now`; services are served only under [`Access::Full`].
    pub fn access(&self, now: DateTime<Utc>) -> Access {
        match (&self.standing, self.membership.state(now)) {
            (Standing::Suspended { .. } | Standing::Frozen { .. }, _) => Access::Barred,
            (Standing::Restricted { .. } | Standing::Deleting { .. }, _) => Access::KeepOrLeave,
            (Standing::Active, MembershipState::Ended { .. }) => Access::VerifyOrDelete,
            (Standing::Active, MembershipState::Temporary { .. } | MembershipState::Permanent) => Access::Full,
        }
    }

    /// The moment after which no token of this account may live: the end of a temporary membership.
    pub fn tokens_end_at(&self) -> Option<DateTime<Utc>> {
        match &self.membership {
            Membership::Temporary { expires_at } => Some(*expires_at),
            Membership::Permanent { .. } => None,
        }
    }

    /// The verified badge, if the member has earned one.
    pub fn badge(&self) -> Option<&Badge> {
        match &self.membership {
            Membership::Temporary { .. } => None,
            Membership::Permanent { badge, .. } => Some(badge),
        }
    }
}
