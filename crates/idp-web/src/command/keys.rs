//! `idp keys`

use std::path::PathBuf;

use clap::Subcommand;
use idp_core::chance::Chance as _;
use idp_core::jose::Algorithm;

use super::{Configured, Failure, say, shown};
use crate::config::{KeyFileFor, create_key_file};
use crate::time::{Clock as _, SystemChance, SystemClock};
use crate::{keys, run};

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
    /// Makes the signing key of an algorithm that has none yet: PS256 or EdDSA, for clients that ask for it.
    Add {
        /// ES256, RS256, PS256 or EdDSA.
        algorithm: String,
    },
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
        Command::Add { algorithm } => {
            let algorithm =
                Algorithm::parse(&algorithm).ok_or_else(|| Failure("ES256, RS256, PS256 or EdDSA".to_owned()))?;
            let vault = run::open_vault(&arguments.configured.load()?)?;
            let store = arguments.configured.open_store().await?;
            let made = keys::add(&store, &vault, &SystemChance, algorithm, SystemClock.now()).await;
            store.close().await;
            say(match made? {
                true => format!("{} signs from now on; running nodes know the key within a minute", algorithm.as_str()),
                false => format!("{} has its key already", algorithm.as_str()),
            });
        }
    }
    Ok(())
}
