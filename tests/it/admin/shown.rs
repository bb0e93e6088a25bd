//! What a member shows and must not stand is taken away by an officer: the account goes on, and its owner is told.

use chrono::TimeDelta;
use idp_core::account::ShownPart;
use idp_core::admin::Role;
use idp_core::audit::Action;
use idp_tests::{App, Letter, Member, Page};

/// The member's page before an officer.
async fn opened(officer: &mut Member, member: &Member) -> Page {
    let path = format!("/admin/members/{}", member.id);
    let page = officer.browser.get(&path).await;
    officer.browser.submit(page.form(&format!("{path}/open")).with("reason", "complaint, case 12/2026")).await
}

#[tokio::test]
async fn a_picture_and_words_are_taken_away_and_the_owner_hears_why() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut ana = app.insert_member("ana").await;
    ana.show_everything().await;
    let picture = format!("/member-picture/{}.png", ana.account().await.about.picture.unwrap());
    let tokens = rp.sign_in(&mut ana).await;
    assert!(rp.claims(&tokens).await["picture"].is_string());
    let page = opened(&mut officer, &ana).await;
    assert!(page.text("#deed-remove-shown").contains("ส้ม") && page.html.contains(&picture));
    let action = format!("/admin/members/{}/remove-shown", ana.id);
    let form = page.form(&action);
    // Why, and what: neither can be left out.
    let nothing = officer.browser.submit(form.clone().with("reason", "case 12/2026, not decent")).await;
    assert_eq!((nothing.status.as_u16(), nothing.has("#shown-error")), (422, true), "{}", nothing.text("main"));
    let form = form.with("shown_picture", "yes").with("shown_nickname", "yes");
    assert_eq!(officer.browser.submit(form.clone()).await.status, 422, "a reason is missing");
    assert_eq!(ana.account().await.about.parts().len(), ShownPart::ALL.len());
    let page = officer.browser.submit(form.clone().with("reason", "case 12/2026, not decent")).await;
    assert!(page.has("#done"), "{}", page.text("main"));
    // Gone everywhere, the rest stays, and nobody was signed out.
    let left = ana.account().await.about.parts();
    assert_eq!(left, [ShownPart::Username, ShownPart::Profile, ShownPart::Website]);
    assert_eq!(app.store.row_count("member_pictures").await.unwrap(), 0);
    assert_eq!(app.browser().get(&picture).await.status, 404);
    let claims = rp.claims(&tokens).await;
    assert!(claims.get("picture").is_none() && claims.get("nickname").is_none() && claims["website"].is_string());
    assert!(ana.browser.is_signed_in().await);
    let letters = app.letters_to(&ana.email).await;
    let Some(Letter::ShownRemoved { parts, reason, .. }) = letters.last() else { panic!("the owner is told") };
    assert_eq!((parts.join(" ").as_str(), reason.as_str()), ("picture nickname", "case 12/2026, not decent"));
    let page = ana.browser.get("/profile/about").await;
    assert!(page.text("#removed").contains("case 12/2026, not decent"), "{}", page.text("main"));
    let lines = app.store.events_of(ana.id, &[Action::ShownRemoved], 9).await.unwrap();
    assert_eq!((lines.len(), lines[0].actor.as_str(), lines[0].actor_id), (1, "staff", Some(officer.id)));
    let detail = lines[0].detail.as_deref().unwrap();
    assert!(detail.contains("picture") && !detail.contains("ส้ม"), "the log holds no value: {detail}");
    // What is gone already is not taken away again.
    assert_eq!(officer.browser.submit(form.with("reason", "case 12/2026, not decent")).await.status, 409);
    // The member may show something else.
    ana.show(&[("nickname", "แสด")]).await;
    assert_eq!(ana.account().await.about.nickname.as_ref().map(|name| name.as_str()), Some("แสด"));
}

#[tokio::test]
async fn it_is_for_those_who_look_after_members_and_reaches_who_rests() {
    let app = App::start().await;
    let mut verifier = app.insert_staff("verifier", Role::VerificationOfficer, None).await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut ana = app.insert_member("ana").await;
    assert!(!opened(&mut officer, &ana).await.has("#deed-remove-shown"), "there is nothing to take away");
    ana.show_everything().await;
    // Whoever cannot take it away does not see it.
    let page = opened(&mut verifier, &ana).await;
    assert!(!page.has("#deed-remove-shown") && !page.html.contains("ส้ม"));
    let page = opened(&mut officer, &ana).await;
    let form = page.form(&format!("/admin/members/{}/remove-shown", ana.id));
    let form = form.with("shown_website", "yes").with("reason", "case 12/2026, a fraud");
    let mut forged = verifier.browser.get("/admin").await.form("/language").with("shown_website", "yes");
    forged.action = form.action.clone();
    verifier.browser.submit(forged).await.expect_error(403, "not_permitted");
    let page = ana.browser.get("/profile/restrict").await;
    ana.browser.submit(page.form("/profile/restrict")).await;
    app.advance(TimeDelta::seconds(1));
    assert!(officer.browser.submit(form).await.has("#done"));
    assert!(ana.account().await.about.website.is_none());
}
