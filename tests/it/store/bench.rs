//! A store to test on, and members, clients and grants to fill it with.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{
    AboutMe, Account, CodeState, MemberType, Membership, PersonnelType, Profile, Registration, RegistrationStage, Sex,
    Standing,
};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::chance::Chance;
use idp_core::claim::{ClaimSet, Release};
use idp_core::client::{Bilingual, Client, ClientDraft};
use idp_core::email::EmailAddress;
use idp_core::grant::{Grant, GrantState, RefreshFamily, RefreshToken};
use idp_core::id::{AccountId, ClientId, GrantId, MailId, RegistrationId, SessionId};
use idp_core::mail::OutgoingMail;
use idp_core::password::{HashCost, PasswordHash};
use idp_core::resource::ResourceSet;
use idp_core::scope::ScopeSet;
use idp_core::seal::{MasterSecret, Vault};
use idp_core::secret::Secret;
use idp_core::session::{Acr, AuthenticationMethod, Session, SessionLimits};
use idp_core::thai::{AcceptedNumbers, BuddhistDate, NationalId, ThaiName, Title};
use idp_store::{Link, Registered, ShortLived, Store, StoreOptions};
use idp_tests::servers;
use sea_orm::{ConnectionTrait as _, Database, Statement};
use tempfile::TempDir;

/// Makes each body two tests, one for each pair of stores.
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::store::Bench::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::store::Bench::postgres().await).await;
            })+
        }
    };
}
pub(super) use both;

/// Runs `attempts` attempts at once and gives what each came to.
pub(super) async fn at_once<T, F>(attempts: usize, attempt: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(attempts));
    let tasks: Vec<_> = (0..attempts)
        .map(|number| {
            let (attempt, start) = (attempt(number), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                attempt.await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// Different bytes at every call, the same in every run.
pub(super) struct Counted(AtomicU64);

impl Counted {
    pub(super) fn from(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }
}

impl Chance for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            let drawn = Secret::presented(format!("{count}")).digest();
            chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
        }
    }
}

/// A store with what it lives in.
pub(super) struct Bench {
    pub(super) store: Store,
    pub(super) short_lived: ShortLived,
    pub(super) url: String,
    pub(super) redis: Option<String>,
    pub(super) now: DateTime<Utc>,
    pub(super) chance: Arc<Counted>,
    folder: Option<TempDir>,
    people: AtomicU64,
}

pub(super) const LIMITS: SessionLimits = SessionLimits { absolute: TimeDelta::hours(12), idle: TimeDelta::minutes(30) };

/// Half past nine in the morning in Bangkok, on the 15th of January 2027.
pub(super) fn morning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_799_980_200, 0).unwrap()
}

pub(super) fn vault(secrets: &[(&str, u8)]) -> Arc<Vault> {
    let masters = secrets.iter().map(|(id, byte)| MasterSecret { id: (*id).to_owned(), bytes: [*byte; 32].into() });
    Arc::new(Vault::new(masters.collect()).unwrap())
}

pub(super) fn options(url: &str, chance: Arc<Counted>) -> StoreOptions {
    StoreOptions {
        url: url.to_owned(),
        max_connections: 20,
        vault: vault(&[("k1", 1)]),
        chance,
        cache_ttl: Duration::from_secs(300),
    }
}

/// The address of a file in `folder`.
pub(super) fn file_in(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("idp.db").display())
}

impl Bench {
    pub(super) async fn sqlite() -> Self {
        Self::sqlite_in(TempDir::new().unwrap()).await
    }

    /// On a file in memory where the system has one: nobody waits for the disk.
    pub(super) async fn sqlite_in_memory() -> Self {
        Self::sqlite_in(tempfile::tempdir_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()).await
    }

    async fn sqlite_in(folder: TempDir) -> Self {
        let url = file_in(&folder);
        let clock = Arc::new(morning);
        let mut bench = Self::open(url, ShortLived::memory(10_000, 10_000_000, clock)).await;
        bench.store.migrate().await.unwrap();
        bench.folder = Some(folder);
        bench
    }

