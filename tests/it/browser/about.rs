//! What somebody chooses to show: words and a picture, and the service that sees them.

use idp_tests::PHOTO;

use super::people::Newcomer;
use super::stage::{Language, Stage};

const EMAIL: &str = "somo@mail.example";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_chooses_what_to_show_in_thai() {
    walk(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_chooses_what_to_show_in_english() {
    walk(Language::English).await;
}

async fn walk(language: Language) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_str().expect("a plain name").to_owned()
    };
    let (photo, letter) = (file("photo.png", PHOTO), file("letter.png", b"Dear all"));
    let stage = Stage::set("about", language).await;
    let newcomer =
        Newcomer { email: EMAIL, name: ["ส้มโอ", "ตัวอย่างดี"], member_type: "public" };
    stage.register(&newcomer).await;
    stage.open(&stage.provider("/profile")).await;
    stage.look("profile-bare").await;
    stage.press("#about").await;
    stage.look("nothing-yet").await;
    stage.put(&[("nickname", "ส้ม"), ("preferred_username", "som o"), ("website", "shop.example")]).await;
    stage.press("#save").await;
    stage.look("faulty").await;
    stage.put(&[("preferred_username", "som.o"), ("website", "https://shop.example/")]).await;
    stage.press("#save").await;
    assert_eq!(stage.value("website").await, "https://shop.example/");
    for (chosen, page) in [(&letter, "no-picture"), (&photo, "picture")] {
        stage.find("#picture").await.send_keys(chosen).await.expect("a file can be chosen");
        stage.press("#save-picture").await;
        stage.look(page).await;
    }
    stage.find("img.portrait").await;
    stage.open(&stage.provider("/profile")).await;
    stage.look("profile").await;
    // A service asks, sees the words on the consent page, and is named here from then on.
    stage.open(&stage.academy("/")).await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/consent");
    assert!(stage.text("main").await.contains("som.o"));
    stage.look("consent").await;
    stage.press("#allow").await;
    stage.find("#who").await;
    stage.open(&stage.provider("/profile/about")).await;
    stage.find("#receivers li").await;
    stage.look("receivers").await;
    stage.press("#remove-picture").await;
    stage.find("#picture").await;
    assert!(!stage.shows("img.portrait").await);
    stage.strike().await;
}
