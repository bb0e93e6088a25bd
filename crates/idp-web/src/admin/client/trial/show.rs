//! What came of a trial, step by step.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::client::{Apart, Client, ClientStatus};

use super::Tried;
use super::step::{Checked, Outcome, Stage, Step};
use crate::account::words;
use crate::admin::client::find;
use crate::admin::drawer::{Drawer, Kept};
use crate::admin::{OnDuty, paths};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::admin::{TrialCheck, TrialPage, TrialStep};
use crate::view::text::Text;

/// GET: the last trial of this official in this browser; without one, the page of the client.
pub(in crate::admin) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let client = find(&app, &duty, &id).await?;
    let found: Option<Tried> = Drawer::of(&app, &visitor, duty.id()).look(Kept::TrialResult).await?;
    let Some(found) = found.filter(|found| found.of == client.id) else {
        return Ok(visitor.go(&paths::client(&client.id)));
    };
    let page = page(&duty, &visitor, &client, &found);
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

fn page(duty: &OnDuty, visitor: &Visitor, client: &Client, found: &Tried) -> TrialPage {
    let lang = visitor.lang;
    let steps: Vec<TrialStep> = Stage::ALL
        .into_iter()
        .map(|stage| match found.steps.iter().find(|step| step.stage == stage) {
            Some(step) => shown(stage, step),
            None => missing(stage),
        })
        .collect();
    TrialPage {
        shell: visitor.shell(),
        console: duty.console(paths::CLIENTS),
        name: in_lang(&client.name, lang).to_owned(),
        client_id: client.id.to_string(),
        began: words::moment(found.began_at, lang),
        passed: steps.iter().all(|step| step.outcome == "passed"),
        is_draft: client.status == ClientStatus::Draft,
        may_again: client.may_be_tried().is_ok(),
        steps,
        apart: found.apart.iter().map(|apart| Text::key(apart_words(*apart))).collect(),
    }
}

fn shown(stage: Stage, step: &Step) -> TrialStep {
    let (title, about) = stage.words();
    let (outcome, outcome_words) = step.outcome.words();
    TrialStep {
        title: Text::key(title),
        about: Text::key(about),
        outcome,
        outcome_words: Text::key(outcome_words),
        request: step.request.clone(),
        answer: step.answer.clone(),
        checks: step.checks.iter().map(check).collect(),
        why: step.why.map(|why| Text::key(why.words())),
    }
}

fn missing(stage: Stage) -> TrialStep {
    let (title, about) = stage.words();
    let (outcome, outcome_words) = Outcome::Skipped.words();
    TrialStep {
        title: Text::key(title),
        about: Text::key(about),
        outcome,
        outcome_words: Text::key(outcome_words),
        request: String::new(),
        answer: String::new(),
        checks: Vec::new(),
        why: None,
    }
}

fn check(checked: &Checked) -> TrialCheck {
    let (outcome, outcome_words) = checked.outcome.words();
    TrialCheck {
        words: Text::key(checked.check.words()),
        outcome,
        outcome_words: Text::key(outcome_words),
        value: checked.value.clone(),
    }
}

fn apart_words(apart: Apart) -> &'static str {
    match apart {
        Apart::Key => "try-apart-key",
        Apart::Encryption => "try-apart-encryption",
        Apart::Userinfo => "try-apart-userinfo",
        Apart::Binding => "try-apart-binding",
        Apart::Requests => "try-apart-requests",
        Apart::Refresh => "try-apart-refresh",
    }
}
