//! Staff at work: an officer helps a citizen on the telephone, decides a verification, and a badge is withdrawn by two.

use idp_core::admin::{Role, StaffRole};
use idp_core::id::{AccountId, SessionId};
use idp_core::secret::Secret;
use idp_core::session::{AuthenticationMethod, Session};
use idp_store::Given;
use idp_web::time::{Clock as _, SystemChance};
use serde_json::json;

use super::people::{Newcomer, citizen};
use super::stage::{Language, Stage};

const CITIZEN: &str = "kanokwan@mail.example";
const OFFICER: &str = "officer@mail.example";
const APPLICANT: &str = "applicant@mail.example";
const SECOND: &str = "second@mail.example";

#[tokio::test(flavor = "multi_thread")]
async fn officers_help_decide_and_withdraw_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_help_decide_and_withdraw_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("officers", language).await;
    let kanokwan = citizen("1000000000033");
    // What takes two people takes two whose identity is verified.
    let people = [(CITIZEN, "1000000000033"), (OFFICER, "1000000000017"), (SECOND, "1000000000106")];
    for (email, number) in people {
        let person = citizen(number);
        stage.register(&Newcomer { email, name: [person.first, person.last], member_type: "public" }).await;
        stage.send_card("/verify/public", person).await;
        stage.find("#verified").await;
        stage.sign_out().await;
    }
    let name = [kanokwan.first, kanokwan.last];
    stage.register(&Newcomer { email: APPLICANT, name, member_type: "public" }).await;
    // The number is another account's by now: an officer has to look.
    stage.send_card("/verify/public", kanokwan).await;
    stage.look("number-held").await;
    let member = help_on_the_telephone(&stage, kanokwan.last).await;
    decide(&stage).await;
    withdraw(&stage, &member).await;
    stage.strike().await;
}

/// Puts the browser into a session of this member, with a role and a second factor.
pub(super) async fn on_duty(stage: &Stage, email: &str, role: Role) {
    let app = &stage.demo.app;
    let now = stage.clock.now();
    let account_id = app.store.account_by_email(email).await.unwrap().expect("registered").account.id;
    let id = AccountId::make(&SystemChance).0;
    let row = StaffRole { id, account_id, role, department: None, given_by: None, since: now, ended_at: None };
    assert_eq!(app.store.give_role(&row, &[]).await.unwrap(), Given::Done);
    sign_in_strongly(stage, email).await;
}

/// Puts the browser into a session of this member, with a second factor.
pub(super) async fn sign_in_strongly(stage: &Stage, email: &str) {
    let app = &stage.demo.app;
    let now = stage.clock.now();
    let account_id = app.store.account_by_email(email).await.unwrap().expect("registered").account.id;
    let cookie = Secret::make(&SystemChance);
    let session = Session {
        id: SessionId::make(&SystemChance),
        cookie: cookie.digest(),
        account_id,
        authenticated_at: now,
        methods: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Otp, AuthenticationMethod::Mfa],
        last_seen_at: now,
        device: "Firefox, Windows".to_owned(),
        ended_at: None,
    };
    app.store.start_session(&session, None, None, now, &[]).await.unwrap();
    let set = json!({ "name": "session", "value": cookie.reveal(), "url": stage.provider("/"), "httpOnly": true });
    stage.chromium.devtools("Network.setCookie", set).await;
}

async fn help_on_the_telephone(stage: &Stage, surname: &str) -> String {
    on_duty(stage, OFFICER, Role::SuperAdmin).await;
    stage.open(&stage.provider("/admin/members")).await;
    stage.look("members").await;
    stage.put(&[("sought", surname)]).await;
    stage.press("#search").await;
    stage.look("members-found").await;
    let app = &stage.demo.app;
    let member = app.store.account_by_email(CITIZEN).await.unwrap().expect("registered").account.id;
    let path = format!("/admin/members/{member}");
    stage.open(&stage.provider(&path)).await;
    stage.look("member-reason").await;
    stage.put(&[("reason", "member called, case 12/2026")]).await;
    stage.press("#open").await;
    stage.find("#membership").await;
    stage.look("member").await;
    stage.touch("#deed-recovery summary").await;
    stage.put(&[("reason-recovery", "member forgot, case 12/2026")]).await;
    stage.press("#do-recovery").await;
    stage.find("#done").await;
    stage.look("member-helped").await;
    path
}

async fn decide(stage: &Stage) {
    stage.open(&stage.provider("/admin/reviews")).await;
    stage.look("reviews").await;
    stage.press(".review-row").await;
    stage.find("#evidence").await;
    stage.press("#take").await;
    stage.find("#approve").await;
    stage.look("review").await;
    stage.put(&[("reason", "called, case 13/2026")]).await;
    stage.touch("#why").await;
    stage.press("#decline").await;
    assert_eq!(stage.path().await, "/admin/reviews");
}

async fn withdraw(stage: &Stage, path: &str) {
    let open = async |stage: &Stage| {
        stage.open(&stage.provider(path)).await;
        stage.put(&[("reason", "number disputed, case 14/2026")]).await;
        stage.press("#open").await;
        stage.find("#membership").await;
    };
    open(stage).await;
    stage.touch("#deed-badge summary").await;
    stage.put(&[("reason-badge", "number disputed, case 14/2026")]).await;
    stage.press("#do-badge").await;
    stage.find("#request").await;
    stage.look("withdrawal-asked").await;
    on_duty(stage, SECOND, Role::VerificationOfficer).await;
    open(stage).await;
    stage.find("#badge-approve").await;
    stage.look("withdrawal-to-approve").await;
    stage.put(&[("reason-request", "checked, case 14/2026")]).await;
    stage.press("#badge-approve").await;
    stage.find("#done").await;
    stage.look("withdrawal-done").await;
}
