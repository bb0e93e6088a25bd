//! Whether somebody comes through the gate of console and API.

use super::{Operation, Staff, Weight};

/// What is known of whoever is at the gate.
#[derive(Clone, Copy, Debug)]
pub struct AtTheGate<'a> {
    /// The roles they have; `None`: a member like any other.
    pub staff: Option<&'a Staff>,
    /// Whether their account may be used.
    pub in_good_standing: bool,
    /// Whether they signed in with a second factor of the strong kind: an app's code or a passkey.
    pub strong: bool,
    /// Whether their last proof is younger than [`PROOF_AGE`](super::PROOF_AGE).
    pub fresh: bool,
}

/// What the gate answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// They sign in first.
    SignIn,
    /// They have no business here: no role, or none that may do this.
    Refused,
    /// They show a second factor first.
    SecondFactor,
    /// They prove anew who they are.
    ProveAgain,
    /// They come in.
    Open,
}

/// Decides for `operation`; `visitor` is `None` when nobody is signed in. Whoever is not staff hears so before they are
/// asked for a factor, and whoever may not do a thing before they prove anything for it.
pub fn enter(visitor: Option<AtTheGate<'_>>, operation: Operation) -> Entry {
    let Some(visitor) = visitor else { return Entry::SignIn };
    let Some(staff) = visitor.staff.filter(|staff| visitor.in_good_standing && staff.may(operation)) else {
        return Entry::Refused;
    };
    debug_assert!(!staff.roles().is_empty(), "staff have roles");
    if !visitor.strong {
        return Entry::SecondFactor;
    }
    if operation.weight() == Weight::HasConsequences && !visitor.fresh {
        return Entry::ProveAgain;
    }
    Entry::Open
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::admin::{Role, StaffRole};
    use crate::id::AccountId;

    #[test]
    fn the_gate_asks_in_order() {
        let account_id = AccountId(Uuid::from_u128(1));
        let row = StaffRole {
            id: Uuid::nil(),
            account_id,
            role: Role::Auditor,
            department: None,
            given_by: None,
            since: DateTime::UNIX_EPOCH,
            ended_at: None,
        };
        let auditor = Staff::of(account_id, &[row]).unwrap();
        let check = |staff, in_good_standing, strong, fresh, operation, expected| {
            let visitor = AtTheGate { staff, in_good_standing, strong, fresh };
            assert_eq!(enter(Some(visitor), operation), expected, "{visitor:?} {operation:?}");
        };
        let some = Some(&auditor);
        assert_eq!(enter(None, Operation::AuditRead), Entry::SignIn);
        check(None, true, true, true, Operation::ConsoleHome, Entry::Refused);
        check(some, false, true, true, Operation::AuditRead, Entry::Refused);
        check(some, true, false, true, Operation::ClientEdit, Entry::Refused);
        check(some, true, false, true, Operation::AuditRead, Entry::SecondFactor);
        check(some, true, true, false, Operation::AuditRead, Entry::Open);
        check(some, true, true, false, Operation::AuditExport, Entry::ProveAgain);
        check(some, true, true, true, Operation::AuditExport, Entry::Open);
    }
}
