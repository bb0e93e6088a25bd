//! Configuration: what an operator may set, and what makes the program refuse to start.
//!
//! In reading order: `load` (layers and errors), one file per section of `config/default.toml`, `finding` (what
//! `idp check` and `idp serve` say), and the two kinds of secret file, `key_file` and `private_file`.

mod clients;
mod contact;
mod database;
mod egress;
mod factors;
mod finding;
mod key_file;
mod keys;
mod load;
mod location;
mod log;
mod mail;
mod membership;
mod passwords;
mod private_file;
mod server;
mod sessions;
mod short_lived;
mod thaid;
mod throttle;
mod tokens;
mod verification;

use std::path::Path;

use serde::Deserialize;

pub use clients::Clients;
pub use contact::Contact;
pub use database::{Database, DatabaseKind};
pub use egress::Egress;
pub use factors::Factors;
pub use finding::{Finding, Findings, Severity};
pub use key_file::{KeyFile, KeyFileError, KeyFileFor, MasterSecret, create_key_file};
pub use keys::Keys;
pub use load::{ConfigError, DEFAULTS};
pub use location::Location;
pub use log::{Log, LogFormat};
pub use mail::{Mail, MailTransport};
pub use membership::Membership;
pub use passwords::Passwords;
pub use private_file::{PrivateFileError, Secret, read_secret};
pub use server::Server;
pub use sessions::Sessions;
pub use short_lived::ShortLived;
pub use thaid::Thaid;
pub use throttle::Throttle;
pub use tokens::Tokens;
pub use verification::Verification;

/// All settings. A handler or a job receives the section it needs, not the whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Listening, the issuer and the proxies in front.
    pub server: Server,
    /// The SQL database.
    pub database: Database,
    /// The store for what costs a person one repeated step when lost.
    pub short_lived: ShortLived,
    /// The key file, and the life of signing keys.
    pub keys: Keys,
    /// How long a sign-in lasts.
    pub sessions: Sessions,
    /// How long memberships last.
    pub membership: Membership,
    /// Argon2id and its queue.
    pub passwords: Passwords,
    /// Second factors.
    pub factors: Factors,
    /// Lives of codes and tokens.
    pub tokens: Tokens,
    /// The civil registry, the staff directory and the limits on asking them.
    pub verification: Verification,
    /// ThaID as an upstream provider.
    pub thaid: Thaid,
    /// How mail leaves.
    pub mail: Mail,
    /// What members are told to turn to.
    pub contact: Contact,
    /// Sign-in limits.
    pub throttle: Throttle,
    /// What clients may register.
    pub clients: Clients,
    /// Where clients' own servers may be asked.
    pub egress: Egress,
    /// The log.
    pub log: Log,
    /// Set by [`Config::for_demo`] alone, never by a file or variable: everything on loopback, with made-up people.
    #[serde(skip)]
    pub demo: bool,
}

/// The ports of the demonstration's parts, all on loopback.
#[derive(Debug, Clone, Copy)]
pub struct DemoPorts {
    /// The provider itself.
    pub provider: u16,
    /// The simulated civil registry.
    pub registry: u16,
    /// The simulated staff directory.
    pub staff_directory: u16,
    /// The simulated ThaID; without it ThaID is off.
    pub thaid: Option<u16>,
    /// The mailbox that takes mail in by SMTP; without it mail is written into a folder.
    pub smtp: Option<u16>,
}

