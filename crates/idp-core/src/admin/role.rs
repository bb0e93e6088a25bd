//! The roles that staff may have. Staff are members with an ordinary account; what they may do besides stands in rows of
//! their own, given by somebody and ended by somebody.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Department, Operation, Reach};
use crate::id::AccountId;

/// What somebody is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Everything, and the only one who gives roles.
    SuperAdmin,
    /// Registers and looks after the client applications of some departments.
    ClientAdmin,
    /// Helps members who call.
    SupportOfficer,
    /// Decides verifications that need a person.
    VerificationOfficer,
    /// Sees who did what, and changes nothing.
    Auditor,
}

impl Role {
    /// Every role, in the order of the table of permissions.
    pub const ALL: [Self; 5] =
        [Self::SuperAdmin, Self::ClientAdmin, Self::SupportOfficer, Self::VerificationOfficer, Self::Auditor];

    /// The stored word, which is also the one on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super-admin",
            Self::ClientAdmin => "client-admin",
            Self::SupportOfficer => "support-officer",
            Self::VerificationOfficer => "verification-officer",
            Self::Auditor => "auditor",
        }
    }

    /// Reads [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Its column in the table of permissions.
    pub(super) fn column(self) -> usize {
        self as usize
    }
}

/// A role that somebody has, or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRole {
    /// The row.
    pub id: Uuid,
    /// Who has it.
    pub account_id: AccountId,
    /// What it is.
    pub role: Role,
    /// The department a [`Role::ClientAdmin`] is bound to; nothing for every other role.
    pub department: Option<Department>,
    /// Who gave it; `None`: an operator at the command line.
    pub given_by: Option<AccountId>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when, if it is over.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Why a role cannot be given so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffRoleError {
    /// A client admin of nothing.
    #[error("a client-admin is bound to a department: name it")]
    NoDepartment,
    /// A department where none counts.
    #[error("only a client-admin is bound to a department: leave it out")]
    Department,
    /// Nobody gives themselves anything.
    #[error("nobody gives a role to themselves: ask another super admin")]
    OneOwn,
}

impl StaffRole {
    /// Whether `role` may stand with `department`.
    ///
    /// # Errors
    /// [`StaffRoleError`].
    pub fn judge(role: Role, department: Option<&Department>) -> Result<(), StaffRoleError> {
        match (role, department) {
            (Role::ClientAdmin, None) => Err(StaffRoleError::NoDepartment),
            (Role::ClientAdmin, Some(_)) | (_, None) => Ok(()),
            (_, Some(_)) => Err(StaffRoleError::Department),
        }
    }
}

/// A member of staff with the roles that are in force: never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Their account.
    pub account_id: AccountId,
    roles: Vec<(Role, Option<Department>)>,
}

impl Staff {
    /// The staff member these rows make; `None` when no role is in force.
    pub fn of(account_id: AccountId, rows: &[StaffRole]) -> Option<Self> {
        let in_force = rows.iter().filter(|row| row.account_id == account_id && row.ended_at.is_none());
        let roles: Vec<_> = in_force.map(|row| (row.role, row.department.clone())).collect();
        (!roles.is_empty()).then_some(Self { account_id, roles })
    }

    /// The roles, each once.
    pub fn roles(&self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|role| self.roles.iter().any(|(has, _)| has == role)).collect()
    }

    /// Whether they may do `operation` on anything at all: what a route asks.
    pub fn may(&self, operation: Operation) -> bool {
        self.roles.iter().any(|(role, _)| operation.reach(*role) != Reach::No)
    }

    /// Whether they may do `operation` on what belongs to `department`: what a handler asks once it knows the thing.
    pub fn may_for(&self, operation: Operation, department: Option<&Department>) -> bool {
        self.roles.iter().any(|(role, own)| match operation.reach(*role) {
            Reach::No => false,
            Reach::All => true,
            Reach::OwnDepartments => own.is_some() && own.as_ref() == department,
        })
    }

    /// The departments for which they may do `operation`; `None`: all, and what has no department.
    pub fn departments(&self, operation: Operation) -> Option<Vec<Department>> {
        let reach = |(role, _): &&(Role, Option<Department>)| operation.reach(*role);
        if self.roles.iter().any(|role| reach(&role) == Reach::All) {
            return None;
        }
        let own = self.roles.iter().filter(|role| reach(role) == Reach::OwnDepartments);
        Some(own.filter_map(|(_, department)| department.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(roles: &[(Role, Option<&str>)]) -> Staff {
        let account_id = AccountId(Uuid::from_u128(1));
        let row = |(role, department): &(Role, Option<&str>)| StaffRole {
            id: Uuid::nil(),
            account_id,
            role: *role,
            department: department.map(|code| Department::parse(code).unwrap()),
            given_by: None,
            since: DateTime::UNIX_EPOCH,
            ended_at: None,
        };
        Staff::of(account_id, &roles.iter().map(row).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn a_client_admin_reaches_their_own_departments_alone() {
        let dit = Department::parse("dit").unwrap();
        let dft = Department::parse("dft").unwrap();
        let admin = somebody(&[(Role::ClientAdmin, Some("dit"))]);
        assert!(admin.may(Operation::ClientEdit));
        assert!(admin.may_for(Operation::ClientEdit, Some(&dit)));
        assert!(!admin.may_for(Operation::ClientEdit, Some(&dft)));
        assert!(!admin.may_for(Operation::ClientEdit, None), "what nobody was given to belongs to no department");
        assert_eq!(admin.departments(Operation::ClientEdit), Some(vec![dit.clone()]));
        let both = somebody(&[(Role::ClientAdmin, Some("dit")), (Role::SuperAdmin, None)]);
        assert!(both.may_for(Operation::ClientEdit, None));
        assert_eq!(both.departments(Operation::ClientEdit), None);
    }

    #[test]
    fn a_role_that_ended_is_none() {
        let row = StaffRole {
            id: Uuid::nil(),
            account_id: AccountId(Uuid::from_u128(1)),
            role: Role::SuperAdmin,
            department: None,
            given_by: None,
            since: DateTime::UNIX_EPOCH,
            ended_at: Some(DateTime::UNIX_EPOCH),
        };
        assert_eq!(Staff::of(row.account_id, std::slice::from_ref(&row)), None);
        assert_eq!(Staff::of(AccountId(Uuid::from_u128(2)), &[StaffRole { ended_at: None, ..row }]), None);
    }

    #[test]
    fn only_client_admins_have_a_department_and_each_has_one() {
        let dit = Department::parse("dit").unwrap();
        for role in Role::ALL {
            let needs = role == Role::ClientAdmin;
            assert_eq!(StaffRole::judge(role, Some(&dit)).is_ok(), needs);
            assert_eq!(StaffRole::judge(role, None).is_ok(), !needs);
        }
    }
}
