//! `/admin/client/{client_id}`: one client, as it is set, as it is used, and what can be done with it.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::admin::{ApprovalKind, Operation};
use idp_core::client::{Client, ClientStatus, ConsentPolicy, LifeStep, MembershipPolicy};

use super::{find, trial, words as client_words};
use crate::account::words;
use crate::admin::{OnDuty, approvals, paths};
use crate::clients::deeds::can_be_asked;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::in_lang;
use crate::roles::is_person;
use crate::state::App;
use crate::urls;
use crate::usage;
use crate::view::Page as _;
use crate::view::console;
use crate::view::field::FieldErrors;
use crate::view::page::admin::{ClientPage, NoticeRow, Outcome};
use crate::view::text::Text;

/// Days that the numbers cover.
const DAYS: i64 = 30;
/// Notices that are shown.
const NOTICES: u32 = 20;

/// GET.
pub(in crate::admin) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let client = find(&app, &duty, &id).await?;
    show(&app, &duty, &visitor, &client, FieldErrors::none()).await
}

/// The page.
pub(super) async fn show(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    client: &Client,
    errors: FieldErrors,
) -> Result<Response, AppError> {
    let lang = visitor.lang;
    let may = |operation| duty.staff.may_for(operation, client.department.as_ref());
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let outcomes = outcomes(app, visitor, client).await?;
    let last_used = app.store.client_last_used(&client.id).await?;
    let steps = client.status.steps().filter(|step| *step != LifeStep::Retire && may(Operation::ClientState));
    let mut waiting = Vec::new();
    for approval in app.store.open_approvals(client.id.as_str(), visitor.now).await? {
        waiting.push(Text::key(approvals::kind(approval.kind)));
    }
    let open: Vec<ApprovalKind> =
        app.store.open_approvals(client.id.as_str(), visitor.now).await?.iter().map(|open| open.kind).collect();
    let askable =
        |kind: &ApprovalKind| may(Operation::ClientAsk) && can_be_asked(client, *kind) && !open.contains(kind);
    let kinds = [ApprovalKind::ClientCitizenId, ApprovalKind::ClientRemoval];
    let page = ClientPage {
        shell: visitor.shell(),
        console: duty.console(paths::CLIENTS),
        name: in_lang(&client.name, lang).to_owned(),
        client_id: client.id.to_string(),
        status: Text::key(client_words::status(client.status)),
        status_word: client.status.as_str(),
        notice: client.notice.as_ref().map(|notice| in_lang(notice, lang).to_owned()).filter(|text| !text.is_empty()),
        owner: in_lang(&client.owner, lang).to_owned(),
        department: client.department.as_ref().map(|department| console::department(department, lang)),
        stewards: [&client.stewards.owner, &client.stewards.deputy].into_iter().flatten().cloned().collect(),
        purpose: in_lang(&client.purpose, lang).to_owned(),
        logo: client.logo.as_ref().map(urls::client_logo),
        kind: Text::key(client_words::kind(client.kind)),
        method: client.authentication.method(),
        algorithm: client.id_token_algorithm.as_str(),
        scopes: client.scopes.iter().map(|scope| Text::key(words::scope(scope))).collect(),
        permanent_only: client.membership == MembershipPolicy::PermanentOnly,
        first_party: client.consent == ConsentPolicy::FirstParty,
        redirect_uris: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        post_logout_uris: client.post_logout_redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        events: client.events.kinds.iter().map(|kind| Text::key(client_words::event(*kind))).collect(),
        events_push: client.events.push.as_ref().map(|uri| uri.as_str().to_owned()),
        events_open: events(app, visitor, client).await?,
        backchannel: client.logout.back.as_ref().map(|uri| uri.as_str().to_owned()),
        keys: client.keys.uri().map(|uri| uri.as_str().to_owned()),
        secret_made: client_words::current_secret(client).map(|made| words::day(made, lang)),
        secret_days: client_words::current_secret(client)
            .map(|made| (visitor.now - made).num_days())
            .filter(|days| *days > 0),
        old_secret_until: client
            .authentication
            .secrets()
            .iter()
            .filter_map(|secret| secret.expires_at)
            .filter(|end| *end > visitor.now)
            .max()
            .map(|end| words::moment(end, lang)),
        has_secret: !client.authentication.secrets().is_empty(),
        legacy_until: client.legacy.map(|legacy| words::day(legacy.until, lang)),
        made: words::day(client.created_at, lang),
        changed: words::moment(client.updated_at, lang),
        last_used: last_used.map(|at| words::moment(at, lang)),
        outcomes,
        notices: notices(app, visitor, client).await?,
        delivered: app.store.delivered_notices(&client.id).await?,
        weaknesses: client_words::weaknesses(client, visitor.now),
        waiting,
        may_edit: may(Operation::ClientEdit) && client.status != ClientStatus::Retired,
        may_try: may(Operation::ClientTry) && client.may_be_tried().is_ok(),
        not_tried: client
            .may_be_tried()
            .err()
            .filter(|_| may(Operation::ClientTry))
            .map(|why| Text::key(trial::why_not(why))),
        may_rotate: may(Operation::ClientSecretRotate) && client.status != ClientStatus::Retired,
        steps: steps.map(|step| (step.as_str(), Text::key(step_words(step)))).collect(),
        askable: kinds
            .into_iter()
            .filter(askable)
            .map(|kind| (kind.as_str(), Text::key(approvals::kind(kind))))
            .collect(),
        unverified: !is_person(&app.store, duty.id()).await?,
        errors,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}

async fn outcomes(app: &App, visitor: &Visitor, client: &Client) -> Result<Vec<Outcome>, AppError> {
    let rows = app.store.client_use(&client.id, usage::day(visitor.now) - DAYS + 1).await?;
    let is_good = |outcome: &str| matches!(outcome, "signed_in" | "refreshed" | "served");
    let all: u64 = rows.iter().map(|row| row.count).sum();
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &rows {
        *sums.entry(&row.outcome).or_default() += row.count;
    }
    let mut outcomes: Vec<Outcome> = sums
        .into_iter()
        .map(|(word, count)| Outcome {
            word: word.to_owned(),
            good: is_good(word),
            count,
            share: format!("{:.1}", count as f64 * 100.0 / all.max(1) as f64),
        })
        .collect();
    outcomes.sort_by(|a, b| b.good.cmp(&a.good).then(b.count.cmp(&a.count)));
    Ok(outcomes)
}

async fn notices(app: &App, visitor: &Visitor, client: &Client) -> Result<Vec<NoticeRow>, AppError> {
    let open = app.store.open_notices(Some(&client.id), NOTICES).await?;
    Ok(open
        .into_iter()
        .map(|notice| NoticeRow {
            made: words::moment(notice.made_at, visitor.lang),
            attempts: notice.attempts,
            given_up: notice.given_up_at.map(|at| words::moment(at, visitor.lang)),
            error: notice.last_error,
        })
        .collect())
}

async fn events(app: &App, visitor: &Visitor, client: &Client) -> Result<Vec<(Text, NoticeRow)>, AppError> {
    let open = app.store.open_events(&client.id, NOTICES).await?;
    Ok(open
        .into_iter()
        .map(|event| {
            let row = NoticeRow {
                made: words::moment(event.made_at, visitor.lang),
                attempts: event.attempts,
                given_up: event.given_up_at.map(|at| words::moment(at, visitor.lang)),
                error: event.last_error,
            };
            (Text::key(client_words::event(event.kind)), row)
        })
        .collect())
}

fn step_words(step: LifeStep) -> &'static str {
    match step {
        LifeStep::Activate => "cli-step-activate",
        LifeStep::Suspend => "cli-step-suspend",
        LifeStep::Resume => "cli-step-resume",
        LifeStep::Retire => "cli-step-retire",
    }
}
