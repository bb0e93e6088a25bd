//! The flags of `idp client create` for pages of the client's own, and for a sector of several hosts.

use idp_core::client::AboutDraft;

use super::super::Failure;
use crate::config::Config;
use crate::egress::Egress;
use crate::oidc::registration::listed;

#[derive(clap::Args)]
pub(super) struct AboutFlags {
    /// Its home page, https.
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its own privacy notice, https; the consent page links to it.
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms, https.
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
    /// Where another site may send a member to sign in to it, https.
    #[arg(long, value_name = "URL")]
    initiate_login_uri: Option<String>,
    /// Mailbox of somebody who looks after it; repeat it for more.
    #[arg(long = "contact", value_name = "ADDRESS")]
    contacts: Vec<String>,
    /// Where the redirect URIs of one sector are listed as JSON, for a client on several hosts: its host makes the sub.
    #[arg(long, value_name = "URL", conflicts_with = "public_subject")]
    pub(super) sector_identifier_uri: Option<String>,
}

impl AboutFlags {
    /// What the address of the sector lists, fetched now.
    pub(super) async fn sector_listed(&self, config: &Config) -> Result<Option<Vec<String>>, Failure> {
        let Some(uri) = &self.sector_identifier_uri else { return Ok(None) };
        let egress = Egress::new(&config.egress).map_err(|error| Failure(format!("egress: {error}")))?;
        Ok(listed(&egress, uri).await)
    }

    pub(super) fn into_draft(self) -> AboutDraft {
        AboutDraft {
            client_uri: self.client_uri,
            logo_uri: None,
            policy_uri: self.policy_uri,
            tos_uri: self.tos_uri,
            initiate_login_uri: self.initiate_login_uri,
            contacts: self.contacts,
        }
    }
}
