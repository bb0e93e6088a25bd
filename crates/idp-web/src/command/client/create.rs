//! `idp client create`: a client from the words of the command line.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use idp_core::admin::Department;
use idp_core::client::{Bilingual, ClientDraft, ClientKind, ConsentPolicy, MembershipPolicy, PkcePolicy, Stewards};
use idp_core::id::ClientId;
use idp_core::jose::Algorithm;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::session::Acr;
use idp_store::Store;
use serde_json::Value;

use super::resource::resource_and_scopes;
use super::{about, at_the_desk, legacy, logout, operator, refused, signing_algorithm};
use crate::clients::Registered;
use crate::clients::judge::without_number;
use crate::clients::settings::new_draft;
use crate::command::client_forms::Forms;
use crate::command::{Failure, shown};
use crate::config::Config;
use crate::time::SystemChance;

/// The kind of program, as it is typed.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
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

/// What a client is to be.
#[derive(clap::Args)]
pub(super) struct Create {
    /// The client_id; made up when left out.
    #[arg(long)]
    id: Option<String>,
    /// The name that members read, in Thai.
    #[arg(long)]
    name_th: String,
    /// The name that members read, in English.
    #[arg(long)]
    name_en: String,
    /// The word of the department that answers for it: ops, dft, dit, dtn, dip, dbd, ditp, tpso, git, sacit or another. Its
    /// client admins look after the client in the console.
    #[arg(long, value_name = "WORD", value_parser = Department::parse)]
    department: Option<Department>,
    /// The department's name in Thai; those named at --department have one.
    #[arg(long, requires = "owner_en")]
    owner_th: Option<String>,
    /// The department's name in English.
    #[arg(long, requires = "owner_th")]
    owner_en: Option<String>,
    /// Mailbox of the official who answers for it; needed but for the demonstration.
    #[arg(long, value_name = "ADDRESS")]
    owner_email: Option<String>,
    /// Mailbox of the official who stands in.
    #[arg(long, value_name = "ADDRESS")]
    deputy_email: Option<String>,
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
    pub(super) about: about::AboutFlags,
    /// Also lets it speak the dialect of the system before this one, up to and with this day in Bangkok. A weakness: no
    /// state, no PKCE.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = legacy::day_end)]
    legacy_until: Option<DateTime<Utc>>,
    /// Puts it to use at once. Without it the client is a draft, with which nobody signs in, until `idp client enable`; in the
    /// demonstration none waits.
    #[arg(long)]
    pub(super) activate: bool,
}

impl Create {
    /// In the demonstration nobody waits for an official.
    pub(super) fn complete_for_the_demo(&mut self) {
        self.activate = true;
        self.owner_email.get_or_insert_with(|| "official@mail.example".to_owned());
    }
}

/// Registers a client; `true` when it is to have citizen_id, which takes two people in the console: whoever sits at the
/// command line is nobody whom the program knows.
pub(super) async fn register(store: &Store, config: &Config, create: Create) -> Result<(Registered, bool), Failure> {
    let id = match &create.id {
        Some(text) => ClientId::parse(text).ok_or_else(|| {
            Failure::usage("--id: 1 to 64 letters, digits, dots, dashes and underscores, and not 43".to_owned())
        })?,
        None => ClientId::make(&SystemChance),
    };
    let unknown: Vec<&str> = create.scope.split_whitespace().filter(|token| Scope::parse(token).is_none()).collect();
    if !unknown.is_empty() {
        return Err(Failure::usage(format!("--scope: no such scope: {}", unknown.join(", "))));
    }
    let owner = match (create.owner_th, create.owner_en, create.department.as_ref().and_then(Department::names)) {
        (Some(th), Some(en), _) => Bilingual { th, en },
        (_, _, Some((th, en))) => Bilingual { th: th.to_owned(), en: en.to_owned() },
        _ => return Err(Failure::usage("--department of a known department, or --owner-th and --owner-en".to_owned())),
    };
    let kind = ClientKind::from(create.kind);
    let default_method = if kind == ClientKind::Web { "client_secret_basic" } else { "none" };
    let draft = ClientDraft {
        name: Bilingual { th: create.name_th, en: create.name_en },
        owner,
        department: create.department,
        stewards: Stewards { owner: create.owner_email, deputy: create.deputy_email },
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
        ..new_draft(id.clone())
    };
    let (draft, number) = without_number(draft);
    let at = at_the_desk(store, config).await?;
    let made = at.desk().register(&operator(), draft, &|_| None).await.map_err(|why| refused(id.as_str(), why))?;
    Ok((made, number))
}

fn assertion_algorithm(text: &str) -> Result<Algorithm, Failure> {
    Algorithm::from_client(text)
        .ok_or_else(|| Failure::usage("--assertion-alg: RS256, PS256, ES256 or EdDSA".to_owned()))
}

fn read_jwks(file: &Path) -> Result<Value, Failure> {
    let text = std::fs::read(file)
        .map_err(|error| Failure::unavailable(format!("--jwks: {} cannot be read: {error}", shown(file))))?;
    serde_json::from_slice(&text).map_err(|_| Failure::refused(format!("--jwks: {} is not JSON", shown(file))))
}

/// The last word of a level's name is enough.
fn least_acr(text: &str) -> Result<Acr, String> {
    match text {
        "aal1" => Ok(Acr::Aal1),
        "aal2" => Ok(Acr::Aal2),
        _ => Acr::parse(text).ok_or_else(|| "aal1 or aal2".to_owned()),
    }
}
