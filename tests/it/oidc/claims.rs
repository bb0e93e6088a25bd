//! Which claims travel under which scope, and where (design: "What a service receives").

use std::collections::BTreeSet;

use idp_core::account::{Account, MemberType, PersonnelType, Sex};
use idp_core::thai::BuddhistDate;
use idp_tests::App;
use serde_json::{Value, json};

const PROTOCOL: [&str; 11] = ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"];

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    names.into_iter().collect()
}

#[tokio::test]
async fn each_scope_gives_its_own_claims_and_no_other() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let membership = ["member_type", "membership", "membership_expires_at", "verified_badge"];
    for (scope, in_id_token, at_userinfo) in [
        ("openid", &[][..], &[][..]),
        ("membership", &membership[..], &membership[..]),
        (
            "profile",
            &[][..],
            &[
                "birthdate",
                "family_name",
                "family_name#en",
                "family_name#th",
                "gender",
                "given_name",
                "given_name#en",
                "given_name#th",
                "locale",
                "name",
                "name#en",
                "name#th",
                "title",
                "updated_at",
                "zoneinfo",
            ][..],
        ),
        ("email", &[][..], &["email", "email_verified"][..]),
        ("phone", &[][..], &["phone_number", "phone_number_verified"][..]),
        ("organization", &[][..], &["department", "organization", "personnel_type", "position"][..]),
    ] {
        let tokens = rp.sign_in_with(&mut ana, rp.ask().with("scope", &format!("openid {scope}"))).await;
        let expected = set(PROTOCOL.into_iter().chain(in_id_token.iter().copied()));
        assert_eq!(names(&tokens.id.claims), expected, "{scope} in the ID token");
        let claims = rp.claims(&tokens).await;
        assert_eq!(names(&claims), set(at_userinfo.iter().copied().chain(["sub"])), "{scope} at userinfo");
    }
}

#[tokio::test]
async fn claims_say_what_the_member_said() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let mut claims = {
        let tokens = rp.sign_in(&mut ana).await;
        rp.claims(&tokens).await
    };
    let now = app.now().timestamp();
    let account = ana.account().await;
    let end = account.tokens_end_at().expect("temporary").timestamp();
    claims.as_object_mut().expect("an object").remove("sub");
    assert_eq!(
        claims,
        json!({
            "membership": "temporary",
            "membership_expires_at": end,
            "verified_badge": false,
            "member_type": "public",
            "name": "สมหญิง ทดสอบระบบ",
            "name#th": "สมหญิง ทดสอบระบบ",
            "name#en": "Somying Thotsoprabop",
            "given_name": "สมหญิง",
            "given_name#th": "สมหญิง",
            "given_name#en": "Somying",
            "family_name": "ทดสอบระบบ",
            "family_name#th": "ทดสอบระบบ",
            "family_name#en": "Thotsoprabop",
            "title": "นาง",
            "gender": "female",
            "birthdate": "1990-05-20",
            "zoneinfo": "Asia/Bangkok",
            "locale": "th",
            "updated_at": now,
            "email": "ana@mail.example",
            "email_verified": true,
            "phone_number": "+66812345678",
            "phone_number_verified": false,
            "personnel_type": "outside",
            "organization": "ร้านตัวอย่าง",
            "department": "ฝ่ายขาย",
            "position": "ผู้จัดการ",
        })
    );
}

#[tokio::test]
async fn what_is_not_known_is_absent_and_never_null_or_empty() {
    let app = App::start().await;
    let bare = |account: &mut Account| {
        let profile = &mut account.profile;
        (profile.first_name_en, profile.last_name_en, profile.phone) = (None, None, None);
        profile.sex = Sex::Unspecified;
        profile.birth_date = BuddhistDate::from_registry_form("25380000").unwrap();
        for field in [&mut profile.organization, &mut profile.department, &mut profile.position] {
            field.clear();
        }
        account.language = None;
    };
    let mut ana = app.insert_member_with("ana", bare).await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let claims = rp.claims(&tokens).await;
    for claims in [&claims, &tokens.id.claims] {
        for (name, value) in claims.as_object().expect("an object") {
            let empty = value.is_null() || value == "" || value == "null" || value == &json!([]) || value == &json!({});
            assert!(!empty, "{name} is {value}");
        }
    }
    for absent in ["name#en", "given_name#en", "gender", "phone_number", "phone_number_verified", "organization"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
    // Day and month unknown: the year alone (OpenID Connect Core §5.1), never the first of January.
    assert_eq!(claims["birthdate"], "1995");
}

#[tokio::test]
async fn a_birth_month_without_its_day_gives_the_year_alone() {
    let app = App::start().await;
    let month = |account: &mut Account| {
        account.profile.birth_date = BuddhistDate::from_registry_form("25420700").unwrap();
    };
    let mut ana = app.insert_member_with("ana", month).await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(rp.claims(&tokens).await["birthdate"], "1999");
}

#[tokio::test]
async fn staff_and_permanent_members_are_named_as_such() {
    let app = App::start().await;
    let staff = |account: &mut Account| {
        account.member_type = MemberType::Staff;
        account.profile.personnel_type = PersonnelType::Inside;
    };
    let mut ana = app.insert_member_with("ana", staff).await;
    app.promote(&ana).await;
    let rp = app.client("rp").await;
    let tokens = rp.sign_in(&mut ana).await;
    let claims = rp.claims(&tokens).await;
    for claims in [&claims, &tokens.id.claims] {
        assert_eq!(claims["member_type"], "staff");
        assert_eq!(claims["membership"], "permanent");
        assert_eq!(claims["verified_badge"], true);
        assert!(claims.get("membership_expires_at").is_none());
    }
    assert_eq!(claims["personnel_type"], "inside");
}

#[tokio::test]
async fn the_claims_of_an_id_token_are_of_the_right_kind() {
    let app = App::start().await;
    for rp in [app.client("es").await, app.client("rs").rs256().await, app.client("spa").public().await] {
        let mut ana = app.insert_member(&format!("ana-{}", rp.id())).await;
        let tokens = rp.sign_in(&mut ana).await;
        let id = &tokens.id;
        assert_eq!(id.claims["aud"], rp.id());
        assert_eq!((id.number("iat"), id.number("exp")), (app.now().timestamp(), app.now().timestamp() + 300));
        assert_eq!(id.number("auth_time"), app.now().timestamp());
        assert_eq!(id.claims["amr"], json!(["pwd"]));
        let sub = id.text("sub");
        assert!((1..=255).contains(&sub.len()) && sub.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(!id.text("sid").is_empty() && !id.text("acr").is_empty());
        assert_ne!(sub, ana.id.to_string(), "the account's own id stays here");
    }
}

#[tokio::test]
async fn sub_is_the_same_at_every_sign_in_and_after_a_restart() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    let app = app.restart().await;
    let rp = rp.at(&app);
    let mut elsewhere = ana.elsewhere();
    elsewhere.browser.visit(&app);
    let second = rp.sign_in(&mut elsewhere).await;
    assert_eq!(first.id.text("sub"), second.id.text("sub"));
    assert_ne!(first.id.text("sid"), second.id.text("sid"));
}

#[tokio::test]
async fn two_members_never_share_a_sub() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut subs = BTreeSet::new();
    for name in ["ana", "bo", "chai", "dao"] {
        let mut member = app.insert_member(name).await;
        subs.insert(rp.sign_in(&mut member).await.id.text("sub").to_owned());
    }
    assert_eq!(subs.len(), 4);
}
