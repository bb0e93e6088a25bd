//! The whole way, with the words of the ministry's guide.

use idp_core::account::{MemberType, PersonnelType};
use idp_tests::{App, Letter, PASSWORD, filled_details};

#[tokio::test]
async fn the_guide_is_followed_word_for_word() {
    let app = App::start().await;
    let mut browser = app.browser();

    // Step 2: the sign-in page and its link.
    let page = browser.get("/").await;
    assert_eq!(page.place(), "/login");
    assert_eq!(page.text("#register"), "สำหรับผู้ใช้งานที่ไม่เคยสมัครมาก่อน ลงทะเบียนคลิกที่นี่");
    let page = browser.get(&page.attribute("#register", "href").unwrap()).await;

    // Step 3.1: the member type.
    assert_eq!(page.text(".steps .now .step-name"), "ประเภทสมาชิก");
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;

    // Step 3.2: terms and privacy notice.
    assert_eq!((page.place(), page.text(".steps .now .step-name").as_str()), ("/register/terms", "ข้อตกลง"));
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;

    // The mailbox, before there is an account.
    assert_eq!((page.place(), page.text(".steps .now .step-name").as_str()), ("/register/email", "อีเมล"));
    let page = browser.submit(page.form("/register/email").with("email", "ana@mail.example")).await;
    assert_eq!((page.place(), page.text(".steps .now .step-name").as_str()), ("/register/code", "อีเมล"));
    assert_eq!(app.store.row_count("accounts").await.unwrap(), 0);
    let code = app.mailed_code("ana@mail.example").await;
    let page = browser.submit(page.form("/register/code").with("code", &code)).await;

    // Step 3.3: the form, with the confirmed address in it.
    assert_eq!((page.place(), page.text(".steps .now .step-name").as_str()), ("/register/details", "ข้อมูล"));
    assert_eq!(page.text(".confirmed .address"), "ana@mail.example");
    assert_eq!(page.text(".confirmed-word"), "ยืนยันแล้ว");
    let labels = page.texts("label, legend");
    for label in [
        "คำนำหน้าชื่อ *",
        "ชื่อ (ภาษาไทย) *",
        "ชื่อกลาง (ถ้ามี)",
        "นามสกุล (ภาษาไทย) *",
        "เพศ *",
        "วันเดือนปีเกิด (พ.ศ.) *",
        "ปี พ.ศ.",
        "ประเภทบุคลากร *",
        "บุคลากรภายนอกกระทรวงพาณิชย์",
        "หน่วยงาน",
        "แผนก/ฝ่าย",
        "ตำแหน่ง",
        "รหัสผ่านสำหรับลงชื่อเข้าใช้งานระบบ *",
    ] {
        assert!(labels.iter().any(|found| found == label), "{label} is missing: {labels:?}");
    }
    assert_eq!(page.form("/register/details").value("personnel_type"), "outside");
    assert_eq!(page.text("#confirm"), "ยืนยันการลงทะเบียนสมาชิกและเข้าใช้งานทันที");
    let page = browser.submit(filled_details(page.form("/register/details"))).await;

    // Step 3.4: signed in at once; the green button, or the blue one.
    assert_eq!(page.place(), "/welcome");
    assert!(page.has(".chip"), "signed in");
    assert_eq!(page.text("#become-permanent"), "สมัครเป็นสมาชิกถาวร ไม่มีวันหมดอายุ คลิกที่นี่เพื่อยืนยันตัวตน");
    assert!(page.has("#become-permanent.green") && page.has("#stay-temporary.blue"));
    assert_eq!(page.text(".or"), "หรือ");
    assert_eq!(
        page.text("#stay-temporary"),
        "สมัครเข้าร่วมกิจกรรม/เข้าใช้งานระบบต่าง ๆ กับกระทรวงพาณิชย์ โดยเป็นสมาชิกแบบชั่วคราว คลิกที่นี่"
    );
    assert!(page.text(".way-green").contains("ใช้งานได้ตลอด ไม่มีวันหมดอายุ"));
    assert!(page.text(".way-blue").contains("ชั่วคราว (ใช้งานได้ 60 วัน) และสามารถเข้าใช้งานระบบได้ทันที"));
    let page = browser.submit(page.form("/welcome")).await;
    assert_eq!(page.place(), "/profile");
    assert!(page.text("#membership").contains("สมาชิกชั่วคราว (เหลือเวลาใช้งาน 60 วัน)"));

    // Step 3.5: the two ways to verify, and the card.
    let page = browser.get(&page.attribute("#become-permanent", "href").unwrap()).await;
    assert_eq!(page.texts(".door strong"), ["ยืนยันตัวตนสำหรับประชาชนทั่วไป", "ยืนยันตัวตนสำหรับบุคลากรกระทรวงพาณิชย์"]);
    let page = browser.get(&page.attribute("#verify-public", "href").unwrap()).await;
    assert_eq!(page.text("label[for=national_id]"), "เลขที่ประจำตัวประชาชน 13 หลัก *");
    assert_eq!(page.attribute("#national_id", "placeholder").as_deref(), Some("เลขที่ประจำตัวประชาชน"));
    assert_eq!(page.texts("legend"), ["ชื่อ-นามสกุลผู้ลงทะเบียน *", "วันเดือนปีเกิด *"]);
    assert_eq!(page.text("#name-hint"), "ภาษาไทย");
    assert_eq!(page.text("label[for=first_name]"), "ชื่อ *");
    assert_eq!(page.text("label[for=last_name]"), "นามสกุล *");
    assert_eq!(page.attribute("#birth_day", "placeholder").as_deref(), Some("ระบุวันที่เกิด"));
    assert_eq!(page.text("#birth_month option"), "- เดือน -");
    assert_eq!(page.attribute("#birth_year", "placeholder").as_deref(), Some("ระบุปีเกิด"));
    assert_eq!(page.text("#confirm"), "ยืนยันความถูกต้องของข้อมูล");
    assert_eq!(page.text("#cancel"), "✕ ยกเลิกและกลับไปเลือกวิธียืนยันใหม่");
    assert_eq!(page.attribute("#cancel", "href").as_deref(), Some("/verify"));
}

