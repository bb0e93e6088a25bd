//! Verifications that an officer looks at: taken, moved, decided. Approving goes through the same promotion as the
//! registry's match, so that one person has one permanent account on whosever word.

use chrono::{DateTime, Utc};
use idp_core::account::{
    Account, Badge, DeclineReason, Review, ReviewEvidence, ReviewKind, VerificationMethod, VerifiedIdentity,
};
use idp_core::admin::{Operation, Staff, StaffRole};
use idp_core::audit::Action;
use idp_core::id::AccountId;
use idp_core::secret::Secret;
use idp_store::{OneTimeLink, Promotion, PromotionOrder, Renewal, StoreError, Word};
use idp_verify::AssuranceTable;
use serde_json::json;

use super::{Desk, Doer};
use crate::account::not_me;
use crate::account::verify::renewed_badge;
use crate::mail::Letter;
use crate::urls;

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reviewed {
    /// It is decided.
    Yes,
    /// The number is another account's: that account's badge is withdrawn first, by two people.
    StillHeld {
        /// That account.
        holder: AccountId,
    },
    /// Decided by somebody else, not taken, or about another attempt by now; or the account is not as it was.
    NotAsItStands,
}

impl Desk<'_> {
    /// Gives a review to an officer who may decide it, or back to the queue: from whoever was seen to have it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn move_review(
        &self,
        by: &Doer,
        account: &Account,
        review: &Review,
        to: Option<AccountId>,
    ) -> Result<Reviewed, StoreError> {
        if let Some(to) = to
            && !self.may_have_review(review, to).await?
        {
            return Ok(Reviewed::NotAsItStands);
        }
        let from = review.officer();
        let event = by.event(Action::ReviewAssigned, account, json!({ "review": review.id, "from": from, "to": to }));
        let settled = self.store.assign_review(review.id, (from, to), by.now, &[event]).await?;
        Ok(if settled { Reviewed::Yes } else { Reviewed::NotAsItStands })
    }

    /// Whether `who` decides verifications, and this one is not about themselves.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn may_have_review(&self, review: &Review, who: AccountId) -> Result<bool, StoreError> {
        let roles = self.store.staff_roles_of(who).await?;
        let decides = Staff::of(who, &roles).is_some_and(|staff| staff.may(Operation::CaseDecide));
        Ok(decides && review.may_take(who).is_ok())
    }

    /// Everybody to whom a review can be given: they decide verifications, it is not about them, and they do not have it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn officers_for(&self, review: &Review) -> Result<Vec<AccountId>, StoreError> {
        let mut by_account: Vec<(AccountId, Vec<StaffRole>)> = Vec::new();
        for row in self.store.staff_roles().await?.into_iter().filter(|row| row.ended_at.is_none()) {
            match by_account.last_mut() {
                Some((account, rows)) if *account == row.account_id => rows.push(row),
                _ => by_account.push((row.account_id, vec![row])),
            }
        }
        let decides = |(who, rows): &(AccountId, Vec<StaffRole>)| {
            let staff = Staff::of(*who, rows);
            staff.is_some_and(|staff| staff.may(Operation::CaseDecide)) && review.may_take(*who).is_ok()
        };
        let may = by_account.iter().filter(|one| decides(one) && review.officer() != Some(one.0));
        Ok(may.map(|(who, _)| *who).collect())
    }

    /// Declines a review; the member stays as they are and hears why.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decline(
        &self,
        by: &Doer,
        officer: AccountId,
        account: &Account,
        review: &Review,
        why: DeclineReason,
    ) -> Result<Reviewed, StoreError> {
        let detail = json!({ "review": review.id, "case": review.case_id, "why": why.as_str() });
        let event = by.event(Action::ReviewDeclined, account, detail);
        let permanent = account.badge().is_some();
        let letter = Letter::ReviewDeclined {
            name: account.profile.full_name(),
            reason_key: why.as_str().to_owned(),
            verify_url: self.url(if permanent { urls::VERIFY_RENEW } else { urls::VERIFY }),
            permanent,
        };
        let mail = self.letter(account, letter, by.now);
        let settled =
            self.store.decline_review(review.id, review.case_id, officer, why, by.now, &[event], &[mail]).await?;
        Ok(if settled { Reviewed::Yes } else { Reviewed::NotAsItStands })
    }

    /// Makes the member permanent on the officer's word. The level is that of the registry's match, never more: what the
    /// officer adds is that number and person belong together, or that personnel know them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approve(
        &self,
        by: &Doer,
        officer: AccountId,
        account: &Account,
        (review, evidence): (&Review, &ReviewEvidence),
        assurance: &AssuranceTable,
    ) -> Result<Reviewed, StoreError> {
        let registry = || assurance.level(VerificationMethod::CivilRegistry).as_str().to_owned();
        let (badge, given) = match (review.kind, account.badge()) {
            (ReviewKind::StaffNotFound, _) => {
                let method = VerificationMethod::StaffDirectory;
                let reference = reference(review, evidence);
                (Badge { method, ial: registry(), reference, at: by.now }, Action::BadgeGranted)
            }
            (ReviewKind::HeldByOther, _) => {
                let method = VerificationMethod::CivilRegistry;
                let reference = reference(review, evidence);
                (Badge { method, ial: registry(), reference, at: by.now }, Action::BadgeGranted)
            }
            (ReviewKind::NameChanged, Some(old)) => {
                let vouched = evidence.vouched.clone();
                let vouched = vouched.unwrap_or_else(|| (VerificationMethod::CivilRegistry, registry()));
                (renewed_badge(old, vouched, reference(review, evidence), by.now), Action::BadgeRenewed)
            }
            // The badge was withdrawn meanwhile: there is nothing left to renew.
            (ReviewKind::NameChanged, None) => return Ok(Reviewed::NotAsItStands),
        };
        let identity = &evidence.identity;
        let (link, letter) = self.told(account, identity, by.now);
        let mail = self.letter(account, letter, by.now);
        let detail = json!({ "review": review.id, "case": review.case_id, "ial": badge.ial });
        let events = [by.event(Action::ReviewApproved, account, detail.clone()), by.event(given, account, detail)];
        let order = PromotionOrder {
            case_id: review.case_id,
            account_id: account.id,
            identity,
            badge: &badge,
            since: by.now,
            links: &[link],
            held_events: &[],
            held_mails: &[],
            word: Word::Officer { review: review.id, by: officer },
        };
        if given == Action::BadgeRenewed {
            let renewed = self.store.renew_badge(order, by.now, &events, &[mail]).await?;
            return Ok(if renewed == Renewal::Renewed { Reviewed::Yes } else { Reviewed::NotAsItStands });
        }
        Ok(match self.store.promote(order, by.now, &events, &[mail]).await? {
            Promotion::Promoted => Reviewed::Yes,
            Promotion::HeldByOther { holder } => Reviewed::StillHeld { holder },
            Promotion::Resting { .. } | Promotion::CaseClosed | Promotion::NotTemporary => Reviewed::NotAsItStands,
        })
    }

    /// The letter about a badge, with its way to say "this was not me".
    fn told(&self, account: &Account, identity: &VerifiedIdentity, now: DateTime<Utc>) -> (OneTimeLink, Letter) {
        let not_me = Secret::make(self.chance);
        let link = OneTimeLink {
            digest: not_me.digest(),
            account_id: account.id,
            purpose: not_me::Disputed::Verification.purpose().to_owned(),
            expires_at: now + not_me::LIFETIME,
        };
        let letter = Letter::Verified {
            // As it is from now on.
            name: format!("{} {}", identity.first_name.as_str(), identity.last_name.as_str()),
            method_key: "review".to_owned(),
            at: now,
            not_me_url: format!("{}?token={}", self.url(urls::NOT_ME), not_me.reveal()),
        };
        (link, letter)
    }
}

/// The registry's reference, and the review's: what the badge rests on.
fn reference(review: &Review, evidence: &ReviewEvidence) -> String {
    match &evidence.reference {
        Some(reference) => format!("{reference} review {}", review.id),
        None => format!("review {}", review.id),
    }
}
