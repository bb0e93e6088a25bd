//! What somebody asks for when they register a client, and whether it is sound. The console, the API and the command
//! line all come through here.

use chrono::{DateTime, Utc};

use super::{
    About, AboutDraft, AboutError, Answers, Bilingual, Client, ClientAuthentication, ClientKind, ClientSecret,
    ClientStatus, ConsentPolicy, EventFeed, EventFeedDraft, EventFeedError, GrantType, KeySource, KeySourceError,
    Legacy, LegacyError, LegacyTerms, LogoutChannels, LogoutDraft, LogoutUriError, MembershipPolicy, OutgoingUri,
    OutgoingUriError, PkcePolicy, RedirectUri, RedirectUriError, RequestPolicy, Stewards, SubjectType,
};
use crate::admin::Department;
use crate::id::ClientId;
use crate::jose::{Algorithm, ClientKeys};
use crate::resource::{Resource, ResourceAccess, ResourceFault, ResourceScope, ResourceUri};
use crate::scope::{Scope, ScopeSet};
use crate::secret::Secret;
use crate::session::Acr;

/// A client as asked for.
#[derive(Clone, Debug)]
pub struct ClientDraft {
    /// The wished-for `client_id`.
    pub id: ClientId,
    /// The name people read.
    pub name: Bilingual,
    /// The department that answers for it.
    pub owner: Bilingual,
    /// What the data is asked for.
    pub purpose: Bilingual,
    /// The kind of program.
    pub kind: ClientKind,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    pub authentication_method: String,
    /// Redirect URIs as typed.
    pub redirect_uris: Vec<String>,
    /// Post-logout redirect URIs as typed.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    pub scopes: ScopeSet,
    /// Whether it gets refresh tokens.
    pub refresh_tokens: bool,
    /// Who may sign in.
    pub membership: MembershipPolicy,
    /// The level that every sign-in to it must reach.
    pub least_acr: Option<Acr>,
    /// Whether members are asked.
    pub consent: ConsentPolicy,
    /// Give the same `sub` to every public client instead of a pairwise one.
    pub public_subject: bool,
    /// Whether PKCE must be used.
    pub pkce: PkcePolicy,
    /// How ID tokens are signed.
    pub id_token_algorithm: Algorithm,
    /// In which form its authorization requests must come.
    pub requests: RequestPolicy,
    /// What it receives looks like.
    pub answers: Answers,
    /// Whether it may ask for tokens as itself, without a member (RFC 6749 §4.4).
    pub client_credentials: bool,
    /// Whether it signs members in who use another device for it (RFC 8628).
    pub device: bool,
    /// What it is to others: its identifier and the scopes it knows.
    pub resource: Option<(String, Vec<String>)>,
    /// The resources it may ask for, and the scopes of each.
    pub resources: Vec<(String, Vec<String>)>,
    /// `dpop_bound_access_tokens`
    pub dpop_bound_access_tokens: bool,
    /// `token_endpoint_auth_signing_alg`, for `private_key_jwt`.
    pub assertion_algorithm: Option<Algorithm>,
    /// Whether its assertions may name the token endpoint's URL as their audience.
    pub assertion_to_token_endpoint: bool,
    /// `jwks`: its public keys by value.
    pub jwks: Option<serde_json::Value>,
    /// `jwks_uri`: the address of its public keys, as typed.
    pub jwks_uri: Option<String>,
    /// How it wants to hear that a session is over, as typed.
    pub logout: LogoutDraft,
    /// What it wants to be told of its members, as typed.
    pub events: EventFeedDraft,
    /// Pages of its own, and whom to ask, as typed.
    pub about: AboutDraft,
    /// `sector_identifier_uri` as typed.
    pub sector_identifier_uri: Option<String>,
    /// What was found there: the redirect URIs it lists.
    pub sector_listed: Option<Vec<String>>,
    /// The department whose client admins look after it.
    pub department: Option<Department>,
    /// The officials who answer for it.
    pub stewards: Stewards,
    /// Whether it is to wait as a draft before anybody signs in.
    pub as_draft: bool,
    /// Until when it may speak the dialect of the system before this one.
    pub legacy_until: Option<DateTime<Utc>>,
}

