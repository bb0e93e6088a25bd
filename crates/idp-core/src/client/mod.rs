//! A client: a service that signs its users in here.

mod about;
mod again;
mod answers;
mod assertion;
mod authentication;
mod dynamic;
mod events;
mod key_source;
mod legacy;
mod life;
mod logo;
mod logout;
pub mod metadata;
mod outgoing_uri;
mod redirect_uri;
mod registration;
mod requests;
mod trial;
mod unused;
mod weakness;

pub use about::{About, AboutDraft, AboutError, WebUri};
pub use answers::Answers;
pub use assertion::{
    ASSERTION_TYPE, AssertionClaims, AssertionRefusal, Expected, OneUse, is_assertion_type, judge_assertion,
};
pub use authentication::{
    ClientAuthentication, ClientSecret, MOST_SECRETS, Presented, Refusal, RotationRefusal, SECRET_OVERLAP, authenticate,
};
pub use dynamic::{PolicyError, RegistrationPolicy, RegistrationToken, SelfManagement};
pub use events::{EventFeed, EventFeedDraft, EventFeedError, EventKind};
pub use key_source::{KeySource, KeySourceError};
pub use legacy::{LEGACY_ACCESS_TOKEN, LEGACY_AUTHORIZE, Legacy, LegacyError, LegacyTerms, LegacyUse};
pub use life::{ClientStatus, LifeRefusal, LifeStep};
pub use logo::LogoName;
pub use logout::{FrontChannelUri, LogoutChannels, LogoutDraft, LogoutUriError};
pub use outgoing_uri::{OutgoingUri, OutgoingUriError};
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use registration::{ClientDraft, DraftError};
pub use requests::RequestPolicy;
pub use trial::{Apart, NoTrial, TRIAL_LIFETIME, Trial, TrialOrder};
pub use unused::{is_unused, night};
pub use weakness::{SECRET_AGE, Weakness};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::admin::Department;
use crate::id::ClientId;
use crate::jose::Algorithm;
use crate::resource::{Resource, ResourceAccess};
use crate::scope::ScopeSet;
use crate::session::Acr;

/// What kind of program the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// A program on a server that can keep a secret.
    Web,
    /// A page in a browser: no secret.
    SinglePage,
    /// A program on the user's own device: no secret, loopback or private-use redirect URIs (RFC 8252).
    Native,
}

/// Who may sign in to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MembershipPolicy {
    /// Temporary and permanent members.
    Anyone,
    /// Permanent members only; a temporary one is led through verification.
    PermanentOnly,
}

/// Whether the member is asked before data goes to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentPolicy {
    /// Asked once, remembered, withdrawable.
    Ask,
    /// The ministry's own service: not asked (the 13-digit number is asked for all the same).
    FirstParty,
}

/// What the client's `sub` is (OpenID Connect Core §8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectType {
    /// Another one in every sector.
    Pairwise {
        /// The host name that makes the sector.
        sector: String,
    },
    /// The same for all clients of this kind.
    Public,
}

/// Whether PKCE (RFC 7636) must be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PkcePolicy {
    /// A request without an S256 challenge is refused.
    #[default]
    Required,
    /// A confidential client may do without when it sends a nonce.
    Optional,
    /// A confidential client may send neither: nothing protects its codes but its own secret. For the plainest client of
    /// the certification suite, and for libraries that know neither.
    NotAsked,
}

/// A grant type the client may use at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 8628 §3.4.
    DeviceCode,
}

impl GrantType {
    /// Every grant type, as discovery lists them.
    pub const ALL: [Self; 4] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::DeviceCode];

    /// The `grant_type` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }

    /// Reads [`GrantType::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }
}

/// A name or sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    /// Thai.
    pub th: String,
    /// English.
    pub en: String,
}

/// The officials who answer for a client, by their work mailboxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stewards {
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who stands in.
    pub deputy: Option<String>,
}

