//! The request with every parameter typed.

use chrono::TimeDelta;

use super::{AcrWish, ClaimsRequest, ErrorCode, ProtocolError, RawRequest};
use crate::claim::ClaimSet;
use crate::client::{Client, PkcePolicy};
use crate::dpop::Thumbprint;
use crate::grant::Challenge;
use crate::resource::ResourceSet;
use crate::scope::{Scope, ScopeSet};
use crate::token::{ClaimsLocale, RequestedClaims};

/// What the client wants the member to be asked (`prompt`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// `none`: no page at all.
    pub none: bool,
    /// `login`: sign in again.
    pub login: bool,
    /// `consent`: ask for consent again.
    pub consent: bool,
    /// `select_account`: let the person say who they are.
    pub select_account: bool,
}

/// A request in which nothing needs to be checked again.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// What is asked for and may be asked for by this client; always has `openid`.
    pub scopes: ScopeSet,
    /// `prompt`
    pub prompt: Prompt,
    /// `max_age`
    pub max_age: Option<TimeDelta>,
    /// `nonce`
    pub nonce: Option<String>,
    /// The S256 challenge.
    pub challenge: Option<Challenge>,
    /// `login_hint`: to fill in the sign-in page.
    pub login_hint: Option<String>,
    /// `id_token_hint`, not verified yet.
    pub id_token_hint: Option<String>,
    /// `ui_locales`
    pub ui_locales: Option<String>,
    /// `acr_values`, or `acr` in `claims`.
    pub acr: Option<AcrWish>,
    /// `sub` in `claims`: the only members that are meant.
    pub sub: Option<Vec<String>>,
    /// Claims by name that this client may ask for, and how they are written; `None` when nothing is asked for beside
    /// the scopes.
    pub claims: Option<Box<RequestedClaims>>,
    /// `resource` (RFC 8707): for whom the access tokens are, besides userinfo, and with which of their scopes.
    pub resources: ResourceSet,
    /// `dpop_jkt` (RFC 9449 §10): the key that the code is bound to.
    pub bound_to: Option<Thumbprint>,
}

impl AuthorizationRequest {
    /// The claims asked for by name.
    pub fn named_claims(&self) -> ClaimSet {
        self.claims.as_ref().map_or(ClaimSet::NONE, |claims| claims.all())
    }

    /// What a device asks for (RFC 8628): scopes and resources, and nothing about how.
    pub fn of_device(scopes: ScopeSet, resources: ResourceSet) -> Self {
        Self {
            scopes,
            prompt: Prompt::default(),
            max_age: None,
            nonce: None,
            challenge: None,
            login_hint: None,
            id_token_hint: None,
            ui_locales: None,
            acr: None,
            sub: None,
            claims: None,
            resources,
            bound_to: None,
        }
    }

