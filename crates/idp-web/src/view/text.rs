//! The words: messages of the locale files, looked up by key and filled with values.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use idp_core::thai::{MONTHS_ENGLISH, MONTHS_THAI};

use super::Lang;

/// A message to be said in the reader's language: its key, and the values it is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Key of the message in the locale files.
    pub key: &'static str,
    /// Values by the name they have in the message.
    pub args: Vec<(&'static str, String)>,
}

impl Text {
    /// A message that needs no values, or none yet.
    pub fn key(key: &'static str) -> Text {
        Text { key, args: Vec::new() }
    }

    /// The same message with one more value.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Text {
        self.args.push((name, value.to_string()));
        self
    }
}

/// So that templates may say a message whether they hold it or borrow it.
impl AsRef<Text> for Text {
    fn as_ref(&self) -> &Text {
        self
    }
}

/// A message that needs no values.
pub fn get(lang: Lang, key: &'static str) -> &'static str {
    book(lang).plain.get(key).map_or_else(|| unsaid(key), |message| message.text.as_str())
}

/// [`get`] as HTML: escaped, with the phrases that must not be broken across lines held together.
pub fn get_html(lang: Lang, key: &'static str) -> &'static str {
    book(lang).plain.get(key).map_or_else(|| unsaid(key), |message| message.html.as_str())
}

/// A message filled with its values.
pub fn format(lang: Lang, text: &Text) -> String {
    let book = book(lang);
    if text.args.is_empty()
        && let Some(message) = book.plain.get(text.key)
    {
        return message.text.clone();
    }
    let Some(pattern) = book.bundle.get_message(text.key).and_then(|message| message.value()) else {
        return unsaid(text.key).to_owned();
    };
    let args: FluentArgs<'_> = text.args.iter().map(|(name, value)| (*name, value_of(value))).collect();
    let mut faults = Vec::new();
    let said = book.bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
    if !faults.is_empty() {
        // The value shows as its name in braces.
        unsaid(text.key);
    }
    said
}

/// A key that has no message, or not the values its message needs: answered with itself, since a page with one odd
/// word is better than no page. Our own tests stop here instead.
fn unsaid(key: &'static str) -> &'static str {
    assert!(!cfg!(test) || key == "no-such-key", "{key} has no message, or lacks a value");
    key
}

/// Escapes for HTML and holds together the phrases that line breakers split within a word.
pub fn to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text;
    let mut after_digit = false;
    while let Some(next) = rest.chars().next() {
        let phrase = HELD_TOGETHER.iter().find(|phrase| rest.starts_with(**phrase)).map(|phrase| phrase.len());
        if let Some(length) = phrase.or_else(|| hyphened(rest).or_else(|| counted(rest)).filter(|_| !after_digit)) {
            html.push_str("<span class=\"nb\">");
            html.push_str(&rest[..length]);
            html.push_str("</span>");
            rest = &rest[length..];
            continue;
        }
        after_digit = next.is_ascii_digit();
        match next {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
        rest = &rest[next.len_utf8()..];
    }
    html
}

/// The length of a number written with hyphens at the beginning of a text: "2569-1", "081-234-5678".
fn hyphened(text: &str) -> Option<usize> {
    let length = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').len();
    let number = text[..length].trim_end_matches('-');
    (number.starts_with(|c: char| c.is_ascii_digit()) && number.contains('-')).then_some(number.len())
}

/// The length of a number and its unit at the beginning of a text: "60 วัน", "22 มกราคม", "10.07 น.", "4 tries". A number alone at the
/// end of a line leaves a reader counting nothing.
fn counted(text: &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let unit = text.get(digits..)?.strip_prefix(' ').filter(|_| text.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut units = UNITS.iter().chain(&MONTHS_THAI).chain(&MONTHS_ENGLISH);
    let unit = units.find(|word| unit.starts_with(**word))?;
    Some(digits + 1 + unit.len())
}

const UNITS: [&str; 15] = [
    "ชั่วโมง",
    "วินาที",
    "ตัวอักษร",
    "ครั้ง",
    "นาที",
    "หลัก",
    "วัน",
    "ปี",
    "น.",
    "characters",
    "minutes",
    "digits",
    "days",
    "tries",
    "s)",
];

/// Thai is written without spaces, and the dictionaries of browsers break some words in two (ตัว|ตน). Longest first.
const HELD_TOGETHER: [&str; 63] = [
    "เลขที่ประจำตัวประชาชน",
    "ประกาศความเป็นส่วนตัว",
    "บัตรประจำตัวประชาชน",
    "ลงทะเบียนคลิกที่นี่",
    "เลขประจำตัวประชาชน",
    "ทรัพย์สินทางปัญญา",
    "ไม่เคยสมัครมาก่อน",
    "ขอเข้าถึงข้อมูล",
    "ความเป็นส่วนตัว",
    "เข้าใช้งานทันที",
    "ไม่มีวันหมดอายุ",
    "เหลือเวลาใช้งาน",
    "กระทรวงพาณิชย์",
    "วันเดือนปีเกิด",
    "สมาชิกชั่วคราว",
    "ประชาชนทั่วไป",
    "พระราชบัญญัติ",
    "ทำเครื่องหมาย",
    "ระหว่างประเทศ",
    "ส่งออก-นำเข้า",
    "ข้อมูลของท่าน",
    "ดำเนินการต่อ",
    "กรมการปกครอง",
    "หนังสือสำคัญ",
    "บัญชีของท่าน",
    "สถานะของท่าน",
    "ยินดีต้อนรับ",
    "ข้อมูลบุคคล",
    "ยืนยันตัวตน",
    "รหัสอ้างอิง",
    "เข้าสู่ระบบ",
    "คลิกที่นี่",
    "สมาชิกถาวร",
    "ออกจากระบบ",
    "เข้าใช้งาน",
    "เร็ว ๆ นี้",
    "ฐานข้อมูล",
    "ใช้งานต่อ",
    "ลงทะเบียน",
    "เปลี่ยนใจ",
    "เจ้าหน้าที่",
    "ลายนิ้วมือ",
    "อีกครั้ง",
    "การกระทำ",
    "ครบกำหนด",
    "รหัสผ่าน",
    "หน่วยงาน",
    "พาสคีย์",
    "ขั้นตอน",
    "ตรวจสอบ",
    "ให้ท่าน",
    "รับคำขอ",
    "ออกจาก",
    "ต่าง ๆ",
    "อื่น ๆ",
    "การค้า",
    "ตัวตน",
    "MOC Account",
    "e-Academy",
    "sign-out",
    "sign-in",
    "e-mail",
    "E-mail",
];

/// The messages of one language.
struct Book {
    bundle: FluentBundle<FluentResource>,
    /// Messages that need no values, formatted once: most of a page, so that a request parses no Fluent.
    plain: HashMap<String, Plain>,
}

struct Plain {
    text: String,
    html: String,
}

fn book(lang: Lang) -> &'static Book {
    static THAI: LazyLock<Book> = LazyLock::new(|| Book::open(Lang::Th));
    static ENGLISH: LazyLock<Book> = LazyLock::new(|| Book::open(Lang::En));
    match lang {
        Lang::Th => &THAI,
        Lang::En => &ENGLISH,
    }
}

/// The files of a language: where a message stands is for the writer's ease, its key is unique over all of them.
fn sources(lang: Lang) -> impl Iterator<Item = &'static str> {
    let files: &[&str] = match lang {
        Lang::Th => &[
            include_str!("../../locales/th/pages.ftl"),
            include_str!("../../locales/th/passkeys.ftl"),
            include_str!("../../locales/th/rights.ftl"),
            include_str!("../../locales/th/thaid.ftl"),
            include_str!("../../locales/th/mail.ftl"),
            include_str!("../../locales/th/errors.ftl"),
            include_str!("../../locales/th/security.ftl"),
            include_str!("../../locales/th/demo.ftl"),
            include_str!("../../locales/th/admin.ftl"),
            include_str!("../../locales/th/members.ftl"),
            include_str!("../../locales/th/seeing.ftl"),
            include_str!("../../locales/th/trial.ftl"),
        ],
        Lang::En => &[
            include_str!("../../locales/en/pages.ftl"),
            include_str!("../../locales/en/passkeys.ftl"),
            include_str!("../../locales/en/rights.ftl"),
            include_str!("../../locales/en/thaid.ftl"),
            include_str!("../../locales/en/mail.ftl"),
            include_str!("../../locales/en/errors.ftl"),
            include_str!("../../locales/en/security.ftl"),
            include_str!("../../locales/en/demo.ftl"),
            include_str!("../../locales/en/admin.ftl"),
            include_str!("../../locales/en/members.ftl"),
            include_str!("../../locales/en/seeing.ftl"),
            include_str!("../../locales/en/trial.ftl"),
        ],
    };
    files.iter().copied()
}

/// Keys in the order they are written. In Fluent only a message's (or term's, or comment's) first line is not indented.
fn keys(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim())
}

/// Every key of a language, for the tests.
#[cfg(test)]
pub(crate) fn all_keys(lang: Lang) -> impl Iterator<Item = &'static str> {
    sources(lang).flat_map(keys)
}

