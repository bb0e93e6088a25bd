//! Members in the console: found, opened with a reason, helped; every look written down.

use chrono::TimeDelta;
use idp_core::account::Standing;
use idp_core::admin::Role;
use idp_core::thai::ThaiName;
use idp_tests::{App, Browser, Letter, Member, Page};

const WHY: &str = "member called, case 12/2026";

/// A member called so.
async fn called(app: &App, name: &str, first: &str, last: &str) -> Member {
    app.insert_member_with(name, |account| {
        account.profile.first_name = ThaiName::parse(first).unwrap();
        account.profile.last_name = ThaiName::parse(last).unwrap();
    })
    .await
}

async fn search(browser: &mut Browser, typed: &str) -> Page {
    let page = browser.get("/admin/members").await;
    browser.submit(page.form("/admin/members/search").with("sought", typed)).await
}

/// The member's page, opened with a reason.
async fn opened(browser: &mut Browser, member: &Member) -> Page {
    let path = format!("/admin/members/{}", member.id);
    let page = browser.get(&path).await;
    let page = browser.submit(page.form(&format!("{path}/open")).with("reason", WHY)).await;
    assert_eq!((page.status.as_u16(), page.place()), (200, path.as_str()));
    page
}

async fn deed(browser: &mut Browser, member: &Member, word: &str, fields: &[(&str, &str)]) -> Page {
    let page = opened(browser, member).await;
    let form = page.form(&format!("/admin/members/{}/{word}", member.id)).with("reason", "case 7/2026, as agreed");
    let form = fields.iter().fold(form, |form, (name, value)| form.with(name, value));
    browser.submit(form).await
}

/// How often a line of `action` by this officer stands in the member's log.
async fn lines(app: &App, member: &Member, action: &str) -> usize {
    let lines = app.store.events_about(member.id, 500).await.unwrap();
    lines.iter().filter(|line| line.action == action && line.actor == "staff").count()
}

#[tokio::test]
async fn a_support_officer_finds_a_member_by_what_they_say() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let ana = called(&app, "ana", "สมศรี", "น้ำใจ").await;
    let ben = called(&app, "ben", "สมศรี", "ใจงาม").await;
    for typed in ["สมศรี น\u{e4d}\u{e49}\u{e32}ใจ", "น้ำใจ", "นาง สมศรี น้ำใจ", &ana.email]
    {
        let page = search(&mut officer.browser, typed).await;
        assert_eq!(page.status, 200, "{typed}");
        let hrefs = page.attributes("#found .member-row", "href");
        assert_eq!(hrefs, [format!("/admin/members/{}", ana.id)], "{typed}");
        // Nothing of what was typed is in the address; the mailbox is masked.
        assert!(!page.text("main").contains(&ana.email));
    }
    let page = search(&mut officer.browser, "สมศรี").await;
    assert_eq!(page.attributes("#found .member-row", "href").len(), 2);
    // By the id, straight to the page that asks why.
    let page = search(&mut officer.browser, &ben.id.to_string()).await;
    assert_eq!(page.place(), format!("/admin/members/{}", ben.id));
    assert!(page.has("#open"));
    // Whoever was listed can see it: five times listed, never opened.
    assert_eq!(lines(&app, &ana, "data.seen_by_staff").await, 5);
}

#[tokio::test]
async fn a_number_is_sought_in_its_own_form_with_a_reason() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let ana = app.insert_member("ana").await;
    let number = app.promote(&ana).await.number;
    let page = search(&mut officer.browser, number).await;
    assert_eq!(page.status, 422);
    assert!(!page.html.contains(number), "what was typed into the wrong box is not shown again");
    let page = officer.browser.get("/admin/members").await;
    let form = page.form("/admin/members/number").with("national_id", number);
    assert_eq!(officer.browser.submit(form.clone()).await.status, 422, "a reason is missing");
    let page = officer.browser.submit(form.clone().with("reason", WHY)).await;
    assert_eq!(page.place(), format!("/admin/members/{}", ana.id));
    assert!(page.text("#membership").contains("x-xxxx-xxxxx-"));
    assert!(!page.html.contains(number));
    let told = app.store.events_about(ana.id, 20).await.unwrap();
    let searched = told.iter().find(|line| line.action == "members.searched").unwrap();
    assert!(searched.detail.as_ref().unwrap().contains(WHY) && !searched.detail.as_ref().unwrap().contains(number));
    let nobodys = form.with("national_id", "1000000000254").with("reason", WHY);
    assert!(officer.browser.submit(nobodys).await.has("#nobody"));
}

