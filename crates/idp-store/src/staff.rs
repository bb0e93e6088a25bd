//! Who is staff. Roles are read from their rows at every request, never from a cache: what was taken away is gone at once.

use chrono::{DateTime, Utc};
use idp_core::admin::{Department, Role, StaffRole};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::AccountId;
use idp_core::secret::Digest;
use serde_json::json;
use uuid::Uuid;

use crate::engine::{Change, Param, Row, Tx, Verdict, params};
use crate::{Store, StoreError};

/// What came of giving a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It was given.
    Done,
    /// They have it already.
    HadIt,
}

/// What came of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// They have the role from now on.
    Done,
    /// They have it already; the invitation is still good, for somebody else.
    HadIt,
    /// It is not good, or not for them.
    Refused,
}

/// A link by which whoever opens it becomes staff, once.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its name, by which it is listed, withdrawn and written down.
    pub id: Uuid,
    /// The digest of its secret.
    pub digest: Digest,
    /// The role it gives.
    pub role: Role,
    /// The department of a client admin.
    pub department: Option<Department>,
    /// Who made it; `None`: an operator.
    pub made_by: Option<AccountId>,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, account_id, role, department, given_by, since, ended_at";

fn department(row: &Row) -> Result<Option<Department>, StoreError> {
    match row.get::<String>("department")?.as_str() {
        "" => Ok(None),
        word => Department::parse(word).map(Some).map_err(|_| row.corrupt("department")),
    }
}

fn staff_role(row: &Row) -> Result<StaffRole, StoreError> {
    let found = StaffRole {
        id: row.get("id")?,
        account_id: AccountId(row.get("account_id")?),
        role: row.word("role", Role::parse)?,
        department: department(row)?,
        given_by: row.get::<Option<Uuid>>("given_by")?.map(AccountId),
        since: row.time("since")?,
        ended_at: row.time_if_any("ended_at")?,
    };
    StaffRole::judge(found.role, found.department.as_ref()).map_err(|_| row.corrupt("department"))?;
    Ok(found)
}

fn word(department: Option<&Department>) -> &str {
    department.map_or("", Department::as_str)
}

const INSERT: &str = "INSERT INTO staff_roles (id, account_id, role, department, given_by, since) \
     VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (account_id, role, department) WHERE ended_at IS NULL DO NOTHING RETURNING id";

/// Gives a role within a transaction; `false` when it is had already.
pub(crate) async fn give_in(tx: &mut Tx<'_>, role: &StaffRole) -> Result<bool, StoreError> {
    Ok(tx.one("staff_roles", INSERT, role_params(role)).await?.is_some())
}

fn role_params(role: &StaffRole) -> Vec<Param> {
    let given_by = role.given_by.map(|id| id.0);
    let department = word(role.department.as_ref());
    params![role.id, role.account_id, role.role.as_str(), department, given_by, role.since]
}

