//! Where an authorization request stands: in the parameters themselves, in a request object, or pushed beforehand.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use idp_core::authorize::{AddressError, ProtocolError, RawRequest, ReturnAddress};
use idp_core::client::{Bilingual, Client, ClientStatus, KeySource};

use super::{par, request_object};
use crate::admin::paths;
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
    // Nothing is looked at, and nobody's keys are fetched, for a client that is switched off.
    let Some(client) = app.store.client(&id).await? else {
        return Err(if id.is_trial() { trial_over() } else { AddressError::UnknownClient.into() });
    };
    if client.status != ClientStatus::Active {
        return Err(not_in_use(&client));
    }
    let found = match (raw.get("request"), raw.get("request_uri")) {
        (None, None) => Ok(Found::outside()),
        // RFC 9101 §5.
        (Some(_), Some(_)) => Err(ProtocolError::invalid_request("request and request_uri stand for each other")),
        // Refused with the request itself, wherever the outer parameters prove an answer may go.
        (Some(_), None) if client.keys == KeySource::None => Ok(Found::outside()),
        (Some(object), None) => request_object::open(app, &client, object, now).await.map(|raw| Found {
            inner: Some(raw),
            pushed: None,
            is_signed: true,
        }),
        (None, Some(uri)) => match par::name(uri) {
            Some(name) => match par::find(app, name, &client.id, now).await? {
                // Whether it was signed was asked when it was pushed.
                Some(raw) => Ok(Found { inner: Some(raw), pushed: Some(name.to_owned()), is_signed: true }),
                None => Err(par::SPENT),
            },
            // Nothing is fetched: whatever else it names is refused with the request.
            None => Ok(Found::outside()),
        },
    };
    match found.and_then(|found| found.conforming_to(&client)) {
        Ok(Found { inner, pushed, .. }) => Ok(Opened::Request { raw: inner.unwrap_or(raw), pushed }),
        Err(error) => match ReturnAddress::prove(&raw, Some(client)) {
            Ok(address) => Ok(Opened::Refused { address, error }),
            Err(AddressError::NoRedirectUri) => Err(error.into()),
            Err(nowhere) => Err(nowhere.into()),
        },
    }
}

/// The page for somebody who wants to sign in to a service that is not in use.
pub(super) fn not_in_use(client: &Client) -> AppError {
    let (code, title, body) = match client.status {
        ClientStatus::Draft => ("service_not_open", "service-draft-title", "service-draft-body"),
        ClientStatus::Suspended => ("service_suspended", "service-suspended-title", "service-suspended-body"),
        ClientStatus::Retired | ClientStatus::Active => ("service_ended", "service-ended-title", "service-ended-body"),
    };
    let notice = |pick: fn(&Bilingual) -> &String| client.notice.as_ref().map(pick).cloned().unwrap_or_default();
    AppError::new(StatusCode::FORBIDDEN, code, title, body).saying(&[
        ("th", client.name.th.clone()),
        ("en", client.name.en.clone()),
        ("note_th", notice(|notice| &notice.th)),
        ("note_en", notice(|notice| &notice.en)),
        ("owner_th", client.owner.th.clone()),
        ("owner_en", client.owner.en.clone()),
    ])
}

/// The page for an official whose trial has ended: its time is over, or its client was stopped.
pub(crate) fn trial_over() -> AppError {
    AppError::new(StatusCode::GONE, "trial_over", "try-over-title", "try-over-body").next(paths::CLIENTS, "cli-title")
}

/// Where the parameters stood.
struct Found {
    /// Those of a request object or of a pushed request; `None` when the outer ones count.
    inner: Option<RawRequest>,
    /// The name under which they were pushed.
    pushed: Option<String>,
    /// Whether the client had signed them, where it must.
    is_signed: bool,
}

impl Found {
    fn outside() -> Self {
        Self { inner: None, pushed: None, is_signed: false }
    }

    /// Whether they stood where the client's registration demands it.
    fn conforming_to(self, client: &Client) -> Result<Self, ProtocolError> {
        if client.requests.pushed && self.pushed.is_none() {
            // RFC 9126 §5.
            return Err(ProtocolError::invalid_request("this client must push its requests"));
        }
        if client.requests.signed && !self.is_signed {
            return Err(UNSIGNED);
        }
        Ok(self)
    }
}

/// RFC 9101 §10.5.
pub(super) const UNSIGNED: ProtocolError =
    ProtocolError::invalid_request("this client must send its requests as signed request objects");
