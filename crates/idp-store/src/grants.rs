//! Grants: a code, then a family of refresh tokens, each step settled by its write.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use idp_core::audit::AuditEvent;
use idp_core::claim::Release;
use idp_core::dpop::Thumbprint;
use idp_core::grant::{Challenge, Grant, GrantState, RefreshFamily};
use idp_core::id::{AccountId, GrantId, SessionId};
use idp_core::resource::ResourceSet;
use idp_core::scope::ScopeSet;
use idp_core::secret::Digest;
use idp_core::session::Acr;

use crate::accounts::json;
use crate::cache::{Stale, Touched};
use crate::engine::{Change, Engine, Param, Row, Verdict, params};
use crate::sessions::{methods, methods_text};
use crate::{Store, StoreError, consents};

/// What came of issuing a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issued {
    /// The code is good.
    Done,
    /// The session ended or the consent was withdrawn meanwhile: nothing was issued.
    Gone,
}

/// How the grant's client is linked to its member, as the caller has read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// By a row of `consents` that must still be there.
    Known,
    /// Not yet, or for less, without having to ask: to be noted with the grant for these scopes and claims.
    New(Release),
}

const GRANT: &str = "SELECT id, client_id, account_id, session_id, sid, code_digest, redirect_uri, challenge, nonce, \
     scopes, methods, acr, authenticated_at, issued_at, redeemed_at, revoked_at, refresh_handle, refresh_current, \
     refresh_previous, refresh_confirmed, refresh_generation, refresh_alive_from, refresh_rotated_at, \
     refresh_expires_at, claims, resource, dpop_jkt FROM grants";

fn grant(row: &Row) -> Result<Grant, StoreError> {
    let state = match (row.time_if_any("redeemed_at")?, row.time_if_any("revoked_at")?) {
        (None, None) => GrantState::Issued,
        (Some(at), None) => GrantState::Redeemed { at },
        (_, Some(at)) => GrantState::Revoked { at },
    };
    let challenge = row.get::<Option<String>>("challenge")?;
    Ok(Grant {
        id: GrantId(row.get("id")?),
        client_id: row.client_id("client_id")?,
        account_id: AccountId(row.get("account_id")?),
        session_id: SessionId(row.get("session_id")?),
        sid: SessionId(row.get("sid")?),
        code: row.digest("code_digest")?,
        redirect_uri: row.get("redirect_uri")?,
        challenge: challenge
            .map(|text| Challenge::stored(&text).ok_or_else(|| row.corrupt("challenge")))
            .transpose()?,
        nonce: row.get("nonce")?,
        scopes: ScopeSet::parse(&row.get::<String>("scopes")?),
        claims: row.json_if_any("claims")?,
        methods: methods(row)?,
        acr: row.word("acr", |word| [Acr::Aal1, Acr::Aal2].into_iter().find(|acr| acr_word(*acr) == word))?,
        authenticated_at: row.time("authenticated_at")?,
        issued_at: row.time("issued_at")?,
        resources: word_if_any(row, "resource", ResourceSet::stored)?.unwrap_or_default(),
        bound_to: word_if_any(row, "dpop_jkt", Thumbprint::parse)?,
        state,
        refresh: row.digest_if_any("refresh_handle")?.map(|handle| family(row, handle)).transpose()?,
    })
}

pub(crate) fn word_if_any<T>(
    row: &Row,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let text = row.get::<Option<String>>(column)?;
    text.map(|text| parse(&text).ok_or_else(|| row.corrupt(column))).transpose()
}

fn family(row: &Row, handle: Digest) -> Result<RefreshFamily, StoreError> {
    Ok(RefreshFamily {
        handle,
        current: row.digest("refresh_current")?,
        previous: row.digest_if_any("refresh_previous")?,
        confirmed: row.get("refresh_confirmed")?,
        generation: row.number("refresh_generation")?,
        alive_from: row.number("refresh_alive_from")?,
        rotated_at: row.time("refresh_rotated_at")?,
        expires_at: row.time("refresh_expires_at")?,
    })
}

