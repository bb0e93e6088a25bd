//! `/profile/services`: what each service receives, and taking leave of it.

use chrono::TimeDelta;
use idp_tests::App;

#[tokio::test]
async fn services_stand_with_what_was_agreed_to_and_can_be_taken_leave_of() {
    let app = App::start().await;
    let one = app.client("one").scopes("openid membership email").await;
    let two = app.client("two").scopes("openid profile").await;
    let mut ana = app.insert_member("ana").await;
    let said = ana.browser.get("/profile/services").await.text("#services");
    assert!(said.contains("ยังไม่มีบริการที่เชื่อมต่อกับบัญชีนี้"), "{said}");
    let (first, second) = (one.sign_in(&mut ana).await, two.sign_in(&mut ana).await);
    let page = ana.browser.get("/profile/services").await;
    assert_eq!(page.texts("#services li strong"), ["บริการทดสอบ", "บริการทดสอบ"]);
    let said = page.text("#services");
    for words in ["กรมทดสอบ", "เชื่อมต่อตั้งแต่ 2 พฤศจิกายน 2569", "สถานะสมาชิกและเครื่องหมายยืนยันตัวตน", "อีเมล", "ถอนความยินยอม"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    let form = page.form("/profile/services/withdraw").with("client_id", "one");
    let page = ana.browser.submit(form).await;
    assert_eq!(page.texts("#services li strong").len(), 1);
    one.refresh(&first.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(one.userinfo(&first.access).await.status, 401);
    two.refreshed(&second).await;
    assert_eq!(one.ask_silently(&mut ana.browser).await.error(), "consent_required", "asked anew");
    // Withdrawn twice, or what never was: nothing happens, and no dead end.
    for client_id in ["one", "nobody", "", "two words"] {
        let form =
            ana.browser.get("/profile/services").await.form("/profile/services/withdraw").with("client_id", client_id);
        assert_eq!(app.unchanged(ana.browser.submit(form)).await.place(), "/profile/services");
    }
}

#[tokio::test]
async fn nobody_withdraws_what_another_member_gave() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let (mut ana, mut ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    let tokens = rp.sign_in(&mut ana).await;
    rp.sign_in(&mut ben).await;
    let form = ben.browser.get("/profile/services").await.form("/profile/services/withdraw").with("client_id", "rp");
    ben.browser.submit(form.with("account_id", &ana.id.to_string())).await;
    rp.refreshed(&tokens).await;
}

#[tokio::test]
async fn all_can_be_taken_leave_of_at_once() {
    let app = App::start().await;
    let (one, two) = (app.client("one").await, app.client("two").await);
    let mut ana = app.insert_member("ana").await;
    let (first, second) = (one.sign_in(&mut ana).await, two.sign_in(&mut ana).await);
    let page = ana.browser.get("/profile/services").await;
    let page = ana.browser.submit(page.form("/profile/services/withdraw-all")).await;
    assert_eq!(page.texts("#services li strong").len(), 0, "{}", page.text("main"));
    for (rp, tokens) in [(&one, &first), (&two, &second)] {
        rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
        rp.userinfo(&tokens.access).await.expect(401);
    }
    assert_eq!(page.texts("#receipts li").len(), 4, "two given, two withdrawn");
}

#[tokio::test]
async fn the_last_time_something_was_received_is_shown() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    app.advance(TimeDelta::minutes(4));
    rp.refreshed(&tokens).await;
    let said = ana.browser.get("/profile/services").await.text("#services");
    assert!(said.contains("ได้รับข้อมูลครั้งล่าสุด 2 พฤศจิกายน 2569 เวลา 10.04 น."), "{said}");
}

#[tokio::test]
async fn a_receipt_names_the_texts_and_can_be_kept_as_a_file() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    rp.sign_in(&mut ana).await;
    let page = ana.browser.get("/profile/services").await;
    let href = page.attribute("#receipts a", "href").unwrap();
    let page = ana.browser.get(&href).await;
    let said = page.text("main");
    for words in ["ให้ความยินยอม", "บริการทดสอบ", "กรมทดสอบ", "2026-11", "ประกาศความเป็นส่วนตัว ฉบับที่"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    for text in page.attributes("dd a", "href") {
        assert_eq!(app.browser().get(&text).await.status, 200, "{text} is there to be read");
    }
    let page = ana.browser.get(&page.attribute("#receipt-file", "href").unwrap()).await;
    assert_eq!(page.headers["content-type"], "application/json; charset=utf-8");
    let file: serde_json::Value = serde_json::from_str(&page.html).unwrap();
    assert_eq!((&file["act"], &file["service"]["client_id"]), (&"given".into(), &"rp".into()));
    assert_eq!(file["documents"], idp_web::account::accept::version_in_force());
    // Nobody else's, and nothing that is no number.
    let mut ben = app.insert_member("ben").await;
    for path in [href.as_str(), "/profile/services/receipt", "/profile/services/receipt?number=x"] {
        assert_eq!(ben.browser.get(path).await.status, 404, "{path}");
    }
}
