//! `/thaid/callback`: what the browser comes back with. Every answer but the one that this browser waits for ends on a page
//! that says how to go on, and changes nothing.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use idp_core::authorize::RawRequest;
use idp_core::secret::Secret;
use idp_verify::thaid::Begun;
use idp_verify::{ThaidError, ThaidPerson, ThaidScope, Unavailable};

use super::begin::{back, unavailable};
use super::{Errand, Kept, count, sign_in, spend, thaid};
use crate::account::login::{self, Outcome};
use crate::account::verify;
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let thaid = thaid(&app)?;
    count(&app, &visitor).await?;
    let answer = RawRequest::parse(&[query.as_deref().unwrap_or_default()])?;
    let state = answer.get("state").filter(|state| state.len() == 43).map(Secret::presented).ok_or_else(gone)?;
    let kept = spend(&app, &visitor, &state).await?.ok_or_else(gone)?;
    let home = back(kept.errand, kept.onward().request);
    match thaid.is_its_answer(answer.get("iss")).await {
        Ok(true) => {}
        Ok(false) => return Err(refused("iss", &home)),
        Err(outage) => return Err(unavailable(outage, &home)),
    }
    if let Some(error) = answer.get("error") {
        return failed(&app, &visitor, &kept, error, &home).await;
    }
    let code = answer.get("code").ok_or_else(|| refused("no code", &home))?;
    let scope = match kept.errand {
        Errand::SignIn | Errand::Prove { .. } => ThaidScope::Number,
        Errand::Verify { .. } | Errand::Renew { .. } => ThaidScope::Identity,
    };
    let begun = Begun {
        nonce: Secret::presented(kept.nonce.as_str()),
        verifier: Secret::presented(kept.verifier.as_str()),
        scope,
        at: kept.began_at,
    };
    match thaid.redeem(code, &begun, visitor.now).await {
        Ok(person) => hand_on(&app, &visitor, &kept, person).await,
        Err(ThaidError::Unavailable(outage)) => match kept.errand {
            // An outage costs nobody their temporary membership, here as at the registry.
            Errand::Verify { account, session } => match still_here(&app, &visitor, account, session).await? {
                Some(member) => verify::unavailable(&app, &visitor, &member, outage, kept.onward().request).await,
                None => Err(unavailable(outage, &home)),
            },
            _ => Err(unavailable(outage, &home)),
        },
        Err(ThaidError::CodeRefused) => Err(refused("code", &home)),
        Err(ThaidError::Untrusted(what)) => Err(refused(what, &home)),
        Err(ThaidError::TooUnsure) => {
            Err(not_enough("error-page-thaid-level-title", "error-page-thaid-level-body", &home))
        }
        Err(ThaidError::NumberNotTaken) => {
            Err(not_enough("error-page-thaid-number-title", "error-page-thaid-number-body", &home))
        }
    }
}

async fn hand_on(app: &App, visitor: &Visitor, kept: &Kept, person: ThaidPerson) -> Result<Response, AppError> {
    let onward = kept.onward();
    match kept.errand {
        Errand::SignIn => sign_in::sign_in(app, visitor, onward, person, None).await,
        Errand::Prove { account, session } => match still_here(app, visitor, account, session).await? {
            Some(_) => sign_in::sign_in(app, visitor, onward, person, Some(account)).await,
            None => Ok(visitor.go(&onward.by(urls::LOGIN))),
        },
        Errand::Verify { account, session } => match still_here(app, visitor, account, session).await? {
            Some(member) => verify::by_thaid(app, visitor, &member, person, onward.request).await,
            None => Ok(visitor.go(&onward.by(urls::LOGIN))),
        },
        Errand::Renew { account, session } => match still_here(app, visitor, account, session).await? {
            Some(member) => verify::renew_by_thaid(app, visitor, &member, person).await,
            None => Ok(visitor.go(urls::LOGIN)),
        },
    }
}

/// The member who began, in the session in which they did. ThaID may have taken its time, so the session is asked anew:
/// what it said is for nobody else.
async fn still_here(
    app: &App,
    visitor: &Visitor,
    account: idp_core::id::AccountId,
    session: idp_core::id::SessionId,
) -> Result<Option<Member>, AppError> {
    let Some(member) = visitor.member.as_ref() else { return Ok(None) };
    if member.account.account.id != account || member.session.id != session {
        return Ok(None);
    }
    let now = app.now();
    let found = app.store.session_by_cookie(&member.session.cookie).await?;
    let alive = found.is_some_and(|session| session.is_alive(now, app.session_limits()));
    Ok(alive.then(|| member.clone()))
}

/// ThaID says that it did not work, or that the person pressed "cancel" there.
async fn failed(app: &App, visitor: &Visitor, kept: &Kept, error: &str, home: &str) -> Result<Response, AppError> {
    match (error, kept.errand) {
        ("access_denied" | "login_required" | "consent_required" | "interaction_required", Errand::SignIn) => {
            let outcome = Outcome { notice: Some(Text::key("thaid-cancelled")), ..Outcome::default() };
            login::show(app, visitor, kept.onward(), "", outcome).await
        }
        ("access_denied" | "login_required" | "consent_required" | "interaction_required", _) => Ok(visitor.go(home)),
        ("temporarily_unavailable" | "server_error", _) => Err(unavailable(Unavailable::Refused, home)),
        _ => {
            // What it names is somebody's text: the log gets the kind alone.
            tracing::error!("ThaID refuses our request for a sign-in");
            Err(unavailable(Unavailable::Malformed, home))
        }
    }
}

/// Nothing waits under this state in this browser: expired, come back twice, or another browser's.
fn gone() -> AppError {
    AppError::new(StatusCode::BAD_REQUEST, "thaid_expired", "error-page-thaid-gone-title", "error-page-thaid-gone-body")
        .next(urls::LOGIN, "error-page-thaid-again")
}

/// An answer that is not for the sign-in that was begun here.
fn refused(what: &'static str, home: &str) -> AppError {
    tracing::warn!(check = what, "an answer of ThaID was not believed");
    AppError::new(
        StatusCode::BAD_REQUEST,
        "thaid_refused",
        "error-page-thaid-refused-title",
        "error-page-thaid-refused-body",
    )
    .next(home, "error-page-thaid-again")
}

/// ThaID answered, and it is not enough.
fn not_enough(title: &'static str, body: &'static str, home: &str) -> AppError {
    AppError::new(StatusCode::FORBIDDEN, "thaid_not_enough", title, body).next(home, "error-page-thaid-other-way")
}
