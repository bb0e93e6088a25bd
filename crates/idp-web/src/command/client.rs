//! `idp client`: the console's deeds for clients, by the same functions, written down in an operator's name.

mod about;
mod desk;
mod legacy;
mod logout;
mod registration_token;
mod resource;
mod show;
mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use idp_core::admin::ApprovalKind;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::client::{
    Bilingual, Client, ClientDraft, ClientKind, ClientStatus, ConsentPolicy, LifeStep, MembershipPolicy, PkcePolicy,
    SECRET_OVERLAP,
};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, KeyState};
use idp_core::resource::Misfit;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::session::Acr;
use idp_store::{Store, StoredKey};
use serde_json::Value;

use self::resource::resource_and_scopes;
use self::show::{print_json, shape, show, status};
use super::client_forms::Forms;
use super::{Configured, Failure, say, shown};
use crate::clients::judge::without_number;
use crate::clients::{ClientDesk, Fault, Hand, Refused, Registered};
use crate::config::Config;
use crate::time::{Clock as _, SystemChance, SystemClock};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    /// As JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLE: &str = "\
Example:
  idp client create --name-th 'ระบบกิจกรรม' --name-en 'Activities' --owner-th 'กรมตัวอย่าง' --owner-en 'Sample Department' \
    --purpose-th 'ลงทะเบียนกิจกรรม' --purpose-en 'register for activities' --redirect-uri https://service.example/callback";

const IMPORT_EXAMPLE: &str = "\
Example:
  idp client export > clients.toml           edit, have it reviewed
  idp client import --dry-run clients.toml   - and + lines: what would change
  idp client import clients.toml             prints the secret of each new client, once; new clients begin as drafts";

#[derive(Subcommand)]
enum Command {
    /// Registers a client and prints its secret, once.
    #[command(after_help = EXAMPLE)]
    Create(Box<Create>),
    /// Lists all clients.
    List,
    /// Shows one client.
    Show {
        /// The client_id.
        client_id: String,
    },
    /// Tokens with which programs register themselves (RFC 7591); clients.registration must be on.
    RegistrationToken {
        #[command(subcommand)]
        command: registration_token::Command,
    },
    /// Lists notices of sign-out that a client with a backchannel_logout_uri did not take: waiting, or given up.
    Notices {
        /// Only those of this client_id.
        client_id: Option<String>,
    },
    /// Lets a client speak the dialect of the system before this one for a while, or no longer.
    Legacy {
        /// The client_id.
        client_id: String,
        /// Up to and with this day in Bangkok.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = legacy::day_end, required_unless_present = "off")]
        until: Option<DateTime<Utc>>,
        /// No longer.
        #[arg(long, conflicts_with = "until")]
        off: bool,
    },
    /// Puts a picture in the place of a client's logo, or takes the logo away.
    Logo {
        /// The client_id.
        client_id: String,
        /// A PNG or JPEG of at most 512 KiB and 4096 by 4096 pixels.
        #[arg(required_unless_present = "off")]
        file: Option<PathBuf>,
        /// No logo.
        #[arg(long, conflicts_with = "file")]
        off: bool,
    },
    /// Writes clients as TOML, for review and for another installation; secrets are never in it.
    Export {
        /// Only these client_ids; all that are not retired when left out.
        client_ids: Vec<String>,
    },
    /// Registers and changes clients as a file of `export` says; doing it twice changes nothing the second time.
    #[command(after_help = IMPORT_EXAMPLE)]
    Import {
        /// The file.
        file: PathBuf,
        /// Only shows what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Ends the secret before the last rotation at once, before its 24 hours are over.
    RevokeSecret {
        /// The client_id.
        client_id: String,
    },
    /// Makes a new secret and prints it, once; the old one works for another 24 hours.
    RotateSecret {
        /// The client_id.
        client_id: String,
    },
    /// Switches a client off: nobody signs in, no token is given or accepted.
    Disable {
        /// The client_id.
        client_id: String,
    },
    /// Switches a client on again.
    Enable {
        /// The client_id.
        client_id: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// A program on a server that can keep a secret.
    Web,
    /// A page in a browser, without a secret.
    SinglePage,
    /// An app on the user's own device, without a secret.
    Native,
}

impl From<Kind> for ClientKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Web => Self::Web,
            Kind::SinglePage => Self::SinglePage,
            Kind::Native => Self::Native,
        }
    }
}

