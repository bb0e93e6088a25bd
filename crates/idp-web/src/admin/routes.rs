//! Every address of the console. An address is given here together with the operation it needs, and in no other way: what
//! is not named does not compile, and what is named is in the list that the tests walk through.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use idp_core::admin::Operation;

use super::gate::gate;
use super::{again, approvals, audit, client, dashboard, home, members, paths, reviews, staff, traffic};
use crate::extract::PostedWithFile;
use crate::state::App;

/// An address as it is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// What it does.
    pub operation: Operation,
}

impl Address {
    /// Whether `path` is one of its paths. The callback of a trial is no place to come back to: what it brought is spent.
    pub fn is_at(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let fits = self.path.split('/').all(|part| match given.next() {
            Some(given) => {
                if part.starts_with('{') {
                    !given.is_empty()
                } else {
                    given == part
                }
            }
            None => false,
        });
        fits && given.next().is_none() && self.path != paths::TRIAL
    }
}

/// The console's routes as they are being put together.
pub struct Console {
    app: App,
    router: Router<App>,
    addresses: Vec<Address>,
}

impl Console {
    fn new(app: &App) -> Self {
        Self { app: app.clone(), router: Router::new(), addresses: Vec::new() }
    }

    /// A page: it looks, and changes nothing.
    #[must_use]
    pub(super) fn page<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        operation: Operation,
        handler: H,
    ) -> Self {
        self.route("GET", path, operation, get(handler), |guarded| guarded)
    }

    /// A deed: a form that was sent.
    #[must_use]
    pub(super) fn deed<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        operation: Operation,
        handler: H,
    ) -> Self {
        self.route("POST", path, operation, post(handler), |guarded| guarded)
    }

    /// A deed whose form may carry a file.
    #[must_use]
    fn deed_with_file<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        operation: Operation,
        handler: H,
    ) -> Self {
        let longest = DefaultBodyLimit::max(PostedWithFile::LONGEST_BODY);
        // Outside of the gate, which reads a form that has to wait for a proof.
        self.route("POST", path, operation, post(handler), |guarded| guarded.layer(longest))
    }

    fn route(
        mut self,
        method: &'static str,
        path: &'static str,
        operation: Operation,
        handler: MethodRouter<App>,
        around: impl FnOnce(MethodRouter<App>) -> MethodRouter<App>,
    ) -> Self {
        self.addresses.push(Address { method, path, operation });
        let guarded = handler.route_layer(from_fn_with_state((self.app.clone(), operation), gate));
        self.router = self.router.route(path, around(guarded));
        self
    }
}

/// The whole console.
fn console(app: &App) -> Console {
    let console = Console::new(app);
    let console = members::routes(console);
    let console = reviews::routes(console);
    console
        .page(paths::HOME, Operation::ConsoleHome, home::get)
        .page(paths::AGAIN, Operation::ConsoleHome, again::get)
        .page(paths::CLIENTS, Operation::ClientsRead, client::list)
        .page(paths::CLIENT_NEW, Operation::ClientCreate, client::new_page)
        .deed_with_file(paths::CLIENT_NEW, Operation::ClientCreate, client::create)
        .deed(paths::CLIENT_CHECK, Operation::ClientsRead, client::check)
        .page(paths::CLIENT, Operation::ClientsRead, client::one)
        .page(paths::CLIENT_EDIT, Operation::ClientEdit, client::edit_page)
        .deed_with_file(paths::CLIENT_EDIT, Operation::ClientEdit, client::edit)
        .deed(paths::CLIENT_SECRET, Operation::ClientSecretRotate, client::rotate_secret)
        .deed(paths::CLIENT_SECRET_OLDER, Operation::ClientSecretRotate, client::end_older_secrets)
        .deed(paths::CLIENT_STATE, Operation::ClientState, client::change_state)
        .deed(paths::CLIENT_ASK, Operation::ClientAsk, client::ask)
        .page(paths::CLIENT_TRY, Operation::ClientTry, client::trial_page)
        .deed(paths::CLIENT_TRY, Operation::ClientTry, client::begin_trial)
        .page(paths::TRIAL, Operation::ClientTry, client::trial_answer)
        .page(paths::APPROVALS, Operation::ApprovalsRead, approvals::get)
        .deed(paths::APPROVALS_CLIENTS, Operation::ApprovalDecideClient, approvals::decide)
        .deed(paths::APPROVALS_MEMBERS, Operation::ApprovalDecideMember, approvals::decide_member)
        .page(paths::DASHBOARD, Operation::DashboardRead, dashboard::get)
        .page(paths::DASHBOARD_CSV, Operation::DashboardRead, dashboard::csv)
        .page(paths::TRAFFIC, Operation::TrafficRead, traffic::get)
        .deed(paths::TRAFFIC, Operation::TrafficRead, traffic::post)
        .deed(paths::TRAFFIC_EXPORT, Operation::TrafficExport, traffic::export)
        .page(paths::AUDIT, Operation::AuditRead, audit::get)
        .deed(paths::AUDIT_EXPORT, Operation::AuditExport, audit::export)
        .page(paths::STAFF, Operation::StaffRead, staff::get)
        .deed(paths::STAFF_GIVE, Operation::StaffChange, staff::give)
        .deed(paths::STAFF_END, Operation::StaffChange, staff::end)
        .deed(paths::STAFF_INVITE, Operation::StaffChange, staff::invite)
        .deed(paths::STAFF_WITHDRAW, Operation::StaffChange, staff::withdraw)
}

/// The console as a router.
pub fn router(app: &App) -> Router<App> {
    console(app).router
}

/// Every address of the console, for the tests.
pub fn addresses(app: &App) -> Vec<Address> {
    console(app).addresses
}
