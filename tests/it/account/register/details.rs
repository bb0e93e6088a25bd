//! `/register/details`: the form of the guide. What is wrong is named beside its field, and what was typed stays.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Membership, Sex};
use idp_core::thai::ThaiName;
use idp_store::StoredAccount;
use idp_tests::{App, Form, Letter, Page, filled_details};

use super::{at_details, fault};

const EMAIL: &str = "ana@mail.example";

/// The form, filled in soundly but for these fields, and what came of it.
async fn fill(app: &App, changes: &[(&str, &str)]) -> (Page, Option<StoredAccount>) {
    let (mut browser, page) = at_details(app, EMAIL).await;
    let form = changed(filled_details(page.form("/register/details")), changes);
    let page = browser.submit(form).await;
    let stored = app.store.account_by_email(EMAIL).await.unwrap();
    (page, stored.map(|stored| (*stored).clone()))
}

fn changed(form: Form, changes: &[(&str, &str)]) -> Form {
    changes.iter().fold(form, |form, (name, value)| form.with(name, value))
}

/// Fields that are taken, and the account they make.
async fn taken(changes: &[(&str, &str)]) -> StoredAccount {
    let app = App::start().await;
    let (page, account) = fill(&app, changes).await;
    assert_eq!(page.place(), "/welcome", "{changes:?}: {}", page.text("#error-summary"));
    account.expect("the account was made")
}

#[tokio::test]
async fn every_fault_is_named_beside_its_field_and_nothing_typed_is_lost() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let sound = filled_details(page.form("/register/details"));
    let long = "ก".repeat(201);
    let table: &[(&str, &str, &str)] = &[
        ("title", "", "กรุณาเลือกคำนำหน้าชื่อ"),
        ("first_name", "", "กรุณากรอกชื่อ"),
        ("first_name", "Somying", "กรุณากรอกเป็นภาษาไทย"),
        ("first_name", "สม1หญิง", "อักขระ “1” ใช้ในชื่อไม่ได้"),
        ("first_name", "ิสมหญิง", "สระหรือวรรณยุกต์อยู่ผิดตำแหน่ง"),
        ("first_name", "นาย", "เป็นคำนำหน้าชื่อ"),
        ("middle_name", "Lee", "กรุณากรอกเป็นภาษาไทย"),
        ("last_name", "", "กรุณากรอกนามสกุล"),
        ("last_name", "ทดสอบ๑", "ใช้ในชื่อไม่ได้"),
        ("first_name_en", "สมหญิง", "กรุณากรอกเป็นตัวอักษรภาษาอังกฤษ"),
        ("last_name_en", "Lee<b>", "ใช้ในชื่อไม่ได้"),
        ("sex", "other", "กรุณาเลือกเพศ"),
        ("birth_day", "32", "วันที่ไม่ถูกต้อง"),
        ("birth_month", "13", "เดือนไม่ถูกต้อง"),
        ("birth_year", "", "กรุณากรอกปี พ.ศ."),
        ("birth_year", "33", "กรุณาตรวจสอบปี พ.ศ."),
        ("birth_year", "2999", "วันที่นี้ยังมาไม่ถึง"),
        ("phone", "0812", "จำนวนหลักของหมายเลขโทรศัพท์ไม่ถูกต้อง"),
        ("phone", "โทร", "หมายเลขโทรศัพท์ต้องเป็นตัวเลข"),
        ("personnel_type", "boss", "กรุณาเลือกประเภทบุคลากร"),
        ("organization", &long, "กรุณากรอกหน่วยงาน"),
        ("department", &long, "กรุณากรอกแผนก/ฝ่าย"),
        ("position", &long, "กรุณากรอกตำแหน่ง"),
        ("password", "", "อย่างน้อย 15 ตัวอักษร"),
    ];
    for (field, typed, said) in table {
        let form = sound.clone().with(field, typed);
        let page = app.unchanged(browser.submit(form.clone())).await;
        let fault = fault(&page, field);
        assert!(fault.contains(said), "{field} = {typed}: {fault}");
        let again = page.form("/register/details");
        for (name, value) in &form.fields {
            let lost = matches!(name.as_str(), "password" | "csrf" | "username")
                // What is no choice cannot be shown as chosen.
                || (name == field && matches!(*field, "sex" | "personnel_type" | "birth_month"));
            assert!(lost || again.value(name) == value, "{name} was lost after a wrong {field}");
        }
        assert_eq!(again.value("password"), "", "a password is never shown again");
    }
    // What is tried out at last is taken.
    assert_eq!(browser.submit(sound).await.place(), "/welcome");
}

