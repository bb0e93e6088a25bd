//! The queue of verifications that need a person.

use idp_core::account::VerificationMethod;
use idp_core::admin::Role;
use idp_core::audit::Action;
use idp_tests::{App, Letter, Member, Page, filled_card};

/// Somebody presents the card of whoever `holder` was verified as.
async fn presents_a_held_number(app: &App) -> (Member, Member) {
    let holder = app.insert_member("holder").await;
    let sample = app.promote(&holder).await;
    let mut ana = app.insert_member("ana").await;
    let page = ana.browser.get("/verify/public").await;
    let page = ana.browser.submit(filled_card(page.form("/verify/public"), sample)).await;
    assert_eq!(page.status, 409);
    (holder, ana)
}

/// The one review that waits, taken.
async fn taken(officer: &mut Member) -> Page {
    let page = officer.browser.get("/admin/reviews").await;
    let hrefs = page.attributes("#reviews .review-row", "href");
    assert_eq!(hrefs.len(), 1);
    let page = officer.browser.get(&hrefs[0]).await;
    assert!(page.has("#evidence") && page.has("#take") && !page.has("#approve"));
    officer.browser.submit(page.form(&format!("{}/take", hrefs[0]))).await
}

#[tokio::test]
async fn s098_a_held_number_opens_a_review_and_changes_neither_account() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let (holder, ana) = presents_a_held_number(&app).await;
    assert!(holder.account().await.badge().is_some() && ana.account().await.badge().is_none());
    assert!(matches!(app.letters_to(&holder.email).await.last(), Some(Letter::NumberPresented { .. })));
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::ReviewOpened { .. })));
    let page = taken(&mut officer).await;
    assert!(page.has("#approve") && page.has("#holder"));
    let base = page.place().to_owned();
    // Approving does not take the number away from its holder: that takes two people.
    let approve = page.form(&format!("{base}/approve")).with("reason", "seen in person, case 3/2026");
    let page = officer.browser.submit(approve).await;
    assert_eq!(page.status, 409);
    assert!(page.text("#not-done").contains("อีกบัญชีหนึ่ง"));
    assert!(holder.account().await.badge().is_some() && ana.account().await.badge().is_none());
}

#[tokio::test]
async fn an_officer_declines_with_a_reason_that_the_member_reads() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let (_, ana) = presents_a_held_number(&app).await;
    let page = taken(&mut officer).await;
    let base = page.place().to_owned();
    let mut form = page.form(&format!("{base}/approve"));
    form.action = format!("{base}/decline");
    assert_eq!(officer.browser.submit(form.clone()).await.status, 422);
    let form = form.with("reason", "called, case 3/2026").with("why", "not_the_person");
    let page = officer.browser.submit(form.clone()).await;
    assert_eq!(page.place(), "/admin/reviews");
    assert!(page.attributes("#reviews .review-row", "href").is_empty());
    let letters = app.letters_to(&ana.email).await;
    assert!(
        matches!(letters.last(), Some(Letter::ReviewDeclined { reason_key, .. }) if reason_key == "not_the_person")
    );
    assert_eq!(officer.browser.submit(form).await.status, 409, "it is decided");
    let page = officer.browser.get("/admin/reviews?list=decided").await;
    assert_eq!(page.attributes("#reviews .review-row", "href").len(), 1);
}

#[tokio::test]
async fn once_the_holders_badge_is_withdrawn_an_officers_word_promotes() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let (holder, ana) = presents_a_held_number(&app).await;
    let page = taken(&mut officer).await;
    let end = app.now() + chrono::TimeDelta::days(60);
    assert!(app.store.withdraw_badge(holder.id, end, app.now(), &[], &[]).await.unwrap());
    let base = page.place().to_owned();
    let approve = page.form(&format!("{base}/approve")).with("reason", "seen in person, case 3/2026");
    let page = officer.browser.submit(approve).await;
    assert_eq!(page.place(), "/admin/reviews", "{}", page.text("main"));
    let account = ana.account().await;
    let badge = account.badge().expect("she is permanent");
    // S118: never more than the registry's match gives.
    assert_eq!((badge.method, badge.ial.as_str()), (VerificationMethod::CivilRegistry, "1.2"));
    assert!(badge.reference.contains("review"));
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::Verified { .. })));
}

