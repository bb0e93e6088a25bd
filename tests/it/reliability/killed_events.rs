//! The program is killed while it tells a service of its members. Nothing is lost, and what comes twice has the same name.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use idp_tests::{Behaviour, Clock as _, Receiver, SystemClock, decoded_part, soon};
use idp_web::jobs;
use uuid::Uuid;

use super::Site;

const MEMBERS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_survive_a_kill() {
    let site = Site::on_sqlite().await;
    let receiver = Receiver::start().await;
    receiver.behave(Behaviour::Silence);
    let app = site.app().await;
    let uri = receiver.url("/rp");
    let rp = app
        .client("rp")
        .with(|draft| {
            draft.events.kinds = vec!["registered".to_owned()];
            draft.events.push = Some(uri);
        })
        .await;
    for number in 0..MEMBERS {
        let mut member = app.insert_member(&format!("ana{number}")).await;
        rp.sign_in(&mut member).await;
    }
    app.store.close().await;
    let running = site.trial.serve().await;
    soon("events arrive", async || receiver.received().len() >= 3).await;
    running.kill().await;

    receiver.behave(Behaviour::Status(202));
    let app = site.app().await;
    app.clock().set(SystemClock.now() + TimeDelta::minutes(2));
    soon("every event has been told", async || {
        jobs::deliver_events(app.provider(), Uuid::from_u128(7)).await.unwrap();
        app.store.open_events(&rp.client.id, 100).await.unwrap().is_empty()
    })
    .await;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for received in receiver.received() {
        *times.entry(decoded_part(&received.body, 1)["jti"].as_str().expect("a name").to_owned()).or_default() += 1;
    }
    assert_eq!(times.len(), MEMBERS, "an event was lost");
    assert!(times.values().all(|times| *times <= 2), "{times:?}");
}
