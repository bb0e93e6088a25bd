//! Who is behind a sign-in: the service's logo, its own privacy notice and its terms.

use idp_core::client::{Client, WebUri};

use crate::urls;

/// A part of the pages on the way to a service.
#[derive(Clone, Debug, Default)]
pub struct ServiceLinks {
    /// Its name in the visitor's language.
    pub name: String,
    /// Its logo, drawn and served by us.
    pub logo: Option<String>,
    /// Its own privacy notice.
    pub policy: Option<String>,
    /// Its terms.
    pub tos: Option<String>,
}

impl ServiceLinks {
    /// Those of `client`, under the name that the visitor reads.
    pub fn of(client: &Client, name: &str) -> Self {
        let own = |uri: &Option<WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
        Self {
            name: name.to_owned(),
            logo: client.logo.as_ref().map(urls::client_logo),
            policy: own(&client.about.policy_uri),
            tos: own(&client.about.tos_uri),
        }
    }
}
