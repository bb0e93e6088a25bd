//! `/profile/security/totp`: an authenticator app, set up with a first code and taken away; and the codes it shows.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Account, FactorKind, RecoveryCode, TotpSecret};
use idp_core::seal::Purpose;
use idp_core::secret::Digest;
use idp_core::thai::ascii_digits;
use idp_store::{NewTotp, Space, TotpAdded};

use super::factor_change::{self, Told};
use super::proof::{self, Demand, Destination, Proof};
use super::{recovery_codes, second};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{RemoveFactorPage, TotpPage};
use crate::view::qr;
use crate::view::text::Text;

/// A secret that was shown waits so long for its first code.
const WAITS: Duration = Duration::from_secs(15 * 60);

/// Who the codes are for, as apps show it.
const ISSUER: &str = "MOC Account";

/// Where a secret is sealed: it opens for its account alone.
pub(super) fn place(account: &Account) -> String {
    format!("totp_factors/{}", account.id)
}

/// GET: the picture, and the same in letters.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match proof::ask(&app, &visitor, Demand::Member, Destination::Totp).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    if app.store.factors(member.account.account.id).await?.totp.is_some() {
        return Ok(visitor.go(urls::SECURITY));
    }
    let secret = match waiting(&app, &member).await? {
        Some(secret) => secret,
        None => begin(&app, &member).await?,
    };
    Ok(show(&visitor, &member, &secret, FieldErrors::none()))
}

/// POST: the first code. With it the app counts; the other sessions end, and this one has two factors from now on.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proof::ask(&app, visitor, Demand::Member, Destination::Totp).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let account = &member.account.account;
    let Some(secret) = waiting(&app, &member).await? else { return Ok(visitor.go(urls::TOTP)) };
    let Some(step) = secret.step_of(&plain_digits(form.field("code")), visitor.now, None) else {
        let mut errors = FieldErrors::none();
        errors.add("code", Text::key("totp-first-wrong"));
        return Ok(show(visitor, &member, &secret, errors));
    };
    // The first strong factor comes with recovery codes; beside another one those that are there go on.
    let codes = RecoveryCode::make_set(&*app.chance);
    let digests: Vec<Digest> = codes.iter().map(|code| code.digest(account.id)).collect();
    let sealed = app.vault.seal(Purpose::SecondFactor, &place(account), secret.as_bytes(), &*app.chance);
    let change = factor_change::prepare(&app, visitor, &member, Told::TotpAdded);
    let added = app.store.add_totp(NewTotp { sealed, step }, &digests, change, visitor.now).await?;
    let TotpAdded::Done { first } = added else { return Ok(visitor.go(urls::SECURITY)) };
    app.mail_queued.notify_one();
    app.short_lived.remove(Space::HalfDone, &name(&member)).await?;
    let mut response = visitor.go(if first { urls::RECOVERY_CODES } else { urls::SECURITY });
    let Some(session) = second::step_up(&app, visitor, &member, FactorKind::Totp, &mut response).await? else {
        return Ok(visitor.go(urls::LOGIN));
    };
    if first {
        recovery_codes::keep_to_show(&app, session, &codes).await?;
    }
    Ok(response)
}

/// GET `/profile/security/totp/remove`.
pub async fn remove_page(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    match proof::ask(&app, &visitor, Demand::Member, Destination::RemoveTotp).await? {
        Proof::Missing(elsewhere) => Ok(elsewhere),
        Proof::Given(_) => {
            let page = RemoveFactorPage { shell: visitor.shell() };
            Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
        }
    }
}

/// POST `/profile/security/totp/remove`.
pub async fn remove(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proof::ask(&app, visitor, Demand::Member, Destination::RemoveTotp).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let change = factor_change::prepare(&app, visitor, &member, Told::TotpRemoved);
    app.store.remove_totp(change, visitor.now).await?;
    app.mail_queued.notify_one();
    Ok(visitor.go(urls::SECURITY))
}

/// What waits belongs to the session that asked for it.
fn name(member: &Member) -> String {
    format!("totp:{}", member.session.id)
}

async fn begin(app: &App, member: &Member) -> Result<TotpSecret, AppError> {
    let secret = TotpSecret::make(&*app.chance);
    let name = name(member);
    let sealed = app.vault.seal(Purpose::SecondFactor, &name, secret.as_bytes(), &*app.chance);
    app.short_lived.put(Space::HalfDone, &name, &sealed, WAITS).await?;
    Ok(secret)
}

async fn waiting(app: &App, member: &Member) -> Result<Option<TotpSecret>, AppError> {
    let name = name(member);
    let Some(sealed) = app.short_lived.get(Space::HalfDone, &name).await? else { return Ok(None) };
    Ok(app.vault.open(Purpose::SecondFactor, &name, &sealed).ok().and_then(|bytes| TotpSecret::from_bytes(&bytes)))
}

fn show(visitor: &Visitor, member: &Member, secret: &TotpSecret, errors: FieldErrors) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let address = secret.address(ISSUER, member.account.account.email.as_str());
    let page = TotpPage {
        shell: visitor.shell(),
        errors,
        picture: qr::Picture::of(&address),
        secret: secret.shown().to_string(),
        address: address.to_string(),
    };
    visitor.dress(page.render_response(status).into_response())
}

/// Judges a code and spends its step.
pub(super) async fn accept(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    typed: &str,
) -> Result<Result<(), Text>, AppError> {
    let wrong = || Ok(Err(Text::key("second-wrong")));
    let Some(kept) = app.store.totp_secret(account.id).await? else { return wrong() };
    let secret = app
        .vault
        .open(Purpose::SecondFactor, &place(account), &kept.sealed)
        .map_err(|error| AppError::internal(error.to_string()))?;
    let secret =
        TotpSecret::from_bytes(&secret).ok_or_else(|| AppError::internal("a shared secret has another length"))?;
    let Some(step) = secret.step_of(&plain_digits(typed), visitor.now, Some(kept.last_step)) else { return wrong() };
    match app.store.accept_totp(account.id, step, visitor.now).await? {
        true => Ok(Ok(())),
        false => wrong(),
    }
}

/// As apps show them, in two groups, and as Thai keyboards type them.
fn plain_digits(typed: &str) -> String {
    ascii_digits(typed).chars().filter(|letter| !letter.is_whitespace()).collect()
}
