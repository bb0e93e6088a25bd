//! A client as text: what it is asked for, without its secrets, its place in life and what only two people give. The API
//! sends and takes it as JSON; `idp client export` and `import` as TOML.

use idp_core::admin::Department;
use idp_core::client::{
    AboutDraft, Answers, Bilingual, Client, ClientDraft, ClientKind, ConsentPolicy, EventFeedDraft, LogoutDraft,
    MembershipPolicy, PkcePolicy, RequestPolicy, Stewards,
};
use idp_core::id::ClientId;
use idp_core::jose::Algorithm;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::session::Acr;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A name or sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Thai.
    #[schema(max_length = 200)]
    pub th: String,
    /// English.
    #[schema(max_length = 200)]
    pub en: String,
}

impl From<Bilingual> for Words {
    fn from(Bilingual { th, en }: Bilingual) -> Self {
        Self { th, en }
    }
}

impl From<Words> for Bilingual {
    fn from(Words { th, en }: Words) -> Self {
        Self { th, en }
    }
}

/// A resource with scopes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceSettings {
    /// The URI by which it is named (RFC 8707).
    pub identifier: String,
    /// Scopes of it.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// What a client is asked for. Names of RFC 7591 where it has one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// The name that members read.
    pub name: Words,
    /// What the data is asked for: it completes "…to".
    pub purpose: Words,
    /// The word of the department that answers for it, such as `ditp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z0-9-]{2,24}$")]
    pub department: Option<String>,
    /// The department's name; left out, it is the known one of `department`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Words>,
    /// The mailbox of the official who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_email: Option<String>,
    /// The mailbox of the deputy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy_email: Option<String>,
    /// `web`, `single-page` or `native`.
    #[serde(default = "web")]
    #[schema(value_type = String, pattern = "^(web|single-page|native)$")]
    pub kind: ClientKind,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt`, or `none` for programs without a secret.
    #[serde(default = "basic")]
    #[schema(pattern = "^(client_secret_basic|client_secret_post|private_key_jwt|none)$")]
    pub token_endpoint_auth_method: String,
    /// Exact redirect URIs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Exact URIs to return to after sign-out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes of members that it may ask for. `citizen_id` is shown here, and given by two people alone.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<String>,
    /// Whether it gets refresh tokens.
    #[serde(default = "yes")]
    pub refresh_tokens: bool,
    /// `anyone`, or `permanent-only`.
    #[serde(default = "anyone")]
    #[schema(value_type = String, pattern = "^(anyone|permanent-only)$")]
    pub membership: MembershipPolicy,
    /// `ask`, or `first-party` for the ministry's own.
    #[serde(default = "ask")]
    #[schema(value_type = String, pattern = "^(ask|first-party)$")]
    pub consent: ConsentPolicy,
    /// `required`, `optional` (a weakness) or `not-asked` (a greater one).
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(required|optional|not-asked)$")]
    pub pkce: PkcePolicy,
    /// The level every sign-in to it must reach: `aal1` or `aal2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^(aal1|aal2)$")]
    pub require_acr: Option<Acr>,
    /// The same `sub` for every client set so. A weakness.
    #[serde(default, skip_serializing_if = "is_false")]
    pub public_subject: bool,
    /// `ES256`, `RS256`, `PS256` or `EdDSA`.
    #[serde(default = "es256")]
    #[schema(value_type = String, pattern = "^(ES256|RS256|PS256|EdDSA)$")]
    pub id_token_signed_response_alg: Algorithm,
    /// Whether it may ask for tokens as itself, to what `may_call` names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub client_credentials: bool,
    /// Whether it signs members in on other devices (RFC 8628).
    #[serde(default, skip_serializing_if = "is_false")]
    pub device: bool,
    /// Whether it is given no token without a proof of possession (RFC 9449).
    #[serde(default, skip_serializing_if = "is_false")]
    pub dpop_bound_access_tokens: bool,
    /// What it is to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceSettings>,
    /// What it may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_call: Vec<ResourceSettings>,
    /// Its public keys by value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Value>,
    /// The address of its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The one algorithm of its assertions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^(ES256|RS256|PS256|EdDSA)$")]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    /// Whether its assertions may name the token endpoint. A weakness.
    #[serde(default, skip_serializing_if = "is_false")]
    pub assertion_to_token_endpoint: bool,
    /// Where it hears of sign-outs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether it cannot do without `sid` there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub backchannel_logout_session_required: bool,
    /// What a browser loads at a sign-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it cannot do without `iss` and `sid` there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub frontchannel_logout_session_required: bool,
    /// The kinds of events that it is told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Where they are posted; without it, it fetches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_push: Option<String>,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its privacy notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Where another site may send a member to sign in to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Mailboxes of whoever looks after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Where the redirect URIs of one sector are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// In which form its authorization requests must come: `pushed`, `signed`, `algorithm`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schema(value_type = Object)]
    pub requests: RequestPolicy,
    /// What it receives looks like: `response_algorithm`, `introspection_algorithm`, `userinfo_algorithm`,
    /// `…_encryption`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schema(value_type = Object)]
    pub answers: Answers,
}