#[derive(clap::Args)]
struct Create {
    /// The client_id; made up when left out.
    #[arg(long)]
    id: Option<String>,
    /// The name that members read, in Thai.
    #[arg(long)]
    name_th: String,
    /// The name that members read, in English.
    #[arg(long)]
    name_en: String,
    /// The department that answers for it, in Thai.
    #[arg(long)]
    owner_th: String,
    /// The department that answers for it, in English.
    #[arg(long)]
    owner_en: String,
    /// What the data is asked for, in Thai: it completes "…เพื่อ".
    #[arg(long)]
    purpose_th: String,
    /// What the data is asked for, in English: it completes "…to".
    #[arg(long)]
    purpose_en: String,
    /// The kind of program.
    #[arg(long, value_enum, default_value = "web")]
    kind: Kind,
    /// How it proves who it is: client_secret_basic, client_secret_post, private_key_jwt (with --jwks or --jwks-uri), or
    /// none for programs without a secret.
    #[arg(long, visible_alias = "authentication")]
    auth_method: Option<String>,
    /// Exact redirect URI; repeat it for more. A client that serves devices alone, acts as itself or is a resource needs none.
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    /// Exact URI to return to after sign-out; repeat it for more.
    #[arg(long = "post-logout-redirect-uri")]
    post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    #[arg(long, default_value = "openid membership profile email")]
    scope: String,
    /// Gives no refresh tokens.
    #[arg(long)]
    no_refresh_tokens: bool,
    /// Permanent members only; temporary ones are led through verification.
    #[arg(long)]
    permanent_only: bool,
    /// The level every sign-in to it must reach: aal2 asks each member for a second factor.
    #[arg(long, value_name = "LEVEL", value_parser = least_acr)]
    require_acr: Option<Acr>,
    /// The ministry's own service: members are not asked for consent (but for the 13-digit number).
    #[arg(long)]
    first_party: bool,
    /// The same sub for every client set so, instead of a pairwise one. A weakness: services can match their members.
    #[arg(long)]
    public_subject: bool,
    /// Lets a confidential client do without PKCE when it sends a nonce. A weakness: for old libraries only.
    #[arg(long)]
    pkce_optional: bool,
    /// Lets a confidential client do without PKCE and without a nonce: nothing protects its codes but its secret. A weakness:
    /// for the certification suite, and for libraries that know neither.
    #[arg(long, conflicts_with = "pkce_optional")]
    nonce_optional: bool,
    /// How ID tokens are signed: ES256, RS256 for old libraries, PS256 or EdDSA (`idp keys add` makes a key for these).
    #[arg(long, default_value = "ES256")]
    id_token_alg: String,
    #[command(flatten)]
    forms: Forms,
    /// Lets it ask for tokens as itself, without a member, to the resources of --may-call.
    #[arg(long)]
    client_credentials: bool,
    /// A resource it may ask for, and the scopes of it: `https://api.example.go.th trade:read`. Repeat it for more.
    #[arg(long = "may-call", value_name = "URI SCOPES")]
    may_call: Vec<String>,
    /// Makes it a resource that others may ask for, named by this URI; it may ask about their tokens at /introspect.
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// A scope that it knows as a resource; repeat it for more.
    #[arg(long = "resource-scope", value_name = "SCOPE", requires = "resource")]
    resource_scopes: Vec<String>,
    /// Lets it sign members in who use a telephone or computer for a device without keyboard (RFC 8628).
    #[arg(long)]
    device: bool,
    /// Gives it no token without a proof of possession of a key (DPoP, RFC 9449).
    #[arg(long)]
    dpop: bool,
    /// The one algorithm its assertions are signed with (private_key_jwt): RS256, PS256, ES256 or EdDSA. Any, when left out.
    #[arg(long)]
    assertion_alg: Option<String>,
    /// Takes assertions made for the token endpoint's URL as well, alone or beside the issuer. A weakness: for old libraries only.
    #[arg(long)]
    assertion_to_token_endpoint: bool,
    /// File with the client's public keys: a JWKS document, RSA from 2048 bits, EC on P-256, or Ed25519.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Address of the client's public keys, https: it can then change them by itself.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    #[command(flatten)]
    logout: logout::LogoutFlags,
    #[command(flatten)]
    about: about::AboutFlags,
    /// Also lets it speak the dialect of the system before this one, up to and with this day in Bangkok. A weakness: no
    /// state, no PKCE.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = legacy::day_end)]
    legacy_until: Option<DateTime<Utc>>,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = arguments.configured.load()?;
    let store = arguments.configured.open_store().await?;
    let done = act(&store, &config, arguments.command, arguments.json).await;
    store.close().await;
    done
}

