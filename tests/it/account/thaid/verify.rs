//! Verifying through ThaID: the same rules as through the registry, and its own level as evidence.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Membership, VerificationMethod};
use idp_core::admin::Role;
use idp_tests::{App, Letter, Member, Page};
use idp_web::demo::thaid::{Choice, Fault};
use serde_json::json;

use super::{NUMBER, answer, by_thaid, leave, person, start};

const VERIFY: &str = "/thaid/begin?for=verify";

async fn verify(member: &mut Member, number: &str) -> Page {
    by_thaid(&mut member.browser, VERIFY, &person(number)).await
}

async fn ends(member: &Member) -> DateTime<Utc> {
    match member.account().await.account.membership {
        Membership::Temporary { expires_at } => expires_at,
        Membership::Permanent { .. } => panic!("permanent"),
    }
}

#[tokio::test]
async fn a_temporary_member_becomes_permanent_with_thaids_level_as_evidence() {
    let app = start().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    let page = ana.browser.get("/verify").await;
    let page = ana.browser.get(&page.attribute("#verify-thaid", "href").expect("ThaID is offered")).await;
    assert!(page.text(".account").contains(&ana.email), "S068: the page names the account");
    let path = page.attribute("#go-to-thaid", "href").unwrap();
    let page = by_thaid(&mut ana.browser, &path, &person(NUMBER)).await;
    assert_eq!(page.place(), "/verify/done");
    assert!(page.text("main").contains("ThaID"), "{}", page.text("main"));
    let account = ana.account().await;
    let badge = account.badge().expect("permanent");
    assert_eq!((badge.method, badge.ial.as_str()), (VerificationMethod::Thaid, "2.3"));
    assert!(badge.reference.starts_with("thaid:"), "{}", badge.reference);
    assert_eq!(account.profile.full_name(), "สมชาย ใจดีตัวอย่าง");
    assert_eq!(account.profile.birth_date.registry_form(), "25330520");
    let identity = app.store.identity(ana.id).await.unwrap().unwrap();
    assert_eq!(identity.number.digits(), NUMBER);
    // The next token carries the badge.
    let refreshed = rp.refreshed(&tokens).await;
    assert_eq!(refreshed.id.claims["verified_badge"], json!(true));
    // S119: the owner is told how and when, with a way to object.
    let letters = app.letters_to(&ana.email).await;
    let told =
        letters.iter().any(|letter| matches!(letter, Letter::Verified { method_key, .. } if method_key == "thaid"));
    assert!(told, "{letters:?}");
    // And from now on ThaID signs in.
    let mut elsewhere = app.browser();
    assert_eq!(super::sign_in(&mut elsewhere, NUMBER).await.place(), "/profile");
}

#[tokio::test]
async fn on_the_way_to_a_service_for_permanent_members_it_leads_back_to_it() {
    let app = start().await;
    let rp = app.client("rp").permanent_only().first_party().await;
    let mut ana = app.insert_member("ana").await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    page.expect_at("/verify");
    let page = ana.browser.get(&page.attribute("#verify-thaid", "href").unwrap()).await;
    let path = page.attribute("#go-to-thaid", "href").unwrap();
    let page = by_thaid(&mut ana.browser, &path, &person(NUMBER)).await;
    assert_eq!(page.place(), "/verify/done");
    let page = ana.browser.get(&page.attribute("#continue", "href").unwrap()).await;
    let code = idp_tests::Answer::of(&page).code().to_owned();
    let tokens = rp.read(rp.exchange(&ask, &code).await, Some(ask.get("nonce").unwrap())).await;
    assert_eq!(tokens.id.claims["membership"], "permanent");
}

#[tokio::test]
async fn s118_the_level_is_thaids_own_and_never_above_what_it_can_know() {
    for (fault, level) in [(Fault::None, "2.3"), (Fault::LevelAsNumber, "2.3"), (Fault::HighestLevel, "2.3")] {
        let app = start().await;
        app.thaid().set_fault(fault);
        let mut ana = app.insert_member("ana").await;
        assert_eq!(verify(&mut ana, NUMBER).await.place(), "/verify/done", "{fault:?}");
        assert_eq!(ana.account().await.badge().unwrap().ial, level, "{fault:?}");
    }
    let app = App::start_with_thaid(|config| config.thaid.least_ial = "1.3".to_owned()).await;
    let mut ana = app.insert_member("ana").await;
    verify(&mut ana, "1000000000050").await.expect_error(403, "thaid_not_enough");
    app.thaid().set_fault(Fault::NoLevel);
    verify(&mut ana, NUMBER).await.expect_error(403, "thaid_not_enough");
    assert!(ana.account().await.badge().is_none());
}