#[tokio::test]
async fn all_faults_are_named_at_once() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let page = browser.submit(page.form("/register/details")).await;
    for field in ["title", "first_name", "last_name", "sex", "birth_year", "password"] {
        fault(&page, field);
    }
}

#[tokio::test]
async fn what_is_optional_may_stay_empty() {
    let optional = ["middle_name", "first_name_en", "last_name_en", "phone", "organization", "department", "position"];
    let account = taken(&optional.map(|name| (name, ""))).await;
    let profile = &account.profile;
    assert!(profile.middle_name.is_none() && profile.phone.is_none() && profile.full_name_en().is_none());
    assert_eq!([&profile.organization, &profile.department, &profile.position], ["", "", ""]);
}

#[tokio::test]
async fn the_form_says_truly_what_it_needs() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let needed: Vec<String> = page
        .forms()
        .into_iter()
        .find(|form| form.action == "/register/details")
        .unwrap()
        .fields
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| page.has(&format!("[name={name}][required]")))
        .collect();
    let sound = filled_details(page.form("/register/details"));
    for name in needed {
        let page = browser.submit(sound.clone().with(&name, "")).await;
        fault(&page, &name);
    }
}

#[tokio::test]
async fn ministry_personnel_say_where_they_work() {
    let app = App::start().await;
    let mut browser = app.browser();
    let page = browser.get("/register").await;
    let page = browser.submit(page.form("/register").with("member_type", "staff")).await;
    let form = page.form("/register/terms").with("accept_terms", "yes").with("read_privacy", "yes");
    let page = browser.submit(form).await;
    let page = browser.submit(page.form("/register/email").with("email", EMAIL)).await;
    let page = browser.submit(page.form("/register/code").with("code", &app.mailed_code(EMAIL).await)).await;
    let form = filled_details(page.form("/register/details"));
    let offices = ["organization", "department", "position"];
    let page = browser.submit(changed(form.clone(), &offices.map(|name| (name, " ")))).await;
    for office in offices {
        fault(&page, office);
    }
    assert_eq!(browser.submit(form).await.place(), "/welcome");
}

#[tokio::test]
async fn other_titles_are_written_out() {
    let account = taken(&[("title", "other"), ("title_other", "ว่าที่ร้อยตรีหญิง")]).await;
    assert_eq!(account.profile.title.as_thai(), "ว่าที่ร้อยตรีหญิง");
    let app = App::start().await;
    let (page, _) = fill(&app, &[("title", "other"), ("title_other", "")]).await;
    assert_eq!(fault(&page, "title_other"), "กรุณาเลือกคำนำหน้าชื่อ");
}

#[tokio::test]
async fn a_title_glued_to_the_name_is_offered_to_be_taken_off_and_never_taken_silently() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let form = filled_details(page.form("/register/details")).with("first_name", "นางสาวสมหญิง");
    let page = app.unchanged(browser.submit(form)).await;
    assert!(fault(&page, "first_name").contains("“นางสาว”"));
    assert_eq!(page.text("label[for=accept_first_name]"), "ใช้ “สมหญิง” แทน");
    assert_eq!(page.text("label[for=keep_first_name]"), "ใช้ “นางสาวสมหญิง” ตามที่กรอกไว้");
    let form = page.form("/register/details").with("password", idp_tests::PASSWORD).with("accept_first_name", "yes");
    assert_eq!(browser.submit(form).await.place(), "/welcome");
    let account = app.store.account_by_email(EMAIL).await.unwrap().unwrap();
    assert_eq!(account.profile.first_name.as_str(), "สมหญิง");
}

#[tokio::test]
async fn a_name_that_begins_like_a_title_stays_whole_when_its_owner_says_so() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let form = filled_details(page.form("/register/details")).with("first_name", "นางนวล");
    let page = browser.submit(form).await;
    let form = page.form("/register/details").with("password", idp_tests::PASSWORD).with("keep_first_name", "yes");
    assert_eq!(browser.submit(form).await.place(), "/welcome");
    let profile = browser.get("/profile").await;
    assert!(profile.text("h1").ends_with("นางนวล ทดสอบระบบ"), "{}", profile.text("h1"));
}

