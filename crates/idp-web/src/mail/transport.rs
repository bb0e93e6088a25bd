//! Sends composed mails: over SMTP, or into a folder for a system without a mail server.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, MultiPartBuilder, SinglePart,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use thiserror::Error;
use uuid::Uuid;

use super::{Composed, Sender};
use crate::view::Lang;

/// A mail server that says nothing for this long counts as down.
const PATIENCE: Duration = Duration::from_secs(15);

/// The name all mails carry in From.
const FROM_NAME: &str = "MOC Account";

/// The way out for mails.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// A mail setting that cannot work. Says nothing of the value, which may hold a password.
#[derive(Debug, Error)]
pub enum MailSettingError {
    /// The URL is not one of an SMTP server.
    #[error(
        "the mail server's URL is not valid; use smtp://host:port, smtps://user:password@host or smtp://host?tls=required"
    )]
    Url,
    /// The sender's address is none.
    #[error("the sender's address is not an e-mail address")]
    Sender,
    /// The folder cannot be made or written.
    #[error("the mail folder cannot be written: {0}")]
    Folder(#[source] std::io::Error),
}

/// Why a mail did not leave. Servers like to repeat the address in their answers, so only the number is kept.
#[derive(Debug, Error)]
pub enum MailError {
    /// May work later: the outbox tries again.
    #[error("the mail could not be sent now ({})", describe(.reply))]
    Temporary {
        /// The server's reply code, when it gave one.
        reply: Option<u16>,
    },
    /// Will never work for this recipient or mail.
    #[error("the mail was refused ({})", describe(.reply))]
    Permanent {
        /// The server's reply code; none when the address itself is unusable.
        reply: Option<u16>,
    },
}

fn describe(reply: &Option<u16>) -> String {
    reply.map_or_else(|| "no reply".to_owned(), |code| format!("reply {code}"))
}

impl Mailer {
    /// Sends through the server at `url`, in lettre's form: `smtp://host:port` (STARTTLS by `?tls=required` or
    /// `?tls=opportunistic`) or `smtps://user:password@host`. Connects at the first mail, not here.
    pub fn smtp(url: &str, sender: &Sender) -> Result<Mailer, MailSettingError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| MailSettingError::Url)?;
        Ok(Mailer { from: from(sender)?, way: Way::Smtp(builder.timeout(Some(PATIENCE)).build()) })
    }

    /// Writes each mail to `folder` as `<id>.eml`. The folder is made when it is missing.
    pub fn file(folder: impl Into<PathBuf>, sender: &Sender) -> Result<Mailer, MailSettingError> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).map_err(MailSettingError::Folder)?;
        Ok(Mailer { from: from(sender)?, way: Way::Folder(folder) })
    }

    /// Sends one mail of the outbox. `id` and `written_at` are the outbox row's: sending it twice, as after a crash
    /// between sending and noting it, gives the same Message-ID and Date, by which mail programs know a duplicate.
    pub async fn send(&self, id: Uuid, to: &str, mail: &Composed, written_at: DateTime<Utc>) -> Result<(), MailError> {
        let message = self.message(id, to, mail, written_at)?;
        match &self.way {
            Way::Smtp(transport) => transport.send(message).await.map(drop).map_err(|error| verdict(&error)),
            Way::Folder(folder) => {
                let unfinished = folder.join(format!(".{id}.part"));
                let finished = folder.join(format!("{id}.eml"));
                let written = async {
                    tokio::fs::write(&unfinished, message.formatted()).await?;
                    tokio::fs::rename(&unfinished, &finished).await
                };
                written.await.map_err(|_| MailError::Temporary { reply: None })
            }
        }
    }

    fn message(&self, id: Uuid, to: &str, mail: &Composed, written_at: DateTime<Utc>) -> Result<Message, MailError> {
        let unusable = |_| MailError::Permanent { reply: None };
        let to: Address = to.parse().map_err(unusable)?;
        let body = alternative(id)
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(mail.html.clone()));
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .date(written_at.into())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // RFC 3834 §5: no vacation notices in answer to these.
            .header(AutoSubmitted)
            .header(ContentLanguage(mail.lang))
            .multipart(body)
            .map_err(|_| MailError::Permanent { reply: None })
    }
}

/// Plain text first: RFC 2046 §5.1.4 puts the richest form last.
fn alternative(id: Uuid) -> MultiPartBuilder {
    MultiPart::builder().kind(lettre::message::MultiPartKind::Alternative).boundary(format!("part-{}", id.simple()))
}

fn from(sender: &Sender) -> Result<Mailbox, MailSettingError> {
    let address = sender.address.parse().map_err(|_| MailSettingError::Sender)?;
    Ok(Mailbox::new(Some(FROM_NAME.to_owned()), address))
}

fn verdict(error: &smtp::Error) -> MailError {
    let reply = error.status().map(u16::from);
    match reply {
        // 530, 534, 535, 538 are about our own sign-in to the server: the operator's to repair, not the mail's fault.
        Some(530 | 534 | 535 | 538) => MailError::Temporary { reply },
        Some(500..) if error.is_permanent() => MailError::Permanent { reply },
        _ => MailError::Temporary { reply },
    }
}

#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[derive(Clone)]
struct ContentLanguage(Lang);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(tag: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Lang::from_tag(tag).map(ContentLanguage).ok_or_else(|| "a language we do not speak".into())
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.tag().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Letter;

    fn sample() -> Composed {
        Letter::samples()[0].compose(Lang::Th, &Sender::sample())
    }

    #[tokio::test]
    async fn a_mail_sent_twice_is_one_file_with_one_message_id() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::file(folder.path().join("mails"), &Sender::sample()).unwrap();
        let id = Uuid::from_u128(7);
        for _ in 0..2 {
            mailer.send(id, "somchai@mail.example", &sample(), DateTime::UNIX_EPOCH).await.unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(folder.path().join("mails")).unwrap().collect();
        assert_eq!(files.len(), 1);
        let raw = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(raw.contains(&format!("Message-ID: <{id}@account.example>")), "{raw}");
        assert!(raw.contains("Auto-Submitted: auto-generated"));
        assert!(raw.contains("Content-Language: th"));
        assert!(raw.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000"));
    }

    #[tokio::test]
    async fn an_unusable_address_is_refused_for_good_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::file(folder.path(), &Sender::sample()).unwrap();
        let error = mailer.send(Uuid::nil(), "no address", &sample(), DateTime::UNIX_EPOCH).await.unwrap_err();
        assert!(matches!(error, MailError::Permanent { reply: None }));
        assert!(!error.to_string().contains("no address"));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_a_temporary_failure() {
        // Bound and let go at once, so nothing listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mailer = Mailer::smtp(&format!("smtp://127.0.0.1:{port}"), &Sender::sample()).unwrap();
        let error = mailer.send(Uuid::nil(), "a@mail.example", &sample(), DateTime::UNIX_EPOCH).await.unwrap_err();
        assert!(matches!(error, MailError::Temporary { reply: None }));
    }

    #[test]
    fn settings_that_cannot_work_are_named_without_their_value() {
        let check = |url: &str| {
            let error = Mailer::smtp(url, &Sender::sample()).err().expect(url).to_string();
            assert!(error.contains("smtp://host") && !error.contains("hunter2"), "{error}");
        };
        check("http://somebody:hunter2@host");
        check("not a url");
        let sender = Sender { address: "nobody".into(), ..Sender::sample() };
        assert!(matches!(Mailer::smtp("smtp://localhost:25", &sender), Err(MailSettingError::Sender)));
    }
}
