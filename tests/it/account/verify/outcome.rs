//! What the registry answers, and what comes of it.

use idp_core::account::{Membership, VerificationMethod};
use idp_tests::{App, Letter, Page};
use idp_verify::registry::Outcome;
use idp_verify::registry::citizens;

use super::{citizen, present, refused, stopped};
use crate::account::register::fault;

#[tokio::test]
async fn everybody_in_the_register_gets_the_answer_that_the_demonstration_foretells() {
    // One address, one day: nobody is held up here.
    let app = App::start_with(|config| {
        config.verification.total_timeout_seconds = 1;
        config.verification.connect_timeout_seconds = 1;
    })
    .await;
    let outage = |outcome| {
        matches!(outcome, Outcome::Outage | Outcome::Slow | Outcome::Drip | Outcome::Closed | Outcome::Malformed)
    };
    let (down, answering): (Vec<_>, Vec<_>) = citizens().iter().partition(|citizen| outage(citizen.outcome));
    for (number, citizen) in answering.into_iter().chain(down).enumerate() {
        let mut member = app.insert_member(&format!("member{number}")).await;
        // A name that begins like a title is asked about; the person says that it is the name.
        let page = present(&mut member, citizen, &[("keep_first_name", "yes")]).await;
        let is_permanent = member.account().await.badge().is_some();
        assert_eq!(is_permanent, citizen.outcome == Outcome::Match, "{}", citizen.story_en);
        match citizen.outcome {
            Outcome::Match => assert_eq!(page.place(), "/verify/done", "{}: {}", citizen.story_en, page.text("main")),
            Outcome::OtherBirthDate(_) | Outcome::NotFound | Outcome::Deceased => assert_eq!(refused(&page), 4),
            Outcome::CardInvalid(_) | Outcome::ChipAbnormal => stopped(&page, 422, "บัตรประจำตัวประชาชนใช้ไม่ได้"),
            Outcome::Incomplete => {
                fault(&page, "birth_day");
            }
            Outcome::RefusedByForm => {
                fault(&page, "national_id");
                assert_eq!(app.registry().calls_for(citizen.number), 0);
            }
            _ => {
                stopped(&page, 503, "ระบบตรวจสอบไม่พร้อมชั่วคราว");
                assert!(page.headers.contains_key("retry-after"));
            }
        }
    }
    assert!(app.registry().urls().iter().all(|url| !url.contains("0000000")), "no number travels in a URL");
}

#[tokio::test]
async fn a_match_makes_a_permanent_member_with_a_badge() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = present(&mut ana, citizen("1000000000017"), &[]).await;
    assert_eq!(page.text("h1"), "ยืนยันตัวตนสำเร็จ บัญชีของท่านเป็นสมาชิกถาวรแล้ว");
    assert!(page.has("svg.badge[aria-label='ยืนยันตัวตนแล้ว']"));
    let said = page.text(".facts");
    for words in ["สมชาย ใจดีตัวอย่าง", "ตรวจสอบกับฐานข้อมูลทะเบียน กรมการปกครอง", "2 พฤศจิกายน 2569", "ไม่มีวันหมดอายุ"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    let account = ana.account().await;
    let Membership::Permanent { since, badge } = &account.membership else { panic!("permanent") };
    assert_eq!((*since, badge.at), (app.now(), app.now()));
    assert_eq!(badge.method, VerificationMethod::CivilRegistry);
    assert!(!badge.reference.is_empty() && !badge.reference.contains("1000000000017"));
    // The badge vouches for the name beside it: the one that was matched.
    assert_eq!(account.profile.full_name(), "สมชาย ใจดีตัวอย่าง");
    let identity = app.store.identity(ana.id).await.unwrap().unwrap();
    assert_eq!(identity.number.digits(), "1000000000017");
    assert_eq!(identity.birth_date.registry_form(), "25330520");
    // Nothing is left to verify.
    for path in ["/verify", "/verify/public", "/verify/staff", "/welcome"] {
        assert_eq!(ana.browser.get(path).await.place(), "/profile", "{path}");
    }
}

