//! The flags of `idp client create` for pages of the client's own, and for a sector of several hosts.

use std::path::{Path, PathBuf};

use idp_core::client::{AboutDraft, Client};
use idp_store::Store;

use super::super::{Failure, shown};
use crate::clients::Hand;
use crate::config::Config;
use crate::egress::Egress;
use crate::logo;
use crate::oidc::registration::listed;
use crate::picture::{Picture, PictureFault, draw};
use crate::time::{Clock as _, SystemClock};

#[derive(clap::Args)]
pub(super) struct AboutFlags {
    /// Its home page, https.
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its logo, a PNG or JPEG of at most 512 KiB: shown where members sign in to it.
    #[arg(long, value_name = "FILE")]
    pub(super) logo: Option<PathBuf>,
    /// Its own privacy notice, https; the pages on the way to it link there.
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms, https; likewise.
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
        let egress = Egress::new(&config.egress).map_err(|error| Failure::unavailable(format!("egress: {error}")))?;
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

/// The picture in a file, drawn anew.
pub(super) async fn read_logo(file: &Path) -> Result<Picture, Failure> {
    let failed = |why: String| Failure::refused(format!("--logo: {}: {why}", shown(file)));
    let size = std::fs::metadata(file).map_err(|error| failed(error.to_string()))?.len();
    // Before it is read: a file can be of any length.
    if size > logo::DRAWING.longest as u64 {
        return Err(failed(PictureFault::TooLong(logo::DRAWING.longest).to_string()));
    }
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    draw(bytes, logo::DRAWING).await.map_err(|error| failed(error.to_string()))
}

/// Puts a picture in the place of a client's logo, or takes the logo away.
pub(super) async fn keep_logo(store: &Store, client: &Client, picture: Option<Picture>) -> Result<Client, Failure> {
    let kept = logo::keep(store, client, picture, None, &Hand::operator(SystemClock.now())).await?;
    kept.ok_or_else(|| Failure::refused(format!("{} was changed by somebody else meanwhile; look again", client.id)))
}
