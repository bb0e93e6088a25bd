//! A member as whoever helps them sees them outside the console: membership and badge with its evidence, sessions, sign-ins,
//! services, mails and verifications, as on its page there. Whoever shows it has written the look down before.

use chrono::{DateTime, Utc};
use idp_core::account::{Account, Review};
use idp_core::admin::ApprovalKind;
use idp_core::audit::Action;
use idp_core::session::SessionLimits;
use idp_store::{MailFate, Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::MemberView;

/// Lines of each list.
const LINES: u64 = 20;

/// A member as whoever helps them sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberDetail {
    /// The member, masked.
    member: MemberView,
    /// The 13-digit number, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// What the badge rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<BadgeView>,
    /// Live sessions.
    sessions: Vec<SessionView>,
    /// The latest sign-ins, failed ones among them.
    sign_ins: Vec<SignInView>,
    /// Services.
    services: Vec<ServiceView>,
    /// Letters in the time that is kept, the latest first; what they say is not shown.
    mails: Vec<MailView>,
    /// Attempts at verification, the latest first.
    cases: Vec<CaseView>,
    /// Reviews, the latest first: by those who may see them.
    reviews: Vec<MembersReview>,
    /// The parts that the member shows of themselves.
    shown: Vec<String>,
    /// The request to withdraw the badge that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    withdrawal: Option<String>,
}

/// What a badge rests on.
#[derive(Debug, Serialize, ToSchema)]
struct BadgeView {
    /// `civil_registry`, `staff_directory` or `thaid`.
    method: String,
    /// The level.
    ial: String,
    /// The reference of the check.
    reference: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
struct SessionView {
    /// Browser and system.
    device: String,
    /// The last proof.
    #[schema(format = "date-time")]
    authenticated_at: String,
}

/// An attempt to sign in. Where it came from is for whoever investigates, in the audit log.
#[derive(Debug, Serialize, ToSchema)]
struct SignInView {
    /// Whether it went well.
    succeeded: bool,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

/// A service that a member uses.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceView {
    /// Its client_id.
    client_id: String,
    /// Since when.
    #[schema(format = "date-time")]
    given_at: String,
}

/// A letter.
#[derive(Debug, Serialize, ToSchema)]
struct MailView {
    /// What kind of letter.
    kind: String,
    /// `waiting`, `sent` or `dropped`.
    state: String,
    /// When it was sent or dropped, or is due.
    #[schema(format = "date-time")]
    at: String,
}

/// An attempt at verification.
#[derive(Debug, Serialize, ToSchema)]
struct CaseView {
    /// By which way.
    method: String,
    /// What came of it.
    outcome: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

/// A review about the member.
#[derive(Debug, Serialize, ToSchema)]
struct MembersReview {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `held_by_other`, `staff_not_found` or `name_changed`.
    kind: String,
    /// Since when.
    #[schema(format = "date-time")]
    opened_at: String,
    /// Whether it waits.
    open: bool,
}

impl MembersReview {
    fn of(review: &Review) -> Self {
        Self {
            id: review.id.to_string(),
            kind: review.kind.as_str().to_owned(),
            opened_at: review.opened_at.to_rfc3339(),
            open: matches!(review.state, idp_core::account::ReviewState::Open { .. }),
        }
    }
}

impl MemberDetail {
    /// What there is about `account`; reviews for those who may see them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(
        store: &Store,
        account: &Account,
        limits: SessionLimits,
        shows_reviews: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let number = match account.badge() {
            Some(_) => store.identity(account.id).await?.map(|identity| identity.number.masked()),
            None => None,
        };
        let sessions = store.sessions_of(account.id, now, limits).await?;
        let sign_ins = store.events_of(account.id, &[Action::SignedIn, Action::SignInFailed], LINES).await?;
        let services = store.consents_of(account.id).await?;
        let mails = store.mails_of(account.id, LINES).await?;
        let cases = store.cases_of(account.id, LINES).await?;
        let reviews = match shows_reviews {
            true => store.reviews_of(account.id, 5).await?,
            false => Vec::new(),
        };
        let waiting = store.open_approvals(&account.id.to_string(), now).await?;
        let withdrawal = waiting.into_iter().find(|asked| asked.kind == ApprovalKind::BadgeWithdrawal);
        Ok(Self {
            member: MemberView::of(account, now),
            number,
            evidence: account.badge().map(|badge| BadgeView {
                method: badge.method.as_str().to_owned(),
                ial: badge.ial.clone(),
                reference: badge.reference.clone(),
                at: badge.at.to_rfc3339(),
            }),
            sessions: sessions
                .into_iter()
                .map(|session| SessionView {
                    device: session.device,
                    authenticated_at: session.authenticated_at.to_rfc3339(),
                })
                .collect(),
            sign_ins: sign_ins
                .iter()
                .map(|line| SignInView {
                    succeeded: line.action == Action::SignedIn.as_str(),
                    at: line.at.to_rfc3339(),
                })
                .collect(),
            services: services
                .into_iter()
                .map(|consent| ServiceView {
                    client_id: consent.client_id.to_string(),
                    given_at: consent.given_at.to_rfc3339(),
                })
                .collect(),
            mails: mails
                .into_iter()
                .map(|mail| {
                    let (state, at) = match mail.fate {
                        MailFate::Waiting => ("waiting", mail.due_at),
                        MailFate::Sent(at) => ("sent", at),
                        MailFate::Dropped(at) => ("dropped", at),
                    };
                    MailView { kind: mail.kind, state: state.to_owned(), at: at.to_rfc3339() }
                })
                .collect(),
            cases: cases
                .into_iter()
                .map(|case| CaseView {
                    method: case.method.as_str().to_owned(),
                    outcome: case.outcome.as_str().to_owned(),
                    at: case.opened_at.to_rfc3339(),
                })
                .collect(),
            reviews: reviews.iter().map(MembersReview::of).collect(),
            shown: account.about.parts().into_iter().map(|part| part.as_str().to_owned()).collect(),
            withdrawal: withdrawal.map(|asked| asked.id.to_string()),
        })
    }
}
