//! Puts the parts together and serves.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use idp_core::chance::Chance;
use idp_core::discovery;
use idp_core::password::HashCost;
use idp_core::seal::{MasterSecret, Vault};
use idp_core::thai::AcceptedNumbers;
use idp_store::{ShortLived, Store, StoreError, StoreOptions};
use idp_verify::{
    ApiKey, AssuranceTable, CivilRegistry, HttpRegistry, HttpStaffDirectory, Ial, NotConfigured, RegistrySettings,
    RegistrySimulator, StaffDirectory, StaffSettings, StaffSimulator, Thaid, ThaidSettings, Timeouts,
    VerificationMethod,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use zeroize::Zeroizing;

use crate::config::{Config, KeyFile, MailTransport};
use crate::demo;
use crate::egress::Egress;
use crate::figures::Meter;
use crate::hasher::Hasher;
use crate::jobs::{self, Mailman};
use crate::keys;
use crate::listener::{self, Limits};
use crate::mail::{Mailer, Sender};
use crate::oidc::client_keys::ClientKeyCache;
use crate::passkey::Door;
use crate::routes;
use crate::state::{App, Parts};
use crate::time::{Clock, monotonic};
use crate::traffic::Traffic;
use crate::urls;
use crate::usage::Usage;

/// Why the program does not start: one line that names the setting, the file or the command.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The key file.
    #[error("keys.file {file}: {error}; {what_to_do}")]
    KeyFile {
        /// Which file.
        file: String,
        /// What is wrong.
        error: String,
        /// What to do.
        what_to_do: String,
    },
    /// The database or Redis.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The signing keys.
    #[error("{0}")]
    Keys(#[from] keys::KeysError),
    /// A setting that cannot be used.
    #[error("{setting}: {error}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What is wrong.
        error: String,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {error}; {what_to_do}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        error: String,
        /// What to do.
        what_to_do: &'static str,
    },
}

/// The outside of the provider: clock, chance, and whom it asks.
#[derive(Clone)]
pub struct Outside {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of chance.
    pub chance: Arc<dyn Chance>,
}

/// Reads the key file into a vault.
///
/// # Errors
/// [`StartError::KeyFile`].
pub fn open_vault(config: &Config) -> Result<Vault, StartError> {
    let refused = |error: String, what_to_do: String| StartError::KeyFile {
        file: config.keys.file.display().to_string(),
        error,
        what_to_do,
    };
    let file: KeyFile = config
        .keys
        .read(config.demo)
        .map_err(|error| refused(error.to_string(), error.what_to_do(&config.keys.file)))?;
    // The active one seals; the others open what they sealed.
    let active = file.active().id().to_owned();
    let mut masters: Vec<MasterSecret> = file
        .masters()
        .iter()
        .map(|master| MasterSecret { id: master.id().to_owned(), bytes: Zeroizing::new(*master.secret()) })
        .collect();
    masters.sort_by_key(|master| master.id != active);
    Vault::new(masters)
        .ok_or_else(|| refused("holds no master secret".to_owned(), "restore it from its backup".to_owned()))
}

/// Opens the database, without bringing it up to date.
///
/// # Errors
/// [`StartError::Store`].
pub async fn open_store(config: &Config, vault: Arc<Vault>, chance: Arc<dyn Chance>) -> Result<Store, StartError> {
    let options = StoreOptions {
        url: config.database.url.expose().to_owned(),
        max_connections: config.database.max_connections,
        vault,
        chance,
        // Other processes (a command, another node) are heard through Redis; without it, after this while.
        cache_ttl: Duration::from_secs(5),
    };
    Ok(Store::open(options).await?)
}

