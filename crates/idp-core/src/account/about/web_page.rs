//! An address of the web that a member shows of themselves. We never go there; services may show it as a link.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::thai::is_invisible;

/// The longest address, in bytes, as typed and as kept.
const LONGEST: usize = 300;

/// An https address of a named host, in its normal form. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebPage(String);

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebPageError {
    /// Longer than 300 bytes.
    #[error("the address is too long")]
    TooLong,
    /// It does not begin with https://, or is no address at all.
    #[error("not an https address")]
    NotHttps,
    /// A number for a host, or a name without a dot.
    #[error("the host has no public name")]
    Host,
    /// A user name, a password or a fragment.
    #[error("a user name, a password or a fragment is not allowed")]
    Extras,
    /// A space, or a character that nobody sees.
    #[error("a character that no address has")]
    BadCharacter,
}

impl WebPageError {
    /// The locale key of the text that tells the person what to do.
    pub fn message_key(self) -> &'static str {
        match self {
            Self::TooLong => "error-web-long",
            Self::NotHttps => "error-web-https",
            Self::Host => "error-web-host",
            Self::Extras => "error-web-extras",
            Self::BadCharacter => "error-web-character",
        }
    }
}

impl WebPage {
    /// Reads an address as browsers read it; the normal form is kept, so that what is shown is where a link leads.
    ///
    /// # Errors
    /// [`WebPageError`].
    pub fn parse(typed: &str) -> Result<Self, WebPageError> {
        let typed = typed.trim();
        if typed.len() > LONGEST {
            return Err(WebPageError::TooLong);
        }
        // The parser would leave tabs and line ends out without a word, and write the others with percent signs.
        let unseen = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || c == '\\';
        if typed.contains(unseen) {
            return Err(WebPageError::BadCharacter);
        }
        let url = Url::parse(typed).map_err(|_| WebPageError::NotHttps)?;
        if url.scheme() != "https" {
            return Err(WebPageError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(WebPageError::Extras);
        }
        // The parser of browsers takes quotation marks and the like in a host; no name in use has any.
        let label = |label: &str| {
            !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        };
        let named = |name: &str| name.contains('.') && name.split('.').all(label);
        match url.host() {
            Some(Host::Domain(name)) if named(name) => {}
            _ => return Err(WebPageError::Host),
        }
        let kept = String::from(url);
        if kept.len() > LONGEST {
            return Err(WebPageError::TooLong);
        }
        Ok(Self(kept))
    }

    /// The address in its normal form: ASCII alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebPage(…)")
    }
}

impl From<WebPage> for String {
    fn from(page: WebPage) -> String {
        page.0
    }
}

impl TryFrom<String> for WebPage {
    type Error = WebPageError;

    fn try_from(stored: String) -> Result<WebPage, WebPageError> {
        WebPage::parse(&stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<&str, WebPageError>) {
        assert_eq!(WebPage::parse(typed).as_ref().map(WebPage::as_str).map_err(|error| *error), expected, "{typed:?}");
    }

    #[test]
    fn addresses_are_kept_in_their_normal_form() {
        check("https://shop.example/", Ok("https://shop.example/"));
        check("  https://shop.example/a?b=c ", Ok("https://shop.example/a?b=c"));
        check("HTTPS://Shop.Example", Ok("https://shop.example/"));
        check("https://shop.example:443/x/../y", Ok("https://shop.example/y"));
        check("https://shop.example:8443/", Ok("https://shop.example:8443/"));
        check("https://ร้าน.example/ส้ม", Ok("https://xn--q3ct9b5e.example/%E0%B8%AA%E0%B9%89%E0%B8%A1"));
        // A twin of a Latin letter is shown as what it is.
        check("https://sh\u{043E}p.example/", Ok("https://xn--shp-ted.example/"));
    }

    #[test]
    fn only_a_named_host_by_https_becomes_a_link() {
        use WebPageError::*;
        for typed in [
            "",
            "shop.example",
            "www.shop.example/x",
            "http://shop.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://shop.example/",
            "https://",
            "https:///",
            "//shop.example/",
            "mailto:a@b.example",
            "https://shop.example:99999/",
            "https://sh<op.example/",
        ] {
            check(typed, Err(NotHttps));
        }
        for typed in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://localhost/",
            "https://shop/",
            "https://shop..example/",
            "https://shop.example./",
            "https://sh\"op.example/",
            "https://sh'op.example/",
            "https://sh{op}.example/",
        ] {
            check(typed, Err(Host));
        }
        for typed in [
            "https://som@shop.example/",
            "https://som:secret@shop.example/",
            "https://bank.example:x@shop.example/",
            "https://shop.example/#top",
            "https://shop.example/#",
        ] {
            check(typed, Err(Extras));
        }
        for typed in [
            "https://shop.example/a b",
            "https://shop.\nexample/",
            "https://shop\t.example/",
            "https:\\\\shop.example\\x",
            "https://shop.example/\u{202E}gpj.exe",
            "https://sh\u{200B}op.example/",
            "https://shop.example/\u{0000}",
        ] {
            check(typed, Err(BadCharacter));
        }
        check(&format!("https://shop.example/{}", "a".repeat(300)), Err(TooLong));
        // Short as typed, and long with percent signs.
        check(&format!("https://shop.example/{}", "ก".repeat(60)), Err(TooLong));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser_and_what_is_read_reads_the_same(typed: String) {
            for typed in [typed.clone(), format!("https://{typed}"), format!("https://shop.example/{typed}")] {
                if let Ok(page) = WebPage::parse(&typed) {
                    prop_assert!(page.as_str().starts_with("https://") && page.as_str().is_ascii());
                    prop_assert_eq!(WebPage::parse(page.as_str()), Ok(page));
                }
            }
        }
    }
}
