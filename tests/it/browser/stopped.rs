//! Verifications that stop: each says why, as far as it may, and what to do next; and the way of ministry personnel.

use idp_verify::registry::SampleCitizen;

use super::people::{Newcomer, citizen};
use super::stage::{Language, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_that_stops_says_what_to_do_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_that_stops_says_what_to_do_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("stopped", language).await;
    ministry_personnel(&stage).await;
    stage.sign_out().await;
    let newcomer =
        Newcomer {
            email: "wanida@mail.example", name: ["วนิดา", "ตัวอย่างเจริญวัฒนาพงษ์ไพศาล"], member_type: "public"
        };
    stage.register(&newcomer).await;
    stage.open(&stage.provider("/verify")).await;
    stage.look("choice").await;
    questions_about_what_was_typed(&stage).await;
    answers_of_the_registry(&stage).await;
    stage.strike().await;
}

async fn ministry_personnel(stage: &Stage) {
    let namthip = citizen("1000000000025");
    let newcomer =
        Newcomer { email: "namthip@mail.example", name: [namthip.first, namthip.last], member_type: "staff" };
    stage.register(&newcomer).await;
    stage.open(&stage.provider("/verify")).await;
    stage.press("#verify-staff").await;
    assert_eq!(stage.path().await, "/verify/staff/mailbox");
    stage.look("staff-mailbox").await;
    stage.put(&[("email", "namthip@mail.example")]).await;
    stage.send().await;
    stage.look("staff-mailbox-elsewhere").await;
    let mailbox = "namthip@staff.moc.example";
    stage.put(&[("email", mailbox)]).await;
    stage.send().await;
    stage.look("staff-code").await;
    stage.open_newest_mail(mailbox, 1).await;
    let code = stage.code_in_mail().await;
    stage.open(&stage.provider("/verify/staff/code")).await;
    stage.put(&[("code", &code)]).await;
    stage.send().await;
    assert_eq!(stage.path().await, "/verify/staff");
    stage.look("staff-card").await;
    // A citizen who matches, and does not work at the ministry.
    stage.send_card("/verify/staff", citizen("8000000000014")).await;
    stage.find("#verification-stopped").await;
    stage.look("staff-not-found").await;
    stage.send_card("/verify/staff", namthip).await;
    stage.find("#verified").await;
    stage.look("staff-verified").await;
}

async fn questions_about_what_was_typed(stage: &Stage) {
    // A title in the name's field.
    let with_title = SampleCitizen { first: "นายสมชาย", ..*citizen("1000000000017") };
    stage.send_card("/verify/public", &with_title).await;
    stage.look("title-in-the-name").await;
    let child = SampleCitizen { birth: "25640105", ..*citizen("1000000000017") };
    stage.send_card("/verify/public", &child).await;
    stage.look("too-young").await;
    stage.send_card("/verify/public", citizen("9000000000012")).await;
    stage.look("for-the-counter").await;
}

async fn answers_of_the_registry(stage: &Stage) {
    stage.send_card("/verify/public", citizen("7000000000016")).await;
    stage.look("incomplete").await;
    stage.send_card("/verify/public", citizen("5000000000010")).await;
    stage.find("#verification-stopped").await;
    stage.look("card-invalid").await;
    stage.send_card("/verify/public", citizen("1000000000092")).await;
    stage.find("#verification-stopped").await;
    stage.look("registry-down").await;
    // Matches, and is held by the member of the first part.
    stage.send_card("/verify/public", citizen("1000000000025")).await;
    stage.find("#verification-stopped").await;
    stage.look("held-by-another").await;
    for attempt in 1.. {
        let nobody = SampleCitizen { first: "สมหวัง", ..*citizen("1000000000106") };
        stage.send_card("/verify/public", &nobody).await;
        if stage.shows("#verification-stopped").await {
            break;
        }
        assert!(attempt < 10, "guessing goes on and on");
    }
    stage.look("tries-used-up").await;
    stage.press("#continue").await;
    assert_eq!(stage.path().await, "/profile");
}