/// A registered client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// `client_id`.
    pub id: ClientId,
    /// The name people read.
    pub name: Bilingual,
    /// The department that answers for it.
    pub owner: Bilingual,
    /// What the data is asked for, completing "…to".
    pub purpose: Bilingual,
    /// What kind of program it is.
    pub kind: ClientKind,
    /// How it proves who it is at the token endpoint.
    pub authentication: ClientAuthentication,
    /// Exact redirect URIs.
    pub redirect_uris: Vec<RedirectUri>,
    /// Exact URIs to return to after sign-out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Grant types it may use.
    pub grant_types: Vec<GrantType>,
    /// Scopes it may ask for.
    pub scopes: ScopeSet,
    /// Who may sign in.
    pub membership: MembershipPolicy,
    /// Whether members are asked.
    pub consent: ConsentPolicy,
    /// What `sub` it gets.
    pub subject: SubjectType,
    /// Whether PKCE must be used.
    pub pkce: PkcePolicy,
    /// `id_token_signed_response_alg`.
    pub id_token_algorithm: Algorithm,
    /// In which form its authorization requests must come.
    #[serde(default)]
    pub requests: RequestPolicy,
    /// What it receives looks like.
    #[serde(default)]
    pub answers: Answers,
    /// The level that every sign-in to it must reach; `None` when any will do.
    #[serde(default)]
    pub least_acr: Option<Acr>,
    /// Where its public keys are.
    #[serde(default)]
    pub keys: KeySource,
    /// What it is to others that ask for tokens to it.
    #[serde(default)]
    pub resource: Option<Resource>,
    /// The resources it may ask for tokens to.
    #[serde(default)]
    pub resources: Vec<ResourceAccess>,
    /// `dpop_bound_access_tokens`: no token without a proof of possession (RFC 9449 §5.2).
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// How it hears that a session is over.
    #[serde(default)]
    pub logout: LogoutChannels,
    /// What it is told of its members, and how.
    #[serde(default)]
    pub events: EventFeed,
    /// Pages of its own, and whom to ask.
    #[serde(default)]
    pub about: About,
    /// The logo that pages show, drawn by us: fetched from `logo_uri`, or handed over by an administrator.
    #[serde(default)]
    pub logo: Option<LogoName>,
    /// `sector_identifier_uri`: its host is the sector, and what it lists held all redirect URIs when it was registered.
    #[serde(default)]
    pub sector_identifier_uri: Option<OutgoingUri>,
    /// The department whose client admins look after it; `None`: super admins alone.
    #[serde(default)]
    pub department: Option<Department>,
    /// Whether it may still speak the dialect of the system before this one.
    #[serde(default)]
    pub legacy: Option<Legacy>,
    /// How a client that registered itself is managed; `None` for those that an administrator registered.
    #[serde(default)]
    pub managed: Option<SelfManagement>,
    /// What it is the trial of; `None` for every registered client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// Where it stands in its life.
    pub status: ClientStatus,
    /// What members read while it is suspended: why, and what to do meanwhile.
    #[serde(default)]
    pub notice: Option<Bilingual>,
    /// The official who answers for it, and a deputy.
    #[serde(default)]
    pub stewards: Stewards,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Client {
    /// Whether it has no means to keep a secret.
    pub fn is_public(&self) -> bool {
        matches!(self.authentication, ClientAuthentication::None)
    }

    /// Whether it is known who receives what is sent to its redirect URIs: a site, or an app that owns an https link. Behind
    /// a custom scheme or a loopback port may be any app of the device (RFC 8252 §8.6).
    pub fn is_assured(&self) -> bool {
        self.kind != ClientKind::Native || self.redirect_uris.iter().all(|uri| uri.as_str().starts_with("https://"))
    }

    /// Whether its refresh tokens stay as they are: what it is given is bound to its key, and it proves itself besides.
    pub fn keeps_refresh_tokens(&self) -> bool {
        self.dpop_bound_access_tokens && !self.is_public()
    }

    /// Whether it may use `grant`.
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The registered redirect URI that `presented` is, byte for byte.
    ///
    /// RFC 9700 §4.1.3: exact string match; only the port may vary, for a native client's loopback address.
    pub fn allows_redirect(&self, presented: &str) -> bool {
        self.redirect_uris.iter().any(|uri| uri.admits(presented, self.kind == ClientKind::Native))
    }

    /// The same for the way back after sign-out.
    pub fn allows_post_logout_redirect(&self, presented: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|uri| uri.admits(presented, self.kind == ClientKind::Native))
    }
}
