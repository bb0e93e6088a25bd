//! The people of the simulated register: invented names, numbers of an office that cannot exist.

use idp_core::thai::{AcceptedNumbers, BuddhistDate, NationalId, ThaiName};

use crate::CardData;

/// A person of the simulated register, as printed on the face of the card.
#[derive(Debug, Clone, Copy)]
pub struct SampleCitizen {
    /// The 13-digit number: right checksum, office code 0000.
    pub number: &'static str,
    /// Title, as the form offers it.
    pub title: &'static str,
    /// First name.
    pub first: &'static str,
    /// Surname.
    pub last: &'static str,
    /// Birth date on the card, `YYYYMMDD` in the Buddhist era, zeros where the card shows none.
    pub birth: &'static str,
    /// `male` or `female`, as in the `gender` claim.
    pub sex: &'static str,
    /// What the registry does when asked about this card.
    pub outcome: Outcome,
    /// What the registry will answer, in Thai.
    pub story_th: &'static str,
    /// What the registry will answer, in English.
    pub story_en: &'static str,
}

/// What the registry does when the card is asked about as printed. Other data about the person never matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Says yes.
    Match,
    /// Says no: the register holds this birth date instead.
    OtherBirthDate(&'static str),
    /// Code 1: the chip's number is abnormal.
    ChipAbnormal,
    /// Code 2: the card is no longer valid, for this reason.
    CardInvalid(&'static str),
    /// Code 2: the holder has died.
    Deceased,
    /// Code 4: the number is not in the register.
    NotFound,
    /// Code 5: the registry wants more data.
    Incomplete,
    /// 503 without a code.
    Outage,
    /// Answers after more time than anyone waits.
    Slow,
    /// Answers a byte at a time, without end.
    Drip,
    /// Closes the connection.
    Closed,
    /// Answers something that is not an answer.
    Malformed,
    /// The form refuses the number before anyone is asked: its holder has to come to a counter.
    RefusedByForm,
}

impl SampleCitizen {
    /// The card as typed without a mistake; `None` for a number that the form refuses.
    pub fn card(&self) -> Option<CardData> {
        Some(CardData {
            number: NationalId::parse(self.number, AcceptedNumbers::WithTestNumbers).ok()?,
            first_name: ThaiName::parse_as_typed(self.first).ok()?,
            last_name: ThaiName::parse_as_typed(self.last).ok()?,
            birth_date: BuddhistDate::from_registry_form(self.birth)?,
        })
    }
}

/// Everybody in the simulated register, in the order in which the demo prints them.
pub fn citizens() -> &'static [SampleCitizen] {
    CITIZENS
}

const MALE: &str = "male";
const FEMALE: &str = "female";

/// One row: number, title, first name, surname, birth date, sex, outcome, story in Thai and in English.
#[expect(clippy::too_many_arguments, reason = "a row of the table below, read across")]
const fn row(
    number: &'static str,
    title: &'static str,
    first: &'static str,
    last: &'static str,
    birth: &'static str,
    sex: &'static str,
    outcome: Outcome,
    story_th: &'static str,
    story_en: &'static str,
) -> SampleCitizen {
    SampleCitizen { number, title, first, last, birth, sex, outcome, story_th, story_en }
}