    pub(super) async fn postgres() -> Self {
        // Migrated once, then copied: a test begins in a tenth of the time.
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        static MAKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let template = {
            let _one = MAKING.lock().await;
            match TEMPLATE.get() {
                Some(template) => template,
                None => {
                    let url = servers::postgres().empty_database();
                    let store = Store::open(options(&url, Arc::new(Counted::from(0)))).await.unwrap();
                    store.migrate().await.unwrap();
                    store.close().await;
                    TEMPLATE.get_or_init(|| url)
                }
            }
        };
        let redis = servers::redis().empty_database();
        let short_lived = ShortLived::redis(&redis).await.unwrap();
        let mut bench = Self::open(servers::postgres().copy_of(template), short_lived).await;
        bench.redis = Some(redis);
        bench
    }

    async fn open(url: String, short_lived: ShortLived) -> Self {
        let chance = Arc::new(Counted::from(1));
        let store = Store::open(options(&url, Arc::clone(&chance))).await.unwrap();
        Self { store, short_lived, url, redis: None, now: morning(), chance, folder: None, people: AtomicU64::new(1) }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }

    /// Another node on the same database.
    pub(super) async fn another_node(&self) -> Store {
        Store::open(options(&self.url, Arc::new(Counted::from(1_000_000)))).await.unwrap()
    }

    /// Changes the database behind the store's back.
    pub(super) async fn behind_its_back(&self, sql: &str) {
        let connection = Database::connect(&self.url).await.unwrap();
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// What a statement counts, as it lies in the database.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        let connection = Database::connect(&self.url).await.unwrap();
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await.unwrap().expect("a count is always a row");
        let number = row.try_get_by_index::<i64>(0).unwrap();
        connection.close().await.unwrap();
        number
    }

    pub(super) fn event(&self, action: Action) -> AuditEvent {
        AuditEvent::new(self.now, Actor::System, action)
    }

    pub(super) fn mail(&self, account: AccountId, once: Option<&str>) -> OutgoingMail {
        OutgoingMail {
            id: MailId::make(&*self.chance),
            account_id: Some(account),
            kind: "test".into(),
            sealed: b"sealed".to_vec(),
            due_at: self.now,
            expires_at: self.now + TimeDelta::days(1),
            once: once.map(str::to_owned),
        }
    }

    /// How many lines of the audit log tell of `action` for the account.
    pub(super) async fn lines(&self, account: AccountId, action: Action) -> usize {
        let lines = self.store.events_about(account, 1000).await.unwrap();
        lines.iter().filter(|line| line.action == action.as_str()).count()
    }

    /// A registration whose mailbox is proven.
    pub(super) async fn confirmed(&self, email: &EmailAddress) -> RegistrationId {
        let (store, now) = (&self.store, self.now);
        let id = RegistrationId::make(&*self.chance);
        let begun = Registration {
            id,
            cookie: Secret::make(&*self.chance).digest(),
            stage: RegistrationStage::TypeChosen { member_type: MemberType::Public },
            request: None,
            expires_at: now + TimeDelta::hours(2),
        };
        store.begin_registration(&begun, now, &[]).await.unwrap();
        assert!(store.accept_terms(id, "1", now, &[]).await.unwrap());
        let code = CodeState::sent(&Secret::presented("123456"), &id.to_string(), now);
        assert!(store.send_code(id, email, &code, now, &[], &[]).await.unwrap());
        assert!(store.confirm_email(id, &code.digest, now, &[]).await.unwrap());
        id
    }

    pub(super) fn account(&self, email: &EmailAddress) -> Account {
        Account {
            id: AccountId::make(&*self.chance),
            email: email.clone(),
            email_confirmed_at: self.now,
            password: PasswordHash::of_nobody(HashCost::LEAST),
            member_type: MemberType::Public,
            profile: Profile {
                title: Title::Nai,
                first_name: ThaiName::parse("สมมติ").unwrap(),
                middle_name: None,
                last_name: ThaiName::parse("ตัวอย่าง").unwrap(),
                first_name_en: None,
                last_name_en: None,
                sex: Sex::Unspecified,
                birth_date: BuddhistDate::from_registry_form("25330520").unwrap(),
                phone: None,
                personnel_type: PersonnelType::Outside,
                organization: "บริษัท ตัวอย่าง".into(),
                department: "ขาย".into(),
                position: "พนักงาน".into(),
            },
            about: AboutMe::default(),
            membership: Membership::temporary(self.now, 60),
            standing: Standing::Active,
            language: Some("th".into()),
            registered_at: self.now,
            updated_at: self.now,
        }
    }

