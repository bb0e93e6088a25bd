//! Starts the whole demonstration: simulated registries, mailbox, provider and two services, all on loopback.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_core::admin::{Role, StaffRole};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::client::{Bilingual, Client, ClientDraft, MembershipPolicy};
use idp_core::id::ClientId;
use idp_core::scope::ScopeSet;
use idp_core::secret::{Secret, base64url};
use idp_verify::{RegistrySimulator, RunningSimulator, StaffSimulator};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::mailbox::{self, MailFolder};
use super::service::{self, Credentials, DemoService, Neighbour};
use super::story::{Places, welcome};
use super::thaid::RunningThaid;
use super::{Surroundings, smtp};
use crate::admin::{first_link, paths};
use crate::config::{Config, DemoPorts, KeyFileFor, create_key_file};
use crate::run::{self, Outside, StartError, listen};
use crate::state::App;
use crate::urls;

/// What is to be started.
pub struct Demonstration {
    /// Where the data is kept.
    pub folder: PathBuf,
    /// Whether to forget what is there.
    pub fresh: bool,
    /// The provider's port; the seven after it are the others'.
    pub port: u16,
    /// The provider's settings.
    pub config: Config,
    /// Clock and chance.
    pub outside: Outside,
}

/// A running demonstration.
pub struct Running {
    /// The provider.
    pub app: App,
    /// The civil registry: tests change its weather.
    pub registry: RunningSimulator,
    /// The staff directory.
    pub staff: RunningSimulator,
    /// ThaID.
    pub thaid: RunningThaid,
    port: u16,
    admin: Option<String>,
    provider: JoinHandle<Result<(), StartError>>,
    stop: CancellationToken,
}

/// Why the demonstration does not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The provider.
    #[error("{0}")]
    Start(StartError),
    /// What an earlier demonstration left cannot be read.
    #[error("{0}; or begin anew with --fresh")]
    Data(StartError),
    /// The folder.
    #[error("the folder {folder} cannot be used: {error}; choose another with --data")]
    Folder {
        /// Which.
        folder: String,
        /// What the system said.
        error: std::io::Error,
    },
}

impl From<StartError> for DemoError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(_) | StartError::Keys(_) | StartError::KeyFile { .. } => Self::Data(error),
            _ => Self::Start(error),
        }
    }
}

/// Where the port of the provider is noted in the folder: commands with `--demo` speak of the same addresses.
pub const PORT_FILE: &str = "port";

const ACADEMY: &str = "ditp-academy";
const LICENCES: &str = "dft-licences";

/// The ports of a demonstration whose provider is on `port`.
pub fn ports(port: u16) -> DemoPorts {
    DemoPorts {
        provider: port,
        registry: port + 4,
        staff_directory: port + 5,
        thaid: Some(port + 7),
        smtp: Some(port + 6),
    }
}

impl Demonstration {
    /// Starts everything; it ends when `stop` is cancelled.
    ///
    /// # Errors
    /// [`DemoError`]: one line that says what to do.
    pub async fn start(self, stop: CancellationToken) -> Result<Running, DemoError> {
        let Self { folder, fresh, port, config, outside } = self;
        // All ports before any file: a second demonstration by mistake must not touch the first one's data.
        let at = |offset: u16| SocketAddr::from(([127, 0, 0, 1], port + offset));
        let provider = listen(at(0)).await?;
        let academy = listen(at(1)).await?;
        let licences = listen(at(2)).await?;
        let mailbox = listen(at(3)).await?;
        let smtp = listen(at(6)).await?;
        let simulator = |offset: u16, error: std::io::Error| StartError::Listen {
            address: at(offset),
            error: error.kind().to_string(),
            what_to_do: "end the other program or choose another --port",
        };
        let registry = RegistrySimulator::start(at(4)).await.map_err(|error| simulator(4, error))?;
        let staff = StaffSimulator::start(at(5)).await.map_err(|error| simulator(5, error))?;
        let thaid = listen(at(7)).await?;
        let unusable = |error| DemoError::Folder { folder: folder.display().to_string(), error };
        prepare(&folder, fresh, &config, &outside).map_err(unusable)?;
        std::fs::write(folder.join(PORT_FILE), port.to_string()).map_err(unusable)?;
        let surroundings = surroundings(&outside);
        let (issuer, callback) =
            (config.thaid.issuer.clone(), format!("{}{}", config.server.issuer, urls::THAID_CALLBACK));
        let thaid =
            RunningThaid::start(thaid, issuer, callback, surroundings.clone()).map_err(|error| simulator(7, error))?;
        let mails = MailFolder::open(folder.join("mailbox"), surroundings.clone()).map_err(unusable)?;
        let app = run::build(config, outside).await?;
        tokio::spawn(smtp::serve(smtp, mails.clone(), stop.clone()));
        tokio::spawn(mailbox::serve(mailbox, mails, stop.clone()));
        start_services(&app, port, [academy, licences], &surroundings, &stop).await?;
        let admin = first_admin(&app).await?;
        let provider = tokio::spawn(run::serve(app.clone(), provider, stop.clone()));
        Ok(Running { app, registry, staff, thaid, port, admin, provider, stop })
    }
}

