//! ThaID asked through the `openidconnect` crate: a request with PKCE and a nonce, its code exchanged once, its ID token
//! verified in every part before anything in it is read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::secret::Secret;
use openidconnect::core::{CoreAuthPrompt, CoreErrorResponseType, CoreJwsSigningAlgorithm, CoreResponseType};
use openidconnect::{
    AccessToken, AccessTokenHash, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, HttpRequest, HttpResponse, IssuerUrl,
    LanguageTag, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SignatureVerificationError, TokenResponse,
};
use tokio::sync::RwLock;
use url::Url;

use super::claims::{self, Claims, ThaidClaims};
use super::{ThaidError, ThaidPerson, ThaidScope, ThaidSettings, Transport};
use crate::breaker::Breaker;
use crate::openid::{ErrorAnswer, IdTokenOf, MetadataOf, Promises, RelyingPartyOf};
use crate::outgoing::{self, MonotonicClock, RequestIds, SettingsError};
use crate::{BoxFuture, Unavailable};

/// Metadata and keys are read again after so long, and sooner when a key is not among them.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// But not more often than this, whoever sends us tokens with made-up keys.
const AGAIN: Duration = Duration::from_secs(60);
/// For one whole exchange: metadata, code, keys.
const PATIENCE: Duration = Duration::from_secs(12);
/// An ID token is made for the code that was just redeemed.
const OLDEST_TOKEN: TimeDelta = TimeDelta::minutes(10);
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(60);

type Token = IdTokenOf<ThaidClaims>;
type ThaidClient = RelyingPartyOf<ThaidClaims>;
type Metadata = MetadataOf<Promises>;

/// ThaID as we see it.
pub struct Thaid {
    settings: ThaidSettings,
    issuer: IssuerUrl,
    http: Http,
    breaker: Breaker,
    clock: MonotonicClock,
    request_ids: RequestIds,
    known: RwLock<Option<Arc<Known>>>,
    /// When an unknown key last made us read them again.
    read_again_at: Mutex<Option<Duration>>,
}

/// ThaID, once its metadata and keys have been read.
struct Known {
    client: ThaidClient,
    says_issuer: bool,
    read_at: Duration,
}

/// What a sign-in there was begun with, and when.
pub struct Begun {
    /// Comes back in the ID token.
    pub nonce: Secret,
    /// Proves at the token endpoint that it was we who asked.
    pub verifier: Secret,
    /// What was asked for.
    pub scope: ThaidScope,
    /// When.
    pub at: DateTime<Utc>,
}

