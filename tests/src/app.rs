//! The provider in process: a fresh database, a clock that stands, registries beside it. Requests go straight into the
//! router, without a network.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::chance::Chance as _;
use idp_verify::{RegistrySimulator, RunningSimulator, StaffSimulator};
use idp_web::config::{Config, DemoPorts, KeyFileFor, Location, create_key_file};
use idp_web::demo::Surroundings;
use idp_web::demo::thaid::{CLIENT_ID, RunningThaid};
use idp_web::routes;
use idp_web::run::{self, Outside};
use idp_web::time::{Clock as _, SystemChance};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, OnceCell};
use tower::ServiceExt as _;

use crate::member::Letter;
use crate::{Browser, ManualClock, Reply, forward, servers};

/// The issuer of [`App::start`].
pub const ISSUER: &str = "http://localhost:8080";
/// The issuer of [`App::start_on_https`].
pub const HTTPS_ISSUER: &str = "https://account.test";
/// When every test begins: a Monday, ten in the morning in Bangkok.
pub const START: &str = "2026-11-02T03:00:00Z";

/// A running provider. Cheap to clone; derefs to the provider's own parts.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    provider: idp_web::state::App,
    router: Router,
    clock: Arc<ManualClock>,
    config: Config,
    registries: Arc<Registries>,
    folder: Arc<TempDir>,
    visitors: AtomicU32,
    pub(crate) letters: Mutex<Vec<(String, Letter)>>,
    pub(crate) promoted: AtomicU32,
}

struct Registries {
    registry: RunningSimulator,
    staff: RunningSimulator,
    thaid: Option<RunningThaid>,
}

impl Deref for App {
    type Target = idp_web::state::App;

    fn deref(&self) -> &Self::Target {
        &self.0.provider
    }
}

impl App {
    /// A provider at [`ISSUER`] on SQLite and memory.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same at [`HTTPS_ISSUER`].
    pub async fn start_on_https() -> Self {
        Self::start_with(|config| config.server.issuer = HTTPS_ISSUER.to_owned()).await
    }

    /// The same on PostgreSQL and Redis: a database and a Redis of its own. See [`App::another_node`].
    pub async fn start_on_servers() -> Self {
        Self::start_on_servers_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn start_on_servers_with(change: impl FnOnce(&mut Config)) -> Self {
        let database = servers::postgres().copy_of(migrated_postgres().await);
        Self::start_with(|config| {
            config.database.url = Location::new(database);
            config.short_lived.url = Location::new(servers::redis().empty_database());
            change(config);
        })
        .await
    }

    /// The same with a simulated ThaID beside it.
    pub async fn start_with_thaid(change: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        let now = Arc::clone(&clock);
        let surroundings = Surroundings { now: Arc::new(move || now.now()), chance: Arc::new(SystemChance) };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("it listens"));
        let callback = format!("{ISSUER}/thaid/callback");
        let thaid = RunningThaid::start(listener, issuer, callback, surroundings).expect("a key can be made");
        Self::open(Some(thaid), clock, change).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::open(None, Arc::new(ManualClock::at(start())), change).await
    }

    async fn open(thaid: Option<RunningThaid>, clock: Arc<ManualClock>, change: impl FnOnce(&mut Config)) -> Self {
        let folder = folder();
        for (name, bytes) in template().await {
            write_private(&folder.path().join(name), bytes);
        }
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let registries = Registries {
            registry: RegistrySimulator::start(local).await.expect("loopback has a free port"),
            staff: StaffSimulator::start(local).await.expect("loopback has a free port"),
            thaid,
        };
        let mut config = settings(folder.path());
        config.verification.registry_url = registries.registry.base_url().to_string();
        config.verification.staff_directory_url = registries.staff.base_url().to_string();
        if let Some(thaid) = &registries.thaid {
            config.thaid.issuer = thaid.issuer().to_owned();
            config.thaid.client_id = CLIENT_ID.to_owned();
        }
        change(&mut config);
        Self::build(config, clock, Arc::new(registries), Arc::new(folder)).await
    }

    async fn build(config: Config, clock: Arc<ManualClock>, registries: Arc<Registries>, folder: Arc<TempDir>) -> Self {
        let outside = Outside { clock: Arc::clone(&clock) as _, chance: Arc::new(SystemChance) };
        // Boxed: the compiler gives up on futures nested too deep, and every test holds this one.
        let provider =
            Box::pin(run::build(config.clone(), outside)).await.expect("the settings of the tests are sound");
        let node = provider.clone();
        tokio::spawn(async move { node.store.follow(&node.short_lived).await });
        Self(Arc::new(Inner {
            router: routes::router(provider.clone()),
            provider,
            clock,
            config,
            registries,
            folder,
            visitors: AtomicU32::new(0),
            letters: Mutex::default(),
            promoted: AtomicU32::new(0),
        }))
    }

    /// A second node on the same PostgreSQL and Redis.
    pub async fn another_node(&self) -> Self {
        assert!(!self.config.short_lived.is_memory(), "only on servers are there several nodes");
        self.again().await
    }

    async fn again(&self) -> Self {
        let Inner { config, clock, registries, folder, .. } = &*self.0;
        Self::build(config.clone(), Arc::clone(clock), Arc::clone(registries), Arc::clone(folder)).await
    }

    /// Stops this provider and starts another on the same database: what was only in memory is gone.
    pub async fn restart(self) -> Self {
        self.store.close().await;
        self.again().await
    }

