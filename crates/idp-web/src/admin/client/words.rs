//! Words for what a client is, for what is weak about it, and for what is wrong with a draft.

use chrono::{DateTime, Utc};
use idp_core::client::{
    Client, ClientKind, ClientStatus, DraftError, EventKind, LogoutUriError, OutgoingUriError, RedirectUriError,
    Weakness,
};

use crate::clients::Fault;
use crate::clients::judge::Steward;
use crate::view::page::admin::Weak;
use crate::view::text::Text;

/// The words for a status.
pub(in crate::admin) fn status(status: ClientStatus) -> &'static str {
    match status {
        ClientStatus::Draft => "cli-status-draft",
        ClientStatus::Active => "cli-status-active",
        ClientStatus::Suspended => "cli-status-suspended",
        ClientStatus::Retired => "cli-status-retired",
    }
}

/// The words for a kind of program.
pub(in crate::admin) fn kind(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "cli-kind-web",
        ClientKind::SinglePage => "cli-kind-single-page",
        ClientKind::Native => "cli-kind-native",
    }
}

/// The words for an event.
pub(super) fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Registered => "evt-registered",
        EventKind::Verified => "evt-verified",
        EventKind::BadgeWithdrawn => "evt-badge-withdrawn",
        EventKind::Suspended => "evt-suspended",
        EventKind::Restored => "evt-restored",
        EventKind::MembershipEnded => "evt-membership-ended",
        EventKind::ClientChanged => "evt-client-changed",
    }
}

/// When the secret in use was made.
pub(super) fn current_secret(client: &Client) -> Option<DateTime<Utc>> {
    let mut current = client.authentication.secrets().iter().filter(|secret| secret.expires_at.is_none());
    current.next().map(|secret| secret.created_at)
}

/// What is weak about a client, in words.
pub(super) fn weaknesses(client: &Client, now: DateTime<Utc>) -> Vec<Weak> {
    let weak = |weakness: Weakness| Weak { text: Text::key(weakness_words(weakness)), serious: weakness.is_serious() };
    client.weaknesses(now).into_iter().map(weak).collect()
}

fn weakness_words(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::PkceOptional => "cli-weak-pkce",
        Weakness::PublicSubject => "cli-weak-public-subject",
        Weakness::Legacy => "cli-weak-legacy",
        Weakness::HttpRedirect => "cli-weak-http",
        Weakness::SecretInBody => "cli-weak-secret-in-body",
        Weakness::OldSecret => "cli-weak-old-secret",
        Weakness::Rs256 => "cli-weak-rs256",
        Weakness::TokenEndpointAudience => "cli-weak-audience",
        Weakness::NotToldOfSignOut => "cli-weak-not-told",
        Weakness::CitizenId => "cli-weak-citizen-id",
    }
}

/// The field a fault belongs to, and what to do about it.
pub(super) fn fault(fault: &Fault) -> (&'static str, Text) {
    match fault {
        Fault::Draft(error) => draft_fault(error),
        Fault::Loopback(uri) => ("redirect_uris", Text::key("cli-bad-uri-loopback").with("uri", uri)),
        Fault::PlainBackchannel => ("backchannel", Text::key("cli-bad-back-insecure")),
        Fault::PlainEvents => ("events_push", Text::key("cli-bad-back-insecure")),
        Fault::PlainKeys => ("jwks", Text::key("cli-bad-keys")),
        Fault::NoSigningKey(_) => ("algorithm", Text::key("cli-bad-algorithm")),
        Fault::Misfit(what) => ("may_call", Text::key("cli-bad-resource").with("what", what.what())),
        Fault::Steward(Steward::Owner) => ("owner", Text::key("cli-bad-steward")),
        Fault::Steward(Steward::Deputy) => ("deputy", Text::key("cli-bad-steward")),
        // No form offers it.
        Fault::CitizenId => ("redirect_uris", Text::key("cli-bad-openid")),
        Fault::Department => ("department", Text::key("cli-bad-department")),
    }
}

fn draft_fault(error: &DraftError) -> (&'static str, Text) {
    match error {
        DraftError::Text("the name") => ("name_th", Text::key("cli-bad-name")),
        DraftError::Text("the owner") => ("department", Text::key("cli-bad-department")),
        DraftError::Text(_) => ("purpose_th", Text::key("cli-bad-purpose")),
        DraftError::NoRedirectUri => ("redirect_uris", Text::key("cli-bad-no-uri")),
        DraftError::RedirectUri { uri, why } => ("redirect_uris", Text::key(uri_words(*why)).with("uri", uri)),
        DraftError::NotNative(uri) => ("redirect_uris", Text::key("cli-bad-uri-native").with("uri", uri)),
        DraftError::SeveralSectors(hosts) => ("redirect_uris", Text::key("cli-bad-sectors").with("hosts", hosts)),
        DraftError::Sector(_) | DraftError::SectorUnread | DraftError::SectorLacks => {
            ("redirect_uris", Text::key("cli-bad-sector"))
        }
        DraftError::Method(_) | DraftError::KindAndMethod { .. } => ("method", Text::key("cli-bad-method")),
        DraftError::PublicWithoutPkce => ("pkce_optional", Text::key("cli-bad-pkce")),
        DraftError::PublicMachine | DraftError::PublicResource => ("kind", Text::key("cli-bad-machine")),
        DraftError::NoResource => ("may_call", Text::key("cli-bad-no-resource")),
        DraftError::Resource(what, _) => ("may_call", Text::key("cli-bad-resource").with("what", what)),
        DraftError::NoKeys | DraftError::KeysNeeded(_) => ("jwks", Text::key("cli-bad-no-keys")),
        DraftError::Keys(_) | DraftError::NoEncryptionKey(_) => ("jwks", Text::key("cli-bad-keys")),
        DraftError::Logout(LogoutUriError::Back(why)) => ("backchannel", Text::key(outgoing_words(*why))),
        DraftError::Logout(_) => ("backchannel", Text::key("cli-bad-logout")),
        DraftError::Events(_) => ("events_push", Text::key("evt-bad")),
        DraftError::About(_) => ("policy_uri", Text::key("cli-bad-about")),
        DraftError::Legacy(_) => ("method", Text::key("cli-bad-legacy")),
        DraftError::NoOpenId => ("redirect_uris", Text::key("cli-bad-openid")),
    }
}

fn uri_words(why: RedirectUriError) -> &'static str {
    match why {
        RedirectUriError::TooLong => "cli-bad-uri-long",
        RedirectUriError::NotAbsolute => "cli-bad-uri-absolute",
        RedirectUriError::NotNormal => "cli-bad-uri-normal",
        RedirectUriError::Fragment => "cli-bad-uri-fragment",
        RedirectUriError::Credentials => "cli-bad-uri-credentials",
        RedirectUriError::Pattern => "cli-bad-uri-pattern",
        RedirectUriError::Insecure => "cli-bad-uri-insecure",
        RedirectUriError::Scheme => "cli-bad-uri-scheme",
    }
}

fn outgoing_words(why: OutgoingUriError) -> &'static str {
    match why {
        OutgoingUriError::TooLong => "cli-bad-back-long",
        OutgoingUriError::NotAbsolute => "cli-bad-back-absolute",
        OutgoingUriError::Insecure => "cli-bad-back-insecure",
        OutgoingUriError::Extras => "cli-bad-back-extras",
    }
}