fn web() -> ClientKind {
    ClientKind::Web
}
fn basic() -> String {
    "client_secret_basic".to_owned()
}
fn yes() -> bool {
    true
}
fn anyone() -> MembershipPolicy {
    MembershipPolicy::Anyone
}
fn ask() -> ConsentPolicy {
    ConsentPolicy::Ask
}
fn es256() -> Algorithm {
    Algorithm::ES256
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_false(value: &bool) -> bool {
    !value
}
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What in settings is no value of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A word that is no scope.
    #[error("scopes: there is no scope {0}")]
    Scope(String),
    /// A word that is no department.
    #[error("department: a word of 2 to 24 small letters, digits and dashes")]
    Department,
    /// Neither department nor its name.
    #[error("owner: give the word of a known department, or the department's name in Thai and English")]
    Owner,
}

impl SettingsError {
    /// The setting.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Scope(_) => "scopes",
            Self::Department => "department",
            Self::Owner => "owner",
        }
    }
}

impl ClientSettings {
    /// The settings of a client.
    pub fn of(client: &Client) -> Self {
        let draft = ClientDraft::of(client);
        let called = |(identifier, scopes)| ResourceSettings { identifier, scopes };
        let names = draft.department.as_ref().and_then(Department::names);
        // Said where it does not follow from the department.
        let owner = match names {
            Some((th, en)) if draft.owner.th == th && draft.owner.en == en => None,
            _ => Some(draft.owner.into()),
        };
        Self {
            name: draft.name.into(),
            purpose: draft.purpose.into(),
            department: draft.department.map(|department| department.to_string()),
            owner,
            owner_email: draft.stewards.owner,
            deputy_email: draft.stewards.deputy,
            kind: draft.kind,
            token_endpoint_auth_method: draft.authentication_method,
            redirect_uris: draft.redirect_uris,
            post_logout_redirect_uris: draft.post_logout_redirect_uris,
            scopes: draft.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            refresh_tokens: draft.refresh_tokens,
            membership: draft.membership,
            consent: draft.consent,
            pkce: draft.pkce,
            require_acr: draft.least_acr,
            public_subject: draft.public_subject,
            id_token_signed_response_alg: draft.id_token_algorithm,
            client_credentials: draft.client_credentials,
            device: draft.device,
            dpop_bound_access_tokens: draft.dpop_bound_access_tokens,
            resource: draft.resource.map(called),
            may_call: draft.resources.into_iter().map(called).collect(),
            jwks: draft.jwks,
            jwks_uri: draft.jwks_uri,
            token_endpoint_auth_signing_alg: draft.assertion_algorithm,
            assertion_to_token_endpoint: draft.assertion_to_token_endpoint,
            backchannel_logout_uri: draft.logout.back,
            backchannel_logout_session_required: draft.logout.back_needs_sid,
            frontchannel_logout_uri: draft.logout.front,
            frontchannel_logout_session_required: draft.logout.front_needs_sid,
            events: draft.events.kinds,
            events_push: draft.events.push,
            client_uri: draft.about.client_uri,
            policy_uri: draft.about.policy_uri,
            tos_uri: draft.about.tos_uri,
            initiate_login_uri: draft.about.initiate_login_uri,
            contacts: draft.about.contacts,
            sector_identifier_uri: draft.sector_identifier_uri,
            requests: draft.requests,
            answers: draft.answers,
        }
    }

