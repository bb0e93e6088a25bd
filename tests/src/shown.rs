//! What a member chooses to show, filled in as they would.

use crate::{Member, Page};

/// A picture of a telephone, as far as a test is concerned.
pub const PHOTO: &[u8] = include_bytes!("../../crates/idp-web/assets/touch-icon.png");

impl Member {
    /// Fills in some of `/profile/about`, and leaves the rest as it is.
    pub async fn show(&mut self, fields: &[(&str, &str)]) -> Page {
        let form = self.browser.get("/profile/about").await.form("/profile/about");
        let form = fields.iter().fold(form, |form, (name, value)| form.with(name, value));
        self.browser.submit(form).await
    }

    /// Sends a picture.
    pub async fn show_picture(&mut self, file: &[u8]) -> Page {
        let form = self.browser.get("/profile/about").await.form("/profile/about/picture");
        self.browser.upload(&form, "picture", file).await
    }

    /// Shows everything there is to show.
    pub async fn show_everything(&mut self) {
        let words = [
            ("nickname", "ส้ม"),
            ("preferred_username", "som.o"),
            ("profile", "https://people.example/som"),
            ("website", "https://shop.example/"),
        ];
        for page in [self.show(&words).await, self.show_picture(PHOTO).await] {
            assert_eq!((page.status.as_u16(), page.place()), (200, "/profile/about"), "{}", page.text("main"));
        }
    }
}