#[tokio::test]
async fn nobody_decides_their_own() {
    let app = App::start().await;
    let (holder, mut ana) = presents_a_held_number(&app).await;
    let mut holder = holder;
    for member in [&mut ana, &mut holder] {
        app.give_role(member, Role::VerificationOfficer, None).await;
        app.prove_strongly(member).await;
        let page = member.browser.get("/admin/reviews").await;
        let href = page.attributes("#reviews .review-row", "href").remove(0);
        member.browser.get(&href).await.expect_error(403, "not_permitted");
        let mut form = page.form("/language");
        for word in ["take", "approve", "decline", "release", "hand-over"] {
            form.action = format!("{href}/{word}");
            let form = form.clone().with("reason", "case 3/2026").with("why", "not_the_person");
            let form = form.with("to", &member.id.to_string()).with("moved_because", "case 3/2026");
            member.browser.submit(form).await.expect_error(403, "not_permitted");
        }
    }
}

#[tokio::test]
async fn the_member_sees_on_their_page_how_it_stands() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let (_, mut ana) = presents_a_held_number(&app).await;
    let waiting = ana.browser.get("/profile").await.text("#review");
    assert!(waiting.contains("เจ้าหน้าที่กำลังตรวจสอบ"), "{waiting}");
    let page = taken(&mut officer).await;
    let base = page.place().to_owned();
    let mut form = page.form(&format!("{base}/approve")).with("reason", "called, case 3/2026");
    form.action = format!("{base}/decline");
    officer.browser.submit(form.with("why", "nothing_heard")).await;
    assert!(ana.browser.get("/profile").await.text("#review").contains("ยังไม่สามารถยืนยันตัวตน"));
}

/// A form of `member`'s own to any address of the console.
async fn own_form(member: &mut Member, action: &str) -> idp_tests::Form {
    let mut form = member.browser.get("/admin").await.form("/language");
    form.action = action.to_owned();
    form
}

