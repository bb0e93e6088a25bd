//! A code by mail as the second factor of members who have nothing better. It is asked for by a press of a button, never
//! by opening a page; and it is no recovery: who has set up a factor of their own is not offered it.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use idp_core::account::{Account, CODE_LIFETIME, CodeState, CodeVerdict, FactorKind};
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::AccountId;
use idp_core::secret::Secret;
use idp_core::thai::ascii_digits;
use idp_store::Space;

use super::login::Onward;
use super::post_office::{Posting, post as seal_letter};
use super::register::{code_reference, code_resend_after};
use super::second::{Outcome, Prover, show};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::lang::Lang;
use crate::view::page::MailedCodeView;
use crate::view::text::Text;

/// What the code is for.
const PURPOSE: &str = "second-factor";
/// So many codes in an hour.
const PER_ACCOUNT_PER_HOUR: u64 = 6;

/// What the digest of a code is salted with.
fn salt(account: AccountId) -> String {
    format!("{PURPOSE} {account}")
}

/// POST `/login/second/mail`: a code, please.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let (visitor, onward) = (&form.visitor, Onward::of(&form));
    let Some(prover) = Prover::find(&app, visitor).await? else { return Ok(visitor.go(&onward.by(urls::LOGIN))) };
    let account = &prover.account.account;
    let factors = app.store.factors(account.id).await?;
    if !factors.offered().contains(&FactorKind::MailedCode) {
        return Ok(visitor.go(&onward.by(urls::LOGIN_SECOND)));
    }
    let waiting = app.store.waiting_code(account.id, PURPOSE).await?;
    let fault = match waiting {
        Some((_, code)) if code_resend_after(&code, visitor) > 0 => Some("error-code-soon"),
        _ if !mail_code(&app, visitor, account).await? => Some("rate-limited"),
        _ => None,
    };
    match fault {
        None => Ok(visitor.go(&onward.by(urls::LOGIN_SECOND))),
        Some(fault) => {
            let outcome = Outcome::wrong(Text::key(fault));
            show(&app, visitor, &prover, &factors, onward, Some(FactorKind::MailedCode), outcome).await
        }
    }
}

/// Mails a code; `false` when too many were asked for.
async fn mail_code(app: &App, visitor: &Visitor, account: &Account) -> Result<bool, AppError> {
    let rate = format!("second-code:{}", account.id);
    if app.short_lived.count(Space::Rate, &rate, Duration::from_secs(3600)).await? > PER_ACCOUNT_PER_HOUR {
        return Ok(false);
    }
    let code = Secret::six_digits(&*app.chance);
    let state = CodeState::sent(&code, &salt(account.id), visitor.now);
    let letter = Letter::SecondFactorCode {
        name: account.profile.full_name(),
        code: code.reveal().to_owned(),
        reference: code_reference(app, &state),
        minutes: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
    };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::minutes(30),
        once: None,
    };
    let mail = seal_letter(app, posting, letter, visitor.now);
    let event = AuditEvent::by_member(visitor.now, account.id, Action::EmailCodeSent)
        .from(visitor.origin.to_string())
        .detail(serde_json::json!({ "purpose": PURPOSE }));
    app.store.put_code(account.id, PURPOSE, &account.email, &state, visitor.now, &[event], &[mail]).await?;
    app.mail_queued.notify_one();
    Ok(true)
}

/// Judges a code and spends it; every guess was counted before.
pub(super) async fn accept(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    typed: &str,
) -> Result<Result<(), Text>, AppError> {
    let Some((_, code)) = app.store.take_code_guess(account.id, PURPOSE, visitor.now).await? else {
        return Ok(Err(Text::key("error-code-spent")));
    };
    Ok(match code.judge(&ascii_digits(typed), &salt(account.id), visitor.now) {
        // Of several who bring the right one at once, one.
        CodeVerdict::Right => {
            match app.store.confirm_code(account.id, PURPOSE, &code.digest, visitor.now, &[]).await? {
                true => Ok(()),
                false => Err(Text::key("error-code-spent")),
            }
        }
        CodeVerdict::Wrong { left } => Err(Text::key("error-code-wrong").with("n", left)),
        CodeVerdict::Spent => Err(Text::key("error-code-spent")),
    })
}

/// What the page shows: where a code goes or went.
pub(super) async fn state(app: &App, visitor: &Visitor, account: &Account) -> Result<MailedCodeView, AppError> {
    let waiting = app.store.waiting_code(account.id, PURPOSE).await?;
    let waiting = waiting.filter(|(_, code)| visitor.now < code.sent_at + CODE_LIFETIME);
    Ok(MailedCodeView {
        to: account.email.as_str().to_owned(),
        reference: waiting.as_ref().map(|(_, code)| code_reference(app, code)),
        minutes: u32::try_from(CODE_LIFETIME.num_minutes()).unwrap_or(10),
        resend_after: waiting.map_or(0, |(_, code)| code_resend_after(&code, visitor)),
    })
}