impl Running {
    /// What is printed at the start.
    pub fn welcome(&self, data: &str) -> String {
        let at = |offset: u16| format!("http://localhost:{}", self.port + offset);
        welcome(&Places {
            provider: at(0),
            academy: at(1),
            licences: at(2),
            mailbox: at(3),
            registry: at(4),
            staff: at(5),
            thaid: at(7),
            data: data.to_owned(),
            admin: self.admin.clone(),
        })
    }

    /// Waits until it was stopped and everything has ended.
    ///
    /// # Errors
    /// When the provider failed.
    pub async fn until_stopped(self) -> Result<(), StartError> {
        let done = self.provider.await;
        self.stop.cancel();
        self.registry.shutdown().await;
        self.staff.shutdown().await;
        done.unwrap_or(Ok(()))
    }
}

/// While there is no super admin: a link by which whoever opens it becomes one.
async fn first_admin(app: &App) -> Result<Option<String>, StartError> {
    let in_force = |row: &StaffRole| row.role == Role::SuperAdmin && row.ended_at.is_none();
    if app.store.staff_roles().await?.iter().any(in_force) {
        return Ok(Some(app.url(paths::HOME)));
    }
    Ok(Some(first_link(&app.store, app.issuer(), app.now(), &*app.chance).await?))
}

/// Makes folder and key file; `fresh` removes what an earlier demonstration left, and nothing else.
fn prepare(folder: &Path, fresh: bool, config: &Config, outside: &Outside) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    if fresh {
        for name in ["idp.sqlite3", "idp.sqlite3-wal", "idp.sqlite3-shm", "keys.toml"] {
            match std::fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        match std::fs::remove_dir_all(folder.join("mailbox")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    if !config.keys.file.exists() {
        create_key_file(&config.keys.file, KeyFileFor::Demo, &mut |bytes| outside.chance.fill(bytes))?;
    }
    Ok(())
}

fn surroundings(outside: &Outside) -> Surroundings {
    let clock = Arc::clone(&outside.clock);
    Surroundings { now: Arc::new(move || clock.now()), chance: Arc::clone(&outside.chance) }
}

async fn start_services(
    app: &App,
    port: u16,
    [academy, licences]: [TcpListener; 2],
    surroundings: &Surroundings,
    stop: &CancellationToken,
) -> Result<(), StartError> {
    let url = |offset: u16| format!("http://localhost:{}", port + offset);
    let mut first = DemoService::academy(&url(1), app.issuer(), credentials(app, ACADEMY));
    let mut second = DemoService::licences(&url(2), app.issuer(), credentials(app, LICENCES));
    first.neighbours = vec![neighbour(&second)];
    second.neighbours = vec![neighbour(&first)];
    register(app, &first).await?;
    register(app, &second).await?;
    tokio::spawn(service::serve(academy, first, surroundings.clone(), stop.clone()));
    tokio::spawn(service::serve(licences, second, surroundings.clone(), stop.clone()));
    Ok(())
}

fn neighbour(service: &DemoService) -> Neighbour {
    Neighbour { name_th: service.name_th.to_owned(), name_en: service.name_en.to_owned(), url: service.own_url.clone() }
}

/// The demonstration's secrets come from its key file, so that a restart goes on with the same ones.
fn credentials(app: &App, client_id: &str) -> Credentials {
    let key = app.vault.derived_key(&format!("demo-client/{client_id}"));
    Credentials { client_id: client_id.to_owned(), client_secret: base64url(&*key) }
}

async fn register(app: &App, service: &DemoService) -> Result<(), StartError> {
    let now = app.now();
    let bilingual = |th: &str, en: &str| Bilingual { th: th.to_owned(), en: en.to_owned() };
    let id = ClientId::parse(&service.credentials.client_id).expect("the demonstration's client ids are legal");
    let draft = ClientDraft {
        name: bilingual(service.name_th, service.name_en),
        owner: bilingual(service.department_th, service.department_en),
        purpose: bilingual(service.purpose_th, service.purpose_en),
        redirect_uris: vec![service.redirect_uri()],
        post_logout_redirect_uris: vec![service.post_logout_redirect_uri()],
        scopes: service::SCOPES.join(" ").split(' ').filter_map(idp_core::scope::Scope::parse).collect::<ScopeSet>(),
        membership: if service.permanent_only { MembershipPolicy::PermanentOnly } else { MembershipPolicy::Anyone },
        ..ClientDraft::new(id.clone())
    };
    let secret = Secret::presented(service.credentials.client_secret.clone());
    let client = draft.accept(&secret, now).expect("the demonstration's services are sound");
    let event = AuditEvent::new(now, Actor::System, Action::ClientRegistered).client(&id);
    match app.store.client(&id).await? {
        None => {
            app.store.insert_client(&client, &[event]).await?;
        }
        // Another port than last time, or another version of this program.
        Some(known) if !same_service(&known, &client) => {
            let client = Client { created_at: known.created_at, ..client };
            app.store.replace_client(&client, known.updated_at, &[event]).await?;
        }
        Some(_) => {}
    }
    Ok(())
}

fn same_service(known: &Client, client: &Client) -> bool {
    let digests =
        |client: &Client| client.authentication.secrets().iter().map(|secret| secret.digest).collect::<Vec<_>>();
    known.redirect_uris == client.redirect_uris
        && known.post_logout_redirect_uris == client.post_logout_redirect_uris
        && known.scopes == client.scopes
        && digests(known) == digests(client)
}
