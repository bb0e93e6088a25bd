//! A service that takes permanent members only leads through verification and back into the same sign-in.

use idp_tests::{Answer, App, Client, Member, filled_card};

use super::{card, citizen, refused};

async fn ask(rp: &Client, member: &mut Member) -> (idp_tests::Ask, idp_tests::Page) {
    let ask = rp.ask();
    let page = member.browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/verify");
    (ask, page)
}

#[tokio::test]
async fn a_temporary_member_is_led_through_verification_and_back() {
    let app = App::start().await;
    let rp = app.client("licences").permanent_only().await;
    let mut ana = app.insert_member("ana").await;
    let (ask, page) = ask(&rp, &mut ana).await;
    assert_eq!(page.text(".lead"), "บริการทดสอบ เปิดให้เฉพาะสมาชิกถาวร กรุณายืนยันตัวตนก่อน แล้วระบบจะพาท่านกลับไปใช้งานต่อ");
    assert!(page.text(".strip").contains("บริการทดสอบ"));
    let page = ana.browser.get(&page.attribute("#verify-public", "href").unwrap()).await;
    // A mistake on the way loses nothing.
    let wrong = filled_card(page.form("/verify/public"), citizen("1000000000017")).with("birth_day", "19");
    let page = ana.browser.submit(wrong).await;
    assert!(page.text("#error-summary").contains("(เหลือ 4 ครั้ง)"));
    let page = ana.browser.submit(page.form("/verify/public").with("birth_day", "20")).await;
    assert_eq!(page.place(), "/verify/done");
    assert_eq!(page.text("#continue"), "ใช้งาน บริการทดสอบ ต่อ");
    let page = ana.browser.get(&page.attribute("#continue", "href").unwrap()).await;
    assert_eq!(page.place(), "/consent");
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    let answer = Answer::of(&page);
    assert_eq!(answer.get("state"), ask.get("state").unwrap());
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.id.text("membership"), "permanent");
    assert_eq!(tokens.id.claims["verified_badge"], true);
}

#[tokio::test]
async fn who_gives_up_brings_the_service_its_answer() {
    let app = App::start().await;
    let rp = app.client("licences").permanent_only().await;
    let mut ana = app.insert_member("ana").await;
    let (ask, page) = ask(&rp, &mut ana).await;
    let page = ana.browser.get(&page.attribute(".after a", "href").unwrap()).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
}

#[tokio::test]
async fn s113_who_cannot_verify_is_refused_by_the_service_alone() {
    let app = App::start().await;
    let rp = app.client("licences").permanent_only().await;
    let any = app.client("academy").await;
    let mut ana = app.insert_member("ana").await;
    let (ask, page) = ask(&rp, &mut ana).await;
    let page = ana.browser.get(&page.attribute("#verify-public", "href").unwrap()).await;
    let page = ana.browser.submit(filled_card(page.form("/verify/public"), citizen("6000000000018"))).await;
    refused(&page);
    // "Cancel and go back to choose another way", then "later".
    let page = ana.browser.get(&page.attribute("#cancel", "href").unwrap()).await;
    assert_eq!(page.place(), "/verify");
    let page = ana.browser.get(&page.attribute(".after a", "href").unwrap()).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
    // Another service is open to them as before.
    assert_eq!(any.sign_in(&mut ana).await.id.text("membership"), "temporary");
    // Without a page nobody can verify.
    let silent = rp.ask().with("prompt", "none");
    let answer = Answer::of(&ana.browser.get(&silent.path()).await);
    answer.expect_error("interaction_required", &silent, app.issuer());
}

#[tokio::test]
async fn s113_a_card_that_is_stopped_still_leads_back_to_the_service() {
    let app = App::start().await;
    let rp = app.client("licences").permanent_only().await;
    let mut ana = app.insert_member("ana").await;
    let (ask, page) = ask(&rp, &mut ana).await;
    let page = ana.browser.get(&page.attribute("#verify-public", "href").unwrap()).await;
    let page = ana.browser.submit(filled_card(page.form("/verify/public"), citizen("5000000000010"))).await;
    assert!(page.has("#verification-stopped"));
    let page = ana.browser.get(&page.attribute("#retry", "href").unwrap()).await;
    assert!(page.path.contains("request="), "the sign-in still waits: {}", page.path);
    let page = ana.browser.get(&page.attribute(".after a", "href").unwrap()).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
}

#[tokio::test]
async fn the_request_of_another_browser_is_not_gone_on_with() {
    let app = App::start().await;
    let rp = app.client("licences").permanent_only().await;
    let mut ana = app.insert_member("ana").await;
    let (_, page) = ask(&rp, &mut ana).await;
    let request = page.path.split_once("request=").unwrap().1.to_owned();
    let mut ben = app.insert_member("ben").await;
    let form = card(&mut ben, citizen("1000000000017"), &[]).await.with("request", &request);
    let page = ben.browser.submit(form).await;
    assert_eq!(page.place(), "/verify/done");
    assert_eq!(page.attribute("#continue", "href").as_deref(), Some("/profile"));
    ben.browser.get(&format!("/authorize/resume?request={request}")).await.expect_error(400, "request_expired");
    ben.browser.get(&format!("/authorize/cancel?request={request}")).await.expect_error(400, "request_expired");
}

#[tokio::test]
async fn who_verifies_on_the_way_to_an_open_service_goes_on_there() {
    let app = App::start().await;
    let rp = app.client("academy").first_party().await;
    let mut ana = app.insert_member("ana").await;
    ana.sign_out().await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    let request = page.form("/login").value("request").to_owned();
    let form = page.form("/login").with("username", &ana.email).with("password", &ana.password);
    ana.browser.press(&form).await.expect(303);
    let page = ana.browser.get(&format!("/verify?request={request}")).await;
    assert!(!page.text(".lead").contains("เปิดให้เฉพาะสมาชิกถาวร"));
    // "Later" goes on as a temporary member …
    assert_eq!(page.attribute(".after a", "href").unwrap(), format!("/authorize/resume?request={request}"));
    let page = ana.browser.get(&page.attribute("#verify-public", "href").unwrap()).await;
    let page = ana.browser.submit(filled_card(page.form("/verify/public"), citizen("1000000000017"))).await;
    // … and with the badge as a permanent one.
    let page = ana.browser.get(&page.attribute("#continue", "href").unwrap()).await;
    let tokens = rp.read(rp.exchange(&ask, Answer::of(&page).code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.id.claims["verified_badge"], true);
}
