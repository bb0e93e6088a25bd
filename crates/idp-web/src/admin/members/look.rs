//! Opening a member's page takes a reason. It is sealed into the page's address, for one officer, one member and half an
//! hour; each look in that time is written down with it, in the request that shows it, and shown to the member.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::cursor;
use idp_core::id::AccountId;
use idp_core::reason::Reason;
use serde::{Deserialize, Serialize};

use super::super::{OnDuty, paths};
use super::named;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::members::find::record_look;
use crate::state::App;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::admin::MemberReasonPage;
use crate::view::text::Text;

/// A reason is good for so long.
const LOOK_LIFETIME: TimeDelta = TimeDelta::minutes(30);
const SEAL: &str = "member-look";

/// That an officer said why they look at a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Look {
    account: AccountId,
    reason: String,
    until: DateTime<Utc>,
}

impl Look {
    /// A look at `account`, from now on.
    pub(crate) fn at(account: AccountId, reason: &Reason, now: DateTime<Utc>) -> Self {
        Self { account, reason: reason.as_str().to_owned(), until: now + LOOK_LIFETIME }
    }

    /// As it travels in an address.
    pub(crate) fn sealed(&self, app: &App, duty: &OnDuty) -> String {
        cursor::seal(&app.vault, SEAL, duty.id(), self, &*app.chance)
    }

    /// Opens what this officer was given for this member, while it is good.
    pub(super) fn open(app: &App, duty: &OnDuty, account: AccountId, why: &str, now: DateTime<Utc>) -> Option<Self> {
        let look: Self = cursor::open(&app.vault, SEAL, duty.id(), why)?;
        (look.account == account && now < look.until).then_some(look)
    }

    /// The reason that was given.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }

    /// Writes the look down. Before anything is shown.
    pub(super) async fn record(&self, app: &App, duty: &OnDuty) -> Result<(), AppError> {
        Ok(record_look(&app.store, &duty.hand, self.account, &self.reason).await?)
    }
}

/// A member's page, opened with a reason that was given already.
pub(crate) fn member_href(app: &App, duty: &OnDuty, look: &Look) -> String {
    format!("{}?why={}", path_of(look.account), look.sealed(app, duty))
}

/// The path of a member's page.
pub(crate) fn path_of(account: AccountId) -> String {
    paths::MEMBER.replace("{account}", &account.to_string())
}

/// POST `/admin/members/{account}/open`.
pub(super) async fn open(
    State(app): State<App>,
    duty: OnDuty,
    Path(account): Path<String>,
    form: Posted,
) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let id = named(&app, &account).await?.account.id;
    match Reason::parse(form.field("reason")) {
        Ok(reason) => Ok(visitor.go(&member_href(&app, &duty, &Look::at(id, &reason, visitor.now)))),
        Err(error) => {
            let mut errors = FieldErrors::none();
            errors.add("reason", Text::key(error.message_key()));
            Ok(ask(&duty, visitor, id, form.field("reason"), errors))
        }
    }
}

/// The page that asks why.
pub(super) fn ask(duty: &OnDuty, visitor: &Visitor, id: AccountId, typed: &str, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = MemberReasonPage {
        shell: visitor.shell(),
        console: duty.console(paths::MEMBERS),
        action: format!("{}/open", path_of(id)),
        account: id.to_string(),
        reason: typed.to_owned(),
        errors,
    };
    visitor.dress(page.render_response(status).into_response())
}
