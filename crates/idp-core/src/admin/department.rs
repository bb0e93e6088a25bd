//! A department of the ministry, or whoever else answers for services: what client admins are bound to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A department by its short word, such as `ditp`.
///
/// ```
/// # use idp_core::admin::Department;
/// assert!(Department::parse("ditp").is_ok());
/// assert!(Department::parse("DITP!").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Department(String);

/// What a department's word looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a department is a word of 2 to 24 small letters, digits and dashes, such as ditp")]
pub struct DepartmentError;

/// The departments of the Ministry of Commerce and the bodies under it: word, Thai, English.
const KNOWN: [(&str, &str, &str); 10] = [
    ("ops", "สำนักงานปลัดกระทรวงพาณิชย์", "Office of the Permanent Secretary"),
    ("dft", "กรมการค้าต่างประเทศ", "Department of Foreign Trade"),
    ("dit", "กรมการค้าภายใน", "Department of Internal Trade"),
    ("dtn", "กรมเจรจาการค้าระหว่างประเทศ", "Department of Trade Negotiations"),
    ("dip", "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
    ("dbd", "กรมพัฒนาธุรกิจการค้า", "Department of Business Development"),
    ("ditp", "กรมส่งเสริมการค้าระหว่างประเทศ", "Department of International Trade Promotion"),
    ("tpso", "สำนักงานนโยบายและยุทธศาสตร์การค้า", "Trade Policy and Strategy Office"),
    ("git", "สถาบันวิจัยและพัฒนาอัญมณีและเครื่องประดับแห่งชาติ (องค์การมหาชน)", "The Gem and Jewelry Institute of Thailand"),
    ("sacit", "สถาบันส่งเสริมศิลปหัตถกรรมไทย (องค์การมหาชน)", "The Sustainable Arts and Crafts Institute of Thailand"),
];

impl Department {
    /// Reads a department's word. Others than the known ones may be used as well: the ministry changes.
    ///
    /// # Errors
    /// [`DepartmentError`].
    pub fn parse(text: &str) -> Result<Self, DepartmentError> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let ok = (2..=24).contains(&text.len()) && text.bytes().all(legal);
        if ok { Ok(Self(text.to_owned())) } else { Err(DepartmentError) }
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The known departments: word, Thai, English.
    pub fn known() -> &'static [(&'static str, &'static str, &'static str)] {
        &KNOWN
    }

    /// Its name in Thai and English, when it is a known one.
    pub fn names(&self) -> Option<(&'static str, &'static str)> {
        KNOWN.iter().find(|(word, _, _)| *word == self.0).map(|(_, th, en)| (*th, *en))
    }
}

impl fmt::Display for Department {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Department {
    type Error = DepartmentError;

    fn try_from(text: String) -> Result<Self, DepartmentError> {
        Self::parse(&text)
    }
}

impl From<Department> for String {
    fn from(department: Department) -> Self {
        department.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_department_is_a_word() {
        for (word, th, en) in KNOWN {
            let department = Department::parse(word).unwrap();
            assert_eq!(department.names(), Some((th, en)));
        }
        for wrong in ["", "a", "DIT", "กรม", "a b", "../x", "aaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(Department::parse(wrong), Err(DepartmentError), "{wrong}");
        }
    }
}
