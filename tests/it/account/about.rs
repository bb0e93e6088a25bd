//! `/profile/about`: members show what they choose to, and nobody has to.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use idp_core::account::Standing;
use idp_core::admin::Role;
use idp_core::audit::Action;
use idp_core::claim::ClaimSet;
use idp_tests::{App, Member, PASSWORD, PHOTO};
use idp_web::{jobs, portrait};
use serde_json::{Value, json};

/// The path of the picture that a member shows.
async fn picture(member: &Member) -> String {
    let name = member.account().await.about.picture.expect("a picture is shown");
    format!("/member-picture/{name}.png")
}

#[tokio::test]
async fn nothing_is_shown_unless_the_member_chose_it() {
    let app = App::start().await;
    let mut ana = app.member("ana").await;
    assert!(ana.account().await.about.is_empty(), "the registration asks for none of it");
    let page = ana.browser.get("/profile").await;
    assert_eq!(page.attribute("#shown a", "href").as_deref(), Some("/profile/about"));
    assert!(page.text("#shown").contains("ยังไม่ได้เลือกแสดงข้อมูลใด"));
    let page = ana.browser.get("/profile/about").await;
    for field in ["nickname", "preferred_username", "profile", "website"] {
        assert_eq!(page.attribute(&format!("#{field}"), "value").as_deref(), Some(""), "{field}");
    }
    // Saved as it is, nothing is written.
    assert_eq!(app.unchanged(ana.show(&[])).await.place(), "/profile/about");
    assert_eq!(app.browser().get("/profile/about").await.place(), "/login");
}

#[tokio::test]
async fn what_is_chosen_is_kept_changed_and_taken_back() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let before = ana.account().await.updated_at;
    app.advance(TimeDelta::seconds(1));
    ana.show_everything().await;
    let page = ana.browser.get("/profile").await;
    for words in ["ส้ม", "som.o", "https://people.example/som", "https://shop.example/"] {
        assert!(page.text("#shown").contains(words), "{words}");
    }
    assert_eq!(page.attribute(".who img", "src"), Some(picture(&ana).await));
    assert!(ana.account().await.updated_at > before);
    ana.show(&[("nickname", "  แสด "), ("website", "HTTPS://Shop.Example/x"), ("profile", "")]).await;
    let about = ana.account().await.about.clone();
    assert_eq!(about.nickname.as_ref().map(|name| name.as_str()), Some("แสด"));
    assert_eq!(about.website.as_ref().map(|page| page.as_str()), Some("https://shop.example/x"));
    assert!(about.profile.is_none() && about.username.is_some() && about.picture.is_some());
    ana.show(&["nickname", "preferred_username", "website"].map(|name| (name, " "))).await;
    let form = ana.browser.get("/profile/about").await.form("/profile/about/picture/remove");
    assert_eq!(ana.browser.submit(form).await.place(), "/profile/about");
    assert!(ana.account().await.about.is_empty());
    let lines = app.store.events_of(ana.id, &[Action::ProfileCorrected], 9).await.unwrap();
    let said: Vec<&str> = lines.iter().rev().filter_map(|line| line.detail.as_deref()).collect();
    let names_alone = [
        r#"{"fields":["nickname","preferred_username","profile","website"]}"#,
        r#"{"fields":["picture"]}"#,
        r#"{"fields":["nickname","profile","website"]}"#,
        r#"{"fields":["nickname","preferred_username","website"]}"#,
        r#"{"fields":["picture"]}"#,
    ];
    assert_eq!(said, names_alone);
}

#[tokio::test]
async fn what_cannot_be_shown_says_why_and_is_kept_as_typed() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for (field, value) in [
        ("nickname", "<script>"),
        ("nickname", "ส้ม 1000000000017"),
        ("nickname", "12"),
        ("preferred_username", "ana@mail.example"),
        ("preferred_username", "Admin"),
        ("preferred_username", "ส้ม"),
        ("profile", "javascript:alert(1)"),
        ("profile", "http://people.example/"),
        ("website", "https://127.0.0.1/"),
        ("website", "https://som:secret@shop.example/"),
        ("website", "shop.example"),
    ] {
        let page = app.unchanged(ana.show(&[(field, value)])).await;
        assert_eq!(page.status, 422, "{field}: {value}");
        assert!(page.has(&format!("#{field}-error")), "{field}: {}", page.text("main"));
        assert_eq!(page.attribute(&format!("#{field}"), "value").as_deref(), Some(value));
    }
    // Everything wrong is told at once, in the order of the form.
    let page = ana.show(&["website", "profile", "preferred_username", "nickname"].map(|name| (name, "<>"))).await;
    let links = page.attributes("#error-summary a", "href");
    assert_eq!(links, ["#nickname", "#preferred_username", "#profile", "#website"]);
    for (name, value) in [("picture", "x"), ("sub", "x"), ("email", "other@mail.example"), ("citizen_id", "1")] {
        let page = app.unchanged(ana.show(&[("nickname", "ส้ม"), (name, value)])).await;
        assert_eq!(page.status, 400, "{name} is not on the form");
    }
}

