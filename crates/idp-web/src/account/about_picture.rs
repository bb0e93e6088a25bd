//! `/profile/about/picture`: the picture that a member shows, drawn anew before it is kept, and taken away again.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use idp_core::account::{AboutMe, PictureName};
use idp_store::Space;
use tokio::sync::Semaphore;

use super::about::{form_of, keep, show};
use super::profile;
use crate::error::AppError;
use crate::extract::{Posted, Sent, Upload};
use crate::picture::{PictureFault, draw};
use crate::portrait::DRAWING;
use crate::state::App;
use crate::urls;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// So often in an hour a member may send a picture: each is looked at pixel by pixel.
const PICTURES: u64 = 20;
const PICTURES_WINDOW: Duration = Duration::from_secs(3600);
/// So many are held in memory at once.
static HELD: Semaphore = Semaphore::const_new(16);

/// POST: another picture.
pub async fn post(State(app): State<App>, mut upload: Upload) -> Result<Response, AppError> {
    let member = match profile::at_home(&upload.visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let account = &member.account.account;
    let key = format!("picture:{}", account.id);
    if app.short_lived.count(Space::Rate, &key, PICTURES_WINDOW).await? > PICTURES {
        return Err(AppError::too_many());
    }
    let Ok(_held) = HELD.try_acquire() else { return Err(AppError::unavailable("too many pictures at once")) };
    let drawn = match upload.file("picture", DRAWING.longest).await? {
        Sent::Nothing => Err("error-picture-none"),
        Sent::TooLong => Err("error-picture-long"),
        Sent::File(file) => draw(file, DRAWING).await.map_err(words),
    };
    let fault = match drawn {
        Ok(picture) => {
            let name = PictureName::make(&*app.chance);
            let about = AboutMe { picture: Some(name), ..account.about.clone() };
            if keep(&app, &upload.visitor, &member, &about, Some(picture.into_png())).await? {
                return Ok(upload.visitor.go(urls::ABOUT));
            }
            "error-changed-meanwhile"
        }
        Err(fault) => fault,
    };
    let mut errors = FieldErrors::none();
    errors.add("picture", Text::key(fault));
    show(&app, &upload.visitor, account, form_of(&account.about), errors).await
}

/// POST `/profile/about/picture/remove`: no picture any more.
pub async fn remove(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let member = match profile::at_home(&form.visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let account = &member.account.account;
    let about = AboutMe { picture: None, ..account.about.clone() };
    if keep(&app, &form.visitor, &member, &about, None).await? {
        return Ok(form.visitor.go(urls::ABOUT));
    }
    let mut errors = FieldErrors::none();
    errors.add("picture", Text::key("error-changed-meanwhile"));
    show(&app, &form.visitor, account, form_of(&account.about), errors).await
}

fn words(fault: PictureFault) -> &'static str {
    match fault {
        PictureFault::TooLong(_) => "error-picture-long",
        PictureFault::Format => "error-picture-format",
        PictureFault::TooLarge(_) => "error-picture-large",
        PictureFault::Unreadable => "error-picture-unreadable",
    }
}
