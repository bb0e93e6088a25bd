//! `[verification]`: the civil registry, the staff directory, and the limits on asking them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use super::{Findings, PrivateFileError, Secret, location::is_loopback, read_secret};

/// Who is asked who a person is, for how long, and how often.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Address of the civil registry's service. Empty: verification answers that it is not available.
    pub registry_url: String,
    /// Consumer key by which the registry knows the ministry.
    pub registry_consumer_key: String,
    /// Agent by whose authority the registry is asked.
    pub registry_agent_id: String,
    /// File with the registry's consumer secret and nothing else, mode 0600.
    pub registry_secret_file: PathBuf,
    /// Address of the ministry's staff directory. Empty: staff cannot verify as staff.
    pub staff_directory_url: String,
    /// File with the staff directory's token and nothing else, mode 0600.
    pub staff_directory_secret_file: PathBuf,
    /// Domains of the ministry's own mailboxes; a member of staff proves to hold one.
    pub staff_domains: Vec<String>,
    /// Time to reach the registry or the directory, in seconds.
    pub connect_timeout_seconds: u64,
    /// Time for one whole question to the registry or the directory, in seconds.
    pub total_timeout_seconds: u64,
    /// Counted tries per account and day; four times as many answers that are no tries, such as an invalid card.
    pub per_account_per_day: u32,
    /// Counted tries per 13-digit number and day, whoever makes them.
    pub per_number_per_day: u32,
    /// Counted tries per address of origin and day; many homes share one address.
    pub per_origin_per_day: u32,
    /// Youngest age that can hold a card and verify, in years.
    pub minimum_age_years: u16,
    /// Label `ial` of a verified member: "1.2", or "1.1" as long as the ministry has not confirmed that one.
    pub ial_verified: String,
    /// Accept the made-up test numbers. For the demonstration and tests only, refused in production.
    pub accept_test_numbers: bool,
}

impl Verification {
    /// The registry's secret, when a file is named.
    pub fn registry_secret(&self) -> Result<Option<Secret>, PrivateFileError> {
        secret_at(&self.registry_secret_file)
    }

    /// The staff directory's secret, when a file is named.
    pub fn staff_directory_secret(&self) -> Result<Option<Secret>, PrivateFileError> {
        secret_at(&self.staff_directory_secret_file)
    }

    pub(super) fn validate(&self, trial: bool, findings: &mut Findings) {
        check_url("verification.registry_url", &self.registry_url, findings);
        check_secret("verification.registry_secret_file", &self.registry_secret_file, findings);
        check_url("verification.staff_directory_url", &self.staff_directory_url, findings);
        check_secret("verification.staff_directory_secret_file", &self.staff_directory_secret_file, findings);
        if let Some(bad) = self.staff_domains.iter().find(|domain| !is_domain(domain)) {
            findings.refuse(
                "verification.staff_domains",
                format!("“{bad}” is not a domain"),
                "write the part after the @ in small letters, as in [\"moc.go.th\"]",
            );
        }
        findings.within(
            "verification.connect_timeout_seconds",
            self.connect_timeout_seconds,
            1..=self.total_timeout_seconds,
        );
        findings.within("verification.total_timeout_seconds", self.total_timeout_seconds, 1..=25);
        findings.within("verification.per_account_per_day", self.per_account_per_day.into(), 1..=100);
        findings.within("verification.per_number_per_day", self.per_number_per_day.into(), 1..=100);
        findings.within("verification.per_origin_per_day", self.per_origin_per_day.into(), 1..=100_000);
        findings.within("verification.minimum_age_years", self.minimum_age_years.into(), 0..=20);
        // The registry matches without the code on the card's back, which carries 1.2 at most (idp_verify::assurance).
        if !["1.1", "1.2"].contains(&self.ial_verified.as_str()) {
            findings.refuse(
                "verification.ial_verified",
                format!("the evidence of a match in the registry does not carry “{}”", self.ial_verified),
                "write 1.1 or 1.2",
            );
        }
        if self.accept_test_numbers && !trial {
            findings.refuse(
                "verification.accept_test_numbers",
                "anybody could become a permanent member with a made-up number",
                "set it to false",
            );
        }
    }
}

pub(super) fn secret_at(file: &Path) -> Result<Option<Secret>, PrivateFileError> {
    if file.as_os_str().is_empty() { Ok(None) } else { read_secret(file).map(Some) }
}

pub(super) fn check_secret(setting: &'static str, file: &Path, findings: &mut Findings) {
    if let Err(error) = secret_at(file) {
        findings.refuse(setting, error.to_string(), error.what_to_do(file));
    }
}

fn check_url(setting: &'static str, text: &str, findings: &mut Findings) {
    if text.is_empty() {
        return findings.warn(setting, "not set: this way of verifying is not available", "set its address");
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {}
        Ok(_) => findings.refuse(setting, "members' numbers would travel unencrypted", "use an https address"),
        Err(_) => findings.refuse(setting, "not an address", "write it as in https://registry.example.go.th"),
    }
}

fn is_domain(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    text.contains('.') && text.chars().all(allowed) && text.split('.').all(|label| !label.is_empty())
}
