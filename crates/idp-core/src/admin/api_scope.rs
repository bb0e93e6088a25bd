//! What a token may be used for at the API: the scopes of our own resource, and which of them an operation needs. A scope
//! opens a door; what is behind it is decided by the roles of the program, as for everybody on the staff. What takes two
//! people, and who a member is, is asked for and decided by persons, in the console: a program is whoever holds its secret.

use super::Operation;
use crate::resource::{Resource, ResourceScope, ResourceUri};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $word:literal: [$($operation:ident),*];)+) => {
        /// A scope of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ApiScope {
            $($(#[$doc])* $name,)+
        }

        impl ApiScope {
            /// Every scope.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The scope token.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The scope that `operation` needs; `None` for what is done in the console alone.
            pub fn needed_for(operation: Operation) -> Option<Self> {
                match operation {
                    $($(Operation::$operation)|* => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

scopes! {
    /// Sees clients.
    ClientsRead = "clients:read": [ClientsRead];
    /// Registers and changes clients.
    ClientsWrite = "clients:write": [ClientCreate, ClientEdit, ClientSecretRotate, ClientState];
    /// Finds and opens members.
    MembersRead = "members:read": [MembersSearch, MembersSearchNumber, MemberRead];
    /// Helps members.
    MembersWrite = "members:write":
        [MemberStanding, MemberSessionsEnd, MemberMail, MembershipExtend, MemberShown];
    /// Sees verifications that need a person.
    ReviewsRead = "reviews:read": [CasesRead];
    /// Sees what waits for a second person.
    ApprovalsRead = "approvals:read": [ApprovalsRead];
    /// Sees who has which role.
    StaffRead = "staff:read": [StaffRead];
    /// Gives and ends roles.
    StaffWrite = "staff:write": [StaffChange];
    /// Reads and checks the audit log.
    AuditRead = "audit:read": [AuditRead];
}

/// The API as a resource (RFC 8707): it is always there, and no client is registered for it.
pub fn api_resource(issuer: &str) -> Resource {
    let scope = |scope: &ApiScope| ResourceScope::parse(scope.as_str()).expect("a word and a colon");
    Resource {
        identifier: ResourceUri::parse(&format!("{issuer}/api")).expect("an issuer is an absolute URI"),
        scopes: ApiScope::ALL.iter().map(scope).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_knows_every_scope_once() {
        let resource = api_resource("https://account.example");
        assert_eq!(resource.identifier.as_str(), "https://account.example/api");
        let mut words: Vec<&str> = resource.scopes.iter().map(ResourceScope::as_str).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ApiScope::ALL.len());
    }

    #[test]
    fn what_takes_a_person_is_behind_no_scope() {
        use Operation::{ApprovalDecideClient, ApprovalDecideMember, BadgeAsk, CaseDecide, ClientAsk};
        for operation in [ApprovalDecideClient, ApprovalDecideMember, BadgeAsk, CaseDecide, ClientAsk] {
            assert_eq!(ApiScope::needed_for(operation), None, "{operation:?}");
        }
    }

    #[test]
    fn what_changes_something_is_never_behind_a_scope_to_read() {
        use crate::admin::Weight;
        for operation in Operation::ALL.iter().filter(|operation| operation.weight() == Weight::HasConsequences) {
            let scope = ApiScope::needed_for(*operation).map(ApiScope::as_str).unwrap_or_default();
            // Whose number it is, is looked up, not changed.
            assert!(!scope.ends_with(":read") || *operation == Operation::MembersSearchNumber, "{operation:?}");
        }
    }
}