/// Puts a provider together: migrates the database, makes what is missing, reads the keys.
///
/// # Errors
/// [`StartError`].
pub async fn build(config: Config, outside: Outside) -> Result<App, StartError> {
    let Outside { clock, chance } = outside;
    let vault = Arc::new(open_vault(&config)?);
    let store = open_store(&config, Arc::clone(&vault), Arc::clone(&chance)).await?;
    store.migrate().await?;
    let short_lived = open_short_lived(&config, &clock).await?;
    let ring = keys::load_or_make(&store, &vault, &*chance, clock.now()).await?;
    let cost = HashCost::new(config.passwords.memory_kib, config.passwords.iterations)
        .ok_or_else(|| setting("passwords", "weaker than 19 MiB and two passes"))?;
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let hasher = Hasher::new(
        cost,
        config.passwords.threads_on(processors),
        config.passwords.queue,
        Duration::from_secs(config.passwords.deadline_seconds),
        Arc::clone(&chance),
    );
    let (registry, staff) = open_registries(&config, &chance)?;
    let egress = Egress::new(&config.egress).map_err(|error| setting("egress", error))?;
    let thaid = open_thaid(&config, &egress, &chance)?;
    let sender = sender(&config);
    Ok(App(Arc::new(Parts {
        assurance: assurance(&config)?,
        discovery: ArcSwap::from_pointee(discovery::document(
            &config.server.issuer,
            urls::endpoints(&config),
            &ring.algorithms(),
        )),
        egress,
        thaid,
        client_keys: ClientKeyCache::default(),
        form_key: vault.derived_key("forms"),
        address_key: vault.derived_key("addresses"),
        nonce_key: vault.derived_key("dpop nonces"),
        work_key: vault.derived_key("proof of work"),
        passkeys: Door::new(&config.server.issuer),
        cursor_key: vault.derived_key("cursors"),
        usage: Usage::default(),
        meter: Meter::default(),
        traffic: Traffic::default(),
        keys: ArcSwap::from_pointee(ring),
        mail_queued: tokio::sync::Notify::new(),
        config,
        store,
        short_lived,
        clock,
        chance,
        vault,
        hasher,
        registry,
        staff,
        sender,
    })))
}

async fn open_short_lived(config: &Config, clock: &Arc<dyn Clock>) -> Result<ShortLived, StartError> {
    if !config.short_lived.is_memory() {
        return Ok(ShortLived::redis(config.short_lived.url.expose()).await?);
    }
    let clock = Arc::clone(clock);
    let settings = &config.short_lived;
    Ok(ShortLived::memory(settings.max_entries, settings.max_bytes, Arc::new(move || clock.now())))
}

type Registries = (Arc<dyn CivilRegistry>, Arc<dyn StaffDirectory>);

/// The registries, over HTTP; where no address is set nobody can be verified that way.
fn open_registries(config: &Config, chance: &Arc<dyn Chance>) -> Result<Registries, StartError> {
    let verification = &config.verification;
    let (clock, ids) = (monotonic(), request_ids(chance));
    let timeouts = Timeouts {
        connect: Duration::from_secs(verification.connect_timeout_seconds),
        total: Duration::from_secs(verification.total_timeout_seconds),
    };
    let registry: Arc<dyn CivilRegistry> = match registry_settings(config, timeouts)? {
        Some(settings) => Arc::new(
            HttpRegistry::new(&settings, Arc::clone(&clock), Arc::clone(&ids))
                .map_err(|error| setting("verification.registry_url", error))?,
        ),
        None => Arc::new(NotConfigured),
    };
    let staff: Arc<dyn StaffDirectory> = match staff_settings(config, timeouts)? {
        Some(settings) => Arc::new(
            HttpStaffDirectory::new(&settings, clock, ids)
                .map_err(|error| setting("verification.staff_directory_url", error))?,
        ),
        None => Arc::new(NotConfigured),
    };
    Ok((registry, staff))
}

fn request_ids(chance: &Arc<dyn Chance>) -> idp_verify::RequestIds {
    let chance = Arc::clone(chance);
    Arc::new(move || {
        let mut bytes = [0; 16];
        chance.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    })
}

/// ThaID, asked through the egress client; nobody where no issuer is set.
fn open_thaid(config: &Config, egress: &Egress, chance: &Arc<dyn Chance>) -> Result<Option<Thaid>, StartError> {
    let thaid = &config.thaid;
    if !thaid.is_on() {
        return Ok(None);
    }
    let client_secret = match config.demo && thaid.client_secret_file.as_os_str().is_empty() {
        true => ApiKey::new(demo::thaid::CLIENT_SECRET),
        false => api_key(thaid.client_secret().map_err(|error| setting("thaid.client_secret_file", error))?),
    };
    let callback = format!("{}{}", config.server.issuer, urls::THAID_CALLBACK);
    let settings = ThaidSettings {
        issuer: thaid.issuer.clone(),
        client_id: thaid.client_id.clone(),
        client_secret,
        secret_in_form: thaid.client_authentication == "post",
        redirect_uri: Url::parse(&callback).map_err(|error| setting("server.issuer", error))?,
        least_ial: Ial::parse(&thaid.least_ial).ok_or_else(|| setting("thaid.least_ial", "no such level"))?,
        aal2_acr_values: thaid.aal2_acr_values.clone(),
        numbers: match config.verification.accept_test_numbers {
            true => AcceptedNumbers::WithTestNumbers,
            false => AcceptedNumbers::Real,
        },
    };
    Thaid::new(settings, Arc::new(egress.clone()), monotonic(), request_ids(chance))
        .map(Some)
        .map_err(|error| setting("thaid.issuer", error))
}

