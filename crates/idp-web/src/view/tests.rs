//! Every page is written with samples in every language, and looked at as a browser would.

use std::{collections::BTreeSet, fs, path::Path};

use axum::http::StatusCode;
use scraper::{ElementRef, Html, Selector};

use super::*;
use crate::assets;

mod samples;

/// A page written in one language.
struct Written {
    name: &'static str,
    lang: Lang,
    html: String,
}

impl Written {
    fn place(&self) -> String {
        format!("{}.{}", self.name, self.lang.tag())
    }
}

fn every_page() -> Vec<Written> {
    let mut written = Vec::new();
    for lang in Lang::ALL {
        for (name, html) in samples::write_all(lang) {
            written.push(Written { name, lang, html });
        }
    }
    written
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

#[test]
fn every_page_is_sound_html_in_its_language() {
    for page in every_page() {
        let html = Html::parse_document(&page.html);
        assert!(html.errors.is_empty(), "{}: {:?}", page.place(), html.errors);
        assert_eq!(all(&html, "html")[0].attr("lang"), Some(page.lang.tag()), "{}", page.place());
        let headings = all(&html, "h1");
        assert_eq!(headings.len(), 1, "{}", page.place());
        assert!(!headings[0].text().collect::<String>().trim().is_empty(), "{}", page.place());
        assert!(all(&html, "title")[0].text().collect::<String>().len() > " – MOC Account".len(), "{}", page.place());
        let mut ids = BTreeSet::new();
        for element in all(&html, "[id]") {
            let id = element.attr("id").unwrap();
            assert!(ids.insert(id), "{}: id {id} twice", page.place());
        }
        for element in all(&html, "[aria-describedby], [aria-labelledby]") {
            for name in ["aria-describedby", "aria-labelledby"] {
                for id in element.attr(name).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{}: {name} names {id}, which is not there", page.place());
                }
            }
        }
        for link in all(&html, "a[href^='#']") {
            let id = &link.attr("href").unwrap()[1..];
            assert!(ids.contains(id), "{}: a link leads to #{id}, which is not there", page.place());
        }
    }
}

#[test]
fn no_markup_of_ours_is_shown_as_text() {
    for page in every_page() {
        let html = Html::parse_document(&page.html);
        for element in all(&html, "body *:not(script):not(style)") {
            let words = element.text().collect::<String>();
            for tag in ["<span", "</span", "<a ", "<br", "class=\""] {
                assert!(!words.contains(tag), "{}: {words}", page.place());
            }
        }
    }
}

#[test]
fn every_input_has_a_label() {
    for page in every_page() {
        let html = Html::parse_document(&page.html);
        let labelled: BTreeSet<&str> = all(&html, "label[for]").iter().filter_map(|label| label.attr("for")).collect();
        for input in all(&html, "input:not([type=hidden]), select, textarea") {
            let wrapped = input.ancestors().any(|node| node.value().as_element().is_some_and(|e| e.name() == "label"));
            let named = input.attr("id").is_some_and(|id| labelled.contains(id));
            let name = input.attr("name").unwrap_or_default();
            assert!(wrapped || named || input.attr("aria-label").is_some(), "{}: {name}", page.place());
        }
        for button in all(&html, "button, a[href]") {
            let words = button.text().collect::<String>();
            let label = button.attr("aria-label").unwrap_or_default();
            assert!(!words.trim().is_empty() || !label.is_empty(), "{}: {}", page.place(), button.html());
        }
    }
}

