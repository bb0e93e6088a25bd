//! Every path, once.

#![expect(missing_docs, reason = "each constant is named after its page")]

use idp_core::account::PictureName;
use idp_core::client::LogoName;
use idp_core::discovery::Endpoints;
use idp_core::id::ClientId;

use crate::account::proof::Destination;
use crate::config::Config;

pub const HOME: &str = "/";
pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const JWKS: &str = "/jwks.json";
pub const AUTHORIZE: &str = "/authorize";
pub const RESUME: &str = "/authorize/resume";
/// The person gives up: the service that waits hears it.
pub const GIVE_UP: &str = "/authorize/cancel";
pub const CONSENT: &str = "/consent";
/// Pushed authorization requests (RFC 9126).
pub const PAR: &str = "/par";
pub const TOKEN: &str = "/token";
pub const USERINFO: &str = "/userinfo";
pub const INTROSPECT: &str = "/introspect";
/// Events for services that fetch them.
pub const EVENTS: &str = "/events";
pub const REVOKE: &str = "/revoke";
pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
pub const DEVICE: &str = "/device";
pub const DEVICE_CONFIRM: &str = "/device/confirm";
pub const LOGOUT: &str = "/logout";
/// Logos of clients, drawn by us.
pub const CLIENT_LOGO: &str = "/client-logo/{name}";
/// Pictures that members show of themselves, drawn by us.
pub const MEMBER_PICTURE: &str = "/member-picture/{name}";
pub const LOGIN: &str = "/login";
/// Signing in by passkey: what the browser is asked, and its answer.
pub const LOGIN_PASSKEY: &str = "/login/passkey";
pub const LOGIN_PASSKEY_ASK: &str = "/login/passkey/options";
/// A second factor: after the password, or beside a session that is not strong enough.
pub const LOGIN_SECOND: &str = "/login/second";
pub const LOGIN_SECOND_MAIL: &str = "/login/second/mail";
/// ThaID: where a sign-in there begins, where it comes back, and the two pages about it.
pub const THAID_BEGIN: &str = "/thaid/begin";
pub const THAID_CALLBACK: &str = "/thaid/callback";
pub const THAID_DOOR: &str = "/profile/security/thaid";
pub const VERIFY_THAID: &str = "/verify/thaid";
pub const LOGIN_SECOND_LOST: &str = "/login/second/lost";
pub const RECOVER: &str = "/recover";
pub const RECOVER_SET: &str = "/recover/set";
pub const LANGUAGE: &str = "/language";
pub const REGISTER: &str = "/register";
pub const REGISTER_TERMS: &str = "/register/terms";
pub const REGISTER_EMAIL: &str = "/register/email";
pub const REGISTER_CODE: &str = "/register/code";
pub const REGISTER_RESEND: &str = "/register/code/resend";
pub const REGISTER_DETAILS: &str = "/register/details";
pub const WELCOME: &str = "/welcome";
pub const VERIFY: &str = "/verify";
pub const VERIFY_PUBLIC: &str = "/verify/public";
pub const VERIFY_STAFF: &str = "/verify/staff";
pub const VERIFY_MAILBOX: &str = "/verify/staff/mailbox";
pub const VERIFY_CODE: &str = "/verify/staff/code";
pub const VERIFY_RESEND: &str = "/verify/staff/code/resend";
pub const VERIFY_RENEW: &str = "/verify/renew";
pub const VERIFY_DONE: &str = "/verify/done";
pub const PROFILE: &str = "/profile";
pub const SERVICES: &str = "/profile/services";
pub const WITHDRAW: &str = "/profile/services/withdraw";
pub const WITHDRAW_ALL: &str = "/profile/services/withdraw-all";
pub const RECEIPT: &str = "/profile/services/receipt";
pub const RECEIPT_FILE: &str = "/profile/services/receipt/file";
pub const PASSWORD: &str = "/profile/password";
pub const PASSKEYS: &str = "/profile/passkeys";
pub const PASSKEYS_ASK: &str = "/profile/passkeys/options";
pub const PASSKEYS_RENAME: &str = "/profile/passkeys/rename";
pub const PASSKEYS_REMOVE: &str = "/profile/passkeys/remove";
pub const EMAIL: &str = "/profile/email";
pub const EMAIL_CODE: &str = "/profile/email/code";
pub const EMAIL_RESEND: &str = "/profile/email/code/resend";
pub const EMAIL_UNDO: &str = "/profile/email/undo";
pub const HISTORY: &str = "/profile/history";
pub const HISTORY_SIGN_OUT: &str = "/profile/history/signout";
pub const SECURITY: &str = "/profile/security";
pub const TOTP: &str = "/profile/security/totp";
pub const TOTP_REMOVE: &str = "/profile/security/totp/remove";
pub const RECOVERY_CODES: &str = "/profile/security/recovery-codes";
pub const DATA: &str = "/profile/data";
pub const DATA_DOWNLOAD: &str = "/profile/data/download";
pub const DATA_ALL: &str = "/profile/data/all";
pub const DATA_SEEN: &str = "/profile/data/seen";
pub const EDIT: &str = "/profile/edit";
pub const ABOUT: &str = "/profile/about";
pub const ABOUT_PICTURE: &str = "/profile/about/picture";
pub const ABOUT_PICTURE_REMOVE: &str = "/profile/about/picture/remove";
pub const RESTRICT: &str = "/profile/restrict";
pub const LIFT: &str = "/profile/restrict/lift";
pub const DELETE: &str = "/profile/delete";
pub const KEEP: &str = "/profile/keep";
pub const SIGN_OUT: &str = "/signout";
pub const SIGN_OUT_CONFIRM: &str = "/signout/confirm";
pub const SIGN_OUT_EVERYWHERE: &str = "/signout/everywhere";
pub const NOT_ME: &str = "/not-me";
pub const TERMS: &str = "/terms";
pub const TERMS_OF: &str = "/terms/{version}";
pub const PRIVACY_OF: &str = "/privacy/{version}";
/// A new version is accepted.
pub const ACCEPT: &str = "/terms/accept";
pub const PRIVACY: &str = "/privacy";
pub const LIVE: &str = "/health/live";
pub const METADATA: &str = "/.well-known/oauth-authorization-server";
pub const CLIENT_REGISTRATION: &str = "/connect/register";
pub const CLIENT_CONFIGURATION: &str = "/connect/register/{client_id}";
/// The dialect of the system before this one, for services that still speak it.
pub const LEGACY_AUTHORIZE: &str = "/auth/authorize";
pub const LEGACY_TOKEN: &str = "/auth/accesstoken";
pub const LEGACY_RESOURCE: &str = "/auth/resource";
pub const READY: &str = "/health/ready";
/// Where programs that keep passwords and passkeys find the pages to change them.
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";
pub const PASSKEY_ENDPOINTS: &str = "/.well-known/passkey-endpoints";
/// A member becomes staff by a link. The console itself: `admin/paths.rs`.
pub const STAFF_INVITATION: &str = "/staff/invitation";
/// The API for programs of the staff. Its routes: `api/routes.rs` and the files beside it.
pub const API_DOCUMENT: &str = "/api/v1/openapi.json";
pub const API_PROBLEMS: &str = "/api/v1/problems";

