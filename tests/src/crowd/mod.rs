//! A crowd of members and services that nobody is: made up from syllables, with numbers that no office has issued, and
//! written by COPY, so that a million are there in minutes.

mod around;
mod pages;
mod syllables;
mod table;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Badge, PersonnelType, Profile, Sex, VerificationMethod, search_words};
use idp_core::chance::Chance as _;
use idp_core::client::{Bilingual, ClientDraft};
use idp_core::email::EmailAddress;
use idp_core::id::ClientId;
use idp_core::scope::ScopeSet;
use idp_core::seal::Vault;
use idp_core::secret::Secret;
use idp_core::thai::time::end_of_day_after;
use idp_core::thai::{AcceptedNumbers, BuddhistDate, LatinName, NationalId, ThaiName, Title};
use idp_store::{Store, StoreError};
use idp_web::time::SystemChance;
use uuid::Uuid;

pub use pages::{Asked, Measured, Measuring};

use self::syllables::{LATIN, THAI, name};
use self::table::{Table, bytes, text};
use crate::App;
use crate::servers::Postgres;

/// A crowd to be made.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many members.
    pub members: u32,
    /// How many services.
    pub clients: u32,
    /// As of when: they registered in the two years before.
    pub now: DateTime<Utc>,
}

/// Steps through 64 bits so that neighbours have nothing in common.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The `n`th safe test number: its office code is 0000.
fn safe_number(n: u32) -> NationalId {
    let body = format!("10000{n:07}");
    let sum: u32 = body.bytes().zip((2..=13).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let whole = format!("{body}{}", (11 - sum % 11) % 10);
    NationalId::parse(&whole, AcceptedNumbers::WithTestNumbers).expect("the check digit was just computed")
}

/// One of the crowd.
struct Person {
    id: Uuid,
    email: EmailAddress,
    profile: Profile,
    registered_at: DateTime<Utc>,
}

impl Crowd {
    /// Makes everything: services, members, officials, and what all of them did in two years.
    ///
    /// # Errors
    /// What the store says, or psql.
    pub async fn make(&self, server: &Postgres, url: &str, app: &App) -> Result<(), Box<dyn std::error::Error>> {
        self.make_clients(&app.store).await?;
        self.make_members(server, url, &app.vault)?;
        self.make_around(server, url);
        // As the leader does it: what the dashboard shows is counted by it.
        // A minute on: the provider's own first lines are as young as the crowd is old, and young lines hold up what is behind.
        while app.store.seal_audit(self.now + TimeDelta::minutes(1), TimeDelta::seconds(10)).await? > 0 {}
        app.store.take_stock(self.now).await?;
        server.administer(url, "VACUUM ANALYZE");
        Ok(())
    }

    /// Makes the services, through the store.
    async fn make_clients(&self, store: &Store) -> Result<(), StoreError> {
        for n in 0..self.clients {
            let text = |text: &str| Bilingual { th: format!("{text} {n}"), en: format!("Service {n}") };
            let draft = ClientDraft {
                name: text("ระบบบริการ"),
                owner: text("กรมตัวอย่าง"),
                purpose: text("ให้บริการ"),
                redirect_uris: vec![format!("https://service-{n}.example/callback")],
                scopes: ScopeSet::parse("openid profile membership"),
                ..ClientDraft::new(Self::client(n))
            };
            let client = draft
                .accept(&Secret::make(&SystemChance), self.now - TimeDelta::days(400))
                .expect("the draft is in order");
            store.insert_client(&client, &[]).await?;
        }
        Ok(())
    }

    /// The `n`th service.
    pub fn client(n: u32) -> ClientId {
        ClientId::parse(&format!("service-{n}")).expect("letters, digits and dashes")
    }

    /// The `n`th member.
    fn person(&self, n: u32) -> Person {
        let seed = mixed(n.into());
        let thai = |n, parts| ThaiName::parse_as_typed(&name(&THAI, n, parts)).expect("syllables are a name");
        let latin = |n, parts| LatinName::parse_as_typed(&name(&LATIN, n, parts)).expect("syllables are a name");
        let english = seed.is_multiple_of(2);
        // Evenly over two years.
        let day = TimeDelta::minutes(i64::from(n) * 730 * 1440 / i64::from(self.members.max(1)));
        Person {
            id: Uuid::from_u128((u128::from(seed) << 64) | u128::from(mixed(seed))),
            email: EmailAddress::parse(&format!("member{n}@mail{}.example", n % 50)).expect("an address"),
            profile: Profile {
                title: Title::Nai,
                first_name: thai(seed % 1_600, 2),
                middle_name: None,
                last_name: thai(seed / 1_600, 3),
                first_name_en: english.then(|| latin(seed % 400, 2)),
                last_name_en: english.then(|| latin(seed / 400, 3)),
                sex: Sex::Unspecified,
                birth_date: BuddhistDate::from_registry_form("25330520").expect("a date"),
                phone: None,
                personnel_type: PersonnelType::Outside,
                organization: "-".to_owned(),
                department: "-".to_owned(),
                position: "-".to_owned(),
            },
            registered_at: self.now - day,
        }
    }

    /// Makes the members, past the store: four in ten permanent, one in ten ended, one in a hundred stopped; two services
    /// and a session each.
    ///
    /// # Errors
    /// When psql does not take the rows.
    fn make_members(&self, server: &Postgres, url: &str, vault: &Vault) -> std::io::Result<()> {
        let mut accounts = Table::open(
            server,
            url,
            "accounts (id, email, email_key, email_confirmed_at, password, member_type, profile, expires_at, permanent_since, \
             badge, standing, standing_since, standing_why, erase_at, language, subject_seed, registered_at, updated_at, \
             words_of, end_handled_at)",
        )?;
        let mut words = Table::open(server, url, "member_words (word, account_id)")?;
        let mut numbers = Table::open(server, url, "identity_numbers (number_index, account_id)")?;
        let mut consents =
            Table::open(server, url, "consents (account_id, client_id, scopes, given_at, text_version, basis)")?;
        let mut sessions = Table::open(
            server,
            url,
            "sessions (id, cookie_digest, account_id, authenticated_at, methods, last_seen_at, device, ended_at, end_reason, \
             cleared)",
        )?;
        let password = idp_core::password::PasswordHash::of_nobody(idp_core::password::HashCost::LEAST);
        let badge = |at| Badge {
            method: VerificationMethod::CivilRegistry,
            ial: "1.2".to_owned(),
            reference: "made up".to_owned(),
            at,
        };
        let none = "\\N";
        for n in 0..self.members {
            let person = self.person(n);
            let id = person.id.to_string();
            let registered = person.registered_at.timestamp_millis().to_string();
            let permanent = n % 10 < 4;
            let ends = end_of_day_after(if n % 10 == 9 { person.registered_at } else { self.now }, 1 + n % 60);
            let ended = ends < self.now;
            let expires = if permanent { none.to_owned() } else { ends.timestamp_millis().to_string() };
            let badge = if permanent { text(&json(&badge(person.registered_at))) } else { none.to_owned() };
            let (standing, since) = match n % 300 {
                0 => ("suspended", registered.as_str()),
                1 => ("frozen", registered.as_str()),
                2 => ("deleting", registered.as_str()),
                3 => ("restricted", registered.as_str()),
                _ => ("active", none),
            };
            let erase = (self.now + TimeDelta::days(30)).timestamp_millis().to_string();
            let mut seed = [0; 32];
            SystemChance.fill(&mut seed);
            accounts.row(&[
                &id,
                person.email.as_str(),
                person.email.key(),
                &registered,
                &text(password.as_str()),
                "public",
                &text(&json(&person.profile)),
                &expires,
                if permanent { &registered } else { none },
                &badge,
                standing,
                since,
                if standing == "suspended" { "made up" } else { none },
                if standing == "deleting" { &erase } else { none },
                "th",
                &bytes(&seed),
                &registered,
                &registered,
                &registered,
                if ended && !permanent { &registered } else { none },
            ])?;
            for word in search_words(&person.email, &person.profile) {
                words.row(&[&bytes(&word), &id])?;
            }
            if permanent {
                numbers.row(&[&bytes(&vault.number_index(&safe_number(n))), &id])?;
            }
            for k in 0..2 {
                let client = format!("service-{}", mixed(u64::from(n) * 2 + k) % u64::from(self.clients.max(1)));
                // Two different ones: the first of an even number, the second of an odd one.
                let at = (person.registered_at + TimeDelta::hours(1)).timestamp_millis().to_string();
                if k == 0 || client != format!("service-{}", mixed(u64::from(n) * 2) % u64::from(self.clients.max(1))) {
                    consents.row(&[&id, &client, "openid profile", &at, "1", "agreed"])?;
                }
            }
            let session =
                Uuid::from_u128(u128::from(mixed(u64::from(n) + (1 << 40))) << 32 | u128::from(n)).to_string();
            let digest = bytes(Secret::presented(format!("session {n}")).digest().as_bytes());
            sessions.row(&[
                &session,
                &digest,
                &id,
                &registered,
                "pwd",
                &registered,
                "Chrome, Android",
                &registered,
                "expired",
                "t",
            ])?;
        }
        for table in [accounts, words, numbers, consents, sessions] {
            table.close()?;
        }
        Ok(())
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("values of ours have text for keys")
}
