//! `idp keys`

use std::path::PathBuf;

use clap::Subcommand;
use idp_core::chance::Chance as _;

use super::{Configured, Failure, say, shown};
use crate::config::{KeyFileFor, create_key_file};
use crate::time::SystemChance;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a key file (mode 0600). Keep a copy in a safe place: without it, sealed data is lost.
    Create {
        /// Where; the setting keys.file must name the same file.
        file: PathBuf,
    },
    /// Lists the signing keys.
    List,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Command::Create { file } => {
            create_key_file(&file, KeyFileFor::Production, &mut |bytes| SystemChance.fill(bytes))
                .map_err(|error| Failure(format!("{} cannot be made: {error}", shown(&file))))?;
            say(format!("{} is made; set keys.file to it and keep a copy in a safe place", shown(&file)));
        }
        Command::List => {
            let store = arguments.configured.open_store().await?;
            for key in store.signing_keys().await? {
                say(format!("{}  {}  {:8}  {}", key.kid, key.algorithm.as_str(), key.state.as_str(), key.created_at));
            }
            store.close().await;
        }
    }
    Ok(())
}
