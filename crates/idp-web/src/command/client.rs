//! `idp client`: the console's deeds for clients, by the same functions, written down in an operator's name.

mod about;
mod create;
mod desk;
mod legacy;
mod logout;
mod registration_token;
mod resource;
mod show;
mod text;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::client::{Client, ClientStatus, LifeStep, SECRET_OVERLAP};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, KeyState};
use idp_core::resource::Misfit;
use idp_store::{Store, StoredKey};

use self::show::{shape, show, status};
use super::{Configured, Failure, print, say};
use crate::clients::judge::Steward;
use crate::clients::{ClientDesk, Fault, Hand, Refused, Registered};
use crate::config::Config;
use crate::time::{Clock as _, SystemChance, SystemClock};

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
    /// Registers a client as a draft, or with --activate for use, and prints its secret, once.
    Create(Box<create::Create>),
    /// Lists all clients.
    List,
    /// Shows one client.
    Show {
        /// The client_id.
        client_id: String,
    },
    /// Tokens with which programs register themselves (RFC 7591); clients.registration must be on.
    RegistrationToken {
        #[command(subcommand)]
        command: registration_token::Command,
    },
    /// Lists notices of sign-out that a client with a backchannel_logout_uri did not take: waiting, or given up.
    Notices {
        /// Only those of this client_id.
        client_id: Option<String>,
    },
    /// Lets a client speak the dialect of the system before this one for a while, or no longer.
    Legacy {
        /// The client_id.
        client_id: String,
        /// Up to and with this day in Bangkok.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = legacy::day_end, required_unless_present = "off")]
        until: Option<DateTime<Utc>>,
        /// No longer.
        #[arg(long, conflicts_with = "until")]
        off: bool,
    },
    /// Puts a picture in the place of a client's logo, or takes the logo away.
    Logo {
        /// The client_id.
        client_id: String,
        /// A PNG or JPEG of at most 512 KiB and 4096 by 4096 pixels.
        #[arg(required_unless_present = "off")]
        file: Option<PathBuf>,
        /// No logo.
        #[arg(long, conflicts_with = "file")]
        off: bool,
    },
    /// Writes clients as TOML, for review and for another installation; secrets are never in it.
    Export {
        /// Only these client_ids; all that are not retired when left out.
        client_ids: Vec<String>,
    },
    /// Registers and changes clients as a file of `export` says; doing it twice changes nothing the second time.
    Import {
        /// The file.
        file: PathBuf,
        /// Only shows what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Ends the secret before the last rotation at once, before its 24 hours are over.
    RevokeSecret {
        /// The client_id.
        client_id: String,
    },
    /// Makes a new secret and prints it, once; the old one works for another 24 hours.
    RotateSecret {
        /// The client_id.
        client_id: String,
    },
    /// Switches a client off: nobody signs in, no token is given or accepted.
    Disable {
        /// The client_id.
        client_id: String,
    },
    /// Puts a draft to use, or switches a client on again.
    Enable {
        /// The client_id.
        client_id: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = arguments.configured.load()?;
    let store = arguments.configured.open_store().await?;
    let mut command = arguments.command;
    if let (Command::Create(create), true) = (&mut command, arguments.configured.is_demo()) {
        create.complete_for_the_demo();
    }
    let done = act(&store, &config, command, arguments.json).await;
    store.close().await;
    done
}

async fn act(store: &Store, config: &Config, command: Command, json: bool) -> Result<(), Failure> {
    match command {
        Command::Create(create) => {
            let logo = match &create.about.logo {
                Some(file) => Some(about::read_logo(file).await?),
                None => None,
            };
            let activate = create.activate.then_some(LifeStep::Activate);
            let (made, asked) = create::register(store, config, *create).await?;
            let Registered { mut client, secret } = made;
            if logo.is_some() {
                client = about::keep_logo(store, &client, logo).await?;
            }
            client = stepped(store, config, &client, activate).await?;
            show(&client, secret.as_ref(), json);
            if client.status == ClientStatus::Draft && !json {
                say(format!("\nIt is a draft: nobody signs in with it until `idp client enable {}`.", client.id));
            }
            if asked && !json {
                say(format!("\n{}.", text::TAKES_TWO));
            }
            Ok(())
        }
        Command::List => {
            let clients = store.clients().await?;
            if json {
                print(&clients.iter().map(|client| shape(client, None)).collect::<Vec<_>>());
                return Ok(());
            }
            for client in clients {
                let warning = legacy::warning(&client, SystemClock.now()).unwrap_or_default();
                say(format!("{:24} {:10} {}{warning}", client.id, status(&client), client.name.en));
            }
            Ok(())
        }
        Command::Show { client_id } => {
            let client = find(store, &client_id).await?;
            show(&client, None, json);
            if let (false, Some(warning)) = (json, legacy::warning(&client, SystemClock.now())) {
                say(format!("\nWarning:{warning}"));
            }
            if json { Ok(()) } else { logout::warn_of_open(store, &client).await }
        }
        Command::Legacy { client_id, until, off: _ } => {
            let client = find(store, &client_id).await?;
            let legacy = until.map(|until| legacy::allowed(&client, until)).transpose()?;
            let next = Client { legacy, ..(*client).clone() };
            show(&replace(store, &client, next, Action::ClientChanged).await?, None, json);
            Ok(())
        }
        Command::RegistrationToken { command } => registration_token::run(store, config, command, json).await,
        Command::Notices { client_id } => {
            let client = match client_id {
                Some(id) => Some(find(store, &id).await?),
                None => None,
            };
            logout::list(store, client.as_deref(), json).await
        }
        Command::Logo { client_id, file, off: _ } => {
            let client = find(store, &client_id).await?;
            let picture = match file {
                Some(file) => Some(about::read_logo(&file).await?),
                None => None,
            };
            show(&about::keep_logo(store, &client, picture).await?, None, json);
            Ok(())
        }
        Command::Export { client_ids } => text::export(store, &client_ids, json).await,
        Command::Import { file, dry_run } => text::import(store, config, &file, dry_run, json).await,
        Command::RevokeSecret { client_id } => {
            let client = find(store, &client_id).await?;
            let done = at_the_desk(store, config).await?.desk().revoke_older(&operator(), &client).await;
            show(&done.map_err(|why| refused(&client_id, why))?, None, json);
            Ok(())
        }
        Command::RotateSecret { client_id } => {
            let client = find(store, &client_id).await?;
            let done = at_the_desk(store, config).await?.desk().rotate(&operator(), &client).await;
            let made = done.map_err(|why| match why {
                Refused::NoSecret if client.is_public() => {
                    Failure::refused(format!("{client_id} is a public client: it has no secret"))
                }
                Refused::NoSecret => {
                    Failure::refused(format!("{client_id} authenticates with its keys: it has no secret"))
                }
                other => refused(&client_id, other),
            })?;
            if !json {
                say(format!("the old secret works for another {} hours", SECRET_OVERLAP.num_hours()));
            }
            show(&made.client, made.secret.as_ref(), json);
            Ok(())
        }
        Command::Disable { client_id } => {
            let client = find(store, &client_id).await?;
            let step = (client.status != ClientStatus::Suspended).then_some(LifeStep::Suspend);
            show(&stepped(store, config, &client, step).await?, None, json);
            Ok(())
        }
        Command::Enable { client_id } => {
            let client = find(store, &client_id).await?;
            let step = match client.status {
                ClientStatus::Active => None,
                ClientStatus::Draft => Some(LifeStep::Activate),
                ClientStatus::Suspended | ClientStatus::Retired => Some(LifeStep::Resume),
            };
            show(&stepped(store, config, &client, step).await?, None, json);
            Ok(())
        }
    }
}

/// What a desk at the command line rests on.
struct AtTheDesk<'a> {
    store: &'a Store,
    config: &'a Config,
    signs: Box<dyn Fn(Algorithm) -> bool + Send + Sync>,
}