#[tokio::test]
async fn what_thaid_does_not_say_is_never_assumed() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    for fault in [Fault::NoBirthDate, Fault::NoNumber, Fault::OtherNonce, Fault::Forged] {
        app.thaid().set_fault(fault);
        verify(&mut ana, NUMBER).await.expect_error(400, "thaid_refused");
        assert!(ana.account().await.badge().is_none(), "{fault:?}");
    }
    app.thaid().set_fault(Fault::BuddhistBirthDate);
    assert_eq!(verify(&mut ana, "2000000000015").await.place(), "/verify/done");
    assert_eq!(ana.account().await.profile.birth_date.registry_form(), "25420700", "never the first of a month");
}

#[tokio::test]
async fn s098_a_number_of_another_account_changes_neither_and_its_holder_hears_of_it() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    assert_eq!(verify(&mut ana, NUMBER).await.place(), "/verify/done");
    let mut ben = app.insert_member("ben").await;
    let page = verify(&mut ben, NUMBER).await;
    assert_eq!((page.status.as_u16(), page.has("#verification-stopped")), (409, true), "{}", page.text("main"));
    assert!(ben.account().await.badge().is_none());
    assert!(ana.account().await.badge().is_some());
    let letters = app.letters_to(&ana.email).await;
    assert!(letters.iter().any(|letter| letter.kind() == "number_presented"), "{letters:?}");
    assert_eq!(app.store.row_count("reviews").await.unwrap(), 1, "an officer looks");
    // ThaID still opens the account that has the number, and no other.
    let mut browser = app.browser();
    super::sign_in(&mut browser, NUMBER).await;
    assert!(browser.get("/profile").await.text("main").contains(&ana.email));
}

#[tokio::test]
async fn tries_are_limited_as_they_are_at_the_registry() {
    let app = App::start_with_thaid(|config| config.verification.per_account_per_day = 2).await;
    let mut ana = app.insert_member("ana").await;
    verify(&mut ana, NUMBER).await;
    let mut ben = app.insert_member("ben").await;
    for status in [409, 409, 429] {
        assert_eq!(verify(&mut ben, NUMBER).await.status, status);
    }
    assert_eq!(verify(&mut ben, "1000000000025").await.status, 429, "whoever's number it is");
}

#[tokio::test]
async fn who_is_too_young_or_has_another_kind_of_number_is_told_so() {
    let app = App::start_with_thaid(|config| config.verification.minimum_age_years = 15).await;
    let mut ana = app.insert_member("ana").await;
    let page = verify(&mut ana, "1000000000076").await;
    assert_eq!((page.status.as_u16(), page.has("#verification-stopped")), (422, true), "{}", page.text("main"));
    verify(&mut ana, "9000000000012").await.expect_error(403, "thaid_not_enough");
    assert!(ana.account().await.badge().is_none());
    assert_eq!(app.store.row_count("verification_cases").await.unwrap(), 0, "neither is a try");
}

#[tokio::test]
async fn s104_an_outage_is_no_try_and_ends_nobodys_membership() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    // The evening of the last day in Bangkok.
    app.clock().set("2027-01-01T15:00:00Z".parse().unwrap());
    ana.sign_in().await;
    app.thaid().set_fault(Fault::TokensDown);
    let page = verify(&mut ana, NUMBER).await;
    assert_eq!((page.status.as_u16(), page.has("#verification-stopped")), (503, true), "{}", page.text("main"));
    assert_eq!(page.headers["retry-after"], "30");
    assert_eq!(ends(&ana).await, "2027-01-02T16:59:59.999Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(app.store.row_count("verification_cases").await.unwrap(), 0);
    app.thaid().set_fault(Fault::None);
    assert_eq!(verify(&mut ana, NUMBER).await.place(), "/verify/done");
}