    /// The draft that asks for it, begun from a new one or from a client that there is: what is not in these settings
    /// stays. A sector that changed is still to be looked up.
    ///
    /// # Errors
    /// Everything that is no value of its kind.
    pub fn into_draft(self, begun: ClientDraft) -> Result<ClientDraft, Vec<SettingsError>> {
        let mut errors = Vec::new();
        let mut scopes = ScopeSet::NONE;
        for word in &self.scopes {
            match Scope::parse(word) {
                Some(scope) => scopes = scopes.union(ScopeSet::from_iter([scope])),
                None => errors.push(SettingsError::Scope(word.chars().take(40).collect())),
            }
        }
        let department = self.department.map(|word| Department::parse(&word)).transpose();
        let department = department.unwrap_or_else(|_| {
            errors.push(SettingsError::Department);
            None
        });
        let known = department.as_ref().and_then(Department::names);
        let owner = match (self.owner, known) {
            (Some(words), _) => words.into(),
            (None, Some((th, en))) => Bilingual { th: th.to_owned(), en: en.to_owned() },
            (None, None) => {
                if !errors.contains(&SettingsError::Department) {
                    errors.push(SettingsError::Owner);
                }
                begun.owner.clone()
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let call = |settings: ResourceSettings| (settings.identifier, settings.scopes);
        let same_sector = self.sector_identifier_uri == begun.sector_identifier_uri
            && self.redirect_uris.iter().all(|uri| begun.redirect_uris.contains(uri));
        Ok(ClientDraft {
            name: self.name.into(),
            owner,
            purpose: self.purpose.into(),
            kind: self.kind,
            authentication_method: self.token_endpoint_auth_method,
            sector_listed: begun.sector_listed.clone().filter(|_| same_sector),
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            scopes,
            refresh_tokens: self.refresh_tokens,
            membership: self.membership,
            least_acr: self.require_acr,
            consent: self.consent,
            public_subject: self.public_subject,
            pkce: self.pkce,
            id_token_algorithm: self.id_token_signed_response_alg,
            requests: self.requests,
            answers: self.answers,
            client_credentials: self.client_credentials,
            device: self.device,
            resource: self.resource.map(call),
            resources: self.may_call.into_iter().map(call).collect(),
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            assertion_algorithm: self.token_endpoint_auth_signing_alg,
            assertion_to_token_endpoint: self.assertion_to_token_endpoint,
            jwks: self.jwks,
            jwks_uri: self.jwks_uri,
            logout: LogoutDraft {
                back: self.backchannel_logout_uri,
                back_needs_sid: self.backchannel_logout_session_required,
                front: self.frontchannel_logout_uri,
                front_needs_sid: self.frontchannel_logout_session_required,
            },
            events: EventFeedDraft { kinds: self.events, push: self.events_push },
            about: AboutDraft {
                client_uri: self.client_uri,
                logo_uri: begun.about.logo_uri.clone(),
                policy_uri: self.policy_uri,
                tos_uri: self.tos_uri,
                initiate_login_uri: self.initiate_login_uri,
                contacts: self.contacts,
            },
            sector_identifier_uri: self.sector_identifier_uri,
            department,
            stewards: Stewards { owner: self.owner_email, deputy: self.deputy_email },
            ..begun
        })
    }
}

/// A new draft under `id`, which waits until somebody puts it to use.
pub fn new_draft(id: ClientId) -> ClientDraft {
    ClientDraft { as_draft: true, ..ClientDraft::new(id) }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use idp_core::secret::Secret;

    use super::*;

    #[test]
    fn a_client_is_the_same_after_its_settings_were_written_and_read() {
        let both = || Bilingual { th: "ทดสอบ".to_owned(), en: "Test".to_owned() };
        let draft = ClientDraft {
            name: both(),
            owner: both(),
            purpose: both(),
            redirect_uris: vec!["https://rp.test/cb".to_owned()],
            scopes: ScopeSet::parse("openid email"),
            least_acr: Some(Acr::Aal2),
            department: Department::parse("dit").ok(),
            ..ClientDraft::new(ClientId::parse("rp").unwrap())
        };
        let now = DateTime::UNIX_EPOCH;
        let client = draft.accept(&Secret::presented("one"), now).unwrap();
        let text = toml::to_string(&ClientSettings::of(&client)).unwrap();
        let read: ClientSettings = toml::from_str(&text).unwrap();
        assert_eq!(read, ClientSettings::of(&client), "{text}");
        let asked = read.into_draft(ClientDraft::of(&client)).unwrap().accept(&Secret::presented("two"), now).unwrap();
        assert_eq!(client.followed_by(asked, now).unwrap().0, client);
    }

    #[test]
    fn what_is_no_value_is_named() {
        let settings: ClientSettings = serde_json::from_value(serde_json::json!({
            "name": { "th": "ก", "en": "a" }, "purpose": { "th": "ก", "en": "a" },
            "scopes": ["openid", "everything"], "department": "NO",
        }))
        .unwrap();
        let errors = settings.into_draft(ClientDraft::new(ClientId::parse("rp").unwrap())).unwrap_err();
        assert_eq!(errors, [SettingsError::Scope("everything".to_owned()), SettingsError::Department]);
    }
}
