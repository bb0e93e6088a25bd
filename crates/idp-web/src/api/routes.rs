//! Every route of the API. A route is given here together with the operation it needs, and in no other way; the scope
//! follows from the operation (`core/admin/api_scope.rs`), and the OpenAPI document from this table.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, any, get, on};
use idp_core::admin::{ApiScope, Operation};

use super::document::{self, Doc};
use super::gate::{Needs, gate};
use super::problem::{self, Kind, Problem};
use super::{approvals, audit, clients, members, reviews, staff};
use crate::state::App;
use crate::urls;

/// A method of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Looks.
    Get,
    /// Does something.
    Post,
    /// Puts something in the place of what is there.
    Put,
    /// Ends something.
    Delete,
}

impl Method {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// A route as it is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// What it does.
    pub operation: Operation,
    /// The scope that a token must have.
    pub scope: ApiScope,
}

/// The API as it is being put together.
pub(super) struct Api {
    app: App,
    router: Router<App>,
    table: Vec<(Address, Doc)>,
}

impl Api {
    /// A route.
    #[must_use]
    pub(super) fn route<H: Handler<T, App>, T: 'static>(
        mut self,
        (method, path): (Method, &'static str),
        operation: Operation,
        doc: Doc,
        handler: H,
    ) -> Self {
        let scope = ApiScope::needed_for(operation).expect("what is done in the console alone has no route");
        let needs = Needs { operation, scope, parameters: doc.takes_parameters() };
        let guarded = on(method.filter(), handler).route_layer(from_fn_with_state((self.app.clone(), needs), gate));
        self.router = self.router.route(path, guarded);
        self.table.push((Address { method, path, operation, scope }, doc));
        self
    }
}

/// The whole API.
fn api(app: &App) -> Api {
    let api = Api { app: app.clone(), router: Router::new(), table: Vec::new() };
    let api = clients::routes(api);
    let api = members::routes(api);
    let api = reviews::routes(api);
    let api = approvals::routes(api);
    let api = staff::routes(api);
    audit::routes(api)
}

/// The API as a router.
pub fn router(app: &App) -> Router<App> {
    api(app)
        .router
        .route(urls::API_DOCUMENT, get(document::serve))
        .route(urls::API_PROBLEMS, get(problem::catalogue))
        .route("/api/{*rest}", any(missing))
        .method_not_allowed_fallback(wrong_method)
}

/// Every route, for the tests.
pub fn addresses(app: &App) -> Vec<Address> {
    api(app).table.into_iter().map(|(address, _)| address).collect()
}

/// Every route with what the document says of it.
pub(super) fn documented(app: &App) -> Vec<(Address, Doc)> {
    api(app).table
}

async fn missing() -> Problem {
    Problem::new(Kind::NotFound)
}

async fn wrong_method() -> Problem {
    Problem::new(Kind::MethodNotAllowed)
}
