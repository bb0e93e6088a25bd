//! `/admin/client/{client_id}/ask`: what takes a second person is asked for, with a reason.

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::admin::ApprovalKind;

use super::{find, one, refused};
use crate::admin::{OnDuty, approvals, paths};
use crate::clients::{ClientDesk, Refused, signs};
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    duty: OnDuty,
    posted: Posted,
) -> Result<Response, AppError> {
    let visitor = &posted.visitor;
    let client = find(&app, &duty, &id).await?;
    let kind = ApprovalKind::parse(posted.field("kind"));
    let kind = kind.ok_or_else(|| AppError::bad_request("this cannot be asked for"))?;
    let signs = signs(&app);
    let desk = ClientDesk::of(&app, &signs);
    match desk.ask(&duty.hand, duty.id(), &client, (kind, posted.field("reason"))).await {
        // Asked for already: the page shows that it waits.
        Ok(_) | Err(Refused::Waiting) => Ok(visitor.go(&paths::client(&client.id))),
        Err(Refused::Reason(why)) => {
            let mut errors = FieldErrors::none();
            errors.add("reason", Text::key(why.message_key()));
            one::show(&app, &duty, visitor, &client, errors).await
        }
        Err(Refused::Decision(why)) => Err(approvals::refusal(why)),
        Err(why) => Err(refused(why, &paths::client(&client.id))),
    }
}
