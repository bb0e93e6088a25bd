//! The page of who signed in: the membership as the service uses it, and what the provider sent.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, Utc};
use idp_core::thai::time;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Desk, Frame,
    claims::{Standing, worded},
    go,
    trouble::Trouble,
    visits::Seated,
    with_cookie,
};
use crate::{
    demo::page::Speaks,
    view::{Lang, text},
};

/// What a form of the page carries.
#[derive(Deserialize)]
pub(super) struct Guarded {
    csrf: String,
}

/// Who is signed in, and with which cookie; nobody when the form did not come from this page.
pub(super) fn signed_in<'a>(desk: &Desk, headers: &'a HeaderMap, form: &Guarded) -> Option<(&'a str, Seated)> {
    let visit = desk.visit(headers)?;
    let seated = desk.visits.person(visit)?;
    (seated.csrf == form.csrf).then_some((visit, seated))
}

/// `GET /me`.
pub(super) async fn show(State(desk): State<Arc<Desk>>, Speaks(lang): Speaks, headers: HeaderMap) -> Response {
    let Some(Seated { person, csrf }) = desk.visit(&headers).and_then(|visit| desk.visits.person(visit)) else {
        return go("/");
    };
    let userinfo = &person.userinfo;
    let fact = |label: &'static str, claim: &str| {
        worded(userinfo, claim, lang.tag()).map(|said| Fact { label, said: said.to_owned() })
    };
    let facts = [
        fact("demo-service-email", "email"),
        personnel(userinfo).map(|key| Fact { label: "demo-service-personnel", said: text::get(lang, key).to_owned() }),
        fact("demo-service-organization", "organization"),
        fact("demo-service-department", "department"),
        fact("demo-service-position", "position"),
    ];
    let page = MePage {
        frame: desk.frame(lang),
        who: person.name(lang),
        standing: person.standing,
        until: match person.standing {
            Standing::Temporary { until: Some(until) } => Some(date(lang, until)),
            _ => None,
        },
        facts: facts.into_iter().flatten().collect(),
        told_at: moment(lang, person.told_at),
        id_token: person.token_decoded(),
        userinfo: person.userinfo_decoded(),
        account_url: desk.service.issuer.clone(),
        csrf,
    };
    desk.page(StatusCode::OK, &page)
}

/// `POST /refresh`: asks the provider for the present state, so that a badge given or withdrawn shows.
pub(super) async fn refresh(
    State(desk): State<Arc<Desk>>,
    Speaks(lang): Speaks,
    headers: HeaderMap,
    Form(form): Form<Guarded>,
) -> Response {
    let Some((visit, seated)) = signed_in(&desk, &headers, &form) else { return go("/") };
    let Some(refresh_token) = desk.visits.take_refresh_token(visit) else {
        // No refresh token was given: sign in again, which the session at the provider makes silent.
        return go("/sign-in");
    };
    match desk.provider.renew(&seated.person, &refresh_token).await {
        Ok((person, _)) if desk.service.permanent_only && !person.standing.has_badge() => {
            with_cookie(Trouble::PermanentOnly.page(&desk, lang), &desk.service.cookie(&desk.visits.leave(visit, None)))
        }
        Ok((person, renewed)) => {
            desk.visits.refreshed(visit, Some(person), renewed.or(Some(refresh_token)));
            go("/me")
        }
        // RFC 6749 §5.2: the grant is gone, as after signing out everywhere or the end of the membership.
        Err(Trouble::TokenRefused(code)) if code == "invalid_grant" || code == "invalid_token" => {
            with_cookie(Trouble::SessionOver.page(&desk, lang), &desk.service.cookie(&desk.visits.leave(visit, None)))
        }
        Err(trouble) => {
            desk.visits.refreshed(visit, None, Some(refresh_token));
            trouble.page(&desk, lang)
        }
    }
}

/// The claim is a word of the protocol, not of a language.
fn personnel(userinfo: &Value) -> Option<&'static str> {
    match userinfo.get("personnel_type")?.as_str()? {
        "outside" => Some("demo-service-personnel-outside"),
        "inside" => Some("demo-service-personnel-inside"),
        _ => None,
    }
}

fn date(lang: Lang, at: DateTime<Utc>) -> String {
    match lang {
        Lang::Th => time::date_thai(at),
        Lang::En => time::date_english(at),
    }
}

fn moment(lang: Lang, at: DateTime<Utc>) -> String {
    let clock = match lang {
        // The last word must not stand on a line of its own.
        Lang::Th => time::clock_thai(at).replace(' ', "\u{a0}"),
        Lang::En => time::clock_english(at),
    };
    format!("{} {clock}", date(lang, at))
}

struct Fact {
    label: &'static str,
    said: String,
}

#[derive(Template)]
#[template(path = "demo/service_me.html")]
struct MePage<'a> {
    frame: Frame<'a>,
    who: String,
    standing: Standing,
    until: Option<String>,
    facts: Vec<Fact>,
    told_at: String,
    id_token: String,
    userinfo: String,
    account_url: String,
    csrf: String,
}