#[tokio::test]
async fn a_review_is_handed_over_with_a_reason_and_is_one_officers_at_a_time() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let mut second = app.insert_staff("second", Role::VerificationOfficer, None).await;
    let support = app.insert_staff("support", Role::SupportOfficer, None).await;
    let (holder, ana) = presents_a_held_number(&app).await;
    let page = taken(&mut officer).await;
    let base = page.place().to_owned();
    assert_eq!(page.attributes("#to option", "value"), ["".to_owned(), second.id.to_string()]);
    // What somebody has is not taken from them in passing.
    let page = second.browser.get(&base).await;
    assert!(!page.has("#take") && !page.has("#approve") && page.has("#officer"), "{}", page.text("main"));
    for deed in ["take", "release"] {
        let form = own_form(&mut second, &format!("{base}/{deed}")).await;
        assert_eq!(second.browser.submit(form).await.status, 409, "{deed}");
    }
    let decline = own_form(&mut second, &format!("{base}/decline")).await;
    let case = page.attributes("input[name=case]", "value");
    assert!(case.is_empty(), "there is no form to decide with");
    let decline = decline.with("reason", "case 3/2026").with("why", "nothing_heard");
    assert_eq!(second.browser.submit(decline).await.status, 409);
    // Taken over with a reason, and given on with one.
    let page = second.browser.get(&base).await;
    let form = page.form(&format!("{base}/hand-over"));
    let page = second.browser.submit(form.clone().with("to", &second.id.to_string())).await;
    assert_eq!(page.status, 422, "a reason is missing");
    let because = form.with("moved_because", "officer is on leave");
    assert_eq!(second.browser.submit(because.clone()).await.status, 422, "nobody is named");
    for nobody in [support.id, ana.id, holder.id] {
        let form = because.clone().with("to", &nobody.to_string());
        assert_eq!(second.browser.submit(form).await.status, 409, "{nobody}");
    }
    let page = second.browser.submit(because.with("to", &second.id.to_string())).await;
    assert!(page.has("#approve"), "{}", page.text("main"));
    assert!(!officer.browser.get(&base).await.has("#approve"));
    let back = page.form(&format!("{base}/hand-over")).with("moved_because", "back from leave");
    let page = second.browser.submit(back.with("to", &officer.id.to_string())).await;
    assert!(!page.has("#approve"));
    let page = officer.browser.get(&base).await;
    let page = officer.browser.submit(page.form(&format!("{base}/release"))).await;
    assert!(page.has("#take"), "{}", page.text("main"));
    let lines = app.store.events_of(ana.id, &[Action::ReviewAssigned], 9).await.unwrap();
    let told: Vec<serde_json::Value> =
        lines.iter().rev().map(|line| serde_json::from_str(line.detail.as_ref().unwrap()).unwrap()).collect();
    let moves: Vec<(Option<&str>, Option<&str>)> =
        told.iter().map(|line| (line["from"].as_str(), line["to"].as_str())).collect();
    let (first, other) = (officer.id.to_string(), second.id.to_string());
    assert_eq!(
        moves,
        [
            (None, Some(first.as_str())),
            (Some(first.as_str()), Some(other.as_str())),
            (Some(other.as_str()), Some(first.as_str())),
            (Some(first.as_str()), None),
        ]
    );
    assert_eq!((&told[1]["reason"], &told[2]["reason"]), (&"officer is on leave".into(), &"back from leave".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_officers_who_take_a_review_at_once_one_has_it() {
    let app = App::start().await;
    let mut one = app.insert_staff("one", Role::VerificationOfficer, None).await;
    let mut two = app.insert_staff("two", Role::VerificationOfficer, None).await;
    presents_a_held_number(&app).await;
    let page = one.browser.get("/admin/reviews").await;
    let href = page.attributes("#reviews .review-row", "href").remove(0);
    let forms = (
        one.browser.get(&href).await.form(&format!("{href}/take")),
        two.browser.get(&href).await.form(&format!("{href}/take")),
    );
    let (first, second) = tokio::join!(one.browser.submit(forms.0), two.browser.submit(forms.1));
    let mut came = [first.status.as_u16(), second.status.as_u16()];
    came.sort_unstable();
    assert_eq!(came, [200, 409]);
    assert_ne!(first.has("#approve"), second.has("#approve"));
}

/// A verification officer could open a second account, present a card with it, and decide what comes of it with the first.
#[tokio::test]
async fn an_officer_without_a_badge_decides_nothing() {
    let app = App::start().await;
    let mut without = app.insert_unverified_staff("without", Role::VerificationOfficer, None).await;
    let mut officer = app.insert_staff("officer", Role::VerificationOfficer, None).await;
    let (holder, ana) = presents_a_held_number(&app).await;
    let end = app.now() + chrono::TimeDelta::days(60);
    assert!(app.store.withdraw_badge(holder.id, end, app.now(), &[], &[]).await.unwrap());
    let page = without.browser.get("/admin/reviews").await;
    let href = page.attributes("#reviews .review-row", "href").remove(0);
    let page = without.browser.get(&href).await;
    assert!(page.has("#unverified") && !page.has("#take") && !page.has("#approve"));
    // Nor does one who has taken it and lost the badge meanwhile.
    let page = taken(&mut officer).await;
    let approve = page.form(&format!("{href}/approve")).with("reason", "seen in person, case 3/2026");
    assert!(app.store.withdraw_badge(officer.id, end, app.now(), &[], &[]).await.unwrap());
    app.prove_strongly(&mut officer).await;
    let page = officer.browser.get(&href).await;
    assert!(page.has("#unverified") && !page.has("#approve"));
    let approve = approve.with("csrf", page.form("/language").value("csrf"));
    officer.browser.submit(approve.clone()).await.expect_error(403, "not_decided");
    let mut decline = approve.with("why", "not_the_person");
    decline.action = format!("{href}/decline");
    officer.browser.submit(decline).await.expect_error(403, "not_decided");
    assert!(ana.account().await.badge().is_none());
}
