//! `idp mail preview`

use idp_web::mail::Letter;

use super::program::{Trial, idp};

#[tokio::test]
async fn every_mail_is_written_in_both_languages_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("mails");
    let said = idp(&["mail", "preview", "--to", place.to_str().unwrap()]).await.well();
    let written = 2 * Letter::samples().len();
    assert!(said.starts_with(&format!("{written} mails")), "{said}");
    let names: Vec<String> =
        std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 3 * written, "{names:?}");
    for letter in Letter::samples() {
        for lang in ["th", "en"] {
            let html = std::fs::read_to_string(place.join(format!("{}.{lang}.html", letter.kind()))).unwrap();
            assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{}", letter.kind());
            let eml = std::fs::read_to_string(place.join(format!("{}.{lang}.eml", letter.kind()))).unwrap();
            assert!(eml.contains("Message-ID: ") && eml.contains("multipart/alternative"), "{eml}");
        }
    }
}

#[tokio::test]
async fn one_mail_is_shown_with_the_sender_of_the_settings() {
    let trial = Trial::new().await;
    let list = idp(&["mail", "preview", "--list"]).await.well();
    assert!(list.lines().any(|line| line == "new_sign_in"), "{list}");
    let shown = trial.idp(&["mail", "preview", "--show", "new_sign_in", "--lang", "th"]).await.well();
    assert!(shown.starts_with("[MOC Account] มีการเข้าสู่ระบบจากอุปกรณ์ใหม่"), "{shown}");
    assert!(shown.contains(&trial.url("")), "the provider's own address: {shown}");
    let refusal = idp(&["mail", "preview", "--show", "nothing"]).await.refusal();
    assert!(refusal.contains("--list"), "{refusal}");
    let refusal = idp(&["mail", "preview", "--list", "--lang", "fr"]).await.refusal();
    assert!(refusal.starts_with("--lang"), "{refusal}");
}
