//! `/verify/public`: the data on the face of the card, in whatever form they are typed.

use idp_tests::App;

use super::{card, citizen, present, refused};
use crate::account::register::fault;

#[tokio::test]
async fn s100_one_number_is_asked_about_however_it_is_typed() {
    let app = App::start().await;
    let somchai = citizen("1000000000017");
    // The birth date is wrong throughout, so that the number stays free.
    for (number, typed) in [
        "1000000000017",
        "1-0000-00000-01-7",
        " 1 0000 00000 01 7 ",
        "๑๐๐๐๐๐๐๐๐๐๐๑๗",
        "๑-๐๐๐๐-๐๐๐๐๐-๐๑-๗",
        "１００００００００００１７",
        "١٠٠٠٠٠٠٠٠٠٠١٧",
        "1\u{200b}000000\u{feff}0000\u{2060}17",
        "\u{200f}1000000000017\u{202c}",
        "1–0000–00000–01–7",
        "1\u{a0}0000\u{a0}00000\u{a0}01\u{a0}7",
    ]
    .into_iter()
    .enumerate()
    {
        app.advance(chrono::TimeDelta::hours(25));
        let mut member = app.insert_member(&format!("member{number}")).await;
        let page = present(&mut member, somchai, &[("national_id", typed), ("birth_day", "19")]).await;
        assert_eq!(refused(&page), 4, "{typed:?}");
        assert_eq!(page.form("/verify/public").value("national_id"), typed, "kept as typed");
        assert_eq!(app.registry().calls_for("1000000000017"), number as u64 + 1, "{typed:?}");
    }
}

#[tokio::test]
async fn s100_what_is_no_number_is_refused_before_anybody_is_asked() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (typed, said) in [
        ("", "กรุณากรอกเลขประจำตัวประชาชน 13 หลัก"),
        ("100000000001", "ท่านกรอก 12 หลัก"),
        ("10000000000170", "ท่านกรอก 14 หลัก"),
        ("1000000000018", "กรุณาตรวจสอบทั้ง 13 หลัก"),
        ("0000000000000", ""),
        ("1234567890123", "กรุณาตรวจสอบทั้ง 13 หลัก"),
        ("G100000000017", "รหัสที่ขึ้นต้นด้วย G"),
        ("1000000000O17", "ต้องเป็นตัวเลขเท่านั้น"),
        ("9000000000012", "กรุณาติดต่อเจ้าหน้าที่"),
        ("0000000000019", "กรุณาติดต่อเจ้าหน้าที่"),
        ("<script>", "ต้องเป็นตัวเลขเท่านั้น"),
    ] {
        let form = card(&mut ana, citizen("1000000000017"), &[("national_id", typed)]).await;
        let page = app.unchanged(ana.browser.submit(form)).await;
        let fault = fault(&page, "national_id");
        assert!(fault.contains(said), "{typed}: {fault}");
        assert_eq!(page.form("/verify/public").value("national_id"), typed);
    }
    let long = "1".repeat(10_000);
    let page = present(&mut ana, citizen("1000000000017"), &[("national_id", &long)]).await;
    fault(&page, "national_id");
    assert_eq!(app.registry().calls(), 0);
}

#[tokio::test]
async fn s100_a_wrong_third_digit_passes_the_checksum_and_fails_at_the_registry() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = present(&mut ana, citizen("1000000000017"), &[("national_id", "1010000000017")]).await;
    assert_eq!(refused(&page), 4);
    assert_eq!(app.registry().calls(), 1);
}

#[tokio::test]
async fn test_numbers_are_refused_where_real_people_verify() {
    let app = App::start_with(|config| config.verification.accept_test_numbers = false).await;
    let mut ana = app.insert_member("ana").await;
    for number in ["1000000000017", "1234567890121", "1111111111119"] {
        let page = present(&mut ana, citizen("1000000000017"), &[("national_id", number)]).await;
        assert!(fault(&page, "national_id").starts_with("เลขนี้ใช้สำหรับการทดสอบระบบเท่านั้น"), "{number}");
    }
    assert_eq!(app.registry().calls(), 0);
}