async fn act(store: &Store, config: &Config, command: Command, json: bool) -> Result<(), Failure> {
    match command {
        Command::Create(create) => {
            let logo = match &create.about.logo {
                Some(file) => Some(about::read_logo(file).await?),
                None => None,
            };
            let (made, asked) = register(store, config, *create).await?;
            let Registered { mut client, secret } = made;
            if logo.is_some() {
                client = about::keep_logo(store, &client, logo).await?;
            }
            show(&client, secret.as_ref(), json)?;
            if asked && !json {
                say("\ncitizen_id is not given yet: a second person decides, in the console under approvals.");
            }
            Ok(())
        }
        Command::List => {
            let clients = store.clients().await?;
            if json {
                return print_json(&Value::Array(clients.iter().map(|client| shape(client, None)).collect()));
            }
            for client in clients {
                let warning = legacy::warning(&client, SystemClock.now()).unwrap_or_default();
                say(format!("{:24} {:10} {}{warning}", client.id, status(&client), client.name.en));
            }
            Ok(())
        }
        Command::Show { client_id } => {
            let client = find(store, &client_id).await?;
            show(&client, None, json)?;
            if let (false, Some(warning)) = (json, legacy::warning(&client, SystemClock.now())) {
                say(format!("\nWarning:{warning}"));
            }
            if json { Ok(()) } else { logout::warn_of_open(store, &client).await }
        }
        Command::Legacy { client_id, until, off: _ } => {
            let client = find(store, &client_id).await?;
            let legacy = until.map(|until| legacy::allowed(&client, until)).transpose()?;
            let next = Client { legacy, ..(*client).clone() };
            show(&replace(store, &client, next, Action::ClientChanged).await?, None, json)
        }
        Command::RegistrationToken { command } => registration_token::run(store, config, command, json).await,
        Command::Notices { client_id } => {
            let client = match client_id {
                Some(id) => Some(find(store, &id).await?),
                None => None,
            };
            logout::list(store, client.as_deref(), json).await
        }
        Command::Logo { client_id, file, off: _ } => {
            let client = find(store, &client_id).await?;
            let picture = match file {
                Some(file) => Some(about::read_logo(&file).await?),
                None => None,
            };
            show(&about::keep_logo(store, &client, picture).await?, None, json)
        }
        Command::Export { client_ids } => text::export(store, &client_ids, json).await,
        Command::Import { file, dry_run } => text::import(store, config, &file, dry_run, json).await,
        Command::RevokeSecret { client_id } => {
            let client = find(store, &client_id).await?;
            let done = at_the_desk(store, config).await?.desk().revoke_older(&operator(), &client).await;
            show(&done.map_err(|why| refused(&client_id, why))?, None, json)
        }
        Command::RotateSecret { client_id } => {
            let client = find(store, &client_id).await?;
            let done = at_the_desk(store, config).await?.desk().rotate(&operator(), &client).await;
            let made = done.map_err(|why| match why {
                Refused::NoSecret if client.is_public() => {
                    Failure(format!("{client_id} is a public client: it has no secret"))
                }
                Refused::NoSecret => Failure(format!("{client_id} authenticates with its keys: it has no secret")),
                other => refused(&client_id, other),
            })?;
            if !json {
                say(format!("the old secret works for another {} hours", SECRET_OVERLAP.num_hours()));
            }
            show(&made.client, made.secret.as_ref(), json)
        }
        Command::Disable { client_id } => {
            let client = find(store, &client_id).await?;
            let step = (client.status != ClientStatus::Suspended).then_some(LifeStep::Suspend);
            show(&stepped(store, config, &client, step).await?, None, json)
        }
        Command::Enable { client_id } => {
            let client = find(store, &client_id).await?;
            let step = match client.status {
                ClientStatus::Active => None,
                ClientStatus::Draft => Some(LifeStep::Activate),
                ClientStatus::Suspended | ClientStatus::Retired => Some(LifeStep::Resume),
            };
            show(&stepped(store, config, &client, step).await?, None, json)
        }
    }
}

