//! Notices of sign-out: written with the end of the session, taken by one, kept until they are done with.

use chrono::TimeDelta;
use idp_core::audit::{Action, AuditEvent};
use idp_core::client::{Client, LogoutChannels, OutgoingUri};
use idp_core::grant::Grant;
use idp_core::session::{Session, SessionEnd};
use idp_store::{Ending, LogoutNotice, NOTICE_LIFETIME};
use uuid::Uuid;

use super::bench::UNASKED;
use super::{Bench, at_once, both};

both! {
    each_notice_is_taken_by_one,
    one_client_does_not_fill_the_batch,
    the_end_and_its_notices_are_one_write,
    what_is_done_goes_after_a_while,
}

const LEASE: TimeDelta = TimeDelta::minutes(1);

/// A client that wants to be told.
async fn told(bench: &Bench, id: &str) -> Client {
    let back = OutgoingUri::parse("https://rp.test/out").unwrap();
    let logout = LogoutChannels { back: Some(back), ..LogoutChannels::default() };
    let client = Client { logout, ..bench.client(id) };
    assert!(bench.store.insert_client(&client, &[]).await.unwrap());
    client
}

async fn end(bench: &Bench, session: &Session) {
    let ending = Ending::Session(session.id);
    bench.store.end_sessions(ending, SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
}

async fn take(bench: &Bench, after: TimeDelta) -> Vec<LogoutNotice> {
    bench.store.lease_notices(Uuid::from_u128(1), bench.now + after, LEASE, 8, 64).await.unwrap()
}

async fn the_end_and_its_notices_are_one_write(bench: Bench) {
    // The grants of the bench are of the client "rp".
    told(&bench, "rp").await;
    let (_, session) = bench.member().await;
    bench.redeemed(&session).await;
    bench.redeemed(&session).await;
    let (_, other) = bench.member().await;
    let code = bench.grant(&other);
    bench.store.issue(&code, UNASKED, bench.now, &[]).await.unwrap();
    assert!(take(&bench, TimeDelta::zero()).await.is_empty());
    end(&bench, &other).await;
    assert!(take(&bench, TimeDelta::zero()).await.is_empty(), "nobody redeemed the code");
    end(&bench, &session).await;
    end(&bench, &session).await;
    let taken = take(&bench, TimeDelta::zero()).await;
    assert_eq!(taken.len(), 1, "two grants, one session, one notice");
    assert_eq!((taken[0].sid, taken[0].account_id, taken[0].attempts), (session.id, session.account_id, 1));
    assert_eq!((taken[0].made_at, taken[0].expires_at), (bench.now, bench.now + NOTICE_LIFETIME));
}

async fn each_notice_is_taken_by_one(bench: Bench) {
    told(&bench, "rp").await;
    for _ in 0..20 {
        let (_, session) = bench.member().await;
        bench.redeemed(&session).await;
        end(&bench, &session).await;
    }
    let other = if bench.is_sqlite() { bench.store.clone() } else { bench.another_node().await };
    let taken = at_once(20, |turn| {
        let (store, now) = (if turn % 2 == 0 { bench.store.clone() } else { other.clone() }, bench.now);
        async move { store.lease_notices(Uuid::from_u128(turn as u128), now, LEASE, 5, 64).await.unwrap() }
    })
    .await;
    let mut sids: Vec<_> = taken.iter().flatten().map(|notice| notice.sid).collect();
    let count = sids.len();
    sids.sort_unstable_by_key(|sid| sid.0);
    sids.dedup();
    assert_eq!(sids.len(), count, "nobody takes what another has taken");
    let rest = bench.store.lease_notices(Uuid::nil(), bench.now, LEASE, 64, 64).await.unwrap();
    assert_eq!(count + rest.len(), 20);
    // Nobody finished: whoever comes after the lease takes them again.
    let again = bench.store.lease_notices(Uuid::nil(), bench.now + LEASE, LEASE, 64, 64).await.unwrap();
    assert_eq!(again.len(), 20);
    assert!(again.iter().all(|notice| notice.attempts == 2));
}

async fn one_client_does_not_fill_the_batch(bench: Bench) {
    told(&bench, "rp").await;
    for _ in 0..10 {
        let (_, session) = bench.member().await;
        bench.redeemed(&session).await;
        end(&bench, &session).await;
    }
    let other = told(&bench, "other").await;
    let (_, session) = bench.member().await;
    let grant = Grant { client_id: other.id, ..bench.grant(&session) };
    bench.store.issue(&grant, UNASKED, bench.now, &[]).await.unwrap();
    assert!(bench.store.redeem(grant.id, None, bench.now, &[]).await.unwrap());
    end(&bench, &session).await;
    let taken = bench.store.lease_notices(Uuid::nil(), bench.now, LEASE, 3, 64).await.unwrap();
    let of = |id: &str| taken.iter().filter(|notice| notice.client_id.as_str() == id).count();
    assert_eq!((of("rp"), of("other")), (3, 1));
}

async fn what_is_done_goes_after_a_while(bench: Bench) {
    told(&bench, "rp").await;
    let store = &bench.store;
    let mut taken = Vec::new();
    for _ in 0..3 {
        let (_, session) = bench.member().await;
        bench.redeemed(&session).await;
        end(&bench, &session).await;
        taken.extend(take(&bench, TimeDelta::zero()).await);
    }
    store.notice_delivered(&taken[0], bench.now).await.unwrap();
    let event: AuditEvent = bench.event(Action::LogoutNoticeGivenUp).account(taken[1].account_id);
    store.notice_given_up(&taken[1], "no", bench.now, std::slice::from_ref(&event)).await.unwrap();
    store.notice_given_up(&taken[1], "no", bench.now, &[event]).await.unwrap();
    assert_eq!(bench.lines(taken[1].account_id, Action::LogoutNoticeGivenUp).await, 1);
    store.notice_retry(&taken[2], bench.now + TimeDelta::days(400), "later").await.unwrap();
    let open = store.open_notices(Some(&taken[0].client_id), 10).await.unwrap();
    assert_eq!(open.len(), 2);
    assert_eq!(open.iter().filter(|notice| notice.given_up_at == Some(bench.now)).count(), 1);
    for (days, left) in [(8, 2), (91, 1), (300, 1)] {
        store.purge(bench.now + TimeDelta::days(days)).await.unwrap();
        assert_eq!(store.row_count("logout_notices").await.unwrap(), left, "{days}");
    }
}