#[tokio::test]
async fn s109_names_match_in_every_encoding_and_no_other_name_does() {
    let app = App::start().await;
    let namthip = citizen("1000000000025");
    for (number, first) in
        ["น\u{0e4d}\u{0e49}\u{0e32}ทิพย์", "น\u{0e49}\u{0e4d}\u{0e32}ทิพย์", "นำ\u{0e49}ทิพย์", "น้ำ\u{200b}ทิพย์", " น้ำ ทิพย์ "]
            .into_iter()
            .enumerate()
    {
        // A wrong date keeps the number free; a mismatch by name would look the same, so the last one is right.
        let mut member = app.insert_member(&format!("member{number}")).await;
        let changes = [("first_name", first), ("birth_day", "28")];
        let last = number == 4;
        let page = present(&mut member, namthip, if last { &changes[..1] } else { &changes }).await;
        if last {
            assert_eq!(page.place(), "/verify/done", "{first:?}");
        } else {
            refused(&page);
        }
    }
    for (number, (whose, field, other)) in [
        ("1000000000106", "first_name", "ธีร"),
        ("1000000000106", "last_name", "สมมต-จำลอง"),
        ("1000000000157", "first_name", "เก้าเเก้วว"),
        ("1000000000033", "last_name", "ตัวอย่างวงษ์ ณ อยุธยา"),
        ("1000000000033", "last_name", "ตัวอย่างวงศ ณ อยุธยา"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut member = app.insert_member(&format!("other{number}")).await;
        refused(&present(&mut member, citizen(whose), &[(field, other)]).await);
    }
    // Spaces and hyphens do not count; เเ looks like แ.
    for (number, (whose, field, same)) in [
        ("1000000000106", "last_name", "สมมติจำลอง"),
        ("1000000000033", "last_name", "ตัวอย่างวงศ์ ณอยุธยา"),
        ("1000000000157", "first_name", "เก้าเเก้ว"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut member = app.insert_member(&format!("same{number}")).await;
        let page = present(&mut member, citizen(whose), &[(field, same)]).await;
        assert_eq!(page.place(), "/verify/done", "{same}: {}", page.text("#error-summary"));
    }
}

#[tokio::test]
async fn each_field_is_named_when_it_is_wrong_and_nobody_is_asked() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (field, typed, said) in [
        ("first_name", "", "กรุณากรอกชื่อ"),
        ("first_name", "Somchai", "กรุณากรอกเป็นภาษาไทยตามหน้าบัตรประจำตัวประชาชน"),
        ("first_name", "นายสมชาย", "“นาย”"),
        ("last_name", "", "กรุณากรอกนามสกุล"),
        ("last_name", "ใจดี๑", "ใช้ในชื่อไม่ได้"),
        ("birth_day", "31", "วันที่ไม่ถูกต้องสำหรับเดือนนี้"),
        ("birth_month", "13", "เดือนไม่ถูกต้อง"),
        ("birth_year", "", "กรุณากรอกปี พ.ศ."),
        ("birth_year", "1990", "ท่านหมายถึง พ.ศ. 2533 ใช่หรือไม่"),
        ("birth_year", "33", "กรุณาตรวจสอบปี พ.ศ."),
        ("birth_year", "2569", "ท่านมีอายุไม่ถึง 7 ปี"),
    ] {
        let birth_month = if field == "birth_day" { "4" } else { "5" };
        let changes = [("birth_month", birth_month), (field, typed)];
        let form = card(&mut ana, citizen("1000000000017"), &changes).await;
        let page = app.unchanged(ana.browser.submit(form)).await;
        let fault = fault(&page, field);
        assert!(fault.contains(said), "{field} = {typed}: {fault}");
    }
    assert_eq!(app.registry().calls(), 0);
}

#[tokio::test]
async fn a_year_of_the_christian_era_is_taken_once_the_person_agrees() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = present(&mut ana, citizen("1000000000017"), &[("birth_year", "1990")]).await;
    fault(&page, "birth_year");
    let page = ana.browser.submit(page.form("/verify/public").with("accept_year", "yes")).await;
    assert_eq!(page.place(), "/verify/done");
    assert_eq!(app.store.identity(ana.id).await.unwrap().unwrap().birth_date.registry_form(), "25330520");
}

#[tokio::test]
async fn a_card_without_day_or_month_is_matched_as_it_is() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    // The box says so for both; what stands in the fields is not looked at.
    let changes = [("no_day_month", "yes"), ("birth_day", "5"), ("birth_month", "5")];
    let page = present(&mut ana, citizen("1000000000254"), &changes).await;
    assert_eq!(page.place(), "/verify/done", "{}", page.text("main"));
    assert_eq!(app.store.identity(ana.id).await.unwrap().unwrap().birth_date.registry_form(), "25380000");
    let mut ben = app.insert_member("ben").await;
    assert_eq!(present(&mut ben, citizen("2000000000015"), &[]).await.place(), "/verify/done");
    assert_eq!(app.store.identity(ben.id).await.unwrap().unwrap().birth_date.registry_form(), "25420700");
    // The first of January is another date.
    let mut cat = app.insert_member("cat").await;
    let page = present(&mut cat, citizen("1000000000254"), &[("birth_day", "1"), ("birth_month", "1")]).await;
    refused(&page);
}

#[tokio::test]
async fn the_page_names_the_account_and_keeps_the_number_out_of_every_url() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/verify/public").await;
    assert_eq!(page.text(".account .address"), ana.email);
    let form = page.form("/verify/public");
    assert!(form.is_post);
    assert_eq!(form.value("first_name"), "สมหญิง", "the name of the profile is offered");
    assert_eq!(form.value("national_id"), "", "the number is typed anew");
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    let page = present(&mut ana, citizen("6000000000018"), &[]).await;
    assert!(!page.path.contains("6000000000018"));
}
