//! A trial: a short-lived shadow of a client, to which the official who looks after it signs in, to see each step.
//!
//! The client itself cannot be tried: of its secret only the digest is kept, and its redirect URIs lead elsewhere. The
//! shadow asks members for the same, decides by the same and signs in the same way, but has an id, a secret and a redirect
//! URI of its own, serves one official for a few minutes, and is nobody's service.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Answers, Client, ClientAuthentication, ClientKind, ClientSecret, ClientStatus, EventFeed, GrantType, KeySource,
    LogoutChannels, RedirectUri, RequestPolicy,
};
use crate::id::{AccountId, ClientId};
use crate::jose::Algorithm;
use crate::secret::Secret;

/// How long a trial lives.
pub const TRIAL_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// What makes a client a trial of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The client that is tried.
    pub of: ClientId,
    /// The official who began it: nobody else signs in to it.
    pub by: AccountId,
    /// When it is over.
    pub until: DateTime<Utc>,
}

impl Trial {
    /// Whether its time is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.until
    }
}

/// Why a client cannot be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTrial {
    /// It signs nobody in.
    #[error("the client signs nobody in")]
    SignsNobodyIn,
    /// It is suspended or retired.
    #[error("the client is not in use")]
    NotInUse,
}

/// What a trial does otherwise than its client: said beside its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// The client proves itself by a key that it alone holds; the trial by a secret.
    Key,
    /// What the client is sent is encrypted for it; only it could open that.
    Encryption,
    /// What the client is told by userinfo is signed in a way that the test relying party cannot check.
    Userinfo,
    /// The client's tokens are bound to its key (DPoP).
    Binding,
    /// The client's requests are pushed, or signed.
    Requests,
    /// The client is given refresh tokens.
    Refresh,
}

/// What the official brings to a trial.
#[derive(Debug)]
pub struct TrialOrder<'a> {
    /// The trial's `client_id`.
    pub id: ClientId,
    /// Who tries.
    pub by: AccountId,
    /// Its secret.
    pub secret: &'a Secret,
    /// The place below the issuer to which it is answered.
    pub redirect_uri: RedirectUri,
    /// When it begins.
    pub now: DateTime<Utc>,
}

impl Client {
    /// Whether it can be tried.
    ///
    /// # Errors
    /// [`NoTrial`] says why not.
    pub fn may_be_tried(&self) -> Result<(), NoTrial> {
        if self.trial.is_some() || !self.may_use(GrantType::AuthorizationCode) || self.redirect_uris.is_empty() {
            return Err(NoTrial::SignsNobodyIn);
        }
        match self.status {
            ClientStatus::Draft | ClientStatus::Active => Ok(()),
            ClientStatus::Suspended | ClientStatus::Retired => Err(NoTrial::NotInUse),
        }
    }

    /// Its shadow, and what that does otherwise.
    ///
    /// # Errors
    /// [`NoTrial`] when there is nothing to try.
    pub fn shadow(&self, order: TrialOrder<'_>) -> Result<(Self, Vec<Apart>), NoTrial> {
        self.may_be_tried()?;
        let TrialOrder { id, by, secret, redirect_uri, now } = order;
        let secrets = || vec![ClientSecret { digest: secret.digest(), created_at: now, expires_at: None }];
        let by_key = matches!(self.authentication, ClientAuthentication::PrivateKeyJwt { .. });
        let authentication = match &self.authentication {
            ClientAuthentication::ClientSecretPost { .. } => {
                ClientAuthentication::ClientSecretPost { secrets: secrets() }
            }
            ClientAuthentication::None => ClientAuthentication::None,
            ClientAuthentication::ClientSecretBasic { .. } | ClientAuthentication::PrivateKeyJwt { .. } => {
                ClientAuthentication::ClientSecretBasic { secrets: secrets() }
            }
        };
        let apart = [
            (Apart::Key, by_key),
            (Apart::Encryption, self.answers.encryptions().next().is_some()),
            (Apart::Userinfo, self.answers.userinfo_algorithm.is_some_and(|algorithm| !checks_userinfo(algorithm))),
            (Apart::Binding, self.dpop_bound_access_tokens),
            (Apart::Requests, self.requests.pushed || self.requests.signed),
            (Apart::Refresh, self.may_use(GrantType::RefreshToken)),
        ];
        let shadow = Self {
            trial: Some(Trial { of: self.id.clone(), by, until: now + TRIAL_LIFETIME }),
            id,
            // It is answered at a page of ours, whatever the client is.
            kind: ClientKind::Web,
            authentication,
            redirect_uris: vec![redirect_uri],
            post_logout_redirect_uris: Vec::new(),
            // Nothing of it is to outlive the page that shows it.
            grant_types: vec![GrantType::AuthorizationCode],
            requests: RequestPolicy::default(),
            answers: Answers {
                userinfo_algorithm: self.answers.userinfo_algorithm.filter(|algorithm| checks_userinfo(*algorithm)),
                id_token_encryption: None,
                userinfo_encryption: None,
                response_encryption: None,
                ..self.answers.clone()
            },
            keys: KeySource::None,
            resource: None,
            resources: Vec::new(),
            dpop_bound_access_tokens: false,
            logout: LogoutChannels::default(),
            events: EventFeed::default(),
            legacy: None,
            managed: None,
            status: ClientStatus::Active,
            notice: None,
            created_at: now,
            updated_at: now,
            ..self.clone()
        };
        Ok((shadow, apart.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect()))
    }

