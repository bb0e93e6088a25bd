//! The audit log and the seals over it.

use chrono::TimeDelta;
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::{AccountId, ClientId, SessionId};
use idp_store::{AuditFault, AuditFilter, AuditLine, AuditReport, LinesCheck};

use super::{Bench, at_once, both};

both! {
    a_line_says_who_what_when_and_from_where,
    a_sealed_line_that_changes_is_noticed,
    a_sealed_line_that_disappears_is_noticed,
    a_seal_that_changes_is_noticed,
    a_row_that_appears_late_is_sealed_by_the_next,
    a_row_slipped_into_a_gap_is_noticed,
    leaders_at_once_seal_each_row_once,
    young_rows_wait_for_their_elders,
    each_line_that_is_shown_is_checked_however_far_apart,
    a_line_that_came_late_is_checked_under_the_seal_that_names_it,
    a_seal_made_anew_does_not_pass,
}

fn report(seals: u64, sealed_rows: u64, unsealed_rows: u64, fault: Option<AuditFault>) -> AuditReport {
    AuditReport { seals, sealed_rows, unsealed_rows, fault, last_hash: None }
}

async fn verified(bench: &Bench) -> AuditReport {
    AuditReport { last_hash: None, ..bench.store.verify_audit().await.unwrap() }
}

async fn write(bench: &Bench, lines: usize) {
    let events: Vec<AuditEvent> = (0..lines).map(|_| bench.event(Action::SignedIn)).collect();
    bench.store.record(&events).await.unwrap();
}

async fn seal(bench: &Bench) -> usize {
    bench.store.seal_audit(bench.now + TimeDelta::seconds(10), TimeDelta::seconds(10)).await.unwrap()
}

