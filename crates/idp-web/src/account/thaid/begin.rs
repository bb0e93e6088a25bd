//! `/thaid/begin`: a state, a nonce and a PKCE verifier wait here, and the browser goes to ThaID.
//!
//! A link, and no form: browsers that hold the redirects after a form to `form-action` would stop at whatever address
//! ThaID leads on to. Nothing is changed by it, and a link on another site leads no further than to the sign-in page.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use idp_core::id::{AccountId, SessionId};
use idp_core::secret::{Secret, base64url};
use idp_verify::thaid::Begun;
use idp_verify::{ThaidScope, Unavailable};
use serde::Deserialize;

use super::{Errand, Kept, count, keep, thaid};
use crate::account::proof::{Demand, Destination};
use crate::account::verify;
use crate::error::AppError;
use crate::extract::{FETCH_SITE, Visitor, see_other};
use crate::oidc::pending::handle;
use crate::state::App;
use crate::urls;

/// What somebody goes there for, and what comes after it.
#[derive(Deserialize)]
pub struct Opened {
    #[serde(rename = "for")]
    errand: Option<String>,
    request: Option<String>,
    to: Option<String>,
}

/// GET.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(opened): Query<Opened>,
) -> Result<Response, AppError> {
    let thaid = thaid(&app)?;
    let request = opened.request.as_deref().and_then(handle);
    if !is_from_here(&headers) {
        return Ok(visitor.go(&urls::with_request(urls::LOGIN, request)));
    }
    count(&app, &visitor).await?;
    let errand = match errand(&app, &visitor, &opened, request).await? {
        Ok(errand) => errand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let scope = match errand {
        Errand::SignIn | Errand::Prove { .. } => ThaidScope::Number,
        Errand::Verify { .. } | Errand::Renew { .. } => ThaidScope::Identity,
    };
    let [state, nonce, verifier] = [(); 3].map(|()| Secret::make(&*app.chance));
    let begun = Begun { nonce, verifier, scope, at: visitor.now };
    let url = match thaid.authorization_url(&state, &begun, visitor.lang.tag()).await {
        Ok(url) => url,
        Err(outage) => return Err(unavailable(outage, &back(errand, request))),
    };
    let kept = Kept {
        browser: base64url(visitor.browser().as_bytes()),
        nonce: begun.nonce.reveal().to_owned(),
        verifier: begun.verifier.reveal().to_owned(),
        began_at: visitor.now,
        errand,
        request: request.map(str::to_owned),
        to: opened.to.as_deref().and_then(Destination::parse).map(|to| to.word().to_owned()),
    };
    keep(&app, &state, &kept).await?;
    Ok(visitor.dress(see_other(url.as_str())))
}

/// Reads what somebody goes there for, and lets nobody go who may not: the other way is where they are led instead.
async fn errand(
    app: &App,
    visitor: &Visitor,
    opened: &Opened,
    request: Option<&str>,
) -> Result<Result<Errand, Response>, AppError> {
    Ok(match opened.errand.as_deref() {
        Some("verify") => verify::may_verify(app, visitor, Demand::Member, request).await?.map(|by| {
            let (account, session) = ids(&by);
            Errand::Verify { account, session }
        }),
        Some("renew") => verify::may_renew(app, visitor).await?.map(|by| {
            let (account, session) = ids(&by);
            Errand::Renew { account, session }
        }),
        Some("prove") => Ok(match &visitor.member {
            Some(by) => {
                let (account, session) = ids(by);
                Errand::Prove { account, session }
            }
            None => Errand::SignIn,
        }),
        _ => Ok(Errand::SignIn),
    })
}

fn ids(member: &crate::extract::Member) -> (AccountId, SessionId) {
    (member.account.account.id, member.session.id)
}

/// The page on which an errand was begun.
pub(super) fn back(errand: Errand, request: Option<&str>) -> String {
    match errand {
        Errand::SignIn | Errand::Prove { .. } => urls::with_request(urls::LOGIN, request),
        Errand::Verify { .. } => urls::with_request(urls::VERIFY, request),
        Errand::Renew { .. } => urls::VERIFY_RENEW.to_owned(),
    }
}

/// ThaID is down: said plainly, with the other ways on.
pub(super) fn unavailable(outage: Unavailable, back: &str) -> AppError {
    tracing::warn!(outage = outage.code(), "ThaID cannot be asked");
    AppError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "thaid_unavailable",
        "error-page-thaid-down-title",
        "error-page-thaid-down-body",
    )
    .next(back, "error-page-thaid-other-way")
}

/// Whether the browser says that a page of ours, or its own address bar, led here. Old browsers say nothing.
fn is_from_here(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(|value| value.as_bytes());
    matches!(site, None | Some(b"same-origin" | b"none"))
}
