//! What the demo's pages share: the language, remembered in a cookie, and the headers.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use tracing::error;

use crate::view::{Lang, Text, text};

/// Cookies do not know ports: one choice for all pages of the demo.
const LANGUAGE_COOKIE: &str = "demo_lang";

/// The language of a request: `?lang=`, then what was chosen before, then the browser's, then Thai.
pub(crate) struct Speaks(pub(crate) Lang);

impl<S: Sync> FromRequestParts<S> for Speaks {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let accept = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let chosen = chosen(parts.uri.query());
        let remembered = cookie(&parts.headers, LANGUAGE_COOKIE);
        Ok(Speaks(Lang::choose(chosen.map(Lang::tag), remembered, accept)))
    }
}

/// Remembers what `?lang=` chose.
pub(crate) async fn remember_language(request: Request, next: Next) -> Response {
    let chosen = chosen(request.uri().query());
    let mut response = next.run(request).await;
    if let Some(lang) = chosen {
        let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", lang.tag());
        let value = HeaderValue::try_from(cookie).expect("a cookie of ASCII letters");
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn chosen(query: Option<&str>) -> Option<Lang> {
    query?.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Lang::from_tag)
}

/// The value of the first cookie of that name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The words of a page.
#[derive(Clone, Copy)]
pub(crate) struct Words(pub(crate) Lang);

impl Words {
    /// Message `key` of the locale files.
    pub(crate) fn say(self, key: &'static str) -> &'static str {
        text::get(self.0, key)
    }

    /// Message `key` as HTML, with the phrases held together that browsers break within a word.
    pub(crate) fn html(self, key: &'static str) -> &'static str {
        text::get_html(self.0, key)
    }

    /// Message `key`, filled with one value.
    pub(crate) fn with(self, key: &'static str, name: &'static str, value: impl ToString) -> String {
        text::format(self.0, &Text::key(key).with(name, value))
    }
}

/// Renders a page that no browser keeps and that loads nothing from elsewhere. `policy` adds to the content policy.
pub(crate) fn answer(status: StatusCode, page: &impl Template, policy: &str) -> Response {
    let (status, body) = match page.render() {
        Ok(body) => (status, body),
        Err(fault) => {
            error!("a page of the demo could not be rendered: {fault}");
            (StatusCode::INTERNAL_SERVER_ERROR, "ขออภัย แสดงหน้านี้ไม่ได้ / Sorry, this page cannot be shown".to_owned())
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; {policy}"
    );
    html(status, body, &policy)
}

/// An HTML answer with exactly this content policy.
pub(crate) fn html(status: StatusCode, body: String, policy: &str) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = HeaderValue::try_from(policy).expect("a policy of ASCII words");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let check = |line: &'static str, value: Option<&str>| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))]);
            assert_eq!(cookie(&headers, "demo_lang"), value, "{line}");
        };
        check("demo_lang=en", Some("en"));
        check("a=b; demo_lang=th; c=d", Some("th"));
        check("xdemo_lang=en", None);
        check("demo_lang2=en", None);
        check("", None);
    }

    #[test]
    fn the_language_of_the_query_is_one_we_speak() {
        let check = |query, lang| assert_eq!(chosen(query), lang, "{query:?}");
        check(Some("lang=en"), Some(Lang::En));
        check(Some("a=b&lang=th"), Some(Lang::Th));
        check(Some("lang=fr"), None);
        check(Some("slang=en"), None);
        check(None, None);
    }
}
