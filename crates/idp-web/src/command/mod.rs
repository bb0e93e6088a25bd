//! The command line: `idp serve`, `idp demo` and the chores.

mod admin;
mod check;
mod client;
mod client_forms;
mod demo;
mod keys;
mod mail;
mod member;
mod migrate;
mod serve;

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use idp_store::Store;
use tokio_util::sync::CancellationToken;

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
    Migrate(Configured),
    /// Registers client applications and looks after them.
    Client(client::Arguments),
    /// Gives and ends the roles of those who look after the provider.
    Admin(admin::Arguments),
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
    fn load(&self) -> Result<Config, Failure> {
        match &self.demo {
            Some(folder) => Ok(demo::config(folder, demo::DEFAULT_PORT)),
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

/// A command that did not work: one line.
struct Failure(String);

impl<E: Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs the command line: 0 when all is well, 1 when not, 2 when the command line itself is wrong.
pub fn main() -> ExitCode {
    let line = Line::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    let done = runtime.block_on(async {
        match line.command {
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Serve(configured) => serve::run(&configured).await,
            Command::Check(arguments) => check::run(&arguments),
            Command::Migrate(configured) => migrate::run(&configured).await,
            Command::Client(arguments) => client::run(arguments).await,
            Command::Admin(arguments) => admin::run(arguments).await,
            Command::Member(arguments) => member::run(arguments).await,
            Command::Keys(arguments) => keys::run(arguments).await,
            Command::Mail(arguments) => mail::run(&arguments).await,
        }
    });
    // A hash or a name lookup still running must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(line)) => fail(&line),
    }
}

fn fail(line: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "idp: {line}");
    ExitCode::FAILURE
}

/// Writes to standard output; a reader that went away is nobody's fault.
fn say(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
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
