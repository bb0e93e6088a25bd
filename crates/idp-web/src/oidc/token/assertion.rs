//! `private_key_jwt`: a client proves who it is by what it signed (RFC 7523 §2.2, OpenID Connect Core §9).

use chrono::{DateTime, Utc};
use idp_core::client::{
    AssertionClaims, AssertionRefusal, Client, Expected, OneUse, is_assertion_type, judge_assertion,
};
use idp_core::jose::ClientJws;
use serde::Deserialize;

use super::{Place, TokenError};
use crate::oidc::client_keys::verified;
use crate::state::App;
use crate::urls;

/// An assertion that nobody has checked yet.
pub(super) struct Assertion<'a>(ClientJws<'a>);

#[derive(Deserialize)]
struct Named {
    sub: String,
}

impl<'a> Assertion<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        ClientJws::parse(text).ok().map(Self)
    }

    /// Whose it says it is.
    pub(super) fn client_id(&self) -> Option<String> {
        self.0.unchecked_claims::<Named>().ok().map(|named| named.sub)
    }

    /// Checks it, and uses it up.
    ///
    /// # Errors
    /// `invalid_client`.
    pub(super) async fn prove(
        &self,
        app: &App,
        client: &Client,
        place: Place,
        now: DateTime<Utc>,
    ) -> Result<(), TokenError> {
        let once = self.judge(app, client, place, now).await.map_err(|why| {
            tracing::warn!(client.id = %client.id, why, "a client assertion was not believed");
            TokenError::invalid_client()
        })?;
        // Last, so that only what is good in every other way takes up room.
        if app.store.use_assertion(&once).await? {
            return Ok(());
        }
        tracing::warn!(client.id = %client.id, why = ?AssertionRefusal::Used, "a client assertion was not believed");
        Err(TokenError::invalid_client())
    }

    async fn judge(&self, app: &App, client: &Client, place: Place, now: DateTime<Utc>) -> Result<OneUse, String> {
        if !is_assertion_type(self.0.typ()) {
            return Err(format!("{:?}", AssertionRefusal::Type));
        }
        let accepted = client.authentication.assertion_algorithms();
        let claims: AssertionClaims =
            verified(app, client, &self.0, accepted, now).await.map_err(|error| error.to_string())?;
        let token_endpoint = app.url(urls::TOKEN);
        let expected =
            Expected { issuer: app.issuer(), token_endpoint: &token_endpoint, strict: place == Place::Pushed };
        judge_assertion(&claims, client, expected, now).map_err(|refusal| format!("{refusal:?}"))
    }
}
