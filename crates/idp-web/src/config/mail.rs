//! `[mail]`: how mail leaves.

use std::path::PathBuf;

use lettre::Address;
use serde::Deserialize;

use super::{Findings, Location};

/// The way out for mail, and its pace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// How mail leaves: "smtp", or "file", which writes each mail into a folder.
    pub transport: MailTransport,
    /// The mail server: smtps://user:password@host, smtp://host?tls=required, or smtp://localhost.
    pub smtp_url: Location,
    /// Folder for the transport "file".
    pub folder: PathBuf,
    /// Address that every mail is sent from.
    pub from: String,
    /// Time between two looks into the outbox, in seconds.
    pub outbox_interval_seconds: u64,
}

/// The two ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// To a mail server.
    Smtp,
    /// Into a folder: nobody receives anything.
    File,
}

impl Mail {
    pub(super) fn validate(&self, trial: bool, findings: &mut Findings) {
        match self.transport {
            MailTransport::Smtp => self.validate_smtp(findings),
            MailTransport::File if trial => {}
            MailTransport::File => findings.refuse(
                "mail.transport",
                "codes and notices would lie in a folder and reach nobody",
                "set it to \"smtp\" and mail.smtp_url to the mail server",
            ),
        }
        if self.from.parse::<Address>().is_err() {
            findings.refuse("mail.from", "not an e-mail address", "write it as in no-reply@moc.go.th");
        }
        findings.within("mail.outbox_interval_seconds", self.outbox_interval_seconds, 1..=30);
    }

    fn validate_smtp(&self, findings: &mut Findings) {
        const SETTING: &str = "mail.smtp_url";
        let tls = match self.smtp_url.scheme() {
            "smtps" => true,
            "smtp" => self.smtp_url.parameter("tls").is_some_and(|tls| tls == "required"),
            _ => {
                let what_to_do = "write smtps://user:password@host, smtp://host?tls=required or smtp://localhost";
                return findings.refuse(SETTING, "not the address of a mail server", what_to_do);
            }
        };
        if !tls && !self.smtp_url.is_local() {
            findings.refuse(
                SETTING,
                "codes and members' addresses would cross the network unencrypted",
                "use smtps://, add ?tls=required, or relay through this machine",
            );
        }
    }
}
