//! What is written down about every change: who, what, when, from where; no personal data beyond the account's id.

mod origin;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use origin::{KeptOrigin, SALT_LENGTH, origin_mark};

use crate::id::{AccountId, ClientId, SessionId};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The member the account belongs to.
    Member(AccountId),
    /// A client at a protocol endpoint.
    Client,
    /// Somebody who has not signed in.
    Anonymous,
    /// A member of staff, in the console or the API.
    Staff(AccountId),
    /// A client with roles, at the API, under its [`program_id`](crate::admin::program_id).
    Program(AccountId),
    /// An operator at the command line.
    Operator,
    /// The program itself: a job, a deadline.
    System,
}

/// What happened. The words are stable: reports and the admin's filter rest on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each word says what it is")]
pub enum Action {
    RegistrationBegun,
    TermsAccepted,
    EmailCodeSent,
    EmailConfirmed,
    AccountRegistered,
    SignedIn,
    SignInFailed,
    SignedOut,
    SessionEnded,
    VerificationAsked,
    VerificationSettled,
    BadgeGranted,
    BadgeWithdrawn,
    IdentityDisputed,
    MembershipExtended,
    MembershipEnded,
    ConsentGiven,
    ConsentWithdrawn,
    CodeIssued,
    TokensIssued,
    TokensRefreshed,
    TokenRevoked,
    DeviceAsked,
    DeviceApproved,
    DeviceDenied,
    GrantRevoked,
    CodeReused,
    RefreshReused,
    NumberReleased,
    SteppedUp,
    SecondFactorAsked,
    SecondFactorFailed,
    FactorAdded,
    FactorRemoved,
    RecoveryCodesMade,
    FactorRecoveryAsked,
    FactorRecoveryCancelled,
    FactorRecovered,
    RecoveryAsked,
    PasswordRecovered,
    PasswordChanged,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    EmailChangeAsked,
    EmailChanged,
    EmailChangeUndone,
    SignInDisputed,
    AccountSuspended,
    ProfileCorrected,
    DocumentsAccepted,
    PersonalDataTaken,
    AccountRestricted,
    RestrictionLifted,
    BadgeRenewed,
    HolderDeceased,
    RetentionRun,
    DeletionScheduled,
    DeletionCancelled,
    AccountErased,
    ClientRegistered,
    ClientChanged,
    RegistrationTokenMade,
    RegistrationTokenRevoked,
    ClientSecretRotated,
    ClientTried,
    LogoutNoticeGivenUp,
    StaffRoleGiven,
    StaffRoleEnded,
    StaffInvited,
    StaffInvitationWithdrawn,
    PersonalDataSeen,
    ApprovalAsked,
    ApprovalDecided,
    ClientStateChanged,
    ClientRemoved,
    AuditExported,
    MembersSearched,
    TrafficSeen,
    TrafficExported,
    ClientEventGivenUp,
    AccountRestored,
    SessionsEndedByOfficer,
    MailSentAgain,
    ShownRemoved,
    ReviewOpened,
    ReviewAssigned,
    ReviewApproved,
    ReviewDeclined,
    SigningKeyMade,
    SigningKeyActivated,
    SigningKeyRetired,
    SigningKeyRemoved,
    SigningKeyRevoked,
}

