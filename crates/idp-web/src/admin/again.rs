//! `/admin/again`: a proof was too old, and what was asked for waits until there is a younger one.
//!
//! The gate keeps it: of a page its address, of a form what was typed as well, once it is known that the form is one of ours.
//! It lies sealed in the drawer of this official in this browser, for a quarter of an hour, and never in a URL or a page of
//! somebody else's. A long form is shown again as it was, to be looked at and sent; any other is sent on by one button. A
//! file does not wait, and neither does a 13-digit number.

use std::time::Duration;

use axum::extract::{FromRequest as _, OriginalUri, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use idp_core::admin::{Operation, PROOF_AGE};
use serde::{Deserialize, Serialize};

use super::drawer::{Drawer, Kept};
use super::routes::addresses;
use super::{OnDuty, paths};
use crate::account::proof::Destination;
use crate::error::AppError;
use crate::extract::{PostedWithFile, Visitor};
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::admin::AgainPage;
use crate::view::text::Text;

const WAITS: Duration = Duration::from_secs(PROOF_AGE.num_seconds().unsigned_abs());

/// What waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Where it was sent: a path of ours, since a route of the console was found for it.
    path: String,
    /// What it does.
    operation: String,
    /// What was typed; `None` where nothing was.
    fields: Option<Vec<(String, String)>>,
}

/// Keeps what was asked for, and tells where to come back to.
pub(super) async fn keep(
    app: &App,
    visitor: &Visitor,
    operation: Operation,
    request: Request,
) -> Result<Destination, AppError> {
    let Some(member) = &visitor.member else { return Ok(Destination::Console) };
    let uri = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
    let is_get = request.method() == Method::GET;
    let path = match uri.path_and_query() {
        Some(whole) if is_get => whole.to_string(),
        _ => uri.path().to_owned(),
    };
    let waiting = match (is_get, operation) {
        (true, _) => Waiting { path, operation: operation.as_str().to_owned(), fields: None },
        // Whoever is looked for by the number types it again.
        (false, Operation::MembersSearchNumber) => {
            Waiting { path: paths::MEMBERS.to_owned(), operation: operation.as_str().to_owned(), fields: None }
        }
        // Only what a page of ours sent, in this session: anything else is as if nobody had asked.
        (false, _) => match PostedWithFile::from_request(request, app).await {
            Ok(PostedWithFile { posted, .. }) => {
                let fields = posted.typed().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                Waiting { path, operation: operation.as_str().to_owned(), fields: Some(fields) }
            }
            Err(_) => return Ok(Destination::Console),
        },
    };
    Drawer::of(app, visitor, member.account.account.id).put(Kept::Request, &waiting, WAITS).await?;
    Ok(Destination::ConsoleAgain)
}

/// What was typed at `path` before the proof, once: for the page that shows it again.
pub(super) async fn typed_before(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    path: &str,
) -> Result<Option<Vec<(String, String)>>, AppError> {
    let drawer = Drawer::of(app, visitor, duty.id());
    let is_here = |waiting: &Waiting| waiting.path == path && waiting.fields.is_some();
    if !drawer.look(Kept::Request).await?.is_some_and(|waiting| is_here(&waiting)) {
        return Ok(None);
    }
    let waiting: Option<Waiting> = drawer.take(Kept::Request).await?;
    Ok(waiting.filter(is_here).and_then(|waiting| waiting.fields))
}

/// GET: on to what waits.
pub(super) async fn get(State(app): State<App>, duty: OnDuty, visitor: Visitor) -> Result<Response, AppError> {
    let drawer = Drawer::of(&app, &visitor, duty.id());
    let Some(waiting) = drawer.look::<Waiting>(Kept::Request).await? else { return Ok(visitor.go(paths::HOME)) };
    let Some(fields) = &waiting.fields else {
        drawer.take::<Waiting>(Kept::Request).await?;
        return Ok(visitor.go(&waiting.path));
    };
    let operation = Operation::ALL.iter().copied().find(|operation| operation.as_str() == waiting.operation);
    // The long form takes out itself what is shown in it again.
    if matches!(operation, Some(Operation::ClientCreate | Operation::ClientEdit)) {
        return Ok(visitor.go(&waiting.path));
    }
    drawer.take::<Waiting>(Kept::Request).await?;
    let page = AgainPage {
        shell: visitor.shell(),
        console: duty.console(paths::HOME),
        what: Text::key(operation.map_or("again-other", words)),
        action: waiting.path.clone(),
        back: page_of(&app, &waiting.path),
        said: fields
            .iter()
            .filter(|(name, value)| is_said(name) && !value.is_empty())
            .map(|(_, v)| v.clone())
            .collect(),
        fields: fields.clone(),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// What people wrote, and not what a button or a box stands for.
fn is_said(name: &str) -> bool {
    ["reason", "note", "note_th", "note_en", "email", "days"].contains(&name)
}

/// The page on which a form stands: the nearest one above its address.
fn page_of(app: &App, path: &str) -> String {
    let pages = addresses(app);
    let mut here = path;
    while let Some((above, _)) = here.rsplit_once('/') {
        if pages.iter().any(|page| page.method == "GET" && page.is_at(here)) {
            return here.to_owned();
        }
        here = above;
    }
    paths::HOME.to_owned()
}

/// What is sent, in words.
fn words(operation: Operation) -> &'static str {
    match operation {
        Operation::ClientSecretRotate => "again-secret",
        Operation::ClientState => "again-state",
        Operation::ClientAsk | Operation::BadgeAsk => "again-ask",
        Operation::ApprovalDecideClient | Operation::ApprovalDecideMember => "again-decide",
        Operation::MemberStanding => "again-standing",
        Operation::MemberSessionsEnd => "again-sessions",
        Operation::MemberMail => "again-mail",
        Operation::MembershipExtend => "again-extend",
        Operation::CaseDecide => "again-case",
        Operation::AuditExport | Operation::TrafficExport => "again-export",
        Operation::TrafficRead => "again-traffic",
        Operation::StaffChange => "again-staff",
        _ => "again-other",
    }
}
