//! The provider's metadata (OpenID Connect Discovery 1.0 §3, RFC 8414), built from the tables the handlers use.

use serde::Serialize;

use crate::authorize::ResponseMode;
use crate::claim::Claim;
use crate::client::{ClientAuthentication, GrantType};
use crate::jose::{Algorithm, ContentEncryption, KeyManagement};
use crate::scope::Scope;
use crate::session::Acr;
use crate::token::{ClaimsLocale, EVIDENCE, RECORD, TRUST_FRAMEWORK, VERIFIABLE};

/// Paths of the endpoints, below the issuer.
#[derive(Clone, Copy, Debug)]
pub struct Endpoints {
    /// `authorization_endpoint`
    pub authorization: &'static str,
    /// `pushed_authorization_request_endpoint`
    pub pushed_authorization_request: &'static str,
    /// `token_endpoint`
    pub token: &'static str,
    /// `userinfo_endpoint`
    pub userinfo: &'static str,
    /// `introspection_endpoint`
    pub introspection: &'static str,
    /// `revocation_endpoint`
    pub revocation: &'static str,
    /// `device_authorization_endpoint`
    pub device_authorization: &'static str,
    /// `jwks_uri`
    pub jwks: &'static str,
    /// `end_session_endpoint`
    pub end_session: &'static str,
    /// `registration_endpoint`, where clients may register themselves.
    pub registration: Option<&'static str>,
    /// `service_documentation`'s neighbours: the terms.
    pub terms: &'static str,
    /// The privacy notice.
    pub privacy: &'static str,
}

/// The protocol's own claims.
const PROTOCOL_CLAIMS: [&str; 11] =
    ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"];

/// Every claim that can occur, as `claims_supported` lists them: without language tags, and without `verified_claims`,
/// which has members of its own.
fn claims() -> Vec<&'static str> {
    let member = Claim::ALL.iter().filter(|claim| **claim != Claim::VerifiedClaims).map(|claim| claim.as_str());
    PROTOCOL_CLAIMS.into_iter().chain(member.filter(|name| !name.contains('#'))).collect()
}

