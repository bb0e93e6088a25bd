//! Suspend and restore, end sessions, send again, begin a recovery, extend, take away what must not be shown.

use idp_core::account::{Account, MembershipState, NewFactors, ShownPart, Standing};
use idp_core::admin::{APPROVAL_LIFETIME, Approval, ApprovalKind, ApprovalState, Decision, DecisionRefusal};
use idp_core::audit::Action;
use idp_core::id::AccountId;
use idp_core::password::PasswordHash;
use idp_core::secret::Secret;
use idp_core::session::SessionEnd;
use idp_core::thai::time::{days_left, end_of_day_after};
use idp_store::{Asked, Decided, Ending, OneTimeLink, RECOVERY, Settlement, StoreError};
use serde_json::json;

use super::{Desk, Doer};
use crate::account::recover;
use crate::mail::Letter;
use crate::roles::{is_person, two_people};
use crate::urls;

/// What came of a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is done.
    Yes,
    /// The account is not as the deed wants it: suspended already, permanent, or no more.
    NotAsItStands,
    /// Nothing was named that is to be done.
    Nothing,
    /// It takes two people, and this is not the second of them.
    Refused(DecisionRefusal),
    /// Second factors were set up since the deed that the owner disputes, and nobody has said whose they are.
    WhoseFactors,
}

/// So many days an officer may give at once.
pub const EXTENSION_DAYS: std::ops::RangeInclusive<u32> = 1..=30;

/// And so many in all, beyond those it began with: a temporary membership is not a way to stay unverified.
const LONGEST_EXTENSION_DAYS: u32 = 90;

impl Done {
    fn when(settled: bool) -> Self {
        if settled { Self::Yes } else { Self::NotAsItStands }
    }
}

