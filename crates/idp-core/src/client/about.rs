//! What else there is to know about a client: pages of its own, and whom to ask. We show links to them; the logo alone is
//! fetched, once, when the client is registered or changed, so that nobody learns through us who is looking.

use serde::{Deserialize, Serialize};
use url::Url;

/// Pages and people behind a client; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// `client_uri`: its home page.
    pub client_uri: Option<WebUri>,
    /// `logo_uri`: from where its logo is fetched; no page of ours leads there.
    pub logo_uri: Option<WebUri>,
    /// `policy_uri`: its own privacy notice.
    pub policy_uri: Option<WebUri>,
    /// `tos_uri`: its terms.
    pub tos_uri: Option<WebUri>,
    /// `initiate_login_uri`: where somebody else's page may send a member to sign in to it.
    pub initiate_login_uri: Option<WebUri>,
    /// `contacts`: mailboxes of those who look after it.
    pub contacts: Vec<String>,
}

/// The same as typed.
#[derive(Clone, Debug, Default)]
pub struct AboutDraft {
    /// `client_uri`
    pub client_uri: Option<String>,
    /// `logo_uri`
    pub logo_uri: Option<String>,
    /// `policy_uri`
    pub policy_uri: Option<String>,
    /// `tos_uri`
    pub tos_uri: Option<String>,
    /// `initiate_login_uri`
    pub initiate_login_uri: Option<String>,
    /// `contacts`
    pub contacts: Vec<String>,
}

/// An https address that a person may follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebUri(String);

/// Why one of these is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AboutError {
    /// Not an https address in its normal form, or with extras.
    #[error("{0}: an https address in its normal form, without user name, of 2000 characters at most")]
    Uri(&'static str),
    /// Not a few addresses.
    #[error("contacts: ten mailboxes at most, each an e-mail address")]
    Contacts,
}

impl WebUri {
    /// Judges an address: https alone, so that nothing that runs can ever be a link on our page.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.host().is_some();
        let sound = text.len() <= 2000 && url.scheme() == "https" && plain && url.as_str() == text;
        sound.then(|| Self(text.to_owned()))
    }

    /// The address as it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a browser can be sent there with parameters: no fragment that would swallow them, no wildcard.
    fn is_one_address(&self) -> bool {
        !self.0.contains(['#', '*'])
    }
}

impl About {
    /// Judges what was typed.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(draft: &AboutDraft) -> Result<Self, Vec<AboutError>> {
        let mut errors = Vec::new();
        let mut uri = |name: &'static str, text: &Option<String>| {
            let text = text.as_deref()?;
            let taken = |parsed: &WebUri| name != "initiate_login_uri" || parsed.is_one_address();
            let parsed = WebUri::parse(text).filter(taken);
            if parsed.is_none() {
                errors.push(AboutError::Uri(name));
            }
            parsed
        };
        let about = Self {
            client_uri: uri("client_uri", &draft.client_uri),
            logo_uri: uri("logo_uri", &draft.logo_uri),
            policy_uri: uri("policy_uri", &draft.policy_uri),
            tos_uri: uri("tos_uri", &draft.tos_uri),
            // A browser is sent there with parameters: it has one host, and no fragment that would swallow them.
            initiate_login_uri: uri("initiate_login_uri", &draft.initiate_login_uri),
            contacts: draft.contacts.clone(),
        };
        let mailbox = |text: &String| crate::email::EmailAddress::parse(text).is_ok();
        if about.contacts.len() > 10 || !about.contacts.iter().all(mailbox) {
            errors.push(AboutError::Contacts);
        }
        if errors.is_empty() { Ok(about) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_can_become_a_link() {
        for sound in ["https://rp.example/", "https://rp.example/privacy?lang=th#top", "https://rp.example:8443/x"] {
            assert!(WebUri::parse(sound).is_some(), "{sound}");
        }
        for unsound in [
            "http://rp.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://u@rp.example/",
            "/x",
            "https:",
            "https://RP.example/",
        ] {
            assert!(WebUri::parse(unsound).is_none(), "{unsound}");
        }
        assert!(WebUri::parse(&format!("https://rp.example/{}", "a".repeat(2000))).is_none());
    }

    #[test]
    fn sign_ins_begin_at_one_address() {
        for (address, sound) in [
            ("https://rp.example/begin?x=1", true),
            ("https://rp.example/begin#top", false),
            ("https://rp.example/*", false),
            ("https://*.rp.example/begin", false),
        ] {
            let draft = AboutDraft { initiate_login_uri: Some(address.to_owned()), ..AboutDraft::default() };
            assert_eq!(About::parse(&draft).is_ok(), sound, "{address}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let draft = AboutDraft {
            logo_uri: Some("http://rp.example/logo".to_owned()),
            tos_uri: Some("javascript:x".to_owned()),
            contacts: vec!["nobody".to_owned()],
            ..AboutDraft::default()
        };
        let expected = [AboutError::Uri("logo_uri"), AboutError::Uri("tos_uri"), AboutError::Contacts];
        assert_eq!(About::parse(&draft).unwrap_err(), expected);
        assert_eq!(About::parse(&AboutDraft::default()).unwrap(), About::default());
    }
}
