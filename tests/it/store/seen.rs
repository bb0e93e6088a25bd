//! Who has seen or received something: looks and releases apart, each page by page.

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, ClientId};

use super::{Bench, both};

both! {
    a_look_is_found_behind_any_number_of_releases,
    releases_are_one_line_for_a_service_and_day_and_go_on_where_a_page_ends,
}

fn look(official: AccountId, member: AccountId, at: DateTime<Utc>) -> AuditEvent {
    AuditEvent::by_staff(at, official, Action::PersonalDataSeen).account(member)
}

fn release(member: AccountId, client: &str, at: DateTime<Utc>, scope: &str) -> AuditEvent {
    let event = AuditEvent::new(at, Actor::Client, Action::TokensRefreshed).account(member);
    event.client(&ClientId::parse(client).unwrap()).detail(serde_json::json!({ "scope": scope }))
}

async fn a_look_is_found_behind_any_number_of_releases(bench: Bench) {
    let (ana, ben) = (AccountId::make(&*bench.chance), AccountId::make(&*bench.chance));
    let official = AccountId::make(&*bench.chance);
    bench.store.record(&vec![look(official, ana, bench.now); 5]).await.unwrap();
    bench.store.record(&[look(official, ben, bench.now)]).await.unwrap();
    bench.store.record(&vec![release(ana, "rp", bench.now, "openid"); 2_000]).await.unwrap();
    let first = bench.store.looks_at(ana, None, 3).await.unwrap();
    let rest = bench.store.looks_at(ana, first.last().map(|line| line.seq), 3).await.unwrap();
    assert_eq!((first.len(), rest.len()), (3, 2));
    let all: Vec<i64> = first.iter().chain(&rest).map(|line| line.seq).collect();
    assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "each once, the newest first: {all:?}");
    assert!(first.iter().chain(&rest).all(|line| line.account_id == Some(ana) && line.action == "data.seen_by_staff"));
}

async fn releases_are_one_line_for_a_service_and_day_and_go_on_where_a_page_ends(bench: Bench) {
    let ana = AccountId::make(&*bench.chance);
    let mut expected = Vec::new();
    // 17.30 of the day before in UTC is half past midnight in Bangkok.
    let midnight = DateTime::parse_from_rfc3339("2027-01-15T00:30:00+07:00").unwrap().to_utc();
    for day in (0..4).rev() {
        for client in ["two", "one"] {
            let at = midnight - TimeDelta::days(day);
            let times = day + 2;
            let mut events = vec![release(ana, client, at, "openid"); usize::try_from(times).unwrap() - 1];
            events.push(release(ana, client, at + TimeDelta::hours(23), "openid email"));
            bench.store.record(&events).await.unwrap();
            expected.push((client.to_owned(), at + TimeDelta::hours(23), times));
        }
    }
    // Of somebody else, of no service, and of no release.
    bench.store.record(&[release(AccountId::make(&*bench.chance), "one", midnight, "openid")]).await.unwrap();
    bench.store.record(&[AuditEvent::by_member(midnight, ana, Action::TokensIssued)]).await.unwrap();
    bench.store.record(&[AuditEvent::by_member(midnight, ana, Action::SignedIn)]).await.unwrap();
    let (mut found, mut place) = (Vec::new(), None);
    loop {
        let page = bench.store.releases_of(ana, place.as_ref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        place = Some(last.place.clone());
        found.extend(page);
    }
    expected.reverse();
    // Within a day the services go down by their names: "two", "one".
    expected.chunks_mut(2).for_each(|day| day.sort_by(|one, other| other.0.cmp(&one.0)));
    let said: Vec<_> = found.iter().map(|day| (day.place.client_id.to_string(), day.at, day.times)).collect();
    assert_eq!(said, expected);
    for day in &found {
        let given: Vec<_> = day.given.iter().filter_map(|(_, detail)| detail.as_deref()).collect();
        assert_eq!(given, [r#"{"scope":"openid email"}"#, r#"{"scope":"openid"}"#], "each once");
    }
}
