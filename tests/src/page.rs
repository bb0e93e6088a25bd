//! What a browser shows, and the forms on it.

use axum::http::{HeaderMap, StatusCode};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// What a browser shows, or the place outside of the provider to which it was sent.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it is: path and query.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The headers of the last response.
    pub headers: HeaderMap,
    /// The HTML.
    pub html: String,
    /// The URL outside of the provider to which the browser was sent: it went no further.
    pub away: Option<String>,
}

impl Page {
    /// Whether anything matches `selector`.
    pub fn has(&self, selector: &str) -> bool {
        Html::parse_document(&self.html).select(&css(selector)).next().is_some()
    }

    /// The text of the first match of `selector`, white space folded; empty without a match.
    pub fn text(&self, selector: &str) -> String {
        let html = Html::parse_document(&self.html);
        html.select(&css(selector)).next().map_or_else(String::new, |found| folded(&found))
    }

    /// The texts of all matches.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        Html::parse_document(&self.html).select(&css(selector)).map(|found| folded(&found)).collect()
    }

    /// An attribute of the first match.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        Html::parse_document(&self.html).select(&css(selector)).next()?.attr(name).map(str::to_owned)
    }

    /// An attribute of every match that has it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        html.select(&css(selector)).filter_map(|found| found.attr(name).map(str::to_owned)).collect()
    }

    /// The path without its query.
    pub fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The code that an error page shows.
    pub fn error_code(&self) -> String {
        self.text("#error-code")
    }

    /// The form whose action is `action`, filled in as the page has it.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let found = self.forms().into_iter().find(|form| form.action == action);
        found.unwrap_or_else(|| {
            panic!("no form goes to {action} on {} ({}): {}", self.path, self.status, self.text("main"))
        })
    }

    /// Every form.
    pub fn forms(&self) -> Vec<Form> {
        let html = Html::parse_document(&self.html);
        html.select(&css("form")).map(|form| Form::read(&form, self.place())).collect()
    }

    /// Fails unless this is an error page of our own with `status` and `code`, that leads nowhere outside.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) {
        assert_eq!(self.away, None);
        assert_eq!((self.status.as_u16(), self.error_code().as_str()), (status, code), "{}", self.text("main"));
        assert!(self.headers.get("location").is_none());
    }

    /// Fails unless this is the page at `place`, on the provider's own site.
    #[track_caller]
    pub fn expect_at(&self, place: &str) {
        assert_eq!((self.place(), self.away.as_deref()), (place, None), "{} {}", self.status, self.text("main"));
    }

    /// The URL outside to which the browser was sent.
    #[track_caller]
    pub fn left_for(&self) -> Url {
        let away = self.away.as_deref().unwrap_or_else(|| panic!("still at {}: {}", self.path, self.text("main")));
        Url::parse(away).expect("a Location that leads away is absolute")
    }
}

/// A form as the page has it, to be filled in further.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Whether it is posted.
    pub is_post: bool,
    /// Names and values, hidden ones included.
    pub fields: Vec<(String, String)>,
}

impl Form {
    fn read(form: &ElementRef<'_>, here: &str) -> Self {
        let mut fields = Vec::new();
        for input in form.select(&css("input[name], select[name], textarea[name]")) {
            let Some(name) = input.attr("name") else { continue };
            let value = match (input.value().name(), input.attr("type").unwrap_or("text")) {
                ("select", _) => {
                    let chosen = input.select(&css("option[selected]")).next();
                    let chosen = chosen.or_else(|| input.select(&css("option")).next());
                    chosen.and_then(|option| option.attr("value")).unwrap_or_default().to_owned()
                }
                ("textarea", _) => folded(&input),
                (_, "checkbox" | "radio") if input.attr("checked").is_none() => continue,
                _ => input.attr("value").unwrap_or_default().to_owned(),
            };
            fields.push((name.to_owned(), value));
        }
        Self {
            action: form.attr("action").unwrap_or(here).to_owned(),
            is_post: form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            fields,
        }
    }

    /// Fills in a field, presses a button or changes a hidden value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Leaves a field out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// Whether the form has a field.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// A field's value; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

fn css(selector: &str) -> Selector {
    Selector::parse(selector).expect("a test's selector is one")
}

fn folded(element: &ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
