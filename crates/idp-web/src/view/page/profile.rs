//! The member's own page: the first of the account's pages.

use askama::Template;

use super::AboutForm;
use crate::view::{Shell, Text};

/// Own data, membership and badge, devices; forms to sign out.
#[derive(Template)]
#[template(path = "page/profile.html")]
pub struct ProfilePage {
    /// What all pages share.
    pub shell: Shell,
    /// Full name in Thai.
    pub full_name: String,
    /// Full name in Latin letters.
    pub full_name_en: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Telephone number, as shown.
    pub phone: Option<String>,
    /// Date of birth, as written.
    pub birth: String,
    /// Sex.
    pub sex: Text,
    /// Organisation; may be empty.
    pub organization: String,
    /// Section or division; may be empty.
    pub department: String,
    /// Position; may be empty.
    pub position: String,
    /// Personnel type.
    pub personnel_type: Text,
    /// What the member chose to show.
    pub about: AboutForm,
    /// Where their picture is.
    pub picture: Option<String>,
    /// Membership and what there is to know about it.
    pub membership: MembershipView,
    /// Browsers that are signed in.
    pub sessions: Vec<SessionRow>,
    /// Where the button to verify leads.
    pub verify_href: String,
    /// That an officer looks at a verification, or what came of it.
    pub review: Option<Text>,
    /// The day on which every second factor goes, as somebody asked for who says that they are lost.
    pub removal: Option<String>,
}

/// Membership as the member sees it.
#[derive(Clone)]
pub enum MembershipView {
    /// Usable now, for a while.
    Temporary {
        /// Days left, 60 at most.
        days_left: u32,
        /// The last day, as written.
        until: String,
    },
    /// The sixty days are over.
    Ended {
        /// The last day, as written.
        since: String,
    },
    /// Verified.
    Permanent {
        /// Since when, as written.
        since: String,
        /// How the identity was verified.
        method: Text,
        /// The citizen number, masked.
        number_masked: String,
    },
}

/// A browser that is signed in.
#[derive(Clone)]
pub struct SessionRow {
    /// Browser and system, as far as they tell.
    pub device: String,
    /// When it signed in, as written.
    pub since: String,
    /// When it was last used, as written.
    pub last: String,
    /// Whether it is this one.
    pub current: bool,
}
