//! How a client hears that a member's session is over: told by us (OpenID Connect Back-Channel Logout 1.0), or through a
//! frame on our page in the member's own browser (Front-Channel Logout 1.0).

use serde::{Deserialize, Serialize};
use url::Url;

use super::{OutgoingUri, OutgoingUriError, RedirectUri};

/// The ways a client wants to be told; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutChannels {
    /// `backchannel_logout_uri`: where we post a logout token.
    #[serde(default)]
    pub back: Option<OutgoingUri>,
    /// `backchannel_logout_session_required`: it cannot do without `sid`. We always send it.
    #[serde(default)]
    pub back_needs_sid: bool,
    /// `frontchannel_logout_uri`: what the member's browser loads in a frame.
    #[serde(default)]
    pub front: Option<FrontChannelUri>,
    /// `frontchannel_logout_session_required`: it cannot do without `iss` and `sid`. We always send them.
    #[serde(default)]
    pub front_needs_sid: bool,
}

/// The same as typed.
#[derive(Clone, Debug, Default)]
pub struct LogoutDraft {
    /// `backchannel_logout_uri`
    pub back: Option<String>,
    /// `backchannel_logout_session_required`
    pub back_needs_sid: bool,
    /// `frontchannel_logout_uri`
    pub front: Option<String>,
    /// `frontchannel_logout_session_required`
    pub front_needs_sid: bool,
}

/// A `frontchannel_logout_uri` that was found safe: at the place of a redirect URI, and nothing that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrontChannelUri(String);

/// Why a logout URI is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutUriError {
    /// The back-channel URI.
    #[error("backchannel_logout_uri: {0}")]
    Back(OutgoingUriError),
    /// The front-channel URI.
    #[error("frontchannel_logout_uri: {0}")]
    Front(OutgoingUriError),
    /// Front-Channel Logout §2: domain, port and scheme are those of a registered redirect URI.
    #[error("frontchannel_logout_uri: scheme, host and port must be those of a redirect URI")]
    Elsewhere,
}

impl LogoutChannels {
    /// Judges what was typed for registration, for a client with these redirect URIs.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(draft: &LogoutDraft, redirect_uris: &[RedirectUri]) -> Result<Self, Vec<LogoutUriError>> {
        let mut errors = Vec::new();
        let back = draft.back.as_deref().map(OutgoingUri::parse).transpose();
        let back = back.map_err(|why| errors.push(LogoutUriError::Back(why))).unwrap_or_default();
        let front = draft.front.as_deref().map(|text| FrontChannelUri::parse(text, redirect_uris)).transpose();
        let front = front.map_err(|why| errors.push(why)).unwrap_or_default();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { back, back_needs_sid: draft.back_needs_sid, front, front_needs_sid: draft.front_needs_sid })
    }
}

impl FrontChannelUri {
    fn parse(text: &str, redirect_uris: &[RedirectUri]) -> Result<Self, LogoutUriError> {
        // The same form as for what we ask ourselves: https (http on this machine), normal, no fragment, no user.
        let sound = OutgoingUri::parse(text).map_err(LogoutUriError::Front)?;
        let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
        let here = origin(sound.as_str());
        if here.is_none() || !redirect_uris.iter().any(|uri| origin(uri.as_str()) == here) {
            return Err(LogoutUriError::Elsewhere);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI as it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URI with `iss` and `sid` added (Front-Channel Logout §2).
    pub fn with(&self, issuer: &str, sid: &str) -> String {
        let mut whole = self.0.clone();
        whole.push(if whole.contains('?') { '&' } else { '?' });
        let start = whole.len();
        let mut query = url::form_urlencoded::Serializer::for_suffix(whole, start);
        query.append_pair("iss", issuer).append_pair("sid", sid).finish()
    }

    /// Scheme, host and port, for a Content-Security-Policy.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(back: Option<&str>, front: Option<&str>, expected: &[LogoutUriError]) {
        let uris = ["https://rp.example/cb", "http://localhost:3000/cb"].map(|uri| RedirectUri::parse(uri).unwrap());
        let own = |text: Option<&str>| text.map(str::to_owned);
        let draft = LogoutDraft { back: own(back), front: own(front), ..LogoutDraft::default() };
        let errors = LogoutChannels::parse(&draft, &uris).err().unwrap_or_default();
        assert_eq!(errors, expected, "{back:?} {front:?}");
    }

    #[test]
    fn only_safe_uris_are_told() {
        use LogoutUriError::{Back, Elsewhere, Front};
        use OutgoingUriError::{Extras, Insecure, NotAbsolute};
        check(None, None, &[]);
        check(Some("https://elsewhere.example/out?x=y"), Some("https://rp.example/out?x=y"), &[]);
        check(Some("http://localhost:9/out"), Some("http://localhost:3000/out"), &[]);
        check(Some("http://rp.example/out"), Some("http://rp.example/out"), &[Back(Insecure), Front(Insecure)]);
        check(Some("javascript:alert(1)"), Some("javascript:alert(1)"), &[Back(Insecure), Front(Insecure)]);
        check(Some("https://rp.example/out#x"), Some("https://u@rp.example/out"), &[Back(Extras), Front(Extras)]);
        check(Some("/out"), Some("//rp.example/out"), &[Back(NotAbsolute), Front(NotAbsolute)]);
        for elsewhere in ["https://sub.rp.example/out", "https://rp.example:8443/out", "http://localhost/out"] {
            check(None, Some(elsewhere), &[Elsewhere]);
        }
    }

    #[test]
    fn issuer_and_session_are_added_to_what_is_registered() {
        let uri = |text: &str| FrontChannelUri(text.to_owned()).with("https://op.example", "a b&c");
        assert_eq!(uri("https://rp.example/out"), "https://rp.example/out?iss=https%3A%2F%2Fop.example&sid=a+b%26c");
        assert_eq!(
            uri("https://rp.example/out?x"),
            "https://rp.example/out?x&iss=https%3A%2F%2Fop.example&sid=a+b%26c"
        );
        assert_eq!(FrontChannelUri("https://rp.example:8443/out".to_owned()).origin(), "https://rp.example:8443");
    }
}
