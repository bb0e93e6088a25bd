//! Verification cannot go on now, and what to do instead.

use askama::Template;

use crate::view::{Shell, Text};

/// Says why without telling anything about somebody else.
#[derive(Template)]
#[template(path = "page/verify_stopped.html")]
pub struct VerifyStoppedPage {
    /// What all pages share.
    pub shell: Shell,
    /// Why it stopped.
    pub kind: StoppedKind,
    /// Where the main button leads.
    pub continue_href: String,
    /// What the main button says.
    pub continue_text: Text,
    /// Where another try is made, when one makes sense.
    pub retry_href: Option<String>,
}

/// Why a verification stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoppedKind {
    /// The data matched, and another account holds the number.
    HeldByOther,
    /// The data matched, and the number belonged to an account that was erased a short while ago.
    NumberRests {
        /// From then on it may be used, as written.
        date: String,
    },
    /// The card is no longer valid.
    CardInvalid,
    /// The register says the holder has died: answered with the way to the counter, and nothing more.
    Deceased,
    /// The register cannot be asked now. Not counted as a try.
    Unavailable,
    /// No tries left.
    TriesUsedUp {
        /// When to try again, as written.
        again: String,
    },
    /// Younger than the service may take.
    TooYoung,
    /// ThaID says that it is another person than the one the account was verified as.
    SomebodyElse,
    /// The data matched, and the staff directory does not know the person.
    StaffNotFound,
}

impl StoppedKind {
    fn title(&self) -> &'static str {
        match self {
            StoppedKind::HeldByOther => "stop-held-title",
            StoppedKind::NumberRests { .. } => "stop-rests-title",
            StoppedKind::CardInvalid => "stop-card-title",
            StoppedKind::Deceased => "stop-counter-title",
            StoppedKind::Unavailable => "stop-down-title",
            StoppedKind::TriesUsedUp { .. } => "stop-tries-title",
            StoppedKind::TooYoung => "stop-young-title",
            StoppedKind::SomebodyElse => "stop-else-title",
            StoppedKind::StaffNotFound => "stop-staff-title",
        }
    }

    fn what_happened(&self) -> Text {
        Text::key(match self {
            StoppedKind::HeldByOther => "stop-held-what",
            StoppedKind::NumberRests { .. } => "stop-rests-what",
            StoppedKind::CardInvalid => "stop-card-what",
            StoppedKind::Deceased => "stop-counter-what",
            StoppedKind::Unavailable => "ver-down",
            StoppedKind::TriesUsedUp { .. } => "stop-tries-what",
            StoppedKind::TooYoung => "stop-young-what",
            StoppedKind::SomebodyElse => "stop-else-what",
            StoppedKind::StaffNotFound => "stop-staff-what",
        })
    }

    fn what_to_do(&self) -> Text {
        match self {
            StoppedKind::HeldByOther => Text::key("stop-held-do"),
            StoppedKind::NumberRests { date } => Text::key("stop-rests-do").with("date", date),
            StoppedKind::CardInvalid => Text::key("stop-card-do"),
            StoppedKind::Deceased => Text::key("stop-counter-do"),
            StoppedKind::Unavailable => Text::key("stop-down-do"),
            StoppedKind::TriesUsedUp { again } => Text::key("stop-tries-do").with("again", again),
            StoppedKind::TooYoung => Text::key("stop-young-do"),
            StoppedKind::SomebodyElse => Text::key("stop-else-do"),
            StoppedKind::StaffNotFound => Text::key("stop-staff-do"),
        }
    }
}