#[tokio::test]
async fn a_name_that_begins_like_a_title_is_matched_and_shown_as_it_is() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let citizen = citizen("2000000000023");
    let page = present(&mut ana, citizen, &[]).await;
    assert!(fault(&page, "first_name").contains("“นาง”"));
    let page = present(&mut ana, citizen, &[("keep_first_name", "yes")]).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.status, 200);
    assert!(page.text("h1").contains("นางนวล ทดสอบนาม"));
}

/// A page with what differs from person to person taken out: the token, and what was typed.
fn anonymous(page: &Page) -> String {
    let mut rest = page.html.as_str();
    let mut folded = String::new();
    while let Some((before, after)) = rest.split_once(" value=\"") {
        folded.push_str(before);
        rest = after.split_once('"').map_or("", |(_, rest)| rest);
    }
    folded.push_str(rest);
    folded.replace(" selected", "").replace(&page.text(".account .address"), "…")
}

#[tokio::test]
async fn s103_wrong_name_wrong_date_unknown_number_and_deceased_are_one_answer() {
    let app = App::start().await;
    let mut pages = Vec::new();
    for (number, (card, changes)) in [
        ("1000000000017", &[("first_name", "สมศักดิ์")] as &[(&str, &str)]),
        ("1000000000017", &[("last_name", "ใจร้าย")]),
        ("1000000000017", &[("birth_day", "21")]),
        ("1000000000017", &[("birth_year", "2534")]),
        // S097: somebody else's number altogether.
        ("1000000000017", &[("first_name", "ธีร์"), ("last_name", "สมมติ-จำลอง"), ("birth_year", "2540")]),
        ("3000000000021", &[]),
        ("6000000000018", &[]),
        ("3000000000030", &[]),
        // The state of a card is told only to who knows the person on it.
        ("5000000000010", &[("first_name", "ปิ่นทอง")]),
        ("1000000000041", &[("birth_day", "1")]),
        ("3000000000030", &[("last_name", "สมมติการ")]),
        ("7000000000016", &[("first_name", "ดาวใส")]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let page = present(&mut member, citizen(card), changes).await;
        assert_eq!(refused(&page), 4, "{card} {changes:?}");
        assert!(member.account().await.badge().is_none());
        let told = page.headers.iter().filter(|(name, _)| *name != "content-length" && *name != "date");
        let headers: Vec<String> = told.map(|(name, value)| format!("{name}: {value:?}")).collect();
        pages.push((headers, anonymous(&page)));
    }
    for page in &pages[1..] {
        assert_eq!(page, &pages[0]);
    }
}

#[tokio::test]
async fn what_was_typed_stays_after_a_mismatch() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let typed = super::card(&mut ana, citizen("1000000000017"), &[("birth_day", "21")]).await;
    let page = ana.browser.submit(typed.clone()).await;
    let again = page.form("/verify/public");
    for name in ["national_id", "first_name", "last_name", "birth_day", "birth_month", "birth_year"] {
        assert_eq!(again.value(name), typed.value(name), "{name}");
    }
    // Corrected, it goes through.
    let page = ana.browser.submit(again.with("birth_day", "20")).await;
    assert_eq!(page.place(), "/verify/done");
}

#[tokio::test]
async fn an_invalid_card_and_incomplete_data_are_no_tries() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..6 {
        stopped(&present(&mut ana, citizen("5000000000010"), &[]).await, 422, "บัตรประจำตัวประชาชนใช้ไม่ได้");
        fault(&present(&mut ana, citizen("7000000000016"), &[]).await, "birth_day");
    }
    let page = present(&mut ana, citizen("5000000000010"), &[]).await;
    assert!(page.text("main").contains("ครั้งนี้ไม่นับเป็นจำนวนครั้งที่กรอกผิด"));
    assert_eq!(page.attribute("#retry", "href").as_deref(), Some("/verify"));
    assert_eq!(refused(&present(&mut ana, citizen("6000000000018"), &[]).await), 4);
}

