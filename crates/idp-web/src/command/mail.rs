//! `idp mail`

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::{Configured, Failure, print, say, shown};
use crate::mail::{Composed, Letter, Mailer, Sender};
use crate::run;
use crate::time::{Clock as _, SystemClock};
use crate::view::lang::Lang;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    /// As JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes every mail with invented content, in Thai and English, to look at. Nothing is sent.
    ///
    /// The sender, the address of the provider and the telephone number are those of the settings, or invented ones
    /// without settings.
    Preview {
        /// The folder: each mail as .html for a browser, .txt, and .eml for a mail program.
        #[arg(long, value_name = "FOLDER", required_unless_present_any = ["list", "show"])]
        to: Option<PathBuf>,
        /// Names the mails.
        #[arg(long, conflicts_with_all = ["to", "show"])]
        list: bool,
        /// Prints the text of one mail.
        #[arg(long, value_name = "KIND", conflicts_with = "to")]
        show: Option<String>,
        /// Only in this language: th or en.
        #[arg(long)]
        lang: Option<String>,
    },
}

pub(super) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Command::Preview { to, list, show, lang } = &arguments.command;
    let langs = match lang.as_deref() {
        None => Lang::ALL.to_vec(),
        Some(tag) => vec![Lang::from_tag(tag).ok_or_else(|| Failure::usage("--lang: th or en".to_owned()))?],
    };
    if *list {
        let names: Vec<String> = samples().into_iter().map(|sample| sample.name).collect();
        match arguments.json {
            true => print(&names),
            false => names.iter().for_each(say),
        }
        return Ok(());
    }
    // Without settings the mails are still worth looking at.
    let Configured { config, demo } = &arguments.configured;
    let sender = match config.is_some() || demo.is_some() {
        true => run::sender(&arguments.configured.load()?),
        false => Sender::sample(),
    };
    if let Some(kind) = show {
        return print_one(kind, &langs, &sender, arguments.json);
    }
    match to {
        Some(folder) => write(folder, &langs, &sender, SystemClock.now(), arguments.json).await,
        None => Ok(()),
    }
}

/// A mail to look at.
struct Sample {
    /// Its kind, with a number where there are several.
    name: String,
    letter: Letter,
}

fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for letter in Letter::samples() {
        let earlier = samples.iter().filter(|sample| sample.letter.kind() == letter.kind()).count();
        let name = match earlier {
            0 => letter.kind().to_owned(),
            more => format!("{}-{}", letter.kind(), more + 1),
        };
        samples.push(Sample { name, letter });
    }
    samples
}

fn print_one(kind: &str, langs: &[Lang], sender: &Sender, json: bool) -> Result<(), Failure> {
    let samples = samples();
    let sample = samples.iter().find(|sample| sample.name == kind).ok_or_else(|| {
        Failure::missing(format!("there is no mail {kind}; `idp mail preview --list` names them all"))
    })?;
    let mails = langs.iter().map(|lang| (lang.tag(), sample.letter.compose(*lang, sender)));
    if json {
        let shape =
            |(lang, mail): (&str, Composed)| json!({ "lang": lang, "subject": mail.subject, "text": mail.text });
        print(&mails.map(shape).collect::<Vec<_>>());
        return Ok(());
    }
    mails.for_each(|(_, mail)| say(format!("{}\n\n{}", mail.subject, mail.text)));
    Ok(())
}

async fn write(folder: &Path, langs: &[Lang], sender: &Sender, now: DateTime<Utc>, json: bool) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::unavailable(format!("{} cannot be written: {error}", shown(folder)));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mailer = Mailer::file(folder, sender).map_err(|error| Failure::unavailable(error.to_string()))?;
    let mut written = 0;
    for (number, sample) in samples().into_iter().enumerate() {
        for lang in langs {
            let mail = sample.letter.compose(*lang, sender);
            let name = format!("{}.{}", sample.name, lang.tag());
            std::fs::write(folder.join(format!("{name}.html")), &mail.html).map_err(failed)?;
            std::fs::write(folder.join(format!("{name}.txt")), format!("{}\n\n{}", mail.subject, mail.text))
                .map_err(failed)?;
            // As it is sent, byte for byte.
            let id = Uuid::from_u128(1 + 2 * number as u128 + u128::from(*lang == Lang::En));
            mailer
                .send(id, "somchai@mail.example", &mail, now)
                .await
                .map_err(|error| Failure::unavailable(error.to_string()))?;
            std::fs::rename(folder.join(format!("{id}.eml")), folder.join(format!("{name}.eml"))).map_err(failed)?;
            written += 1;
        }
    }
    match json {
        true => print(&json!({ "folder": shown(folder), "mails": written })),
        false => say(format!("{written} mails are in {}", shown(folder))),
    }
    Ok(())
}