#[tokio::test]
async fn the_account_holds_what_was_typed_and_the_owner_hears_of_it() {
    let app = App::start().await;
    let ana = app.member("ana").await;
    let account = ana.account().await;
    let profile = &account.profile;
    assert_eq!(account.member_type, MemberType::Public);
    assert_eq!(profile.full_name(), "สมหญิง ทดสอบระบบ");
    assert_eq!(profile.full_name_en().as_deref(), Some("Somying Thotsoprabop"));
    assert_eq!(profile.personnel_type, PersonnelType::Outside);
    assert_eq!(profile.phone.as_ref().unwrap().as_str(), "+66812345678");
    assert_eq!(account.language.as_deref(), Some("th"));
    assert_eq!(account.email_confirmed_at, app.now());
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.as_slice(), [Letter::ConfirmEmail { .. }, Letter::Welcome { .. }]));
    let actions: Vec<String> =
        app.store.events_about(ana.id, 10).await.unwrap().into_iter().map(|line| line.action).collect();
    assert!(actions.contains(&"account.registered".to_owned()) && actions.contains(&"session.signed_in".to_owned()));
    // The password works in another browser, and the registration's cookie is gone from this one.
    assert_eq!(ana.browser.cookie("registration"), None);
    let mut elsewhere = ana.elsewhere();
    assert_eq!(elsewhere.password, PASSWORD);
    assert_eq!(elsewhere.sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn who_reads_english_is_answered_in_english_throughout() {
    let app = App::start().await;
    let mut browser = app.browser();
    browser.language = "en-GB,en;q=0.9,th;q=0.5".to_owned();
    let page = browser.get("/register").await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    let page = browser.submit(page.form("/register/email").with("email", "ana@mail.example")).await;
    let page =
        browser.submit(page.form("/register/code").with("code", &app.mailed_code("ana@mail.example").await)).await;
    let page = browser.submit(filled_details(page.form("/register/details"))).await;
    assert_eq!(page.place(), "/welcome");
    let thai = |c: char| ('\u{0e00}'..='\u{0e7f}').contains(&c);
    assert!(!page.text("main").contains(thai), "{}", page.text("main"));
    let account = app.store.account_by_email("ana@mail.example").await.unwrap().unwrap();
    assert_eq!(account.language.as_deref(), Some("en"), "letters follow");
}

#[tokio::test]
async fn a_sign_in_that_waits_is_taken_up_again_after_registration() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let mut browser = app.browser();
    let page = browser.get(&ask.path()).await;
    assert_eq!(page.place(), "/login");
    let page = browser.get(&page.attribute("#register", "href").unwrap()).await;
    assert!(page.text(".strip").contains("บริการทดสอบ"), "the service is named");
    let page = browser.submit(page.form("/register").with("member_type", "public")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    let page = browser.submit(page.form("/register/email").with("email", "ana@mail.example")).await;
    let page =
        browser.submit(page.form("/register/code").with("code", &app.mailed_code("ana@mail.example").await)).await;
    assert!(page.text(".strip").contains("บริการทดสอบ"), "still named");
    let page = browser.submit(filled_details(page.form("/register/details"))).await;
    assert!(page.text(".lead").contains("บริการทดสอบ"));
    let page = browser.submit(page.form("/welcome")).await;
    assert_eq!(page.place(), "/consent");
    let page = browser.submit(page.form("/consent").with("decision", "allow")).await;
    let answer = idp_tests::Answer::of(&page);
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.id.text("membership"), "temporary");
    assert_eq!(
        tokens.id.number("membership_expires_at"),
        "2027-01-01T16:59:59Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
    );
}

#[tokio::test]
async fn a_registration_waits_two_hours_for_its_next_step() {
    let app = App::start().await;
    let (mut browser, page) = super::at_details(&app, "ana@mail.example").await;
    let form = filled_details(page.form("/register/details"));
    app.advance(chrono::TimeDelta::hours(2));
    let page = app.unchanged(browser.submit(form)).await;
    assert_eq!(page.place(), "/register");
}