#[tokio::test]
async fn a_picture_is_drawn_anew_and_served_from_an_address_that_names_nobody() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.show_picture(PHOTO).await;
    let first = picture(&ana).await;
    let reply = app.get(&first).await.expect(200);
    for (name, value) in [
        ("content-type", "image/png"),
        ("cache-control", "private, max-age=300"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, noimageindex"),
        ("set-cookie", ""),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
    let name = ana.account().await.about.picture.unwrap();
    let (whose, png) = app.store.member_picture(&name).await.unwrap().unwrap();
    assert_eq!(whose, ana.id);
    assert!(png.starts_with(b"\x89PNG") && png != PHOTO);
    let side = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    assert_eq!(side(16), side(20), "a square");
    assert!(side(16) <= portrait::DRAWING.side);
    assert!(!first.contains(&ana.id.to_string()) && first.len() == "/member-picture/.png".len() + 32);
    for other in [
        first.replace(".png", ""),
        first.to_uppercase(),
        format!("/member-picture/{}.png", ana.id),
        "/member-picture/x".to_owned(),
        format!("/member-picture/{}.png", "0".repeat(32)),
    ] {
        app.get(&other).await.expect(404);
    }
    // The same file again is another picture: the old address is gone.
    ana.show_picture(PHOTO).await;
    let second = picture(&ana).await;
    assert_ne!(first, second);
    app.get(&first).await.expect(404);
    app.get(&second).await.expect(200);
    // Words do not touch it, and it goes with a press.
    ana.show(&[("nickname", "ส้ม")]).await;
    app.get(&second).await.expect(200);
    let form = ana.browser.get("/profile/about").await.form("/profile/about/picture/remove");
    ana.browser.submit(form).await;
    app.get(&second).await.expect(404);
    assert_eq!(app.store.row_count("member_pictures").await.unwrap(), 0);
}

#[tokio::test]
async fn s092_what_is_no_picture_is_told_so_and_changes_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let script = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let too_long = vec![0; portrait::DRAWING.longest + 1];
    for (file, why) in [
        (&b""[..], "กรุณาเลือกไฟล์รูปก่อน"),
        (script, "ไม่ใช่ PNG หรือ JPEG"),
        (&PHOTO[..PHOTO.len() / 4], "ไฟล์อาจเสียหาย"),
        (&too_long, "ไม่เกิน 5 MB"),
    ] {
        let page = app.unchanged(ana.show_picture(file)).await;
        assert_eq!(page.status, 422);
        assert!(page.text("#picture-error").contains(why), "{}", page.text("main"));
    }
    // Longer than is read at all.
    let page = app.unchanged(ana.show_picture(&vec![0; portrait::LONGEST_BODY])).await;
    page.expect_error(413, "too_large");
}

#[tokio::test]
async fn pictures_are_not_drawn_without_end() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for _ in 0..20 {
        assert_eq!(ana.show_picture(b"").await.status, 422);
    }
    assert_eq!(app.unchanged(ana.show_picture(PHOTO)).await.status, 429);
    let mut ben = app.insert_member("ben").await;
    assert_eq!(ben.show_picture(PHOTO).await.place(), "/profile/about");
}

#[tokio::test]
async fn the_page_names_the_services_that_will_be_told() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid email")).await;
    let told = async |ana: &mut Member| ana.browser.get("/profile/about").await.texts("#receivers li");
    assert_eq!(told(&mut ana).await, [""; 0]);
    rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid profile")).await;
    assert_eq!(told(&mut ana).await, ["บริการทดสอบ"]);
}

