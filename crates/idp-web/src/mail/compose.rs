//! Lays a letter out: subject, plain text and HTML, from one content.

use askama::Template;

use super::Letter;
use crate::view::{Lang, Text, text};

/// Who the mails come from, as configured.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The From address.
    pub address: String,
    /// The issuer, shown at the foot so that people learn the true address.
    pub home_url: String,
    /// The telephone number to ask at.
    pub hotline: String,
}

impl Sender {
    /// A sender for tests and for looking at the mails.
    pub fn sample() -> Sender {
        Sender {
            address: "no-reply@account.example".into(),
            home_url: "http://localhost:8080".into(),
            hotline: "1203".into(),
        }
    }
}

/// A mail ready to be sent. It may hold a code or a one-time link, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    /// The language it is written in.
    pub lang: Lang,
    /// With the prefix `[MOC Account]`.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part; it refers to nothing outside itself.
    pub html: String,
}

impl Letter {
    /// Writes the mail in `lang`.
    pub fn compose(&self, lang: Lang, sender: &Sender) -> Composed {
        let content = self.content(lang);
        let subject = format!("[MOC Account] {}", text::format(lang, &content.subject));
        let layout = Layout::of(lang, sender, &subject, &content);
        let plain = PlainLayout { mail: &layout }.render().expect("the text layout only joins strings");
        let html = HtmlLayout { mail: &layout }.render().expect("the HTML layout only joins strings");
        Composed { lang, subject, text: plain, html }
    }
}

/// How the reader is addressed.
pub(super) enum Greeting {
    /// There is no account yet, so no name.
    Newcomer,
    /// A member whose name must not be told to whoever reads this mailbox.
    Member,
    /// By name.
    Name(String),
}

/// What a letter says, before it is put into words.
pub(super) struct Content {
    subject: Text,
    greeting: Greeting,
    before: Vec<Text>,
    list: Vec<Text>,
    code: Option<(String, String)>,
    after: Vec<Text>,
    action: Option<(Text, String)>,
    second_action: Option<(Text, String)>,
    not_you: Option<Text>,
}

impl Content {
    pub(super) fn new(subject: &'static str, greeting: Greeting) -> Content {
        Content::titled(Text::key(subject), greeting)
    }

    pub(super) fn titled(subject: Text, greeting: Greeting) -> Content {
        Content {
            subject,
            greeting,
            before: Vec::new(),
            list: Vec::new(),
            code: None,
            after: Vec::new(),
            action: None,
            second_action: None,
            not_you: None,
        }
    }

    pub(super) fn says(mut self, paragraph: Text) -> Content {
        self.before.push(paragraph);
        self
    }

    /// One line of the list below what was said.
    pub(super) fn lists(mut self, line: Text) -> Content {
        self.list.push(line);
        self
    }

    pub(super) fn code(mut self, code: &str, reference: &str) -> Content {
        self.code = Some((code.to_owned(), reference.to_owned()));
        self
    }

    pub(super) fn then(mut self, paragraph: Text) -> Content {
        self.after.push(paragraph);
        self
    }

    pub(super) fn action(mut self, label: Text, url: &str) -> Content {
        self.action = Some((label, url.to_owned()));
        self
    }

    /// A quieter link below the words about "not you".
    pub(super) fn second_action(mut self, label: Text, url: &str) -> Content {
        self.second_action = Some((label, url.to_owned()));
        self
    }

    pub(super) fn if_not_you(mut self, paragraph: Text) -> Content {
        self.not_you = Some(paragraph);
        self
    }
}

struct Layout {
    lang: &'static str,
    subject: String,
    greeting: String,
    before: Vec<String>,
    list: Vec<String>,
    code: Option<Code>,
    after: Vec<String>,
    action: Option<Link>,
    second_action: Option<Link>,
    not_you: Option<String>,
    sign_off: &'static str,
    contact: String,
    automatic: &'static str,
    home_url: String,
}

struct Code {
    code: String,
    label: &'static str,
    reference: String,
}

struct Link {
    label: String,
    url: String,
}

impl Layout {
    fn of(lang: Lang, sender: &Sender, subject: &str, content: &Content) -> Layout {
        let words = |paragraph: &Text| text::format(lang, paragraph);
        let link = |action: &Option<(Text, String)>| {
            action.as_ref().map(|(label, url)| Link { label: words(label), url: url.clone() })
        };
        Layout {
            lang: lang.tag(),
            subject: subject.to_owned(),
            greeting: match &content.greeting {
                Greeting::Newcomer => text::get(lang, "mail-greeting-newcomer").to_owned(),
                Greeting::Member => text::get(lang, "mail-greeting-member").to_owned(),
                Greeting::Name(name) => words(&Text::key("mail-greeting-name").with("name", name)),
            },
            before: content.before.iter().map(words).collect(),
            list: content.list.iter().map(words).collect(),
            code: content.code.as_ref().map(|(code, reference)| Code {
                code: code.clone(),
                label: text::get(lang, "mail-code-label"),
                reference: words(&Text::key("mail-code-reference").with("reference", reference)),
            }),
            after: content.after.iter().map(words).collect(),
            action: link(&content.action),
            second_action: link(&content.second_action),
            not_you: content.not_you.as_ref().map(words),
            sign_off: text::get(lang, "mail-sign-off"),
            contact: words(&Text::key("mail-contact").with("hotline", &sender.hotline)),
            automatic: text::get(lang, "mail-automatic"),
            home_url: sender.home_url.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct PlainLayout<'a> {
    mail: &'a Layout,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlLayout<'a> {
    mail: &'a Layout,
}
