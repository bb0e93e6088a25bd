//! Network addresses in the audit log: they can be taken away, and cannot be changed.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::session::SessionEnd;
use idp_store::{AuditFault, Ending};

use super::{Bench, both};

both! {
    a_line_has_a_mark_of_its_own_beside_its_address,
    a_forged_address_is_noticed,
    lines_older_than_the_mark_still_fit,
    an_erased_account_leaves_no_address_and_the_chain_holds,
    addresses_go_after_a_year_and_the_chain_holds,
    a_browser_is_known_for_a_year_after_its_last_use,
}

const WITH_ADDRESS: &str = "SELECT count(*) FROM audit_log WHERE address IS NOT NULL OR address_salt IS NOT NULL";

async fn write(bench: &Bench, account: AccountId, lines: usize, at: DateTime<Utc>) {
    let event = AuditEvent::by_member(at, account, Action::SignedIn).from("203.0.113.9");
    bench.store.record(&vec![event; lines]).await.unwrap();
}

async fn seal(bench: &Bench, at: DateTime<Utc>) -> usize {
    bench.store.seal_audit(at + TimeDelta::seconds(10), TimeDelta::seconds(10)).await.unwrap()
}

async fn fault(bench: &Bench) -> Option<AuditFault> {
    bench.store.verify_audit().await.unwrap().fault
}

async fn addresses(bench: &Bench, account: AccountId) -> Vec<Option<String>> {
    bench.store.events_about(account, 99).await.unwrap().into_iter().map(|line| line.origin).collect()
}

/// By each way in which lines are written: by themselves, with a change, in steps, and very many at once.
async fn a_line_has_a_mark_of_its_own_beside_its_address(bench: Bench) {
    let (account, session) = bench.member().await;
    write(&bench, account.id, 2, bench.now).await;
    write(&bench, account.id, 600, bench.now).await;
    let event = AuditEvent::by_member(bench.now, account.id, Action::ProfileCorrected).from("2001:db8::7");
    let stored = bench.store.account(account.id).await.unwrap().unwrap();
    let profile = &stored.profile;
    assert!(bench.store.correct_profile(account.id, profile, stored.updated_at, bench.now, &[event]).await.unwrap());
    let out = AuditEvent::by_member(bench.now, account.id, Action::SignedOut).from("2001:db8::7");
    let ending = Ending::Session(session.id);
    bench.store.end_sessions(ending, SessionEnd::SignedOut, bench.now, &[out], &[]).await.unwrap();
    let marked = "SELECT count(*) FROM audit_log WHERE address IS NOT NULL AND length(address_salt) = 16 \
         AND length(origin) = 44 AND origin LIKE '~%'";
    assert_eq!(bench.number(marked).await, bench.number(WITH_ADDRESS).await);
    assert!(bench.number(marked).await >= 604);
    assert_eq!(
        bench.number("SELECT count(DISTINCT origin) FROM audit_log WHERE address IS NOT NULL").await,
        bench.number(marked).await,
        "one address, and a mark for each line"
    );
    assert_eq!(bench.number("SELECT count(*) FROM audit_log WHERE origin LIKE '%203.0%'").await, 0);
    assert!(addresses(&bench, account.id).await.contains(&Some("2001:db8::7".to_owned())));
    seal(&bench, bench.now).await;
    assert_eq!(fault(&bench).await, None);
}

async fn a_forged_address_is_noticed(bench: Bench) {
    let account = AccountId::make(&*bench.chance);
    write(&bench, account, 10, bench.now).await;
    // Before it is sealed as well: the mark was written with the line.
    bench.behind_its_back("UPDATE audit_log SET address = '203.0.113.66' WHERE seq = 4").await;
    seal(&bench, bench.now).await;
    let broken = Some(AuditFault::Rows { number: 1 });
    assert_eq!(fault(&bench).await, broken);
    for (forged, found) in [
        ("address = '203.0.113.9'", None),
        ("address = '203.0.113.66'", broken),
        // Another one's salt, or the address without it, or the salt alone.
        ("address = '203.0.113.9', address_salt = (SELECT address_salt FROM audit_log WHERE seq = 5)", broken),
        ("address_salt = NULL", broken),
        ("address = NULL, address_salt = (SELECT address_salt FROM audit_log WHERE seq = 5)", broken),
        // Taken away: nothing is said, and nothing is wrong.
        ("address_salt = NULL", None),
        // And not put back, by a mark of one's own making or in the way of older lines.
        ("address = '203.0.113.66', address_salt = (SELECT address_salt FROM audit_log WHERE seq = 5)", broken),
        ("address = NULL, address_salt = NULL, origin = '203.0.113.9'", broken),
        ("origin = (SELECT origin FROM audit_log WHERE seq = 5)", broken),
        ("origin = NULL", broken),
    ] {
        bench.behind_its_back(&format!("UPDATE audit_log SET {forged} WHERE seq = 4")).await;
        assert_eq!(fault(&bench).await, found, "{forged}");
    }
}

