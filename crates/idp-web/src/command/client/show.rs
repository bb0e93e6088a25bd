//! A client as it is shown: lines for people, JSON for programs.

use idp_core::client::Client;
use idp_core::secret::Secret;
use serde_json::{Value, json};

use super::super::{client_forms, print, say};

pub(super) fn status(client: &Client) -> &'static str {
    client.status.as_str()
}

/// A client as it is shown: everything but its secrets.
pub(super) fn shape(client: &Client, secret: Option<&Secret>) -> Value {
    let mut shape = json!({
        "client_id": client.id,
        "status": status(client),
        "department": client.department,
        "stewards": client.stewards,
        "notice": client.notice,
        "name": client.name,
        "owner": client.owner,
        "purpose": client.purpose,
        "kind": client.kind,
        "token_endpoint_auth_method": client.authentication.method(),
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "grant_types": client.grant_types,
        "scope": client.scopes,
        "membership": client.membership,
        "require_acr": client.least_acr,
        "consent": client.consent,
        "subject": client.subject,
        "pkce": client.pkce,
        "id_token_signed_response_alg": client.id_token_algorithm,
        "keys": client.keys,
        "resource": client.resource,
        "resources": client.resources,
        "dpop_bound_access_tokens": client.dpop_bound_access_tokens,
        "backchannel_logout_uri": client.logout.back,
        "backchannel_logout_session_required": client.logout.back_needs_sid,
        "about": client.about,
        "logo": client.logo.is_some(),
        "legacy_until": client.legacy.map(|legacy| legacy.until),
        "sector_identifier_uri": client.sector_identifier_uri,
        "registered_itself": client.managed.is_some(),
        "frontchannel_logout_uri": client.logout.front,
        "frontchannel_logout_session_required": client.logout.front_needs_sid,
        "secrets": client.authentication.secrets().iter().map(|kept| json!({
            "created_at": kept.created_at,
            "expires_at": kept.expires_at,
        })).collect::<Vec<_>>(),
        "created_at": client.created_at,
        "updated_at": client.updated_at,
    });
    for (name, value) in client_forms::shape(client) {
        shape[name] = value;
    }
    if let Some(secret) = secret {
        shape["client_secret"] = json!(secret.reveal());
    }
    shape
}

pub(super) fn show(client: &Client, secret: Option<&Secret>, json: bool) {
    let shape = shape(client, secret);
    if json {
        print(&shape);
        return;
    }
    if let Value::Object(members) = &shape {
        for (name, value) in members {
            say(format!("{name:30} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
    }
    if secret.is_some() {
        say("\nThe secret is shown this once. Hand it to the service over a safe channel.");
    }
}
