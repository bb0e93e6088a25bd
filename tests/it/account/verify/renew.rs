//! `/verify/renew`: another name after marriage, and what happens when the register says that the holder has died.

use chrono::TimeDelta;
use idp_core::account::{Badge, CaseOutcome, Standing, VerificationCase, VerificationMethod, VerifiedIdentity};
use idp_core::admin::Role;
use idp_core::audit::Action;
use idp_core::id::CaseId;
use idp_core::thai::ThaiName;
use idp_store::{CaseLimits, PromotionOrder, Word};
use idp_tests::{App, Letter, Member, Page, filled_card};
use idp_verify::registry::SampleCitizen;

use super::citizen;

/// A member who became permanent long ago with the number of `citizen`, under the surname of then.
async fn permanent(app: &App, citizen: &SampleCitizen, surname: &str) -> Member {
    let member = app.insert_member("ana").await;
    let now = app.now();
    let card = citizen.card().unwrap();
    let case = VerificationCase {
        id: CaseId::make(&*app.chance),
        account_id: member.id,
        method: VerificationMethod::CivilRegistry,
        outcome: CaseOutcome::Asked,
        opened_at: now,
        closed_at: None,
    };
    let limits = CaseLimits { per_account: 5, per_number: 5, per_origin: 50, since: now - TimeDelta::days(1) };
    app.store.open_case(&case, app.vault.number_index(&card.number), "192.0.2.1", limits, &[]).await.unwrap();
    let identity = VerifiedIdentity {
        number: card.number,
        first_name: card.first_name,
        last_name: ThaiName::parse(surname).unwrap(),
        birth_date: card.birth_date,
    };
    let badge = Badge { method: case.method, ial: "1.2".to_owned(), reference: "of then".to_owned(), at: now };
    let order = PromotionOrder {
        case_id: case.id,
        account_id: member.id,
        identity: &identity,
        badge: &badge,
        since: now,
        links: &[],
        held_events: &[],
        held_mails: &[],
        word: Word::Registry { held: None },
    };
    app.store.promote(order, now, &[], &[]).await.unwrap();
    app.advance(TimeDelta::minutes(1));
    member
}

async fn renew(member: &mut Member, citizen: &SampleCitizen) -> Page {
    let page = member.browser.get("/verify/renew").await;
    member.browser.submit(filled_card(page.form("/verify/renew"), citizen)).await
}

/// The one review that waits, taken by `officer` and decided by `deed` with these fields.
async fn decided(officer: &mut Member, deed: &str, fields: &[(&str, &str)]) -> Page {
    let page = officer.browser.get("/admin/reviews").await;
    let hrefs = page.attributes("#reviews .review-row", "href");
    assert_eq!(hrefs.len(), 1);
    let page = officer.browser.get(&hrefs[0]).await;
    let page = officer.browser.submit(page.form(&format!("{}/take", hrefs[0]))).await;
    let mut form = page.form(&format!("{}/approve", hrefs[0]));
    form.action = format!("{}/{deed}", hrefs[0]);
    officer.browser.submit(fields.iter().fold(form, |form, (name, value)| form.with(name, value))).await
}

#[tokio::test]
async fn another_name_waits_for_an_officer_and_the_evidence_before_is_kept() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let who = citizen("1000000000017");
    let mut ana = permanent(&app, who, "นามสกุลเดิม").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(rp.claims(&tokens).await["family_name"], "นามสกุลเดิม");
    let page = renew(&mut ana, who).await;
    assert_eq!(page.place(), "/profile", "{}", page.text("main"));
    assert!(page.text("#review").contains("การเปลี่ยนชื่อ"), "{}", page.text("#review"));
    // Until somebody has looked, name, badge and what services receive are those of before.
    let account = ana.account().await;
    assert_eq!(account.profile.last_name.as_str(), "นามสกุลเดิม");
    assert_eq!(account.badge().unwrap().reference, "of then");
    assert_eq!(rp.claims(&tokens).await["family_name"], "นามสกุลเดิม");
    assert_eq!(app.store.row_count("former_badges").await.unwrap(), 0);
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.last(), Some(Letter::ReviewOpened { permanent: true, .. })));
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let page = officer.browser.get("/admin/reviews").await;
    let page = officer.browser.get(&page.attributes("#reviews .review-row", "href")[0]).await;
    let (before, now) = (page.text("#before"), page.text("#evidence"));
    assert!(before.contains("นามสกุลเดิม") && now.contains(who.last), "{before} {now}");
    assert!(before.contains("x-xxxx") && !page.html.contains(who.number), "the number stays masked");
    let page = decided(&mut officer, "approve", &[("reason", "saw the certificate, case 3/2026")]).await;
    assert_eq!(page.place(), "/admin/reviews", "{}", page.text("main"));
    let account = ana.account().await;
    assert_eq!(account.profile.last_name.as_str(), who.last);
    let badge = account.badge().unwrap();
    assert!(badge.reference.contains("review"), "{}", badge.reference);
    assert_eq!((badge.method, badge.ial.as_str()), (VerificationMethod::CivilRegistry, "1.2"));
    assert_eq!(app.store.identity(ana.id).await.unwrap().unwrap().last_name.as_str(), who.last);
    assert_eq!(app.store.row_count("former_badges").await.unwrap(), 1);
    let held = app.store.held_about(ana.id).await.unwrap();
    let former = held.iter().find(|section| section.held.section == "former_evidence").unwrap();
    assert_eq!(former.rows[0]["badge"]["reference"], "of then");
    assert_eq!(rp.claims(&tokens).await["family_name"], who.last, "services go on, with the new name");
    assert_eq!(app.store.events_of(ana.id, &[Action::BadgeRenewed], 9).await.unwrap().len(), 1);
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.last(), Some(Letter::Verified { name, .. }) if name.contains(who.last)));
    // Staff find the new name at once.
    let page = officer.browser.get("/admin/members").await;
    let page = officer.browser.submit(page.form("/admin/members/search").with("sought", who.last)).await;
    assert_eq!(page.attributes("#found .member-row", "href"), [format!("/admin/members/{}", ana.id)]);
    assert!(!ana.browser.get("/profile").await.has("#review"));
}

