//! `idp demo`

use std::path::{Path, PathBuf};

use super::{Failure, outside, say, shown, stop_signal};
use crate::config::{Config, DemoPorts};
use crate::demo::run as demonstration;
use crate::log;

/// The provider's port unless somebody says otherwise; the others follow it.
const DEFAULT_PORT: u16 = 8080;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where the data is kept; a restart goes on with it.
    #[arg(long, value_name = "FOLDER", default_value = "data/demo")]
    data: PathBuf,
    /// Starts over: forgets everything in the folder.
    #[arg(long)]
    fresh: bool,
    /// The provider's port; services, mailbox and simulators take the seven ports after it.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
}

/// The demonstration's settings.
pub(super) fn config(folder: &Path, port: u16) -> Config {
    Config::for_demo(folder, &demonstration::ports(port))
}

/// The port of the demonstration in a folder: the one it was last started with.
pub(super) fn port_of(folder: &Path) -> Result<u16, Failure> {
    let file = folder.join(demonstration::PORT_FILE);
    match std::fs::read_to_string(&file) {
        Ok(text) => text.trim().parse().map_err(|_| {
            Failure::refused(format!("{}: not a port; start `idp demo --data {}` again", shown(&file), shown(folder)))
        }),
        // It was never started here since it notes its port.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(DEFAULT_PORT),
        Err(error) => Err(Failure::unavailable(format!("{} cannot be read: {error}", shown(&file)))),
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    if arguments.port.checked_add(7).is_none() {
        return Err(Failure::usage("--port: the seven ports after it are needed as well".to_owned()));
    }
    let ports: DemoPorts = demonstration::ports(arguments.port);
    let config = Config::for_demo(&arguments.data, &ports);
    log::init(&config.log)?;
    let stop = stop_signal();
    let demo = demonstration::Demonstration {
        folder: arguments.data.clone(),
        fresh: arguments.fresh,
        port: arguments.port,
        config,
        outside: outside(),
    };
    let running = demo.start(stop.clone()).await?;
    say(running.welcome(&shown(&arguments.data)));
    running.until_stopped().await?;
    Ok(())
}
