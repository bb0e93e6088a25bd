//! Verification: every row of the table of outcomes, the limits, and what an outage must not do.

mod badge;
mod card;
mod gate;
mod late;
mod limits;
mod number_rests;
mod outage;
mod outcome;
mod race;
mod renew;
mod staff;
mod waiting;

use idp_tests::{Form, Member, Page, filled_card};
use idp_verify::registry::SampleCitizen;
use idp_verify::registry::citizens;

/// Somebody of the simulated register.
fn citizen(number: &str) -> &'static SampleCitizen {
    citizens().iter().find(|citizen| citizen.number == number).expect("a sample citizen")
}

/// The card form, filled in as `citizen` has it but for these fields.
async fn card(member: &mut Member, citizen: &SampleCitizen, changes: &[(&str, &str)]) -> Form {
    let page = member.browser.get("/verify/public").await;
    let form = filled_card(page.form("/verify/public"), citizen);
    changes.iter().fold(form, |form, (name, value)| form.with(name, value))
}

/// Presents the card of `citizen`, with other data in these fields.
async fn present(member: &mut Member, citizen: &SampleCitizen, changes: &[(&str, &str)]) -> Page {
    let form = card(member, citizen, changes).await;
    member.browser.submit(form).await
}

/// The tries left, as the neutral refusal tells them.
#[track_caller]
fn refused(page: &Page) -> u32 {
    assert_eq!((page.status.as_u16(), page.place()), (422, "/verify/public"), "{}", page.text("main"));
    let said = page.text("#error-summary");
    let rest = said.strip_prefix("ข้อมูลไม่ตรงกับฐานข้อมูลทะเบียน กรุณาตรวจสอบตามหน้าบัตร (เหลือ ");
    let left = rest.and_then(|rest| rest.strip_suffix(" ครั้ง)")).unwrap_or_else(|| panic!("{said}"));
    assert!(page.texts(".fault").is_empty(), "no field is named");
    left.parse().expect("a number")
}

/// A page that says why it cannot go on.
#[track_caller]
fn stopped(page: &Page, status: u16, title: &str) {
    assert_eq!(
        (page.status.as_u16(), page.text("#verification-stopped h1").as_str()),
        (status, title),
        "{}",
        page.html
    );
    assert!(page.has("#continue[href]"), "no dead end");
}
