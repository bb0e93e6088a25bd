//! The URL table.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::account::{
    about, about_picture, accept, data, delete, document, edit, email_change, history, home, language, login,
    login_passkey, lost_factor, mailed_factor, not_me, passkeys, password, profile, receipt, recover, recovery_codes,
    register, restrict, second, security, seen, services, sign_out, thaid, totp, verify, welcome, well_known,
};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::figures::measure;
use crate::middleware::{error_pages, panicked, security_headers};
use crate::oidc::registration as client_registration;
use crate::oidc::{
    authorize, consent, cors, device, device_authorization, discovery, events, introspect, jwks, legacy, logout, par,
    revoke, token, userinfo,
};
use crate::state::App;
use crate::{admin, api, assets, logo, portrait, urls};

/// The whole site.
pub fn router(app: App) -> Router {
    // What programs ask, also those in browsers (single-page clients): no page is ever drawn for these.
    let machines = Router::new()
        .route(urls::DISCOVERY, get(discovery::get))
        .route(urls::METADATA, get(discovery::get))
        .route(urls::JWKS, get(jwks::get))
        .route(urls::PAR, post(par::post))
        .route(urls::TOKEN, post(token::post))
        .route(urls::REVOKE, post(revoke::post))
        .route(urls::USERINFO, get(userinfo::serve).post(userinfo::serve))
        .route(urls::LIVE, get(live))
        .route(urls::READY, get(ready))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), cors::open_to_programs))
        .with_state(app.clone());
    // Clients that register themselves: programs on servers, off unless it was switched on.
    let registration_of_clients = match app.config.clients.registration {
        true => Router::new()
            .route(urls::CLIENT_REGISTRATION, post(client_registration::post))
            .route(
                urls::CLIENT_CONFIGURATION,
                get(client_registration::get).put(client_registration::put).delete(client_registration::delete),
            )
            .method_not_allowed_fallback(wrong_method)
            .with_state(app.clone()),
        false => Router::new(),
    };
    let legacy = Router::new()
        .route(urls::LEGACY_TOKEN, post(legacy::access_token::post))
        .route(urls::LEGACY_RESOURCE, get(legacy::resource::get))
        .method_not_allowed_fallback(wrong_method)
        .with_state(app.clone());
    // What servers and devices ask: a page of another site has no business here.
    let servers = Router::new()
        .route(urls::INTROSPECT, post(introspect::post))
        .route(urls::EVENTS, post(events::post))
        .route(urls::DEVICE_AUTHORIZATION, post(device_authorization::post))
        .method_not_allowed_fallback(wrong_method)
        .with_state(app.clone());
    let pictures = Router::new()
        .route(urls::CLIENT_LOGO, get(logo::get))
        .route(urls::MEMBER_PICTURE, get(portrait::get))
        .with_state(app.clone());
    let protocol = Router::new()
        .route(urls::LEGACY_AUTHORIZE, get(legacy::authorize::get).head(async || no_head("GET")))
        .route(urls::AUTHORIZE, get(authorize::get).post(authorize::post).head(async || no_head("GET, POST")))
        .route(urls::RESUME, get(authorize::resume).head(async || no_head("GET")))
        .route(urls::GIVE_UP, get(authorize::cancel).head(async || no_head("GET")))
        .route(urls::DEVICE, get(device::get).post(device::post))
        .route(urls::DEVICE_CONFIRM, get(device::confirm_page).post(device::confirm))
        .route(urls::CONSENT, get(consent::get).post(consent::post))
        .route(urls::LOGOUT, get(logout::get).post(logout::post).head(async || no_head("GET, POST")));
    let registration = Router::new()
        .route(urls::REGISTER, get(register::choose_type_page).post(register::choose_type))
        .route(urls::REGISTER_TERMS, get(register::terms_page).post(register::accept_terms))
        .route(urls::REGISTER_EMAIL, get(register::email_page).post(register::send_code))
        .route(urls::REGISTER_CODE, get(register::code_page).post(register::check_code))
        .route(urls::REGISTER_RESEND, post(register::resend))
        .route(urls::REGISTER_DETAILS, get(register::details_page).post(register::conclude))
        .route(urls::WELCOME, get(welcome::get).post(welcome::post));
    let verification = Router::new()
        .route(urls::VERIFY, get(verify::choose))
        .route(urls::VERIFY_PUBLIC, get(verify::get_public).post(verify::post_public))
        .route(urls::VERIFY_STAFF, get(verify::get_staff).post(verify::post_staff))
        .route(urls::VERIFY_MAILBOX, get(verify::mailbox_page).post(verify::send_code))
        .route(urls::VERIFY_CODE, get(verify::code_page).post(verify::check_code))
        .route(urls::VERIFY_RESEND, post(verify::resend))
        .route(urls::VERIFY_RENEW, get(verify::renew_page).post(verify::renew))
        .route(urls::VERIFY_DONE, get(verify::done));
    let upstream = Router::new()
        .route(urls::THAID_BEGIN, get(thaid::begin))
        .route(urls::THAID_CALLBACK, get(thaid::callback))
        .route(urls::THAID_DOOR, get(thaid::door_page).post(thaid::door))
        .route(urls::VERIFY_THAID, get(verify::thaid_page));
    let passkeys = Router::new()
        .route(urls::LOGIN_PASSKEY, post(login_passkey::post))
        .route(urls::LOGIN_PASSKEY_ASK, post(login_passkey::ask))
        .route(urls::PASSKEYS, get(passkeys::get).post(passkeys::add))
        .route(urls::PASSKEYS_ASK, post(passkeys::ask))
        .route(urls::PASSKEYS_RENAME, post(passkeys::rename))
        .route(urls::PASSKEYS_REMOVE, post(passkeys::remove))
        .route(urls::CHANGE_PASSWORD, get(well_known::change_password))
        .route(urls::PASSKEY_ENDPOINTS, get(well_known::passkey_endpoints));
    let own_account = Router::new()
        .route(urls::HOME, get(home::get))
        .route(urls::LOGIN, get(login::get).post(login::post))
        .route(urls::LOGIN_SECOND, get(second::get).post(second::post))
        .route(urls::LOGIN_SECOND_MAIL, post(mailed_factor::post))
        .route(urls::LOGIN_SECOND_LOST, get(lost_factor::get).post(lost_factor::post))
        .route(urls::RECOVER, get(recover::ask_page).post(recover::ask))
        .route(urls::RECOVER_SET, get(recover::set_page).post(recover::set))
        .route(urls::LANGUAGE, post(language::post))
        .route(urls::PROFILE, get(profile::get))
        .route(urls::SERVICES, get(services::get))
        .route(urls::WITHDRAW, post(services::withdraw))
        .route(urls::WITHDRAW_ALL, post(services::withdraw_all))
        .route(urls::RECEIPT, get(receipt::get))
        .route(urls::RECEIPT_FILE, get(receipt::file))
        .route(urls::DATA, get(data::get))
        .route(urls::SECURITY, get(security::get))
        .route(urls::TOTP, get(totp::get).post(totp::post))
        .route(urls::TOTP_REMOVE, get(totp::remove_page).post(totp::remove))
        .route(urls::RECOVERY_CODES, get(recovery_codes::get).post(recovery_codes::post))
        .route(urls::DATA_DOWNLOAD, post(data::download))
        .route(urls::DATA_ALL, get(data::all))
        .route(urls::DATA_SEEN, get(seen::get))
        .route(urls::EDIT, get(edit::get).post(edit::post))
        .route(urls::ABOUT, get(about::get).post(about::post))
        .route(urls::ABOUT_PICTURE, post(about_picture::post).layer(DefaultBodyLimit::max(portrait::LONGEST_BODY)))
        .route(urls::ABOUT_PICTURE_REMOVE, post(about_picture::remove))
        .route(urls::RESTRICT, get(restrict::get).post(restrict::post))
        .route(urls::LIFT, post(restrict::lift))
        .route(urls::ACCEPT, get(accept::get).post(accept::post))
        .route(urls::TERMS_OF, get(document::terms_of))
        .route(urls::PRIVACY_OF, get(document::privacy_of))
        .route(urls::PASSWORD, get(password::get).post(password::post))
        .route(urls::EMAIL, get(email_change::ask_page).post(email_change::ask))
        .route(urls::EMAIL_CODE, get(email_change::code_page).post(email_change::check_code))
        .route(urls::EMAIL_RESEND, post(email_change::resend))
        .route(urls::EMAIL_UNDO, get(email_change::undo_page).post(email_change::undo))
        .route(urls::HISTORY, get(history::get))
        .route(urls::HISTORY_SIGN_OUT, post(history::sign_out_there))
        .route(urls::DELETE, get(delete::get).post(delete::post))
        .route(urls::KEEP, get(delete::keep_page).post(delete::keep))
        .route(urls::SIGN_OUT, get(sign_out::get).post(sign_out::post))
        .route(urls::SIGN_OUT_CONFIRM, post(logout::confirm))
        .route(urls::SIGN_OUT_EVERYWHERE, post(sign_out::everywhere))
        .route(urls::NOT_ME, get(not_me::get).post(not_me::post))
        .route(urls::TERMS, get(document::terms))
        .route(urls::PRIVACY, get(document::privacy))
        .route(urls::STAFF_INVITATION, get(admin::invitation_page).post(admin::accept_invitation));
    let timeout = Duration::from_secs(app.config.server.request_timeout_seconds);
    let limit = usize::try_from(app.config.server.max_body_bytes).unwrap_or(64 * 1024);
    Router::new()
        .merge(protocol)
        .merge(registration)
        .merge(verification)
        .merge(passkeys)
        .merge(upstream)
        .merge(own_account)
        .merge(admin::routes::router(&app))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), error_pages))
        .with_state(app.clone())
        .merge(machines)
        .merge(servers)
        .merge(registration_of_clients)
        .merge(legacy)
        .merge(api::routes::router(&app).with_state(app.clone()))
        .merge(assets::routes())
        .merge(pictures)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .layer(DefaultBodyLimit::max(limit))
        // A panic is an answer, which is counted and noted as others are; and so is one of whoever counts and notes.
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), measure))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app, security_headers))
}

async fn missing(_visitor: Visitor) -> AppError {
    AppError::not_found()
}

async fn wrong_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, "method not allowed").into_response()
}

/// HEAD where a GET answers a service or ends a session (RFC 9110 §9.2.1: whoever only looks changes nothing).
fn no_head(allowed: &'static str) -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)]).into_response()
}

/// The process answers.
async fn live() -> &'static str {
    "ok"
}

/// Requests can be served: the database answers.
async fn ready(axum::extract::State(app): axum::extract::State<App>) -> Response {
    let (sql, short_lived) = (app.store.ping().await, app.short_lived.ping().await);
    match (sql, short_lived) {
        (Ok(()), Ok(())) => "ready".into_response(),
        (sql, short_lived) => {
            tracing::warn!("not ready: database {:?}, short-lived store {:?}", sql.err(), short_lived.err());
            (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
        }
    }
}