async fn a_line_says_who_what_when_and_from_where(bench: Bench) {
    let account = AccountId::make(&*bench.chance);
    let session = SessionId::make(&*bench.chance);
    let client = ClientId::parse("rp").unwrap();
    let event = AuditEvent::by_member(bench.now, account, Action::ConsentGiven)
        .client(&client)
        .session(session)
        .from("203.0.113.9")
        .detail(serde_json::json!({ "scopes": "openid" }));
    bench.store.record(&[event, bench.event(Action::SigningKeyMade)]).await.unwrap();
    assert_eq!(bench.store.row_count("audit_log").await.unwrap(), 2);
    let lines = bench.store.events_about(account, 10).await.unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((line.actor.as_str(), line.action.as_str()), ("member", "consent.given"));
    assert_eq!((line.at, line.actor_id, line.account_id), (bench.now, Some(account), Some(account)));
    assert_eq!((line.client_id.as_ref(), line.session_id), (Some(&client), Some(session)));
    assert_eq!(line.origin.as_deref(), Some("203.0.113.9"));
    assert_eq!(line.detail.as_deref(), Some(r#"{"scopes":"openid"}"#));
    bench.store.record(&[]).await.unwrap();
}

async fn young_rows_wait_for_their_elders(bench: Bench) {
    assert_eq!(seal(&bench).await, 0);
    write(&bench, 3).await;
    assert_eq!(bench.store.seal_audit(bench.now, TimeDelta::seconds(10)).await.unwrap(), 0);
    assert_eq!(seal(&bench).await, 3);
    assert_eq!(seal(&bench).await, 0);
    write(&bench, 5000).await;
    assert_eq!(seal(&bench).await, 5000);
    write(&bench, 2).await;
    // 2000 rows to a seal.
    assert_eq!(verified(&bench).await, report(4, 5003, 2, None));
}

async fn leaders_at_once_seal_each_row_once(bench: Bench) {
    write(&bench, 50).await;
    let sealed = at_once(20, |_| {
        let (store, now) = (bench.store.clone(), bench.now + TimeDelta::seconds(1));
        async move { store.seal_audit(now, TimeDelta::zero()).await.unwrap() }
    })
    .await;
    assert_eq!(sealed.iter().sum::<usize>(), 50);
    assert_eq!(verified(&bench).await, report(1, 50, 0, None));
}

async fn a_sealed_line_that_changes_is_noticed(bench: Bench) {
    write(&bench, 10).await;
    assert_eq!(seal(&bench).await, 10);
    write(&bench, 10).await;
    assert_eq!(seal(&bench).await, 10);
    assert_eq!(verified(&bench).await, report(2, 20, 0, None));
    bench.behind_its_back("UPDATE audit_log SET origin = '203.0.113.66' WHERE seq = 15").await;
    assert_eq!(verified(&bench).await.fault, Some(AuditFault::Rows { number: 2 }));
    bench.behind_its_back("UPDATE audit_log SET origin = NULL WHERE seq = 15").await;
    assert_eq!(verified(&bench).await.fault, None);
}

async fn a_sealed_line_that_disappears_is_noticed(bench: Bench) {
    write(&bench, 10).await;
    seal(&bench).await;
    bench.behind_its_back("DELETE FROM audit_log WHERE seq = 4").await;
    assert_eq!(verified(&bench).await.fault, Some(AuditFault::Rows { number: 1 }));
}

async fn a_seal_that_changes_is_noticed(bench: Bench) {
    for _ in 0..3 {
        write(&bench, 10).await;
        seal(&bench).await;
    }
    bench.behind_its_back("UPDATE audit_seals SET at = at + 1 WHERE number = 2").await;
    assert_eq!(verified(&bench).await.fault, Some(AuditFault::Rows { number: 2 }));
    bench.behind_its_back("DELETE FROM audit_seals WHERE number = 2").await;
    assert_eq!(verified(&bench).await.fault, Some(AuditFault::Seal { number: 2 }));
}

/// The row with number 5, taken out and to be put back.
async fn without_the_fifth(bench: &Bench) -> &'static str {
    write(bench, 10).await;
    bench.behind_its_back("CREATE TABLE elsewhere AS SELECT * FROM audit_log WHERE seq = 5").await;
    bench.behind_its_back("DELETE FROM audit_log WHERE seq = 5").await;
    if bench.is_sqlite() {
        "INSERT INTO audit_log SELECT * FROM elsewhere"
    } else {
        "INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM elsewhere"
    }
}

async fn a_row_that_appears_late_is_sealed_by_the_next(bench: Bench) {
    let put_back = without_the_fifth(&bench).await;
    assert_eq!(seal(&bench).await, 9);
    assert_eq!(verified(&bench).await, report(1, 9, 0, None));
    // Its transaction was slow.
    bench.behind_its_back(put_back).await;
    write(&bench, 2).await;
    assert_eq!(seal(&bench).await, 3);
    assert_eq!(verified(&bench).await, report(2, 12, 0, None));
    // From now on it is as fixed as the others.
    bench.behind_its_back("UPDATE audit_log SET action = 'nothing' WHERE seq = 5").await;
    assert_eq!(verified(&bench).await.fault, Some(AuditFault::Rows { number: 2 }));
}

async fn a_row_slipped_into_a_gap_is_noticed(bench: Bench) {
    let put_back = without_the_fifth(&bench).await;
    seal(&bench).await;
    bench.behind_its_back(put_back).await;
    assert_eq!(verified(&bench).await.fault, Some(AuditFault::Added { seq: 5 }));
}

/// All of them were looked at.
fn sound(sealed: usize, waiting: usize) -> LinesCheck {
    LinesCheck::Sound { sealed, waiting, unchecked: 0 }
}

/// The lines with these numbers, as a page shows them.
async fn lines(bench: &Bench, numbers: &[i64]) -> Vec<AuditLine> {
    let all = bench.store.audit_lines(&AuditFilter::default(), None, 10_000).await.unwrap();
    all.into_iter().filter(|line| numbers.contains(&line.seq)).collect()
}

/// A page that is filtered shows lines of seals that are far apart: none of them goes unchecked.
async fn each_line_that_is_shown_is_checked_however_far_apart(bench: Bench) {
    for _ in 0..130 {
        write(&bench, 1).await;
        seal(&bench).await;
    }
    write(&bench, 1).await;
    let check = async |numbers: &[i64]| bench.store.check_lines(&lines(&bench, numbers).await).await.unwrap();
    assert_eq!(check(&[]).await, sound(0, 0));
    assert_eq!(check(&[1, 130]).await, sound(2, 0));
    assert_eq!(check(&[1, 130, 131]).await, sound(2, 1));
    bench.behind_its_back("UPDATE audit_log SET detail = '{}' WHERE seq = 1").await;
    assert_eq!(check(&[1, 130]).await, LinesCheck::Broken(AuditFault::Rows { number: 1 }));
    assert_eq!(check(&[2, 130]).await, sound(2, 0));
}

async fn a_line_that_came_late_is_checked_under_the_seal_that_names_it(bench: Bench) {
    let put_back = without_the_fifth(&bench).await;
    seal(&bench).await;
    bench.behind_its_back(put_back).await;
    let check = async |numbers: &[i64]| bench.store.check_lines(&lines(&bench, numbers).await).await.unwrap();
    assert_eq!(check(&[4, 5]).await, sound(1, 1));
    assert_eq!(seal(&bench).await, 1);
    assert_eq!(check(&[4, 5]).await, sound(2, 0));
    bench.behind_its_back("UPDATE audit_log SET action = 'nothing' WHERE seq = 5").await;
    assert_eq!(check(&[5]).await, LinesCheck::Broken(AuditFault::Rows { number: 2 }));
}

/// Whoever changes a line and makes its seal anew has to make anew all that follow.
async fn a_seal_made_anew_does_not_pass(bench: Bench) {
    for _ in 0..3 {
        write(&bench, 1).await;
        seal(&bench).await;
    }
    // Its hash is not the one that the next seal was made with.
    let other = "UPDATE audit_seals SET previous = (SELECT hash FROM audit_seals WHERE number = 1) WHERE number = 3";
    bench.behind_its_back(other).await;
    let check = async |numbers: &[i64]| bench.store.check_lines(&lines(&bench, numbers).await).await.unwrap();
    assert_eq!(check(&[2]).await, LinesCheck::Broken(AuditFault::Seal { number: 2 }));
    assert_eq!(check(&[1]).await, sound(1, 0));
}
