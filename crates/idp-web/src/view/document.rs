//! The terms of service and the privacy notice, versioned: what a member accepts is recorded with its version.

use idp_core::thai::BuddhistDate;

use super::{Lang, Text, text};

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Terms of service.
    Terms,
    /// Privacy notice (PDPA s.23).
    Privacy,
}

/// An edition of a document: its version is the same in every language, and changes with every change of meaning.
#[derive(Debug)]
pub struct Edition {
    /// Its version.
    pub version: &'static str,
    /// The day it came into force, as the registry writes days.
    since: &'static str,
    thai: &'static str,
    english: &'static str,
}

/// The oldest first. One that was ever shown stays: members accepted it.
const TERMS: [Edition; 1] = [Edition {
    version: "2569-1",
    since: "25691123",
    thai: include_str!("../../locales/documents/terms.th.md"),
    english: include_str!("../../locales/documents/terms.en.md"),
}];
const PRIVACY: [Edition; 3] = [
    Edition {
        version: "2569-2",
        since: "25691123",
        thai: include_str!("../../locales/documents/privacy-2569-2.th.md"),
        english: include_str!("../../locales/documents/privacy-2569-2.en.md"),
    },
    Edition {
        version: "2569-3",
        since: "25691124",
        thai: include_str!("../../locales/documents/privacy-2569-3.th.md"),
        english: include_str!("../../locales/documents/privacy-2569-3.en.md"),
    },
    Edition {
        version: "2569-4",
        since: "25691125",
        thai: include_str!("../../locales/documents/privacy.th.md"),
        english: include_str!("../../locales/documents/privacy.en.md"),
    },
];

impl DocumentKind {
    /// Every edition, the oldest first.
    pub fn editions(self) -> &'static [Edition] {
        match self {
            DocumentKind::Terms => &TERMS,
            DocumentKind::Privacy => &PRIVACY,
        }
    }

    /// The edition in force.
    fn newest(self) -> &'static Edition {
        self.editions().last().expect("a document has an edition")
    }

    /// The version in force.
    pub fn version(self) -> &'static str {
        self.newest().version
    }

    /// Where it is.
    pub fn path(self) -> &'static str {
        match self {
            DocumentKind::Terms => crate::urls::TERMS,
            DocumentKind::Privacy => crate::urls::PRIVACY,
        }
    }
}

/// What a member accepts, terms and privacy notice together, as it is kept with the account: both versions in force.
pub fn version_in_force() -> &'static str {
    static VERSION: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| format!("{}+{}", DocumentKind::Terms.version(), DocumentKind::Privacy.version()));
    &VERSION
}

/// Which documents have a newer version than those in `accepted`.
pub fn changed_since(accepted: Option<&str>) -> Vec<DocumentKind> {
    let mut versions = accepted.unwrap_or_default().split('+');
    let kinds = [DocumentKind::Terms, DocumentKind::Privacy].into_iter();
    kinds.filter(|kind| versions.next() != Some(kind.version())).collect()
}

/// A document in one language.
#[derive(Clone, Debug)]
pub struct Document {
    /// Which document.
    pub kind: DocumentKind,
    /// Its version.
    pub version: &'static str,
    /// Its title.
    pub title: String,
    /// The day it came into force, as written.
    pub effective: String,
    /// Whether a newer version is in force.
    pub superseded: bool,
    /// The other versions, the newest first.
    pub others: Vec<&'static str>,
    /// Headings, each with its paragraphs.
    pub sections: Vec<(String, Vec<String>)>,
}

/// Whom a person writes to about their data. Operators set it; the documents name it.
#[derive(Clone, Debug)]
pub struct Contact {
    /// How to reach the data protection officer; empty when that is the telephone number.
    pub dpo: String,
    /// Telephone number of the ministry's service centre.
    pub phone: String,
}

impl Default for Contact {
    fn default() -> Contact {
        Contact { dpo: "dpo@account.moc.example".to_owned(), phone: "1203".to_owned() }
    }
}

impl Document {
    /// The document in force, in the reader's language.
    pub fn in_force(kind: DocumentKind, lang: Lang, contact: &Contact) -> Document {
        Document::written(kind, kind.newest(), lang, contact)
    }

    /// An edition by its version.
    pub fn of_version(kind: DocumentKind, version: &str, lang: Lang, contact: &Contact) -> Option<Document> {
        let edition = kind.editions().iter().find(|edition| edition.version == version)?;
        Some(Document::written(kind, edition, lang, contact))
    }