impl Thaid {
    /// A client that has not asked anything yet.
    ///
    /// # Errors
    /// [`SettingsError`] when a secret or a number would travel in clear.
    pub fn new(
        settings: ThaidSettings,
        transport: Arc<dyn Transport>,
        clock: MonotonicClock,
        request_ids: RequestIds,
    ) -> Result<Self, SettingsError> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| SettingsError::NotPlainAddress)?;
        outgoing::check_base(issuer.url())?;
        Ok(Self {
            issuer,
            settings,
            http: Http(transport),
            breaker: Breaker::new("ThaID", Arc::clone(&clock)),
            clock,
            request_ids,
            known: RwLock::default(),
            read_again_at: Mutex::default(),
        })
    }

    /// Where the browser is sent to sign in there.
    ///
    /// # Errors
    /// [`Unavailable`] when ThaID's metadata cannot be read.
    pub async fn authorization_url(&self, state: &Secret, begun: &Begun, lang: &str) -> Result<Url, Unavailable> {
        let known = self.within_time(self.known()).await?;
        let (csrf, nonce) = (state.reveal().to_owned(), begun.nonce.reveal().to_owned());
        let verifier = PkceCodeVerifier::new(begun.verifier.reveal().to_owned());
        let (url, _, _) = known
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(csrf),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes(begun.scope).iter().map(|scope| Scope::new((*scope).to_owned())))
            // Somebody else's session there must not sign anybody in here.
            .add_prompt(CoreAuthPrompt::Login)
            .add_ui_locale(LanguageTag::new(lang.to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// RFC 9207 §2.4: whether an answer is ThaID's. One of another issuer is not, nor one of nobody where ThaID promises
    /// to say its name.
    ///
    /// # Errors
    /// [`Unavailable`] when what ThaID promises cannot be read.
    pub async fn is_its_answer(&self, iss: Option<&str>) -> Result<bool, Unavailable> {
        match iss {
            Some(iss) => Ok(iss == self.settings.issuer),
            None => Ok(!self.within_time(self.known()).await?.says_issuer),
        }
    }

    /// Exchanges the code for an ID token, and judges it.
    ///
    /// # Errors
    /// [`ThaidError`]; an answer that is none of those that can be believed is never a person.
    pub async fn redeem(&self, code: &str, begun: &Begun, now: DateTime<Utc>) -> Result<ThaidPerson, ThaidError> {
        let reference = format!("thaid:{}", (self.request_ids)());
        // A person's wrong code must not open the breaker for everybody: only an outage counts as one.
        let answered = self
            .within_time(async {
                match self.exchange(code, begun, now).await {
                    Ok(claims) => Ok(Ok(claims)),
                    Err(ThaidError::Unavailable(outage)) => Err(outage),
                    Err(judged) => Ok(Err(judged)),
                }
            })
            .await?;
        claims::person(&answered?, &self.settings, begun.scope, reference, (begun.at, now))
    }

    async fn within_time<T>(&self, asking: impl Future<Output = Result<T, Unavailable>>) -> Result<T, Unavailable> {
        let permit = self.breaker.admit()?;
        let outcome = tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Err(Unavailable::Timeout));
        permit.report(&outcome);
        outcome
    }

    async fn exchange(&self, code: &str, begun: &Begun, now: DateTime<Utc>) -> Result<Claims, ThaidError> {
        let known = self.known().await?;
        let tokens = known
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| Unavailable::Malformed)?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.reveal().to_owned()))
            .request_async(&self.http)
            .await
            .map_err(refused)?;
        let token = tokens.id_token().ok_or(ThaidError::Untrusted("no ID token"))?;
        let nonce = Nonce::new(begun.nonce.reveal().to_owned());
        match verified(&known, token, tokens.access_token(), &nonce, now) {
            Err(Unverified::UnknownKey) => {
                let known = self.read_again(&known).await?;
                verified(&known, token, tokens.access_token(), &nonce, now)
            }
            settled => settled,
        }
        .map_err(|unverified| match unverified {
            Unverified::UnknownKey => ThaidError::Untrusted("unknown key"),
            Unverified::Bad(what) => ThaidError::Untrusted(what),
        })
    }

    /// ThaID's metadata and keys. When they are old and cannot be read again, what was known still serves.
    async fn known(&self) -> Result<Arc<Known>, Unavailable> {
        let known = self.known.read().await.clone();
        match known {
            Some(known) if (self.clock)().saturating_sub(known.read_at) < FRESH => Ok(known),
            Some(known) => Ok(self.read().await.unwrap_or(known)),
            None => self.read().await,
        }
    }

    async fn read_again(&self, known: &Arc<Known>) -> Result<Arc<Known>, Unavailable> {
        let now = (self.clock)();
        {
            let mut last = self.read_again_at.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| now.saturating_sub(last) < AGAIN) {
                return Ok(Arc::clone(known));
            }
            *last = Some(now);
        }
        self.read().await
    }

    async fn read(&self) -> Result<Arc<Known>, Unavailable> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.http).await.map_err(unread)?;
        let endpoints = [Some(metadata.authorization_endpoint().url()), metadata.token_endpoint().map(|url| url.url())];
        for endpoint in endpoints {
            if endpoint.is_none_or(|url| outgoing::check_base(url).is_err()) {
                tracing::warn!("ThaID's metadata names no endpoint, or one without https");
                return Err(Unavailable::Malformed);
            }
        }
        let says_issuer = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let settings = &self.settings;
        let client = ThaidClient::from_provider_metadata(
            metadata,
            ClientId::new(settings.client_id.clone()),
            Some(ClientSecret::new(settings.client_secret.expose().to_owned())),
        )
        .set_auth_type(if settings.secret_in_form { AuthType::RequestBody } else { AuthType::BasicAuth })
        .set_redirect_uri(RedirectUrl::from_url(settings.redirect_uri.clone()));
        let known = Arc::new(Known { client, says_issuer, read_at: (self.clock)() });
        *self.known.write().await = Some(Arc::clone(&known));
        Ok(known)
    }
}

