//! `/profile/data`: everything held about oneself, and who has seen it.

use chrono::TimeDelta;
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_tests::{App, Member, Page};
use serde_json::{Value, json};

async fn download(member: &mut Member) -> Page {
    let page = member.browser.get("/profile/data").await;
    member.browser.submit(page.form("/profile/data/download")).await
}

fn file(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.text("main"));
    assert_eq!(page.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(page.headers["content-disposition"], "attachment; filename=\"moc-account-personal-data.json\"");
    assert_eq!(page.headers["cache-control"], "no-store");
    serde_json::from_str(&page.html).expect("JSON")
}

#[tokio::test]
async fn the_file_holds_everything_and_no_secret() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.permanent("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    rp.refreshed(&tokens).await;
    let page = download(&mut ana).await;
    let data = file(&page);
    assert_eq!(data["schema"], "moc-account-personal-data/1");
    assert_eq!(data["account_id"], ana.id.to_string());
    assert_eq!(data["account"][0]["email"], ana.email);
    assert_eq!(data["account"][0]["profile"]["phone"], json!("+66812345678"));
    assert_eq!(data["account"][0]["badge"]["method"], "civil_registry");
    assert_eq!(data["identity"][0]["number"], "1000000000017");
    assert_eq!(data["verification_attempts"][0]["outcome"], "verified");
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(data["linked_services"][0]["client_id"], "rp");
    assert_eq!(data["consent_receipts"][0]["act"], "given");
    assert_eq!(data["grants"][0]["client_id"], "rp");
    let kinds: Vec<&str> = data["mails"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"welcome") && kinds.contains(&"verified"), "{kinds:?}");
    let acts: Vec<&str> = data["log"].as_array().unwrap().iter().map(|l| l["action"].as_str().unwrap()).collect();
    for act in ["account.registered", "badge.granted", "consent.given", "grant.tokens_issued", "grant.refreshed"] {
        assert!(acts.contains(&act), "{act} of {acts:?}");
    }
    for secret in ["argon2", "digest", "seed", "sealed", "cookie", &tokens.refresh, &tokens.access] {
        assert!(!page.html.contains(secret), "{secret} is in the file");
    }
}

#[tokio::test]
async fn the_page_says_the_same_in_words() {
    let app = App::start().await;
    let mut ana = app.permanent("ana").await;
    let page = ana.browser.get("/profile/data/all").await;
    let said = page.text("main");
    for words in ["ana@mail.example", "081-234-5678", "x-xxxx-xxxxx-01-7", "Chrome, Android", "welcome", "verified"] {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    assert!(!page.html.contains("1000000000017"), "the number is masked on pages");
}

#[tokio::test]
async fn it_takes_a_proof_that_is_younger_than_five_minutes() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    assert_eq!(download(&mut ana).await.place(), "/login");
    let page = ana.browser.get("/profile/data/all").await;
    assert_eq!(page.place(), "/login");
    ana.sign_in_at(&page).await;
    file(&download(&mut ana).await);
    assert_eq!(app.browser().get("/profile/data/all").await.place(), "/login");
    assert_eq!(app.browser().get("/profile/data").await.place(), "/login");
}

#[tokio::test]
async fn it_is_written_down_and_not_given_without_end() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..10 {
        file(&download(&mut ana).await);
    }
    let taken = app.store.events_of(ana.id, &[Action::PersonalDataTaken], 99).await.unwrap();
    assert_eq!(taken.len(), 10);
    assert_eq!(download(&mut ana).await.status, 429);
    assert_eq!(ana.browser.get("/profile/data/all").await.status, 429);
    let mut ben = app.insert_member("ben").await;
    file(&download(&mut ben).await);
}

#[tokio::test]
async fn nobody_gets_anything_of_anybody_else() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let (mut ana, mut ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    rp.sign_in(&mut ana).await;
    let page = download(&mut ben).await;
    let data = file(&page);
    assert!(!page.html.contains("ana@mail.example"));
    assert_eq!(data["linked_services"], json!([]));
}

#[tokio::test]
async fn it_can_be_taken_when_nothing_else_can_be_done_any_more() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.advance(TimeDelta::days(61));
    ana.sign_in().await;
    file(&download(&mut ana).await);
}

