//! What the pages of the console share: the sections somebody may open, and words for roles and departments.

use idp_core::admin::{Department, Operation, Role, Staff};

use super::{Lang, Text};
use crate::admin::paths;

/// The frame around a page of the console.
#[derive(Clone, Debug)]
pub struct Console {
    /// The sections, as far as this person may open them.
    pub sections: Vec<Section>,
    /// Their roles.
    pub roles: Vec<Text>,
}

/// A section of the console.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where it is.
    pub href: &'static str,
    /// Its name.
    pub label: Text,
    /// What is done there.
    pub about: Text,
    /// Whether the page shown belongs to it.
    pub current: bool,
}

/// Every section: where, what opens it, its name, what is done there.
const SECTIONS: [(&str, Operation, &str, &str); 8] = [
    (paths::HOME, Operation::ConsoleHome, "adm-home", "adm-home-about"),
    (paths::DASHBOARD, Operation::DashboardRead, "dash-title", "dash-about"),
    (paths::CLIENTS, Operation::ClientsRead, "cli-title", "cli-about"),
    (paths::MEMBERS, Operation::MembersSearch, "mem-title", "mem-about"),
    (paths::REVIEWS, Operation::CasesRead, "rev-title", "rev-about"),
    (paths::APPROVALS, Operation::ApprovalsRead, "adm-approvals", "adm-approvals-about"),
    (paths::AUDIT, Operation::AuditRead, "aud-title", "aud-about"),
    (paths::STAFF, Operation::StaffRead, "adm-staff", "adm-staff-about"),
];

impl Console {
    /// The console as `staff` have it, in the section at `here`.
    pub fn for_staff(staff: &Staff, here: &str) -> Self {
        let open = SECTIONS.into_iter().filter(|(_, operation, _, _)| staff.may(*operation));
        Self {
            sections: open
                .map(|(href, _, label, about)| Section {
                    href,
                    label: Text::key(label),
                    about: Text::key(about),
                    current: href == here,
                })
                .collect(),
            roles: staff.roles().into_iter().map(|has| Text::key(role(has))).collect(),
        }
    }
}

/// The words for a role.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::SuperAdmin => "adm-role-super-admin",
        Role::ClientAdmin => "adm-role-client-admin",
        Role::SupportOfficer => "adm-role-support-officer",
        Role::VerificationOfficer => "adm-role-verification-officer",
        Role::Auditor => "adm-role-auditor",
    }
}

/// A department's name, or its word when it has none.
pub fn department(department: &Department, lang: Lang) -> String {
    let name = department.names().map(|(th, en)| if lang == Lang::Th { th } else { en });
    name.unwrap_or(department.as_str()).to_owned()
}

/// The known departments, by word and name.
pub fn departments(lang: Lang) -> Vec<(&'static str, &'static str)> {
    Department::known().iter().map(|(word, th, en)| (*word, if lang == Lang::Th { *th } else { *en })).collect()
}
