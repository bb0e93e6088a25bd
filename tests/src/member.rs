//! Members: through the front door, or straight into the store where signing up is not the point.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::account::{
    AboutMe, Account, Badge, CaseOutcome, CodeState, MemberType, Membership, PersonnelType, Profile,
    REGISTRATION_LIFETIME, Registration, RegistrationStage, Sex, Standing, TotpSecret, VerificationCase,
    VerificationMethod, VerifiedIdentity,
};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, CaseId, RegistrationId, SessionId};
use idp_core::password::PasswordHash;
use idp_core::phone::PhoneNumber;
use idp_core::secret::Secret;
use idp_core::session::{AuthenticationMethod, Session};
use idp_core::thai::{BuddhistDate, LatinName, ThaiName, Title};
use idp_store::{CaseLimits, Opened, Promotion, PromotionOrder, Registered, StoredAccount, Word};
use idp_verify::registry::{Outcome, SampleCitizen, citizens};
use idp_web::account::accept::version_in_force;
use idp_web::account::post_office::Envelope;
use idp_web::account::recover::answer;
pub use idp_web::mail::Letter;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{App, Browser, Form, Page};

/// Everybody's password.
pub const PASSWORD: &str = "rain falls on warm roofs at noon";

/// Somebody with an account, and the browser they use.
#[derive(Clone)]
pub struct Member {
    /// Their browser, signed in.
    pub browser: Browser,
    /// Their address, which is what they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their account.
    pub id: AccountId,
    /// Their authenticator app.
    pub totp: Option<Arc<TotpSecret>>,
    /// Their recovery codes, as printed.
    pub recovery_codes: Vec<String>,
}

impl Member {
    /// The account as it stands.
    pub async fn account(&self) -> StoredAccount {
        let account = self.browser.app().store.account(self.id).await.expect("the database can be read");
        (*account.expect("the account was made")).clone()
    }

    /// Fills in the sign-in page that is shown, and goes on.
    pub async fn sign_in_at(&mut self, page: &Page) -> Page {
        let form = page.form("/login").with("username", &self.email).with("password", &self.password);
        self.browser.submit(form).await
    }

    /// Signs in where nobody is signed in.
    pub async fn sign_in(&mut self) -> Page {
        let page = self.browser.get("/login").await;
        self.sign_in_at(&page).await
    }

    /// Signs out in this browser.
    pub async fn sign_out(&mut self) {
        let page = self.browser.get("/signout").await;
        let page = self.browser.submit(page.form("/signout/confirm")).await;
        assert!(page.has("#signed-out"), "{}", page.text("main"));
    }

    /// The same person in a browser that was never here, not signed in.
    pub fn elsewhere(&self) -> Member {
        Member { browser: self.browser.app().browser(), ..self.clone() }
    }
}

impl App {
    /// A temporary member who has registered through the pages, step by step.
    pub async fn member(&self, name: &str) -> Member {
        let email = address(name);
        let mut browser = self.browser();
        let page = browser.get("/register").await;
        let page = browser.submit(page.form("/register").with("member_type", "public")).await;
        let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
        let page = browser.submit(form).await;
        let page = browser.submit(page.form("/register/email").with("email", &email)).await;
        let code = self.mailed_code(&email).await;
        let page = browser.submit(page.form("/register/code").with("code", &code)).await;
        let page = browser.submit(filled_details(page.form("/register/details"))).await;
        assert_eq!(page.place(), "/welcome", "{}", page.text("main"));
        let stored = self.store.account_by_email(&email).await.expect("the database can be read");
        let id = stored.expect("the registration made the account").account.id;
        Member { browser, email, password: PASSWORD.to_owned(), id, totp: None, recovery_codes: Vec::new() }
    }

    /// A permanent member: registered and verified through the pages, as the next sample citizen who matches.
    pub async fn permanent(&self, name: &str) -> Member {
        let mut member = self.member(name).await;
        let citizen = sample(self.next_citizen());
        let page = member.browser.get("/verify/public").await;
        let page = member.browser.submit(filled_card(page.form("/verify/public"), citizen)).await;
        assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
        member
    }

    /// A temporary member put straight into the store, signed in.
    pub async fn insert_member(&self, name: &str) -> Member {
        self.insert_member_with(name, |_| {}).await
    }

    /// The same with other data.
    pub async fn insert_member_with(&self, name: &str, change: impl FnOnce(&mut Account)) -> Member {
        self.insert_member_of(name, version_in_force(), change).await
    }

