//! Client applications.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::admin::Operation;
use idp_core::client::{Bilingual, Client, ClientDraft, LifeStep};
use idp_core::id::ClientId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::document::Doc;
use super::extract::{Asked, Named, Sent};
use super::once::{Once, again, created_as};
use super::page;
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::{ClientFilter, OnDuty, find_client};
use crate::clients::settings::{Words, new_draft};
use crate::clients::{ClientDesk, ClientSettings, Fault, Refused, Registered, signs};
use crate::oidc::registration::listed;
use crate::state::App;

const CLIENTS: &str = "/api/v1/clients";
const CLIENT: &str = "/api/v1/clients/{client_id}";
const STATE: &str = "/api/v1/clients/{client_id}/state";
const SECRET: &str = "/api/v1/clients/{client_id}/secret";
const OLDER: &str = "/api/v1/clients/{client_id}/secret/older";

/// The routes of clients.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("clients", id, summary);
    let stands = [Kind::Overtaken, Kind::NotAsItStands];
    api.route(
        (Method::Get, CLIENTS),
        Operation::ClientsRead,
        doc("listClients", "Lists clients, by client_id").asks::<ClientsAsked>().gives::<ClientPage>(),
        list,
    )
    .route(
        (Method::Post, CLIENTS),
        Operation::ClientCreate,
        doc("createClient", "Registers a client, as a draft; its secret is in this answer alone")
            .takes::<NewClient>()
            .creates::<ClientView>(),
        create,
    )
    .route(
        (Method::Get, CLIENT),
        Operation::ClientsRead,
        doc("readClient", "Shows a client").gives::<ClientView>(),
        one,
    )
    .route(
        (Method::Put, CLIENT),
        Operation::ClientEdit,
        doc("changeClient", "Changes the settings of a client; secret and state stay")
            .takes::<ClientSettings>()
            .gives::<ClientView>()
            .or(&stands),
        change,
    )
    .route(
        (Method::Post, STATE),
        Operation::ClientState,
        doc("stepClient", "Puts a draft to use, suspends a client, or lets it go on")
            .takes::<Step>()
            .gives::<ClientView>()
            .or(&stands),
        step,
    )
    .route(
        (Method::Post, SECRET),
        Operation::ClientSecretRotate,
        doc(
            "rotateSecret",
            "Makes a new secret, shown in this answer alone; the one before works for another 24 hours, three at most at once",
        )
        .gives::<ClientView>()
        .or(&stands),
        rotate,
    )
    .route(
        (Method::Delete, OLDER),
        Operation::ClientSecretRotate,
        doc("revokeOlderSecret", "Ends the secret before the last rotation at once").gives::<ClientView>().or(&stands),
        revoke_older,
    )
}

/// Which clients.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ClientsAsked {
    /// Words in the client_id, the name or the owner.
    q: Option<String>,
    /// `draft`, `active`, `suspended` or `retired`.
    status: Option<String>,
    /// The word of a department.
    department: Option<String>,
    /// `weak`, or `unused` for 90 days.
    only: Option<String>,
    /// On one page: 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of clients.
#[derive(Debug, Serialize, ToSchema)]
struct ClientPage {
    /// The clients.
    items: Vec<ClientView>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A secret that is kept, without its value.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SecretView {
    /// Since when.
    #[schema(format = "date-time")]
    created_at: String,
    /// Until when, once it was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    expires_at: Option<String>,
}

/// A client.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ClientView {
    /// The client_id.
    client_id: String,
    /// `draft`, `active`, `suspended` or `retired`.
    status: String,
    /// The secret: in the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// What it was asked for.
    settings: ClientSettings,
    /// Its secrets, without their values.
    secrets: Vec<SecretView>,
    /// What members read while it is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Words>,
    /// Until when it may speak the dialect of the system before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    legacy_until: Option<String>,
    /// Whether it registered itself.
    registered_itself: bool,
    /// When it was registered.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it was last changed.
    #[schema(format = "date-time")]
    updated_at: String,
}

impl ClientView {
    fn of(client: &Client) -> Self {
        let secret = |kept: &idp_core::client::ClientSecret| SecretView {
            created_at: kept.created_at.to_rfc3339(),
            expires_at: kept.expires_at.map(|at| at.to_rfc3339()),
        };
        Self {
            client_id: client.id.to_string(),
            status: client.status.as_str().to_owned(),
            client_secret: None,
            settings: ClientSettings::of(client),
            secrets: client.authentication.secrets().iter().map(secret).collect(),
            notice: client.notice.clone().map(Words::from),
            legacy_until: client.legacy.map(|legacy| legacy.until.to_rfc3339()),
            registered_itself: client.managed.is_some(),
            created_at: client.created_at.to_rfc3339(),
            updated_at: client.updated_at.to_rfc3339(),
        }
    }

    fn with_secret(made: &Registered) -> Self {
        let client_secret = made.secret.as_ref().map(|secret| secret.reveal().to_owned());
        Self { client_secret, ..Self::of(&made.client) }
    }
}

/// A new client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewClient {
    /// The wished-for client_id; made up when left out.
    #[schema(max_length = 64)]
    client_id: Option<String>,
    /// What it is asked for.
    settings: ClientSettings,
}

