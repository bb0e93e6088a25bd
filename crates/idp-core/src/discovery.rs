//! The provider's metadata (OpenID Connect Discovery 1.0 §3, RFC 8414), built from the tables the handlers use.

use serde::Serialize;

use crate::authorize::ResponseMode;
use crate::client::{ClientAuthentication, GrantType};
use crate::jose::Algorithm;
use crate::scope::Scope;
use crate::session::Acr;

/// Paths of the endpoints, below the issuer.
#[derive(Clone, Copy, Debug)]
pub struct Endpoints {
    /// `authorization_endpoint`
    pub authorization: &'static str,
    /// `token_endpoint`
    pub token: &'static str,
    /// `userinfo_endpoint`
    pub userinfo: &'static str,
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

/// Every claim that can occur, as `claims_supported` lists them.
pub const CLAIMS: [&str; 34] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "membership",
    "membership_expires_at",
    "verified_badge",
    "member_type",
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "title",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "personnel_type",
    "organization",
    "department",
    "position",
    "citizen_id",
];

#[derive(Serialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    acr_values_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 2],
    id_token_signing_alg_values_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    display_values_supported: [&'static str; 1],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    claims_locales_supported: [&'static str; 2],
    ui_locales_supported: [&'static str; 2],
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
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
    let metadata = Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: at(endpoints.authorization),
        token_endpoint: at(endpoints.token),
        userinfo_endpoint: at(endpoints.userinfo),
        jwks_uri: at(endpoints.jwks),
        end_session_endpoint: at(endpoints.end_session),
        registration_endpoint: endpoints.registration.map(at),
        scopes_supported: Scope::ALL.map(Scope::as_str).to_vec(),
        response_types_supported: ["code"],
        response_modes_supported: ResponseMode::ALL.map(ResponseMode::as_str).to_vec(),
        grant_types_supported: GrantType::ALL.map(GrantType::as_str).to_vec(),
        acr_values_supported: [Acr::Aal1.as_str()],
        subject_types_supported: ["pairwise", "public"],
        id_token_signing_alg_values_supported: signing.iter().copied().map(Algorithm::as_str).collect(),
        token_endpoint_auth_methods_supported: ClientAuthentication::METHODS.to_vec(),
        display_values_supported: ["page"],
        claim_types_supported: ["normal"],
        claims_supported: CLAIMS.to_vec(),
        claims_locales_supported: ["th", "en"],
        ui_locales_supported: ["th", "en"],
        claims_parameter_supported: false,
        request_parameter_supported: false,
        // The default of this one is true, so it must be said (OpenID Connect Discovery §3).
        request_uri_parameter_supported: false,
        require_request_uri_registration: false,
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