#[tokio::test]
async fn the_member_sees_which_services_received_what_and_how_often() {
    let app = App::start().await;
    let rp = app.client("rp").scopes("openid membership email").await;
    let mut ana = app.insert_member("ana").await;
    assert!(ana.browser.get("/profile/data").await.text("#seen").contains("ยังไม่มีใคร"));
    let tokens = rp.sign_in(&mut ana).await;
    rp.refreshed(&tokens).await;
    rp.claims(&tokens).await;
    let page = ana.browser.get("/profile/data").await;
    assert_eq!(page.texts("#seen li strong"), ["บริการ บริการทดสอบ"], "one line for a service and a day");
    let said = page.text("#seen");
    for words in ["2 ครั้งในวันนั้น", "อีเมล", "สถานะสมาชิกและเครื่องหมายยืนยันตัวตน"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    app.advance(TimeDelta::days(1));
    ana.sign_in().await;
    rp.sign_in(&mut ana).await;
    assert_eq!(ana.browser.get("/profile/data").await.texts("#seen li strong").len(), 2);
}

#[tokio::test]
async fn the_member_sees_each_look_of_an_official_with_its_reason_and_no_name() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let official = app.insert_staff("official", idp_core::admin::Role::SupportOfficer, None).await;
    let event = AuditEvent::new(app.now(), Actor::Staff(official.id), Action::PersonalDataSeen)
        .from("192.0.2.77")
        .account(ana.id)
        .detail(json!({ "reason": "สมาชิกโทรมาสอบถาม <b>1042</b>" }));
    app.store.record(&[event]).await.unwrap();
    let page = ana.browser.get("/profile/data").await;
    let said = page.text("#seen");
    for words in ["เจ้าหน้าที่ช่วยเหลือสมาชิก", "เปิดดูข้อมูลสมาชิก", "สมาชิกโทรมาสอบถาม <b>1042</b>", "2 พฤศจิกายน 2569"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    let file = download(&mut ana).await;
    for place in [&page, &file] {
        assert!(!place.html.contains(&official.id.to_string()) && !place.html.contains("official@"));
        assert!(!place.html.contains("192.0.2.77"), "where the official sat is theirs");
    }
    assert!(file.html.contains("data.seen_by_staff"));
}

#[tokio::test]
async fn a_look_is_shown_however_often_a_service_came_after_it() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let official = app.insert_staff("official", idp_core::admin::Role::SupportOfficer, None).await;
    let look = |n: u32| {
        AuditEvent::new(app.now(), Actor::Staff(official.id), Action::PersonalDataSeen)
            .account(ana.id)
            .detail(json!({ "reason": format!("เรื่องที่ {n}/2569") }))
    };
    app.store.record(&(1..=12).map(look).collect::<Vec<_>>()).await.unwrap();
    app.client("rp").await;
    let rp = idp_core::id::ClientId::parse("rp").unwrap();
    let refreshed = AuditEvent::new(app.now(), Actor::Client, Action::TokensRefreshed).account(ana.id).client(&rp);
    app.store.record(&vec![refreshed.detail(json!({ "scope": "openid email" })); 1_100]).await.unwrap();
    let page = ana.browser.get("/profile/data").await;
    assert_eq!(page.texts("#services > li").len(), 1, "one line for a service and a day");
    assert!(page.text("#services").contains("1100 ครั้ง"), "{}", page.text("#services"));
    assert!(!page.has("#services-older"));
    let mut lines = page.texts("#officials > li");
    assert_eq!(lines.len(), 10);
    let older = page.attribute("#officials-older", "href").expect("there are more");
    let page = ana.browser.get(&older).await;
    page.expect_at("/profile/data/seen");
    lines.extend(page.texts("#officials > li"));
    let reasons: Vec<bool> = (1..=12).rev().map(|n| lines[12 - n].contains(&format!("เรื่องที่ {n}/2569"))).collect();
    assert_eq!(reasons, [true; 12], "each look once, the newest first: {lines:?}");
    assert!(!page.has("#officials-older"));
}

#[tokio::test]
async fn what_services_received_is_read_page_by_page_to_its_end() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    app.client("rp").await;
    let rp = idp_core::id::ClientId::parse("rp").unwrap();
    for days in 0..45 {
        let at = app.now() - TimeDelta::days(days);
        let event = AuditEvent::new(at, Actor::Client, Action::TokensIssued).account(ana.id).client(&rp);
        app.store.record(&[event.detail(json!({ "scope": "openid" }))]).await.unwrap();
    }
    let mut page = ana.browser.get("/profile/data").await;
    let mut lines = Vec::new();
    for expected in [10, 20, 15] {
        let found = page.texts("#services > li");
        assert_eq!(found.len(), expected);
        lines.extend(found);
        if let Some(older) = page.attribute("#services-older", "href") {
            page = ana.browser.get(&older).await;
        }
    }
    assert!(!page.has("#services-older"));
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 45, "no day twice");
    for odd in ["0", "x.y", "-1.rp", "9223372036854775807.rp", "-9223372036854775808.rp", "1%20OR%201=1"] {
        for by in ["officials", "services", "nobody"] {
            let page = ana.browser.get(&format!("/profile/data/seen?by={by}&before={odd}")).await;
            assert_eq!(page.status, 200, "{by} {odd}");
        }
    }
    assert_eq!(app.browser().get("/profile/data/seen").await.place(), "/login");
}

#[tokio::test]
async fn nobody_reads_who_has_seen_another() {
    let app = App::start().await;
    let (mut ana, ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    let event = AuditEvent::new(app.now(), Actor::Operator, Action::PersonalDataSeen).account(ben.id);
    app.store.record(&vec![event; 30]).await.unwrap();
    for path in ["/profile/data", "/profile/data/seen", "/profile/data/seen?by=officials&before=1000"] {
        assert!(ana.browser.get(path).await.texts("#officials > li").is_empty(), "{path}");
    }
}
