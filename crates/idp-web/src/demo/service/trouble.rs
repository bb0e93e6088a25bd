//! What can go wrong for a service, each with words that say what to do next.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{Desk, Frame};
use crate::view::Lang;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The provider cannot be reached.
    ProviderDown,
    /// An answer that this browser did not ask for, or asked for too long ago.
    NotAsked,
    /// RFC 9207: the answer is not from our provider.
    OtherIssuer,
    /// The provider answered `access_denied`.
    Denied { detail: Option<String> },
    /// The provider answered another error.
    Refused { code: String, detail: Option<String> },
    /// The token endpoint said no.
    TokenRefused(String),
    /// The ID token or userinfo is not good, for this reason.
    BadToken(&'static str),
    /// The provider left its own protocol.
    Odd(&'static str),
    /// The service takes permanent members only.
    PermanentOnly,
    /// The grant has ended at the provider.
    SessionOver,
    /// An address the service does not have.
    NoSuchPage,
}

impl Trouble {
    /// The error of an authorization response (RFC 6749 §4.1.2.1).
    pub(super) fn refusal(code: String, detail: Option<String>) -> Trouble {
        let detail =
            detail.map(|detail| detail.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(300).collect());
        if code == "access_denied" {
            Trouble::Denied { detail }
        } else {
            Trouble::Refused { code: plain(&code), detail }
        }
    }

    pub(super) fn page(&self, desk: &Desk, lang: Lang) -> Response {
        let (title, body) = self.words();
        let page = TroublePage {
            frame: Frame { here: "/", ..desk.frame(lang) },
            code: self.code(),
            title,
            body,
            detail: self.detail(),
            // Trying again helps unless the page does not exist.
            again: *self != Trouble::NoSuchPage,
            account: matches!(self, Trouble::PermanentOnly | Trouble::Denied { .. }),
            account_url: desk.service.issuer.clone(),
        };
        desk.page(self.status(), &page)
    }

    fn status(&self) -> StatusCode {
        match self {
            Trouble::ProviderDown | Trouble::Odd(_) | Trouble::BadToken(_) => StatusCode::BAD_GATEWAY,
            Trouble::Denied { .. } | Trouble::PermanentOnly => StatusCode::FORBIDDEN,
            Trouble::SessionOver => StatusCode::UNAUTHORIZED,
            Trouble::NoSuchPage => StatusCode::NOT_FOUND,
            Trouble::NotAsked | Trouble::OtherIssuer | Trouble::Refused { .. } | Trouble::TokenRefused(_) => {
                StatusCode::BAD_REQUEST
            }
        }
    }

    fn code(&self) -> String {
        match self {
            Trouble::ProviderDown => "provider_unreachable".into(),
            Trouble::NotAsked => "state_unknown".into(),
            Trouble::OtherIssuer => "issuer_mismatch".into(),
            Trouble::Denied { .. } => "access_denied".into(),
            Trouble::Refused { code, .. } => code.clone(),
            Trouble::TokenRefused(code) => plain(code),
            Trouble::BadToken(_) => "token_not_valid".into(),
            Trouble::Odd(_) => "provider_answer_odd".into(),
            Trouble::PermanentOnly => "permanent_members_only".into(),
            Trouble::SessionOver => "session_over".into(),
            Trouble::NoSuchPage => "no_such_page".into(),
        }
    }

    /// Keys of the title and of what to do.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Trouble::ProviderDown => ("demo-service-down", "demo-service-down-do"),
            Trouble::NotAsked => ("demo-service-not-asked", "demo-service-not-asked-do"),
            Trouble::Denied { .. } => ("demo-service-denied", "demo-service-denied-do"),
            Trouble::PermanentOnly => ("demo-service-permanent-only", "demo-service-permanent-only-do"),
            Trouble::SessionOver => ("demo-service-session-over", "demo-service-session-over-do"),
            Trouble::NoSuchPage => ("demo-service-lost", "demo-service-lost-do"),
            Trouble::OtherIssuer
            | Trouble::Refused { .. }
            | Trouble::TokenRefused(_)
            | Trouble::BadToken(_)
            | Trouble::Odd(_) => ("demo-service-failed", "demo-service-failed-do"),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Trouble::Denied { detail } | Trouble::Refused { detail, .. } => detail.clone(),
            Trouble::BadToken(what) | Trouble::Odd(what) => Some((*what).to_owned()),
            _ => None,
        }
    }
}

/// An error code as RFC 6749 §5.2 spells them; what else somebody put into the address is not repeated.
fn plain(code: &str) -> String {
    let well_formed = !code.is_empty() && code.len() <= 60 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if well_formed { code.to_owned() } else { "unknown_error".to_owned() }
}

#[derive(Template)]
#[template(path = "demo/service_trouble.html")]
struct TroublePage<'a> {
    frame: Frame<'a>,
    code: String,
    title: &'static str,
    body: &'static str,
    detail: Option<String>,
    again: bool,
    account: bool,
    account_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::text;

    #[test]
    fn every_trouble_has_words_in_both_languages() {
        for trouble in [
            Trouble::ProviderDown,
            Trouble::NotAsked,
            Trouble::OtherIssuer,
            Trouble::Denied { detail: None },
            Trouble::Refused { code: "server_error".into(), detail: None },
            Trouble::TokenRefused("invalid_client".into()),
            Trouble::BadToken("nonce"),
            Trouble::Odd("userinfo"),
            Trouble::PermanentOnly,
            Trouble::SessionOver,
            Trouble::NoSuchPage,
        ] {
            let (title, body) = trouble.words();
            for lang in Lang::ALL {
                assert_ne!(text::get(lang, title), title);
                assert_ne!(text::get(lang, body), body);
            }
            assert_eq!(plain(&trouble.code()), trouble.code(), "codes are spelled as OAuth spells them");
        }
    }

    #[test]
    fn what_the_address_says_is_not_repeated_as_it_is() {
        let refusal = Trouble::refusal("<script>".into(), Some("line\r\nกข one".into()));
        assert_eq!(refusal.code(), "unknown_error");
        assert_eq!(refusal.detail().as_deref(), Some("line one"));
        assert_eq!(Trouble::refusal("access_denied".into(), None), Trouble::Denied { detail: None });
    }
}