/// What a desk at the command line rests on.
struct AtTheDesk<'a> {
    store: &'a Store,
    config: &'a Config,
    signs: Box<dyn Fn(Algorithm) -> bool + Send + Sync>,
}

impl AtTheDesk<'_> {
    fn desk(&self) -> ClientDesk<'_> {
        ClientDesk { store: self.store, chance: &SystemChance, config: self.config, signs: &*self.signs }
    }
}

async fn at_the_desk<'a>(store: &'a Store, config: &'a Config) -> Result<AtTheDesk<'a>, Failure> {
    let signing = desk::signing(store).await?;
    Ok(AtTheDesk { store, config, signs: Box::new(move |algorithm| signing.contains(&algorithm)) })
}

fn operator() -> Hand {
    Hand::operator(SystemClock.now())
}

fn refused(client_id: &str, why: Refused) -> Failure {
    match why {
        Refused::Faults(faults) => {
            if let ([fault], Some(flag)) = (faults.as_slice(), faults.first().and_then(flag)) {
                return Failure(format!("{flag}: {fault}"));
            }
            let line = |fault: &Fault| flag(fault).map_or_else(|| fault.to_string(), |flag| format!("{flag}: {fault}"));
            let lines: Vec<String> = faults.iter().map(line).collect();
            Failure(format!("the client was not registered:\n  {}", lines.join("\n  ")))
        }
        Refused::IdTaken => Failure(format!("there is a client {client_id} already; choose another --id")),
        Refused::Overtaken => Failure(format!("{client_id} was changed by somebody else meanwhile; look again")),
        other => Failure(format!("{client_id}: {other}")),
    }
}

/// The flag that a fault is about, where its text does not say it.
fn flag(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::PlainBackchannel => Some("--backchannel-logout-uri"),
        Fault::PlainKeys => Some("--jwks-uri"),
        Fault::Misfit(Misfit::Taken(_)) => Some("--resource"),
        Fault::Misfit(_) => Some("--may-call"),
        _ => None,
    }
}

async fn stepped(store: &Store, config: &Config, client: &Client, step: Option<LifeStep>) -> Result<Client, Failure> {
    let Some(step) = step else { return Ok(client.clone()) };
    let done = at_the_desk(store, config).await?.desk().step(&operator(), client, step, None).await;
    done.map_err(|why| refused(client.id.as_str(), why))
}

/// Asks a second person for the 13-digit number, as everywhere.
async fn ask_number(desk: &ClientDesk<'_>, by: &Hand, client_id: &str) -> Result<(), Failure> {
    let client = find(desk.store, client_id).await?;
    let asked = (ApprovalKind::ClientCitizenId, "asked for by an operator at the command line");
    match desk.ask(by, text::OPERATOR, &client, asked, &|_| None).await {
        Ok(_) | Err(Refused::Waiting) => Ok(()),
        Err(why) => Err(refused(client_id, why)),
    }
}

