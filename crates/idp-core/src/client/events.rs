//! Events: what a service that a member uses is told besides a session's end. Each is a line of the audit log of a kind that
//! concerns services, so nothing happens that is written down and not told.

use serde::{Deserialize, Serialize};

use super::{OutgoingUri, OutgoingUriError};
use crate::audit::Action;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The member agreed to use the service.
    Registered,
    /// The member was verified: the badge is there.
    Verified,
    /// The badge was withdrawn.
    BadgeWithdrawn,
    /// The account is stopped: by staff, by its owner, or because something is wrong with it.
    Suspended,
    /// The account may be used again.
    Restored,
    /// The temporary membership is over.
    MembershipEnded,
    /// The service's own registration was changed, or its state.
    ClientChanged,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Registered,
        Self::Verified,
        Self::BadgeWithdrawn,
        Self::Suspended,
        Self::Restored,
        Self::MembershipEnded,
        Self::ClientChanged,
    ];

    /// The stored word, which is also the end of its URI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Verified => "verified",
            Self::BadgeWithdrawn => "badge-withdrawn",
            Self::Suspended => "suspended",
            Self::Restored => "restored",
            Self::MembershipEnded => "membership-ended",
            Self::ClientChanged => "client-changed",
        }
    }

    /// Reads [`EventKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The event type of a Security Event Token (RFC 8417 §2.2).
    pub fn uri(self) -> String {
        format!("https://account.moc.go.th/event/{}", self.as_str())
    }

    /// The event that an action is, for those who are told of it.
    pub fn of(action: Action) -> Option<Self> {
        match action {
            Action::ConsentGiven => Some(Self::Registered),
            Action::BadgeGranted => Some(Self::Verified),
            Action::BadgeWithdrawn => Some(Self::BadgeWithdrawn),
            Action::AccountSuspended
            | Action::AccountRestricted
            | Action::SignInDisputed
            | Action::IdentityDisputed
            | Action::HolderDeceased
            | Action::DeletionScheduled => Some(Self::Suspended),
            Action::AccountRestored | Action::RestrictionLifted | Action::DeletionCancelled => Some(Self::Restored),
            Action::MembershipEnded => Some(Self::MembershipEnded),
            Action::ClientChanged | Action::ClientStateChanged | Action::ClientSecretRotated => {
                Some(Self::ClientChanged)
            }
            _ => None,
        }
    }

    /// Whether it is for one service, the line's own: all others are for every service that the member uses.
    pub fn is_for_one(self) -> bool {
        matches!(self, Self::Registered | Self::ClientChanged)
    }
}

/// What a client wants to be told, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFeed {
    /// The kinds it wants; none by default.
    pub kinds: Vec<EventKind>,
    /// Where they are posted (RFC 8935); without it the client fetches them (`/events`, in the spirit of RFC 8936).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<OutgoingUri>,
}

/// The same as typed.
#[derive(Clone, Debug, Default)]
pub struct EventFeedDraft {
    /// Words of kinds.
    pub kinds: Vec<String>,
    /// The address.
    pub push: Option<String>,
}

/// Why a feed is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventFeedError {
    /// No kind of ours.
    #[error("there is no event {0:?}")]
    Kind(String),
    /// The address.
    #[error("the address for events: {0}")]
    Push(OutgoingUriError),
    /// Events are fetched with the client's own secret or key, and a public client has none.
    #[error("a client without a secret or a key cannot fetch events: name an address to which they are posted")]
    PublicWithoutPush,
}

impl EventFeed {
    /// Judges what was typed for registration.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(draft: &EventFeedDraft, is_public: bool) -> Result<Self, EventFeedError> {
        let known = |word: &String| EventKind::parse(word).ok_or_else(|| EventFeedError::Kind(word.clone()));
        let mut kinds = draft.kinds.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        kinds.sort_unstable();
        kinds.dedup();
        let push = draft.push.as_deref().map(OutgoingUri::parse).transpose().map_err(EventFeedError::Push)?;
        if is_public && push.is_none() && !kinds.is_empty() {
            return Err(EventFeedError::PublicWithoutPush);
        }
        Ok(Self { kinds, push })
    }

    /// As typed.
    pub fn draft(&self) -> EventFeedDraft {
        EventFeedDraft {
            kinds: self.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
            push: self.push.as_ref().map(|uri| uri.as_str().to_owned()),
        }
    }

    /// The kinds as SQL looks for one among them: each between spaces.
    pub fn column(&self) -> String {
        self.kinds.iter().fold(String::from(" "), |all, kind| format!("{all}{} ", kind.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_names_known_kinds_and_a_way_to_get_them() {
        let draft = |kinds: &[&str], push: Option<&str>| EventFeedDraft {
            kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
            push: push.map(str::to_owned),
        };
        let feed = EventFeed::parse(&draft(&["suspended", "verified", "verified"], None), false).unwrap();
        assert_eq!(feed.kinds, [EventKind::Verified, EventKind::Suspended]);
        assert_eq!(feed.column(), " verified suspended ");
        assert_eq!(EventFeed::parse(&feed.draft(), false), Ok(feed));
        assert_eq!(EventFeed::parse(&draft(&[], None), true), Ok(EventFeed::default()));
        let check = |draft, public, error| assert_eq!(EventFeed::parse(&draft, public), Err(error));
        check(draft(&["all"], None), false, EventFeedError::Kind("all".to_owned()));
        check(draft(&["verified"], None), true, EventFeedError::PublicWithoutPush);
        let plain = draft(&[], Some("http://rp.example/events"));
        check(plain, false, EventFeedError::Push(OutgoingUriError::Insecure));
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        }
    }
}
