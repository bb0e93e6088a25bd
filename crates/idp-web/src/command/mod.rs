//! The command line: `idp serve`, `idp demo` and the chores.

mod admin;
mod answer;
mod audit;
mod check;
mod client;
mod client_forms;
mod demo;
mod examples;
mod keys;
mod mail;
mod member;
mod migrate;
mod serve;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use idp_store::Store;
use tokio_util::sync::CancellationToken;

pub use answer::Exit;
use answer::{Failure, print, say};

use crate::config::Config;
use crate::run::{self, Outside};
use crate::time::{SystemChance, SystemClock};

/// MOC Account: the OpenID Connect identity provider of Thailand's Ministry of Commerce.
#[derive(Parser)]
#[command(name = "idp", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything on this machine, with nothing to set up: provider, two services, simulated registries, mailbox.
    Demo(demo::Arguments),
    /// Serves, with the settings of a file and of IDP__… variables.
    Serve(Configured),
    /// Says what is wrong or weak about the settings.
    Check(check::Arguments),
    /// Brings the database up to date.
    Migrate(migrate::Arguments),
    /// Registers client applications and looks after them.
    Client(client::Arguments),
    /// Gives and ends the roles of those who look after the provider.
    Admin(admin::Arguments),
    /// Checks the audit log, and takes it away as a file.
    Audit(audit::Arguments),
    /// Finds members and looks after their accounts.
    Member(member::Arguments),
    /// The key file and the signing keys.
    Keys(keys::Arguments),
    /// Shows the mails that members get.
    Mail(mail::Arguments),
}

/// Where the settings are.
#[derive(clap::Args, Clone)]
struct Configured {
    /// The file with the settings; config/default.toml tells every one. IDP__SECTION__KEY variables come on top.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Use the data of `idp demo` in this folder instead of a file with settings.
    #[arg(long, value_name = "FOLDER", conflicts_with = "config", global = true)]
    demo: Option<PathBuf>,
}

impl Configured {
    /// Whether it is the demonstration's data.
    fn is_demo(&self) -> bool {
        self.demo.is_some()
    }

    fn load(&self) -> Result<Config, Failure> {
        match &self.demo {
            Some(folder) => Ok(demo::config(folder, demo::port_of(folder)?)),
            None => Config::load(self.config.as_deref()).map_err(Failure::from),
        }
    }

    /// The database these settings name, brought up to date.
    async fn open_store(&self) -> Result<Store, Failure> {
        let config = self.load()?;
        let vault = Arc::new(run::open_vault(&config)?);
        let store = run::open_store(&config, vault, Arc::new(SystemChance)).await?;
        store.migrate().await.map_err(run::StartError::from)?;
        Ok(store)
    }
}

/// The whole command line, with an example at each command.
fn tree() -> clap::Command {
    examples::shown(Line::command().after_help(answer::exit_codes()))
}

/// Every command that does something, as it is typed: `client create`, …
pub fn commands() -> Vec<String> {
    fn below(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name()).trim_start().to_owned();
            match sub.has_subcommands() {
                true => below(sub, &path, found),
                false => found.push(path),
            }
        }
    }
    let mut found = Vec::new();
    below(&Line::command(), "", &mut found);
    found
}

/// Runs the command line and gives its exit code: see [`Exit`].
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let json = words.iter().any(|word| word == "--json");
    let line = match tree().try_get_matches_from(words).and_then(|found| Line::from_arg_matches(&found)) {
        Ok(line) => line,
        Err(error) if json && error.use_stderr() => {
            let said = error.to_string();
            let said = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
            return Failure::usage(said).end(json);
        }
        // Help and version go to standard output and are no error.
        Err(error) => error.exit(),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).end(json),
    };
    let done = runtime.block_on(async {
        match line.command {
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Serve(configured) => serve::run(&configured).await,
            Command::Check(arguments) => check::run(&arguments),
            Command::Migrate(arguments) => migrate::run(&arguments).await,
            Command::Client(arguments) => client::run(arguments).await,
            Command::Admin(arguments) => admin::run(arguments).await,
            Command::Audit(arguments) => audit::run(arguments).await,
            Command::Member(arguments) => member::run(arguments).await,
            Command::Keys(arguments) => keys::run(arguments).await,
            Command::Mail(arguments) => mail::run(&arguments).await,
        }
    });
    // A hash or a name lookup still running must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(json),
    }
}

fn outside() -> Outside {
    Outside { clock: Arc::new(SystemClock), chance: Arc::new(SystemChance) }
}

/// Cancelled by Ctrl-C or SIGTERM.
fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let interrupt = tokio::signal::ctrl_c();
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate => {}
        }
        token.cancel();
    });
    stop
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