    pub(super) fn session(&self, account: AccountId) -> Session {
        Session {
            id: SessionId::make(&*self.chance),
            cookie: Secret::make(&*self.chance).digest(),
            account_id: account,
            authenticated_at: self.now,
            methods: vec![AuthenticationMethod::Pwd],
            last_seen_at: self.now,
            device: "Firefox, Linux".into(),
            ended_at: None,
        }
    }

    pub(super) fn fresh_email(&self) -> EmailAddress {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        EmailAddress::parse(&format!("Person{number}@example.com")).unwrap()
    }

    /// A member who has just registered, and the session that came with it.
    pub(super) async fn member(&self) -> (Account, Session) {
        let email = self.fresh_email();
        let registration = self.confirmed(&email).await;
        let account = self.account(&email);
        let session = self.session(account.id);
        let done = self.store.register(&account, registration, "1", self.now, &session, None, &[], &[]).await.unwrap();
        assert_eq!(done, Registered::Done);
        (account, session)
    }

    /// Another session of a member.
    pub(super) async fn signed_in(&self, account: &Account) -> Session {
        let session = self.session(account.id);
        self.store.start_session(&session, None, None, self.now, &[]).await.unwrap();
        session
    }

    pub(super) fn client(&self, id: &str) -> Client {
        let text = |text: &str| Bilingual { th: text.into(), en: text.into() };
        let draft = ClientDraft {
            name: text("บริการ"),
            owner: text("กรม"),
            purpose: text("ทดสอบ"),
            redirect_uris: vec!["https://rp.example/cb".into()],
            scopes: ScopeSet::parse("openid profile membership"),
            ..ClientDraft::new(ClientId::parse(id).unwrap())
        };
        draft.accept(&Secret::presented("secret"), self.now).unwrap()
    }

    /// A grant as it is issued.
    pub(super) fn grant(&self, session: &Session) -> Grant {
        Grant {
            id: GrantId::make(&*self.chance),
            client_id: ClientId::parse("rp").unwrap(),
            account_id: session.account_id,
            session_id: session.id,
            sid: session.id,
            code: Secret::make(&*self.chance).digest(),
            redirect_uri: "https://rp.example/cb".into(),
            challenge: None,
            nonce: Some("n".into()),
            scopes: ScopeSet::parse("openid profile"),
            claims: None,
            methods: session.methods.clone(),
            acr: Acr::Aal1,
            authenticated_at: session.authenticated_at,
            issued_at: self.now,
            resources: Default::default(),
            bound_to: None,
            state: GrantState::Issued,
            refresh: None,
        }
    }

    /// A grant whose code was redeemed for a family of refresh tokens, and the first of them.
    pub(super) async fn redeemed(&self, session: &Session) -> (Grant, RefreshToken) {
        let grant = self.grant(session);
        self.store.issue(&grant, UNASKED, self.now, &[]).await.unwrap();
        let token = RefreshToken::make(&*self.chance);
        let family = RefreshFamily::begin(&token, self.now, self.now + TimeDelta::hours(12));
        assert!(self.store.redeem(grant.id, Some(&family), self.now, &[]).await.unwrap());
        (self.store.grant_by_code(&grant.code).await.unwrap().unwrap(), token)
    }
}

/// The link of a service that does not ask.
pub(super) const UNASKED: Link =
    Link::New(Release { scopes: ScopeSet::NONE, claims: ClaimSet::NONE, resources: ResourceSet::NONE });

/// The `n`th safe test number: its office code is 0000.
pub(super) fn number(n: u32) -> NationalId {
    let body = format!("10000{n:07}");
    let sum: u32 = body.bytes().zip((2..=13).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    NationalId::parse(&format!("{body}{}", (11 - sum % 11) % 10), AcceptedNumbers::WithTestNumbers).unwrap()
}
