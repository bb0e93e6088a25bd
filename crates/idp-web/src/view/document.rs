//! The terms of service and the privacy notice, versioned: what a member accepts is recorded with its version.

use super::{Lang, Text, text};

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Terms of service.
    Terms,
    /// Privacy notice (PDPA s.23).
    Privacy,
}

impl DocumentKind {
    /// The version in force, the same in every language. It changes with every change of meaning.
    pub fn version(self) -> &'static str {
        match self {
            DocumentKind::Terms => "2569-1",
            DocumentKind::Privacy => "2569-2",
        }
    }
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
        let source = match (kind, lang) {
            (DocumentKind::Terms, Lang::Th) => include_str!("../../locales/documents/terms.th.md"),
            (DocumentKind::Terms, Lang::En) => include_str!("../../locales/documents/terms.en.md"),
            (DocumentKind::Privacy, Lang::Th) => include_str!("../../locales/documents/privacy.th.md"),
            (DocumentKind::Privacy, Lang::En) => include_str!("../../locales/documents/privacy.en.md"),
        };
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
            version: kind.version(),
            title: title.to_owned(),
            effective: text::get(lang, "document-effective").to_owned(),
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