#[tokio::test]
async fn a_year_of_the_christian_era_is_asked_about_and_never_converted_silently() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let form = filled_details(page.form("/register/details")).with("birth_year", "1990");
    let page = app.unchanged(browser.submit(form)).await;
    assert!(fault(&page, "birth_year").contains("ท่านหมายถึง พ.ศ. 2533 ใช่หรือไม่"));
    let form = page.form("/register/details");
    assert_eq!(form.value("birth_year"), "1990");
    let form = form.with("password", idp_tests::PASSWORD);
    let page = browser.submit(form.clone()).await;
    fault(&page, "birth_year");
    assert_eq!(browser.submit(form.with("accept_year", "yes")).await.place(), "/welcome");
    let account = app.store.account_by_email(EMAIL).await.unwrap().unwrap();
    assert_eq!(account.profile.birth_date.registry_form(), "25330520");
}

#[tokio::test]
async fn s110_an_unknown_day_or_month_stays_unknown_and_is_never_the_first_of_january() {
    for (day, month, kept, claim) in [
        ("", "", "25330000", "1990"),
        ("", "0", "25330000", "1990"),
        ("0", "5", "25330500", "1990"),
        ("", "5", "25330500", "1990"),
        ("29", "2", "25350229", "1992-02-29"),
    ] {
        let year = &kept[..4];
        let account = taken(&[("birth_day", day), ("birth_month", month), ("birth_year", year)]).await;
        assert_eq!(account.profile.birth_date.registry_form(), kept);
        assert_eq!(account.profile.birth_date.birthdate_claim(), claim);
    }
    let app = App::start().await;
    let (page, _) = fill(&app, &[("birth_day", "29"), ("birth_month", "2"), ("birth_year", "2533")]).await;
    fault(&page, "birth_day");
    let (page, _) = fill(&app, &[("birth_day", "20"), ("birth_month", "")]).await;
    assert!(fault(&page, "birth_day").starts_with("กรุณาเลือกเดือนด้วย"));
}

#[tokio::test]
async fn s109_digits_and_names_come_in_many_forms_and_are_kept_in_one() {
    let nam = ["น้ำ", "น\u{0e4d}\u{0e49}\u{0e32}", "น\u{0e49}\u{0e4d}\u{0e32}", "นำ\u{0e49}", "น\u{200b}้ำ\u{feff}"];
    let key = ThaiName::parse("น้ำ").unwrap().key().to_owned();
    for spelled in nam {
        let account = taken(&[("first_name", spelled), ("birth_year", "๒๕๓๓"), ("birth_day", "๒๐")]).await;
        assert_eq!(account.profile.first_name.key(), key, "{spelled:?}");
        assert_eq!(account.profile.birth_date.registry_form(), "25330520");
    }
    let account = taken(&[
        ("last_name", "ณ\u{a0}  อยุธยา\u{200f}"),
        ("phone", "๐๘๑-๒๓๔-๕๖๗๘"),
        ("birth_year", "25\u{200b}33"),
        ("sex", "unspecified"),
        ("organization", "  ร้าน   ตัวอย่าง "),
    ])
    .await;
    assert_eq!(account.profile.last_name.as_str(), "ณ อยุธยา");
    assert_eq!(account.profile.phone.as_ref().unwrap().as_str(), "+66812345678");
    assert_eq!(account.profile.birth_date.registry_form(), "25330520");
    assert_eq!(account.profile.sex, Sex::Unspecified);
    assert_eq!(account.profile.organization, "ร้าน ตัวอย่าง");
}

#[tokio::test]
async fn s067_hostile_text_is_kept_and_shown_as_text() {
    let hostile = "\"><script>alert(1)</script>";
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let form = filled_details(page.form("/register/details")).with("organization", hostile).with("position", hostile);
    let page = browser.submit(form.clone().with("first_name", hostile)).await;
    assert!(!page.html.contains("<script>alert"));
    assert_eq!(page.form("/register/details").value("organization"), hostile);
    assert_eq!(browser.submit(form).await.place(), "/welcome");
    let profile = browser.get("/profile").await;
    assert!(!profile.html.contains("<script>alert") && profile.text("main").contains(hostile));
}