impl Store {
    /// The roles of an account that are in force.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn staff_roles_of(&self, account: AccountId) -> Result<Vec<StaffRole>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM staff_roles WHERE account_id = $1 AND ended_at IS NULL ORDER BY since, id");
        self.engine().all("staff_roles", &sql, params![account]).await?.iter().map(staff_role).collect()
    }

    /// Every role that is in force, or was: by account, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn staff_roles(&self) -> Result<Vec<StaffRole>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM staff_roles ORDER BY account_id, since DESC, id");
        self.engine().all("staff_roles", &sql, params![]).await?.iter().map(staff_role).collect()
    }

    /// Gives a role.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn give_role(&self, role: &StaffRole, events: &[AuditEvent]) -> Result<Given, StoreError> {
        let change = Change::new("staff_roles", INSERT, role_params(role));
        let done = self.engine().settle(change.events(events)).await?;
        Ok(if done { Given::Done } else { Given::HadIt })
    }

    /// Ends a role; `false` when it is not in force, or is the last super admin's: somebody must be left to give roles, and
    /// neither a program nor an account that cannot be used is somebody. The invitations of a super admin end with the role.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_role(
        &self,
        id: Uuid,
        by: Option<AccountId>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let by = by.map(|id| id.0);
        let work = (id, by, now, events.to_vec());
        self.engine()
            .steps(work, |tx, (id, by, now, events)| {
                Box::pin(async move {
                    // Two super admins who end each other's role in the same moment wait for one another here.
                    tx.lock(vec![SUPER_ADMINS]).await?;
                    let in_use = IN_USE;
                    let sql = format!(
                        "UPDATE staff_roles SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL \
                         AND (role <> 'super-admin' OR NOT EXISTS (SELECT 1 FROM accounts AS person \
                         WHERE person.id = staff_roles.account_id AND {in_use}) \
                         OR EXISTS (SELECT 1 FROM staff_roles AS other JOIN accounts AS person \
                         ON person.id = other.account_id WHERE other.role = 'super-admin' AND other.ended_at IS NULL \
                         AND other.id <> $1 AND {in_use})) RETURNING id, account_id, role"
                    );
                    let Some(ended) = tx.one("staff_roles", &sql, params![*id, *now, *by]).await? else {
                        return Ok(Verdict::Undo(false));
                    };
                    tx.record(events).await?;
                    // What they gave away and nobody has taken goes with it.
                    if ended.get::<String>("role")? == Role::SuperAdmin.as_str() {
                        let sql = "UPDATE staff_invitations SET withdrawn_at = $2, withdrawn_by = $3 \
                             WHERE made_by = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > $2 \
                             RETURNING id";
                        let giver = ended.get::<Uuid>("account_id")?;
                        let open = tx.all("staff_invitations", sql, params![giver, *now, *by]).await?;
                        for invitation in &open {
                            let told = events.iter().map(|event| withdrawn(event, invitation.get("id")));
                            tx.record(&told.collect::<Result<Vec<_>, _>>()?).await?;
                        }
                    }
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Keeps an invitation; `false` when one of this name was made already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invite_staff(&self, invitation: &Invitation, events: &[AuditEvent]) -> Result<bool, StoreError> {
        let sql = "INSERT INTO staff_invitations (digest, role, department, made_by, made_at, expires_at, id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING made_at";
        let values = params![
            invitation.digest,
            invitation.role.as_str(),
            word(invitation.department.as_ref()),
            invitation.made_by.map(|id| id.0),
            invitation.made_at,
            invitation.expires_at,
            invitation.id,
        ];
        self.engine().settle(Change::new("staff_invitations", sql, values).events(events)).await
    }

    /// An invitation that is still good: for anybody but whoever made it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation(&self, digest: &Digest, now: DateTime<Utc>) -> Result<Option<Invitation>, StoreError> {
        let sql = format!("SELECT {INVITATION} FROM staff_invitations WHERE digest = $1 AND {}", good("$2"));
        let row = self.engine().one("staff_invitations", &sql, params![digest, now]).await?;
        row.as_ref().map(invitation).transpose()
    }

    /// The invitations that are still good, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_invitations(&self, now: DateTime<Utc>) -> Result<Vec<Invitation>, StoreError> {
        let sql = format!("SELECT {INVITATION} FROM staff_invitations WHERE {} ORDER BY made_at DESC, id", good("$1"));
        self.engine().all("staff_invitations", &sql, params![now]).await?.iter().map(invitation).collect()
    }

    /// Withdraws an invitation; `false` when it is not good any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_invitation(
        &self,
        id: Uuid,
        by: Option<AccountId>,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<bool, StoreError> {
        let by = by.map(|id| id.0);
        let sql = "UPDATE staff_invitations SET withdrawn_at = $2, withdrawn_by = $3 WHERE id = $1 AND used_at IS NULL \
             AND withdrawn_at IS NULL AND expires_at > $2 RETURNING id";
        self.engine().settle(Change::new("staff_invitations", sql, params![id, now, by]).events(events)).await
    }

    /// Uses an invitation, once: `account` has its role from now on. Not when whoever made it is no super admin any more, and
    /// never by them: nobody gives a role to themselves, and a role that is over gives none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_invitation(
        &self,
        digest: &Digest,
        account: AccountId,
        id: Uuid,
        now: DateTime<Utc>,
        events: &[AuditEvent],
    ) -> Result<Accepted, StoreError> {
        let work = (*digest, account, id, now, events.to_vec());
        self.engine()
            .steps(work, |tx, (digest, account, id, now, events)| {
                Box::pin(async move {
                    // Whoever ends the giver's role in this moment is waited for.
                    tx.lock(vec![SUPER_ADMINS]).await?;
                    let sql = format!(
                        "UPDATE staff_invitations SET used_at = $2, used_by = $3 WHERE digest = $1 AND {good} \
                         AND (made_by IS NULL OR made_by <> $3) RETURNING made_at, role, department, made_by",
                        good = good("$2"),
                    );
                    let used = tx.one("staff_invitations", &sql, params![*digest, *now, *account]).await?;
                    let Some(used) = used else { return Ok(Verdict::Undo(Accepted::Refused)) };
                    let (role, department) = (used.get::<String>("role")?, used.get::<String>("department")?);
                    let made_by = used.get::<Option<Uuid>>("made_by")?;
                    let given = params![*id, *account, role, department, made_by, *now];
                    if tx.one("staff_roles", INSERT, given).await?.is_none() {
                        return Ok(Verdict::Undo(Accepted::HadIt));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(Accepted::Done))
                })
            })
            .await
    }
}

/// That `person` can act: an account in use, whose membership is not over by `$2`.
const IN_USE: &str = "person.standing = 'active' AND (person.permanent_since IS NOT NULL OR person.expires_at > $2)";

const INVITATION: &str = "id, digest, role, department, made_by, made_at, expires_at";

/// That an invitation can be used at the time in `now`: nobody has, nobody has taken it back, and an operator made it or
/// somebody who is a super admin still.
fn good(now: &str) -> String {
    format!(
        "used_at IS NULL AND withdrawn_at IS NULL AND expires_at > {now} AND (made_by IS NULL OR EXISTS (\
         SELECT 1 FROM staff_roles AS giver JOIN accounts AS person ON person.id = giver.account_id \
         WHERE giver.account_id = staff_invitations.made_by AND giver.role = 'super-admin' AND giver.ended_at IS NULL \
         AND person.standing = 'active'))"
    )
}

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.get("id")?,
        digest: Digest::from_bytes(&row.get::<Vec<u8>>("digest")?).ok_or_else(|| row.corrupt("digest"))?,
        role: row.word("role", Role::parse)?,
        department: department(row)?,
        made_by: row.get::<Option<Uuid>>("made_by")?.map(AccountId),
        made_at: row.time("made_at")?,
        expires_at: row.time("expires_at")?,
    })
}

/// The line of an invitation that ends with what `event` tells.
fn withdrawn(event: &AuditEvent, id: Result<Uuid, StoreError>) -> Result<AuditEvent, StoreError> {
    let event = AuditEvent { action: Action::StaffInvitationWithdrawn, account_id: None, ..event.clone() };
    Ok(event.detail(json!({ "invitation": id? })))
}

/// The key that ending a super admin's role locks, and taking one.
const SUPER_ADMINS: i64 = 0x5354_4146;
