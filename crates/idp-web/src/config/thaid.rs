//! `[thaid]`: signing in and verifying through ThaID. Off without an issuer.

use std::path::PathBuf;

use idp_verify::Ial;
use serde::Deserialize;
use url::Url;

use super::verification::{check_secret, secret_at};
use super::{Findings, PrivateFileError, Secret, location::is_loopback};

/// How ThaID knows the ministry, and what is believed of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thaid {
    /// ThaID's issuer, as its discovery document writes it. Empty: nobody signs in or verifies through ThaID.
    pub issuer: String,
    /// The client id that ThaID gave the ministry.
    pub client_id: String,
    /// File with the secret that belongs to it and nothing else, mode 0600.
    pub client_secret_file: PathBuf,
    /// How the secret is handed over: "basic" in the header, or "post" in the form.
    pub client_authentication: String,
    /// Least level of identity that ThaID must tell of somebody: 1.3, 2.1, 2.2 or 2.3.
    pub least_ial: String,
    /// Values of `acr` by which ThaID says that it asked for two factors. Without one its sign-ins count as one factor.
    pub aal2_acr_values: Vec<String>,
}

impl Thaid {
    /// Whether ThaID is offered.
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// The client secret.
    ///
    /// # Errors
    /// [`PrivateFileError`].
    pub fn client_secret(&self) -> Result<Option<Secret>, PrivateFileError> {
        secret_at(&self.client_secret_file)
    }

    pub(super) fn validate(&self, demo: bool, findings: &mut Findings) {
        if !self.is_on() {
            return;
        }
        match Url::parse(&self.issuer) {
            Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {
                if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
                    findings.refuse("thaid.issuer", "an issuer has no query, fragment or user", "leave those out");
                }
            }
            Ok(_) => {
                findings.refuse("thaid.issuer", "members' numbers would travel unencrypted", "use an https address")
            }
            Err(_) => {
                findings.refuse("thaid.issuer", "not an address", "write it as in https://imauth.bora.dopa.go.th")
            }
        }
        if self.client_id.is_empty() {
            findings.refuse("thaid.client_id", "not set, and thaid.issuer is", "write the client id that ThaID gave");
        }
        // The simulator's secret is in the program.
        if !demo && self.client_secret_file.as_os_str().is_empty() {
            findings.refuse(
                "thaid.client_secret_file",
                "not set, and thaid.issuer is",
                "name a file of mode 0600 that holds the secret that ThaID gave",
            );
        }
        check_secret("thaid.client_secret_file", &self.client_secret_file, findings);
        if !["basic", "post"].contains(&self.client_authentication.as_str()) {
            findings.refuse("thaid.client_authentication", "no such way", "write basic or post");
        }
        // Below this the number itself was not checked at its source: it must not open anybody's account.
        if Ial::parse(&self.least_ial)
            .is_none_or(|least| !(Ial::EvidenceChecked..=Ial::ChipSourceBiometric).contains(&least))
        {
            findings.refuse(
                "thaid.least_ial",
                format!("“{}” is no level that can open an account", self.least_ial),
                "write 1.3, 2.1, 2.2 or 2.3",
            );
        }
    }
}