#[tokio::test]
async fn s106_an_answer_counts_for_the_member_and_the_session_that_asked() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let url = leave(&mut ana.browser, VERIFY).await;
    // Another member signs in in this browser meanwhile.
    ana.sign_out().await;
    let ben = app.insert_member("ben").await;
    let page = ana.browser.get("/login").await;
    let form = page.form("/login").with("username", &ben.email).with("password", &ben.password);
    assert_eq!(ana.browser.submit(form).await.place(), "/profile");
    let back = answer(&app, &url, &person(NUMBER));
    ana.browser.get(&back).await;
    assert!(ana.account().await.badge().is_none() && ben.account().await.badge().is_none());
    assert_eq!(app.store.row_count("identities").await.unwrap(), 0);
    // Nor for a sign-in when it was asked for to verify, or the other way round: the errand is ours, not the URL's.
    let mut cat = app.insert_member("cat").await;
    let url = leave(&mut cat.browser, "/thaid/begin?for=sign-in").await;
    let back = answer(&app, &url, &person(NUMBER));
    cat.browser.get(&format!("{back}&for=verify")).await;
    assert!(cat.account().await.badge().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_accounts_that_bring_one_number_at_once_one_becomes_permanent() {
    let app = App::start_with_thaid(|config| config.verification.per_number_per_day = 100).await;
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..10 {
        let mut member = app.insert_member(&format!("member{number}")).await;
        let url = leave(&mut member.browser, VERIFY).await;
        let back = answer(&app, &url, &person(NUMBER));
        tries.spawn(async move {
            let done = member.browser.get(&back).await.place() == "/verify/done";
            assert_eq!(done, member.account().await.badge().is_some());
            done
        });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|done| *done).count(), 1);
    assert_eq!(app.store.row_count("identities").await.unwrap(), 1);
}

#[tokio::test]
async fn a_permanent_member_renews_name_and_level_through_thaid_for_their_own_number_alone() {
    let app = start().await;
    let mut ana = app.insert_member("ana").await;
    let citizen = app.promote(&ana).await;
    assert_eq!(ana.account().await.badge().unwrap().ial, "1.2");
    let page = ana.browser.get("/verify/renew").await;
    let path = page.attribute("#renew-thaid", "href").expect("ThaID is offered");
    let page = by_thaid(&mut ana.browser, &path, &person("1000000000025")).await;
    assert_eq!((page.status.as_u16(), page.has("#verification-stopped")), (422, true), "{}", page.text("main"));
    assert_eq!(ana.account().await.badge().unwrap().ial, "1.2");
    assert_eq!(by_thaid(&mut ana.browser, &path, &person(citizen.number)).await.place(), "/profile");
    let account = ana.account().await;
    let badge = account.badge().unwrap();
    assert_eq!((badge.method, badge.ial.as_str()), (VerificationMethod::Thaid, "2.3"));
    assert_eq!(app.store.row_count("former_badges").await.unwrap(), 1, "what there was before is kept");
    // Confirmed by the card alone again, the level is that of the card again.
    app.advance(TimeDelta::minutes(1));
    let page = ana.browser.get("/verify/renew").await;
    ana.browser.submit(idp_tests::filled_card(page.form("/verify/renew"), citizen)).await;
    let account = ana.account().await;
    let badge = account.badge().unwrap();
    assert_eq!((badge.method, badge.ial.as_str()), (VerificationMethod::CivilRegistry, "1.2"));
    // Another name waits for an officer, by ThaID as by the card, and keeps the way and the level it came by.
    app.advance(TimeDelta::minutes(1));
    let married =
        Choice::Renamed { number: citizen.number.to_owned(), last: "แต่งงานแล้ว".to_owned() };
    let page = by_thaid(&mut ana.browser, &path, &married).await;
    assert!(page.place() == "/profile" && page.has("#review"), "{}", page.text("main"));
    assert_ne!(ana.account().await.profile.last_name.as_str(), "แต่งงานแล้ว");
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let page = officer.browser.get("/admin/reviews").await;
    let href = page.attributes("#reviews .review-row", "href").remove(0);
    let page = officer.browser.get(&href).await;
    let page = officer.browser.submit(page.form(&format!("{href}/take"))).await;
    let form = page.form(&format!("{href}/approve")).with("reason", "saw the certificate, case 3/2026");
    officer.browser.submit(form).await;
    let account = ana.account().await;
    let badge = account.badge().unwrap();
    assert_eq!((badge.method, badge.ial.as_str()), (VerificationMethod::Thaid, "2.3"));
    assert_eq!(account.profile.last_name.as_str(), "แต่งงานแล้ว");
}
