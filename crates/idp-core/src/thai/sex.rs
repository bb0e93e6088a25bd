//! Sex as the registration form asks for it.

use serde::{Deserialize, Serialize};

/// What the person chose under เพศ. The form's value, the stored value and the serialised value are [`Sex::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// ชาย
    Male,
    /// หญิง
    Female,
    /// ไม่ประสงค์ระบุ: a service that does not need to know is not told.
    Unstated,
}

impl Sex {
    /// Every choice, in the form's order.
    pub const ALL: [Sex; 3] = [Sex::Male, Sex::Female, Sex::Unstated];

    /// Reads the form's value; `None` for anything the form does not offer.
    pub fn from_code(code: &str) -> Option<Sex> {
        Sex::ALL.into_iter().find(|sex| sex.code() == code)
    }

    /// `male`, `female` or `unstated`.
    pub fn code(self) -> &'static str {
        match self {
            Sex::Male => "male",
            Sex::Female => "female",
            Sex::Unstated => "unstated",
        }
    }

    /// The `gender` claim (OpenID Connect Core 1.0 §5.1), left out when unstated.
    pub fn gender_claim(self) -> Option<&'static str> {
        (self != Sex::Unstated).then(|| self.code())
    }

    /// The word on a Thai page.
    pub fn as_thai(self) -> &'static str {
        match self {
            Sex::Male => "ชาย",
            Sex::Female => "หญิง",
            Sex::Unstated => "ไม่ประสงค์ระบุ",
        }
    }

    /// The word on an English page.
    pub fn as_english(self) -> &'static str {
        match self {
            Sex::Male => "Male",
            Sex::Female => "Female",
            Sex::Unstated => "Prefer not to say",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_match_the_serialised_form() {
        for sex in Sex::ALL {
            assert_eq!(Sex::from_code(sex.code()), Some(sex));
            assert_eq!(serde_json::to_value(sex).unwrap(), sex.code());
        }
        assert_eq!(Sex::from_code("Male"), None);
        assert_eq!(Sex::Unstated.gender_claim(), None);
    }
}
