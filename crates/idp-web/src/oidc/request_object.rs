//! Opens the request object of a request: signature, claims, parameters.

use chrono::{DateTime, Utc};
use idp_core::authorize::{ErrorCode, ProtocolError, RawRequest, request_object};
use idp_core::client::{Client, KeySource};
use idp_core::jose::ClientJws;
use idp_core::json::StrictObject;

use super::client_keys::{SignatureError, verified};
use crate::state::App;

/// The parameters in the request object `object` of `client`.
///
/// # Errors
/// `request_not_supported` for a client without keys: nothing it sends could be believed. `invalid_request_object` for
/// what cannot be believed of another, an unsigned one among them.
pub async fn open(app: &App, client: &Client, object: &str, now: DateTime<Utc>) -> Result<RawRequest, ProtocolError> {
    if client.keys == KeySource::None {
        return Err(ProtocolError::new(
            ErrorCode::RequestNotSupported,
            "request objects need keys, and this client has registered none",
        ));
    }
    let refused = |description| ProtocolError::new(ErrorCode::InvalidRequestObject, description);
    let token = ClientJws::parse(object).map_err(|_| refused("the request object is not a token signed as offered"))?;
    if !request_object::is_request_object(token.typ()) {
        return Err(refused("the request object is another kind of token"));
    }
    let claims: StrictObject =
        verified(app, client, &token, &request_object::accepted(client), now).await.map_err(|error| {
            tracing::warn!(client.id = %client.id, %error, "a request object was not believed");
            match error {
                SignatureError::Unavailable => refused("the keys of this client cannot be had"),
                SignatureError::NoKeys | SignatureError::Jws(_) => {
                    refused("the request object is not signed by this client")
                }
            }
        })?;
    request_object::parameters(claims.0, client, app.issuer(), now)
}