#[tokio::test]
async fn a_page_opens_with_a_reason_for_half_an_hour_and_each_look_is_written_down() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut other = app.insert_staff("other", Role::SupportOfficer, None).await;
    let ana = app.insert_member("ana").await;
    let path = format!("/admin/members/{}", ana.id);
    let page = officer.browser.get(&path).await;
    assert!(page.has("#open") && !page.has("#membership"));
    assert_eq!(lines(&app, &ana, "data.seen_by_staff").await, 0);
    let form = page.form(&format!("{path}/open"));
    assert_eq!(officer.browser.submit(form.clone().with("reason", "x")).await.status, 422);
    let page = officer.browser.submit(form.with("reason", WHY)).await;
    assert!(page.has("#membership") && !page.html.contains(&ana.email));
    assert_eq!(lines(&app, &ana, "data.seen_by_staff").await, 1);
    let log = app.store.events_about(ana.id, 1).await.unwrap();
    assert!(log[0].detail.as_ref().unwrap().contains(WHY));
    let here = page.path.clone();
    assert!(officer.browser.get(&here).await.has("#membership"));
    assert_eq!(lines(&app, &ana, "data.seen_by_staff").await, 2);
    // S089: not for a colleague, not for another member, not changed, not after half an hour.
    assert!(!other.browser.get(&here).await.has("#membership"));
    let elsewhere = here.replace(&ana.id.to_string(), &other.id.to_string());
    assert!(!officer.browser.get(&elsewhere).await.has("#membership"));
    assert!(!officer.browser.get(&here.replace("why=", "why=A")).await.has("#membership"));
    app.advance(TimeDelta::minutes(31));
    app.prove_strongly(&mut officer).await;
    assert!(!officer.browser.get(&here).await.has("#membership"));
    assert_eq!(lines(&app, &ana, "data.seen_by_staff").await, 2);
}

/// Whoever is found by their number reads of it, though their page was not opened.
#[tokio::test]
async fn whoever_is_found_by_number_reads_of_it() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut ana = app.insert_member("ana").await;
    let citizen = app.promote(&ana).await;
    let page = officer.browser.get("/admin/members").await;
    let form = page.form("/admin/members/number").with("national_id", citizen.number).with("reason", WHY);
    let reply = officer.browser.press(&form).await;
    assert!(reply.header("location").contains(&ana.id.to_string()), "the account is in the answer");
    assert_eq!(app.store.looks_at(ana.id, None, 9).await.unwrap().len(), 1);
    let page = ana.browser.get("/profile/data/seen").await;
    assert!(page.text("main").contains(WHY), "{}", page.text("main"));
}

#[tokio::test]
async fn a_verification_officer_sees_what_is_compared_and_a_support_officer_does_not() {
    let app = App::start().await;
    let mut support = app.insert_staff("support", Role::SupportOfficer, None).await;
    let mut verifier = app.insert_staff("verifier", Role::VerificationOfficer, None).await;
    let ana = app.insert_member("ana").await;
    assert!(!opened(&mut support.browser, &ana).await.html.contains(&ana.email));
    let page = opened(&mut verifier.browser, &ana).await;
    assert!(page.html.contains(&ana.email));
    assert!(!page.has("#deed-suspend") && !page.has("#deed-recovery"));
}

#[tokio::test]
async fn an_account_is_suspended_and_restored_and_its_owner_is_told() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut ana = app.insert_member("ana").await;
    let page = deed(&mut officer.browser, &ana, "suspend", &[("reason", "x")]).await;
    assert_eq!(page.status, 422);
    assert!(ana.browser.is_signed_in().await);
    let page = deed(&mut officer.browser, &ana, "suspend", &[]).await;
    assert!(page.has("#done"), "{}", page.text("main"));
    assert!(matches!(ana.account().await.standing, Standing::Suspended { .. }));
    assert!(!ana.browser.is_signed_in().await);
    let letters = app.letters_to(&ana.email).await;
    assert!(matches!(letters.last(), Some(Letter::AccountSuspended { reason, .. }) if reason.contains("case 7/2026")));
    assert_eq!(lines(&app, &ana, "account.suspended").await, 1);
    let page = deed(&mut officer.browser, &ana, "restore", &[]).await;
    assert!(page.has("#done"));
    assert_eq!(ana.account().await.standing, Standing::Active);
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::AccountRestored { .. })));
    assert_eq!(lines(&app, &ana, "account.restored").await, 1);
}

/// "This was not me" froze it, and nobody but an officer brings it back.
#[tokio::test]
async fn a_frozen_account_comes_back_by_an_officer() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut ana = app.insert_member("ana").await;
    assert!(app.store.freeze(ana.id, app.now(), &[], &[]).await.unwrap());
    let page = officer.browser.get("/admin/members?list=frozen").await;
    assert_eq!(page.attributes("#found .member-row", "href"), [format!("/admin/members/{}", ana.id)]);
    assert!(deed(&mut officer.browser, &ana, "restore", &[]).await.has("#done"));
    assert_eq!(ana.sign_in().await.place(), "/profile");
}