fn registry_settings(config: &Config, timeouts: Timeouts) -> Result<Option<RegistrySettings>, StartError> {
    let verification = &config.verification;
    let Some(base) = address("verification.registry_url", &verification.registry_url)? else { return Ok(None) };
    if config.demo {
        // The simulator has keys of its own.
        return Ok(Some(RegistrySettings { timeouts, ..RegistrySimulator::settings(base) }));
    }
    let secret = verification.registry_secret().map_err(|error| setting("verification.registry_secret_file", error))?;
    Ok(Some(RegistrySettings {
        base,
        consumer_key: ApiKey::new(verification.registry_consumer_key.clone()),
        consumer_secret: api_key(secret),
        agent: verification.registry_agent_id.clone(),
        timeouts,
    }))
}

fn staff_settings(config: &Config, timeouts: Timeouts) -> Result<Option<StaffSettings>, StartError> {
    let verification = &config.verification;
    let url = &verification.staff_directory_url;
    let Some(base) = address("verification.staff_directory_url", url)? else { return Ok(None) };
    if config.demo {
        return Ok(Some(StaffSettings { timeouts, ..StaffSimulator::settings(base) }));
    }
    let secret = verification
        .staff_directory_secret()
        .map_err(|error| setting("verification.staff_directory_secret_file", error))?;
    Ok(Some(StaffSettings { base, key: api_key(secret), timeouts }))
}

fn address(name: &'static str, text: &str) -> Result<Option<Url>, StartError> {
    if text.is_empty() {
        return Ok(None);
    }
    Url::parse(text).map(Some).map_err(|error| setting(name, error))
}

fn api_key(secret: Option<crate::config::Secret>) -> ApiKey {
    ApiKey::new(secret.as_ref().map_or("", |secret| secret.expose()))
}

fn assurance(config: &Config) -> Result<AssuranceTable, StartError> {
    const SETTING: &str = "verification.ial_verified";
    let level = Ial::parse(&config.verification.ial_verified).ok_or_else(|| setting(SETTING, "no such level"))?;
    AssuranceTable::default()
        .with(VerificationMethod::CivilRegistry, level)
        .and_then(|table| table.with(VerificationMethod::StaffDirectory, level))
        .map_err(|error| setting(SETTING, error))
}

/// Who carries the mails.
///
/// # Errors
/// [`StartError::Setting`].
pub fn mailman(app: &App) -> Result<Mailman, StartError> {
    let mail = &app.config.mail;
    let mailer = match mail.transport {
        MailTransport::Smtp => Mailer::smtp(mail.smtp_url.expose(), &app.sender),
        MailTransport::File => Mailer::file(&mail.folder, &app.sender),
    };
    mailer.map(Arc::new).map_err(|error| setting("mail", error))
}

/// Takes the configured address.
///
/// # Errors
/// [`StartError::Listen`].
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen {
        address,
        what_to_do: match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there; end it or choose another port",
            io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege; choose a higher one",
            _ => "choose an address of this machine",
        },
        error: error.kind().to_string(),
    })
}

/// Serves until `stop` is cancelled, then lets open requests finish and closes the store.
///
/// # Errors
/// When the mail settings cannot be used.
pub async fn serve(app: App, listener: TcpListener, stop: CancellationToken) -> Result<(), StartError> {
    let tasks = TaskTracker::new();
    jobs::start(&app, mailman(&app)?, &tasks, &stop);
    tasks.close();
    let drain = Duration::from_secs(app.config.server.drain_seconds);
    let limits = Limits {
        connections: app.config.server.max_connections,
        head: Duration::from_secs(app.config.server.head_timeout_seconds),
    };
    let serving = listener::serve(listener, routes::router(app.clone()), limits, stop.clone());
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        () = serving => {}
        () = deadline => tracing::warn!("some requests did not finish in time"),
    }
    stop.cancel();
    tasks.wait().await;
    // The jobs ended when the stopping began: what the last requests left is written now.
    let last = [app.traffic.flush(&app.store).await, app.meter.flush(&app.store, &*app.chance, app.now()).await];
    for error in last.into_iter().filter_map(Result::err) {
        tracing::warn!("the last of the traffic log or of the numbers could not be written: {error}");
    }
    app.store.close().await;
    Ok(())
}

fn setting(setting: &'static str, error: impl ToString) -> StartError {
    StartError::Setting { setting, error: error.to_string() }
}

/// Who the mails of these settings come from.
pub fn sender(config: &Config) -> Sender {
    Sender {
        address: config.mail.from.clone(),
        home_url: config.server.issuer.clone(),
        hotline: config.contact.phone.clone(),
    }
}
