//! May this device have these data.

use askama::Template;

use super::{ConsentItem, ServiceCard};
use crate::view::{Shell, Text};

/// `POST /device/confirm` with `request` and `decision` = `allow` or `deny`.
#[derive(Template)]
#[template(path = "page/device_confirm.html")]
pub struct DeviceConfirmPage {
    /// What all pages share.
    pub shell: Shell,
    /// Reference of the device that waits.
    pub request: String,
    /// The code, to be compared with the device's.
    pub user_code: String,
    /// Who asks.
    pub service: ServiceCard,
    /// The scopes that are shown, with spaces between.
    pub shown: String,
    /// What it asks for.
    pub items: Vec<ConsentItem>,
}

impl DeviceConfirmPage {
    fn title(&self) -> Text {
        Text::key("device-confirm-title").with("client", &self.service.name)
    }
}
