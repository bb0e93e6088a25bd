//! `/admin/client/{client_id}/try`: a real sign-in to a client, against a relying party that is built in, step by step
//! ([decision 0031]).
//!
//! In reading order: [`begin`] makes a shadow of the client ([`idp_core::client::Trial`]) and sends the official to
//! `/authorize`; the pages on the way are those that every member sees; [`answer`] is where the browser comes back, does
//! what a service would do (`party.rs`, by `http.rs`) and ends the shadow; [`page`] shows each step (`step.rs`), without
//! what a screenshot must not hold (`masked.rs`).
//!
//! [decision 0031]: ../../../../../../docs/decisions/0031-a-trial-is-a-shadow-of-its-client.md

mod http;
mod masked;
mod party;
mod show;
mod step;

use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use idp_core::account::Access;
use idp_core::audit::Action;
use idp_core::authorize::RawRequest;
use idp_core::client::{Apart, Client, MembershipPolicy, NoTrial, RedirectUri, TRIAL_LIFETIME, TrialOrder};
use idp_core::id::ClientId;
use idp_core::secret::{Secret, same_bytes};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::party::Party;
use self::step::{Stage, Step, Why};
use super::find;
use crate::admin::drawer::{Drawer, Kept};
use crate::admin::{OnDuty, paths};
use crate::error::AppError;
use crate::extract::{Posted, Visitor, see_other};
use crate::oidc::trial_over;
use crate::state::App;

pub(in crate::admin) use show::get as page;

/// As long as the shadow lives.
const WAITS: Duration = Duration::from_secs(TRIAL_LIFETIME.num_seconds().unsigned_abs());
/// How long the result can be looked at.
const SHOWN: Duration = Duration::from_secs(30 * 60);

/// A trial that waits for its answer.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// The client that is tried.
    of: ClientId,
    /// Its shadow.
    trial: ClientId,
    secret: String,
    state: String,
    nonce: String,
    verifier: String,
    began_at: DateTime<Utc>,
    apart: Vec<Apart>,
    steps: Vec<Step>,
}

/// What came of a trial.
#[derive(Serialize, Deserialize)]
struct Tried {
    of: ClientId,
    began_at: DateTime<Utc>,
    apart: Vec<Apart>,
    steps: Vec<Step>,
}

/// POST: a trial begins.
pub(in crate::admin) async fn begin(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let client = find(&app, &duty, &id).await?;
    let [secret, state, nonce, verifier] = [(); 4].map(|()| Secret::make(&*app.chance));
    let redirect_uri = RedirectUri::parse(&app.url(paths::TRIAL));
    let redirect_uri = redirect_uri.map_err(|why| AppError::internal(format!("the trial's address is {why}")))?;
    let trial = ClientId::make_trial(&*app.chance);
    let order = TrialOrder { id: trial.clone(), by: duty.id(), secret: &secret, redirect_uri, now: visitor.now };
    let (shadow, apart) = client.shadow(order).map_err(|why| refused(why, &client))?;
    let event = duty.event(Action::ClientTried).client(&client.id).detail(json!({ "trial": trial.as_str() }));
    if !app.store.begin_trial(&shadow, &[event]).await? {
        return Err(AppError::internal("a shadow that is none"));
    }
    let (party, mut steps) = Party::meet(&app, &shadow, &secret, visitor.now).await?;
    let begun = [state, nonce, verifier];
    let (url, step) = party.authorization(&begun, visitor.lang.tag());
    steps.push(step);
    let [state, nonce, verifier] = begun.map(|secret| secret.reveal().to_owned());
    let waiting = Waiting {
        of: client.id.clone(),
        trial,
        secret: secret.reveal().to_owned(),
        state,
        nonce,
        verifier,
        began_at: visitor.now,
        apart,
        steps,
    };
    Drawer::of(&app, visitor, duty.id()).put(Kept::Trial, &waiting, WAITS).await?;
    Ok(visitor.dress(see_other(&url)))
}

/// GET `/admin/trial`: the browser is back, with a code or a refusal. Only the official who began it, in the browser in
/// which they did, has something that waits here; it is spent once.
pub(in crate::admin) async fn answer(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let query = query.unwrap_or_default();
    let returned = RawRequest::parse(&[&query])?;
    let drawer = Drawer::of(&app, &visitor, duty.id());
    let state = returned.get("state").unwrap_or_default();
    let is_its_own = |waiting: &Waiting| same_bytes(waiting.state.as_bytes(), state.as_bytes());
    // An answer that was made up spends nothing.
    drawer.look(Kept::Trial).await?.filter(is_its_own).ok_or_else(trial_over)?;
    let waiting: Waiting = drawer.take(Kept::Trial).await?.filter(is_its_own).ok_or_else(trial_over)?;
    let client = find(&app, &duty, waiting.of.as_str()).await?;
    let steps = done(&app, &visitor, &client, &waiting, (&query, &returned)).await?;
    app.store.end_trial(&waiting.trial).await?;
    let Waiting { of, began_at, apart, .. } = waiting;
    let result = Tried { of, began_at, apart, steps };
    drawer.put(Kept::TrialResult, &result, SHOWN).await?;
    Ok(visitor.go(&paths::client_try(&client.id)))
}

/// Every step of the trial, as far as it goes.
async fn done(
    app: &App,
    visitor: &Visitor,
    client: &Client,
    waiting: &Waiting,
    (query, returned): (&str, &RawRequest),
) -> Result<Vec<Step>, AppError> {
    let shadow = app.store.client(&waiting.trial).await?.ok_or_else(trial_over)?;
    let secret = Secret::presented(waiting.secret.as_str());
    let (party, _) = Party::meet(app, &shadow, &secret, visitor.now).await?;
    let mut steps = waiting.steps.clone();
    let code = returned.get("code");
    let came = format!("GET {}\n\n{}", paths::TRIAL, masked::form(query.as_bytes()));
    let checks = party.returned(true, returned.get("iss"), code);
    let step = Step::passed(Stage::Answer, came, String::new()).checked(checks);
    if let Some(error) = returned.get("error") {
        steps.push(step.failed(refusal(error, visitor, client)));
        return Ok(steps);
    }
    let good = step.has_passed();
    steps.push(step);
    if let Some(code) = code.filter(|_| good) {
        steps.extend(party.finish(code, waiting).await);
    }
    Ok(steps)
}

/// Why the provider said no, in words for the official, found in the facts that it decides by.
fn refusal(error: &str, visitor: &Visitor, client: &Client) -> Why {
    let account = visitor.member.as_ref().map(|member| &member.account.account);
    let no_badge = account.is_some_and(|account| account.badge().is_none());
    match error {
        "access_denied" if account.is_some_and(|account| account.access(visitor.now) != Access::Full) => Why::Account,
        "access_denied" if client.membership == MembershipPolicy::PermanentOnly && no_badge => Why::PermanentOnly,
        "access_denied" => Why::Declined,
        "unmet_authentication_requirements" => Why::Level,
        _ => Why::Refused,
    }
}

/// The page for a client that cannot be tried.
fn refused(why: NoTrial, client: &Client) -> AppError {
    AppError::new(StatusCode::CONFLICT, "not_tried", "try-no-title", why_not(why))
        .next(paths::client(&client.id), "cli-to-client")
}

/// Why a client cannot be tried, in words.
pub(super) fn why_not(why: NoTrial) -> &'static str {
    match why {
        NoTrial::SignsNobodyIn => "try-no-machine",
        NoTrial::NotInUse => "try-no-not-in-use",
    }
}
