//! `/verify/renew`: another name after marriage, and what happens when the register says that the holder has died.

use chrono::TimeDelta;
use idp_core::account::{Badge, CaseOutcome, Standing, VerificationCase, VerificationMethod, VerifiedIdentity};
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

#[tokio::test]
async fn a_new_surname_comes_from_the_register_and_the_evidence_before_is_kept() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let who = citizen("1000000000017");
    let mut ana = permanent(&app, who, "นามสกุลเดิม").await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(rp.claims(&tokens).await["family_name"], "นามสกุลเดิม");
    let page = renew(&mut ana, who).await;
    assert_eq!(page.place(), "/profile", "{}", page.text("main"));
    let account = ana.account().await;
    assert_eq!(account.profile.last_name.as_str(), who.last);
    let badge = account.badge().unwrap();
    assert_ne!(badge.reference, "of then");
    assert_eq!(app.store.identity(ana.id).await.unwrap().unwrap().last_name.as_str(), who.last);
    assert_eq!(app.store.row_count("former_badges").await.unwrap(), 1);
    let held = app.store.held_about(ana.id).await.unwrap();
    let former = held.iter().find(|section| section.held.section == "former_evidence").unwrap();
    assert_eq!(former.rows[0]["badge"]["reference"], "of then");
    assert_eq!(rp.claims(&tokens).await["family_name"], who.last, "services go on, with the new name");
    assert_eq!(app.store.events_of(ana.id, &[Action::BadgeRenewed], 9).await.unwrap().len(), 1);
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::Verified { .. })));
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