/// The column: `NULL` where there is no resource, as for most.
pub(crate) fn resources_text(resources: &ResourceSet) -> Option<String> {
    (!resources.is_empty()).then(|| resources.to_string())
}

/// The stored word; the claim's value is an address that may change.
fn acr_word(acr: Acr) -> &'static str {
    match acr {
        Acr::Aal1 => "aal1",
        Acr::Aal2 => "aal2",
    }
}

/// Writes a grant, if its session lives and its client is linked to the member.
pub(crate) fn issue_sql(engine: &Engine) -> String {
    // On PostgreSQL the rows of session and consent are held until the grant is committed. Otherwise the session could
    // end, or the consent be withdrawn, between the look and the commit, and would not see the grant: PostgreSQL's READ
    // COMMITTED looks at each statement's beginning.
    format!(
        "INSERT INTO grants (id, client_id, account_id, session_id, sid, code_digest, redirect_uri, challenge, nonce, \
         scopes, methods, acr, authenticated_at, issued_at, resource, dpop_jkt, claims) SELECT $1, $2, $3, $4, $5, $6, \
         $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 FROM sessions, consents WHERE sessions.id = $4 \
         AND sessions.account_id = $3 AND sessions.ended_at IS NULL AND consents.account_id = $3 \
         AND consents.client_id = $2{} RETURNING id",
        engine.for_share()
    )
}

pub(crate) fn issue_params(grant: &Grant, now: DateTime<Utc>) -> Vec<Param> {
    params![
        grant.id,
        &grant.client_id,
        grant.account_id,
        grant.session_id,
        grant.sid,
        &grant.code,
        grant.redirect_uri.as_str(),
        grant.challenge.as_ref().map(Challenge::as_str),
        grant.nonce.as_deref(),
        grant.scopes.to_string(),
        methods_text(&grant.methods),
        acr_word(grant.acr),
        grant.authenticated_at,
        now,
        resources_text(&grant.resources),
        grant.bound_to.as_ref().map(Thumbprint::as_str),
        grant.claims.as_ref().map(json),
    ]
}

impl Store {
    /// Issues a code, if the session lives and the client is linked to the member: the write itself looks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issue(
        &self,
        grant: &Grant,
        link: Link,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<Issued, StoreError> {
        let sql = issue_sql(self.engine());
        let values = issue_params(grant, now);
        let done = match link {
            Link::Known => self.engine().settle(Change::new("grants", sql, values).events(events)).await?,
            Link::New(release) => {
                let input = (grant.client_id.clone(), release, sql, values, events.to_vec());
                let account = grant.account_id;
                let steps = self.engine().steps(input, move |tx, (client, release, sql, values, events)| {
                    Box::pin(async move {
                        consents::link(tx, account, client, release, now).await?;
                        if tx.run(sql, values.clone()).await? == 0 {
                            return Ok(Verdict::Undo(false));
                        }
                        tx.record(events).await?;
                        Ok(Verdict::Keep(true))
                    })
                });
                steps.await?
            }
        };
        if done {
            self.caches().issued.insert(grant.code, Arc::new(grant.clone()));
            return Ok(Issued::Done);
        }
        // Something was read from a cache that is no longer so: whoever looks again shall see it.
        self.caches().drop_row(&Stale::Consent(grant.account_id, grant.client_id.clone()));
        Ok(Issued::Gone)
    }

    /// The grant of a code that this node issued a moment ago, once: as it was issued, so that whether it still may be
    /// redeemed is for [`Store::redeem`] to say.
    pub fn just_issued(&self, code: &Digest) -> Option<Arc<Grant>> {
        self.caches().issued.remove(code)
    }

