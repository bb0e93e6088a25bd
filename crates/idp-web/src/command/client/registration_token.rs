//! `idp client registration-token`: initial access tokens (RFC 7591 §3), bounded by what they may register.

use chrono::TimeDelta;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::client::{Bilingual, ClientKind, PkcePolicy, RegistrationPolicy, RegistrationToken};
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;
use idp_store::Store;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Failure, print, say};
use super::create::Kind;
use crate::config::Config;
use crate::time::{Clock as _, SystemChance, SystemClock};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Makes a token and prints it, once. Whoever holds it registers clients within these bounds and no others.
    Create(Box<Create>),
    /// Lists the tokens.
    List,
    /// Withdraws a token; what was registered with it stays.
    Revoke {
        /// Its id, as `list` shows it.
        id: String,
    },
}

#[derive(clap::Args)]
pub(super) struct Create {
    /// Host that redirect URIs may have, exactly as written; repeat it for more.
    #[arg(long = "redirect-host", required = true)]
    redirect_hosts: Vec<String>,
    /// Scopes that may be asked for.
    #[arg(long, default_value = "openid membership profile email")]
    scope: String,
    /// Kinds of program that may be registered; repeat it for more.
    #[arg(long = "kind", value_enum, default_value = "web")]
    kinds: Vec<Kind>,
    /// The department that answers for what is registered, in Thai: members read it.
    #[arg(long)]
    owner_th: String,
    /// The department that answers for what is registered, in English.
    #[arg(long)]
    owner_en: String,
    /// What the data is asked for, in Thai: it completes "…เพื่อ".
    #[arg(long)]
    purpose_th: String,
    /// What the data is asked for, in English: it completes "…to".
    #[arg(long)]
    purpose_en: String,
    /// Lets those with a secret or keys do without PKCE when they send a nonce. A weakness: for old libraries only.
    #[arg(long)]
    pkce_optional: bool,
    /// Takes assertions made for the token endpoint's URL as well from them. A weakness: for old libraries only.
    #[arg(long)]
    assertion_to_token_endpoint: bool,
    /// How many clients may be registered with it.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    uses: u32,
    /// How long it is good, in hours.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8784))]
    hours: u32,
}

pub(super) async fn run(store: &Store, config: &Config, command: Command, json: bool) -> Result<(), Failure> {
    match command {
        Command::Create(create) => {
            let (token, secret) = make(store, *create).await?;
            let mut shape = shape(&token);
            shape["initial_access_token"] = json!(secret.reveal());
            if json {
                print(&shape);
                return Ok(());
            }
            say(format!("{}\n\nIt is shown this once; good until {}.", secret.reveal(), token.expires_at.to_rfc3339()));
            if !config.clients.registration {
                say("Registration is switched off: set clients.registration to true.");
            }
            Ok(())
        }
        Command::List => {
            let tokens = store.registration_tokens().await?;
            if json {
                print(&tokens.iter().map(shape).collect::<Vec<_>>());
                return Ok(());
            }
            let now = SystemClock.now();
            for token in tokens {
                let state = if token.is_good(now) { "good" } else { "over" };
                let (hosts, until) = (token.policy.redirect_hosts.join(","), token.expires_at.to_rfc3339());
                say(format!("{}  {state}  {} uses left, until {until}  {hosts}", token.id, token.uses_left));
            }
            Ok(())
        }
        Command::Revoke { id } => {
            let missing = || Failure::missing(format!("there is no token {id} to withdraw"));
            let parsed = Uuid::try_parse(&id).map_err(|_| missing())?;
            let now = SystemClock.now();
            let event = AuditEvent::new(now, Actor::Operator, Action::RegistrationTokenRevoked)
                .detail(json!({ "registration_token": parsed }));
            if !store.revoke_registration_token(parsed, now, &[event]).await? {
                return Err(missing());
            }
            match json {
                true => print(&json!({ "id": parsed, "revoked_at": now })),
                false => say("the token is good no longer"),
            }
            Ok(())
        }
    }
}

async fn make(store: &Store, create: Create) -> Result<(RegistrationToken, Secret), Failure> {
    let unknown: Vec<&str> = create.scope.split_whitespace().filter(|token| Scope::parse(token).is_none()).collect();
    if !unknown.is_empty() {
        return Err(Failure::usage(format!("--scope: no such scope: {}", unknown.join(", "))));
    }
    // There are no patterns: a star would be a name that nobody has.
    let is_host =
        |host: &String| !host.contains('*') && url::Host::parse(host).is_ok_and(|parsed| parsed.to_string() == *host);
    if let Some(host) = create.redirect_hosts.iter().find(|host| !is_host(host)) {
        return Err(Failure::usage(format!("--redirect-host: {host} is not a host such as service.example")));
    }
    let now = SystemClock.now();
    let secret = Secret::make(&SystemChance);
    let mut bytes = [0; 16];
    idp_core::chance::Chance::fill(&SystemChance, &mut bytes);
    let token = RegistrationToken {
        id: uuid::Builder::from_random_bytes(bytes).into_uuid(),
        digest: secret.digest(),
        policy: RegistrationPolicy {
            least_acr: None,
            redirect_hosts: create.redirect_hosts,
            scopes: create.scope.split_whitespace().filter_map(Scope::parse).collect::<ScopeSet>(),
            kinds: create.kinds.into_iter().map(ClientKind::from).collect(),
            owner: Bilingual { th: create.owner_th, en: create.owner_en },
            purpose: Bilingual { th: create.purpose_th, en: create.purpose_en },
            pkce: if create.pkce_optional { PkcePolicy::Optional } else { PkcePolicy::Required },
            assertion_to_token_endpoint: create.assertion_to_token_endpoint,
        },
        uses_left: create.uses,
        created_at: now,
        expires_at: now + TimeDelta::hours(create.hours.into()),
        revoked_at: None,
    };
    let event = AuditEvent::new(now, Actor::Operator, Action::RegistrationTokenMade)
        .detail(json!({ "registration_token": token.id, "hosts": token.policy.redirect_hosts }));
    store.insert_registration_token(&token, &[event]).await?;
    Ok((token, secret))
}

fn shape(token: &RegistrationToken) -> Value {
    json!({
        "id": token.id,
        "policy": token.policy,
        "uses_left": token.uses_left,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    })
}
