//! The page of the simulated ThaID on which somebody chooses who to be.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use url::Url;

use super::office::{Choice, Office, level, people};
use crate::demo::page::{self, Speaks, Words};
use crate::view::Lang;

/// GET `/`.
pub(super) async fn home(Speaks(lang): Speaks) -> Response {
    let page = HomePage { words: Words(lang), lang, bad: false };
    page::answer(StatusCode::OK, &page, "form-action 'none'")
}

/// GET `/authorize`.
pub(super) async fn show(
    State(office): State<Arc<Office>>,
    Speaks(lang): Speaks,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    // The language of whoever sent us here, unless something else was chosen.
    let lang = match query.contains("ui_locales=en") && !query.contains("lang=") {
        true => Lang::En,
        false => lang,
    };
    let Some(asked) = office.read(&query) else {
        return page::answer(
            StatusCode::BAD_REQUEST,
            &HomePage { words: Words(lang), lang, bad: true },
            "form-action 'none'",
        );
    };
    let mut scopes = vec!["demo-thaid-scope-pid", "demo-thaid-scope-ial"];
    for (scope, key) in [("given_name", "demo-thaid-scope-name"), ("birthdate", "demo-thaid-scope-birthdate")] {
        if asked.wants(scope) {
            scopes.push(key);
        }
    }
    let page = AuthorizePage {
        words: Words(lang),
        lang,
        query: asked.query,
        scopes,
        people: people()
            .map(|person| Person {
                number: person.number,
                name: format!("{}{} {}", person.title, person.first, person.last),
                low: level(person) == "1.1",
            })
            .collect(),
    };
    // The browser follows the redirect after the form back to MOC Account.
    let origin = Url::parse(&office.redirect_uri).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    page::answer(StatusCode::OK, &page, &format!("form-action 'self' {origin}"))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    asked: String,
    person: String,
}

/// POST `/authorize`: `asked` is the request as it came, `person` a number, or nobody.
pub(super) async fn choose(State(office): State<Arc<Office>>, Form(chosen): Form<Chosen>) -> Response {
    let Some(asked) = office.read(&chosen.asked) else { return StatusCode::BAD_REQUEST.into_response() };
    let choice = match chosen.person.as_str() {
        "" => Choice::Cancel,
        number => Choice::Person(number.to_owned()),
    };
    match HeaderValue::try_from(office.answer(&asked, &choice)) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

struct Person {
    number: &'static str,
    name: String,
    low: bool,
}

#[derive(Template)]
#[template(path = "demo/thaid_authorize.html")]
struct AuthorizePage {
    words: Words,
    lang: Lang,
    query: String,
    scopes: Vec<&'static str>,
    people: Vec<Person>,
}

#[derive(Template)]
#[template(path = "demo/thaid_home.html")]
struct HomePage {
    words: Words,
    lang: Lang,
    bad: bool,
}
