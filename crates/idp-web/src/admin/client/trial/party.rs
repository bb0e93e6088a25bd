//! The built-in test relying party: the `openidconnect` crate, as a service would use it, and a note of each step.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::client::{Client, ClientAuthentication};
use idp_core::secret::{Secret, same_bytes};
use idp_verify::openid::{ErrorAnswer, IdTokenOf, MetadataOf, Promises, RelyingPartyOf, TokensOf, UserinfoOf};
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreResponseType};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, IssuerUrl, LanguageTag, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope as AskedScope,
    SubjectIdentifier, TokenResponse as _, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::http::{Exchange, InProcess, NoAnswer};
use super::step::{Check, Checked, Stage, Step, Why, in_order};
use super::{Waiting, masked};
use crate::error::AppError;
use crate::state::App;

/// Clocks of provider and service may differ by this much; here they are one.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(60);

/// Claims beyond the standard ones, as they come.
#[derive(Clone, Default, Serialize, Deserialize)]
struct MoreClaims(#[serde(default)] Map<String, Value>);

impl AdditionalClaims for MoreClaims {}

// They are about a person, and the library asks for `Debug`.
impl std::fmt::Debug for MoreClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MoreClaims(..)")
    }
}

type Rp = RelyingPartyOf<MoreClaims>;
type Tokens = TokensOf<MoreClaims>;
type IdToken = IdTokenOf<MoreClaims>;

/// The test relying party, the metadata read.
pub(super) struct Party<'a> {
    shadow: &'a Client,
    issuer: String,
    rp: Rp,
    http: InProcess,
    now: DateTime<Utc>,
}

/// A code that was exchanged, and what became of the ID token.
struct Judged {
    subject: SubjectIdentifier,
    step: Step,
}

impl<'a> Party<'a> {
    /// Reads metadata and keys; the two steps that this is.
    ///
    /// # Errors
    /// When this provider does not answer itself.
    pub(super) async fn meet(
        app: &App,
        shadow: &'a Client,
        secret: &Secret,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<Step>), AppError> {
        let failed = |what: &str| AppError::internal(format!("the trial's relying party: {what}"));
        let issuer = IssuerUrl::new(app.issuer().to_owned()).map_err(|_| failed("the issuer is no URL"))?;
        let http = InProcess::new(app);
        let metadata: MetadataOf<Promises> = MetadataOf::discover_async(issuer, &http)
            .await
            .map_err(|error| failed(&format!("the metadata cannot be read: {error}")))?;
        let redirect_uri = shadow.redirect_uris.first().map(|uri| uri.as_str().to_owned()).unwrap_or_default();
        let proves_by_secret = !shadow.is_public();
        let secret = proves_by_secret.then(|| ClientSecret::new(secret.reveal().to_owned()));
        let rp = Rp::from_provider_metadata(metadata, ClientId::new(shadow.id.as_str().to_owned()), secret)
            .set_auth_type(match shadow.authentication {
                ClientAuthentication::ClientSecretPost { .. } => AuthType::RequestBody,
                _ => AuthType::BasicAuth,
            })
            .set_redirect_uri(RedirectUrl::new(redirect_uri).map_err(|_| failed("the redirect URI is no URL"))?);
        let steps = http.taken().into_iter().zip([Stage::Discovery, Stage::Keys]);
        let steps = steps.map(|(Exchange { request, answer }, stage)| Step::passed(stage, request, answer)).collect();
        Ok((Self { shadow, issuer: app.issuer().to_owned(), rp, http, now }, steps))
    }