#[tokio::test]
async fn the_consent_page_says_what_would_be_sent_and_so_does_the_receipt() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.show_everything().await;
    let rp = app.client("rp").await;
    let page = ana.browser.get(&rp.ask().with("scope", "openid profile").path()).await;
    assert_eq!(page.place(), "/consent");
    let said = page.text("main");
    for words in
        ["ชื่อเล่น", "ชื่อผู้ใช้", "รูปประจำตัว", "หน้าเว็บ", "ส้ม", "som.o", "https://people.example/som", "https://shop.example/"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    let page = ana.browser.get("/profile/services/receipt?number=1").await;
    assert!(page.text("main").contains("ข้อมูลที่เลือกแสดง (ชื่อเล่น ชื่อผู้ใช้ รูปประจำตัว หน้าเว็บ เว็บไซต์)"));
    // Asked for one by one, each has its own line, with nothing but itself.
    let by_name = app.client("by-name").await;
    let wish =
        json!({ "userinfo": { "nickname": null, "picture": null, "website": null, "preferred_username": null } });
    let ask = by_name.ask().with("scope", "openid").with("claims", &wish.to_string());
    let page = ana.browser.get(&ask.path()).await;
    let said = page.text("main");
    for words in ["ชื่อเล่น", "ส้ม", "รูปประจำตัวของท่าน", "หน้าเว็บและเว็บไซต์", "https://shop.example/", "som.o"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("https://people.example/som"), "which was not asked for: {said}");
}

#[tokio::test]
async fn a_claim_is_given_by_name_where_it_was_asked_for() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut ben = app.insert_member("ben").await;
    ana.show_everything().await;
    let rp = app.client("rp").await;
    let address = app.url(&picture(&ana).await);
    let names: Vec<&str> = ClaimSet::chosen().iter().map(|claim| claim.as_str()).collect();
    assert_eq!(names.len(), 5);
    for name in names {
        let expected = match name {
            "nickname" => "ส้ม",
            "preferred_username" => "som.o",
            "profile" => "https://people.example/som",
            "website" => "https://shop.example/",
            _ => address.as_str(),
        };
        // A value that is not the member's is no error (OpenID Connect Core §5.5.1).
        for wish in [Value::Null, json!({ "essential": true }), json!({ "value": "another" })] {
            let claims = json!({ "userinfo": { name: wish }, "id_token": { name: wish } });
            let ask = || rp.ask().with("scope", "openid").with("claims", &claims.to_string());
            let tokens = rp.sign_in_with(&mut ana, ask()).await;
            assert_eq!(
                (&tokens.id.claims[name], &rp.claims(&tokens).await[name]),
                (&json!(expected), &json!(expected))
            );
            let tokens = rp.sign_in_with(&mut ben, ask()).await;
            assert!(tokens.id.claims.get(name).is_none() && rp.claims(&tokens).await.get(name).is_none(), "{name}");
        }
    }
    // A client that may not use the scope hears nothing.
    let poor = app.client("poor").scopes("openid email").await;
    let wish = json!({ "userinfo": { "nickname": { "essential": true } }, "id_token": { "picture": null } });
    let tokens =
        poor.sign_in_with(&mut ana, poor.ask().with("scope", "openid").with("claims", &wish.to_string())).await;
    assert!(tokens.id.claims.get("picture").is_none() && poor.claims(&tokens).await.get("nickname").is_none());
}

#[tokio::test]
async fn nothing_of_it_is_ever_called_verified() {
    let app = App::start().await;
    let mut bo = app.insert_permanent("bo").await;
    bo.show_everything().await;
    let rp = app.client("rp").await;
    let claims: Value = ClaimSet::chosen().iter().map(|claim| (claim.as_str().to_owned(), Value::Null)).collect();
    for wanted in [claims.clone(), json!({ "given_name": null, "nickname": null, "picture": null })] {
        let verified = json!({ "verification": { "trust_framework": null }, "claims": wanted });
        let place = json!({ "verified_claims": verified });
        let wish = json!({ "userinfo": place, "id_token": place }).to_string();
        let tokens = rp.sign_in_with(&mut bo, rp.ask().with("scope", "openid").with("claims", &wish)).await;
        for told in [&rp.claims(&tokens).await, &tokens.id.claims] {
            let verified = told["verified_claims"]["claims"].as_object();
            assert!(verified.is_none_or(|claims| claims.keys().eq(["given_name"])), "{told}");
            assert!(ClaimSet::chosen().iter().all(|claim| told.get(claim.as_str()).is_none()), "{told}");
        }
    }
    let supported = app.get("/.well-known/openid-configuration").await.json();
    for claim in ClaimSet::chosen().iter() {
        let listed = |member: &str| supported[member].as_array().unwrap().contains(&json!(claim.as_str()));
        assert!(listed("claims_supported") && !listed("claims_in_verified_claims_supported"), "{}", claim.as_str());
    }
}

