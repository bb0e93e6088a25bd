//! Another e-mail address and its way back, the history, the letter about a new browser; and every mail there is.

use idp_tests::chromium::{DESKTOP, PHONE};

use super::people::{Newcomer, PASSWORD};
use super::stage::{Language, Stage};
use crate::command::program::idp;

const EMAIL: &str = "darika@mail.example";
const NEW: &str = "darika.new@mail.example";

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_and_taken_back_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_and_taken_back_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let stage = Stage::set("changes", language).await;
    let newcomer = Newcomer {
        email: EMAIL, name: ["ดาริกา", "ตัวอย่างดี"], member_type: "public"
    };
    stage.register(&newcomer).await;
    stage.sign_out().await;
    // A wrong password, then the right one, in a browser that has forgotten who was here.
    stage.open(&stage.provider("/login")).await;
    stage.chromium.driver.delete_all_cookies().await.expect("cookies can be deleted");
    stage.open(&stage.provider("/login")).await;
    stage.put(&[("username", EMAIL), ("password", "not the right one")]).await;
    stage.press("#sign-in").await;
    stage.sign_in(EMAIL).await;
    stage.open_newest_mail(EMAIL, 3).await;
    stage.look("mail-new-sign-in").await;
    let link = stage.attribute("#mail-text a[href*='not-me']", "href").await;
    stage.open(&link).await;
    stage.look("not-me-sign-in").await;
    stage.open(&stage.provider("/profile/history")).await;
    stage.look("history").await;
    stage.open(&stage.provider("/profile")).await;
    stage.press("#change-email").await;
    stage.look("change-email").await;
    stage.put(&[("email", EMAIL)]).await;
    stage.press("form[action='/profile/email'] button").await;
    stage.look("change-email-same").await;
    stage.put(&[("email", NEW)]).await;
    stage.press("form[action='/profile/email'] button").await;
    stage.look("change-email-code").await;
    stage.open_newest_mail(NEW, 1).await;
    stage.look("mail-change-code").await;
    let code = stage.code_in_mail().await;
    stage.open(&stage.provider("/profile/email/code")).await;
    stage.put(&[("code", &code)]).await;
    stage.send().await;
    stage.find("#email-changed").await;
    stage.look("email-changed").await;
    stage.open_newest_mail(NEW, 2).await;
    stage.look("mail-is-new").await;
    stage.open_newest_mail(EMAIL, 4).await;
    stage.look("mail-changed").await;
    let link = stage.attribute("#mail-text a[href*='undo']", "href").await;
    stage.open(&link).await;
    stage.look("undo-email").await;
    stage.press("#undo-email").await;
    stage.find("#email-undone").await;
    stage.look("email-undone").await;
    stage.press("#email-undone .actions a").await;
    stage.put(&[("password", "nine kites over a quiet harbour")]).await;
    stage.press("#save-password").await;
    stage.find("#password-set").await;
    stage.open_newest_mail(NEW, 3).await;
    stage.look("mail-undone").await;
    assert_ne!(PASSWORD, "nine kites over a quiet harbour");
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_is_readable_on_a_telephone_and_on_a_desk_in_thai() {
    mails(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_is_readable_on_a_telephone_and_on_a_desk_in_english() {
    mails(Language::English).await;
}

/// The mails as `idp mail preview` writes them, opened as a mail program shows them.
async fn mails(language: Language) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().to_str().expect("a plain name").to_owned();
    idp(&["mail", "preview", "--to", &place, "--lang", language.tag()]).await.well();
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter(|name| name.ends_with(".html"))
        .collect();
    names.sort();
    assert!(names.len() >= 15, "{names:?}");
    let stage = Stage::set("mails", language).await;
    for name in names {
        stage.open(&format!("file://{place}/{name}")).await;
        stage.look_at_mail(name.trim_end_matches(".html"), &[PHONE, DESKTOP]).await;
    }
    stage.strike().await;
}