impl AtTheDesk<'_> {
    fn desk(&self) -> ClientDesk<'_> {
        ClientDesk { store: self.store, chance: &SystemChance, config: self.config, signs: &*self.signs }
    }
}

async fn at_the_desk<'a>(store: &'a Store, config: &'a Config) -> Result<AtTheDesk<'a>, Failure> {
    let signing = desk::signing(store).await?;
    Ok(AtTheDesk { store, config, signs: Box::new(move |algorithm| signing.contains(&algorithm)) })
}

fn operator() -> Hand {
    Hand::operator(SystemClock.now())
}

fn refused(client_id: &str, why: Refused) -> Failure {
    match why {
        Refused::Faults(faults) => {
            if let ([fault], Some(flag)) = (faults.as_slice(), faults.first().and_then(flag)) {
                return Failure::refused(format!("{flag}: {fault}"));
            }
            let line = |fault: &Fault| flag(fault).map_or_else(|| fault.to_string(), |flag| format!("{flag}: {fault}"));
            let lines: Vec<String> = faults.iter().map(line).collect();
            Failure::refused(format!("the client was not registered:\n  {}", lines.join("\n  ")))
        }
        Refused::IdTaken => Failure::refused(format!("there is a client {client_id} already; choose another --id")),
        Refused::Overtaken => {
            Failure::refused(format!("{client_id} was changed by somebody else meanwhile; look again"))
        }
        Refused::Store(error) => error.into(),
        other => Failure::refused(format!("{client_id}: {other}")),
    }
}