#[tokio::test]
async fn s062_passwords_are_long_uncommon_and_not_made_of_their_owners_data() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let sound = filled_details(page.form("/register/details"));
    let too_long = "ก".repeat(129);
    for (password, said) in [
        ("short but nice", "อย่างน้อย 15 ตัวอักษร"),
        (&too_long, "ไม่เกิน 128 ตัวอักษร"),
        ("passwordpassword", "คาดเดาได้ง่าย"),
        ("aaaaaaaaaaaaaaaaaaaa", "คาดเดาได้ง่าย"),
        ("123456789012345678", "คาดเดาได้ง่าย"),
        ("qwertyuiopasdfghjkl", "คาดเดาได้ง่าย"),
        ("moc account moc account", "คาดเดาได้ง่าย"),
        ("กระทรวงพาณิชย์กระทรวงพาณิชย์", "คาดเดาได้ง่าย"),
        ("ana@mail.example", "มาจากข้อมูลของท่าน"),
        ("สมหญิงทดสอบระบบ1", "มาจากข้อมูลของท่าน"),
        ("SomyingThotsoprabop", "มาจากข้อมูลของท่าน"),
        ("ร้านตัวอย่างฝ่ายขาย", "มาจากข้อมูลของท่าน"),
        ("0812345678 0812345678", "มาจากข้อมูลของท่าน"),
    ] {
        let page = app.unchanged(browser.submit(sound.clone().with("password", password))).await;
        let fault = fault(&page, "password");
        assert!(fault.contains(said), "{password}: {fault}");
        assert_eq!(page.form("/register/details").value("password"), "", "a password is never shown again");
    }
    // No composition rules, and any script.
    for (number, password) in
        ["plain words without a digit", "ฝนตกหนักบนหลังคาสังกะสี", &"คำ สั้น ๆ ".repeat(12)].iter().enumerate()
    {
        let email = format!("member{number}@mail.example");
        let (mut browser, page) = at_details(&app, &email).await;
        let form = filled_details(page.form("/register/details")).with("password", password);
        assert_eq!(browser.submit(form).await.place(), "/welcome", "{password}");
    }
}

#[tokio::test]
async fn s062_what_is_far_too_long_is_refused_before_anything_is_done_with_it() {
    let app = App::start().await;
    let (mut browser, page) = at_details(&app, EMAIL).await;
    let sound = filled_details(page.form("/register/details"));
    let page = app.unchanged(browser.submit(sound.clone().with("password", &"x".repeat(4096)))).await;
    fault(&page, "password");
    let page = app.unchanged(browser.submit(sound.with("password", &"x".repeat(10 << 20)))).await;
    page.expect_error(413, "too_large");
}

/// The end of a membership that began at `registered`.
async fn end_after(registered: &str) -> (DateTime<Utc>, Page, Vec<Letter>) {
    let app = App::start().await;
    let registered: DateTime<Utc> = registered.parse().unwrap();
    app.clock().set(registered - TimeDelta::minutes(5));
    let (mut browser, page) = at_details(&app, EMAIL).await;
    app.clock().set(registered);
    let page = browser.submit(filled_details(page.form("/register/details"))).await;
    let account = app.store.account_by_email(EMAIL).await.unwrap().unwrap();
    let Membership::Temporary { expires_at } = account.membership else { panic!("everybody begins as temporary") };
    (expires_at, page, app.letters_to(EMAIL).await)
}

#[tokio::test]
async fn the_membership_ends_with_day_sixty_in_bangkok_whenever_the_day_began_elsewhere() {
    for (registered, end, said) in [
        // 23.59 and 00.01 in Bangkok.
        ("2026-11-02T16:59:00Z", "2027-01-01T16:59:59.999Z", "1 มกราคม 2570"),
        ("2026-11-02T17:01:00Z", "2027-01-02T16:59:59.999Z", "2 มกราคม 2570"),
        ("2026-11-02T16:59:59.999Z", "2027-01-01T16:59:59.999Z", "1 มกราคม 2570"),
        ("2026-11-02T17:00:00Z", "2027-01-02T16:59:59.999Z", "2 มกราคม 2570"),
        ("2026-11-03T03:00:00Z", "2027-01-02T16:59:59.999Z", "2 มกราคม 2570"),
    ] {
        let (ends, page, letters) = end_after(registered).await;
        let end: DateTime<Utc> = end.parse().unwrap();
        assert_eq!(ends, end, "{registered}");
        assert!(page.text(".way-blue").contains(&format!("ใช้งานได้ถึงวันที่ {said}")), "{}", page.text(".way-blue"));
        assert!(matches!(letters.last(), Some(Letter::Welcome { until_date, .. }) if *until_date == end));
    }
}
