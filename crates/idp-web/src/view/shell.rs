//! What all pages share: the head, the strip of the service, the foot, and the words a template asks for.

use askama::filters::Safe;

use super::{Lang, Text, text};

/// What a page shows around its own content.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language of the page.
    pub lang: Lang,
    /// Path and query of this page: where the language switch comes back to.
    pub here: String,
    /// The secret every form carries.
    pub csrf: String,
    /// The signed-in member, shown in the head.
    pub member: Option<MemberChip>,
    /// Name of the service the person is signing in to.
    pub service: Option<String>,
    /// Whether this is a demonstration with invented people.
    pub demo: bool,
    /// Host name of the provider, shown in the foot so that people learn the true address.
    pub issuer_host: String,
}

/// The signed-in member, small.
#[derive(Clone, Debug)]
pub struct MemberChip {
    /// Name as shown.
    pub name: String,
    /// Whether the badge stands beside it.
    pub verified: bool,
}

/// A next step offered at the foot of a message or an error.
#[derive(Clone, Debug)]
pub struct Action {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: Text,
    /// Whether it is the step most people want: a full button. The others are outlined.
    pub primary: bool,
}

impl Action {
    /// The step most people want.
    pub fn primary(href: impl Into<String>, text: Text) -> Action {
        Action { href: href.into(), text, primary: true }
    }

    /// Another possible step.
    pub fn secondary(href: impl Into<String>, text: Text) -> Action {
        Action { href: href.into(), text, primary: false }
    }
}

/// What templates ask for. `t` and `say` give HTML for the text of elements; `plain` gives text for attributes,
/// titles and options, where no element may stand.
impl Shell {
    /// A message without values, as HTML.
    pub fn t(&self, key: &'static str) -> Safe<&'static str> {
        Safe(text::get_html(self.lang, key))
    }

    /// A message without values, as text.
    pub fn plain(&self, key: &'static str) -> &'static str {
        text::get(self.lang, key)
    }

    /// A message with one value, as text.
    pub fn plain1(&self, key: &'static str, name: &'static str, value: impl ToString) -> String {
        text::format(self.lang, &Text::key(key).with(name, value))
    }

    /// A message with values, as HTML.
    pub fn say(&self, text: impl AsRef<Text>) -> Safe<String> {
        Safe(text::to_html(&text::format(self.lang, text.as_ref())))
    }

    /// A message with values, as text.
    pub fn say_plain(&self, text: impl AsRef<Text>) -> String {
        text::format(self.lang, text.as_ref())
    }

    /// A message with one value, as HTML.
    pub fn t1(&self, key: &'static str, name: &'static str, value: impl ToString) -> Safe<String> {
        self.say(Text::key(key).with(name, value))
    }

    /// Any text, such as a paragraph of a document, as HTML.
    pub fn hold(&self, text: &str) -> Safe<String> {
        Safe(text::to_html(text))
    }

    /// A person's name as HTML: broken between its parts, and within one only when it is longer than a line may be.
    pub fn name(&self, name: &str) -> Safe<String> {
        const LONGEST: usize = 20;
        let part = |part: &str| match part.chars().count() {
            ..=LONGEST => format!("<span class=\"nb\">{}</span>", text::to_html(part)),
            _ => text::to_html(part),
        };
        Safe(name.split(' ').map(part).collect::<Vec<_>>().join(" "))
    }

    /// The address of a static file.
    pub fn asset(&self, path: &str) -> String {
        crate::assets::url(path)
    }

    /// The months by number and name, for the date picker.
    pub fn months(&self) -> impl Iterator<Item = (String, &'static str)> {
        (1..).zip(MONTHS).map(|(number, key): (u8, _)| (number.to_string(), text::get(self.lang, key)))
    }
}

const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9", "month-10",
    "month-11", "month-12",
];