#[test]
fn no_page_has_a_style_or_script_of_its_own() {
    for page in every_page() {
        let html = Html::parse_document(&page.html);
        assert!(all(&html, "style, [style], script:not([src]), [href^='javascript'], [src^='data:']").is_empty());
        for element in all(&html, "*") {
            let handler = element.value().attrs().find(|(name, _)| name.starts_with("on"));
            assert!(handler.is_none(), "{}: {handler:?}", page.place());
        }
        for element in all(&html, "script[src], link[href], img[src]") {
            let address = element.attr("src").or(element.attr("href")).unwrap();
            assert!(assets::has(address), "{}: {address}", page.place());
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_secret() {
    for page in every_page() {
        let html = Html::parse_document(&page.html);
        for form in all(&html, "form") {
            let action = form.attr("action").unwrap();
            if form.attr("method") == Some("get") {
                // A search changes nothing, and its address must not carry the secret.
                assert_eq!(form.attr("role"), Some("search"), "{}", page.place());
                assert_eq!(form.select(&Selector::parse("input[name=csrf]").unwrap()).count(), 0, "{}", page.place());
                continue;
            }
            assert_eq!(form.attr("method"), Some("post"), "{}", page.place());
            let secrets = form.select(&Selector::parse("input[name=csrf][value='sample-csrf']").unwrap()).count();
            // The answer to a service leaves the house, and our secret must not.
            let wanted = if action.starts_with('/') { 1 } else { 0 };
            assert_eq!(secrets, wanted, "{}: form to {action}", page.place());
        }
    }
}

#[test]
fn what_a_person_typed_cannot_become_markup() {
    let page = SignInPage {
        shell: samples::shell(Lang::Th),
        request: Some("\"><script>".to_owned()),
        to: None,
        username: "\"><script>alert(1)</script>".to_owned(),
        error: Some(Text::key("otp-sent").with("dest", "<b>").with("ref", "&")),
        notice: None,
        reauth: false,
        passkeys: true,
        thaid: None,
        work: None,
        links: None,
    };
    let html = askama::Template::render(&page).unwrap();
    assert!(!html.contains("<script>") && !html.contains("<b>"));
}

#[test]
fn offers_show_what_is_offered() {
    for page in
        every_page().iter().filter(|page| matches!(page.name, "register_details-faults" | "verify_card-mismatch"))
    {
        let html = Html::parse_document(&page.html);
        let offer = |name: &str| {
            let label = all(&html, &format!("label[for={name}]"))[0];
            label.text().collect::<String>()
        };
        assert!(offer("accept_first_name").contains("“สมชาย”"), "{}", page.place());
        assert!(offer("accept_year").contains("2538"), "{}", page.place());
    }
}

#[test]
fn a_page_is_answered_as_html_that_nobody_stores() {
    let page = DocumentPage {
        shell: samples::shell(Lang::En),
        document: Document::in_force(DocumentKind::Terms, Lang::En, &Contact::default()),
    };
    let response = page.render_response(StatusCode::OK);
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
}

/// Every key that is asked for exists, and every key that exists is asked for.
#[test]
fn keys_and_messages_are_the_same_set() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    // The core names the message of each of its errors.
    for folder in [root.join("templates"), root.join("src"), root.join("../idp-core/src")] {
        gather(&folder, &mut sources);
    }
    let known: BTreeSet<&str> = text::all_keys(Lang::Th).collect();
    let unused: Vec<&&str> =
        known.iter().filter(|key| !WAITING.contains(key) && !sources.contains(&format!("\"{key}\""))).collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");

    for opening in ["t(\"", "t1(\"", "plain(\"", "Text::key(\"", "Text::key(\n\""] {
        for rest in sources.split(opening).skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            let looks_like_a_key = key.starts_with(|c: char| c.is_ascii_lowercase())
                && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            if looks_like_a_key && rest[key.len()..].starts_with(['"']) && key.contains('-') && key != "no-such-key" {
                assert!(known.contains(key), "{key} has no message");
            }
        }
    }
}

/// Strings agreed with the ministry for parts that are still to come; the rest of the 80 are said already.
const WAITING: [&str; 10] = [
    "adm-audit",
    "adm-clients",
    "adm-redirect",
    "adm-rotate",
    "link-expired",
    "login-forgot",
    "mfa-recovery",
    "mfa-setup",
    "reg-dup",
    "ver-laser",
];

fn gather(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, into);
        } else if path != Path::new(file!()) && path.file_name().is_some_and(|name| name != "tests.rs") {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// Writes every sample page to the folder `IDP_PAGES_OUT`, for looking at; to memory when it is not set.
#[test]
fn write_samples() {
    let pages = every_page();
    assert!(pages.len() > 2 * 22);
    let Some(folder) = std::env::var_os("IDP_PAGES_OUT") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    assets::write_to(folder).unwrap();
    for page in &pages {
        fs::write(folder.join(format!("{}.html", page.place())), &page.html).unwrap();
    }
}