/// The flag that a fault is about, where its text does not say it.
fn flag(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::PlainBackchannel => Some("--backchannel-logout-uri"),
        Fault::PlainKeys => Some("--jwks-uri"),
        Fault::Misfit(Misfit::Taken(_)) => Some("--resource"),
        Fault::Misfit(_) => Some("--may-call"),
        Fault::Steward(Steward::Owner) => Some("--owner-email"),
        Fault::Steward(Steward::Deputy) => Some("--deputy-email"),
        _ => None,
    }
}

async fn stepped(store: &Store, config: &Config, client: &Client, step: Option<LifeStep>) -> Result<Client, Failure> {
    let Some(step) = step else { return Ok(client.clone()) };
    let done = at_the_desk(store, config).await?.desk().step(&operator(), client, step, None).await;
    done.map_err(|why| refused(client.id.as_str(), why))
}

/// An algorithm that tokens can be signed with here: there is a key for it.
pub(super) async fn signing_algorithm(store: &Store, flag: &str, text: &str) -> Result<Algorithm, Failure> {
    let algorithm = Algorithm::parse(text).ok_or_else(|| {
        Failure::usage(format!("{flag}: one of {}", Algorithm::ALL.map(Algorithm::as_str).join(", ")))
    })?;
    let has_key = |key: &StoredKey| key.algorithm == algorithm && key.state == KeyState::Active;
    if Algorithm::ALWAYS.contains(&algorithm) || store.signing_keys().await?.iter().any(has_key) {
        return Ok(algorithm);
    }
    Err(Failure::refused(format!("{flag}: there is no key for {text} yet; make one with `idp keys add {text}`")))
}

async fn find(store: &Store, id: &str) -> Result<Arc<Client>, Failure> {
    let found = match ClientId::parse(id) {
        Some(id) => store.client(&id).await?,
        None => None,
    };
    found.ok_or_else(|| Failure::missing(format!("there is no client {id}; `idp client list` shows all")))
}

async fn replace(store: &Store, old: &Client, next: Client, action: Action) -> Result<Client, Failure> {
    let now = SystemClock.now();
    let next = Client { updated_at: now, ..next };
    let event = AuditEvent::new(now, Actor::Operator, action).client(&next.id);
    match store.replace_client(&next, old.updated_at, &[event]).await? {
        true => Ok(next),
        false => Err(Failure::refused(format!("{} was changed by somebody else meanwhile; look again", next.id))),
    }
}
