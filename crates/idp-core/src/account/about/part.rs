//! The parts of what a member shows, each by the name of its claim.

use super::AboutMe;

/// One of the things that a member may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShownPart {
    /// The picture.
    Picture,
    /// The nickname.
    Nickname,
    /// What services may call them.
    Username,
    /// A page about them.
    Profile,
    /// Their own site.
    Website,
}

impl ShownPart {
    /// Every part.
    pub const ALL: [Self; 5] = [Self::Picture, Self::Nickname, Self::Username, Self::Profile, Self::Website];

    /// The name of the claim, which is also the stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Nickname => "nickname",
            Self::Username => "preferred_username",
            Self::Profile => "profile",
            Self::Website => "website",
        }
    }

    /// Reads [`ShownPart::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }
}

impl AboutMe {
    /// What is shown.
    pub fn parts(&self) -> Vec<ShownPart> {
        let is_shown = |part: &ShownPart| match part {
            ShownPart::Picture => self.picture.is_some(),
            ShownPart::Nickname => self.nickname.is_some(),
            ShownPart::Username => self.username.is_some(),
            ShownPart::Profile => self.profile.is_some(),
            ShownPart::Website => self.website.is_some(),
        };
        ShownPart::ALL.into_iter().filter(is_shown).collect()
    }

    /// The same without `parts`.
    #[must_use]
    pub fn without(mut self, parts: &[ShownPart]) -> Self {
        for part in parts {
            match part {
                ShownPart::Picture => self.picture = None,
                ShownPart::Nickname => self.nickname = None,
                ShownPart::Username => self.username = None,
                ShownPart::Profile => self.profile = None,
                ShownPart::Website => self.website = None,
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::Nickname;
    use super::*;

    #[test]
    fn what_is_taken_away_is_not_shown_and_the_rest_stays() {
        let about = AboutMe { nickname: Nickname::parse("ส้ม").ok(), ..AboutMe::default() };
        assert_eq!(about.parts(), [ShownPart::Nickname]);
        assert_eq!(about.clone().without(&[ShownPart::Picture, ShownPart::Website]), about);
        assert!(about.without(&ShownPart::ALL).is_empty());
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(ShownPart::ALL.into_iter().all(|part| ShownPart::parse(part.as_str()) == Some(part)));
        assert_eq!(ShownPart::parse("email"), None);
    }
}
