//! `/member-picture/{name}`: the picture that a member shows of themselves, for services to put beside the name. Its address
//! is drawn by chance and told to nobody but those who receive `profile`; with the picture it is gone.

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::account::{Access, Account, PictureName};
use idp_store::StoreError;

use crate::picture::{Drawing, Shape};
use crate::state::App;
use crate::urls;

/// How a member's picture is drawn: photographs of telephones come in.
pub const DRAWING: Drawing =
    Drawing { longest: 5 * 1024 * 1024, largest: 6144, pixels: 20_000_000, side: 256, shape: Shape::Square };
/// The longest body that is read to its end, so that whoever sent too much sees a page that says so.
pub const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// GET.
pub async fn get(State(app): State<App>, Path(name): Path<String>) -> Response {
    match find(&app, &name).await {
        Ok(Some(png)) => (
            [
                (header::CONTENT_TYPE, "image/png"),
                // Kept by the browser that shows it, for as long as it may outlive its removal.
                (header::CACHE_CONTROL, "private, max-age=300"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
                (header::REFERRER_POLICY, "no-referrer"),
                (HeaderName::from_static("x-robots-tag"), "noindex, noimageindex"),
                // Pages of services show it.
                (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
            ],
            png,
        )
            .into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "no such picture").into_response(),
        Err(error) => {
            tracing::error!("a member's picture could not be read: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response()
        }
    }
}

/// The picture of an account that services are served: one that rests, waits for its end or is stopped shows nothing.
async fn find(app: &App, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(name) = name.strip_suffix(".png").and_then(PictureName::parse) else { return Ok(None) };
    let Some((id, png)) = app.store.member_picture(&name).await? else { return Ok(None) };
    let account = app.store.account(id).await?;
    let shown = account.is_some_and(|account| account.account.access(app.now()) == Access::Full);
    Ok(shown.then_some(png))
}

/// The address of a member's picture, where there is one: the claim `picture`.
pub fn address(app: &App, account: &Account) -> Option<String> {
    account.about.picture.as_ref().map(|name| app.url(&urls::member_picture(name)))
}