fn scopes(scope: ThaidScope) -> &'static [&'static str] {
    // The crate adds `openid` itself.
    match scope {
        ThaidScope::Number => &["pid", "ial"],
        ThaidScope::Identity => &["pid", "ial", "given_name", "family_name", "birthdate"],
    }
}

enum Unverified {
    UnknownKey,
    Bad(&'static str),
}

/// Signature, issuer, audience, times, nonce and `at_hash` (OpenID Connect Core §3.1.3.7 and §3.1.3.8), with the
/// algorithms fixed by us.
fn verified(
    known: &Known,
    token: &Token,
    access_token: &AccessToken,
    nonce: &Nonce,
    now: DateTime<Utc>,
) -> Result<Claims, Unverified> {
    let verifier = known
        .client
        .id_token_verifier()
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        ])
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |at| match at {
            at if at > now + CLOCKS_DIFFER => Err("issued later".to_owned()),
            at if at < now - OLDEST_TOKEN => Err("issued long ago".to_owned()),
            _ => Ok(()),
        });
    // The crate lets a nonce that is absent pass for none that was asked for; here one was.
    let same = |said: Option<&Nonce>| match said {
        Some(said) if said.secret() == nonce.secret() => Ok(()),
        _ => Err("another nonce".to_owned()),
    };
    let claims = token.claims(&verifier, same)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|_| Unverified::Bad("alg"))?;
        let key = token.signing_key(&verifier).map_err(|_| Unverified::UnknownKey)?;
        let actual =
            AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_| Unverified::Bad("at_hash"))?;
        if actual != *expected {
            return Err(Unverified::Bad("at_hash"));
        }
    }
    Ok(claims.clone())
}

// The crate's own messages repeat what the token says, so only the kind is kept.
impl From<ClaimsVerificationError> for Unverified {
    fn from(error: ClaimsVerificationError) -> Self {
        Self::Bad(match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                return Self::UnknownKey;
            }
            ClaimsVerificationError::SignatureVerification(_) => "signature",
            ClaimsVerificationError::Expired(_) => "exp or iat",
            ClaimsVerificationError::InvalidAudience(_) => "aud",
            ClaimsVerificationError::InvalidIssuer(_) => "iss",
            ClaimsVerificationError::InvalidNonce(_) => "nonce",
            _ => "claims",
        })
    }
}

type Refusal = RequestTokenError<HttpFault, ErrorAnswer>;

fn refused(error: Refusal) -> ThaidError {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => ThaidError::CodeRefused,
            other => {
                // Our settings, or ThaID's: nobody who signs in can do anything about it.
                tracing::error!("ThaID's token endpoint answers {}", other.as_ref());
                ThaidError::Unavailable(Unavailable::Status(400))
            }
        },
        RequestTokenError::Request(fault) => ThaidError::Unavailable(fault.0),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => ThaidError::Unavailable(Unavailable::Malformed),
    }
}

fn unread(error: DiscoveryError<HttpFault>) -> Unavailable {
    match error {
        DiscoveryError::Request(fault) => fault.0,
        DiscoveryError::Response(status, ..) => Unavailable::Status(status.as_u16()),
        _ => {
            tracing::warn!("ThaID's metadata or keys are not what they should be");
            Unavailable::Malformed
        }
    }
}

/// The transport as the crate wants it.
struct Http(Arc<dyn Transport>);

/// Why it has no answer; says nothing of the request, which holds secrets.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct HttpFault(Unavailable);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpFault;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpFault>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let response = self.0.send(request).await.map_err(HttpFault)?;
            // An error of the server's own is an outage, whatever its body says.
            match response.status().as_u16() {
                status @ 500.. => Err(HttpFault(Unavailable::Status(status))),
                _ => Ok(response),
            }
        })
    }
}