async fn lines_older_than_the_mark_still_fit(bench: Bench) {
    let account = AccountId::make(&*bench.chance);
    write(&bench, account, 6, bench.now).await;
    // As the program before wrote them.
    let older = "UPDATE audit_log SET origin = address, address = NULL, address_salt = NULL WHERE seq <= 3";
    bench.behind_its_back(older).await;
    seal(&bench, bench.now).await;
    assert_eq!(fault(&bench).await, None);
    assert_eq!(addresses(&bench, account).await, vec![Some("203.0.113.9".to_owned()); 6]);
    bench.store.purge(bench.now + TimeDelta::days(366)).await.unwrap();
    assert_eq!(fault(&bench).await, None, "what the seal covers is left alone");
    bench.behind_its_back("UPDATE audit_log SET origin = '203.0.113.66' WHERE seq = 2").await;
    assert_eq!(fault(&bench).await, Some(AuditFault::Rows { number: 1 }));
}

async fn an_erased_account_leaves_no_address_and_the_chain_holds(bench: Bench) {
    let (account, _) = bench.member().await;
    let (other, _) = bench.member().await;
    write(&bench, account.id, 3, bench.now).await;
    write(&bench, other.id, 3, bench.now).await;
    // What they did as staff, about somebody else.
    let deed = AuditEvent::by_staff(bench.now, account.id, Action::PersonalDataSeen).account(other.id);
    bench.store.record(&[deed.from("198.51.100.7")]).await.unwrap();
    seal(&bench, bench.now).await;
    let erase_at = bench.now + TimeDelta::days(30);
    let asked = AuditEvent::by_member(bench.now, account.id, Action::DeletionScheduled).from("203.0.113.9");
    assert!(bench.store.schedule_deletion(account.id, erase_at, bench.now, &[asked], &[]).await.unwrap());
    let event = move |id: AccountId| AuditEvent::new(erase_at, Actor::System, Action::AccountErased).account(id);
    assert_eq!(bench.store.erase_due(erase_at, TimeDelta::zero(), 10, &event).await.unwrap(), [account.id]);
    assert!(addresses(&bench, account.id).await.iter().all(Option::is_none));
    assert!(bench.lines(account.id, Action::SignedIn).await >= 3, "the lines stay, by id");
    assert_eq!(bench.number(WITH_ADDRESS).await, 3, "the other member's");
    assert_eq!(fault(&bench).await, None);
    // What was not sealed yet is sealed as it is now.
    seal(&bench, erase_at).await;
    assert_eq!(fault(&bench).await, None);
}

async fn addresses_go_after_a_year_and_the_chain_holds(bench: Bench) {
    let account = AccountId::make(&*bench.chance);
    write(&bench, account, 5, bench.now).await;
    // A line that appears late, in a gap of the seal before.
    bench.behind_its_back("CREATE TABLE elsewhere AS SELECT * FROM audit_log WHERE seq = 3").await;
    bench.behind_its_back("DELETE FROM audit_log WHERE seq = 3").await;
    assert_eq!(seal(&bench, bench.now).await, 4);
    let into = if bench.is_sqlite() { "" } else { "OVERRIDING SYSTEM VALUE " };
    bench.behind_its_back(&format!("INSERT INTO audit_log {into}SELECT * FROM elsewhere")).await;
    assert_eq!(seal(&bench, bench.now).await, 1);
    let later = bench.now + TimeDelta::days(100);
    write(&bench, account, 2, later).await;
    seal(&bench, later).await;
    for (days, kept) in [(364, 7), (366, 2), (367, 2), (464, 2), (466, 0)] {
        bench.store.purge(bench.now + TimeDelta::days(days)).await.unwrap();
        assert_eq!(bench.number(WITH_ADDRESS).await, kept, "after {days} days");
        assert_eq!(fault(&bench).await, None, "after {days} days");
    }
    assert_eq!(bench.store.events_about(account, 99).await.unwrap().len(), 7, "the lines stay");
    let runs = bench.store.latest_events(Action::RetentionRun, 9).await.unwrap();
    let told: Vec<&str> =
        runs.iter().filter_map(|run| run.detail.as_deref()).filter(|told| told.contains("log")).collect();
    assert_eq!(told, [r#"{"network addresses in the audit log":2}"#, r#"{"network addresses in the audit log":5}"#]);
}

async fn a_browser_is_known_for_a_year_after_its_last_use(bench: Bench) {
    let (account, _) = bench.member().await;
    let used = async |at: DateTime<Utc>| {
        let order = idp_store::SignInOrder {
            session: idp_core::session::Session { authenticated_at: at, ..bench.session(account.id) },
            password: None,
            replaces: None,
            device: Some(idp_core::secret::Secret::presented("the browser").digest()),
            line: None,
            completes: None,
            links: Vec::new(),
            notices: vec![bench.mail(account.id, None)],
            events: Vec::new(),
        };
        let before = bench.store.outbox_depth().await.unwrap();
        bench.store.sign_in(order, at).await.unwrap();
        bench.store.outbox_depth().await.unwrap() > before
    };
    let known = async || {
        let device = idp_core::secret::Secret::presented("the browser").digest();
        bench.store.is_known_device(account.id, &device).await.unwrap()
    };
    assert!(used(bench.now).await, "a browser that is new is told of");
    assert!(!used(bench.now).await);
    let later = bench.now + TimeDelta::days(300);
    assert!(!used(later).await);
    bench.store.purge(bench.now + TimeDelta::days(366)).await.unwrap();
    assert!(known().await, "it was used 66 days ago");
    bench.store.purge(later + TimeDelta::days(364)).await.unwrap();
    assert!(known().await);
    bench.store.purge(later + TimeDelta::days(366)).await.unwrap();
    assert!(!known().await);
}
