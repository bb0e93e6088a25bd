//! A million made-up members on PostgreSQL, and what finding them costs.
//!
//! `cargo run -p idp-tests --bin many_members -- [members] [clients]` starts a PostgreSQL of its own (with the settings of
//! the tests: 64 MB of buffers), fills it, and prints how long each search and each list takes: the first page and the
//! ten-thousandth, at the median and at the 99th percentile of 200 askings each. It judges nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use idp_core::account::Sought;
use idp_core::seal::{MasterSecret, Vault};
use idp_store::{MemberList, MemberPlace, Store, StoreOptions};
use idp_tests::{Clock as _, Crowd, SystemChance, SystemClock, servers};

/// Rows on a page of the console.
const PAGE: u64 = 25;
/// How often each is asked for.
const ASKED: usize = 200;

#[tokio::main]
async fn main() {
    let mut counts = std::env::args().skip(1).map(|count| count.parse().unwrap_or(0));
    let members = counts.next().unwrap_or(1_000_000);
    let clients = counts.next().unwrap_or(500);
    let crowd = Crowd { members, clients, now: SystemClock.now() };
    let server = servers::Postgres::of_its_own();
    let url = server.empty_database();
    let secret = MasterSecret { id: "k1".to_owned(), bytes: [1; 32].into() };
    let vault = Arc::new(Vault::new(vec![secret]).expect("one secret"));
    let options = StoreOptions {
        url: url.clone(),
        max_connections: 8,
        vault: Arc::clone(&vault),
        chance: Arc::new(SystemChance),
        cache_ttl: Duration::from_secs(5),
    };
    let store = Store::open(options).await.expect("the database opens");
    store.migrate().await.expect("the tables are made");
    let begun = Instant::now();
    crowd.make_clients(&store).await.expect("the services are written");
    crowd.make_members(&server, &url, &vault).expect("the members are written");
    say(format!("{members} members and {clients} services in {} s", begun.elapsed().as_secs()));
    say(format!("{:<44} {:>9} {:>9} {:>9}", "asked for", "page", "median", "p99"));
    let name = |typed: &str| match Sought::parse(typed) {
        Ok(Sought::Word(prefix)) => MemberList::Called(prefix),
        _ => MemberList::All,
    };
    for (what, list) in [
        ("name, two letters (สม)", name("สม")),
        ("name, given name (สมวิ)", name("สมวิ")),
        ("name, Latin (som)", name("som")),
        ("name, nobody's (ฮฮฮ)", name("ฮฮฮ")),
        ("address (member77@)", name("member77@")),
        ("address, beginning (member7@mail7)", name("member7@mail7")),
        ("list: all", MemberList::All),
        ("list: permanent", MemberList::Permanent),
        ("list: temporary", MemberList::Temporary),
        ("list: ended", MemberList::Ended),
        ("list: suspended", MemberList::Suspended),
        ("list: frozen", MemberList::Frozen),
        ("list: deleting", MemberList::Deleting),
        ("list: of a service", MemberList::Of(Crowd::client(7))),
    ] {
        measure(&store, what, &list, None, "first", crowd.now).await;
        if let (Some(deep), page) = walk(&store, &list, 10_000, crowd.now).await {
            measure(&store, what, &list, Some(&deep), &page.to_string(), crowd.now).await;
        }
    }
}

/// The place before the `pages`th page, or before the last one there is.
async fn walk(store: &Store, list: &MemberList, pages: u64, now: DateTime<Utc>) -> (Option<MemberPlace>, u64) {
    // In strides: what counts is where one arrives.
    const STRIDE: u64 = 20;
    let (mut place, mut page) = (None, 1);
    while page < pages {
        let strides = STRIDE.min(pages - page);
        let next = store.members(list, place.as_ref(), PAGE * strides, now).await.expect("the store answers").next;
        let Some(next) = next else { break };
        place = Some(next);
        page += strides;
    }
    (place, page)
}

async fn measure(
    store: &Store,
    what: &str,
    list: &MemberList,
    after: Option<&MemberPlace>,
    page: &str,
    now: DateTime<Utc>,
) {
    let mut times = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let begun = Instant::now();
        store.members(list, after, PAGE, now).await.expect("the store answers");
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| format!("{:.1} ms", times[(ASKED * share / 100).min(ASKED - 1)].as_secs_f64() * 1000.0);
    say(format!("{what:<44} {page:>9} {:>9} {:>9}", at(50), at(99)));
}

fn say(line: String) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}
