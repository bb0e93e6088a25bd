//! Samples of the console's pages.

use idp_core::admin::{Role, Staff, StaffRole};
use idp_core::id::AccountId;

use super::*;
use crate::admin::paths;
use crate::view::console;
use crate::view::page::admin::{HomePage, InvitationPage, StaffForm, StaffPage, StaffRow};

/// The console of a super admin.
pub(super) fn desk(here: &str) -> Console {
    let account_id = AccountId(uuid::Uuid::from_u128(7));
    let row = StaffRole {
        id: uuid::Uuid::nil(),
        account_id,
        role: Role::SuperAdmin,
        department: None,
        given_by: None,
        since: chrono::DateTime::UNIX_EPOCH,
        ended_at: None,
    };
    Console::for_staff(&Staff::of(account_id, &[row]).unwrap(), here)
}

pub(super) fn write(lang: Lang, pages: &mut Pages) {
    put(pages, "admin-home", HomePage { shell: at_home(lang, true), console: desk(paths::HOME) });
    put(pages, "admin-staff", staff(lang, FieldErrors::none(), None));
    let errors = faults(&[("role", "adm-staff-choose-role"), ("email", "adm-staff-no-account")]);
    let link =
        "https://account.moc.go.th/staff/invitation?token=0123456789012345678901234567890123456789012".to_owned();
    put(pages, "admin-staff-faults", staff(lang, errors, Some(link)));
    let invitation = |shell| InvitationPage {
        shell,
        token: "0123".to_owned(),
        role: Text::key(console::role(Role::ClientAdmin)),
        department: Some(pick(lang, "กรมการค้าภายใน", "Department of Internal Trade")),
    };
    put(pages, "admin-invitation", invitation(at_home(lang, true)));
    put(pages, "admin-invitation-signed-out", invitation(shell(lang)));
}

fn staff(lang: Lang, errors: FieldErrors, invitation: Option<String>) -> StaffPage {
    let row = |n: u128, role| StaffRow {
        id: uuid::Uuid::from_u128(n).to_string(),
        account: uuid::Uuid::from_u128(n + 10).to_string(),
        who: pick(lang, "สมชาย ใจดี", "Somchai Jaidee"),
        role: Text::key(console::role(role)),
        department: (role == Role::ClientAdmin).then(|| pick(lang, "กรมการค้าภายใน", "Department of Internal Trade")),
        since: since(lang),
    };
    StaffPage {
        shell: at_home(lang, true),
        console: desk(paths::STAFF),
        rows: vec![row(1, Role::SuperAdmin), row(2, Role::ClientAdmin)],
        may_change: true,
        roles: Role::ALL.map(|role| (role.as_str(), Text::key(console::role(role)))).to_vec(),
        departments: console::departments(lang),
        form: StaffForm::default(),
        invitation,
        errors,
    }
}