    /// This provider as another program serves it at `address`, on the same settings and data: requests go there by HTTP,
    /// all else is as it was. A request that gets no answer, or half of one, is answered with 502.
    pub fn served_at(&self, address: &str) -> Self {
        let Inner { provider, clock, config, registries, folder, visitors, promoted, .. } = &*self.0;
        Self(Arc::new(Inner {
            provider: provider.clone(),
            router: forward::router(address),
            clock: Arc::clone(clock),
            config: config.clone(),
            registries: Arc::clone(registries),
            folder: Arc::clone(folder),
            visitors: AtomicU32::new(visitors.load(Ordering::SeqCst)),
            letters: Mutex::default(),
            promoted: AtomicU32::new(promoted.load(Ordering::SeqCst)),
        }))
    }

    /// The provider, where a function of its own wants it.
    pub fn provider(&self) -> &idp_web::state::App {
        &self.0.provider
    }

    /// The clock.
    pub fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.0.clock.advance(by);
    }

    /// The simulated civil registry.
    pub fn registry(&self) -> &RunningSimulator {
        &self.0.registries.registry
    }

    /// The simulated staff directory.
    pub fn staff_directory(&self) -> &RunningSimulator {
        &self.0.registries.staff
    }

    /// The simulated ThaID.
    pub fn thaid(&self) -> &RunningThaid {
        self.0.registries.thaid.as_ref().expect("the test started with ThaID")
    }

    /// The folder of database, key file and mails.
    pub fn folder(&self) -> PathBuf {
        self.0.folder.path().to_owned()
    }

    /// A browser that was never here, at an address of its own.
    pub fn browser(&self) -> Browser {
        let number = self.0.visitors.fetch_add(1, Ordering::SeqCst) + 1;
        let [_, a, b, c] = number.to_be_bytes();
        Browser::new(self.clone(), IpAddr::from([10, a, b, c]))
    }

    pub(crate) fn letters(&self) -> &Mutex<Vec<(String, Letter)>> {
        &self.0.letters
    }

    pub(crate) fn next_citizen(&self) -> usize {
        usize::try_from(self.0.promoted.fetch_add(1, Ordering::SeqCst)).expect("a count of citizens")
    }

    /// Sends one request from a server or a script: no cookies, no browser.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        self.send_from(IpAddr::from([192, 0, 2, 7]), request).await
    }

    /// The same from `address`.
    pub async fn send_from(&self, address: IpAddr, mut request: Request<Body>) -> Reply {
        let host = self.issuer().split_once("://").map_or("", |(_, host)| host).to_owned();
        request.headers_mut().entry(header::HOST).or_insert(host.parse().expect("an issuer's host is a header value"));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 40_000))));
        let response = self.0.router.clone().oneshot(request).await.expect("the router answers everything");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 16 << 20).await.expect("an answer in memory can be read");
        let body = String::from_utf8_lossy(&body).into_owned();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// GET, as a script would.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("a path")).await
    }

    /// POST of a form, as a server would.
    pub async fn post(&self, path: &str, body: &str) -> Reply {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.to_owned())).expect("a path")).await
    }
}

/// A folder in memory where the system has one: every change of a test waits for the disk otherwise.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("the temporary folder can be written")
}

/// Waits for what another task is about to do.
pub async fn soon(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !happened().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

fn start() -> DateTime<Utc> {
    START.parse().expect("a moment")
}

fn settings(folder: &Path) -> Config {
    let mut config = Config::for_demo(
        folder,
        &DemoPorts { provider: 8080, registry: 1, staff_directory: 1, thaid: None, smtp: None },
    );
    // Tests act faster than people: what limits people is tested where it belongs.
    config.throttle.work_after_failures = 1000;
    config.throttle.work_after_origin_failures = 1000;
    config.passwords.queue = 1000;
    config.passwords.deadline_seconds = 60;
    config
}

/// Database and key file of a provider that has just been started for the first time. Made once: migrating and making an
/// RSA key for each test would take longer than the tests.
async fn template() -> &'static [(String, Vec<u8>)] {
    static TEMPLATE: OnceCell<Vec<(String, Vec<u8>)>> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let folder = folder();
            let config = settings(folder.path());
            create_key_file(&config.keys.file, KeyFileFor::Demo, &mut |bytes| SystemChance.fill(bytes))
                .expect("the temporary folder can be written");
            let outside = Outside { clock: Arc::new(ManualClock::at(start())), chance: Arc::new(SystemChance) };
            let first = Box::pin(run::build(config, outside)).await.expect("the settings of the tests are sound");
            first.store.close().await;
            let entries = std::fs::read_dir(folder.path()).expect("the folder just made can be read");
            entries
                .filter_map(Result::ok)
                .filter(|entry| entry.path().is_file())
                .map(|entry| {
                    let bytes = std::fs::read(entry.path()).expect("the file just made can be read");
                    (entry.file_name().to_string_lossy().into_owned(), bytes)
                })
                .collect()
        })
        .await
}

/// The same on PostgreSQL, under the same key file: the address of a database to be copied.
async fn migrated_postgres() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let folder = folder();
            for (name, bytes) in template().await {
                write_private(&folder.path().join(name), bytes);
            }
            let mut config = settings(folder.path());
            let database = servers::postgres().empty_database();
            config.database.url = Location::new(database.as_str());
            let outside = Outside { clock: Arc::new(ManualClock::at(start())), chance: Arc::new(SystemChance) };
            let first = Box::pin(run::build(config, outside)).await.expect("the settings of the tests are sound");
            first.store.close().await;
            database
        })
        .await
}

fn write_private(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .expect("the temporary folder can be written");
}