    /// Where the browser is sent, and the step that this is.
    pub(super) fn authorization(&self, [state, nonce, verifier]: &[Secret; 3], lang: &'static str) -> (String, Step) {
        let (state, nonce) = (state.reveal().to_owned(), nonce.reveal().to_owned());
        let verifier = PkceCodeVerifier::new(verifier.reveal().to_owned());
        // The crate adds `openid` itself.
        let scopes = self.shadow.scopes.iter().map(idp_core::scope::Scope::as_str).filter(|scope| *scope != "openid");
        let (url, _, _) = self
            .rp
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(|scope| AskedScope::new(scope.to_owned())))
            .add_ui_locale(LanguageTag::new(lang.to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        let parameters = masked::form(url.query().unwrap_or_default().as_bytes());
        let request = format!("GET {}\n\n{parameters}", url.path());
        (url.into(), Step::passed(Stage::Authorization, request, String::new()))
    }

    /// Exchanges the code, judges the ID token and asks for the claims, as far as it goes.
    pub(super) async fn finish(&self, code: &str, waiting: &Waiting) -> Vec<Step> {
        let mut steps = Vec::new();
        let (tokens, step) = self.exchange(code, waiting).await;
        steps.push(step);
        let Some(tokens) = tokens else { return steps };
        let Some(token) = tokens.id_token() else {
            let step = Step::passed(Stage::IdToken, String::new(), String::new());
            steps.push(step.failed(Why::NoIdToken));
            return steps;
        };
        match self.judge(token, tokens.access_token(), &waiting.nonce) {
            Ok(Judged { subject, step }) => {
                steps.push(step);
                steps.push(self.userinfo(tokens.access_token(), subject).await);
            }
            Err(step) => steps.push(step),
        }
        steps
    }

    async fn exchange(&self, code: &str, waiting: &Waiting) -> (Option<Tokens>, Step) {
        let verifier = PkceCodeVerifier::new(waiting.verifier.clone());
        let answered = match self.rp.exchange_code(AuthorizationCode::new(code.to_owned())) {
            Ok(request) => request.set_pkce_verifier(verifier).request_async(&self.http).await,
            Err(_) => Err(RequestTokenError::Other("no token endpoint".to_owned())),
        };
        let step = self.step(Stage::Token);
        match answered {
            Ok(tokens) => (Some(tokens), step),
            Err(error) => (None, step.failed(token_why(&error))),
        }
    }

    /// OpenID Connect Core §3.1.3.7 and §3.1.3.8, each check by its name.
    fn judge(&self, token: &IdToken, access_token: &AccessToken, nonce: &str) -> Result<Judged, Step> {
        let compact = token.to_string();
        let (head, claims) = masked::parts(&compact).unwrap_or_default();
        let said = |value: &Value, name: &str| match value.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let checks = vec![
            (Check::Issuer, said(&claims, "iss")),
            (Check::Audience, said(&claims, "aud")),
            (Check::Signature, format!("alg={} kid={}", said(&head, "alg"), said(&head, "kid"))),
            (Check::Expiry, said(&claims, "exp")),
            (Check::IssuedAt, said(&claims, "iat")),
            (Check::Nonce, said(&claims, "nonce")),
            (Check::AtHash, said(&claims, "at_hash")),
        ];
        let (head, claims) = (masked::json(&head), masked::json(&claims));
        let step = Step::passed(Stage::IdToken, String::new(), format!("{head}\n.\n{claims}"));
        match self.verified(token, access_token, nonce) {
            Ok(subject) => Ok(Judged { subject, step: step.checked(in_order(checks, None)) }),
            Err(failed) => Err(step.checked(in_order(checks, Some(failed)))),
        }
    }

    fn verified(&self, token: &IdToken, access_token: &AccessToken, nonce: &str) -> Result<SubjectIdentifier, Check> {
        let now = self.now;
        let verifier = self
            .rp
            .id_token_verifier()
            .set_allowed_algs(algorithm_named(self.shadow.id_token_algorithm.as_str()))
            .set_time_fn(move || now)
            .set_issue_time_verifier_fn(move |at| match at {
                at if at > now + CLOCKS_DIFFER => Err("issued later".to_owned()),
                _ => Ok(()),
            });
        // The crate lets a nonce that is absent pass for none that was asked for; here one was.
        let same = |said: Option<&Nonce>| match said {
            Some(said) if same_bytes(said.secret().as_bytes(), nonce.as_bytes()) => Ok(()),
            _ => Err("another nonce".to_owned()),
        };
        let claims = token.claims(&verifier, same).map_err(|error| failing(&error))?;
        let expected = claims.access_token_hash().ok_or(Check::AtHash)?;
        let algorithm = token.signing_alg().map_err(|_| Check::Signature)?;
        let key = token.signing_key(&verifier).map_err(|_| Check::Signature)?;
        let actual = AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_| Check::AtHash)?;
        if actual == *expected { Ok(claims.subject().clone()) } else { Err(Check::AtHash) }
    }

    async fn userinfo(&self, access_token: &AccessToken, subject: SubjectIdentifier) -> Step {
        let signed = self.shadow.answers.userinfo_algorithm.is_some();
        let said = subject.as_str().to_owned();
        let answered: Result<UserinfoOf<MoreClaims>, _> = match self.rp.user_info(access_token.clone(), Some(subject)) {
            Ok(request) => request.require_signed_response(signed).request_async(&self.http).await,
            Err(_) => Err(UserInfoError::Other("no userinfo endpoint".to_owned())),
        };
        let step = self.step(Stage::Userinfo);
        let checks = |failed| in_order(vec![(Check::Subject, said)], failed);
        match answered {
            Ok(_) => step.checked(checks(None)),
            Err(UserInfoError::ClaimsVerification(_)) => step.checked(checks(Some(Check::Subject))),
            Err(_) => step.failed(Why::Userinfo),
        }
    }

    /// What comes back to the browser belongs to what was sent, and is this provider's.
    pub(super) fn returned(&self, state: bool, iss: Option<&str>, code: Option<&str>) -> Vec<Checked> {
        let failed = match () {
            () if !state => Some(Check::State),
            () if iss != Some(self.issuer.as_str()) => Some(Check::AnswerIssuer),
            () if code.is_none() => Some(Check::Code),
            () => None,
        };
        let checks = vec![
            (Check::State, String::new()),
            (Check::AnswerIssuer, iss.unwrap_or_default().to_owned()),
            (Check::Code, String::new()),
        ];
        in_order(checks, failed)
    }

    fn step(&self, stage: Stage) -> Step {
        let last = self.http.taken().pop();
        let Exchange { request, answer } =
            last.unwrap_or_else(|| Exchange { request: String::new(), answer: String::new() });
        Step::passed(stage, request, answer)
    }
}

/// The algorithm as the crate names it; none, so that nothing passes, where it knows it not.
fn algorithm_named(name: &str) -> Option<CoreJwsSigningAlgorithm> {
    serde_json::from_value(Value::String(name.to_owned())).ok()
}

/// The check that an error of the crate is about; its message repeats what the token says, so only the kind is kept.
fn failing(error: &ClaimsVerificationError) -> Check {
    match error {
        ClaimsVerificationError::InvalidIssuer(_) => Check::Issuer,
        ClaimsVerificationError::InvalidAudience(_) => Check::Audience,
        ClaimsVerificationError::Expired(_) => Check::Expiry,
        ClaimsVerificationError::InvalidNonce(_) => Check::Nonce,
        ClaimsVerificationError::SignatureVerification(_) => Check::Signature,
        _ => Check::IssuedAt,
    }
}

fn token_why(error: &RequestTokenError<NoAnswer, ErrorAnswer>) -> Why {
    match error {
        RequestTokenError::ServerResponse(_) => Why::TokenRefused,
        RequestTokenError::Request(_) | RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Why::TokenOdd,
    }
}