#[tokio::test]
async fn s098_a_number_that_another_account_holds_changes_neither() {
    let app = App::start().await;
    let mut holder = app.insert_member("holder").await;
    let somchai = citizen("1000000000017");
    assert_eq!(present(&mut holder, somchai, &[]).await.place(), "/verify/done");
    let mut other = app.insert_member("other").await;
    let (before, theirs) = (other.account().await, app.store.identity(holder.id).await.unwrap().unwrap());
    // With wrong data it sounds like any other mismatch.
    assert_eq!(refused(&present(&mut other, somchai, &[("birth_day", "19")]).await), 4);
    let page = present(&mut other, somchai, &[]).await;
    stopped(&page, 409, "มีบัญชีที่ยืนยันตัวตนไว้แล้ว");
    let said = page.text("main");
    assert!(said.contains("เลขประจำตัวประชาชนนี้ใช้ยืนยันตัวตนในบัญชี MOC Account อื่นแล้ว"));
    assert!(!said.contains(&holder.email) && !said.contains("1000000000017"), "nothing of the holder is told");
    assert_eq!(other.account().await.membership, before.membership);
    assert!(holder.account().await.badge().is_some());
    let still = app.store.identity(holder.id).await.unwrap().unwrap();
    assert_eq!(still.number.digits(), theirs.number.digits());
    assert!(app.store.identity(other.id).await.unwrap().is_none());
    // The holder hears of it, once a day however often it happens, and nothing of who it was.
    let told = |letters: &[Letter]| letters.iter().filter(|letter| letter.kind() == "number_presented").count();
    assert_eq!(told(&app.letters_to(&holder.email).await), 1);
    stopped(&present(&mut other, somchai, &[]).await, 409, "มีบัญชีที่ยืนยันตัวตนไว้แล้ว");
    assert_eq!(told(&app.letters_to(&holder.email).await), 1);
    // It counts as a try.
    assert_eq!(refused(&present(&mut other, citizen("6000000000018"), &[]).await), 1);
    let settled = app.store.events_about(other.id, 20).await.unwrap();
    assert!(settled.iter().any(|line| line.detail.as_deref().is_some_and(|detail| detail.contains("held_by_other"))));
}

#[tokio::test]
async fn s107_nobody_posts_their_own_result() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let wrong = [
        ("birth_day", "19"),
        ("result", "verified"),
        ("ial", "2.3"),
        ("outcome", "match"),
        ("reference", "made up"),
        ("case", "00000000-0000-4000-8000-000000000000"),
    ];
    refused(&present(&mut ana, citizen("1000000000017"), &wrong).await);
    assert_eq!(app.unchanged(ana.browser.get("/verify/done")).await.place(), "/profile");
    assert_eq!(app.unchanged(ana.browser.get("/verify/done?result=verified&ial=2.3")).await.place(), "/profile");
    let form = ana.browser.get("/verify/public").await.form("/verify/public");
    for path in ["/verify", "/verify/done"] {
        let form = idp_tests::Form { action: path.to_owned(), ..form.clone() };
        assert_eq!(app.unchanged(ana.browser.press(&form)).await.status, 405, "{path}");
    }
    for path in ["/verify/ask", "/verify/public/result", "/verify/case/1"] {
        let form = idp_tests::Form { action: path.to_owned(), ..form.clone() };
        assert_eq!(app.unchanged(ana.browser.press(&form)).await.status, 404, "{path}");
    }
    assert!(ana.account().await.badge().is_none());
}

#[tokio::test]
async fn who_is_not_signed_in_or_stopped_verifies_nothing() {
    let app = App::start().await;
    for path in ["/verify", "/verify/public", "/verify/staff", "/verify/staff/mailbox", "/verify/staff/code"] {
        assert_eq!(app.browser().get(path).await.place(), "/login", "{path}");
    }
    let mut ana = app.insert_member("ana").await;
    let form = super::card(&mut ana, citizen("1000000000017"), &[]).await;
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    ana.browser.submit(form).await;
    assert_eq!(app.registry().calls(), 0);
    assert!(ana.account().await.badge().is_none());
}
