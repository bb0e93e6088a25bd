//! The language a page is written in, and how it is chosen.

/// A language our pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Thai: what a person gets who asked for nothing else.
    #[default]
    Th,
    /// English.
    En,
}

impl Lang {
    /// All languages, Thai first.
    pub const ALL: [Lang; 2] = [Lang::Th, Lang::En];

    /// The language of a BCP 47 tag such as `th-TH`, when we speak it.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Lang::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// The first language of a list such as `ui_locales` (tags separated by spaces, best first) that we speak.
    pub fn wished(ui_locales: &str) -> Option<Lang> {
        ui_locales.split_ascii_whitespace().find_map(Lang::from_tag)
    }

    /// Chooses from, in this order: `ui_locales` (OpenID Connect Core 3.1.2.1: a list separated by spaces, best
    /// first), the person's own cookie, the `Accept-Language` header. Thai when none of them names a language we speak.
    pub fn choose(ui_locales: Option<&str>, cookie: Option<&str>, accept_language: Option<&str>) -> Lang {
        ui_locales
            .and_then(Lang::wished)
            .or_else(|| cookie.and_then(Lang::from_tag))
            .or_else(|| accept_language.and_then(most_wanted))
            .unwrap_or_default()
    }

    /// `th` or `en`: for the `lang` attribute, the cookie and the form that switches.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Th => "th",
            Lang::En => "en",
        }
    }

    /// The language the switch in the page's head leads to.
    pub fn other(self) -> Lang {
        match self {
            Lang::Th => Lang::En,
            Lang::En => Lang::Th,
        }
    }

    /// The language's name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Lang::Th => "ไทย",
            Lang::En => "English",
        }
    }
}

/// The spoken language with the highest weight in an `Accept-Language` header; the first of equals. RFC 9110 §12.5.4.
fn most_wanted(header: &str) -> Option<Lang> {
    let mut best: Option<(Lang, f32)> = None;
    for range in header.split(',') {
        let mut parts = range.split(';');
        let Some(lang) = parts.next().and_then(Lang::from_tag) else { continue };
        let weight = parts
            .find_map(|parameter| parameter.trim().strip_prefix("q="))
            .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        // q=0 means "not acceptable", so it never wins.
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((lang, weight));
        }
    }
    best.map(|(lang, _)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_first_subtag() {
        let check = |tag, lang| assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        check("th", Some(Lang::Th));
        check("th-TH", Some(Lang::Th));
        check("TH_th", Some(Lang::Th));
        check(" en-GB ", Some(Lang::En));
        check("fr", None);
        check("thx", None);
        check("", None);
    }

    #[test]
    fn the_request_goes_before_the_cookie_and_the_cookie_before_the_browser() {
        let check = |ui, cookie, accept, lang| {
            assert_eq!(Lang::choose(ui, cookie, accept), lang, "{ui:?} {cookie:?} {accept:?}");
        };
        check(None, None, None, Lang::Th);
        check(Some("fr en th"), Some("th"), Some("th"), Lang::En);
        check(Some("fr"), Some("en"), Some("th"), Lang::En);
        check(None, Some("nonsense"), Some("en-US,en;q=0.9"), Lang::En);
        check(None, None, Some("fr;q=0.9, en;q=0.3, th;q=0.8"), Lang::Th);
        check(None, None, Some("en;q=0, fr"), Lang::Th);
        check(None, None, Some("en;q=abc"), Lang::Th);
        check(None, None, Some(",;q=,;;="), Lang::Th);
    }
}
