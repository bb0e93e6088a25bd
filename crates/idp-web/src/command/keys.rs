//! `idp keys`

use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Subcommand;
use idp_core::audit::Actor;
use idp_core::chance::Chance as _;
use idp_core::jose::{Algorithm, KeyState, RotationPolicy};
use idp_store::{Store, StoredKey};
use serde_json::{Value, json};

use super::{Configured, Failure, print, say, shown};
use crate::config::{Config, KeyFileFor, create_key_file};
use crate::key_rotation::{Keyring, Rotated, policy};
use crate::time::{Clock as _, SystemChance, SystemClock};
use crate::{keys, run};

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

const RETIRE: &str = "\
For a key that others may know. Every token it signed is refused within seconds: members stay signed in, services
refresh their access tokens, ID tokens under way fail once. For an ordinary change use `idp keys rotate`, which
harms nothing. If the key file itself may be known, retire the next keys as well and change the master secret
(docs/operating.md).";

#[derive(Subcommand)]
enum Command {
    /// Makes a key file (mode 0600). Keep a copy in a safe place: without it, sealed data is lost.
    Create {
        /// Where; the setting keys.file must name the same file.
        file: PathBuf,
    },
    /// Lists the signing keys: next (published, not used yet), active (signs), retired (published for what it signed).
    List,
    /// Makes the signing key of an algorithm that has none yet: PS256 or EdDSA, for clients that ask for it.
    Add {
        /// ES256, RS256, PS256 or EdDSA.
        algorithm: String,
    },
    /// Lets the next signing key sign; makes and publishes one first when there is none.
    Rotate {
        /// Only the keys of this algorithm, such as ES256; all of them when left out.
        #[arg(long)]
        algorithm: Option<String>,
    },
    /// Emergency: takes a signing key out of use at once, with all that it signed.
    #[command(after_help = RETIRE)]
    Retire {
        /// The key's name, as `idp keys list` shows it.
        kid: String,
        /// Yes, at once; nothing else is possible here.
        #[arg(long, required = true)]
        now: bool,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let json = arguments.json;
    if let Command::Create { file } = arguments.command {
        if file.exists() {
            return Err(Failure::refused(format!(
                "{} cannot be made: it is there already, and a key file is never written over",
                shown(&file)
            )));
        }
        create_key_file(&file, KeyFileFor::Production, &mut |bytes| SystemChance.fill(bytes))
            .map_err(|error| Failure::unavailable(format!("{} cannot be made: {error}", shown(&file))))?;
        if json {
            print(&json!({ "file": shown(&file) }));
            return Ok(());
        }
        say(format!("{} is made; set keys.file to it and keep a copy in a safe place", shown(&file)));
        return Ok(());
    }
    let config = arguments.configured.load()?;
    let store = arguments.configured.open_store().await?;
    let done = act(&config, &store, arguments.command, json).await;
    store.close().await;
    done
}

async fn act(config: &Config, store: &Store, command: Command, json: bool) -> Result<(), Failure> {
    let vault = run::open_vault(config)?;
    let policy = policy(config);
    let ring = Keyring { store, vault: &vault, chance: &SystemChance, policy, actor: Actor::Operator };
    match command {
        Command::Create { .. } => Ok(()),
        Command::List => {
            list(&store.signing_keys().await?, &policy, json);
            Ok(())
        }
        Command::Add { algorithm } => {
            let algorithm = Algorithm::parse(&algorithm)
                .ok_or_else(|| Failure::usage("ES256, RS256, PS256 or EdDSA".to_owned()))?;
            let made = keys::add(store, &vault, &SystemChance, algorithm, SystemClock.now()).await.map_err(failed)?;
            if json {
                print(&json!({ "alg": algorithm.as_str(), "made": made }));
                return Ok(());
            }
            say(match made {
                true => format!("{} signs from now on; running nodes know the key in ten seconds", algorithm.as_str()),
                false => format!("{} has its key already", algorithm.as_str()),
            });
            Ok(())
        }
        Command::Rotate { algorithm } => {
            let algorithms = match algorithm.as_deref() {
                None => Algorithm::ALL.to_vec(),
                Some(text) => vec![Algorithm::parse(text).ok_or_else(|| {
                    Failure::usage(format!("--algorithm: one of {}", Algorithm::ALL.map(Algorithm::as_str).join(", ")))
                })?],
            };
            let mut shapes = Vec::new();
            for algorithm in algorithms {
                let rotated = ring.rotate(algorithm, SystemClock.now()).await.map_err(failed)?;
                match json {
                    true => shapes.push(rotated_shape(algorithm, &rotated)),
                    false => say(format!("{}: {}", algorithm.as_str(), told(&rotated))),
                }
            }
            if json {
                print(&shapes);
            }
            Ok(())
        }
        Command::Retire { kid, now: _ } => {
            let retired = ring.revoke(&kid, SystemClock.now()).await.map_err(failed)?;
            let missing = || Failure::missing(format!("there is no signing key {kid}; `idp keys list` shows all"));
            let instead = retired.ok_or_else(missing)?;
            if json {
                print(&json!({ "kid": kid, "signs_instead": instead.map(|kid| kid.to_string()) }));
                return Ok(());
            }
            match instead {
                Some(instead) => say(format!("{kid} is out of use; {instead} signs now")),
                None => say(format!("{kid} is out of use")),
            }
            Ok(())
        }
    }
}

fn told(rotated: &Rotated) -> String {
    match rotated {
        Rotated::Unused => "nothing changed: no key signs with it".to_owned(),
        Rotated::Published(until) => {
            format!(
                "a next key is made and published; run this again after {}, when every service knows it",
                at(*until)
            )
        }
        Rotated::TooEarly(until) => {
            format!("nothing changed: the next key may not be known everywhere before {}", at(*until))
        }
        Rotated::Signs(kid) => format!("{kid} signs now; what the one before signed stays good"),
        Rotated::Overtaken => "somebody else changed the keys in the same moment; look with `idp keys list`".to_owned(),
    }
}

fn rotated_shape(algorithm: Algorithm, rotated: &Rotated) -> Value {
    let (outcome, kid, until) = match rotated {
        Rotated::Unused => ("unused", None, None),
        Rotated::Published(until) => ("published", None, Some(*until)),
        Rotated::TooEarly(until) => ("too_early", None, Some(*until)),
        Rotated::Signs(kid) => ("signs", Some(kid.to_string()), None),
        Rotated::Overtaken => ("overtaken", None, None),
    };
    json!({ "alg": algorithm.as_str(), "outcome": outcome, "kid": kid, "not_before": until })
}

fn list(keys: &[StoredKey], policy: &RotationPolicy, json: bool) {
    if json {
        let shown: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "kid": key.kid,
                    "alg": key.algorithm.as_str(),
                    "state": key.state.as_str(),
                    "created_at": key.created_at,
                    "activated_at": key.activated_at,
                    "retired_at": key.retired_at,
                })
            })
            .collect();
        print(&shown);
        return;
    }
    for key in keys {
        let since = match key.state {
            KeyState::Next => format!("published {}", at(key.created_at)),
            KeyState::Active => format!("signs since {}", at(key.activated_at.unwrap_or(key.created_at))),
            KeyState::Retired => {
                format!("published until {}", at(key.retired_at.unwrap_or(key.created_at) + policy.keep))
            }
        };
        say(format!("{}  {:5}  {:8}  {since}", key.kid, key.algorithm.as_str(), key.state.as_str()));
    }
}

fn at(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn failed(error: impl ToString) -> Failure {
    Failure::unavailable(error.to_string())
}
