//! S046: the program is killed while it tells services of a sign-out. None of them is left untold, and none hears of it more
//! than once too often.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use idp_tests::{Behaviour, Clock as _, Receiver, SystemClock, decoded_part, servers, soon};
use idp_web::jobs;
use uuid::Uuid;

use super::Site;

const SERVICES: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s046_notices_survive_a_kill_on_sqlite() {
    survive(Site::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s046_notices_survive_a_kill_on_postgresql() {
    survive(Site::on_postgres(servers::postgres().empty_database()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s034_what_was_ended_stays_so_when_every_node_is_killed() {
    let site = Site::on_postgres(servers::postgres().empty_database()).await;
    let app = site.app().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let mut bo = app.insert_member("bo").await;
    let mut cai = app.insert_member("cai").await;
    let (used, revoked, signed_out) =
        (rp.sign_in(&mut ana).await, rp.sign_in(&mut bo).await, rp.sign_in(&mut cai).await);
    let (first, there) = site.serve(&app).await;
    let (second, other) = site.serve_twice(&app).await;
    let (here, elsewhere) = (rp.at(&there), rp.at(&other));
    let live = here.refreshed(&used).await;
    elsewhere.call("/revoke", &[("token", &revoked.refresh)], &[]).await.expect(200);
    let cookies = cai.browser.cookies.clone();
    cai.sign_out().await;
    elsewhere.refresh(&signed_out.refresh, None).await.expect_token_error("invalid_grant");
    app.store.close().await;
    first.kill().await;
    second.kill().await;

    let app = site.app().await;
    let rp = rp.at(&app);
    for dead in [&revoked, &signed_out] {
        rp.userinfo(&dead.access).await.expect(401);
        rp.refresh(&dead.refresh, None).await.expect_token_error("invalid_grant");
    }
    let mut browser = app.browser();
    browser.cookies = cookies;
    assert!(!browser.is_signed_in().await);
    // What was alive goes on, and what it replaced is a replay.
    let live = rp.refreshed(&live).await;
    rp.refresh(&used.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&live.access).await.expect(401);
}

async fn survive(site: Site) {
    let receiver = Receiver::start().await;
    let app = site.app().await;
    let mut services = Vec::new();
    for number in 0..SERVICES {
        let (id, uri) = (format!("rp{number}"), receiver.url(&format!("/rp{number}")));
        services.push(app.client(&id).first_party().with(|draft| draft.logout.back = Some(uri)).await);
    }
    app.store.close().await;
    // Killed when so many notices have arrived: while nobody answers, and in the middle of the answers.
    for (behaviour, arrived) in [(Behaviour::Silence, 3), (Behaviour::Status(200), 1), (Behaviour::Status(200), 8)] {
        let earlier = receiver.received().len();
        let app = site.app().await;
        let mut ana = app.insert_member(&format!("ana{earlier}")).await;
        for rp in &services {
            rp.at(&app).sign_in(&mut ana).await;
        }
        ana.sign_out().await;
        assert_eq!(app.store.open_notices(None, 100).await.unwrap().len(), SERVICES);
        app.store.close().await;
        receiver.behave(behaviour);
        let running = site.trial.serve().await;
        soon("notices arrive", async || receiver.received().len() >= earlier + arrived).await;
        running.kill().await;

        // Another node goes on when what the dead one had taken in hand is nobody's any more.
        receiver.behave(Behaviour::Status(200));
        let app = site.app().await;
        app.clock().set(SystemClock.now() + TimeDelta::minutes(2));
        soon("every service has been told", async || {
            jobs::deliver_notices(app.provider(), Uuid::from_u128(7)).await.unwrap();
            app.store.open_notices(None, 100).await.unwrap().is_empty()
        })
        .await;
        app.store.close().await;

        let mut heard: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for received in &receiver.received()[earlier..] {
            let token = received.body.strip_prefix("logout_token=").expect("a notice");
            let sid = decoded_part(token, 1)["sid"].as_str().expect("a session").to_owned();
            heard.entry(received.uri.path().to_owned()).or_default().push(sid);
        }
        assert_eq!(heard.len(), SERVICES, "somebody was never told");
        for (service, sids) in &heard {
            assert!(sids.len() <= 2, "{service} was told {} times", sids.len());
            assert!(sids.iter().all(|sid| *sid == sids[0]), "of this session alone");
        }
    }
}