#[tokio::test]
async fn sessions_end_on_every_device() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut ana = app.insert_member("ana").await;
    assert!(deed(&mut officer.browser, &ana, "sessions", &[]).await.has("#done"));
    assert!(!ana.browser.is_signed_in().await);
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::SessionsEnded { .. })));
}

/// S086: the link goes to the member's mailbox alone; staff neither see it nor choose a password.
#[tokio::test]
async fn s086_a_recovery_is_begun_and_not_seen() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SuperAdmin, None).await;
    let mut ana = app.insert_member("ana").await;
    // Whoever sends a password along is told that none is taken here, and nothing is done.
    for field in ["password", "new_password", "totp", "passkey", "email"] {
        let page = deed(&mut officer.browser, &ana, "recovery", &[(field, "ตั้งให้เองแปดตัวขึ้นไป")]).await;
        page.expect_error(400, "invalid_request");
    }
    assert!(app.letters_to(&ana.email).await.is_empty());
    let page = deed(&mut officer.browser, &ana, "recovery", &[]).await;
    assert!(page.has("#done"));
    let letters = app.letters_to(&ana.email).await;
    let Some(Letter::RecoverPassword { url, .. }) = letters.last() else { panic!("the link is mailed") };
    let token = url.rsplit("token=").next().unwrap();
    assert!(!page.html.contains(token));
    for line in app.store.events_about(ana.id, 50).await.unwrap() {
        assert!(!line.detail.unwrap_or_default().contains(token));
    }
    // The old password is as good as before.
    ana.sign_out().await;
    assert_eq!(ana.sign_in().await.place(), "/profile");
}

/// S086: no role sets, takes away or enrols what somebody signs in with; and who may not begin a recovery does not.
#[tokio::test]
async fn s086_no_admin_touches_what_a_member_signs_in_with() {
    let app = App::start().await;
    let ana = app.insert_member("ana").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let recovery = opened(&mut root.browser, &ana).await.form(&format!("/admin/members/{}/recovery", ana.id));
    for role in Role::ALL {
        let department = (role == Role::ClientAdmin).then_some("dit");
        let mut staff = app.insert_staff(&format!("of-{}", role.as_str()), role, department).await;
        let token = staff.browser.get("/admin").await.form("/language").value("csrf").to_owned();
        app.unchanged(async {
            if idp_core::admin::Operation::MemberMail.reach(role) == idp_core::admin::Reach::No {
                let form = recovery.clone().with("csrf", &token).with("reason", "case 7/2026, as agreed");
                staff.browser.submit(form).await.expect_error(403, "not_permitted");
            }
            // There is no such address, for nobody.
            for word in ["password", "passkeys", "passkeys/options", "totp", "recovery-codes", "email"] {
                let mut form = recovery.clone().with("csrf", &token).with("password", "chosen for them");
                form.action = format!("/admin/members/{}/{word}", ana.id);
                assert_eq!(staff.browser.submit(form).await.status, 404, "{word} for {role:?}");
            }
            // And what there is for one's own account is for one's own alone.
            let mut form = recovery.clone().with("csrf", &token).with("account", &ana.id.to_string());
            form.action = "/profile/passkeys/remove".to_owned();
            let page = staff.browser.submit(form).await;
            assert!(page.status.is_client_error() || page.place() == "/profile/passkeys", "{}", page.path);
        })
        .await;
    }
}

#[tokio::test]
async fn a_membership_is_extended_within_its_limits() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let ana = app.insert_member("ana").await;
    let end = async || ana.account().await.tokens_end_at().unwrap();
    let before = end().await;
    for days in ["0", "31", "-1", "x", "4294967296"] {
        assert_eq!(deed(&mut officer.browser, &ana, "extend", &[("days", days)]).await.status, 409, "{days}");
    }
    assert_eq!(end().await, before);
    for months in 1..=3 {
        assert!(deed(&mut officer.browser, &ana, "extend", &[("days", "30")]).await.has("#done"));
        assert_eq!(end().await, before + TimeDelta::days(30 * months));
    }
    let page = deed(&mut officer.browser, &ana, "extend", &[("days", "30")]).await;
    assert_eq!(page.status, 409, "ninety days in all");
    assert!(page.has("#not-done"));
    assert_eq!(end().await, before + TimeDelta::days(90));
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::MembershipExtended { .. })));
}