/// What is wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// A name is missing.
    #[error("{0} must not be empty and at most 200 characters long, in Thai and in English")]
    Text(&'static str),
    /// No redirect URI.
    #[error("at least one redirect URI is needed, unless the client serves devices, acts as itself, or is a resource")]
    NoRedirectUri,
    /// A redirect URI is refused.
    #[error("redirect URI {uri}: {why}")]
    RedirectUri {
        /// As typed.
        uri: String,
        /// The reason.
        why: RedirectUriError,
    },
    /// An unknown way of authenticating.
    #[error(
        "{0} is not a way to authenticate here; use client_secret_basic, client_secret_post, private_key_jwt or none"
    )]
    Method(String),
    /// A single-page or native program with a secret, or a server without one.
    #[error("a {kind} client cannot use {method}: programs on people's devices keep no secret, servers need one")]
    KindAndMethod {
        /// The kind.
        kind: &'static str,
        /// The method.
        method: String,
    },
    /// A private-use or loopback URI for something that is not a native app.
    #[error("redirect URI {0}: a private-use scheme is for native apps only")]
    NotNative(String),
    /// Public clients always use PKCE.
    #[error("a client without a secret must use PKCE")]
    PublicWithoutPkce,
    /// A public client cannot act as itself.
    #[error("a client without a secret cannot use client_credentials: nobody could tell it from another")]
    PublicMachine,
    /// It would be given tokens to nothing.
    #[error("client_credentials needs a resource that the client may call")]
    NoResource,
    /// A public client as a resource.
    #[error("a resource authenticates when it asks about tokens: it needs a secret or keys")]
    PublicResource,
    /// A resource or a scope of one.
    #[error("{0}: {1}")]
    Resource(String, ResourceFault),
    /// Keys are what it authenticates with.
    #[error("private_key_jwt needs the public keys of the client: jwks or jwks_uri")]
    NoKeys,
    /// Its public keys.
    #[error("{0}")]
    Keys(#[from] KeySourceError),
    /// Something that needs keys, and there are none.
    #[error("{0} needs keys of the client: give jwks or jwks_uri")]
    KeysNeeded(&'static str),
    /// Something is to be encrypted, and no key is fit for it.
    #[error(
        "no key in jwks can be encrypted to with {0}: RSA keys are for RSA-OAEP-256, EC and X25519 keys for ECDH-ES"
    )]
    NoEncryptionKey(&'static str),
    /// Where it wants to be told of a session's end.
    #[error("{0}")]
    Logout(#[from] LogoutUriError),
    /// What it wants to be told of its members.
    #[error("{0}")]
    Events(#[from] EventFeedError),
    /// Its pages and contacts.
    #[error("{0}")]
    About(#[from] AboutError),
    /// The old dialect.
    #[error("{0}")]
    Legacy(#[from] LegacyError),
    /// The sector's address.
    #[error("sector_identifier_uri: {0}")]
    Sector(#[from] OutgoingUriError),
    /// Nothing could be read there.
    #[error("sector_identifier_uri: no JSON list of redirect URIs could be read there")]
    SectorUnread,
    /// OpenID Connect Core §8.1.
    #[error("sector_identifier_uri: what it lists lacks a redirect URI")]
    SectorLacks,
    /// `openid` is missing.
    #[error("the scope openid is needed")]
    NoOpenId,
    /// Redirect URIs on several hosts and a pairwise `sub`.
    #[error(
        "redirect URIs on several hosts ({0}) need one common sector; give a sector_identifier_uri, or register one client for each host"
    )]
    SeveralSectors(String),
}

impl ClientDraft {
    /// A draft with everything as it is unless somebody says otherwise: a program on a server that authenticates by
    /// `client_secret_basic` and gets refresh tokens. Names, redirect URIs and scopes are still to be filled in.
    pub fn new(id: ClientId) -> Self {
        let nothing = || Bilingual { th: String::new(), en: String::new() };
        Self {
            id,
            name: nothing(),
            owner: nothing(),
            purpose: nothing(),
            kind: ClientKind::Web,
            authentication_method: "client_secret_basic".to_owned(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scopes: ScopeSet::NONE,
            refresh_tokens: true,
            membership: MembershipPolicy::Anyone,
            least_acr: None,
            consent: ConsentPolicy::Ask,
            public_subject: false,
            pkce: PkcePolicy::Required,
            id_token_algorithm: Algorithm::ES256,
            client_credentials: false,
            device: false,
            resource: None,
            resources: Vec::new(),
            dpop_bound_access_tokens: false,
            assertion_algorithm: None,
            assertion_to_token_endpoint: false,
            jwks: None,
            jwks_uri: None,
            requests: RequestPolicy::default(),
            answers: Answers::default(),
            logout: LogoutDraft::default(),
            events: EventFeedDraft::default(),
            about: AboutDraft::default(),
            sector_identifier_uri: None,
            sector_listed: None,
            department: None,
            stewards: Stewards::default(),
            as_draft: false,
            legacy_until: None,
        }
    }

    /// Turns the draft into a client. `secret` is used by confidential clients, and shown once by the caller.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn accept(self, secret: &Secret, now: DateTime<Utc>) -> Result<Client, Vec<DraftError>> {
        let mut errors = Vec::new();
        for (what, text) in [("the name", &self.name), ("the owner", &self.owner), ("the purpose", &self.purpose)] {
            let sound = |part: &str| !part.trim().is_empty() && part.chars().count() <= 200;
            if !sound(&text.th) || !sound(&text.en) {
                errors.push(DraftError::Text(what));
            }
        }
        let secrets = || vec![ClientSecret { digest: secret.digest(), created_at: now, expires_at: None }];
        let authentication = match self.authentication_method.as_str() {
            "client_secret_basic" => Some(ClientAuthentication::ClientSecretBasic { secrets: secrets() }),
            "client_secret_post" => Some(ClientAuthentication::ClientSecretPost { secrets: secrets() }),
            "private_key_jwt" => Some(ClientAuthentication::PrivateKeyJwt {
                algorithm: self.assertion_algorithm,
                token_endpoint_audience: self.assertion_to_token_endpoint,
            }),
            "none" => Some(ClientAuthentication::None),
            other => {
                errors.push(DraftError::Method(other.to_owned()));
                None
            }
        };
        let is_public = matches!(authentication, Some(ClientAuthentication::None));
        if authentication.is_some() && is_public != (self.kind != ClientKind::Web) {
            let kind = match self.kind {
                ClientKind::Web => "web",
                ClientKind::SinglePage => "single-page",
                ClientKind::Native => "native",
            };
            errors.push(DraftError::KindAndMethod { kind, method: self.authentication_method.clone() });
        }
        if is_public && self.pkce != PkcePolicy::Required {
            errors.push(DraftError::PublicWithoutPkce);
        }
        let resource = self.resource.as_ref().and_then(|typed| resource(typed, &mut errors));
        let resources: Vec<_> = self.resources.iter().filter_map(|typed| resource_access(typed, &mut errors)).collect();
        let by_code = !self.redirect_uris.is_empty();
        let serves_members = by_code || self.device;
        if serves_members && !self.scopes.contains(Scope::OpenId) {
            errors.push(DraftError::NoOpenId);
        }
        if !serves_members && !self.client_credentials && self.resource.is_none() {
            errors.push(DraftError::NoRedirectUri);
        }
        if self.client_credentials && is_public {
            errors.push(DraftError::PublicMachine);
        }
        if self.client_credentials && self.resources.is_empty() {
            errors.push(DraftError::NoResource);
        }
        if self.resource.is_some() && is_public {
            errors.push(DraftError::PublicResource);
        }
        let redirect_uris = judge(&self.redirect_uris, self.kind, &mut errors);
        let post_logout_redirect_uris = judge(&self.post_logout_redirect_uris, self.kind, &mut errors);
        let subject = self.subject(&redirect_uris, &mut errors);
        let keys = KeySource::parse(self.jwks.as_ref(), self.jwks_uri.as_deref())
            .map_err(|error| errors.push(error.into()))
            .unwrap_or_default();
        if matches!(authentication, Some(ClientAuthentication::PrivateKeyJwt { .. })) && keys == KeySource::None {
            errors.push(DraftError::NoKeys);
        }
        if errors.is_empty() {
            self.judge_forms(&keys, &mut errors);
        }
        let events = EventFeed::parse(&self.events, is_public);
        let events = events.map_err(|why| errors.push(DraftError::Events(why))).unwrap_or_default();
        let logout = LogoutChannels::parse(&self.logout, &redirect_uris)
            .map_err(|wrong| errors.extend(wrong.into_iter().map(DraftError::from)))
            .unwrap_or_default();
        let legacy = self.legacy_until.and_then(|until| {
            let terms = LegacyTerms {
                kind: self.kind,
                method: &self.authentication_method,
                scopes: self.scopes,
                answers: &self.answers,
                requests: &self.requests,
                bound: self.dpop_bound_access_tokens,
            };
            Legacy::allow(until, &terms).map_err(|error| errors.push(error.into())).ok()
        });
        let about = About::parse(&self.about)
            .map_err(|wrong| errors.extend(wrong.into_iter().map(DraftError::from)))
            .unwrap_or_default();
        let sector_identifier_uri = self.sector_identifier_uri.as_deref().and_then(|uri| OutgoingUri::parse(uri).ok());
        let (Some(authentication), true) = (authentication, errors.is_empty()) else {
            return Err(errors);
        };
        let grant_types = [
            (GrantType::AuthorizationCode, by_code),
            (GrantType::RefreshToken, serves_members && self.refresh_tokens),
            (GrantType::ClientCredentials, self.client_credentials),
            (GrantType::DeviceCode, self.device),
        ];
        let grant_types = grant_types.into_iter().filter(|(_, wished)| *wished).map(|(grant, _)| grant).collect();
        Ok(Client {
            id: self.id,
            name: self.name,
            owner: self.owner,
            purpose: self.purpose,
            kind: self.kind,
            authentication,
            redirect_uris,
            post_logout_redirect_uris,
            grant_types,
            // Who serves no members is given nothing of theirs.
            scopes: if serves_members { self.scopes } else { ScopeSet::NONE },
            membership: self.membership,
            least_acr: self.least_acr,
            consent: self.consent,
            subject,
            pkce: self.pkce,
            id_token_algorithm: self.id_token_algorithm,
            requests: self.requests,
            answers: self.answers,
            keys,
            resource,
            resources,
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            logout,
            events,
            about,
            sector_identifier_uri,
            department: self.department,
            legacy,
            logo: None,
            managed: None,
            trial: None,
            status: if self.as_draft { ClientStatus::Draft } else { ClientStatus::Active },
            notice: None,
            stewards: self.stewards,
            created_at: now,
            updated_at: now,
        })
    }

    /// Signed requests and encrypted answers need keys of the client.
    fn judge_forms(&self, keys: &KeySource, errors: &mut Vec<DraftError>) {
        let requests = &self.requests;
        match keys {
            KeySource::None => {
                let needs = [
                    (requests.signed || requests.algorithm.is_some(), "a signed request object"),
                    (self.answers.encryptions().next().is_some(), "encryption"),
                ];
                errors.extend(needs.iter().filter(|(needed, _)| *needed).map(|(_, what)| DraftError::KeysNeeded(what)));
            }
            KeySource::Document(document) => {
                let Ok(keys) = ClientKeys::parse(document.as_bytes()) else { return };
                let unfit = self.answers.encryptions().filter(|how| keys.encrypting(how.algorithm).is_none());
                errors.extend(unfit.map(|how| DraftError::NoEncryptionKey(how.algorithm.as_str())));
            }
            // What is there will be seen when it is needed.
            KeySource::Uri(_) => {}
        }
    }

    /// OpenID Connect Core §8.1: without a `sector_identifier_uri` all redirect URIs share one host, which is the
    /// sector. A native app has no host of its own, so its client id stands in.
    fn subject(&self, uris: &[RedirectUri], errors: &mut Vec<DraftError>) -> SubjectType {
        if self.public_subject {
            return SubjectType::Public;
        }
        if let Some(uri) = &self.sector_identifier_uri {
            return SubjectType::Pairwise { sector: self.sector(uri, errors) };
        }
        if self.kind == ClientKind::Native {
            return SubjectType::Pairwise { sector: self.id.as_str().to_owned() };
        }
        let mut hosts: Vec<String> = uris.iter().filter_map(RedirectUri::host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() > 1 {
            errors.push(DraftError::SeveralSectors(hosts.join(", ")));
        }
        let sector = match hosts.pop() {
            // Every developer's machine is called localhost: it makes no common sector.
            Some(host) if host == "localhost" || host.starts_with("127.") || host == "[::1]" => {
                self.id.as_str().to_owned()
            }
            Some(host) => host,
            None => self.id.as_str().to_owned(),
        };
        SubjectType::Pairwise { sector }
    }
}

fn resource((identifier, scopes): &(String, Vec<String>), errors: &mut Vec<DraftError>) -> Option<Resource> {
    let access = resource_access(&(identifier.clone(), scopes.clone()), errors)?;
    Some(Resource { identifier: access.resource, scopes: access.scopes })
}

fn resource_access(
    (identifier, scopes): &(String, Vec<String>),
    errors: &mut Vec<DraftError>,
) -> Option<ResourceAccess> {
    let before = errors.len();
    let mut note = |text: &str, fault| errors.push(DraftError::Resource(text.to_owned(), fault));
    let resource = ResourceUri::parse(identifier).map_err(|fault| note(identifier, fault)).ok();
    let mut sound = Vec::with_capacity(scopes.len());
    for scope in scopes {
        match ResourceScope::parse(scope) {
            Ok(scope) if sound.contains(&scope) => {}
            Ok(scope) => sound.push(scope),
            Err(fault) => note(scope, fault),
        }
    }
    (errors.len() == before).then_some(ResourceAccess { resource: resource?, scopes: sound })
}

impl ClientDraft {
    /// OpenID Connect Core §8.1: the host of `sector_identifier_uri`, when what it lists holds every redirect URI.
    fn sector(&self, uri: &str, errors: &mut Vec<DraftError>) -> String {
        if let Err(why) = OutgoingUri::parse(uri) {
            errors.push(why.into());
            return String::new();
        }
        match &self.sector_listed {
            None => errors.push(DraftError::SectorUnread),
            Some(listed) if !self.redirect_uris.iter().all(|uri| listed.contains(uri)) => {
                errors.push(DraftError::SectorLacks);
            }
            Some(_) => {}
        }
        let host = url::Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }
}

fn judge(typed: &[String], kind: ClientKind, errors: &mut Vec<DraftError>) -> Vec<RedirectUri> {
    let mut sound = Vec::new();
    for uri in typed {
        match RedirectUri::parse(uri) {
            Ok(parsed) if kind != ClientKind::Native && parsed.is_private_use() => {
                errors.push(DraftError::NotNative(parsed.as_str().to_owned()));
            }
            Ok(parsed) => sound.push(parsed),
            Err(why) => errors.push(DraftError::RedirectUri { uri: uri.clone(), why }),
        }
    }
    sound
}
