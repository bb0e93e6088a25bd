//! The audit log: who did what, and that nobody changed it afterwards.

use axum::Json;
use axum::extract::State;
use idp_core::admin::Operation;
use idp_store::{AuditFault, AuditLine, SealCheck};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::document::Doc;
use super::extract::Asked;
use super::page;
use super::problem::Problem;
use super::routes::{Api, Method};
use crate::admin::OnDuty;
use crate::admin::audit::{actor, filter, looks};
use crate::state::App;
use crate::view::page::admin::AuditForm;

const AUDIT: &str = "/api/v1/audit";
const VERIFY: &str = "/api/v1/audit/verification";

/// The routes of the audit log.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("audit", id, summary);
    api.route(
        (Method::Get, AUDIT),
        Operation::AuditRead,
        doc("searchAudit", "Lines of the audit log, the newest first; the members in them are told of the look")
            .asks::<AuditAsked>()
            .gives::<AuditPage>(),
        search,
    )
    .route(
        (Method::Get, VERIFY),
        Operation::AuditRead,
        doc(
            "verifyAudit",
            "Checks the seals over a range of lines, the newest 100 of them; `idp audit verify` checks all",
        )
        .asks::<Range>()
        .gives::<Verification>(),
        verify,
    )
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AuditAsked {
    /// Who did it: an account's id, or a program's client_id.
    actor: Option<String>,
    /// About whom: an account's id.
    account: Option<String>,
    /// An action such as client.changed, or its beginning with the dot: client.
    action: Option<String>,
    /// Through or about which client_id.
    client: Option<String>,
    /// Not before this day in Bangkok: 2026-11-23.
    from: Option<String>,
    /// Up to and with this day.
    until: Option<String>,
    /// On one page: 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A line.
#[derive(Debug, Serialize, ToSchema)]
struct AuditLineView {
    /// Its number.
    seq: i64,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// `member`, `staff`, `program`, `client`, `anonymous`, `operator` or `system`.
    actor: String,
    /// Which one: an account's id, or a program's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    actor_id: Option<String>,
    /// What.
    action: String,
    /// About whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    account_id: Option<String>,
    /// Through or about which client.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// In which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    session_id: Option<String>,
    /// From which network address.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// More.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    detail: Option<Value>,
}

impl AuditLineView {
    fn of(line: &AuditLine) -> Self {
        Self {
            seq: line.seq,
            at: line.at.to_rfc3339(),
            actor: line.actor.clone(),
            actor_id: line.actor_id.map(|id| id.to_string()),
            action: line.action.clone(),
            account_id: line.account_id.map(|id| id.to_string()),
            client_id: line.client_id.as_ref().map(ToString::to_string),
            session_id: line.session_id.map(|id| id.to_string()),
            origin: line.origin.clone(),
            detail: line.detail.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        }
    }
}

/// A page of lines.
#[derive(Debug, Serialize, ToSchema)]
struct AuditPage {
    /// The lines.
    items: Vec<AuditLineView>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Range {
    /// From this number on.
    from: Option<i64>,
    /// Up to and with this number.
    to: Option<i64>,
}

/// Whether lines are as they were sealed.
#[derive(Debug, Serialize, ToSchema)]
struct Verification {
    /// Whether every seal that was checked fits.
    sound: bool,
    /// Seals that were checked.
    seals: u64,
    /// The first thing that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

async fn search(
    State(app): State<App>,
    duty: OnDuty,
    Asked(asked): Asked<AuditAsked>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = page::limit(asked.limit)?;
    let before: Option<i64> = page::begin(&app, &duty, "audit", asked.cursor.as_deref())?;
    let given = |text: Option<String>| text.unwrap_or_default().trim().to_owned();
    let form = AuditForm {
        actor: actor(&app, given(asked.actor)).await?,
        account: given(asked.account),
        action: given(asked.action),
        client: given(asked.client),
        from: given(asked.from),
        until: given(asked.until),
    };
    let filter = filter(&form)?;
    let mut found = app.store.audit_lines(&filter, before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    // Before anything is shown.
    app.store.record(&looks(&app, &duty.hand, &filter, &found).await?).await?;
    let next = found.last().filter(|_| more).map(|last| page::next(&app, &duty, "audit", &last.seq));
    Ok(Json(AuditPage { items: found.iter().map(AuditLineView::of).collect(), next }))
}

async fn verify(
    State(app): State<App>,
    _duty: OnDuty,
    Asked(range): Asked<Range>,
) -> Result<Json<Verification>, Problem> {
    let check = app.store.check_seals(range.from.unwrap_or(0), range.to.unwrap_or(i64::MAX)).await?;
    Ok(Json(match check {
        SealCheck::Sound { seals } => Verification { sound: true, seals, fault: None },
        SealCheck::Broken(fault) => Verification { sound: false, seals: 0, fault: Some(described(fault)) },
    }))
}

fn described(fault: AuditFault) -> String {
    match fault {
        AuditFault::Seal { number } => format!("seal {number} is missing or was changed"),
        AuditFault::Rows { number } => format!("lines under seal {number} were changed, removed or added"),
        AuditFault::Added { seq } => format!("line {seq} was slipped in where there was none"),
    }
}
