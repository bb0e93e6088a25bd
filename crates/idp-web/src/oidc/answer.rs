//! Sends an answer to the client: by redirect or by a form, in whose voice and how sealed.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::authorize::{Answer, ProtocolError, ReturnAddress, Voice};
use idp_core::jose::KeyError;

use super::client_keys;
use crate::error::AppError;
use crate::extract::{Visitor, see_other};
use crate::middleware::LeadsOn;
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::FormPostPage;

/// Tells the client why not.
///
/// # Errors
/// As [`speak`].
pub async fn error(
    app: &App,
    visitor: &Visitor,
    address: &ReturnAddress,
    error: ProtocolError,
) -> Result<Response, AppError> {
    app.usage.note(&address.client().id, error.code.as_str(), visitor.now);
    speak(app, visitor, address, |voice| address.error(error, voice)).await
}

/// Makes an answer and sends it, signed and encrypted where the client has it so.
///
/// # Errors
/// A page, when it cannot be signed or encrypted.
pub async fn speak(
    app: &App,
    visitor: &Visitor,
    address: &ReturnAddress,
    answer: impl FnOnce(&Voice<'_>) -> Result<Answer, KeyError>,
) -> Result<Response, AppError> {
    let client_keys = match address.is_encrypted() {
        true => client_keys::keys_of(app, address.client(), visitor.now).await.ok(),
        false => None,
    };
    let keys = app.keys.load();
    let voice = Voice { issuer: app.issuer(), keys: &keys, client_keys: client_keys.as_deref(), now: visitor.now };
    // The member could do nothing about it: a page says so, and the log says what.
    let answer =
        answer(&voice).map_err(|error| AppError::unavailable(format!("an answer could not be made: {error}")))?;
    Ok(send(visitor, answer))
}

/// Sends an answer the way the client wants it.
fn send(visitor: &Visitor, answer: Answer) -> Response {
    let response = match answer {
        Answer::Redirect(location) => see_other(&location),
        Answer::FormPost { action, fields } => {
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let mut response =
                FormPostPage { shell: visitor.shell(), action, fields }.render_response(StatusCode::OK).into_response();
            response.extensions_mut().insert(LeadsOn);
            response
        }
    };
    visitor.dress(response)
}
