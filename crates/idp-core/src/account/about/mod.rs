//! What a member may choose to show of themselves: the standard claims of `profile` that nobody is asked for
//! (OpenID Connect Core §5.1). All of it is the member's own word, none of it identifies anybody, and each may stay empty.

mod nickname;
mod part;
mod picture_name;
mod username;
mod web_page;

pub use nickname::{Nickname, NicknameError};
pub use part::ShownPart;
pub use picture_name::PictureName;
pub use username::{Username, UsernameError};
pub use web_page::{WebPage, WebPageError};

use serde::{Deserialize, Serialize};

/// So many digits and more may be a citizen's number, which is given under its own scope alone.
const TOO_MANY_DIGITS: usize = 13;

/// What a member chose to show; `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutMe {
    /// ชื่อเล่น: `nickname`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<Nickname>,
    /// What services may call them: `preferred_username`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// A page about them: `profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<WebPage>,
    /// Their own site, or their shop's: `website`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<WebPage>,
    /// The name of their picture, which lies beside: `picture`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureName>,
}

impl AboutMe {
    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What differs, by the names of claims: the audit log holds no value.
    pub fn changed(&self, to: &Self) -> Vec<&'static str> {
        [
            ("nickname", self.nickname != to.nickname),
            ("preferred_username", self.username != to.username),
            ("profile", self.profile != to.profile),
            ("website", self.website != to.website),
            ("picture", self.picture != to.picture),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

impl std::fmt::Debug for AboutMe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AboutMe(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_and_what_is_empty_is_not_written() {
        assert_eq!(serde_json::to_string(&AboutMe::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<AboutMe>("{}").unwrap().is_empty());
        let about = AboutMe {
            nickname: Some(Nickname::parse("ส้ม").unwrap()),
            username: Some(Username::parse("som.o").unwrap()),
            website: Some(WebPage::parse("https://shop.example/").unwrap()),
            ..AboutMe::default()
        };
        let text = serde_json::to_string(&about).unwrap();
        assert_eq!(text, r#"{"nickname":"ส้ม","username":"som.o","website":"https://shop.example/"}"#);
        assert_eq!(serde_json::from_str::<AboutMe>(&text).unwrap(), about);
        // A row that somebody wrote by hand is judged again.
        for wrong in [r#"{"nickname":"<b>"}"#, r#"{"website":"javascript:x"}"#, r#"{"picture":"../x"}"#] {
            assert!(serde_json::from_str::<AboutMe>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{about:?}"), "AboutMe(…)");
    }

    #[test]
    fn a_change_is_told_by_the_names_of_claims_alone() {
        let one = AboutMe { username: Some(Username::parse("som").unwrap()), ..AboutMe::default() };
        let other = AboutMe { nickname: Some(Nickname::parse("ส้ม").unwrap()), ..AboutMe::default() };
        assert_eq!(one.changed(&other), ["nickname", "preferred_username"]);
        assert_eq!(one.changed(&one), [""; 0]);
    }
}
