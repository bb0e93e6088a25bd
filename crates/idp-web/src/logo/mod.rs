//! Logos of clients: fetched once or handed over, drawn anew by us, and served from here, so that no page of ours ever
//! loads anything from elsewhere and nobody learns through a logo who is signing in.

mod serve;

pub use serve::get;

use idp_core::audit::{Action, Actor};
use idp_core::client::{Client, LogoName, OutgoingUri};
use idp_store::{Logo, Store, StoreError};
use serde_json::json;

use crate::clients::Hand;
use crate::egress::Egress;
use crate::picture::{Drawing, Picture, Shape, draw};
use crate::state::App;

/// How a logo is drawn.
pub const DRAWING: Drawing =
    Drawing { longest: 512 * 1024, largest: 4096, pixels: 4096 * 4096, side: 192, shape: Shape::Whole };

/// Puts a picture in the place of a client's logo, or takes the logo away. `None` when somebody else changed the client
/// meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn keep(
    store: &Store,
    client: &Client,
    picture: Option<Picture>,
    source: Option<&str>,
    by: &Hand,
) -> Result<Option<Client>, StoreError> {
    let logo = picture.map(|picture| Logo { name: LogoName::of(picture.as_png()), png: picture.into_png() });
    let next = Client { logo: logo.as_ref().map(|logo| logo.name), updated_at: by.now, ..client.clone() };
    let event = by.event(Action::ClientChanged).client(&client.id).detail(json!({ "logo": next.logo }));
    let written = store.set_logo(&next, client.updated_at, logo.as_ref(), source, &[event]).await?;
    Ok(written.then_some(next))
}

/// Fetches the logo that a client's registration names, and keeps it. Whatever goes wrong, the registration stands: then
/// there is no logo, or the one that was fetched from the same address before.
pub async fn refresh(app: &App, client: &Client, before: Option<&Client>) {
    let named = client.about.logo_uri.as_ref().map(|uri| uri.as_str());
    let fetched = match named {
        Some(uri) => fetch(&app.egress, client, uri).await,
        None => None,
    };
    let same = before.is_some_and(|before| before.about.logo_uri == client.about.logo_uri);
    if fetched.is_none() && (client.logo.is_none() || (same && named.is_some())) {
        return;
    }
    match keep(
        &app.store,
        client,
        fetched,
        named,
        &Hand { actor: Actor::Client, session: None, origin: None, now: app.now() },
    )
    .await
    {
        Ok(Some(_)) => {}
        Ok(None) => tracing::warn!(client.id = %client.id, "the client was changed while its logo was fetched"),
        Err(error) => tracing::error!(client.id = %client.id, "a logo could not be kept: {error}"),
    }
}

async fn fetch(egress: &Egress, client: &Client, uri: &str) -> Option<Picture> {
    let why = match OutgoingUri::parse(uri) {
        Err(why) => why.to_string(),
        Ok(uri) => match egress.get(&uri, "image/png, image/jpeg", DRAWING.longest).await {
            Err(why) => why.to_string(),
            Ok(file) => match draw(file, DRAWING).await {
                Ok(picture) => return Some(picture),
                Err(why) => why.to_string(),
            },
        },
    };
    tracing::warn!(client.id = %client.id, "the logo of {} could not be had: {why}", client.id);
    None
}