    /// The same who accepted another version of the documents.
    pub async fn insert_member_of(&self, name: &str, documents: &str, change: impl FnOnce(&mut Account)) -> Member {
        let now = self.now();
        let email = EmailAddress::parse(&address(name)).expect("a test's address");
        let secret = || Secret::make(&*self.chance);
        let registration = Registration {
            id: RegistrationId::make(&*self.chance),
            cookie: secret().digest(),
            stage: RegistrationStage::TypeChosen { member_type: MemberType::Public },
            request: None,
            expires_at: now + REGISTRATION_LIFETIME,
        };
        let code = CodeState::sent(&secret(), "a test", now);
        let mut account = Account {
            id: AccountId::make(&*self.chance),
            email: email.clone(),
            email_confirmed_at: now,
            password: password_hash(self).await.clone(),
            member_type: MemberType::Public,
            profile: profile(),
            about: AboutMe::default(),
            membership: Membership::temporary(now, self.config.membership.temporary_days),
            standing: Standing::Active,
            language: Some("th".to_owned()),
            registered_at: now,
            updated_at: now,
        };
        change(&mut account);
        let (cookie, device) = (secret(), secret());
        let session = Session {
            id: SessionId::make(&*self.chance),
            cookie: cookie.digest(),
            account_id: account.id,
            authenticated_at: now,
            methods: vec![AuthenticationMethod::Pwd],
            last_seen_at: now,
            device: "Chrome, Android".to_owned(),
            ended_at: None,
        };
        let store = &self.store;
        let written = async {
            store.begin_registration(&registration, now, &[]).await?;
            store.accept_terms(registration.id, documents, now, &[]).await?;
            store.send_code(registration.id, &email, &code, now, &[], &[]).await?;
            store.confirm_email(registration.id, &code.digest, now, &[]).await?;
            store.register(&account, registration.id, documents, now, &session, Some(device.digest()), &[], &[]).await
        };
        assert_eq!(written.await.expect("the database can be written"), Registered::Done);
        let mut browser = self.browser();
        for (name, value) in [("session", &cookie), ("device", &device)] {
            browser.cookies.insert(browser.cookie_name(name), value.reveal().to_owned());
        }
        Member {
            browser,
            email: email.as_str().to_owned(),
            password: PASSWORD.to_owned(),
            id: account.id,
            totp: None,
            recovery_codes: Vec::new(),
        }
    }

    /// A permanent member put straight into the store, signed in, as the next sample citizen who matches.
    pub async fn insert_permanent(&self, name: &str) -> Member {
        let member = self.insert_member(name).await;
        self.promote(&member).await;
        member
    }

    /// Gives a member the badge of the next sample citizen who matches and has none; returns that citizen.
    pub async fn promote(&self, member: &Member) -> &'static SampleCitizen {
        let now = self.now();
        let (citizen, card) = loop {
            let citizen = sample(self.next_citizen());
            let card = citizen.card().expect("a matching citizen has a card");
            if self.store.holder_of(&card.number).await.expect("the database can be read").is_none() {
                break (citizen, card);
            }
        };
        let case = VerificationCase {
            id: CaseId::make(&*self.chance),
            account_id: member.id,
            method: VerificationMethod::CivilRegistry,
            outcome: CaseOutcome::Asked,
            opened_at: now,
            closed_at: None,
        };
        let limits = CaseLimits { per_account: 5, per_number: 5, per_origin: 50, since: now - TimeDelta::days(1) };
        let index = self.vault.number_index(&card.number);
        let opened = self.store.open_case(&case, index, "192.0.2.1", limits, &[]).await;
        assert_eq!(opened.expect("the database can be written"), Opened::Open);
        let identity = VerifiedIdentity {
            number: card.number,
            first_name: card.first_name,
            last_name: card.last_name,
            birth_date: card.birth_date,
        };
        let badge = Badge { method: case.method, ial: "1.2".to_owned(), reference: "a test".to_owned(), at: now };
        let order = PromotionOrder {
            case_id: case.id,
            account_id: member.id,
            identity: &identity,
            badge: &badge,
            since: now,
            links: &[],
            held_events: &[],
            held_mails: &[],
            word: Word::Registry { held: None },
        };
        let promoted = self.store.promote(order, now, &[], &[]).await.expect("the database can be written");
        assert_eq!(promoted, Promotion::Promoted);
        citizen
    }

    /// Every letter that was sent to `address`, in order. They are taken from the outbox as the post takes them.
    pub async fn letters_to(&self, address: &str) -> Vec<Letter> {
        let mut letters = self.letters().lock().await;
        let holder = Uuid::from_u128(1);
        loop {
            let due = self.store.lease_mails(holder, self.now(), TimeDelta::minutes(2), 50).await;
            let due = due.expect("the database can be written");
            for mail in &due {
                if mail.kind == answer::ASKED {
                    answer::answer(self.provider(), mail).await.expect("the database can be written");
                    continue;
                }
                let envelope = Envelope::open(self.provider(), mail.id, &mail.sealed).expect("sealed by this provider");
                self.store.mail_sent(mail.id, self.now()).await.expect("the database can be written");
                letters.push((envelope.to, envelope.letter));
            }
            if due.is_empty() {
                break;
            }
        }
        letters.iter().filter(|(to, _)| to == address).map(|(_, letter)| letter.clone()).collect()
    }

    /// The newest six digits mailed to `address`.
    pub async fn mailed_code(&self, address: &str) -> String {
        let letters = self.letters_to(address).await;
        let code = letters.into_iter().rev().find_map(|letter| match letter {
            Letter::ConfirmEmail { code, .. }
            | Letter::StaffMailboxCode { code, .. }
            | Letter::ChangeEmailCode { code, .. }
            | Letter::LostFactorCode { code, .. }
            | Letter::SecondFactorCode { code, .. } => Some(code),
            _ => None,
        });
        code.expect("a code was mailed")
    }
}