    /// Types every parameter.
    ///
    /// # Errors
    /// The [`ProtocolError`] to answer the client with.
    pub fn parse(raw: &RawRequest, client: &Client) -> Result<Self, ProtocolError> {
        // OpenID Connect Core §6: a request object that is ignored could hide what the client meant.
        if raw.get("request").is_some() {
            return Err(ProtocolError::new(ErrorCode::RequestNotSupported, "request objects are not supported"));
        }
        if raw.get("request_uri").is_some() {
            return Err(ProtocolError::new(ErrorCode::RequestUriNotSupported, "request_uri is not supported"));
        }
        if raw.get("registration").is_some() {
            return Err(ProtocolError::new(ErrorCode::RegistrationNotSupported, "registration is not supported"));
        }
        match raw.get("response_type") {
            Some("code") => {}
            None => return Err(ProtocolError::invalid_request("response_type is missing")),
            Some(_) => {
                return Err(ProtocolError::new(ErrorCode::UnsupportedResponseType, "the only response_type is code"));
            }
        }
        let asked = raw.get("scope").map(ScopeSet::parse).unwrap_or_default();
        if !asked.contains(Scope::OpenId) {
            return Err(ProtocolError::new(ErrorCode::InvalidScope, "the scope openid is needed"));
        }
        let nonce = raw.get("nonce").map(str::to_owned);
        let named = raw.get("claims").map(ClaimsRequest::parse).transpose()?.unwrap_or_default();
        // OpenID Connect Core §5.5.1.1: asked for in both ways, the wish in claims is the more exact one.
        let acr = named.acr.or_else(|| raw.get("acr_values").map(AcrWish::from_list));
        let mut claims = named.requested.within(client.scopes);
        claims.locale = raw.get("claims_locales").and_then(ClaimsLocale::choose).unwrap_or_default();
        Ok(Self {
            scopes: asked.intersect(client.scopes),
            prompt: prompt(raw.get("prompt"))?,
            max_age: max_age(raw.get("max_age"))?,
            challenge: challenge(raw, client, nonce.is_some())?,
            nonce,
            login_hint: raw.get("login_hint").map(str::to_owned),
            id_token_hint: raw.get("id_token_hint").map(str::to_owned),
            ui_locales: raw.get("ui_locales").map(str::to_owned),
            acr,
            sub: named.sub,
            claims: (!claims.is_plain()).then(|| Box::new(claims)),
            resources: ResourceSet::asked(client, raw.all("resource"), raw.get("scope"))?,
            bound_to: raw.get("dpop_jkt").map(thumbprint).transpose()?,
        })
    }
}

/// RFC 9449 §10.
fn thumbprint(text: &str) -> Result<Thumbprint, ProtocolError> {
    Thumbprint::parse(text).ok_or(ProtocolError::invalid_request("dpop_jkt is not the SHA-256 thumbprint of a key"))
}

fn prompt(text: Option<&str>) -> Result<Prompt, ProtocolError> {
    let mut prompt = Prompt::default();
    for word in text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => return Err(ProtocolError::invalid_request("prompt has a value that is not supported")),
        }
    }
    // OpenID Connect Core §3.1.2.1: none stands alone.
    if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
        return Err(ProtocolError::invalid_request("prompt=none cannot be combined with another value"));
    }
    Ok(prompt)
}

fn max_age(text: Option<&str>) -> Result<Option<TimeDelta>, ProtocolError> {
    let Some(text) = text else { return Ok(None) };
    // Anything longer than a session lives asks for nothing.
    let seconds = text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let seconds = seconds.ok_or(ProtocolError::invalid_request("max_age is not a number of seconds"))?;
    Ok(Some(TimeDelta::seconds(i64::from(seconds))))
}

fn challenge(raw: &RawRequest, client: &Client, has_nonce: bool) -> Result<Option<Challenge>, ProtocolError> {
    let Some(text) = raw.get("code_challenge") else {
        if raw.get("code_challenge_method").is_some() {
            return Err(ProtocolError::invalid_request("code_challenge_method without code_challenge"));
        }
        // RFC 9700 §2.1.1: PKCE for all; a confidential client that was exempted protects itself with a nonce.
        return match client.pkce {
            PkcePolicy::Optional if !client.is_public() && has_nonce => Ok(None),
            PkcePolicy::NotAsked if !client.is_public() => Ok(None),
            PkcePolicy::Optional if !client.is_public() => {
                Err(ProtocolError::invalid_request("code_challenge or nonce is needed"))
            }
            _ => Err(ProtocolError::invalid_request("code_challenge with code_challenge_method=S256 is needed")),
        };
    };
    match Challenge::parse(text, raw.get("code_challenge_method")) {
        Ok(challenge) => Ok(Some(challenge)),
        Err(crate::grant::PkceError::Method) => {
            Err(ProtocolError::invalid_request("code_challenge_method must be S256"))
        }
        Err(crate::grant::PkceError::Challenge) => {
            Err(ProtocolError::invalid_request("code_challenge is not the base64url of a SHA-256 digest"))
        }
    }
}
