//! Who is staff. Roles are read from their rows at every request, never from a cache: what was taken away is gone at once.

use chrono::{DateTime, Utc};
use idp_core::admin::{Department, Role, StaffRole};
use idp_core::audit::AuditEvent;
use idp_core::id::AccountId;
use idp_core::secret::Digest;
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

/// A link by which whoever opens it becomes staff, once.
#[derive(Clone, Debug)]
pub struct Invitation {
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

    /// Ends a role; `false` when it is not in force, or is the last super admin's: somebody must be left to give roles.
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
                    let sql = "UPDATE staff_roles SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL \
                         AND (role <> 'super-admin' OR EXISTS (SELECT 1 FROM staff_roles AS other \
                         WHERE other.role = 'super-admin' AND other.ended_at IS NULL AND other.id <> $1)) RETURNING id";
                    if tx.one("staff_roles", sql, params![*id, *now, *by]).await?.is_none() {
                        return Ok(Verdict::Undo(false));
                    }
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }

    /// Keeps an invitation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invite_staff(&self, invitation: &Invitation, events: &[AuditEvent]) -> Result<(), StoreError> {
        let sql = "INSERT INTO staff_invitations (digest, role, department, made_by, made_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING made_at";
        let values = params![
            invitation.digest,
            invitation.role.as_str(),
            word(invitation.department.as_ref()),
            invitation.made_by.map(|id| id.0),
            invitation.made_at,
            invitation.expires_at,
        ];
        self.engine().change(Change::new("staff_invitations", sql, values).events(events)).await.map(|_| ())
    }

    /// What an invitation that is still good would give.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation(
        &self,
        digest: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<(Role, Option<Department>)>, StoreError> {
        let sql = "SELECT made_at, role, department FROM staff_invitations \
             WHERE digest = $1 AND used_at IS NULL AND expires_at > $2";
        let row = self.engine().one("staff_invitations", sql, params![digest, now]).await?;
        row.map(|row| Ok((row.word("role", Role::parse)?, department(&row)?))).transpose()
    }

    /// Uses an invitation, once: `account` has its role from now on. `false` when it is not good any more.
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
    ) -> Result<bool, StoreError> {
        let work = (*digest, account, id, now, events.to_vec());
        self.engine()
            .steps(work, |tx, (digest, account, id, now, events)| {
                Box::pin(async move {
                    let sql = "UPDATE staff_invitations SET used_at = $2, used_by = $3 WHERE digest = $1 \
                         AND used_at IS NULL AND expires_at > $2 RETURNING made_at, role, department, made_by";
                    let used = tx.one("staff_invitations", sql, params![*digest, *now, *account]).await?;
                    let Some(used) = used else { return Ok(Verdict::Undo(false)) };
                    let (role, department) = (used.get::<String>("role")?, used.get::<String>("department")?);
                    let made_by = used.get::<Option<Uuid>>("made_by")?;
                    tx.run(INSERT, params![*id, *account, role, department, made_by, *now]).await?;
                    tx.record(events).await?;
                    Ok(Verdict::Keep(true))
                })
            })
            .await
    }
}

/// The key that ending a super admin's role locks.
const SUPER_ADMINS: i64 = 0x5354_4146;