impl Config {
    /// The defaults, then `file`, then the environment's `IDP__…` variables.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        load::load(file, std::env::vars_os())
    }

    /// What `config/default.toml` says and nothing else: for tests and as a base for them.
    pub fn defaults() -> Self {
        load::load(None, []).expect("the embedded defaults fill every field: a test of this file")
    }

    /// The demonstration on one machine: data below `folder`, the provider at `http://localhost:{provider}`.
    pub fn for_demo(folder: &Path, ports: &DemoPorts) -> Self {
        let mut config = Self::defaults();
        config.demo = true;
        config.server.listen = ([127, 0, 0, 1], ports.provider).into();
        config.server.issuer = format!("http://localhost:{}", ports.provider);
        config.database.url = Location::new(format!("sqlite://{}", folder.join("idp.sqlite3").display()));
        config.keys.file = folder.join("keys.toml");
        config.verification.registry_url = format!("http://127.0.0.1:{}", ports.registry);
        config.verification.staff_directory_url = format!("http://127.0.0.1:{}", ports.staff_directory);
        config.verification.staff_domains = vec!["staff.moc.example".to_owned()];
        config.verification.accept_test_numbers = true;
        if let Some(port) = ports.thaid {
            config.thaid.issuer = format!("http://localhost:{port}");
            config.thaid.client_id = crate::demo::thaid::CLIENT_ID.to_owned();
        }
        config.mail.folder = folder.join("mail");
        match ports.smtp {
            Some(port) => config.mail.smtp_url = Location::new(format!("smtp://127.0.0.1:{port}")),
            None => config.mail.transport = MailTransport::File,
        }
        config.clients.allow_loopback_http_redirects = true;
        config.egress.allow_loopback = true;
        config.log.format = LogFormat::Text;
        config.log.level = "warn".to_owned();
        config
    }

    /// Everything wrong or weak with these settings, in the order of the sections; reads the files they name.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Findings::default();
        let trial = self.is_trial();
        self.server.validate(self.demo, &mut findings);
        self.database.validate(trial, &mut findings);
        self.short_lived.validate(&mut findings);
        self.keys.validate(self.demo, &mut findings);
        self.sessions.validate(&mut findings);
        self.membership.validate(&mut findings);
        self.passwords.validate(&mut findings);
        self.factors.validate(&mut findings);
        self.tokens.validate(&mut findings);
        self.verification.validate(trial, &mut findings);
        self.thaid.validate(self.demo, &mut findings);
        self.mail.validate(trial, &mut findings);
        self.contact.validate(&mut findings);
        self.throttle.validate(&mut findings);
        self.clients.validate(trial, &mut findings);
        self.egress.validate(trial, &mut findings);
        self.log.validate(&mut findings);
        self.validate_together(&mut findings);
        findings.into_vec()
    }

    /// Is this a demonstration, or a trial that nobody outside this machine can reach by its issuer?
    pub fn is_trial(&self) -> bool {
        self.demo || self.server.is_on_loopback()
    }

    /// Does any finding forbid to serve?
    pub fn refuses(findings: &[Finding]) -> bool {
        findings.iter().any(|finding| finding.severity == Severity::Refuse)
    }

    fn validate_together(&self, findings: &mut Findings) {
        if self.server.nodes > 1 && self.database.kind() == Some(DatabaseKind::Sqlite) {
            findings.refuse(
                "database.url",
                "SQLite is one file on one machine, and server.nodes is more than 1",
                "set database.url to a postgres:// address, or server.nodes to 1",
            );
        }
        if self.server.nodes > 1 && self.short_lived.is_memory() {
            findings.refuse(
                "short_lived.url",
                "a node's memory is not seen by the others, and server.nodes is more than 1",
                "set short_lived.url to a redis:// address, or server.nodes to 1",
            );
        }
        // Registry and staff directory are asked one after the other.
        if self.verification.total_timeout_seconds.saturating_mul(2) >= self.server.request_timeout_seconds {
            findings.refuse(
                "verification.total_timeout_seconds",
                "a request would be cut off before the registries' answers, or their absence, could be told",
                "make it smaller than half of server.request_timeout_seconds",
            );
        }
        if self.sessions.idle_minutes > self.sessions.absolute_hours.saturating_mul(60) {
            findings.refuse(
                "sessions.idle_minutes",
                "the idle limit is longer than sessions.absolute_hours and would never apply",
                "make it shorter; 30 minutes is the default",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        let ports = DemoPorts { provider: 8080, registry: 8091, staff_directory: 8092, thaid: Some(8093), smtp: None };
        let config = Config::for_demo(folder.path(), &ports);
        create(&config.keys.file, KeyFileFor::Demo);
        (folder, config)
    }

    /// A production configuration with nothing to say against it.
    fn production() -> (tempfile::TempDir, Config) {
        let (folder, mut config) = demo();
        config.demo = false;
        config.server.issuer = "https://account.moc.go.th".to_owned();
        config.server.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.keys.file = folder.path().join("production.toml");
        create(&config.keys.file, KeyFileFor::Production);
        config.verification.accept_test_numbers = false;
        config.verification.registry_url = "https://registry.example.go.th".to_owned();
        config.verification.staff_directory_url = "https://directory.example.go.th".to_owned();
        config.thaid.issuer = "https://imauth.example.go.th".to_owned();
        config.thaid.client_secret_file = secret_file(folder.path());
        config.mail.transport = MailTransport::Smtp;
        config.clients.allow_loopback_http_redirects = false;
        config.egress.allow_loopback = false;
        (folder, config)
    }

    fn secret_file(folder: &Path) -> std::path::PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let file = folder.join("thaid-secret");
        std::fs::write(&file, "s3cret").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    fn create(path: &Path, made_for: KeyFileFor) {
        let mut next = 0u8;
        let mut random = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| (*byte, next) = (next, next + 1));
        create_key_file(path, made_for, &mut random).unwrap();
    }

    /// One change to a good production configuration, and the settings that are then refused.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Config), refused: &[&str]) {
        let (_folder, mut config) = production();
        change(&mut config);
        let findings = config.check();
        let found: Vec<_> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Refuse)
            .map(|finding| finding.setting)
            .collect();
        assert_eq!(found, refused, "{findings:#?}");
    }

    #[test]
    fn the_demonstration_and_a_good_production_have_nothing_refused() {
        let (_folder, config) = demo();
        assert_eq!(config.check(), []);
        let (_folder, config) = production();
        assert_eq!(config.check(), []);
    }

    #[test]
    fn s142_unsafe_settings_are_refused_by_name() {
        check(|c| c.server.issuer.clear(), &["server.issuer"]);
        check(|c| c.server.issuer = "http://account.moc.go.th".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "https://account.moc.go.th/".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "https://account.moc.go.th/oidc".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "https://account.moc.go.th?x".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "https://ACCOUNT.moc.go.th".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "https://me@account.moc.go.th".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "https://account.moc.go.th:443".into(), &["server.issuer"]);
        check(|c| c.server.issuer = "account.moc.go.th".into(), &["server.issuer"]);
        check(|c| c.server.nodes = 0, &["server.nodes"]);
        check(|c| c.server.nodes = 2, &["database.url", "short_lived.url"]);
        check(|c| c.server.max_body_bytes = 10, &["server.max_body_bytes"]);
        check(|c| c.server.request_timeout_seconds = 31, &["server.request_timeout_seconds"]);
        check(|c| c.database.synchronous = "normal".into(), &["database.synchronous"]);
        check(|c| c.database.url = Location::new("mysql://x"), &["database.url"]);
        check(|c| c.database.url = Location::new("sqlite::memory:"), &["database.url"]);
        check(|c| c.database.url = Location::new("sqlite://x.db?synchronous=off"), &["database.url"]);
        check(|c| c.short_lived.url = Location::new("memcached://x"), &["short_lived.url"]);
        check(|c| c.short_lived.max_entries = 0, &["short_lived.max_entries"]);
        check(|c| c.keys.file = "/nowhere/keys.toml".into(), &["keys.file"]);
        check(|c| c.keys.publish_ahead_hours = 0, &["keys.publish_ahead_hours"]);
        check(|c| (c.keys.rotate_every_days, c.keys.publish_ahead_hours) = (1, 25), &["keys.publish_ahead_hours"]);
        check(|c| c.keys.rotate_every_days = 3651, &["keys.rotate_every_days"]);
        check(|c| c.sessions.absolute_hours = 0, &["sessions.absolute_hours", "sessions.idle_minutes"]);
        check(|c| c.sessions.idle_minutes = 61, &["sessions.idle_minutes"]);
        check(|c| c.membership.temporary_days = 0, &["membership.temporary_days", "membership.warn_at_days"]);
        check(|c| c.membership.warn_at_days = vec![1, 3], &["membership.warn_at_days"]);
        check(|c| c.membership.warn_at_days = vec![60], &["membership.warn_at_days"]);
        check(|c| c.passwords.memory_kib = 19_455, &["passwords.memory_kib"]);
        check(|c| c.passwords.iterations = 1, &["passwords.iterations"]);
        check(|c| c.passwords.queue = 0, &["passwords.queue"]);
        check(|c| c.factors.recovery_wait_hours = 23, &["factors.recovery_wait_hours"]);
        check(|c| c.tokens.code_seconds = 61, &["tokens.code_seconds"]);
        check(|c| c.tokens.access_seconds = 7200, &["tokens.access_seconds"]);
        check(|c| c.tokens.refresh_idle_hours = 721, &["tokens.refresh_idle_hours"]);
        check(|c| c.verification.accept_test_numbers = true, &["verification.accept_test_numbers"]);
        check(|c| c.verification.registry_url = "http://registry.example".into(), &["verification.registry_url"]);
        check(|c| c.verification.registry_secret_file = "/nowhere".into(), &["verification.registry_secret_file"]);
        check(|c| c.verification.total_timeout_seconds = 20, &["verification.total_timeout_seconds"]);
        check(|c| c.verification.per_number_per_day = 0, &["verification.per_number_per_day"]);
        check(|c| c.verification.staff_domains = vec!["@moc".into()], &["verification.staff_domains"]);
        check(|c| c.verification.ial_verified = "1.3".into(), &["verification.ial_verified"]);
        check(|c| c.thaid.issuer = "http://imauth.example.go.th".into(), &["thaid.issuer"]);
        check(|c| c.thaid.issuer = "imauth.example.go.th".into(), &["thaid.issuer"]);
        check(|c| c.thaid.issuer = "https://imauth.example.go.th?x".into(), &["thaid.issuer"]);
        check(|c| c.thaid.client_id.clear(), &["thaid.client_id"]);
        check(|c| c.thaid.client_secret_file = "".into(), &["thaid.client_secret_file"]);
        check(|c| c.thaid.client_secret_file = "/nowhere".into(), &["thaid.client_secret_file"]);
        check(|c| c.thaid.client_authentication = "md5".into(), &["thaid.client_authentication"]);
        check(|c| c.thaid.least_ial = "1.2".into(), &["thaid.least_ial"]);
        check(|c| c.thaid.least_ial = "3".into(), &["thaid.least_ial"]);
        check(|c| c.thaid.least_ial = "high".into(), &["thaid.least_ial"]);
        check(|c| c.mail.transport = MailTransport::File, &["mail.transport"]);
        check(|c| c.mail.smtp_url = Location::new("smtp://mail.example:25"), &["mail.smtp_url"]);
        check(|c| c.mail.smtp_url = Location::new("smtp://mail.example?tls=opportunistic"), &["mail.smtp_url"]);
        check(|c| c.mail.from = "MOC <no-reply@moc.go.th>".into(), &["mail.from"]);
        check(|c| c.throttle.per_origin_per_minute = 0, &["throttle.per_origin_per_minute"]);
        check(|c| c.clients.allow_loopback_http_redirects = true, &["clients.allow_loopback_http_redirects"]);
        check(|c| c.egress.allow_loopback = true, &["egress.allow_loopback"]);
        check(|c| c.egress.allowed_networks = vec!["0.0.0.0/0".parse().unwrap()], &["egress.allowed_networks"]);
        check(|c| c.log.level = "idp_web=loud".into(), &["log.level"]);
    }

    #[test]
    fn a_loopback_issuer_over_http_is_served_with_a_warning() {
        for issuer in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
            check(|c| c.server.issuer = issuer.into(), &[]);
        }
    }

    #[test]
    fn several_nodes_with_postgresql_and_redis_are_accepted() {
        check(
            |c| {
                c.server.nodes = 3;
                c.database.url = Location::new("postgres://idp@db.internal/idp?sslmode=verify-full");
                c.short_lived.url = Location::new("rediss://cache.internal");
            },
            &[],
        );
    }

    #[test]
    fn the_example_for_production_lacks_its_secret_files_alone() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/production.example.toml");
        let findings = load::load(Some(&example), []).unwrap().check();
        let settings: Vec<_> = findings.iter().map(|finding| finding.setting).collect();
        let secret_files =
            ["keys.file", "verification.registry_secret_file", "verification.staff_directory_secret_file"];
        assert_eq!(settings, secret_files, "{findings:#?}");
    }

    #[test]
    fn mail_over_tls_or_to_this_machine_is_accepted() {
        for url in ["smtps://u:p@mail.example", "smtp://mail.example:587?tls=required", "smtp://127.0.0.1:2525"] {
            check(|c| c.mail.smtp_url = Location::new(url), &[]);
        }
    }

    #[test]
    fn a_debug_print_shows_no_password() {
        let (_folder, mut config) = production();
        config.database.url = Location::new("postgres://idp:hunter2@db.internal/idp");
        config.mail.smtp_url = Location::new("smtps://idp:hunter2@mail.example");
        config.short_lived.url = Location::new("rediss://:hunter2@cache.internal");
        assert!(!format!("{config:?} {:?}", config.check()).contains("hunter2"));
    }

    #[test]
    fn s142_a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        for mode in [0o644, 0o640, 0o602, 0o610] {
            check(
                |c| std::fs::set_permissions(&c.keys.file, std::fs::Permissions::from_mode(mode)).unwrap(),
                &["keys.file"],
            );
        }
    }

    #[test]
    fn s142_the_demonstrations_key_file_is_refused_in_production() {
        check(|c| c.keys.file.set_file_name("keys.toml"), &["keys.file"]);
    }
}
