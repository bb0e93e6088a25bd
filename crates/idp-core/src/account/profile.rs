//! Personal data as the member gave it.

use serde::{Deserialize, Serialize};

use super::VerifiedIdentity;
use crate::phone::PhoneNumber;
use crate::thai::{BuddhistDate, LatinName, ThaiName, Title};

/// เพศ
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// ชาย
    Male,
    /// หญิง
    Female,
    /// ไม่ระบุ
    Unspecified,
}

impl Sex {
    /// The stored word and form value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Unspecified => "unspecified",
        }
    }

    /// Reads [`Sex::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "male" => Some(Self::Male),
            "female" => Some(Self::Female),
            "unspecified" => Some(Self::Unspecified),
            _ => None,
        }
    }
}

/// ประเภทบุคลากร
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonnelType {
    /// บุคลากรภายนอกกระทรวงพาณิชย์
    Outside,
    /// บุคลากรกระทรวงพาณิชย์
    Inside,
}

impl PersonnelType {
    /// The stored word, form value and `personnel_type` claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Inside => "inside",
        }
    }

    /// Reads [`PersonnelType::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "outside" => Some(Self::Outside),
            "inside" => Some(Self::Inside),
            _ => None,
        }
    }
}

/// Personal data as the member gave it; `Debug` shows none of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// คำนำหน้าชื่อ
    pub title: Title,
    /// ชื่อ (ภาษาไทย)
    pub first_name: ThaiName,
    /// ชื่อกลาง (ถ้ามี)
    pub middle_name: Option<ThaiName>,
    /// นามสกุล (ภาษาไทย)
    pub last_name: ThaiName,
    /// First name in Latin letters.
    pub first_name_en: Option<LatinName>,
    /// Surname in Latin letters.
    pub last_name_en: Option<LatinName>,
    /// เพศ
    pub sex: Sex,
    /// วันเดือนปีเกิด
    pub birth_date: BuddhistDate,
    /// โทรศัพท์
    pub phone: Option<PhoneNumber>,
    /// ประเภทบุคลากร
    pub personnel_type: PersonnelType,
    /// หน่วยงาน
    pub organization: String,
    /// แผนก/ฝ่าย
    pub department: String,
    /// ตำแหน่ง
    pub position: String,
}

impl Profile {
    /// First name, middle name and surname with single spaces, no title.
    pub fn full_name(&self) -> String {
        let middle = self.middle_name.iter().map(ThaiName::as_str);
        std::iter::once(self.first_name.as_str())
            .chain(middle)
            .chain(std::iter::once(self.last_name.as_str()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The profile beside a badge: the names and the birth date that the registry confirmed. The badge would otherwise
    /// vouch, in the eyes of every service, for whatever was typed at registration. What belongs to another name goes.
    #[must_use]
    pub fn matched(self, identity: &VerifiedIdentity) -> Self {
        let same_name =
            self.first_name.key() == identity.first_name.key() && self.last_name.key() == identity.last_name.key();
        let (first_name, last_name) = (identity.first_name.clone(), identity.last_name.clone());
        let profile = Self { first_name, last_name, birth_date: identity.birth_date, ..self };
        if same_name {
            return profile;
        }
        Self { middle_name: None, first_name_en: None, last_name_en: None, ..profile }
    }

    /// The full name in Latin letters, when both parts were given.
    pub fn full_name_en(&self) -> Option<String> {
        let (first, last) = (self.first_name_en.as_ref()?, self.last_name_en.as_ref()?);
        Some(format!("{} {}", first.as_str(), last.as_str()))
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thai::{AcceptedNumbers, NationalId};

    #[test]
    fn a_badge_stands_beside_the_name_that_was_matched() {
        let name = |text: &str| ThaiName::parse(text).unwrap();
        let date = |text: &str| BuddhistDate::from_registry_form(text).unwrap();
        let typed = Profile {
            title: Title::parse("นาย").unwrap(),
            first_name: name("สมชาย"),
            middle_name: None,
            last_name: name("ใจดี"),
            first_name_en: Some(LatinName::parse("Somchai").unwrap()),
            last_name_en: Some(LatinName::parse("Jaidee").unwrap()),
            sex: Sex::Male,
            birth_date: date("25330520"),
            phone: None,
            personnel_type: PersonnelType::Outside,
            organization: "-".to_owned(),
            department: "-".to_owned(),
            position: "-".to_owned(),
        };
        let identity = |first: &str| VerifiedIdentity {
            number: NationalId::parse("1000000000017", AcceptedNumbers::WithTestNumbers).unwrap(),
            first_name: name(first),
            last_name: name("ใจดี"),
            birth_date: date("25330521"),
        };
        let same = typed.clone().matched(&identity("สมชาย"));
        assert_eq!((same.full_name_en().as_deref(), same.birth_date), (Some("Somchai Jaidee"), date("25330521")));
        let other = typed.matched(&identity("สมหญิง"));
        assert_eq!((other.full_name().as_str(), other.full_name_en()), ("สมหญิง ใจดี", None));
    }
}