/// The protocol's endpoints that are always there.
const ENDPOINTS: Endpoints = Endpoints {
    authorization: AUTHORIZE,
    pushed_authorization_request: PAR,
    token: TOKEN,
    userinfo: USERINFO,
    introspection: INTROSPECT,
    revocation: REVOKE,
    device_authorization: DEVICE_AUTHORIZATION,
    jwks: JWKS,
    end_session: LOGOUT,
    terms: TERMS,
    privacy: PRIVACY,
    registration: None,
};

/// The endpoints as this deployment has them.
pub fn endpoints(config: &Config) -> Endpoints {
    Endpoints { registration: config.clients.registration.then_some(CLIENT_REGISTRATION), ..ENDPOINTS }
}

/// The place where a client that registered itself looks after its registration.
pub fn client_configuration(id: &ClientId) -> String {
    format!("{CLIENT_REGISTRATION}/{id}")
}

/// The address of a client's logo.
pub fn client_logo(name: &LogoName) -> String {
    format!("/client-logo/{name}.png")
}

/// The path of a member's picture.
pub fn member_picture(name: &PictureName) -> String {
    format!("/member-picture/{name}.png")
}

/// `path` with the sign-in that waits, when there is one.
pub fn with_request(path: &str, request: Option<&str>) -> String {
    match request {
        Some(handle) if path.contains('?') => format!("{path}&request={handle}"),
        Some(handle) => format!("{path}?request={handle}"),
        None => path.to_owned(),
    }
}

/// `path` with the page of ours that comes after it, when there is one.
pub fn with_destination(path: &str, destination: Option<Destination>) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    match destination {
        Some(destination) => format!("{path}{separator}to={}", destination.word()),
        None => path.to_owned(),
    }
}