    /// Whether `account` may sign in to it as far as its being a trial goes: everybody to a client, to a trial the official
    /// who began it, while it lasts.
    pub fn is_for(&self, account: AccountId, now: DateTime<Utc>) -> bool {
        self.trial.as_ref().is_none_or(|trial| trial.by == account && !trial.is_over(now))
    }

    /// Whether it is a trial whose time is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.trial.as_ref().is_some_and(|trial| trial.is_over(now))
    }
}

/// The library of the test relying party knows signed userinfo in the one way that every provider must offer.
fn checks_userinfo(algorithm: Algorithm) -> bool {
    algorithm == Algorithm::RS256
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Bilingual, ClientDraft, ConsentPolicy, MembershipPolicy};
    use super::*;
    use crate::chance::counting;
    use crate::jose::{ContentEncryption, Encryption, KeyManagement};
    use crate::scope::{Scope, ScopeSet};
    use crate::token::subject;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn draft() -> ClientDraft {
        let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
        ClientDraft {
            name: both("rp"),
            owner: both("department"),
            purpose: both("test"),
            redirect_uris: vec!["https://rp.example/cb".to_owned()],
            scopes: [Scope::OpenId, Scope::Email].into_iter().collect(),
            membership: MembershipPolicy::PermanentOnly,
            consent: ConsentPolicy::FirstParty,
            ..ClientDraft::new(ClientId::parse("rp").unwrap())
        }
    }

    fn client(draft: ClientDraft) -> Client {
        draft.accept(&Secret::presented("own"), now()).unwrap()
    }

    fn shadow(client: &Client) -> Result<(Client, Vec<Apart>), NoTrial> {
        client.shadow(TrialOrder {
            id: ClientId::make_trial(&counting(7)),
            by: AccountId(uuid::Uuid::nil()),
            secret: &Secret::presented("trial"),
            redirect_uri: RedirectUri::parse("https://account.example/admin/trial").unwrap(),
            now: now(),
        })
    }

    #[test]
    fn a_shadow_asks_for_the_same_and_shares_no_secret_and_no_address() {
        let client = client(draft());
        let (shadow, apart) = shadow(&client).unwrap();
        assert_eq!(apart, [Apart::Refresh]);
        assert!(shadow.id.is_trial() && !client.id.is_trial());
        assert_eq!((&shadow.name, shadow.scopes), (&client.name, client.scopes));
        assert_eq!((shadow.membership, shadow.consent, shadow.pkce), (client.membership, client.consent, client.pkce));
        assert_eq!(shadow.id_token_algorithm, client.id_token_algorithm);
        assert_eq!(subject(&[7; 32], &shadow), subject(&[7; 32], &client), "the service's own name for the member");
        assert_ne!(shadow.authentication, client.authentication);
        assert_eq!(shadow.authentication.method(), client.authentication.method());
        assert_eq!(shadow.grant_types, [GrantType::AuthorizationCode]);
        assert!(!shadow.allows_redirect("https://rp.example/cb"));
        assert!(shadow.allows_redirect("https://account.example/admin/trial"));
        assert!(!shadow.is_over(now() + TRIAL_LIFETIME - TimeDelta::milliseconds(1)));
        assert!(shadow.is_over(now() + TRIAL_LIFETIME));
        assert!(!client.is_over(now() + TimeDelta::days(999)), "a client has no such end");
        let (by, other) = (AccountId(uuid::Uuid::nil()), AccountId(uuid::Uuid::max()));
        assert!(shadow.is_for(by, now()) && !shadow.is_for(other, now()));
        assert!(!shadow.is_for(by, now() + TRIAL_LIFETIME) && client.is_for(other, now()));
    }

    #[test]
    fn what_only_the_client_could_do_is_left_out_and_said() {
        let how = Encryption { algorithm: KeyManagement::ALL[0], content: ContentEncryption::ALL[0] };
        let encrypted = Answers { id_token_encryption: Some(how), ..Answers::default() };
        let bound = Client {
            dpop_bound_access_tokens: true,
            requests: RequestPolicy { pushed: true, ..RequestPolicy::default() },
            answers: encrypted,
            authentication: ClientAuthentication::PrivateKeyJwt { algorithm: None, token_endpoint_audience: false },
            ..client(draft())
        };
        let (shadow, apart) = shadow(&bound).unwrap();
        assert_eq!(apart, [Apart::Key, Apart::Encryption, Apart::Binding, Apart::Requests, Apart::Refresh]);
        assert!(shadow.answers.encryptions().next().is_none());
        assert_eq!(shadow.authentication.method(), "client_secret_basic");
        let text = serde_json::to_value(&shadow).unwrap();
        assert_eq!(text["trial"]["of"], json!("rp"), "what is kept says what it is");
        assert!(serde_json::to_value(client(draft())).unwrap().get("trial").is_none());
    }

    #[test]
    fn only_what_signs_members_in_and_is_not_stopped_is_tried() {
        let check = |change: fn(Client) -> Client, refused: Option<NoTrial>| {
            assert_eq!(change(client(draft())).may_be_tried().err(), refused);
        };
        check(|client| client, None);
        check(|client| Client { status: ClientStatus::Draft, ..client }, None);
        check(|client| Client { status: ClientStatus::Suspended, ..client }, Some(NoTrial::NotInUse));
        check(|client| Client { status: ClientStatus::Retired, ..client }, Some(NoTrial::NotInUse));
        let machine = |client: Client| Client {
            redirect_uris: Vec::new(),
            grant_types: vec![GrantType::ClientCredentials],
            scopes: ScopeSet::NONE,
            ..client
        };
        check(machine, Some(NoTrial::SignsNobodyIn));
        check(|client| shadow(&client).unwrap().0, Some(NoTrial::SignsNobodyIn));
    }
}
