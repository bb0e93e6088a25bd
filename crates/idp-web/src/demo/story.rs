//! The words `idp demo` prints: what is where, five steps to try, and the people of the simulated register.

use std::fmt::Write;

use idp_verify::{registry::citizens, staff::personnel};

/// Where everything of a demo is, as addresses a person can open.
pub struct Places {
    /// The provider.
    pub provider: String,
    /// The service for any member.
    pub academy: String,
    /// The service for permanent members only.
    pub licences: String,
    /// The mailbox.
    pub mailbox: String,
    /// The simulated civil registry.
    pub registry: String,
    /// The simulated staff directory.
    pub staff: String,
    /// The simulated ThaID.
    pub thaid: String,
    /// The folder that keeps the data.
    pub data: String,
    /// How to sign in to the admin console, once there is one.
    pub admin: Option<String>,
}

/// The whole welcome, ready to print.
pub fn welcome(places: &Places) -> String {
    let mut said = String::new();
    said.push_str("\nMOC Account — ระบบสาธิต / demonstration\n\n");
    said.push_str(&table(&[], where_things_are(places)));
    said.push_str("\nลองใช้ใน 5 ขั้น / Five steps to try\n");
    for (number, (thai, english)) in (1..).zip(steps(places)) {
        write!(said, "  {number}  {thai}\n     {english}\n").expect("a string takes what is written to it");
    }
    said.push_str("\nประชาชนตัวอย่าง / Sample citizens\n");
    said.push_str(&table(&CITIZEN_HEAD, citizen_rows()));
    said.push_str("\nบุคลากรตัวอย่าง / Sample ministry personnel\n");
    said.push_str(&table(&STAFF_HEAD, staff_rows()));
    said.push_str("\nกด Ctrl-C เพื่อหยุด / Ctrl-C stops everything\n");
    said
}

fn where_things_are(places: &Places) -> Vec<Vec<String>> {
    let row = |name: &str, place: &str, note: &str| vec![name.to_owned(), place.to_owned(), note.to_owned()];
    let mut rows = vec![
        row("MOC Account", &places.provider, ""),
        row("DITP e-Academy", &places.academy, "สมาชิกทุกประเภท / any member"),
        row("DFT ส่งออก-นำเข้า / certificates", &places.licences, "สมาชิกถาวรเท่านั้น / permanent members only"),
        row("กล่องอีเมล / mailbox", &places.mailbox, "อีเมลทุกฉบับที่ระบบส่ง / every mail that is sent"),
        row("ทะเบียนราษฎรจำลอง / civil registry", &places.registry, ""),
        row("ทะเบียนบุคลากรจำลอง / staff directory", &places.staff, ""),
        row("ThaID จำลอง / simulated ThaID", &places.thaid, "เข้าสู่ระบบหรือยืนยันตัวตน / sign in or verify"),
        row("ข้อมูล / data", &places.data, "--fresh เริ่มใหม่ / starts over"),
    ];
    if let Some(admin) = &places.admin {
        rows.push(row("ผู้ดูแลระบบ / admin", admin, ""));
    }
    rows
}

fn steps(places: &Places) -> [(String, String); 5] {
    let Places { academy, licences, mailbox, .. } = places;
    [
        (
            format!("เปิด {academy} กด “เข้าสู่ระบบด้วย MOC Account” แล้วกด “…ลงทะเบียนคลิกที่นี่”"),
            "Open it, press “Sign in with MOC Account”, then the link to register".to_owned(),
        ),
        (
            format!("ลงทะเบียนด้วยอีเมลใดก็ได้ เช่น somchai@mail.example รหัส 6 หลักอยู่ที่ {mailbox}"),
            "Register with any e-mail address; the 6-digit code is in the mailbox".to_owned(),
        ),
        (
            "กดปุ่มสีน้ำเงิน ใช้บริการได้ทันทีแบบสมาชิกชั่วคราว 60 วัน".to_owned(),
            "Press the blue button: the service is open at once, as a temporary member for 60 days".to_owned(),
        ),
        (
            format!("เปิด {licences} ซึ่งรับสมาชิกถาวรเท่านั้น แล้วยืนยันตัวตนด้วยข้อมูลแถวแรกของตารางข้างล่าง"),
            "Open it (no password again): it takes permanent members only. Verify with the first row below".to_owned(),
        ),
        (
            format!("กลับไปที่ {academy}/me กด “ตรวจสอบสถานะล่าสุด” เครื่องหมายยืนยันตัวตนอยู่ใน ID token"),
            "Go back and press “Look again”: the badge is in the ID token. Then sign out".to_owned(),
        ),
    ]
}

