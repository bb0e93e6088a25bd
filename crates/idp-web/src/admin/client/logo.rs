//! The logo in the form of a client: drawn anew before it is kept, and taken away again.

use idp_core::client::Client;

use crate::admin::OnDuty;
use crate::error::AppError;
use crate::extract::{PostedWithFile, Sent};
use crate::logo::{self, DRAWING};
use crate::picture::{Picture, PictureFault, draw};
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// The box that takes the logo away.
const REMOVE: &str = "remove_logo";

/// What becomes of a client's logo.
pub(super) enum LogoChange {
    /// It stays as it is.
    None,
    /// There is none any more.
    Removed,
    /// Another one.
    Drawn(Picture),
}

/// Reads the form's file. What is wrong with it stands beside its field, like everything else.
pub(super) async fn read(form: &mut PostedWithFile, errors: &mut FieldErrors) -> LogoChange {
    let fault = match std::mem::replace(&mut form.file, Sent::Nothing) {
        Sent::Nothing if form.posted.is_ticked(REMOVE) => return LogoChange::Removed,
        Sent::Nothing => return LogoChange::None,
        Sent::TooLong => "cli-logo-long",
        Sent::File(file) => match draw(file, DRAWING).await {
            Ok(picture) => return LogoChange::Drawn(picture),
            Err(PictureFault::TooLong(_)) => "cli-logo-long",
            Err(PictureFault::Format) => "cli-logo-format",
            Err(PictureFault::TooLarge(_)) => "cli-logo-large",
            Err(PictureFault::Unreadable) => "cli-logo-unreadable",
        },
    };
    errors.add(PostedWithFile::FIELD, Text::key(fault));
    LogoChange::None
}

/// Keeps it. The client as it is then; `None` when somebody else changed it meanwhile.
pub(super) async fn keep(
    app: &App,
    duty: &OnDuty,
    client: Client,
    change: LogoChange,
) -> Result<Option<Client>, AppError> {
    let picture = match change {
        LogoChange::None => return Ok(Some(client)),
        LogoChange::Removed if client.logo.is_none() => return Ok(Some(client)),
        LogoChange::Removed => None,
        LogoChange::Drawn(picture) => Some(picture),
    };
    Ok(logo::keep(&app.store, &client, picture, None, &duty.hand).await?)
}