#[derive(Serialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    pushed_authorization_request_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    introspection_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    device_authorization_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    acr_values_supported: Vec<&'static str>,
    subject_types_supported: [&'static str; 2],
    id_token_signing_alg_values_supported: Vec<&'static str>,
    id_token_encryption_alg_values_supported: Vec<&'static str>,
    id_token_encryption_enc_values_supported: Vec<&'static str>,
    userinfo_signing_alg_values_supported: Vec<&'static str>,
    userinfo_encryption_alg_values_supported: Vec<&'static str>,
    userinfo_encryption_enc_values_supported: Vec<&'static str>,
    authorization_signing_alg_values_supported: Vec<&'static str>,
    authorization_encryption_alg_values_supported: Vec<&'static str>,
    authorization_encryption_enc_values_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    dpop_signing_alg_values_supported: Vec<&'static str>,
    display_values_supported: [&'static str; 1],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    claims_locales_supported: [&'static str; 2],
    ui_locales_supported: [&'static str; 2],
    claims_parameter_supported: bool,
    verified_claims_supported: bool,
    trust_frameworks_supported: [&'static str; 1],
    claims_in_verified_claims_supported: Vec<&'static str>,
    evidence_supported: [&'static str; 1],
    electronic_records_supported: [&'static str; 1],
    request_parameter_supported: bool,
    request_object_signing_alg_values_supported: Vec<&'static str>,
    require_signed_request_object: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    require_pushed_authorization_requests: bool,
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 4],
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    op_policy_uri: String,
    op_tos_uri: String,
}

/// The document, serialised once. `signing` are the algorithms that there is a key for.
pub fn document(issuer: &str, endpoints: Endpoints, signing: &[Algorithm]) -> Vec<u8> {
    let at = |path: &str| format!("{issuer}{path}");
    let known = Algorithm::CLIENT_NAMES.to_vec();
    let signed: Vec<&str> = signing.iter().copied().map(Algorithm::as_str).collect();
    let encrypted = KeyManagement::ALL.map(KeyManagement::as_str).to_vec();
    let content = ContentEncryption::ALL.map(ContentEncryption::as_str).to_vec();
    let confidential = ClientAuthentication::METHODS.into_iter().filter(|method| *method != "none");
    let metadata = Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: at(endpoints.authorization),
        pushed_authorization_request_endpoint: at(endpoints.pushed_authorization_request),
        token_endpoint: at(endpoints.token),
        userinfo_endpoint: at(endpoints.userinfo),
        introspection_endpoint: at(endpoints.introspection),
        introspection_endpoint_auth_methods_supported: confidential.collect(),
        introspection_endpoint_auth_signing_alg_values_supported: known.clone(),
        introspection_signing_alg_values_supported: signed.clone(),
        revocation_endpoint: at(endpoints.revocation),
        revocation_endpoint_auth_methods_supported: ClientAuthentication::METHODS.to_vec(),
        revocation_endpoint_auth_signing_alg_values_supported: known.clone(),
        device_authorization_endpoint: at(endpoints.device_authorization),
        jwks_uri: at(endpoints.jwks),
        end_session_endpoint: at(endpoints.end_session),
        registration_endpoint: endpoints.registration.map(at),
        scopes_supported: Scope::ALL.map(Scope::as_str).to_vec(),
        response_types_supported: ["code"],
        response_modes_supported: ResponseMode::NAMES.to_vec(),
        grant_types_supported: GrantType::ALL.map(GrantType::as_str).to_vec(),
        acr_values_supported: Acr::OFFERED.map(Acr::as_str).to_vec(),
        subject_types_supported: ["pairwise", "public"],
        id_token_signing_alg_values_supported: signed.clone(),
        id_token_encryption_alg_values_supported: encrypted.clone(),
        id_token_encryption_enc_values_supported: content.clone(),
        userinfo_signing_alg_values_supported: signed.clone(),
        userinfo_encryption_alg_values_supported: encrypted.clone(),
        userinfo_encryption_enc_values_supported: content.clone(),
        authorization_signing_alg_values_supported: signed,
        authorization_encryption_alg_values_supported: encrypted,
        authorization_encryption_enc_values_supported: content,
        token_endpoint_auth_methods_supported: ClientAuthentication::METHODS.to_vec(),
        token_endpoint_auth_signing_alg_values_supported: known.clone(),
        dpop_signing_alg_values_supported: known.clone(),
        display_values_supported: ["page"],
        claim_types_supported: ["normal"],
        claims_supported: claims(),
        claims_locales_supported: ClaimsLocale::ALL,
        ui_locales_supported: ["th", "en"],
        claims_parameter_supported: true,
        verified_claims_supported: true,
        trust_frameworks_supported: [TRUST_FRAMEWORK],
        claims_in_verified_claims_supported: VERIFIABLE.map(Claim::as_str).to_vec(),
        evidence_supported: [EVIDENCE],
        electronic_records_supported: [RECORD],
        request_parameter_supported: true,
        request_object_signing_alg_values_supported: known,
        require_signed_request_object: false,
        // The default of this one is true, so it must be said (OpenID Connect Discovery §3).
        request_uri_parameter_supported: false,
        require_request_uri_registration: false,
        require_pushed_authorization_requests: false,
        code_challenge_methods_supported: ["S256"],
        prompt_values_supported: ["none", "login", "consent", "select_account"],
        authorization_response_iss_parameter_supported: true,
        // `sid` is in every ID token, and in every notice of either kind.
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        op_policy_uri: at(endpoints.privacy),
        op_tos_uri: at(endpoints.terms),
    };
    serde_json::to_vec(&metadata).expect("strings and booleans are always JSON")
}
