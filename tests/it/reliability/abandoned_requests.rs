//! S125: requests are begun and left lying, more than there is room for.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use idp_tests::App;

const ROOM: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s125_requests_left_lying_fill_their_room_and_no_more_and_those_under_way_go_on() {
    let app = App::start_with(|config| config.short_lived.max_entries = ROOM).await;
    let rp = app.client("rp").first_party().await;
    let ana = app.insert_member("ana").await;
    let mut early = ana.elsewhere();
    let ask = rp.ask();
    let waiting = early.browser.get(&ask.path()).await;
    waiting.expect_at("/login");

    let mut seen = BTreeMap::new();
    for _ in 0..ROOM {
        // Each from an address of its own, so that no limit on one origin helps.
        let page = app.browser().get(&rp.ask().path()).await;
        *seen.entry(page.status.as_u16()).or_insert(0) += 1;
        if page.status == 503 {
            page.expect_error(503, "temporarily_unavailable");
            assert!(page.headers.contains_key("retry-after"));
        }
    }
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [200, 503]);
    // An entry for the request and one for the count of its origin.
    assert!(seen[&200] <= ROOM / 2, "{seen:?}");

    // Whoever was under way arrives, and whoever signs in without a request too.
    let page = early.sign_in_at(&waiting).await;
    rp.exchange(&ask, idp_tests::Answer::of(&page).code()).await.expect(200);
    assert_eq!(ana.elsewhere().sign_in().await.place(), "/profile");
    // A service with a member who is signed in needs no room.
    assert!(!rp.ask_silently(&mut early.browser).await.code().is_empty());
    // And when the abandoned ones are over there is room again.
    app.advance(TimeDelta::hours(2));
    let mut late = ana.elsewhere();
    rp.sign_in(&mut late).await;
}

#[tokio::test]
async fn s125_one_origin_cannot_fill_the_room() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut seen = BTreeMap::new();
    let mut attacker = app.browser();
    for _ in 0..700 {
        attacker.forget_cookies();
        *seen.entry(attacker.get(&rp.ask().path()).await.status.as_u16()).or_insert(0) += 1;
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(200, 600), (429, 100)]);
    app.browser().get(&rp.ask().path()).await.expect_at("/login");
}
