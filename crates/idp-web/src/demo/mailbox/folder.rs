//! The folder of mails: one file each, named by the time it came.

use std::{
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MessageParser, PartType};

use crate::demo::Surroundings;

/// Older mails beyond this many are thrown away, so that a demo left running does not fill a disk.
const KEEP: usize = 200;

/// The folder, cheap to clone.
#[derive(Clone)]
pub struct MailFolder {
    path: PathBuf,
    surroundings: Surroundings,
}

/// A mail as the list shows it.
pub struct MailLine {
    /// Names the mail in addresses.
    pub id: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The address it went to.
    pub to: String,
    /// Decoded.
    pub subject: String,
    /// The beginning of the text.
    pub preview: String,
}

/// A mail as its page shows it.
pub struct Mail {
    /// Names the mail in addresses.
    pub id: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Name and address it came from.
    pub from: String,
    /// The address it went to.
    pub to: String,
    /// Decoded.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part, if there is one.
    pub html: Option<String>,
}

impl MailFolder {
    /// Opens the folder, making it when it is missing.
    pub fn open(path: impl Into<PathBuf>, surroundings: Surroundings) -> io::Result<MailFolder> {
        let path = path.into();
        std::fs::create_dir_all(&path)?;
        Ok(MailFolder { path, surroundings })
    }

    /// Where the mails are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a mail. It appears whole or not at all: written under another name, then renamed.
    pub async fn keep(&self, raw: &[u8]) -> io::Result<()> {
        let mut suffix = [0; 4];
        self.surroundings.chance.fill(&mut suffix);
        let id =
            format!("{:013}-{:08x}", self.surroundings.now().timestamp_millis().max(0), u32::from_be_bytes(suffix));
        let unfinished = self.path.join(format!(".{id}.part"));
        tokio::fs::write(&unfinished, raw).await?;
        tokio::fs::rename(&unfinished, self.path.join(format!("{id}.eml"))).await?;
        for old in self.ids().await?.into_iter().skip(KEEP) {
            tokio::fs::remove_file(self.path.join(format!("{old}.eml"))).await?;
        }
        Ok(())
    }

    /// All mails, the newest first.
    pub async fn newest_first(&self) -> io::Result<Vec<MailLine>> {
        let mut lines = Vec::new();
        for id in self.ids().await? {
            if let Some(Mail { id, received_at, to, subject, text, .. }) = self.read(&id).await? {
                lines.push(MailLine { id, received_at, to, subject, preview: preview(&text) });
            }
        }
        Ok(lines)
    }

    /// One mail; `None` when there is none of that name, or it is no mail.
    pub async fn read(&self, id: &str) -> io::Result<Option<Mail>> {
        let Some(received_at) = received_at(id) else { return Ok(None) };
        let raw = match tokio::fs::read(self.path.join(format!("{id}.eml"))).await {
            Ok(raw) => raw,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(MessageParser::default().parse(&raw).map(|message| decoded(id, received_at, &message)))
    }

    async fn ids(&self) -> io::Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.path).await?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            if let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".eml"))
                && received_at(id).is_some()
            {
                ids.push(id.to_owned());
            }
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids)
    }
}

/// The time in a mail's id; `None` for anything that is not the name of a mail, such as a path out of the folder.
fn received_at(id: &str) -> Option<DateTime<Utc>> {
    let (millis, suffix) = id.split_once('-')?;
    let well_formed = millis.len() == 13
        && suffix.len() == 8
        && millis.bytes().all(|byte| byte.is_ascii_digit())
        && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    if well_formed { DateTime::from_timestamp_millis(millis.parse().ok()?) } else { None }
}

fn decoded(id: &str, received_at: DateTime<Utc>, message: &Message<'_>) -> Mail {
    let html = message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.clone().into_owned()),
        _ => None,
    });
    Mail {
        id: id.to_owned(),
        received_at,
        from: message.from().map(with_name).unwrap_or_default(),
        to: message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html,
    }
}

fn with_name(address: &Address<'_>) -> String {
    let Some(first) = address.first() else { return String::new() };
    match (first.name(), first.address().unwrap_or_default()) {
        (Some(name), address) => format!("{name} <{address}>"),
        (None, address) => address.to_owned(),
    }
}

/// The first words after the greeting.
fn preview(text: &str) -> String {
    let joined =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).skip(1).take(3).collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(140) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mails_are_listed_newest_first_and_the_oldest_are_thrown_away() {
        let home = tempfile::tempdir().unwrap();
        let folder = MailFolder::open(home.path(), Surroundings::still()).unwrap();
        for number in 0..KEEP + 3 {
            folder.keep(format!("To: a@x.example\r\nSubject: {number}\r\n\r\nhello").as_bytes()).await.unwrap();
        }
        let mails = folder.newest_first().await.unwrap();
        assert_eq!(mails.len(), KEEP);
        assert_eq!(mails[0].subject, (KEEP + 2).to_string());
        assert_eq!(mails[KEEP - 1].subject, "3");
    }

    #[test]
    fn only_our_own_names_are_ids() {
        let check = |id, good| assert_eq!(received_at(id).is_some(), good, "{id}");
        check("1728000000000-0000002a", true);
        check("../1728000000000-0000002a", false);
        check("1728000000000-0000002a/..", false);
        check("1728000000000-0000002", false);
        check("172800000000๐-0000002a", false);
        check("+728000000000-0000002a", false);
        check("", false);
    }

    #[tokio::test]
    async fn a_mail_without_anything_is_still_shown() {
        let home = tempfile::tempdir().unwrap();
        let folder = MailFolder::open(home.path(), Surroundings::still()).unwrap();
        folder.keep(b"X: y\r\n\r\n").await.unwrap();
        let mail = &folder.newest_first().await.unwrap()[0];
        assert_eq!((mail.to.as_str(), mail.subject.as_str(), mail.preview.as_str()), ("", "", ""));
    }
}
