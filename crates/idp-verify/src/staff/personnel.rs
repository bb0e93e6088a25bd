//! The people of the simulated staff directory: sample citizens who work, or worked, at the ministry.

use idp_core::email::EmailAddress;

use crate::StaffQuery;
use crate::registry::{SampleCitizen, citizens};

/// The mail domain of the ministry's people in the demo.
pub const DEMO_STAFF_DOMAIN: &str = "staff.moc.example";

/// A person of the simulated staff directory.
#[derive(Debug, Clone, Copy)]
pub struct SampleStaff {
    /// Who it is: a number of [`citizens`].
    pub number: &'static str,
    /// The mailbox to sign up with; in [`DEMO_STAFF_DOMAIN`].
    pub mailbox: &'static str,
    /// The unit in the directory.
    pub unit: &'static str,
    /// The position in the directory.
    pub position: &'static str,
    /// What the directory does when asked.
    pub outcome: StaffOutcome,
    /// What the directory will answer, in Thai.
    pub story_th: &'static str,
    /// What the directory will answer, in English.
    pub story_en: &'static str,
}

/// What the directory does when asked about the person and the mailbox. Other data never matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffOutcome {
    /// Says yes.
    Match,
    /// Says no: the person works here, but the directory knows no such mailbox.
    NoSuchMailbox,
    /// Says that the person has left.
    Left,
    /// 503.
    Outage,
    /// Never answers.
    Hang,
}

impl SampleStaff {
    /// The same person in the civil register.
    pub fn citizen(&self) -> &'static SampleCitizen {
        citizens().iter().find(|citizen| citizen.number == self.number).expect("a test finds everybody in the register")
    }

    /// What the provider asks when the person makes no mistake; `None` for what the form refuses.
    pub fn query(&self) -> Option<StaffQuery> {
        let card = self.citizen().card()?;
        Some(StaffQuery {
            number: card.number,
            first_name: card.first_name,
            last_name: card.last_name,
            email: EmailAddress::parse(self.mailbox).ok()?,
        })
    }
}

/// Everybody in the simulated directory, in the order in which the demo prints them.
pub fn personnel() -> &'static [SampleStaff] {
    PERSONNEL
}

const PERSONNEL: &[SampleStaff] = &[
    SampleStaff {
        number: "1000000000017",
        mailbox: "somchai@staff.moc.example",
        unit: "สำนักงานปลัดกระทรวงพาณิชย์",
        position: "นักวิชาการคอมพิวเตอร์ชำนาญการ",
        outcome: StaffOutcome::Match,
        story_th: "ตรงกับทะเบียนบุคลากร",
        story_en: "matches",
    },
    SampleStaff {
        number: "1000000000025",
        mailbox: "namthip@staff.moc.example",
        unit: "กรมการค้าต่างประเทศ",
        position: "นักวิชาการพาณิชย์ปฏิบัติการ",
        outcome: StaffOutcome::Match,
        story_th: "ตรงกับทะเบียนบุคลากร",
        story_en: "matches",
    },
    SampleStaff {
        number: "1000000000254",
        mailbox: "boonsong@staff.moc.example",
        unit: "กรมพัฒนาธุรกิจการค้า",
        position: "นิติกรชำนาญการพิเศษ",
        outcome: StaffOutcome::Match,
        story_th: "ตรงกับทะเบียนบุคลากร (บัตรระบุเฉพาะปีเกิด)",
        story_en: "matches (the card shows the year of birth only)",
    },
    SampleStaff {
        number: "1000000000033",
        mailbox: "kanokwan@staff.moc.example",
        unit: "กรมทรัพย์สินทางปัญญา",
        position: "นักวิชาการตรวจสอบสิทธิบัตร",
        outcome: StaffOutcome::Left,
        story_th: "พ้นจากราชการแล้ว",
        story_en: "has left the ministry",
    },
    SampleStaff {
        number: "1000000000106",
        mailbox: "thee@staff.moc.example",
        unit: "กรมการค้าภายใน",
        position: "เจ้าพนักงานการพาณิชย์",
        outcome: StaffOutcome::NoSuchMailbox,
        story_th: "ไม่พบกล่องจดหมายนี้ในทะเบียนบุคลากร",
        story_en: "the directory knows no such mailbox",
    },
    SampleStaff {
        number: "2000000000015",
        mailbox: "chanpen@staff.moc.example",
        unit: "กรมเจรจาการค้าระหว่างประเทศ",
        position: "นักวิชาการพาณิชย์ชำนาญการ",
        outcome: StaffOutcome::Outage,
        story_th: "ทะเบียนบุคลากรไม่พร้อมให้บริการ (503)",
        story_en: "the directory is down (503)",
    },
    SampleStaff {
        number: "1000000000157",
        mailbox: "kaokaew@staff.moc.example",
        unit: "สำนักงานนโยบายและยุทธศาสตร์การค้า",
        position: "นักวิเคราะห์นโยบายและแผนปฏิบัติการ",
        outcome: StaffOutcome::Hang,
        story_th: "ทะเบียนบุคลากรไม่ตอบ",
        story_en: "the directory never answers",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Outcome;

    #[test]
    fn everybody_is_a_citizen_whom_the_registry_matches_and_has_a_mailbox_of_the_demo_domain() {
        assert!(personnel().len() >= 5);
        for person in personnel() {
            assert_eq!(person.citizen().outcome, Outcome::Match, "{person:?}");
            let query = person.query().expect("the form can be filled in");
            assert_eq!(query.email.domain(), DEMO_STAFF_DOMAIN);
        }
    }
}
