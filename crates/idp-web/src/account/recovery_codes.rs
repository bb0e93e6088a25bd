//! `/profile/security/recovery-codes`: ten codes on paper, shown once; and what one of them is worth.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::{Account, RecoveryCode};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::SessionId;
use idp_core::seal::Purpose;
use idp_core::secret::Digest;
use idp_store::Space;

use super::factor_change::{self, Told};
use super::proof::{self, Demand, Destination, Proof};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::RecoveryCodesPage;
use crate::view::text::Text;

/// A fresh set waits so long to be shown.
const WAITS: Duration = Duration::from_secs(600);

/// GET: a fresh set, once; else how many are left.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match proof::ask(&app, &visitor, Demand::Member, Destination::RecoveryCodes).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let factors = app.store.factors(member.account.account.id).await?;
    if !factors.has_strong() {
        return Ok(visitor.go(urls::SECURITY));
    }
    let page = RecoveryCodesPage {
        shell: visitor.shell(),
        codes: take_to_show(&app, member.session.id).await?,
        left: factors.recovery_codes,
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST: a new set; the old one is worth nothing from now on.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match proof::ask(&app, visitor, Demand::Member, Destination::RecoveryCodes).await? {
        Proof::Given(member) => member,
        Proof::Missing(elsewhere) => return Ok(elsewhere),
    };
    let id = member.account.account.id;
    if !app.store.factors(id).await?.has_strong() {
        return Ok(visitor.go(urls::SECURITY));
    }
    let codes = RecoveryCode::make_set(&*app.chance);
    let digests: Vec<Digest> = codes.iter().map(|code| code.digest(id)).collect();
    let change = factor_change::prepare(&app, visitor, &member, Told::RecoveryCodesMade);
    if !app.store.replace_recovery_codes(&digests, change, visitor.now).await? {
        return Ok(visitor.go(urls::LOGIN));
    }
    app.mail_queued.notify_one();
    keep_to_show(&app, member.session.id, &codes).await?;
    Ok(visitor.go(urls::RECOVERY_CODES))
}

fn name(session: SessionId) -> String {
    format!("codes:{session}")
}

/// Keeps a fresh set, sealed, until the next page of this session shows it.
pub(super) async fn keep_to_show(app: &App, session: SessionId, codes: &[RecoveryCode]) -> Result<(), AppError> {
    let shown: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let text = zeroize::Zeroizing::new(shown.join("\n"));
    let name = name(session);
    let sealed = app.vault.seal(Purpose::SecondFactor, &name, text.as_bytes(), &*app.chance);
    Ok(app.short_lived.put(Space::HalfDone, &name, &sealed, WAITS).await?)
}

async fn take_to_show(app: &App, session: SessionId) -> Result<Vec<String>, AppError> {
    let name = name(session);
    let Some(sealed) = app.short_lived.take(Space::HalfDone, &name).await? else { return Ok(Vec::new()) };
    let Ok(text) = app.vault.open(Purpose::SecondFactor, &name, &sealed) else { return Ok(Vec::new()) };
    Ok(std::str::from_utf8(&text).unwrap_or_default().lines().map(str::to_owned).collect())
}

/// Judges a code and spends it.
pub(super) async fn accept(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    typed: &str,
) -> Result<Result<(), Text>, AppError> {
    let wrong = || Ok(Err(Text::key("second-recovery-wrong")));
    let Some(code) = RecoveryCode::parse(typed) else { return wrong() };
    let event = AuditEvent::by_member(visitor.now, account.id, Action::FactorRecovered)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "by": "recovery-code" }));
    match app.store.use_recovery_code(account.id, &code.digest(account.id), visitor.now, &[event]).await? {
        true => Ok(Ok(())),
        false => wrong(),
    }
}
