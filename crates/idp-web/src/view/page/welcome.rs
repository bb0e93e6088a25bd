//! The green and the blue button: permanent or temporary member.

use askama::Template;

use crate::view::Shell;

/// The choice of the ministry's guide, step 3.4; `POST` to `continue_action` is the blue button.
#[derive(Template)]
#[template(path = "page/welcome.html")]
pub struct WelcomePage {
    /// What all pages share.
    pub shell: Shell,
    /// Name of the service that waits, if any.
    pub service: Option<String>,
    /// Last day of the temporary membership, as written.
    pub until: String,
    /// Where the green button leads.
    pub verify_href: String,
    /// Where the blue button is sent to.
    pub continue_action: &'static str,
    /// The sign-in that waits, if one does.
    pub request: Option<String>,
}