#[tokio::test]
async fn the_copy_of_ones_data_holds_all_of_it() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    ana.show_everything().await;
    let page = ana.browser.get("/profile/data").await;
    let page = ana.browser.submit(page.form("/profile/data/download")).await;
    let data: Value = serde_json::from_str(&page.html).unwrap();
    let name = ana.account().await.about.picture.unwrap();
    let about = json!({
        "nickname": "ส้ม", "username": "som.o", "profile": "https://people.example/som",
        "website": "https://shop.example/", "picture": name.to_string(),
    });
    assert_eq!(data["account"][0]["about"], about);
    assert_eq!(data["picture"][0]["name"], name.to_string());
    assert!(data["picture"][0]["png"].as_str().unwrap().starts_with("iVBORw0KGgo"), "a PNG in base64");
    let page = ana.browser.get("/profile/data/all").await;
    for words in ["ส้ม", "som.o", "https://people.example/som", &app.url(&picture(&ana).await)] {
        assert!(page.text("main").contains(words), "{words}");
    }
}

#[tokio::test]
async fn an_account_that_is_not_served_shows_nothing_and_an_erased_one_has_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    ana.show_everything().await;
    let path = picture(&ana).await;
    let page = ana.browser.get("/profile/restrict").await;
    ana.browser.submit(page.form("/profile/restrict")).await;
    app.get(&path).await.expect(404);
    ana.sign_in().await;
    assert_eq!(ana.browser.get("/profile/about").await.place(), "/profile");
    let page = ana.browser.get("/profile/restrict").await;
    ana.browser.submit(page.form("/profile/restrict/lift")).await;
    app.get(&path).await.expect(200);
    app.store.suspend(ana.id, "a test", app.now(), &[], &[]).await.unwrap();
    assert!(matches!(ana.account().await.standing, Standing::Suspended { .. }));
    app.get(&path).await.expect(404);
    // A temporary membership that has ended is served nothing either.
    let mut ben = app.insert_member("ben").await;
    ben.show_picture(PHOTO).await;
    let path = picture(&ben).await;
    app.advance(TimeDelta::days(61));
    app.get(&path).await.expect(404);
    let mut chai = app.insert_member("chai").await;
    chai.show_everything().await;
    let path = picture(&chai).await;
    let page = chai.browser.get("/profile/delete").await;
    let page = chai.browser.submit(page.form("/profile/delete").with("password", PASSWORD)).await;
    assert!(page.has("#deletion-scheduled"), "{}", page.text("main"));
    app.get(&path).await.expect(404);
    let before = app.store.row_count("member_pictures").await.unwrap();
    app.advance(TimeDelta::days(31));
    jobs::tend(app.provider()).await.unwrap();
    assert!(app.store.account(chai.id).await.unwrap().is_none());
    assert_eq!(app.store.row_count("member_pictures").await.unwrap(), before - 2, "hers, and of one never verified");
    app.get(&path).await.expect(404);
}

#[tokio::test]
async fn officers_see_no_more_than_they_can_take_away() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    for role in [Role::SupportOfficer, Role::VerificationOfficer] {
        let mut officer = app.insert_staff(role.as_str(), role, None).await;
        let path = format!("/admin/members/{}", ana.id);
        let mut seen = async || {
            let page = officer.browser.get(&path).await;
            let page = officer.browser.submit(page.form(&format!("{path}/open")).with("reason", "case 12/2026")).await;
            assert_eq!((page.status.as_u16(), page.place()), (200, path.as_str()));
            page.html
        };
        seen().await;
        ana.show_everything().await;
        let html = seen().await;
        let may = role == Role::SupportOfficer;
        for private in ["ส้ม", "som.o", "people.example", "shop.example", "/member-picture/"] {
            assert_eq!(html.contains(private), may, "{private} for {role:?}");
        }
    }
}

#[tokio::test]
async fn the_old_dialect_says_what_it_always_said() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let until = app.now() + TimeDelta::days(30);
    let rp = app.client("1234567890123").secret_in_body().with(|draft| draft.legacy_until = Some(until)).await;
    let tokens = rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid profile email organization")).await;
    let resource = async || {
        let request = Request::get("/auth/resource").header(header::AUTHORIZATION, format!("Bearer {}", tokens.access));
        app.send(request.body(Body::empty()).unwrap()).await.expect(200).body
    };
    let before = resource().await;
    ana.show_everything().await;
    assert_eq!(resource().await, before);
}
