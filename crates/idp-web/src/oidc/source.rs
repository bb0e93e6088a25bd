//! Where an authorization request stands: in the parameters themselves, in a request object, or pushed beforehand.

use chrono::{DateTime, Utc};
use idp_core::authorize::{ErrorCode, ProtocolError, RawRequest, ReturnAddress};
use idp_core::client::Client;

use super::par;
use crate::error::AppError;
use crate::state::App;

/// A request, found.
pub enum Opened {
    /// The parameters that count.
    Request {
        /// Them.
        raw: RawRequest,
        /// The name under which they were pushed.
        pushed: Option<String>,
    },
    /// There are none, and the outer parameters prove where to say so.
    Refused {
        /// There.
        address: ReturnAddress,
        /// Why.
        error: ProtocolError,
    },
}

/// Finds the parameters that count. What stands beside `request` or `request_uri` is not looked at, but for `client_id`
/// (RFC 9101 §6.3): whoever could add a parameter to the URL could otherwise change what was signed or pushed.
///
/// # Errors
/// A page, when nothing proves where to answer.
pub async fn open(app: &App, raw: RawRequest, now: DateTime<Utc>) -> Result<Opened, AppError> {
    let id = ReturnAddress::client_id(&raw)?;
    let Some(client) = app.store.client(&id).await? else {
        return Err(idp_core::authorize::AddressError::UnknownClient.into());
    };
    let found = match (raw.get("request"), raw.get("request_uri")) {
        (None, None) => Ok((None, None)),
        // RFC 9101 §5.
        (Some(_), Some(_)) => Err(ProtocolError::invalid_request("request and request_uri stand for each other")),
        (Some(_), None) => Ok((None, None)),
        (None, Some(uri)) => match par::name(uri) {
            Some(name) => match par::find(app, name, &client.id, now).await? {
                Some(pushed) => Ok((Some(pushed), Some(name.to_owned()))),
                None => Err(par::SPENT),
            },
            // Nothing is fetched: whatever else it names is refused with the request.
            None => Ok((None, None)),
        },
    };
    let checked = found.and_then(|found| demanded(&client, &found.1).map(|()| found));
    match checked {
        Ok((Some(inner), pushed)) => Ok(Opened::Request { raw: inner, pushed }),
        Ok((None, pushed)) => Ok(Opened::Request { raw, pushed }),
        Err(error) => match ReturnAddress::prove(&raw, Some(client)) {
            Ok(address) => Ok(Opened::Refused { address, error }),
            Err(_) => Err(AppError::from(error)),
        },
    }
}

/// The form that the client's registration demands.
fn demanded(client: &Client, pushed: &Option<String>) -> Result<(), ProtocolError> {
    if client.requests.pushed && pushed.is_none() {
        // RFC 9126 §5.
        return Err(ProtocolError::new(ErrorCode::InvalidRequest, "this client must push its requests"));
    }
    Ok(())
}