#[rustfmt::skip]
const CITIZENS: &[SampleCitizen] = &[
    row("1000000000017", "นาย", "สมชาย", "ใจดีตัวอย่าง", "25330520", MALE, Outcome::Match,
        "ข้อมูลตรง", "matches"),
    row("1000000000025", "นางสาว", "น้ำทิพย์", "ทดสอบธรรม", "25381229", FEMALE, Outcome::Match,
        "ข้อมูลตรง (ชื่อมีสระอำและวรรณยุกต์)", "matches (name with sara am and a tone mark)"),
    row("1000000000033", "นาง", "กนกวรรณ", "ตัวอย่างวงศ์ ณ อยุธยา", "25350307", FEMALE, Outcome::Match,
        "ข้อมูลตรง (นามสกุลมีเว้นวรรค)", "matches (surname with spaces)"),
    row("1000000000106", "นาย", "ธีร์", "สมมติ-จำลอง", "25400811", MALE, Outcome::Match,
        "ข้อมูลตรง (นามสกุลมียัติภังค์)", "matches (surname with a hyphen)"),
    row("1000000000157", "นางสาว", "เก้าแก้ว", "ทดลองรัตน์", "25430229", FEMALE, Outcome::Match,
        "ข้อมูลตรง (เกิด 29 กุมภาพันธ์)", "matches (born on 29 February)"),
    row("1000000000254", "นาย", "บุญส่ง", "ตัวอย่างงาม", "25380000", MALE, Outcome::Match,
        "ข้อมูลตรง (บัตรระบุเฉพาะปีเกิด)", "matches (the card shows the year of birth only)"),
    row("2000000000015", "นางสาว", "จันทร์เพ็ญ", "ทดลองกิจ", "25420700", FEMALE, Outcome::Match,
        "ข้อมูลตรง (บัตรระบุเฉพาะเดือนและปีเกิด)", "matches (the card shows month and year of birth only)"),
    row("2000000000023", "นาง", "นางนวล", "ทดสอบนาม", "25360504", FEMALE, Outcome::Match,
        "ข้อมูลตรง (ชื่อขึ้นต้นเหมือนคำนำหน้า)", "matches (first name begins like a title)"),
    row("3000000000013", "นาง", "ก้านแก้ว", "สมมติไทย", "24820215", FEMALE, Outcome::Match,
        "ข้อมูลตรง (เกิดก่อน พ.ศ. 2484)", "matches (born before B.E. 2484, when the year began in April)"),
    row("8000000000014", "นาย", "อาทิตย์", "จำลองชาติ", "25290101", MALE, Outcome::Match,
        "ข้อมูลตรง (ผู้ได้รับสัญชาติไทย)", "matches (a naturalised citizen)"),
    row("1000000000076", "เด็กหญิง", "ข้าวหอม", "ตัวอย่างสุข", "25570413", FEMALE, Outcome::Match,
        "ข้อมูลตรง (ผู้เยาว์)", "matches (a minor)"),
    row("1000000000084", "เด็กชาย", "ต้นกล้า", "ทดสอบสุข", "25610901", MALE, Outcome::Match,
        "ข้อมูลตรง (ผู้เยาว์)", "matches (a minor)"),
    row("3000000000021", "นาย", "แสงดาว", "สมมติชัย", "25050815", MALE, Outcome::OtherBirthDate("25050518"),
        "ข้อมูลไม่ตรง (ทะเบียนบันทึกวันเกิดไว้เป็นวันอื่น)", "does not match (the register holds another birth date)"),
    row("6000000000018", "นาย", "คำแสน", "จำลองถิ่น", "25310612", MALE, Outcome::NotFound,
        "ไม่พบในทะเบียน", "not found in the register"),
    row("5000000000010", "นางสาว", "ปิ่นมณี", "ทดสอบทอง", "25200124", FEMALE, Outcome::CardInvalid("บัตรหมดอายุ"),
        "บัตรหมดอายุ", "the card has expired"),
    row("1000000000041", "นาย", "วายุ", "ตัวอย่างคง", "25360930", MALE, Outcome::CardInvalid("แจ้งบัตรหาย"),
        "บัตรถูกแจ้งหาย", "the card was reported lost"),
    row("1000000000068", "นาง", "ชื่นใจ", "จำลองศรี", "25341105", FEMALE, Outcome::CardInvalid("การเปลี่ยนที่อยู่"),
        "บัตรสิ้นสภาพเพราะย้ายที่อยู่", "the card lost its validity after a move"),
    row("1000000000050", "นาย", "เมฆา", "ทดลองชิป", "25390718", MALE, Outcome::ChipAbnormal,
        "หมายเลขชิปของบัตรไม่ปกติ", "the card's chip number is abnormal"),
    row("3000000000030", "นาย", "ทองคำ", "สมมติกาล", "24950310", MALE, Outcome::Deceased,
        "ทะเบียนบันทึกว่าเสียชีวิต", "the register says the holder has died"),
    row("7000000000016", "นางสาว", "ดาวเรือง", "ทดสอบครบ", "25370226", FEMALE, Outcome::Incomplete,
        "ข้อมูลที่ใช้ตรวจสอบไม่ครบ", "the registry wants more data"),
    row("1000000000092", "นางสาว", "พิมพ์ฟ้า", "ตัวอย่างพัก", "25410316", FEMALE, Outcome::Outage,
        "ระบบทะเบียนไม่พร้อมให้บริการ (503)", "the registry is down (503)"),
    row("1000000000114", "นาย", "ธารา", "จำลองช้า", "25321019", MALE, Outcome::Slow,
        "ระบบทะเบียนตอบช้าเกินเวลารอ", "the registry answers too late"),
    row("1000000000122", "นาง", "หยาดฝน", "ทดลองหยด", "25310804", FEMALE, Outcome::Drip,
        "ระบบทะเบียนตอบทีละไบต์ไม่รู้จบ", "the registry answers a byte at a time, without end"),
    row("1000000000131", "นาย", "ภูผา", "สมมติหลุด", "25441122", MALE, Outcome::Closed,
        "การเชื่อมต่อถูกปิดกลางคัน", "the registry closes the connection"),
    row("1000000000149", "นางสาว", "ใบบัว", "ทดสอบเพี้ยน", "25450605", FEMALE, Outcome::Malformed,
        "คำตอบผิดรูปแบบ", "the registry's answer makes no sense"),
    row("9000000000012", "นาย", "นที", "จำลองเก้า", "25300303", MALE, Outcome::RefusedByForm,
        "แบบฟอร์มไม่รับเลขนี้ ต้องติดต่อเจ้าหน้าที่", "the form refuses the number: see the staff counter"),
    row("0000000000019", "นาง", "มะลิ", "จำลองศูนย์", "25280909", FEMALE, Outcome::RefusedByForm,
        "แบบฟอร์มไม่รับเลขนี้ ต้องติดต่อเจ้าหน้าที่", "the form refuses the number: see the staff counter"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_enough_of_them_each_with_a_number_of_their_own() {
        let numbers: HashSet<_> = citizens().iter().map(|citizen| citizen.number).collect();
        assert_eq!(numbers.len(), citizens().len());
        assert!(numbers.len() >= 20);
        assert!(numbers.iter().all(|number| number.get(1..5) == Some("0000")), "office code 0000 only");
    }

    #[test]
    fn everybody_the_form_accepts_can_fill_it_in() {
        for citizen in citizens() {
            assert_eq!(citizen.card().is_some(), citizen.outcome != Outcome::RefusedByForm, "{citizen:?}");
            if let Some(card) = citizen.card() {
                assert_eq!(card.birth_date.registry_form(), citizen.birth);
            }
        }
    }
}