/// A step in the life of a client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    /// `activate`, `suspend` or `resume`.
    #[schema(pattern = "^(activate|suspend|resume)$")]
    step: String,
    /// What members read while it is suspended.
    notice: Option<Words>,
}

async fn list(
    State(app): State<App>,
    duty: OnDuty,
    Asked(asked): Asked<ClientsAsked>,
) -> Result<Json<ClientPage>, Problem> {
    let limit = page::limit(asked.limit)?;
    let after: Option<ClientId> = page::begin(&app, &duty, "clients", asked.cursor.as_deref())?;
    let filter = ClientFilter::read([&asked.q, &asked.status, &asked.department, &asked.only])?;
    let (found, more) = filter.page(&app, &duty, after.as_ref(), limit as usize).await?;
    let next = found.last().filter(|_| more).map(|last| page::next(&app, &duty, "clients", &last.id));
    Ok(Json(ClientPage { items: found.iter().map(ClientView::of).collect(), next }))
}

async fn create(
    State(app): State<App>,
    duty: OnDuty,
    once: Once,
    Sent { body, mark }: Sent<NewClient>,
) -> Result<Response, Problem> {
    if let Some(before) = once.before(&app, &mark).await? {
        return Ok(before);
    }
    let id = match &body.client_id {
        None => ClientId::make(&*app.chance),
        Some(wished) => ClientId::parse(wished).ok_or_else(|| {
            let rule = "1 to 64 letters, digits, dots, dashes and underscores, and not 43";
            Problem::new(Kind::Unprocessable).errors([("client_id".to_owned(), rule.to_owned())])
        })?,
    };
    let draft = asked_for(&app, &duty, body.settings, new_draft(id)).await?;
    let signs = signs(&app);
    let desk = ClientDesk::of(&app, &signs);
    let keep = |made: &Registered| once.keep(&mark, &ClientView::with_secret(made));
    match desk.register(&duty.hand, draft, &keep).await {
        Ok(made) => Ok(created_as(&ClientView::with_secret(&made))),
        Err(Refused::Answered(before)) => again(before),
        Err(refused) => Err(refused.into()),
    }
}

async fn one(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<Json<ClientView>, Problem> {
    Ok(Json(ClientView::of(&*find_client(&app, &duty, &id).await?)))
}

async fn change(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<ClientSettings>,
) -> Result<Response, Problem> {
    let client = find_client(&app, &duty, &id).await?;
    let draft = asked_for(&app, &duty, body, ClientDraft::of(&client)).await?;
    let signs = signs(&app);
    let made = ClientDesk::of(&app, &signs).change(&duty.hand, &client, draft).await?;
    Ok(unkept(&ClientView::with_secret(&made)))
}

async fn step(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<Step>,
) -> Result<Json<ClientView>, Problem> {
    let client = find_client(&app, &duty, &id).await?;
    let step = LifeStep::parse(&body.step).filter(|step| *step != LifeStep::Retire).ok_or_else(|| {
        let known = "activate, suspend or resume; removal is asked for".to_owned();
        Problem::new(Kind::Unprocessable).errors([("step".to_owned(), known)])
    })?;
    let signs = signs(&app);
    let notice = body.notice.map(Bilingual::from);
    let next = ClientDesk::of(&app, &signs).step(&duty.hand, &client, step, notice).await?;
    Ok(Json(ClientView::of(&next)))
}

async fn rotate(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<Response, Problem> {
    let client = find_client(&app, &duty, &id).await?;
    let signs = signs(&app);
    let made = ClientDesk::of(&app, &signs).rotate(&duty.hand, &client).await?;
    Ok(unkept(&ClientView::with_secret(&made)))
}

async fn revoke_older(State(app): State<App>, duty: OnDuty, Named(id): Named) -> Result<Json<ClientView>, Problem> {
    let client = find_client(&app, &duty, &id).await?;
    let signs = signs(&app);
    let next = ClientDesk::of(&app, &signs).revoke_older(&duty.hand, &client).await?;
    Ok(Json(ClientView::of(&next)))
}

/// The draft that settings ask for, as far as can be said before the core judges it.
async fn asked_for(
    app: &App,
    duty: &OnDuty,
    settings: ClientSettings,
    begun: ClientDraft,
) -> Result<ClientDraft, Problem> {
    let mut draft = settings.into_draft(begun).map_err(|errors| {
        let told = errors.iter().map(|error| (error.setting().to_owned(), error.to_string()));
        Problem::new(Kind::Unprocessable).errors(told.collect::<Vec<_>>())
    })?;
    // Nobody moves a client to where they could not have made it, nor makes one there (S085).
    if !duty.staff.may_for(duty.operation, draft.department.as_ref()) {
        return Err(vec![Fault::Department].into());
    }
    if let (Some(uri), None) = (&draft.sector_identifier_uri, &draft.sector_listed) {
        draft.sector_listed = listed(&app.egress, uri).await;
    }
    Ok(draft)
}

/// 200 with what nobody keeps on the way.
fn unkept(view: &ClientView) -> Response {
    let no_store = [(axum::http::header::CACHE_CONTROL, "no-store")];
    (StatusCode::OK, no_store, Json(view)).into_response()
}