    /// The grant of a code, by the code's digest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grant_by_code(&self, code: &Digest) -> Result<Option<Grant>, StoreError> {
        let row = self.engine().one("grants", &format!("{GRANT} WHERE code_digest = $1"), params![code]).await?;
        row.as_ref().map(grant).transpose()
    }

    /// The grant of a family of refresh tokens, by the digest of their handle.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grant_by_handle(&self, handle: &Digest) -> Result<Option<Grant>, StoreError> {
        let row = self.engine().one("grants", &format!("{GRANT} WHERE refresh_handle = $1"), params![handle]).await?;
        row.as_ref().map(grant).transpose()
    }

    /// A grant by its id, as it was at most the lifetime of a cached row ago.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grant(&self, id: GrantId) -> Result<Option<Arc<Grant>>, StoreError> {
        match self.caches().grants.get(&id) {
            Some(cached) => Ok(Some(cached)),
            None => self.read_grant(id).await,
        }
    }

    /// As [`Store::grant`], for an access token of `generation`: another node may have rotated the family since the row
    /// was cached here, and a token it has just made must not be refused for that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grant_for(&self, id: GrantId, generation: u32) -> Result<Option<Arc<Grant>>, StoreError> {
        let known = |grant: &Arc<Grant>| grant.refresh.as_ref().is_some_and(|family| family.generation >= generation);
        match self.caches().grants.get(&id) {
            Some(cached) if generation == 0 || known(&cached) => Ok(Some(cached)),
            _ => self.read_grant(id).await,
        }
    }

    async fn read_grant(&self, id: GrantId) -> Result<Option<Arc<Grant>>, StoreError> {
        let ticket = self.caches().grants.ticket(&id);
        let row = self.engine().one("grants", &format!("{GRANT} WHERE id = $1"), params![id]).await?;
        let Some(found) = row.as_ref().map(grant).transpose()?.map(Arc::new) else { return Ok(None) };
        self.caches().grants.keep(id, Arc::clone(&found), &ticket);
        Ok(Some(found))
    }

    /// Redeems a code, once. `false` when it was redeemed or revoked meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redeem(
        &self,
        id: GrantId,
        refresh: Option<&RefreshFamily>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        self.redeem_bound(id, refresh, None, now, events).await
    }

    /// The same, and binds the refresh tokens to a key (RFC 9449 §5).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redeem_bound(
        &self,
        id: GrantId,
        refresh: Option<&RefreshFamily>,
        key: Option<&Thumbprint>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let change = match refresh {
            None => {
                let sql = "UPDATE grants SET redeemed_at = $2 \
                     WHERE id = $1 AND redeemed_at IS NULL AND revoked_at IS NULL RETURNING id";
                Change::new("grants", sql, params![id, now])
            }
            Some(family) => {
                let sql = "UPDATE grants SET redeemed_at = $10, refresh_handle = $2, refresh_current = $3, \
                     refresh_previous = $4, refresh_confirmed = $5, refresh_generation = $6, refresh_alive_from = $7, \
                     refresh_rotated_at = $8, refresh_expires_at = $9 \
                     WHERE id = $1 AND redeemed_at IS NULL AND revoked_at IS NULL RETURNING id";
                let mut values = family_params(id, family);
                values.push(now.into());
                match key {
                    None => Change::new("grants", sql, values),
                    Some(key) => {
                        values.push(key.as_str().into());
                        let sql = sql.replace("SET redeemed_at", "SET dpop_jkt = $11, redeemed_at");
                        Change::new("grants", sql, values)
                    }
                }
            }
        };
        // Nobody asks for a grant by id before it was redeemed: there is nothing to drop elsewhere.
        self.engine().settle(change.touches([Touched::here(Stale::Grant(id))]).events(events)).await
    }

    /// Puts `next` in the place of the family whose current token is `expected`. `false` when it was rotated or revoked
    /// meanwhile, or when a spent token was presented again and what it had produced is used by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate(
        &self,
        id: GrantId,
        expected: &Digest,
        next: &RefreshFamily,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        // A retry after a lost reply spends the token before the current one. Between its judgement and this write the
        // reply's tokens may have been used after all: then it is a replay, so the write looks once more. And what the
        // reply held dies on every node; after an ordinary rotation the others notice by themselves.
        let (sql, touched) = match next.previous == Some(*expected) {
            true => (ROTATE, Touched::here(Stale::Grant(id))),
            false => (ROTATE_AGAIN, Stale::Grant(id).into()),
        };
        let mut values = family_params(id, next);
        values.push(expected.into());
        let change = Change::new("grants", sql, values).touches([touched]);
        self.engine().settle(change.events(events)).await
    }

    /// Notes that the family's token was used and stays as it is. `false` when it is no longer the current one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_again(
        &self,
        id: GrantId,
        expected: &Digest,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE grants SET refresh_rotated_at = $3 \
             WHERE id = $1 AND refresh_current = $2 AND revoked_at IS NULL RETURNING id";
        let change = Change::new("grants", sql, params![id, expected, now]);
        self.engine().settle(change.touches([Touched::here(Stale::Grant(id))]).events(events)).await
    }

    /// Revokes the access tokens made under `generation` of a grant's refresh tokens, and those before; the refresh token
    /// goes on. `false` when there is nothing to revoke, or no refresh token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_access_tokens(
        &self,
        id: GrantId,
        generation: u32,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE grants SET refresh_alive_from = $3 WHERE id = $1 AND refresh_alive_from < $3 \
             AND refresh_generation >= $2 AND revoked_at IS NULL RETURNING id";
        let change = Change::new("grants", sql, params![id, generation, generation.saturating_add(1)]);
        self.engine().settle(change.touches([Stale::Grant(id).into()]).events(events)).await
    }

    /// Notes that something the family's last rotation produced is in use. Costs nothing when that is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm(&self, id: GrantId, generation: u32) -> Result<(), StoreError> {
        let needed = |family: &RefreshFamily| !family.confirmed && family.generation <= generation;
        if let Some(cached) = self.caches().grants.get(&id)
            && !cached.refresh.as_ref().is_some_and(needed)
        {
            return Ok(());
        }
        let sql = "UPDATE grants SET refresh_confirmed = $3 \
             WHERE id = $1 AND refresh_generation = $2 AND refresh_confirmed <> $3 RETURNING id";
        let change = Change::new("grants", sql, params![id, generation, true]);
        self.engine().change(change.touches([Touched::here(Stale::Grant(id))])).await.map(|_| ())
    }

    /// Revokes a grant and everything that came of it. `false` when it was revoked already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_grant(
        &self,
        id: GrantId,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id";
        let change = Change::new("grants", sql, params![id, now]).touches([Stale::Grant(id).into()]);
        self.engine().settle(change.events(events)).await
    }
}

