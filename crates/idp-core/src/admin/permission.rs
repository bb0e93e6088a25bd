//! What each role may do: every action of console and API in one table. A route names its operation; there is no route
//! without one.

use chrono::TimeDelta;

use super::Role;

/// An action with consequences needs a proof of who is acting that is not older than this.
pub const PROOF_AGE: TimeDelta = TimeDelta::minutes(15);

/// How far a role reaches with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Not at all.
    No,
    /// For the departments the role is bound to.
    OwnDepartments,
    /// For everybody and everything.
    All,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It shows something.
    Looks,
    /// It changes something, or shows what is worth stealing: the last proof must be young ([`PROOF_AGE`]).
    HasConsequences,
}

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $weight:ident, [$($reach:ident),+];)+) => {
        /// An action of console and API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[$doc])* $name,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its stable word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            fn row(self) -> (Weight, [Reach; Role::ALL.len()]) {
                match self {
                    $(Self::$name => (Weight::$weight, [$($reach),+]),)+
                }
            }
        }
    };
}

use Reach::{All, No, OwnDepartments as Own};

// Columns: super admin, client admin, support officer, verification officer, auditor.
table! {
    /// The console's first page.
    ConsoleHome = "console.home", Looks, [All, All, All, All, All];
    /// Numbers about sign-ins, registrations and deliveries.
    DashboardRead = "dashboard.read", Looks, [All, No, No, No, All];

    /// Lists clients and opens the page of one.
    ClientsRead = "clients.read", Looks, [All, Own, All, No, All];
    /// Registers a client, and changes what is still a draft.
    ClientCreate = "clients.create", HasConsequences, [All, Own, No, No, No];
    /// Changes a client: names, addresses, keys, what it may ask for.
    ClientEdit = "clients.edit", HasConsequences, [All, Own, No, No, No];
    /// Makes a new secret, shown once.
    ClientSecretRotate = "clients.rotate_secret", HasConsequences, [All, Own, No, No, No];
    /// Puts a draft to use, suspends a client, lets it go on.
    ClientState = "clients.state", HasConsequences, [All, Own, No, No, No];
    /// Asks for what takes two people: the 13-digit number, removal.
    ClientAsk = "clients.ask", HasConsequences, [All, Own, No, No, No];
    /// Signs in to a client's own trial.
    ClientTry = "clients.try", Looks, [All, Own, No, No, No];

    /// Sees what waits for a second person.
    ApprovalsRead = "approvals.read", Looks, [All, Own, No, All, All];
    /// Decides what somebody else asked for about a client.
    ApprovalDecideClient = "approvals.decide_client", HasConsequences, [All, No, No, No, No];
    /// Decides what somebody else asked for about a member.
    ApprovalDecideMember = "approvals.decide_member", HasConsequences, [All, No, No, All, No];

    /// Searches members, by everything but the 13-digit number.
    MembersSearch = "members.search", Looks, [All, No, All, All, No];
    /// Searches by the 13-digit number: with a reason, written down.
    MembersSearchNumber = "members.search_number", HasConsequences, [All, No, All, All, No];
    /// Opens a member's page: with a reason, written down, and shown to the member.
    MemberRead = "members.read", Looks, [All, No, All, All, No];
    /// Suspends a member, or lets them go on.
    MemberStanding = "members.standing", HasConsequences, [All, No, All, No, No];
    /// Ends a member's sessions.
    MemberSessionsEnd = "members.end_sessions", HasConsequences, [All, No, All, No, No];
    /// Sends a mail again, or begins a recovery that the member completes.
    MemberMail = "members.mail", HasConsequences, [All, No, All, No, No];
    /// Gives a temporary member more days.
    MembershipExtend = "members.extend", HasConsequences, [All, No, All, No, No];
    /// Takes away a picture or words that a member shows and that must not stand.
    MemberShown = "members.remove_shown", HasConsequences, [All, No, All, No, No];
    /// Asks for a badge to be withdrawn and a number unbound: somebody else decides.
    BadgeAsk = "members.ask_badge_withdrawal", HasConsequences, [All, No, No, All, No];

    /// Sees verifications that need a person.
    CasesRead = "cases.read", Looks, [All, No, No, All, No];
    /// Takes, moves and decides them.
    CaseDecide = "cases.decide", HasConsequences, [All, No, No, All, No];

    /// Reads the audit log and checks its chain.
    AuditRead = "audit.read", Looks, [All, No, No, No, All];
    /// Takes the audit log away as a file.
    AuditExport = "audit.export", HasConsequences, [All, No, No, No, All];

    /// Looks at the traffic log: with a reason, written down.
    TrafficRead = "traffic.read", HasConsequences, [All, No, No, No, All];
    /// Takes the traffic log away as a file.
    TrafficExport = "traffic.export", HasConsequences, [All, No, No, No, All];

    /// Sees who has which role.
    StaffRead = "staff.read", Looks, [All, No, No, No, All];
    /// Gives and ends roles.
    StaffChange = "staff.change", HasConsequences, [All, No, No, No, No];
}

impl Operation {
    /// How far `role` reaches with it.
    pub fn reach(self, role: Role) -> Reach {
        self.row().1[role.column()]
    }

    /// What it does.
    pub fn weight(self) -> Weight {
        self.row().0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_its_own_word_and_is_somebodys() {
        let words: BTreeSet<&str> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
        assert_eq!(words.len(), Operation::ALL.len());
        for operation in Operation::ALL {
            assert_eq!(operation.reach(Role::SuperAdmin), Reach::All, "{operation:?}");
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        for operation in Operation::ALL.iter().filter(|operation| operation.reach(Role::Auditor) != Reach::No) {
            use Operation::{AuditExport, TrafficExport, TrafficRead};
            // What is worth stealing is looked at with a young proof; nothing of it changes anything.
            let takes_away = matches!(operation, AuditExport | TrafficExport | TrafficRead);
            assert!(operation.weight() == Weight::Looks || takes_away, "{operation:?}");
        }
    }

    #[test]
    fn only_client_admins_are_bound_to_departments() {
        for operation in Operation::ALL {
            for role in Role::ALL.into_iter().filter(|role| *role != Role::ClientAdmin) {
                assert_ne!(operation.reach(role), Reach::OwnDepartments, "{operation:?} {role:?}");
            }
        }
    }

    #[test]
    fn nobody_but_a_super_admin_gives_roles() {
        for role in Role::ALL {
            assert_eq!(Operation::StaffChange.reach(role) == Reach::All, role == Role::SuperAdmin);
        }
    }
}
