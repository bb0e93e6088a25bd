//! `/profile`: one's own data, membership and devices.

use chrono::TimeDelta;
use idp_tests::App;

#[tokio::test]
async fn it_shows_what_the_member_gave_and_what_came_of_it() {
    let app = App::start().await;
    let mut ana = app.member("ana").await;
    let page = ana.browser.get("/profile").await;
    assert!(page.text("h1").contains("สมหญิง ทดสอบระบบ"));
    let said = page.text("main");
    for data in [
        "Somying Thotsoprabop",
        "ana@mail.example",
        "20 พฤษภาคม 2533",
        "หญิง",
        "081-234-5678",
        "บุคลากรภายนอกกระทรวงพาณิชย์",
        "ร้านตัวอย่าง",
        "ฝ่ายขาย",
        "ผู้จัดการ",
        "สมาชิกชั่วคราว (เหลือเวลาใช้งาน 60 วัน)",
        "ใช้งานได้ถึงวันที่ 1 มกราคม 2570",
    ] {
        assert!(said.contains(data), "{data} is missing: {said}");
    }
    assert!(!page.has("svg.badge"));
    app.advance(TimeDelta::days(46));
    ana.sign_in().await;
    let said = ana.browser.get("/profile").await.text("#membership");
    assert!(said.contains("(เหลือเวลาใช้งาน 14 วัน)"), "{said}");
}

#[tokio::test]
async fn a_permanent_member_sees_the_badge_with_date_and_method_and_the_number_masked() {
    let app = App::start().await;
    let mut ana = app.permanent("ana").await;
    let page = ana.browser.get("/profile").await;
    let said = page.text("#membership");
    for words in ["สมาชิกถาวร", "ยืนยันตัวตนแล้ว", "ไม่มีวันหมดอายุ", "2 พฤศจิกายน 2569", "ตรวจสอบกับฐานข้อมูลทะเบียน กรมการปกครอง"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    assert_eq!(page.text("dd.digits"), "x-xxxx-xxxxx-01-7");
    assert!(!page.html.contains("1000000000017"));
    assert!(page.has("h1 svg.badge[aria-label='ยืนยันตัวตนแล้ว']"));
    assert!(page.has(".chip svg.badge"));
}

#[tokio::test]
async fn devices_are_listed_with_this_one_marked() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut elsewhere = ana.elsewhere();
    elsewhere.browser.user_agent = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0".to_owned();
    app.advance(TimeDelta::minutes(3));
    elsewhere.sign_in().await;
    let page = ana.browser.get("/profile").await;
    let mut devices = page.texts("#sessions li strong");
    devices.sort_unstable();
    assert_eq!(devices, ["Chrome, Android", "Firefox, Windows"]);
    assert_eq!(page.texts("#sessions .tag"), ["อุปกรณ์นี้"]);
    assert!(page.text("#sessions").contains("เข้าสู่ระบบเมื่อ 2 พฤศจิกายน 2569 เวลา 10.00 น."), "{}", page.text("#sessions"));
    ana.sign_out().await;
    assert_eq!(elsewhere.browser.get("/profile").await.texts("#sessions li strong"), ["Firefox, Windows"]);
}

#[tokio::test]
async fn it_is_nobody_elses() {
    let app = App::start().await;
    assert_eq!(app.browser().get("/profile").await.place(), "/login");
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn s079_nothing_but_what_a_page_offers_can_be_changed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = ana.browser.get("/profile").await;
    let mut form = page.form("/language");
    for (name, value) in
        [("email_verified", "true"), ("badge", "yes"), ("ial", "2.3"), ("membership", "permanent"), ("expires_at", "9")]
    {
        form = form.with(name, value);
    }
    ana.browser.submit(form).await;
    assert!(ana.account().await.badge().is_none());
    assert_eq!(rp.sign_in(&mut ana).await.id.text("membership"), "temporary");
    // There is no other door.
    for method in ["PUT", "PATCH", "DELETE", "POST"] {
        let request = axum::http::Request::builder().method(method).uri("/profile");
        let reply = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(reply.status, 405, "{method}");
    }
}

#[tokio::test]
async fn s079_no_form_and_no_method_writes_what_was_proven_or_decided() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let page = ana.browser.get("/profile").await;
    let csrf = page.form("/language").value("csrf").to_owned();
    let forbidden = [
        ("email_verified", "true"),
        ("email", "other@mail.example"),
        ("badge", "{\"method\":\"civil_registry\"}"),
        ("ial", "2.3"),
        ("roles", "super_admin"),
        ("sub", "another"),
        ("expires_at", "4102444800"),
        ("member_type", "staff"),
        ("membership", "permanent"),
        ("standing", "active"),
    ];
    // As fields of forms that exist, beside what they ask for.
    for action in ["/language", "/profile/keep", "/profile/email/code", "/profile/history/signout"] {
        let mut fields = vec![("csrf".to_owned(), csrf.clone()), ("lang".to_owned(), "th".to_owned())];
        fields.extend(forbidden.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let form = idp_tests::Form { action: action.to_owned(), is_post: true, fields };
        app.unchanged(ana.browser.press(&form)).await;
    }
    // As JSON or a form, by methods that programs try.
    let json = serde_json::Value::Object(forbidden.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect());
    for path in ["/profile", "/profile/data", "/userinfo", "/profile/email"] {
        for method in ["PATCH", "PUT", "DELETE"] {
            let request = ana.browser.request(method.parse().unwrap(), path);
            let request = request.header("content-type", "application/json");
            let request = request.header("authorization", format!("Bearer {}", tokens.access));
            let reply = app.unchanged(app.send(request.body(json.to_string().into()).unwrap())).await;
            assert_eq!(reply.status, 405, "{method} {path}");
        }
    }
}
