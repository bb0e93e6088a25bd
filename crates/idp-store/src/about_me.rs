//! What members choose to show of themselves, and the picture that belongs to it: written together or not at all.

use chrono::{DateTime, Utc};
use idp_core::account::{AboutMe, PictureName, ShownPart};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::mail::OutgoingMail;

use crate::accounts::json;
use crate::cache::Stale;
use crate::engine::{Verdict, params};
use crate::{Store, StoreError};

impl Store {
    /// Puts `about` in the place of what was shown by the account as it stood at `seen` (`updated_at`). `png` is the picture
    /// that `about` names anew; one that it does not name any more is gone. `false` when anything was changed since, or
    /// the account is not in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_about_me(
        &self,
        id: AccountId,
        about: &AboutMe,
        png: Option<Vec<u8>>,
        (seen, now): (DateTime<Utc>, DateTime<Utc>),
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let kept = (!about.is_empty()).then(|| json(about));
        let name = about.picture.map(|name| name.to_string()).unwrap_or_default();
        self.engine()
            .steps((kept, name, png, events.to_vec()), move |tx, (kept, name, png, events)| {
                Box::pin(async move {
                    let change = "UPDATE accounts SET about = $2, updated_at = $3 \
                         WHERE id = $1 AND standing = 'active' AND updated_at = $4";
                    if tx.run(change, params![id, kept.as_deref(), now, seen]).await? == 0 {
                        return Ok(Verdict::Undo(false));
                    }
                    let others = "DELETE FROM member_pictures WHERE account_id = $1 AND name <> $2";
                    tx.run(others, params![id, name.as_str()]).await?;
                    if let Some(png) = png {
                        let keep =
                            "INSERT INTO member_pictures (name, account_id, png, updated_at) VALUES ($1, $2, $3, $4)";
                        tx.run(keep, params![name.as_str(), id, png.clone(), now]).await?;
                    }
                    tx.record(events).await?;
                    tx.touch(Stale::Account(id));
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Takes `parts` of what an account shows away, whatever its standing. `false` when none of them is shown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_shown(
        &self,
        id: AccountId,
        parts: &[ShownPart],
        now: DateTime<Utc>,
        events: &[AuditEvent],
        mails: &[OutgoingMail],
    ) -> Result<bool, StoreError> {
        self.engine()
            .steps((parts.to_vec(), events.to_vec(), mails.to_vec()), move |tx, (parts, events, mails)| {
                Box::pin(async move {
                    // Holds the row: what the member changes in this moment comes before or after.
                    let hold = "UPDATE accounts SET updated_at = $2 \
                         WHERE id = $1 AND standing <> 'erased' AND about IS NOT NULL RETURNING id, about";
                    let Some(row) = tx.one("accounts", hold, params![id, now]).await? else {
                        return Ok(Verdict::Undo(false));
                    };
                    let shown: AboutMe = row.json("about")?;
                    if !shown.parts().iter().any(|part| parts.contains(part)) {
                        return Ok(Verdict::Undo(false));
                    }
                    let left = shown.without(parts);
                    let kept = (!left.is_empty()).then(|| json(&left));
                    tx.run("UPDATE accounts SET about = $2 WHERE id = $1", params![id, kept.as_deref()]).await?;
                    if left.picture.is_none() {
                        tx.run("DELETE FROM member_pictures WHERE account_id = $1", params![id]).await?;
                    }
                    tx.record(events).await?;
                    tx.queue(mails).await?;
                    tx.touch(Stale::Account(id));
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// A member's picture by its name, and whose it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn member_picture(&self, name: &PictureName) -> Result<Option<(AccountId, Vec<u8>)>, StoreError> {
        let sql = "SELECT account_id, png FROM member_pictures WHERE name = $1";
        let row = self.engine().one("member_pictures", sql, params![name.to_string()]).await?;
        row.map(|row| Ok((AccountId(row.get("account_id")?), row.get("png")?))).transpose()
    }
}
