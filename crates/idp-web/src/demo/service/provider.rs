//! The provider as the service sees it: looked up by its issuer, asked by the `openidconnect` crate.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use idp_verify::openid::{ErrorAnswer, IdTokenOf, MetadataOf, Promises, RelyingPartyOf, UserinfoOf};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EndSessionUrl, IssuerUrl, LanguageTag, LogoutProviderMetadata, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PostLogoutRedirectUrl, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    SignatureVerificationError, SubjectIdentifier, TokenResponse, UserInfoError, core::CoreResponseType, url::Url,
};
use serde_json::Value;
use tokio::sync::RwLock;

use super::{
    DemoService, SCOPES, ServiceError,
    claims::{MemberClaims, Standing, worded},
    http::{Http, HttpError},
    trouble::Trouble,
    visits::Begun,
};
use crate::{demo::Surroundings, view::Lang};

/// The metadata and keys are read again after this long; an unknown key makes it sooner.
const FRESH: i64 = 60 * 60;
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

type Token = IdTokenOf<MemberClaims>;
type ServiceClient = RelyingPartyOf<MemberClaims>;
type Metadata = MetadataOf<LogoutProviderMetadata<Promises>>;

pub(super) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect_uri: RedirectUrl,
    after_sign_out: PostLogoutRedirectUrl,
    http: Http,
    surroundings: Surroundings,
    known: RwLock<Option<Arc<Known>>>,
}

/// The provider, once its metadata and keys have been read.
struct Known {
    client: ServiceClient,
    end_session: Option<EndSessionUrl>,
    says_issuer: bool,
    read_at: DateTime<Utc>,
}

/// Somebody who signed in, with what the provider said about them. No `Debug`: it is all personal.
pub(super) struct Person {
    pub(super) standing: Standing,
    pub(super) token: Token,
    pub(super) userinfo: Value,
    pub(super) nonce: Nonce,
    pub(super) subject: SubjectIdentifier,
    pub(super) told_at: DateTime<Utc>,
}

impl Person {
    pub(super) fn name(&self, lang: Lang) -> String {
        worded(&self.userinfo, "name", lang.tag()).unwrap_or(self.subject.as_str()).to_owned()
    }

    /// The ID token's parts that are JSON, for reading.
    pub(super) fn token_decoded(&self) -> String {
        let token = self.token.to_string();
        let parts: Vec<String> = token.split('.').take(2).map(pretty_part).collect();
        parts.join("\n\n")
    }

    pub(super) fn userinfo_decoded(&self) -> String {
        pretty(&self.userinfo)
    }
}