    fn written(kind: DocumentKind, edition: &Edition, lang: Lang, contact: &Contact) -> Document {
        let source = match lang {
            Lang::Th => edition.thai,
            Lang::En => edition.english,
        };
        let since = BuddhistDate::from_registry_form(edition.since).expect("the day of an edition is one");
        let fill = |line: &str| line.replace("{dpo}", &contact.dpo).replace("{phone}", &contact.phone);
        let title = match kind {
            DocumentKind::Terms => text::get(lang, "reg-terms"),
            DocumentKind::Privacy => text::get(lang, "reg-privacy"),
        };
        let mut sections: Vec<(String, Vec<String>)> = Vec::new();
        // Sentences about an officer who has no address of their own are left out.
        let applies = |line: &&str| !contact.dpo.is_empty() || !line.contains("{dpo}");
        let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("<!--"));
        for line in lines.filter(applies) {
            match (line.strip_prefix("## "), sections.last_mut()) {
                (Some(heading), _) => sections.push((fill(heading), Vec::new())),
                (None, Some((_, paragraphs))) => paragraphs.push(fill(line)),
                // Words before the first heading are an introduction without one.
                (None, None) => sections.push((String::new(), vec![fill(line)])),
            }
        }
        Document {
            kind,
            version: edition.version,
            title: title.to_owned(),
            effective: match lang {
                Lang::Th => since.in_thai(),
                Lang::En => since.in_english(),
            },
            superseded: kind.version() != edition.version,
            others: kind.editions().iter().rev().map(|other| other.version).filter(|v| *v != edition.version).collect(),
            sections,
        }
    }

    /// The line at its foot.
    pub(crate) fn version_line(&self) -> Text {
        Text::key("document-version").with("version", self.version).with("date", &self.effective)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_sections() {
        for kind in [DocumentKind::Terms, DocumentKind::Privacy] {
            let shape = |lang| {
                let document = Document::in_force(kind, lang, &Contact::default());
                document.sections.iter().map(|(_, paragraphs)| paragraphs.len()).collect::<Vec<_>>()
            };
            assert_eq!(shape(Lang::Th), shape(Lang::En), "{kind:?}");
            assert!(shape(Lang::Th).len() > 5);
        }
    }

    #[test]
    fn every_edition_has_both_languages_alike_and_a_version_of_its_own() {
        for kind in [DocumentKind::Terms, DocumentKind::Privacy] {
            let mut seen = Vec::new();
            for edition in kind.editions() {
                assert!(!seen.contains(&edition.version), "{kind:?} {}", edition.version);
                seen.push(edition.version);
                let shape = |lang| {
                    let document = Document::of_version(kind, edition.version, lang, &Contact::default()).unwrap();
                    document.sections.iter().map(|(_, paragraphs)| paragraphs.len()).collect::<Vec<_>>()
                };
                assert_eq!(shape(Lang::Th), shape(Lang::En), "{kind:?} {}", edition.version);
            }
        }
        assert!(Document::of_version(DocumentKind::Terms, "2568-1", Lang::Th, &Contact::default()).is_none());
    }

    #[test]
    fn only_what_is_newer_than_what_was_accepted_is_asked_about() {
        use DocumentKind::{Privacy, Terms};
        assert_eq!(changed_since(Some(version_in_force())), []);
        for before in ["2569-2", "2569-3"] {
            assert_eq!(changed_since(Some(&format!("{}+{before}", Terms.version()))), [Privacy]);
        }
        assert_eq!(changed_since(Some(&format!("2568-9+{}", Privacy.version()))), [Terms]);
        for unknown in [None, Some(""), Some("test"), Some("+")] {
            assert_eq!(changed_since(unknown), [Terms, Privacy], "{unknown:?}");
        }
    }

    /// What the law has kept without asking, members are told of: for how long, and who may look.
    #[test]
    fn the_notice_names_the_traffic_data() {
        let days = idp_core::privacy::retention::TRAFFIC.num_days();
        for (lang, name, kept) in [
            (Lang::Th, "ข้อมูลจราจรทางคอมพิวเตอร์", format!("{days} วัน")),
            (Lang::En, "omputer traffic data", format!("{days} days")),
        ] {
            let notice = Document::in_force(DocumentKind::Privacy, lang, &Contact::default());
            let said = |part: usize| notice.sections[part].1.iter().filter(|line| line.contains(name)).count();
            // The introduction is the first, so that a part has its own number.
            assert!((1..=6).filter(|part| *part != 3).all(|part| said(part) > 0), "{lang:?}");
            assert!(notice.sections[5].1.iter().any(|line| line.contains(name) && line.contains(&kept)), "{lang:?}");
        }
    }

    #[test]
    fn the_contact_stands_in_the_text() {
        let contact = Contact { dpo: "dpo@moc.example".to_owned(), phone: "02-000-0000".to_owned() };
        for lang in Lang::ALL {
            for kind in [DocumentKind::Terms, DocumentKind::Privacy] {
                let document = Document::in_force(kind, lang, &contact);
                let all =
                    document.sections.iter().flat_map(|(_, paragraphs)| paragraphs).fold(String::new(), |a, b| a + b);
                assert!(all.contains("02-000-0000"), "{kind:?} {lang:?}");
                assert!(!all.contains('{'), "{kind:?} {lang:?}");
            }
            let none = Contact { dpo: String::new(), ..contact.clone() };
            let notice = format!("{:?}", Document::in_force(DocumentKind::Privacy, lang, &none).sections);
            assert!(notice.contains("02-000-0000") && !notice.contains("dpo@"), "{notice}");
        }
    }
}
