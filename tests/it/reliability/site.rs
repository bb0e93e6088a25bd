//! A program that is served as a process, and the same provider in this process to fill its database and to look at it.

use std::collections::VecDeque;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use idp_tests::{App, Clock as _, Reply, SystemClock, soon};
use idp_verify::{RegistrySimulator, RunningSimulator};
use idp_web::config::Config;
use sea_orm::{ConnectionTrait as _, Database, Statement};

use crate::command::program::{Running, Trial, free_ports};

/// Settings, data, and the civil registry beside them.
pub(super) struct Site {
    pub(super) trial: Trial,
    pub(super) registry: RunningSimulator,
    url: String,
}

impl Site {
    /// On a file of its own.
    pub(super) async fn on_sqlite() -> Self {
        let trial = Trial::new().await;
        let url = format!("sqlite://{}", trial.path("idp.sqlite3"));
        Self::on(trial, url).await
    }

    /// On the PostgreSQL database at `url`.
    pub(super) async fn on_postgres(url: String) -> Self {
        Self::on(Trial::new().await, url).await
    }

    async fn on(trial: Trial, url: String) -> Self {
        let registry = RegistrySimulator::start(([127, 0, 0, 1], 0).into()).await.expect("loopback has a free port");
        let secret = trial.path("registry.secret");
        std::fs::write(&secret, "demo-consumer-secret").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let settings = trial.sound().replace(&format!("sqlite://{}", trial.path("idp.sqlite3")), &url);
        // All come from one address here. Only what is waited for is logged, so that nobody has to read the log.
        trial.write(&format!(
            "{settings}[throttle]\nper_origin_per_minute = 100000\nwork_after_origin_failures = 100000\n\
             [passwords]\nthreads = 2\n\
             [verification]\naccept_test_numbers = true\nregistry_url = \"{}\"\n\
             registry_consumer_key = \"demo-consumer-key\"\nregistry_agent_id = \"moc-account\"\n\
             registry_secret_file = \"{secret}\"\n\
             [egress]\nallow_loopback = true\n\
             [log]\nlevel = \"off,idp_web::command=info\"\n",
            registry.base_url().as_str().trim_end_matches('/'),
        ));
        Self { trial, registry, url }
    }

    /// The provider in this process, now. Its store is to be closed before the program is killed: as long as somebody
    /// holds the file open, SQLite has nothing to recover.
    pub(super) async fn app(&self) -> App {
        let config = Config::load(Some(Path::new(&self.trial.config()))).unwrap();
        let app = App::start_with(|settings| *settings = config).await;
        app.clock().set(SystemClock.now());
        app
    }

    /// The program, and `app` as it serves it.
    pub(super) async fn serve(&self, app: &App) -> (Running, App) {
        let running = self.trial.serve().await;
        (running, app.served_at(&self.address()))
    }

    /// A second program on the same data, at a port of its own, and `app` as it serves it.
    pub(super) async fn serve_twice(&self, app: &App) -> (Running, App) {
        let port = free_ports(1);
        let settings = std::fs::read_to_string(self.trial.config()).unwrap();
        let own = settings.replace(&format!("127.0.0.1:{}", self.trial.port()), &format!("127.0.0.1:{port}"));
        let file = self.trial.path("second.toml");
        std::fs::write(&file, own).unwrap();
        let mut running = Running::start(&["serve", "--config", &file]);
        assert!(running.logs("serving ").await.is_some(), "it serves");
        (running, app.served_at(&format!("http://127.0.0.1:{port}")))
    }

    /// Where the program listens.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.trial.port())
    }

    /// The one number that `sql` asks for.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        self.until(sql, i64::MIN).await
    }

    /// Asks for the number again and again, and returns as soon as it is `least`: the instant at which a change is seen.
    pub(super) async fn until(&self, sql: &str, least: i64) -> i64 {
        let connection = Database::connect(&self.url).await.unwrap();
        let mut number = None;
        soon(sql, async || {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let row = connection.query_one_raw(statement).await.unwrap().expect("a count is always a row");
            number = row.try_get_by_index::<i64>(0).ok();
            number.expect("it is a number") >= least
        })
        .await;
        // A change that was seen is not to be given time.
        tokio::spawn(connection.close());
        number.expect("it was read")
    }

    /// What must hold of the data at any moment, whatever was cut short.
    pub(super) async fn is_sound(&self) {
        for (what, sql) in [
            (
                "badge without membership, or the other way round",
                "SELECT count(*) FROM accounts WHERE (permanent_since IS NULL) <> (badge IS NULL)",
            ),
            (
                "badge and identity",
                "SELECT count(*) FROM accounts a LEFT JOIN identities i ON i.account_id = a.id \
                 WHERE (a.badge IS NULL) <> (i.account_id IS NULL)",
            ),
            (
                "identity and number",
                "SELECT count(*) FROM accounts a WHERE (SELECT count(*) FROM identity_numbers n \
                 WHERE n.account_id = a.id) <> (SELECT count(*) FROM identities i WHERE i.account_id = a.id)",
            ),
            (
                "badge and the line that tells of it",
                "SELECT count(*) FROM accounts a WHERE (SELECT count(*) FROM audit_log l WHERE l.account_id = a.id \
                 AND l.action = 'badge.granted') <> (CASE WHEN a.badge IS NULL THEN 0 ELSE 1 END)",
            ),
            (
                "badge and settled attempt",
                "SELECT count(*) FROM accounts a WHERE (SELECT count(*) FROM verification_cases c \
                 WHERE c.account_id = a.id AND c.outcome = 'verified') <> (CASE WHEN a.badge IS NULL THEN 0 ELSE 1 END)",
            ),
            (
                "refresh tokens of a code that nobody redeemed, or a redeemed code without",
                "SELECT count(*) FROM grants WHERE (redeemed_at IS NULL) <> (refresh_handle IS NULL)",
            ),
            (
                "redeemed codes and the lines that tell of them",
                "SELECT (SELECT count(*) FROM grants WHERE redeemed_at IS NOT NULL) \
                 - (SELECT count(*) FROM audit_log WHERE action = 'grant.tokens_issued')",
            ),
            (
                "rotations and the lines that tell of them",
                "SELECT CAST((SELECT COALESCE(SUM(refresh_generation), 0) FROM grants) \
                 - (SELECT count(*) FROM audit_log WHERE action = 'grant.refreshed') AS BIGINT)",
            ),
            (
                "codes and the lines that tell of them",
                "SELECT (SELECT count(*) FROM grants) \
                 - (SELECT count(*) FROM audit_log WHERE action = 'grant.code_issued')",
            ),
        ] {
            assert_eq!(self.number(sql).await, 0, "{what}");
        }
    }

    /// Whether the database's own check of its file finds nothing.
    pub(super) async fn is_whole(&self) -> bool {
        let sql = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
        !self.url.starts_with("sqlite:") || self.number(sql).await == 0
    }
}

/// Whether the program went away before it had answered.
pub(super) fn is_cut_off(reply: &Reply) -> bool {
    reply.status == 502
}

/// Work that several take from, in order.
pub(super) type Queue<T> = std::sync::Arc<std::sync::Mutex<VecDeque<T>>>;

/// A queue of `work`.
pub(super) fn queue<T>(work: impl IntoIterator<Item = T>) -> Queue<T> {
    std::sync::Arc::new(std::sync::Mutex::new(work.into_iter().collect()))
}