fn pretty_part(part: &str) -> String {
    let value = URL_SAFE_NO_PAD.decode(part).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    value.as_ref().map(pretty).unwrap_or_default()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

impl Provider {
    pub(super) fn new(service: &DemoService, surroundings: Surroundings) -> Result<Provider, ServiceError> {
        let no_url = |address: &str| ServiceError::Address(address.to_owned());
        let redirect_uri = service.redirect_uri();
        let after_sign_out = service.post_logout_redirect_uri();
        Ok(Provider {
            issuer: IssuerUrl::new(service.issuer.clone()).map_err(|_| no_url(&service.issuer))?,
            client_id: ClientId::new(service.credentials.client_id.clone()),
            client_secret: ClientSecret::new(service.credentials.client_secret.clone()),
            redirect_uri: RedirectUrl::new(redirect_uri.clone()).map_err(|_| no_url(&redirect_uri))?,
            after_sign_out: PostLogoutRedirectUrl::new(after_sign_out.clone()).map_err(|_| no_url(&after_sign_out))?,
            http: Http::new().map_err(ServiceError::Client)?,
            surroundings,
            known: RwLock::default(),
        })
    }

    pub(super) fn origin(&self) -> String {
        self.issuer.url().origin().ascii_serialization()
    }

    /// Where to send the browser to sign in, and what has to be remembered until it is back.
    pub(super) async fn begin(&self, lang: Lang) -> Result<(Url, Begun), Trouble> {
        let known = self.known().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = known
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            // The crate adds `openid` itself.
            .add_scopes(SCOPES.iter().filter(|scope| **scope != "openid").map(|scope| Scope::new((*scope).to_owned())))
            .add_ui_locale(LanguageTag::new(lang.tag().to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, Begun { state, nonce, verifier, lang }))
    }

    /// RFC 9207 §2.4: an answer of another issuer, or of nobody when ours promised to sign, goes no further.
    pub(super) async fn check_issuer(&self, iss: Option<&str>) -> Result<(), Trouble> {
        match iss {
            Some(iss) if iss == self.issuer.as_str() => Ok(()),
            None if !self.known().await?.says_issuer => Ok(()),
            _ => Err(Trouble::OtherIssuer),
        }
    }

    /// Exchanges the code, verifies what comes, and asks who it is.
    pub(super) async fn finish(&self, code: String, begun: Begun) -> Result<(Person, Option<RefreshToken>), Trouble> {
        let known = self.known().await?;
        let tokens = known
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Trouble::Odd("no token endpoint"))?
            .set_pkce_verifier(begun.verifier)
            .request_async(&self.http)
            .await
            .map_err(refused)?;
        let token = tokens.id_token().ok_or(Trouble::Odd("no ID token"))?.clone();
        let nonce = begun.nonce;
        let verified = self.verify(&token, tokens.access_token(), |said| said == Some(&nonce)).await?;
        let person = self.ask(tokens.access_token(), verified, token, nonce).await?;
        Ok((person, tokens.refresh_token().cloned()))
    }

    /// Asks again with a refresh token: the same person, as they are now. The new refresh token replaces the old one.
    pub(super) async fn renew(
        &self,
        before: &Person,
        refresh_token: &RefreshToken,
    ) -> Result<(Person, Option<RefreshToken>), Trouble> {
        let known = self.known().await?;
        let tokens = known
            .client
            .exchange_refresh_token(refresh_token)
            .map_err(|_| Trouble::Odd("no token endpoint"))?
            .request_async(&self.http)
            .await
            .map_err(refused)?;
        let nonce = before.nonce.clone();
        let (token, verified) = match tokens.id_token() {
            // OpenID Connect Core §12.2: with the nonce of the sign-in, or better none, and for the same person.
            Some(token) => {
                let nonce_fits = |said: Option<&Nonce>| said.is_none_or(|said| *said == nonce);
                (token.clone(), self.verify(token, tokens.access_token(), nonce_fits).await?)
            }
            // A refresh need not bring an ID token. The one from before is kept for signing out; userinfo tells the rest.
            None => (before.token.clone(), Verified { subject: before.subject.clone(), standing: Standing::Untold }),
        };
        if verified.subject != before.subject {
            return Err(Trouble::BadToken("sub"));
        }
        let person = self.ask(tokens.access_token(), verified, token, nonce).await?;
        Ok((person, tokens.refresh_token().cloned()))
    }

    /// Where to send the browser to sign out there too; `None` when the provider offers no such thing.
    pub(super) async fn sign_out(&self, person: &Person, lang: Lang) -> Option<(Url, CsrfToken)> {
        let end_session = self.known().await.ok()?.end_session.clone()?;
        let state = CsrfToken::new_random();
        let url = LogoutRequest::from(end_session)
            .set_id_token_hint(&person.token)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(self.after_sign_out.clone())
            .set_state(state.clone())
            .add_ui_locale(LanguageTag::new(lang.tag().to_owned()))
            .http_get_url();
        Some((url, state))
    }

    /// Asks userinfo about the person of a verified ID token; it must answer about the same one (Core §5.3.2).
    async fn ask(
        &self,
        access_token: &AccessToken,
        verified: Verified,
        token: Token,
        nonce: Nonce,
    ) -> Result<Person, Trouble> {
        let Verified { subject, standing } = verified;
        let known = self.known().await?;
        let userinfo: UserinfoOf<MemberClaims> = known
            .client
            .user_info(access_token.clone(), Some(subject.clone()))
            .map_err(|_| Trouble::Odd("no userinfo endpoint"))?
            .request_async(&self.http)
            .await
            .map_err(unanswered)?;
        let standing = match standing {
            Standing::Untold => Standing::of(userinfo.additional_claims()),
            told => told,
        };
        let userinfo = serde_json::to_value(&userinfo).map_err(|_| Trouble::Odd("userinfo"))?;
        Ok(Person { standing, token, userinfo, nonce, subject, told_at: self.surroundings.now() })
    }

    /// Verifies signature, issuer, audience, times, nonce and `at_hash`. An unknown key means that the provider may
    /// have changed its keys: they are read again, once.
    async fn verify(
        &self,
        token: &Token,
        access_token: &AccessToken,
        nonce_fits: impl Fn(Option<&Nonce>) -> bool,
    ) -> Result<Verified, Trouble> {
        let known = self.known().await?;
        match self.verify_with(&known, token, access_token, &nonce_fits) {
            Err(Unverified::UnknownKey) => {
                let known = self.read().await?;
                self.verify_with(&known, token, access_token, &nonce_fits).map_err(Unverified::trouble)
            }
            settled => settled.map_err(Unverified::trouble),
        }
    }

    fn verify_with(
        &self,
        known: &Known,
        token: &Token,
        access_token: &AccessToken,
        nonce_fits: &impl Fn(Option<&Nonce>) -> bool,
    ) -> Result<Verified, Unverified> {
        let now = self.surroundings.now();
        let verifier = known.client.id_token_verifier().set_time_fn(move || now);
        let claims =
            token.claims(
                &verifier,
                |said: Option<&Nonce>| {
                    if nonce_fits(said) { Ok(()) } else { Err("another nonce".to_owned()) }
                },
            )?;
        // OpenID Connect Core §3.1.3.8: `at_hash` ties the access token to the ID token.
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(|_| Unverified::Bad("alg"))?;
            let key = token.signing_key(&verifier).map_err(|_| Unverified::UnknownKey)?;
            let actual =
                AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_| Unverified::Bad("at_hash"))?;
            if actual != *expected {
                return Err(Unverified::Bad("at_hash"));
            }
        }
        Ok(Verified { subject: claims.subject().clone(), standing: Standing::of(claims.additional_claims()) })
    }

    /// The provider, read at most once an hour. When it cannot be read again, what was known still serves.
    async fn known(&self) -> Result<Arc<Known>, Trouble> {
        let known = self.known.read().await.clone();
        match known {
            Some(known) if (self.surroundings.now() - known.read_at).num_seconds() < FRESH => Ok(known),
            Some(known) => Ok(self.read().await.unwrap_or(known)),
            None => self.read().await,
        }
    }

    async fn read(&self) -> Result<Arc<Known>, Trouble> {
        let mut tried = 1;
        let metadata = loop {
            match Metadata::discover_async(self.issuer.clone(), &self.http).await {
                Ok(metadata) => break metadata,
                Err(error) if tried >= TRIES => {
                    tracing::warn!("the demo service cannot read the provider's metadata: {error}");
                    return Err(Trouble::ProviderDown);
                }
                Err(_) => {
                    tried += 1;
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
            }
        };
        let logout = metadata.additional_metadata();
        let end_session = logout.end_session_endpoint.clone();
        let says_issuer = logout.additional_metadata.authorization_response_iss_parameter_supported;
        let client =
            ServiceClient::from_provider_metadata(metadata, self.client_id.clone(), Some(self.client_secret.clone()))
                .set_redirect_uri(self.redirect_uri.clone());
        let known = Arc::new(Known { client, end_session, says_issuer, read_at: self.surroundings.now() });
        *self.known.write().await = Some(known.clone());
        Ok(known)
    }
}

