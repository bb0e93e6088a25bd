//! The outbox: each mail is sent by one, and what should be sent once is queued once.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::mail::OutgoingMail;
use uuid::Uuid;

use super::{Bench, at_once, both};

both! {
    a_finished_mail_keeps_no_letter,
    a_lease_that_is_over_is_taken_again,
    a_mail_that_may_exist_once_is_queued_once,
    a_mail_waits_until_it_is_due,
    each_mail_is_leased_to_one,
}

const LEASE: TimeDelta = TimeDelta::minutes(2);

fn holder(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

async fn each_mail_is_leased_to_one(bench: Bench) {
    let (account, _) = bench.member().await;
    let mails: Vec<OutgoingMail> = (0..50).map(|_| bench.mail(account.id, None)).collect();
    bench.store.queue_mails(&mails).await.unwrap();
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 50);
    let leased = at_once(20, |n| {
        let (store, now) = (bench.store.clone(), bench.now);
        async move { store.lease_mails(holder(n as u128), now, LEASE, 5).await.unwrap() }
    })
    .await;
    let mut ids: Vec<_> = leased.iter().flatten().map(|mail| mail.id).collect();
    assert!(leased.iter().all(|mails| mails.len() <= 5));
    let taken = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), taken);
    // PostgreSQL passes over what others are taking; what is left is there for the next.
    let rest = bench.store.lease_mails(holder(99), bench.now, LEASE, 100).await.unwrap();
    assert_eq!(taken + rest.len(), 50);
    assert!(rest.iter().all(|mail| mail.attempts == 1 && mail.sealed == b"sealed"));
    assert!(bench.store.lease_mails(holder(1), bench.now, LEASE, 100).await.unwrap().is_empty());
}

async fn a_lease_that_is_over_is_taken_again(bench: Bench) {
    let (account, _) = bench.member().await;
    bench.store.queue_mails(&[bench.mail(account.id, None)]).await.unwrap();
    assert_eq!(bench.store.lease_mails(holder(1), bench.now, LEASE, 9).await.unwrap().len(), 1);
    let later = bench.now + LEASE;
    let again = bench.store.lease_mails(holder(2), later, LEASE, 9).await.unwrap();
    assert_eq!(again.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [2]);
    let due = later + TimeDelta::minutes(5);
    bench.store.mail_retry(again[0].id, due, "the server said no").await.unwrap();
    assert!(bench.store.lease_mails(holder(1), later + LEASE, LEASE, 9).await.unwrap().is_empty());
    assert_eq!(bench.store.lease_mails(holder(1), due, LEASE, 9).await.unwrap().len(), 1);
}

async fn a_mail_waits_until_it_is_due(bench: Bench) {
    let (account, _) = bench.member().await;
    let due = bench.now + TimeDelta::hours(1);
    let mail = OutgoingMail { due_at: due, ..bench.mail(account.id, None) };
    bench.store.queue_mails(&[mail]).await.unwrap();
    assert!(bench.store.lease_mails(holder(1), bench.now, LEASE, 9).await.unwrap().is_empty());
    assert_eq!(bench.store.lease_mails(holder(1), due, LEASE, 9).await.unwrap().len(), 1);
}

async fn a_mail_that_may_exist_once_is_queued_once(bench: Bench) {
    let bench = Arc::new(bench);
    let (account, _) = bench.member().await;
    let (other, _) = bench.member().await;
    at_once(20, |_| {
        let (bench, account) = (Arc::clone(&bench), account.id);
        async move {
            let mails = [bench.mail(account, Some("ending-14")), bench.mail(account, None)];
            bench.store.queue_mails(&mails).await.unwrap();
        }
    })
    .await;
    bench.store.queue_mails(&[bench.mail(other.id, Some("ending-14"))]).await.unwrap();
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 22);
}

async fn a_finished_mail_keeps_no_letter(bench: Bench) {
    let (account, _) = bench.member().await;
    let mails = [bench.mail(account.id, Some("welcome")), bench.mail(account.id, None)];
    bench.store.queue_mails(&mails).await.unwrap();
    bench.store.mail_sent(mails[0].id, bench.now).await.unwrap();
    bench.store.mail_dropped(mails[1].id, "too old", bench.now).await.unwrap();
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 0);
    assert!(bench.store.lease_mails(holder(1), bench.now, LEASE, 9).await.unwrap().is_empty());
    // It still says that it was sent.
    bench.store.queue_mails(&[bench.mail(account.id, Some("welcome"))]).await.unwrap();
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 0);
    assert_eq!(bench.store.row_count("mails").await.unwrap(), 2);
}