const CITIZEN_HEAD: [&str; 4] =
    ["เลขประจำตัว / number", "ชื่อ นามสกุล / name", "เกิด พ.ศ. / born (B.E.)", "ผลการตรวจสอบ / what the registry answers"];

fn citizen_rows() -> Vec<Vec<String>> {
    let row = |citizen: &idp_verify::registry::SampleCitizen| {
        vec![
            citizen.number.to_owned(),
            format!("{} {} {}", citizen.title, citizen.first, citizen.last),
            born(citizen.birth),
            format!("{} · {}", citizen.story_th, citizen.story_en),
        ]
    };
    citizens().iter().map(row).collect()
}

const STAFF_HEAD: [&str; 4] =
    ["เลขประจำตัว / number", "ชื่อ นามสกุล / name", "อีเมล / mailbox", "ผลการตรวจสอบ / what the directory answers"];

fn staff_rows() -> Vec<Vec<String>> {
    let row = |staff: &idp_verify::staff::SampleStaff| {
        let citizen = staff.citizen();
        vec![
            staff.number.to_owned(),
            format!("{} {}", citizen.first, citizen.last),
            staff.mailbox.to_owned(),
            format!("{} · {}", staff.story_th, staff.story_en),
        ]
    };
    personnel().iter().map(row).collect()
}

/// `25380000` → `-/-/2538`: zeros are what the card does not show.
fn born(registry_form: &str) -> String {
    let part = |range: std::ops::Range<usize>| match registry_form.get(range) {
        None | Some("00") => "-",
        Some(digits) => digits.trim_start_matches('0'),
    };
    format!("{}/{}/{}", part(6..8), part(4..6), part(0..4))
}

/// Columns as wide as their widest cell, each line indented.
fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let lines: Vec<Vec<String>> = if head.is_empty() { rows } else { std::iter::once(head).chain(rows).collect() };
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest =
        |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut said = String::new();
    for line in &lines {
        let mut text = String::from("  ");
        for (cell, wide) in line.iter().zip(&widths) {
            text.push_str(cell);
            text.push_str(&" ".repeat(wide - width(cell) + 2));
        }
        said.push_str(text.trim_end());
        said.push('\n');
    }
    said
}

/// Columns a text takes on a terminal: Thai vowels and tone marks above and below take none.
fn width(text: &str) -> usize {
    text.chars().filter(|c| !matches!(c, '\u{0E31}' | '\u{0E34}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places {
            provider: "http://localhost:8080".into(),
            academy: "http://localhost:8081".into(),
            licences: "http://localhost:8082".into(),
            mailbox: "http://localhost:8083".into(),
            registry: "http://127.0.0.1:40001".into(),
            staff: "http://127.0.0.1:40002".into(),
            thaid: "http://localhost:8087".into(),
            data: "./demo-data".into(),
            admin: None,
        }
    }

    #[test]
    fn everybody_and_every_place_is_named() {
        let said = welcome(&places());
        for citizen in citizens() {
            assert!(said.contains(citizen.number) && said.contains(citizen.first), "{}", citizen.number);
        }
        for staff in personnel() {
            assert!(said.contains(staff.mailbox));
        }
        for place in ["8080", "8081", "8082", "8083", "40001", "40002", "./demo-data"] {
            assert!(said.contains(place), "{place}");
        }
        assert!(!said.contains("admin"));
        assert!(welcome(&Places { admin: Some("/admin".into()), ..places() }).contains("admin"));
    }

    #[test]
    fn columns_line_up_under_thai_marks() {
        let check = |text: &str, columns| assert_eq!(width(text), columns, "{text}");
        check("", 0);
        check("abc", 3);
        check("น้ำทิพย์", 5);
        check("ที่", 1);
        check("กล่องอีเมล", 8);
        let said = table(&["ก", "ข"], vec![vec!["น้ำ".into(), "x".into()], vec!["กกกก".into(), "y".into()]]);
        assert_eq!(said, "  ก     ข\n  น้ำ    x\n  กกกก  y\n");
    }

    #[test]
    fn what_a_card_does_not_show_is_a_dash() {
        let check = |form, said: &str| assert_eq!(born(form), said);
        check("25330520", "20/5/2533");
        check("25380000", "-/-/2538");
        check("25420700", "-/7/2542");
        check("", "-/-/-");
    }
}