/// What a verified ID token says.
struct Verified {
    subject: SubjectIdentifier,
    standing: Standing,
}

enum Unverified {
    UnknownKey,
    Bad(&'static str),
}

impl Unverified {
    fn trouble(self) -> Trouble {
        match self {
            Unverified::UnknownKey => Trouble::BadToken("unknown key"),
            Unverified::Bad(what) => Trouble::BadToken(what),
        }
    }
}

// The crate's own messages repeat what the token says, so only the kind is kept.
impl From<ClaimsVerificationError> for Unverified {
    fn from(error: ClaimsVerificationError) -> Unverified {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Unverified::UnknownKey
            }
            ClaimsVerificationError::SignatureVerification(_) => Unverified::Bad("signature"),
            ClaimsVerificationError::Expired(_) => Unverified::Bad("exp"),
            ClaimsVerificationError::InvalidAudience(_) => Unverified::Bad("aud"),
            ClaimsVerificationError::InvalidIssuer(_) => Unverified::Bad("iss"),
            ClaimsVerificationError::InvalidNonce(_) => Unverified::Bad("nonce"),
            ClaimsVerificationError::InvalidSubject(_) => Unverified::Bad("sub"),
            _ => Unverified::Bad("claims"),
        }
    }
}

fn refused(error: RequestTokenError<HttpError, ErrorAnswer>) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(answer) => Trouble::TokenRefused(answer.error().as_ref().to_owned()),
        RequestTokenError::Request(HttpError::Unreachable) => Trouble::ProviderDown,
        RequestTokenError::Request(_) => Trouble::Odd("token request"),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Trouble::Odd("token response"),
    }
}

fn unanswered(error: UserInfoError<HttpError>) -> Trouble {
    match error {
        UserInfoError::Request(HttpError::Unreachable) => Trouble::ProviderDown,
        UserInfoError::Response(status, ..) if status.as_u16() == 401 => Trouble::TokenRefused("invalid_token".into()),
        UserInfoError::ClaimsVerification(_) => Trouble::BadToken("userinfo"),
        _ => Trouble::Odd("userinfo"),
    }
}