impl Action {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RegistrationBegun => "registration.begun",
            Self::TermsAccepted => "registration.terms_accepted",
            Self::EmailCodeSent => "registration.code_sent",
            Self::EmailConfirmed => "registration.email_confirmed",
            Self::AccountRegistered => "account.registered",
            Self::SignedIn => "session.signed_in",
            Self::SignInFailed => "session.sign_in_failed",
            Self::SignedOut => "session.signed_out",
            Self::SessionEnded => "session.ended",
            Self::VerificationAsked => "verification.asked",
            Self::VerificationSettled => "verification.settled",
            Self::BadgeGranted => "badge.granted",
            Self::BadgeWithdrawn => "badge.withdrawn",
            Self::IdentityDisputed => "badge.disputed",
            Self::MembershipExtended => "membership.extended",
            Self::MembershipEnded => "membership.ended",
            Self::ConsentGiven => "consent.given",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::CodeIssued => "grant.code_issued",
            Self::TokensIssued => "grant.tokens_issued",
            Self::TokensRefreshed => "grant.refreshed",
            Self::TokenRevoked => "grant.token_revoked",
            Self::DeviceAsked => "device.asked",
            Self::DeviceApproved => "device.approved",
            Self::DeviceDenied => "device.denied",
            Self::GrantRevoked => "grant.revoked",
            Self::CodeReused => "grant.code_reused",
            Self::RefreshReused => "grant.refresh_reused",
            Self::NumberReleased => "data.number_released",
            Self::SteppedUp => "session.stepped_up",
            Self::SecondFactorAsked => "session.second_factor_asked",
            Self::SecondFactorFailed => "session.second_factor_failed",
            Self::FactorAdded => "factor.added",
            Self::FactorRemoved => "factor.removed",
            Self::RecoveryCodesMade => "factor.recovery_codes_made",
            Self::FactorRecoveryAsked => "factor.recovery_asked",
            Self::FactorRecoveryCancelled => "factor.recovery_cancelled",
            Self::FactorRecovered => "factor.recovered",
            Self::RecoveryAsked => "password.recovery_asked",
            Self::PasswordRecovered => "password.recovered",
            Self::PasswordChanged => "password.changed",
            Self::PasskeyAdded => "passkey.added",
            Self::PasskeyRenamed => "passkey.renamed",
            Self::PasskeyRemoved => "passkey.removed",
            Self::EmailChangeAsked => "email.change_asked",
            Self::EmailChanged => "email.changed",
            Self::EmailChangeUndone => "email.change_undone",
            Self::SignInDisputed => "session.disputed",
            Self::AccountSuspended => "account.suspended",
            Self::ProfileCorrected => "account.profile_corrected",
            Self::DocumentsAccepted => "account.documents_accepted",
            Self::PersonalDataTaken => "data.taken_by_member",
            Self::AccountRestricted => "account.restricted",
            Self::RestrictionLifted => "account.restriction_lifted",
            Self::BadgeRenewed => "badge.renewed",
            Self::HolderDeceased => "badge.holder_deceased",
            Self::RetentionRun => "retention.run",
            Self::DeletionScheduled => "account.deletion_scheduled",
            Self::DeletionCancelled => "account.deletion_cancelled",
            Self::AccountErased => "account.erased",
            Self::ClientRegistered => "client.registered",
            Self::ClientChanged => "client.changed",
            Self::RegistrationTokenMade => "client.registration_token_made",
            Self::RegistrationTokenRevoked => "client.registration_token_revoked",
            Self::ClientSecretRotated => "client.secret_rotated",
            Self::ClientTried => "client.tried",
            Self::LogoutNoticeGivenUp => "logout.notice_given_up",
            Self::StaffRoleGiven => "staff.role_given",
            Self::StaffRoleEnded => "staff.role_ended",
            Self::StaffInvited => "staff.invited",
            Self::StaffInvitationWithdrawn => "staff.invitation_withdrawn",
            Self::PersonalDataSeen => "data.seen_by_staff",
            Self::ApprovalAsked => "approval.asked",
            Self::ApprovalDecided => "approval.decided",
            Self::ClientStateChanged => "client.state_changed",
            Self::ClientRemoved => "client.removed",
            Self::AuditExported => "audit.exported",
            Self::MembersSearched => "members.searched",
            Self::TrafficSeen => "traffic.seen",
            Self::TrafficExported => "traffic.exported",
            Self::ClientEventGivenUp => "event.given_up",
            Self::AccountRestored => "account.restored",
            Self::SessionsEndedByOfficer => "session.ended_by_officer",
            Self::MailSentAgain => "mail.sent_again",
            Self::ShownRemoved => "account.shown_removed",
            Self::ReviewOpened => "review.opened",
            Self::ReviewAssigned => "review.assigned",
            Self::ReviewApproved => "review.approved",
            Self::ReviewDeclined => "review.declined",
            Self::SigningKeyMade => "key.made",
            Self::SigningKeyActivated => "key.activated",
            Self::SigningKeyRetired => "key.retired",
            Self::SigningKeyRemoved => "key.removed",
            Self::SigningKeyRevoked => "key.revoked",
        }
    }
}

/// One line of the audit log, written in the transaction of the change it tells of.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// About whom.
    pub account_id: Option<AccountId>,
    /// Through which client.
    pub client_id: Option<ClientId>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// The network address it came from.
    pub origin: Option<String>,
    /// More, without personal data.
    pub detail: Option<Value>,
}

impl AuditEvent {
    /// An event with nothing but time, actor and action.
    pub fn new(at: DateTime<Utc>, actor: Actor, action: Action) -> Self {
        Self { at, actor, action, account_id: None, client_id: None, session_id: None, origin: None, detail: None }
    }

    /// An event in which members act on their own account.
    pub fn by_member(at: DateTime<Utc>, account: AccountId, action: Action) -> Self {
        Self::new(at, Actor::Member(account), action).account(account)
    }

    /// An event in which staff act; about whom or what is still to be said.
    pub fn by_staff(at: DateTime<Utc>, staff: AccountId, action: Action) -> Self {
        Self::new(at, Actor::Staff(staff), action)
    }

    /// About this account.
    #[must_use]
    pub fn account(mut self, id: AccountId) -> Self {
        self.account_id = Some(id);
        self
    }

    /// Through this client.
    #[must_use]
    pub fn client(mut self, id: &ClientId) -> Self {
        self.client_id = Some(id.clone());
        self
    }

    /// In this session.
    #[must_use]
    pub fn session(mut self, id: SessionId) -> Self {
        self.session_id = Some(id);
        self
    }

    /// From this network address.
    #[must_use]
    pub fn from(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// With this detail.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }
}