#[tokio::test]
async fn nobody_looks_after_themselves_and_only_super_admins_after_other_staff() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SupportOfficer, None).await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let colleague = app.insert_staff("colleague", Role::Auditor, None).await;
    let ana = app.insert_member("ana").await;
    let of_ana = opened(&mut officer.browser, &ana).await.form(&format!("/admin/members/{}/suspend", ana.id));
    for target in [officer.id, colleague.id, root.id] {
        let mut form = of_ana.clone().with("reason", "case 7/2026");
        form.action = format!("/admin/members/{target}/suspend");
        officer.browser.submit(form).await.expect_error(403, "not_permitted");
    }
    assert!(deed(&mut root.browser, &colleague, "suspend", &[]).await.has("#done"));
}

#[tokio::test]
async fn a_badge_is_withdrawn_by_two_people() {
    let app = App::start().await;
    let mut first = app.insert_staff("first", Role::VerificationOfficer, None).await;
    let mut second = app.insert_staff("second", Role::VerificationOfficer, None).await;
    let mut support = app.insert_staff("support", Role::SupportOfficer, None).await;
    let ana = app.insert_permanent("ana").await;
    let page = deed(&mut first.browser, &ana, "badge", &[]).await;
    assert!(page.has("#done") && page.has("#request") && !page.has("#badge-approve"));
    assert!(ana.account().await.badge().is_some());
    // Once is enough; who asked cannot decide, nor can who has no such role.
    assert_eq!(deed(&mut first.browser, &ana, "badge", &[]).await.status, 409);
    let page = opened(&mut second.browser, &ana).await;
    let action = format!("/admin/members/{}/badge-approve", ana.id);
    let approve = page.form(&action).with("reason", "checked, case 9/2026");
    let own = opened(&mut first.browser, &ana).await;
    let own = approve
        .clone()
        .with("csrf", own.form(&format!("/admin/members/{}/badge", ana.id)).value("csrf"))
        .with("why", own.form(&format!("/admin/members/{}/badge", ana.id)).value("why"));
    assert_eq!(first.browser.submit(own).await.status, 409);
    let csrf = support.browser.get("/admin").await.form("/language").value("csrf").to_owned();
    support.browser.submit(approve.clone().with("csrf", &csrf)).await.expect_error(403, "not_permitted");
    assert!(ana.account().await.badge().is_some());
    let page = second.browser.submit(approve.clone()).await;
    assert!(page.has("#done"), "{}", page.text("main"));
    let account = ana.account().await;
    assert!(account.badge().is_none() && account.tokens_end_at().is_some());
    assert!(matches!(app.letters_to(&ana.email).await.last(), Some(Letter::BadgeWithdrawn { .. })));
    assert_eq!(lines(&app, &ana, "badge.withdrawn").await, 1);
    assert_eq!(second.browser.submit(approve).await.status, 409, "it is decided");
}

/// S089: what a list did not make for its reader, and what no list is called.
#[tokio::test]
async fn s089_a_forged_or_another_lists_place_is_a_bad_request() {
    let app = App::start().await;
    let mut officer = app.insert_staff("officer", Role::SuperAdmin, None).await;
    let mut other = app.insert_staff("other", Role::SuperAdmin, None).await;
    for n in 0..30 {
        app.insert_member(&format!("member{n}")).await;
    }
    let page = officer.browser.get("/admin/members?list=all").await;
    assert_eq!(page.attributes("#found .member-row", "href").len(), 25);
    let next = page.attribute("#next", "href").unwrap();
    let page = officer.browser.get(&next).await;
    assert_eq!(page.attributes("#found .member-row", "href").len(), 7);
    assert!(!page.has("#next"));
    assert_eq!(other.browser.get(&next).await.status, 400, "somebody else's");
    let sealed = next.rsplit("at=").next().unwrap();
    for query in [
        format!("/admin/reviews?at={sealed}"),
        format!("/admin/members?at={}", &sealed[..sealed.len() - 4]),
        format!("/admin/members?at=A{sealed}"),
        "/admin/members?at=%00".to_owned(),
        "/admin/members?at=eyJsaXN0IjoiYWxsIn0".to_owned(),
        "/admin/members?list=accounts;--".to_owned(),
        "/admin/members?list=subject_seed".to_owned(),
        format!("/admin/members?list=all&at={sealed}"),
        "/admin/reviews?list=all".to_owned(),
        format!("/admin/members?at={}", "A".repeat(10_000)),
    ] {
        assert_eq!(officer.browser.get(&query).await.status, 400, "{query}");
    }
    assert_eq!(officer.browser.get("/admin/members?client=%25%27--").await.status, 422);
    let page = search(&mut officer.browser, "%_สม").await;
    assert!(page.status == 200 && page.attributes("#found .member-row", "href").is_empty());
}