impl Desk<'_> {
    /// Stops an account; its sessions and what services hold end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suspend(&self, by: &Doer, account: &Account) -> Result<Done, StoreError> {
        let name = account.profile.full_name();
        let letter = Letter::AccountSuspended { name, at: by.now, reason: by.reason.as_str().to_owned() };
        let mail = self.letter(account, letter, by.now);
        let event = by.event(Action::AccountSuspended, account, json!({}));
        self.store.suspend(account.id, by.reason.as_str(), by.now, &[event], &[mail]).await.map(Done::when)
    }

    /// Takes an account that was suspended, or frozen by its owner, into use again. Where the owner disputes a deed, the
    /// password that somebody else may know is void from now on, and `new_factors` says what becomes of the second factors
    /// that were set up since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn restore(
        &self,
        by: &Doer,
        account: &Account,
        new_factors: Option<NewFactors>,
    ) -> Result<Done, StoreError> {
        let settlement = match self.store.dispute(account.id).await? {
            None => None,
            Some(dispute) => match dispute.settled(new_factors) {
                None => return Ok(Done::WhoseFactors),
                Some(factors) => {
                    Some(Settlement { factors, password: PasswordHash::of_nobody(account.password.cost()) })
                }
            },
        };
        let letter = Letter::AccountRestored {
            name: account.profile.full_name(),
            at: by.now,
            sign_in_url: self.url(urls::LOGIN),
            recover_url: settlement.is_some().then(|| self.url(urls::RECOVER)),
        };
        let mail = self.letter(account, letter, by.now);
        let told = settlement.as_ref().map_or(json!({}), |settled| json!({ "new_factors": settled.factors.as_str() }));
        let event = by.event(Action::AccountRestored, account, told);
        self.store.restore(account.id, settlement, by.now, &[event], &[mail]).await.map(Done::when)
    }

    /// Ends every session of an account, and what services hold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions(&self, by: &Doer, account: &Account) -> Result<Done, StoreError> {
        let letter = Letter::SessionsEnded { name: account.profile.full_name(), at: by.now };
        let mail = self.letter(account, letter, by.now);
        let event = by.event(Action::SessionsEndedByOfficer, account, json!({}));
        let all = Ending::Account(account.id);
        self.store.end_sessions(all, SessionEnd::EndedByOfficer, by.now, &[event], &[mail]).await?;
        Ok(Done::Yes)
    }

    /// Mails a link by which the member sets another password. Nobody else sees it, and nobody chooses for them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn start_recovery(&self, by: &Doer, account: &Account) -> Result<Done, StoreError> {
        // A link that leads to a password nobody can sign in with helps nobody.
        if matches!(account.standing, Standing::Suspended { .. }) {
            return Ok(Done::NotAsItStands);
        }
        let secret = Secret::make(self.chance);
        let link = OneTimeLink {
            digest: secret.digest(),
            account_id: account.id,
            purpose: RECOVERY.to_owned(),
            expires_at: by.now + recover::LIFETIME,
        };
        let letter = Letter::RecoverPassword {
            name: account.profile.full_name(),
            url: format!("{}?token={}", self.url(urls::RECOVER_SET), secret.reveal()),
            minutes: u32::try_from(recover::LIFETIME.num_minutes()).unwrap_or(30),
        };
        let mail = self.letter(account, letter, by.now);
        let event = by.event(Action::RecoveryAsked, account, json!({}));
        self.store.order_recovery(&link, &[event], &[mail]).await.map(Done::when)
    }

    /// Sends the letter about the membership as it stands; a permanent member is told nothing anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_again(&self, by: &Doer, account: &Account) -> Result<Done, StoreError> {
        if account.standing != Standing::Active {
            return Ok(Done::NotAsItStands);
        }
        let name = account.profile.full_name();
        let verify_url = self.url(urls::VERIFY);
        let letter = match account.membership.state(by.now) {
            MembershipState::Permanent => return Ok(Done::NotAsItStands),
            MembershipState::Temporary { until, .. } => Letter::MembershipEnding {
                name,
                days_left: days_left(by.now, until).max(1),
                until_date: until,
                verify_url,
            },
            MembershipState::Ended { .. } => {
                Letter::MembershipEnded { name, verify_url, delete_url: self.url(urls::DELETE), erased_on: None }
            }
        };
        let event = by.event(Action::MailSentAgain, account, json!({ "kind": letter.kind() }));
        let mail = self.letter(account, letter, by.now);
        self.store.queue_letters(account.id, &[event], &[mail]).await.map(Done::when)
    }

    /// Takes away a picture or words that the member shows and that must not stand.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_shown(&self, by: &Doer, account: &Account, parts: &[ShownPart]) -> Result<Done, StoreError> {
        if parts.is_empty() {
            return Ok(Done::Nothing);
        }
        let words: Vec<String> = parts.iter().map(|part| part.as_str().to_owned()).collect();
        let event = by.event(Action::ShownRemoved, account, json!({ "fields": words }));
        let letter = Letter::ShownRemoved {
            name: account.profile.full_name(),
            at: by.now,
            parts: words,
            reason: by.reason.as_str().to_owned(),
            about_url: self.url(urls::ABOUT),
        };
        let mail = self.letter(account, letter, by.now);
        self.store.remove_shown(account.id, parts, by.now, &[event], &[mail]).await.map(Done::when)
    }

    /// Gives a temporary membership `days` more, from today or from its end, whichever is later. What it may have in all is
    /// counted from where it began: a badge that is withdrawn begins another one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn extend(&self, by: &Doer, account: &Account, days: u32) -> Result<Done, StoreError> {
        let (Standing::Active, Some(end)) = (&account.standing, account.tokens_end_at()) else {
            return Ok(Done::NotAsItStands);
        };
        let Some(began) = self.store.temporary_since(account.id).await? else { return Ok(Done::NotAsItStands) };
        let most = self.config.membership.temporary_days.saturating_add(LONGEST_EXTENSION_DAYS);
        let until = end_of_day_after(end.max(by.now), days).min(end_of_day_after(began, most));
        if !EXTENSION_DAYS.contains(&days) || until <= end || until <= by.now {
            return Ok(Done::NotAsItStands);
        }
        let letter = Letter::MembershipExtended {
            name: account.profile.full_name(),
            until_date: until,
            verify_url: self.url(urls::VERIFY),
        };
        let mail = self.letter(account, letter, by.now);
        let event = by.event(Action::MembershipExtended, account, json!({ "why": "officer", "days": days }));
        self.store.extend_temporary(account.id, until, by.now, &[event], &[mail]).await.map(Done::when)
    }

    /// Asks a second person to withdraw the badge and free the number. Nothing is withdrawn yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_withdrawal(&self, by: &Doer, officer: AccountId, account: &Account) -> Result<Done, StoreError> {
        if account.badge().is_none() {
            return Ok(Done::NotAsItStands);
        }
        if !is_person(self.store, officer).await? {
            return Ok(Done::Refused(DecisionRefusal::NotVerified));
        }
        let approval = Approval {
            id: AccountId::make(self.chance).0,
            kind: ApprovalKind::BadgeWithdrawal,
            subject: account.id.to_string(),
            asked_by: officer,
            asked_at: by.now,
            reason: by.reason.as_str().to_owned(),
            payload: None,
            expires_at: by.now + APPROVAL_LIFETIME,
            state: ApprovalState::Open,
        };
        let told = json!({ "approval": approval.id, "kind": approval.kind.as_str() });
        let event = by.event(Action::ApprovalAsked, account, told);
        self.store.ask_approval(&approval, &[event]).await.map(|asked| Done::when(asked == Asked::Open))
    }

    /// The second person's yes: the badge goes, the number is free, what services hold ends, and the membership is
    /// temporary anew. With the decision, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw(
        &self,
        by: &Doer,
        officer: AccountId,
        approval: &Approval,
        account: &Account,
    ) -> Result<Done, StoreError> {
        let people = two_people(self.store, approval, officer).await?;
        if let Err(why) = approval.may_decide_so(officer, Decision::Approved, people, by.now) {
            return Ok(Done::Refused(why));
        }
        let until = end_of_day_after(by.now, self.config.membership.temporary_days);
        let letter = Letter::BadgeWithdrawn {
            name: account.profile.full_name(),
            until_date: until,
            verify_url: self.url(urls::VERIFY),
        };
        let mail = self.letter(account, letter, by.now);
        let told = json!({ "approval": approval.id, "asked_by": approval.asked_by });
        let events = [
            by.event(Action::ApprovalDecided, account, json!({ "approval": approval.id, "decision": "approved" })),
            by.event(Action::BadgeWithdrawn, account, told),
        ];
        let decided = (approval.id, officer);
        self.store.withdraw_badge_approved(decided, account.id, until, by.now, &events, &[mail]).await.map(Done::when)
    }

    /// The second person's no: the badge stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_badge(
        &self,
        by: &Doer,
        officer: AccountId,
        approval: &Approval,
        account: &Account,
    ) -> Result<Done, StoreError> {
        let people = two_people(self.store, approval, officer).await?;
        if let Err(why) = approval.may_decide_so(officer, Decision::Declined, people, by.now) {
            return Ok(Done::Refused(why));
        }
        let told = json!({ "approval": approval.id, "decision": Decision::Declined.as_str() });
        let event = by.event(Action::ApprovalDecided, account, told);
        let decided = self.store.decide_approval(approval.id, officer, Decision::Declined, by.now, &[event]).await?;
        Ok(Done::when(matches!(decided, Decided::Done(_))))
    }
}