impl Book {
    fn open(lang: Lang) -> Book {
        let tag = lang.tag().parse().expect("a language tag of ours is well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks would end up in what people copy, and in the plain text of mails.
        bundle.set_use_isolating(false);
        for source in sources(lang) {
            // A file with a fault still gives its sound messages; a test refuses the fault.
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(sound, _)| sound);
            bundle.add_resource_overriding(resource);
        }
        let mut plain = HashMap::new();
        for key in sources(lang).flat_map(keys) {
            let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else { continue };
            let mut faults = Vec::new();
            let text = bundle.format_pattern(pattern, None, &mut faults).into_owned();
            if faults.is_empty() {
                let html = to_html(&text);
                plain.insert(key.to_owned(), Plain { text, html });
            }
        }
        Book { bundle, plain }
    }
}

/// Whole numbers are numbers, so that a message can choose its plural; everything else is said as it is.
fn value_of(value: &str) -> FluentValue<'_> {
    match value.parse::<u32>() {
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        _ => FluentValue::String(Cow::Borrowed(value)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_well_formed() {
        for lang in Lang::ALL {
            for source in sources(lang) {
                if let Err((_, faults)) = FluentResource::try_new((*source).to_owned()) {
                    panic!("{lang:?}: {faults:?} in {}", source.lines().next().unwrap_or_default());
                }
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_messages_each_once() {
        let all = |lang| sources(lang).flat_map(keys).collect::<Vec<_>>();
        let set = |lang| all(lang).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(set(Lang::Th).symmetric_difference(&set(Lang::En)).collect::<Vec<_>>(), Vec::<&&str>::new());
        for lang in Lang::ALL {
            let mut seen = BTreeSet::new();
            let twice: Vec<_> = all(lang).into_iter().filter(|key| !seen.insert(*key)).collect();
            assert!(twice.is_empty(), "{lang:?} has twice: {twice:?}");
        }
    }

    #[test]
    fn a_message_is_filled_with_its_values() {
        let check = |lang, text: Text, said: &str| assert_eq!(format(lang, &text), said);
        check(Lang::Th, Text::key("login"), "เข้าสู่ระบบ");
        check(Lang::Th, Text::key("st-temp").with("n", 59), "สมาชิกชั่วคราว (เหลือเวลาใช้งาน 59 วัน)");
        check(Lang::En, Text::key("st-temp").with("n", 1), "Temporary member (1 day remaining)");
        check(Lang::En, Text::key("st-temp").with("n", 60), "Temporary member (60 days remaining)");
        // A code's reference may look like a number with zeros in front.
        let sent = Text::key("otp-sent").with("dest", "a@example.com").with("ref", "0042");
        check(Lang::En, sent, "We sent a code to a@example.com (reference 0042)");
        check(Lang::En, Text::key("no-such-key"), "no-such-key");
    }

    #[test]
    fn a_plain_message_is_the_same_by_either_way() {
        for lang in Lang::ALL {
            assert_eq!(get(lang, "login-password"), format(lang, &Text::key("login-password")));
            assert_eq!(get(lang, "no-such-key"), "no-such-key");
        }
    }

    #[test]
    fn html_is_escaped_and_phrases_hold_together() {
        let check = |text: &str, html: &str| assert_eq!(to_html(text), html);
        check("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
        check("กรุณายืนยันตัวตนก่อน", "กรุณา<span class=\"nb\">ยืนยันตัวตน</span>ก่อน");
        check("เหลือ 4 ครั้ง", "เหลือ <span class=\"nb\">4 ครั้ง</span>");
        check("เวลา 10.07 น.", "เวลา <span class=\"nb\">10.07 น.</span>");
        check("ฉบับที่ 2569-1 ลง", "ฉบับที่ <span class=\"nb\">2569-1</span> ลง");
        check("a-1 และ 5-", "a-1 และ 5-");
        check("ปี 2538 หาก 7", "ปี 2538 หาก 7");
        check("", "");
    }
}
