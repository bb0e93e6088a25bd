//! Looking through the audit log: every filter finds what a reader who looks at each line finds, in order, page by page.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, ClientId};
use idp_store::{AuditFilter, AuditLine, SealCheck};

use super::{Bench, both};

both! {
    every_filter_finds_what_fits_and_nothing_else,
    lines_that_an_earlier_program_sealed_are_found_by_time,
    the_seals_over_shown_lines_are_checked_as_far_as_a_page_waits,
}

const ACTIONS: [Action; 5] = [
    Action::SignedIn,
    Action::SignInFailed,
    Action::ClientChanged,
    Action::ClientStateChanged,
    Action::PersonalDataSeen,
];

/// Three days of lines of members, officers, programs and nobody, in the order of their time.
async fn write(bench: &Bench, people: &[AccountId], clients: &[ClientId]) {
    let mut events = Vec::new();
    for n in 0..240_usize {
        let (who, whom) = (people[n % people.len()], people[(n / 3) % people.len()]);
        let actor = [Actor::Member(who), Actor::Staff(who), Actor::Program(who), Actor::System][n % 4];
        let at = bench.now - TimeDelta::minutes(i64::try_from(240 - n).unwrap() * 18);
        let event = AuditEvent::new(at, actor, ACTIONS[n % ACTIONS.len()]);
        let event = match actor {
            Actor::Member(own) => event.account(own),
            _ if n % 5 == 0 => event,
            _ => event.account(whom),
        };
        events.push(if n % 3 == 0 { event } else { event.client(&clients[n % clients.len()]) });
    }
    bench.store.record(&events).await.unwrap();
}

fn fits(filter: &AuditFilter, line: &AuditLine) -> bool {
    filter.actor.is_none_or(|actor| line.actor_id == Some(actor))
        && filter.account.is_none_or(|account| line.account_id == Some(account))
        && filter.client.as_ref().is_none_or(|client| line.client_id.as_ref() == Some(client))
        && filter.from.is_none_or(|from| line.at >= from)
        && filter.until.is_none_or(|until| line.at < until)
        && filter.action.as_deref().is_none_or(|action| match action.ends_with('.') {
            true => line.action.starts_with(action),
            false => line.action == action,
        })
}

/// Every combination of something and nothing.
fn filters(people: &[AccountId], clients: &[ClientId], now: DateTime<Utc>) -> Vec<AuditFilter> {
    let day = |back: i64| Some(now - TimeDelta::days(back));
    let mut filters = Vec::new();
    for actor in [None, Some(people[1]), Some(AccountId(uuid::Uuid::nil()))] {
        for account in [None, Some(people[0])] {
            for action in [None, Some("session."), Some("client.state_changed"), Some("no.such"), Some("none.")] {
                for client in [None, Some(clients[1].clone())] {
                    for (from, until) in
                        [(None, None), (day(2), None), (day(2), day(1)), (None, day(2)), (day(9), day(8))]
                    {
                        let action = action.map(str::to_owned);
                        filters.push(AuditFilter { actor, account, action, client: client.clone(), from, until });
                    }
                }
            }
        }
    }
    filters
}

/// Every page, from either end.
async fn pages(bench: &Bench, filter: &AuditFilter) -> (Vec<i64>, Vec<i64>) {
    let (mut newest, mut before) = (Vec::new(), None);
    loop {
        let page = bench.store.audit_lines(filter, before, 7).await.unwrap();
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        newest.extend(page.iter().map(|line| line.seq));
    }
    let (mut oldest, mut after) = (Vec::new(), 0);
    loop {
        let page = bench.store.audit_lines_from(filter, after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        oldest.extend(page.iter().map(|line| line.seq));
    }
    (newest, oldest)
}

async fn compare(bench: &Bench, people: &[AccountId], clients: &[ClientId]) {
    let all = bench.store.audit_lines(&AuditFilter::default(), None, 1000).await.unwrap();
    assert_eq!(all.len(), 240);
    for filter in filters(people, clients, bench.now) {
        let mut expected: Vec<i64> = all.iter().filter(|line| fits(&filter, line)).map(|line| line.seq).collect();
        let (newest, oldest) = pages(bench, &filter).await;
        assert_eq!(newest, expected, "{filter:?}");
        expected.reverse();
        assert_eq!(oldest, expected, "{filter:?}");
    }
}

fn cast(bench: &Bench) -> (Vec<AccountId>, Vec<ClientId>) {
    let people = (0..4).map(|_| AccountId::make(&*bench.chance)).collect();
    (people, ["a", "b"].map(|id| ClientId::parse(id).unwrap()).to_vec())
}

async fn every_filter_finds_what_fits_and_nothing_else(bench: Bench) {
    let (people, clients) = cast(&bench);
    write(&bench, &people, &clients).await;
    // Not sealed, half sealed, sealed.
    compare(&bench, &people, &clients).await;
    for before in [TimeDelta::days(1), TimeDelta::zero()] {
        bench.store.seal_audit(bench.now, before).await.unwrap();
        compare(&bench, &people, &clients).await;
    }
}

async fn lines_that_an_earlier_program_sealed_are_found_by_time(bench: Bench) {
    let (people, clients) = cast(&bench);
    write(&bench, &people, &clients).await;
    bench.store.seal_audit(bench.now, TimeDelta::days(1)).await.unwrap();
    // As if that program had known nothing of hours.
    bench.behind_its_back("DELETE FROM audit_hours").await;
    bench.store.seal_audit(bench.now, TimeDelta::zero()).await.unwrap();
    compare(&bench, &people, &clients).await;
}

async fn the_seals_over_shown_lines_are_checked_as_far_as_a_page_waits(bench: Bench) {
    let (people, clients) = cast(&bench);
    write(&bench, &people, &clients).await;
    for hours in (0..=72).rev().step_by(12) {
        bench.store.seal_audit(bench.now, TimeDelta::hours(hours)).await.unwrap();
    }
    let lines = bench.store.audit_lines(&AuditFilter::default(), None, 1000).await.unwrap();
    let numbers: Vec<i64> = lines.iter().map(|line| line.seq).collect();
    let checked = bench.store.check_lines(&numbers).await.unwrap();
    let SealCheck::Sound { seals } = checked.check else { panic!("{checked:?}") };
    assert!(seals >= 6 && checked.lines == 240, "{checked:?}");
    // One line alone, and one that no seal covers yet.
    let one = bench.store.check_lines(&numbers[200..201]).await.unwrap();
    assert_eq!((one.check, one.lines), (SealCheck::Sound { seals: 1 }, 1));
    bench.store.record(&[bench.event(Action::SignedIn)]).await.unwrap();
    let young = bench.store.check_lines(&[numbers[0] + 1]).await.unwrap();
    assert_eq!((young.check, young.lines), (SealCheck::Sound { seals: 0 }, 1));
    // What is under the seal counts, whichever of its lines are shown.
    bench.behind_its_back(&format!("UPDATE audit_log SET action = 'nothing' WHERE seq = {}", numbers[201])).await;
    let broken = bench.store.check_lines(&numbers[200..201]).await.unwrap();
    assert!(matches!(broken.check, SealCheck::Broken(_)), "{broken:?}");
    let elsewhere = bench.store.check_lines(&numbers[..1]).await.unwrap();
    assert_eq!(elsewhere.check, SealCheck::Sound { seals: 1 });
    // A seal that was put on another one.
    bench.behind_its_back("DELETE FROM audit_seals WHERE number = 1").await;
    let second = bench.store.check_lines(&numbers).await.unwrap();
    assert!(matches!(second.check, SealCheck::Broken(_)), "{second:?}");
}