#[tokio::test]
async fn a_name_that_is_declined_leaves_the_badge_as_it_was() {
    let app = App::start().await;
    let who = citizen("1000000000017");
    let mut ana = permanent(&app, who, "นามสกุลเดิม").await;
    renew(&mut ana, who).await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let fields = [("reason", "no certificate, case 3/2026"), ("why", "nothing_heard")];
    decided(&mut officer, "decline", &fields).await;
    let account = ana.account().await;
    assert_eq!(
        (account.profile.last_name.as_str(), account.badge().unwrap().reference.as_str()),
        ("นามสกุลเดิม", "of then")
    );
    let letters = app.letters_to(&ana.email).await;
    let told = matches!(letters.last(), Some(Letter::ReviewDeclined { permanent: true, verify_url, .. })
        if verify_url.ends_with("/verify/renew"));
    assert!(told);
    assert!(ana.browser.get("/profile").await.text("#review").contains("ชื่อเดิม"));
}

#[tokio::test]
async fn an_officer_cannot_renew_a_badge_that_was_withdrawn_meanwhile() {
    let app = App::start().await;
    let who = citizen("1000000000017");
    let mut ana = permanent(&app, who, "นามสกุลเดิม").await;
    renew(&mut ana, who).await;
    let end = app.now() + TimeDelta::days(60);
    assert!(app.store.withdraw_badge(ana.id, end, app.now(), &[], &[]).await.unwrap());
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let page = decided(&mut officer, "approve", &[("reason", "saw the certificate, case 3/2026")]).await;
    assert_eq!(page.status, 409, "{}", page.text("main"));
    assert!(ana.account().await.badge().is_none());
}

#[tokio::test]
async fn the_same_name_is_confirmed_at_once_and_ends_what_waited() {
    let app = App::start().await;
    let who = citizen("1000000000017");
    let mut ana = permanent(&app, who, who.last).await;
    let page = ana.browser.get("/verify/renew").await;
    let other = page.form("/verify/renew");
    let page = renew(&mut ana, who).await;
    assert_eq!(page.place(), "/profile");
    assert!(!page.has("#review"));
    assert_ne!(ana.account().await.badge().unwrap().reference, "of then");
    assert_eq!(app.store.row_count("reviews").await.unwrap(), 0);
    // A name that the register does not know opens nothing: it is a mismatch like any other.
    let wrong = filled_card(other, who).with("last_name", "ไม่รู้จัก");
    assert_eq!(ana.browser.submit(wrong).await.status, 422);
    assert_eq!(app.store.row_count("reviews").await.unwrap(), 0);
}

#[tokio::test]
async fn another_number_is_refused_and_counts_and_the_register_is_not_asked() {
    let app = App::start().await;
    let mut ana = permanent(&app, citizen("1000000000017"), "นามสกุลเดิม").await;
    let calls = app.registry().calls();
    for left in (0..5).rev() {
        let page = renew(&mut ana, citizen("1000000000025")).await;
        assert_eq!((page.status.as_u16(), page.place()), (422, "/verify/renew"), "{}", page.text("main"));
        assert!(page.text("#error-summary").contains(&format!("เหลือ {left} ครั้ง")), "{}", page.text("#error-summary"));
        if left == 0 {
            break;
        }
    }
    let page = renew(&mut ana, citizen("1000000000017")).await;
    assert_eq!(page.status, 429, "{}", page.text("main"));
    assert_eq!(app.registry().calls(), calls);
    assert_eq!(ana.account().await.profile.last_name.as_str(), "นามสกุลเดิม");
    assert_eq!(app.store.row_count("former_badges").await.unwrap(), 0);
}

#[tokio::test]
async fn an_account_whose_holder_has_died_is_frozen_until_an_officer_has_looked() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let who = citizen("3000000000030");
    let mut ana = permanent(&app, who, "สมมติกาล").await;
    let tokens = rp.sign_in(&mut ana).await;
    let page = renew(&mut ana, who).await;
    assert!(page.has("#verification-stopped"), "{}", page.text("main"));
    assert!(!page.text("main").contains("เสียชีวิต"), "nothing more is said than where to go");
    assert!(matches!(ana.account().await.standing, Standing::Frozen { .. }));
    assert!(!ana.browser.is_signed_in().await);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(app.store.events_of(ana.id, &[Action::HolderDeceased], 9).await.unwrap().len(), 1);
    assert!(app.store.identity(ana.id).await.unwrap().is_some(), "nothing is erased: registers err as well");
}

#[tokio::test]
async fn it_is_for_permanent_members_with_a_young_proof() {
    let app = App::start().await;
    assert_eq!(app.browser().get("/verify/renew").await.place(), "/login");
    let mut ben = app.insert_member("ben").await;
    assert_eq!(ben.browser.get("/verify/renew").await.place(), "/verify");
    let mut ana = permanent(&app, citizen("1000000000017"), "นามสกุลเดิม").await;
    app.advance(TimeDelta::minutes(6));
    assert_eq!(ana.browser.get("/verify/renew").await.place(), "/login");
}