fn address(name: &str) -> String {
    format!("{name}@mail.example")
}

/// The sample citizens whose card says all there is and whom the registry confirms.
fn sample(number: usize) -> &'static SampleCitizen {
    let sound = |citizen: &&SampleCitizen| citizen.outcome == Outcome::Match && !citizen.birth.ends_with("00");
    citizens().iter().filter(sound).nth(number).expect("a test needs fewer permanent members than there are citizens")
}

/// The registration form with sound answers.
pub fn filled_details(form: Form) -> Form {
    [
        ("title", "นาง"),
        ("first_name", "สมหญิง"),
        ("last_name", "ทดสอบระบบ"),
        ("first_name_en", "Somying"),
        ("last_name_en", "Thotsoprabop"),
        ("sex", "female"),
        ("birth_day", "20"),
        ("birth_month", "5"),
        ("birth_year", "2533"),
        ("phone", "081 234 5678"),
        ("personnel_type", "outside"),
        ("organization", "ร้านตัวอย่าง"),
        ("department", "ฝ่ายขาย"),
        ("position", "ผู้จัดการ"),
        ("password", PASSWORD),
    ]
    .into_iter()
    .fold(form, |form, (name, value)| form.with(name, value))
}

/// The card form as `citizen` fills it in.
pub fn filled_card(form: Form, citizen: &SampleCitizen) -> Form {
    let (year, rest) = citizen.birth.split_at(4);
    let (month, day) = rest.split_at(2);
    form.with("national_id", citizen.number)
        .with("first_name", citizen.first)
        .with("last_name", citizen.last)
        .with("birth_day", day.trim_start_matches('0'))
        .with("birth_month", month.trim_start_matches('0'))
        .with("birth_year", year)
}

fn profile() -> Profile {
    let thai = |text| ThaiName::parse(text).expect("a Thai name");
    let latin = |text| LatinName::parse(text).expect("a Latin name");
    Profile {
        title: Title::parse("นาง").expect("a title"),
        first_name: thai("สมหญิง"),
        middle_name: None,
        last_name: thai("ทดสอบระบบ"),
        first_name_en: Some(latin("Somying")),
        last_name_en: Some(latin("Thotsoprabop")),
        sex: Sex::Female,
        birth_date: BuddhistDate::from_registry_form("25330520").expect("a date"),
        phone: Some(PhoneNumber::parse("0812345678").expect("a number")),
        personnel_type: PersonnelType::Outside,
        organization: "ร้านตัวอย่าง".to_owned(),
        department: "ฝ่ายขาย".to_owned(),
        position: "ผู้จัดการ".to_owned(),
    }
}

/// The hash of [`PASSWORD`], made once for all tests.
async fn password_hash(app: &App) -> &'static PasswordHash {
    static HASH: OnceCell<PasswordHash> = OnceCell::const_new();
    HASH.get_or_init(|| async { app.hasher.hash(PASSWORD.to_owned()).await.expect("nobody else hashes") }).await
}