// What was revoked since the family was read stays so. The handle stays as it is, and is left out: naming an indexed
// column costs SQLite its index entry anew.
const ROTATE: &str = "UPDATE grants SET refresh_current = $3, refresh_previous = $4, refresh_confirmed = $5, \
     refresh_generation = $6, \
     refresh_alive_from = CASE WHEN refresh_alive_from > $7 THEN refresh_alive_from ELSE $7 END, \
     refresh_rotated_at = $8, refresh_expires_at = $9 WHERE id = $1 AND refresh_handle = $2 AND refresh_current = $10 AND revoked_at IS NULL RETURNING id";

const ROTATE_AGAIN: &str = "UPDATE grants SET refresh_current = $3, refresh_previous = $4, refresh_confirmed = $5, \
     refresh_generation = $6, \
     refresh_alive_from = CASE WHEN refresh_alive_from > $7 THEN refresh_alive_from ELSE $7 END, \
     refresh_rotated_at = $8, refresh_expires_at = $9 WHERE id = $1 AND refresh_handle = $2 AND refresh_current = $10 AND revoked_at IS NULL \
     AND refresh_confirmed <> TRUE RETURNING id";

fn family_params(id: GrantId, family: &RefreshFamily) -> Vec<Param> {
    params![
        id,
        &family.handle,
        &family.current,
        family.previous,
        family.confirmed,
        family.generation,
        family.alive_from,
        family.rotated_at,
        family.expires_at,
    ]
}
