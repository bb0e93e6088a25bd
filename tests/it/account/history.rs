//! `/profile/history`: what a member sees of the attempts to sign in to their account, and nobody else does.

use chrono::TimeDelta;
use idp_tests::{App, Member, Page};

async fn attempts(member: &mut Member) -> Vec<String> {
    member.browser.get("/profile/history").await.texts("#history .rows li")
}

async fn wrong(app: &App, email: &str) -> Page {
    let mut browser = app.browser();
    browser.address = "203.0.113.77".parse().unwrap();
    browser.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0".to_owned();
    let page = browser.get("/login").await;
    browser.submit(page.form("/login").with("username", email).with("password", "not her password")).await
}

#[tokio::test]
async fn it_tells_time_device_network_service_result_and_how() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    wrong(&app, &ana.email).await;
    app.advance(TimeDelta::minutes(5));
    let mut phone = ana.elsewhere();
    phone.browser.address = "2001:db8:12:34::7".parse().unwrap();
    rp.sign_in(&mut phone).await;
    let lines = attempts(&mut ana).await;
    let [success, refused] = lines.as_slice() else { panic!("{lines:?}") };
    for part in [
        "เข้าสู่ระบบสำเร็จ",
        "2 พฤศจิกายน 2569 เวลา 10.05 น.",
        "Chrome, Android",
        "ใช้รหัสผ่าน",
        "เครือข่ายที่ขึ้นต้นด้วย 2001:db8:12",
        "เพื่อใช้งาน",
    ] {
        assert!(success.contains(part), "{part}: {success}");
    }
    for part in ["รหัสผ่านไม่ถูกต้อง", "เวลา 10.00 น.", "Firefox, Windows", "203.0.113"]
    {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    // The end of the address is not kept anywhere but in the audit log.
    assert!(!success.contains(":34") && !refused.contains(".77"));
    ana.browser.language = "en".to_owned();
    let lines = attempts(&mut ana).await;
    assert!(lines[0].contains("Signed in") && lines[0].contains("2 November 2026"), "{lines:?}");
    assert!(lines[1].contains("wrong password"), "{lines:?}");
}

#[tokio::test]
async fn nobody_sees_anybody_elses() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut bob = app.insert_member("bob").await;
    wrong(&app, &ana.email).await;
    assert_eq!(attempts(&mut ana).await.len(), 1);
    assert!(attempts(&mut bob).await.is_empty());
    assert_eq!(app.browser().get("/profile/history").await.place(), "/login");
    // Attempts on an address that nobody has are written to nobody.
    let before = app.store.row_count("sign_ins").await.unwrap();
    wrong(&app, "nobody@mail.example").await;
    assert_eq!(app.store.row_count("sign_ins").await.unwrap(), before);
}

#[tokio::test]
async fn it_is_read_page_by_page_to_its_end() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..45 {
        app.advance(TimeDelta::minutes(1));
        ana.elsewhere().sign_in().await;
    }
    ana = ana.elsewhere();
    ana.sign_in().await;
    let mut page = ana.browser.get("/profile/history").await;
    let mut seen = Vec::new();
    for expected in [20, 20, 6] {
        let lines = page.texts("#history .rows li");
        assert_eq!(lines.len(), expected);
        seen.extend(lines);
        if let Some(older) = page.attribute("#older", "href") {
            page = ana.browser.get(&older).await;
            assert!(!page.has("#sessions"), "only the first page tells where one is signed in");
        }
    }
    assert!(!page.has("#older"));
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "no line twice");
    for odd in ["0", "-1", "9223372036854775808", "x", "1%20OR%201=1", ""] {
        let page = ana.browser.get(&format!("/profile/history?before={odd}")).await;
        assert_eq!(page.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn one_signs_out_there_and_only_oneself() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let mut bob = app.insert_member("bob").await;
    let mut lost = ana.elsewhere();
    lost.sign_in().await;
    let tokens = rp.sign_in(&mut lost).await;
    let page = ana.browser.get("/profile/history").await;
    let form = page.form("/profile/history/signout");
    // Bob knows the session's id and has a form of his own.
    let theirs = bob.browser.get("/terms").await.form("/language").value("csrf").to_owned();
    let forged = form.clone().with("csrf", &theirs);
    bob.browser.submit(forged).await;
    assert!(lost.browser.is_signed_in().await, "not Bob's to end");
    let page = ana.browser.submit(form).await;
    page.expect_at("/profile/history");
    assert!(!lost.browser.is_signed_in().await);
    assert!(ana.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    assert!(page.forms().iter().all(|form| form.action != "/profile/history/signout"));
}

#[tokio::test]
async fn it_goes_back_180_days_and_ends_with_the_account() {
    let app = App::start().await;
    let ana = app.insert_permanent("ana").await;
    ana.elsewhere().sign_in().await;
    app.store.purge(app.now() + TimeDelta::days(179)).await.unwrap();
    assert_eq!(app.store.row_count("sign_ins").await.unwrap(), 1);
    app.store.purge(app.now() + TimeDelta::days(181)).await.unwrap();
    assert_eq!(app.store.row_count("sign_ins").await.unwrap(), 0);
    ana.elsewhere().sign_in().await;
    let until = app.now() + TimeDelta::days(30);
    app.store.schedule_deletion(ana.id, until, app.now(), &[], &[]).await.unwrap();
    app.advance(TimeDelta::days(31));
    idp_web::jobs::tend(app.provider()).await.unwrap();
    assert_eq!(app.store.row_count("sign_ins").await.unwrap(), 0);
}
