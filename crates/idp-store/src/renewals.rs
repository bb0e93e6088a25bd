//! A badge renewed: a permanent member proves once more who they are, after a change of name. The number stays, the
//! evidence before is kept.

use chrono::{DateTime, Utc};
use idp_core::account::{Profile, VerifiedIdentity};
use idp_core::audit::AuditEvent;
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, ReviewId};
use idp_core::mail::OutgoingMail;
use idp_core::seal::Purpose;
use uuid::Uuid;

use crate::accounts::json;
use crate::cache::Stale;
use crate::engine::{Tx, Verdict, params};
use crate::links::insert_links;
use crate::members::index_member;
use crate::reviews::{approve_in, supersede_in};
use crate::verification::{identity_place, sealed_identity};
use crate::{OneTimeLink, PromotionOrder, Store, StoreError, Word};

/// What came of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Names, birth date and badge are those of now.
    Renewed,
    /// The number is not the one that the badge was given for.
    OtherNumber,
    /// The attempt was settled or discarded meanwhile.
    CaseClosed,
    /// There is no badge, or the account is not in use.
    NotPermanent,
}

struct RenewalStep {
    case: CaseId,
    account: AccountId,
    former: Uuid,
    indexes: Vec<[u8; 32]>,
    sealed: Vec<u8>,
    identity: VerifiedIdentity,
    badge: String,
    links: Vec<OneTimeLink>,
    officer: Option<(ReviewId, AccountId)>,
    now: DateTime<Utc>,
    events: Vec<AuditEvent>,
    mails: Vec<OutgoingMail>,
}

impl Store {
    /// Whether a number is the one that an account's badge was given for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn holds_number(
        &self,
        account: AccountId,
        number: &idp_core::thai::NationalId,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT account_id FROM identity_numbers WHERE number_index = $1 AND account_id = $2";
        for index in self.0.vault.number_indexes(number) {
            if self.engine().one("identity_numbers", sql, params![index, account]).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Renews a badge: settles the attempt, keeps the badge and the identity there were, and writes those of now. One
    /// transaction, for the number that the account holds and for no other.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_badge(
        &self,
        order: PromotionOrder<'_>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<Renewal, StoreError> {
        let place = identity_place(order.account_id);
        let mut former = [0; 16];
        self.0.chance.fill(&mut former);
        let step = RenewalStep {
            case: order.case_id,
            account: order.account_id,
            former: uuid::Builder::from_random_bytes(former).into_uuid(),
            indexes: self.0.vault.number_indexes(&order.identity.number),
            sealed: self.0.vault.seal(
                Purpose::NationalNumber,
                &place,
                &sealed_identity(order.identity),
                &*self.0.chance,
            ),
            identity: order.identity.clone(),
            badge: json(order.badge),
            links: order.links.to_vec(),
            officer: match order.word {
                Word::Registry { .. } => None,
                Word::Officer { review, by } => Some((review, by)),
            },
            now,
            events: events.to_vec(),
            mails: mails.to_vec(),
        };
        self.engine().steps(step, |tx, step| Box::pin(step.take(tx))).await
    }
}

impl RenewalStep {
    async fn take(&self, tx: &mut Tx<'_>) -> Result<Verdict<Renewal>, StoreError> {
        if !self.settle(tx).await? {
            return Ok(Verdict::Undo(Renewal::CaseClosed));
        }
        if !self.holds_the_number(tx).await? {
            return Ok(Verdict::Undo(Renewal::OtherNumber));
        }
        // Holds the account's row: of two renewals at once the second keeps what the first has written.
        let hold = "UPDATE accounts SET updated_at = $2 \
             WHERE id = $1 AND permanent_since IS NOT NULL AND standing = 'active'";
        if tx.run(hold, params![self.account, self.now]).await? == 0 {
            return Ok(Verdict::Undo(Renewal::NotPermanent));
        }
        tx.touch(Stale::Account(self.account));
        let keep = "INSERT INTO former_badges (id, account_id, badge, sealed, until_at) \
             SELECT $2, a.id, a.badge, i.sealed, $3 FROM accounts a JOIN identities i ON i.account_id = a.id \
             WHERE a.id = $1";
        tx.run(keep, params![self.account, self.former, self.now]).await?;
        let row =
            tx.one("accounts", "SELECT id, email, profile FROM accounts WHERE id = $1", params![self.account]).await?;
        let Some(row) = row else { return Ok(Verdict::Undo(Renewal::NotPermanent)) };
        let profile = row.json::<Profile>("profile")?.matched(&self.identity);
        let renew = "UPDATE accounts SET badge = $2, profile = $3 WHERE id = $1";
        tx.run(renew, params![self.account, self.badge.as_str(), json(&profile)]).await?;
        let email = row.word("email", |text| EmailAddress::parse(text).ok())?;
        index_member(tx, self.account, &email, &profile, self.now).await?;
        supersede_in(tx, self.account, self.now).await?;
        let identity = "UPDATE identities SET sealed = $2, matched_at = $3 WHERE account_id = $1";
        tx.run(identity, params![self.account, self.sealed.as_slice(), self.now]).await?;
        insert_links(tx, &self.links).await?;
        tx.record(&self.events).await?;
        tx.queue(&self.mails).await?;
        Ok(Verdict::Keep(Renewal::Renewed))
    }

    /// The attempt is settled: by the register's word just now, or by the officer's about what waited.
    async fn settle(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let (mut asked, mut may) = ("outcome = 'asked'", true);
        if let Some((review, by)) = self.officer {
            asked = "outcome = 'name_changed'";
            may = approve_in(tx, (review, self.case, self.account), by, self.now).await?;
        }
        let settle = format!(
            "UPDATE verification_cases SET outcome = 'verified', closed_at = $3 \
             WHERE id = $1 AND account_id = $2 AND {asked}"
        );
        Ok(may && tx.run(&settle, params![self.case, self.account, self.now]).await? > 0)
    }

    async fn holds_the_number(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let sql = "SELECT account_id FROM identity_numbers WHERE number_index = $1 AND account_id = $2";
        for index in &self.indexes {
            if tx.one("identity_numbers", sql, params![*index, self.account]).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
