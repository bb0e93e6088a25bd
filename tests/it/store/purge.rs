//! What nobody needs any more goes, and nothing else.

use chrono::TimeDelta;
use idp_core::account::{MemberType, Registration, RegistrationStage};
use idp_core::id::RegistrationId;
use idp_core::secret::Secret;
use idp_core::session::SessionEnd;
use idp_core::throttle::Policy;
use idp_store::Ending;

use super::bench::UNASKED;
use super::{Bench, both, verification};

both! {
    ended_sessions_lose_their_grants_first,
    the_traces_of_an_attempt_at_verification_go_after_ninety_days,
    what_is_over_goes_and_the_rest_stays,
}

async fn what_is_over_goes_and_the_rest_stays(bench: Bench) {
    let (account, session) = bench.member().await;
    let (kept, _) = bench.redeemed(&session).await;
    let forgotten = bench.grant(&session);
    bench.store.issue(&forgotten, UNASKED, bench.now, &[]).await.unwrap();
    let begun = Registration {
        id: RegistrationId::make(&*bench.chance),
        cookie: Secret::make(&*bench.chance).digest(),
        stage: RegistrationStage::TypeChosen { member_type: MemberType::Public },
        request: None,
        expires_at: bench.now + TimeDelta::hours(2),
    };
    bench.store.begin_registration(&begun, bench.now, &[]).await.unwrap();
    let policy = Policy {
        free: 5,
        first_wait: TimeDelta::seconds(30),
        longest_wait: TimeDelta::minutes(15),
        forget_after: TimeDelta::hours(24),
    };
    bench.store.begin_attempt("k", &policy, bench.now).await.unwrap();
    bench.store.queue_mails(&[bench.mail(account.id, None), bench.mail(account.id, Some("x"))]).await.unwrap();
    for mail in bench.store.lease_mails(uuid::Uuid::from_u128(1), bench.now, TimeDelta::minutes(1), 9).await.unwrap() {
        bench.store.mail_sent(mail.id, bench.now).await.unwrap();
    }

    let before = bench.store.table_digests(&[]).await.unwrap();
    assert_eq!(bench.store.purge(bench.now + TimeDelta::minutes(1)).await.unwrap(), 0);
    assert_eq!(bench.store.table_digests(&[]).await.unwrap(), before);

    bench.store.purge(bench.now + TimeDelta::days(8)).await.unwrap();
    for (table, rows) in
        [("registrations", 0), ("throttles", 0), ("mails", 1), ("grants", 1), ("sessions", 1), ("accounts", 1)]
    {
        assert_eq!(bench.store.row_count(table).await.unwrap(), rows, "{table}");
    }
    assert!(bench.store.grant_by_code(&kept.code).await.unwrap().is_some());
    assert!(bench.store.grant_by_code(&forgotten.code).await.unwrap().is_none());
}

async fn ended_sessions_lose_their_grants_first(bench: Bench) {
    let (account, session) = bench.member().await;
    let alive = bench.signed_in(&account).await;
    bench.redeemed(&session).await;
    bench.redeemed(&alive).await;
    bench.store.end_sessions(Ending::Session(session.id), SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
    for (days, grants, sessions) in [(1, 2, 2), (3, 1, 2), (91, 1, 1)] {
        bench.store.purge(bench.now + TimeDelta::days(days)).await.unwrap();
        assert_eq!(bench.store.row_count("grants").await.unwrap(), grants, "after {days} days");
        assert_eq!(bench.store.row_count("sessions").await.unwrap(), sessions, "after {days} days");
    }
    assert!(bench.store.session(alive.id).await.unwrap().is_some());
}

async fn the_traces_of_an_attempt_at_verification_go_after_ninety_days(bench: Bench) {
    let (account, _) = bench.member().await;
    let case = verification::opened(&bench, &account).await;
    let digests = async || bench.store.table_digests(&[]).await.unwrap()["verification_cases"].clone();
    let opened = digests().await;
    bench.store.purge(bench.now + TimeDelta::days(89)).await.unwrap();
    assert_eq!(digests().await, opened);
    bench.store.purge(bench.now + TimeDelta::days(91)).await.unwrap();
    let cleared = digests().await;
    assert_ne!(cleared, opened);
    // That there was one, and what came of it, stays.
    assert_eq!(bench.store.row_count("verification_cases").await.unwrap(), 1);
    assert_eq!(bench.store.purge(bench.now + TimeDelta::days(92)).await.unwrap(), 0);
    assert_eq!(case.account_id, account.id);
}
