//! Who has which role: members of staff, and programs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use idp_core::admin::{Department, Operation, Role, StaffRole};
use idp_core::id::{AccountId, ClientId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::Doc;
use super::extract::{Named, Sent};
use super::once::{Once, again, created_as};
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::OnDuty;
use crate::roles::{self, Holder, RoleRefused};
use crate::state::App;

const STAFF: &str = "/api/v1/staff";
const ROLE: &str = "/api/v1/staff/{id}";

/// The routes of roles.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("staff", id, summary);
    api.route(
        (Method::Get, STAFF),
        Operation::StaffRead,
        doc("listRoles", "Lists the roles in force").gives::<Roles>(),
        list,
    )
    .route(
        (Method::Post, STAFF),
        Operation::StaffChange,
        doc("giveRole", "Gives a role to an account, or to a program")
            .takes::<NewRole>()
            .creates::<RoleView>()
            .or(&[Kind::NotFound]),
        give,
    )
    .route(
        (Method::Delete, ROLE),
        Operation::StaffChange,
        doc("endRole", "Ends a role at once").or(&[Kind::NotAsItStands]),
        end,
    )
}

/// A role in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RoleView {
    /// The row's id.
    #[schema(format = "uuid")]
    id: String,
    /// The account's id, or the program's.
    #[schema(format = "uuid")]
    staff: String,
    /// The client, when it is a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// `super-admin`, `client-admin`, `support-officer`, `verification-officer` or `auditor`.
    role: String,
    /// The department of a client-admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    /// Who gave it; left out: an operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    given_by: Option<String>,
    /// Since when.
    #[schema(format = "date-time")]
    since: String,
}

impl RoleView {
    fn of(row: &StaffRole, client: Option<&ClientId>) -> Self {
        Self {
            id: row.id.to_string(),
            staff: row.account_id.to_string(),
            client_id: client.map(ToString::to_string),
            role: row.role.as_str().to_owned(),
            department: row.department.as_ref().map(ToString::to_string),
            given_by: row.given_by.map(|id| id.to_string()),
            since: row.since.to_rfc3339(),
        }
    }
}

/// The roles in force.
#[derive(Debug, Serialize, ToSchema)]
struct Roles {
    /// Each role.
    items: Vec<RoleView>,
}

/// A role for an account or a program: exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    /// The account's id.
    #[schema(format = "uuid")]
    account: Option<String>,
    /// The client_id of a program that asks for tokens as itself.
    client_id: Option<String>,
    /// `super-admin`, `client-admin`, `support-officer`, `verification-officer` or `auditor`.
    #[schema(pattern = "^(super-admin|client-admin|support-officer|verification-officer|auditor)$")]
    role: String,
    /// The department of a client-admin.
    department: Option<String>,
}

async fn list(State(app): State<App>, _duty: OnDuty) -> Result<Json<Roles>, Problem> {
    let programs = roles::programs(&app.store).await?;
    let rows = app.store.staff_roles().await?;
    let in_force = rows.iter().filter(|row| row.ended_at.is_none());
    Ok(Json(Roles { items: in_force.map(|row| RoleView::of(row, programs.get(&row.account_id))).collect() }))
}

async fn give(
    State(app): State<App>,
    duty: OnDuty,
    once: Once,
    Sent { body, mark }: Sent<NewRole>,
) -> Result<Response, Problem> {
    if let Some(before) = once.before(&app, &mark).await? {
        return Ok(before);
    }
    let refused =
        |setting: &str, why: &str| Problem::new(Kind::Unprocessable).errors([(setting.to_owned(), why.to_owned())]);
    let role = Role::parse(&body.role).ok_or_else(|| refused("role", "no such role"))?;
    let department = body.department.as_deref().map(Department::parse).transpose();
    let department = department.map_err(|error| refused("department", &error.to_string()))?;
    let holder = match (body.account, body.client_id) {
        (Some(account), None) => {
            Holder::Account(AccountId::parse(&account).ok_or_else(|| refused("account", "an account's id"))?)
        }
        (None, Some(client)) => {
            Holder::Program(ClientId::parse(&client).ok_or_else(|| refused("client_id", "a client_id"))?)
        }
        _ => return Err(refused("account", "give one of account and client_id")),
    };
    let client = holder.client().cloned();
    let view = |row: &StaffRole| RoleView::of(row, client.as_ref());
    let keep = |row: &StaffRole| once.keep(&mark, &view(row));
    let given = roles::give(&app.store, &*app.chance, &duty.hand, Some(duty.id()), (holder, role, department), &keep);
    match given.await {
        Ok(row) => Ok(created_as(&view(&row))),
        Err(RoleRefused::Answered(before)) => again(before),
        Err(RoleRefused::Store(error)) => Err(error.into()),
        Err(RoleRefused::HadIt) => Err(Problem::new(Kind::Already)),
        Err(RoleRefused::OneOwn) => Err(Problem::new(Kind::NotPermitted).detail("nobody gives a role to themselves")),
        Err(RoleRefused::Nobody) => Err(Problem::new(Kind::NotFound).detail("there is no such account or client")),
        Err(RoleRefused::NoProgram) => Err(refused("client_id", "only a client that acts as itself holds roles")),
        Err(RoleRefused::Misfit(why)) => Err(refused("department", &why.to_string())),
    }
}

async fn end(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<StatusCode, Problem> {
    let id = Uuid::try_parse(&id).map_err(|_| Problem::new(Kind::NotFound))?;
    match roles::end(&app.store, &duty.hand, Some(duty.id()), id).await? {
        None => Err(Problem::new(Kind::NotFound)),
        Some(true) => Ok(StatusCode::NO_CONTENT),
        Some(false) => Err(Problem::new(Kind::NotAsItStands).detail("the last super admin stays")),
    }
}
