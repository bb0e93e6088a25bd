//! Going to the provider to sign in, and coming back.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use super::{Desk, go, trouble::Trouble, with_cookie};
use crate::{demo::page::Speaks, view::Lang};

/// `GET /sign-in`: off to the provider, with state, nonce and PKCE kept here.
pub(super) async fn start(State(desk): State<Arc<Desk>>, Speaks(lang): Speaks, headers: HeaderMap) -> Response {
    match desk.provider.begin(lang).await {
        Ok((url, begun)) => {
            let visit = desk.visits.begin(desk.visit(&headers), begun);
            with_cookie(go(url.as_str()), &desk.service.cookie(&visit))
        }
        Err(trouble) => trouble.page(&desk, lang),
    }
}

/// The provider's answer, in the query (RFC 6749 §4.1.2, RFC 9207).
#[derive(Deserialize)]
pub(super) struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /callback`: the provider's answer. Only one that this browser asked for is looked at.
pub(super) async fn finish(
    State(desk): State<Arc<Desk>>,
    Speaks(lang): Speaks,
    headers: HeaderMap,
    answer: Result<Query<Answer>, QueryRejection>,
) -> Response {
    // A parameter that comes twice fails to parse.
    let Ok(Query(answer)) = answer else { return Trouble::NotAsked.page(&desk, lang) };
    match settle(&desk, desk.visit(&headers), answer).await {
        Ok(Settled::SignedIn { visit }) => with_cookie(go("/me"), &desk.service.cookie(&visit)),
        Ok(Settled::SignedInBefore) => go("/me"),
        Err((trouble, asked_in)) => trouble.page(&desk, asked_in.unwrap_or(lang)),
    }
}

enum Settled {
    SignedIn {
        visit: String,
    },
    /// The page was loaded again, as by the back button.
    SignedInBefore,
}

async fn settle(desk: &Desk, visit: Option<&str>, answer: Answer) -> Result<Settled, (Trouble, Option<Lang>)> {
    let visit = visit.ok_or((Trouble::NotAsked, None))?;
    let begun = answer.state.as_deref().and_then(|state| desk.visits.come_back(visit, state));
    let Some(begun) = begun else {
        let before = desk.visits.person(visit).is_some();
        return if before { Ok(Settled::SignedInBefore) } else { Err((Trouble::NotAsked, None)) };
    };
    let lang = begun.lang;
    let outcome = async {
        desk.provider.check_issuer(answer.iss.as_deref()).await?;
        if let Some(error) = answer.error {
            return Err(Trouble::refusal(error, answer.error_description));
        }
        let (person, refresh_token) = desk.provider.finish(answer.code.ok_or(Trouble::Odd("no code"))?, begun).await?;
        // The provider is set to send permanent members only; a service that depends on it looks for itself.
        if desk.service.permanent_only && !person.standing.has_badge() {
            return Err(Trouble::PermanentOnly);
        }
        Ok(desk.visits.seat(visit, person, refresh_token))
    };
    outcome.await.map(|visit| Settled::SignedIn { visit }).map_err(|trouble: Trouble| (trouble, Some(lang)))
}