/// Registers a client; `true` when a second person was asked for its citizen_id.
async fn register(store: &Store, config: &Config, create: Create) -> Result<(Registered, bool), Failure> {
    let id = match &create.id {
        Some(text) => ClientId::parse(text).ok_or_else(|| {
            Failure("--id: 1 to 64 letters, digits, dots, dashes and underscores, and not 43".to_owned())
        })?,
        None => ClientId::make(&SystemChance),
    };
    let unknown: Vec<&str> = create.scope.split_whitespace().filter(|token| Scope::parse(token).is_none()).collect();
    if !unknown.is_empty() {
        return Err(Failure(format!("--scope: no such scope: {}", unknown.join(", "))));
    }
    let kind = ClientKind::from(create.kind);
    let default_method = if kind == ClientKind::Web { "client_secret_basic" } else { "none" };
    let draft = ClientDraft {
        name: Bilingual { th: create.name_th, en: create.name_en },
        owner: Bilingual { th: create.owner_th, en: create.owner_en },
        purpose: Bilingual { th: create.purpose_th, en: create.purpose_en },
        kind,
        authentication_method: create.auth_method.unwrap_or_else(|| default_method.to_owned()),
        redirect_uris: create.redirect_uris,
        post_logout_redirect_uris: create.post_logout_redirect_uris,
        scopes: create.scope.split_whitespace().filter_map(Scope::parse).collect::<ScopeSet>(),
        refresh_tokens: !create.no_refresh_tokens,
        membership: if create.permanent_only { MembershipPolicy::PermanentOnly } else { MembershipPolicy::Anyone },
        least_acr: create.require_acr,
        consent: if create.first_party { ConsentPolicy::FirstParty } else { ConsentPolicy::Ask },
        public_subject: create.public_subject,
        pkce: match (create.pkce_optional, create.nonce_optional) {
            (_, true) => PkcePolicy::NotAsked,
            (true, false) => PkcePolicy::Optional,
            (false, false) => PkcePolicy::Required,
        },
        id_token_algorithm: signing_algorithm(store, "--id-token-alg", &create.id_token_alg).await?,
        client_credentials: create.client_credentials,
        device: create.device,
        resource: create.resource.map(|identifier| (identifier, create.resource_scopes)),
        resources: create.may_call.iter().map(|text| resource_and_scopes(text)).collect(),
        dpop_bound_access_tokens: create.dpop,
        assertion_algorithm: create.assertion_alg.as_deref().map(assertion_algorithm).transpose()?,
        assertion_to_token_endpoint: create.assertion_to_token_endpoint,
        jwks: create.jwks.as_deref().map(read_jwks).transpose()?,
        jwks_uri: create.jwks_uri,
        requests: create.forms.requests()?,
        answers: create.forms.answers(store).await?,
        logout: create.logout.into_draft(),
        legacy_until: create.legacy_until,
        sector_listed: create.about.sector_listed(config).await?,
        sector_identifier_uri: create.about.sector_identifier_uri.clone(),
        about: create.about.into_draft(),
        ..ClientDraft::new(id.clone())
    };
    let (draft, number) = without_number(draft);
    let at = at_the_desk(store, config).await?;
    let made = at.desk().register(&operator(), draft, &|_| None).await.map_err(|why| refused(id.as_str(), why))?;
    if number {
        ask_number(&at.desk(), &operator(), id.as_str()).await?;
    }
    Ok((made, number))
}

/// An algorithm that tokens can be signed with here: there is a key for it.
pub(super) async fn signing_algorithm(store: &Store, flag: &str, text: &str) -> Result<Algorithm, Failure> {
    let algorithm = Algorithm::parse(text)
        .ok_or_else(|| Failure(format!("{flag}: one of {}", Algorithm::ALL.map(Algorithm::as_str).join(", "))))?;
    let has_key = |key: &StoredKey| key.algorithm == algorithm && key.state == KeyState::Active;
    if Algorithm::ALWAYS.contains(&algorithm) || store.signing_keys().await?.iter().any(has_key) {
        return Ok(algorithm);
    }
    Err(Failure(format!("{flag}: there is no key for {text} yet; make one with `idp keys add {text}`")))
}

fn assertion_algorithm(text: &str) -> Result<Algorithm, Failure> {
    Algorithm::from_client(text).ok_or_else(|| Failure("--assertion-alg: RS256, PS256, ES256 or EdDSA".to_owned()))
}

fn read_jwks(file: &Path) -> Result<Value, Failure> {
    let text =
        std::fs::read(file).map_err(|error| Failure(format!("--jwks: {} cannot be read: {error}", shown(file))))?;
    serde_json::from_slice(&text).map_err(|_| Failure(format!("--jwks: {} is not JSON", shown(file))))
}

async fn find(store: &Store, id: &str) -> Result<Arc<Client>, Failure> {
    let found = match ClientId::parse(id) {
        Some(id) => store.client(&id).await?,
        None => None,
    };
    found.ok_or_else(|| Failure(format!("there is no client {id}; `idp client list` shows all")))
}

async fn replace(store: &Store, old: &Client, next: Client, action: Action) -> Result<Client, Failure> {
    let now = SystemClock.now();
    let next = Client { updated_at: now, ..next };
    let event = AuditEvent::new(now, Actor::Operator, action).client(&next.id);
    match store.replace_client(&next, old.updated_at, &[event]).await? {
        true => Ok(next),
        false => Err(Failure(format!("{} was changed by somebody else meanwhile; look again", next.id))),
    }
}

/// The last word of a level's name is enough.
fn least_acr(text: &str) -> Result<Acr, String> {
    match text {
        "aal1" => Ok(Acr::Aal1),
        "aal2" => Ok(Acr::Aal2),
        _ => Acr::parse(text).ok_or_else(|| "aal1 or aal2".to_owned()),
    }
}
