//! People who get somewhere quickly: what a walk is not about is done through the same pages, without looking at them.

use idp_verify::registry::{SampleCitizen, citizens};
use serde_json::json;

use super::stage::Stage;

/// Everybody's password here.
pub(super) const PASSWORD: &str = "rain falls on warm roofs at noon";

/// The sample citizen with this number.
pub(super) fn citizen(number: &str) -> &'static SampleCitizen {
    citizens().iter().find(|citizen| citizen.number == number).expect("a number of the simulated register")
}

/// Somebody to be registered.
pub(super) struct Newcomer<'a> {
    pub(super) email: &'a str,
    pub(super) name: [&'a str; 2],
    pub(super) member_type: &'a str,
}

impl Stage {
    /// Registers somebody, from the registration's first page on; ends at the green and the blue button.
    pub(super) async fn register(&self, newcomer: &Newcomer<'_>) {
        let Newcomer { email, name: [first, last], member_type } = newcomer;
        self.open(&self.provider("/register")).await;
        self.press(&format!("button[value={member_type}]")).await;
        self.touch("#accept_terms").await;
        self.touch("#read_privacy").await;
        self.send().await;
        self.put(&[("email", email)]).await;
        self.send().await;
        self.open_newest_mail(email, 1).await;
        let code = self.code_in_mail().await;
        self.open(&self.provider("/register/code")).await;
        self.put(&[("code", &code)]).await;
        self.send().await;
        self.choose("sex", "unspecified").await;
        self.choose("personnel_type", if *member_type == "staff" { "inside" } else { "outside" }).await;
        self.put(&[
            ("title", "other"),
            ("title_other", "ดร."),
            ("first_name", first),
            ("last_name", last),
            ("birth_year", "2530"),
            ("phone", "0812345678"),
            ("organization", "หน่วยงานตัวอย่าง"),
            ("department", "ฝ่ายตัวอย่าง"),
            ("position", "ผู้แทนตัวอย่าง"),
            ("password", PASSWORD),
        ])
        .await;
        self.press("#confirm").await;
        assert_eq!(self.path().await, "/welcome");
    }

    /// Signs in, from any page.
    pub(super) async fn sign_in(&self, email: &str) {
        self.open(&self.provider("/login")).await;
        self.put(&[("username", email), ("password", PASSWORD)]).await;
        self.press("#sign-in").await;
    }

    /// Signs out of the provider, from any page.
    pub(super) async fn sign_out(&self) {
        self.open(&self.provider("/signout")).await;
        self.press("#confirm-sign-out").await;
    }

    /// Fills in the card of a sample citizen and sends it, from any page.
    pub(super) async fn send_card(&self, way: &str, citizen: &SampleCitizen) {
        self.open(&self.provider(way)).await;
        let (year, rest) = citizen.birth.split_at(4);
        let (month, day) = rest.split_at(2);
        self.put(&[
            ("national_id", citizen.number),
            ("first_name", citizen.first),
            ("last_name", citizen.last),
            ("birth_day", day.trim_start_matches('0')),
            ("birth_month", month.trim_start_matches('0')),
            ("birth_year", year),
        ])
        .await;
        self.press("#confirm").await;
    }

    /// Fills in fields at once.
    pub(super) async fn put(&self, fields: &[(&str, &str)]) {
        for (id, _) in fields {
            self.find(&format!("#{id}")).await;
        }
        const PUT: &str =
            "arguments[0].forEach(function (pair) { document.getElementById(pair[0]).value = pair[1]; });";
        self.run(PUT, vec![json!(fields)]).await;
    }
}
