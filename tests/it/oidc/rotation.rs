//! Signing keys change, and nobody fails.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::audit::Actor;
use idp_core::jose::{Algorithm, JWKS_MAX_AGE, KeyState};
use idp_tests::{App, Client, Member, SystemChance, decoded_part, soon};
use idp_web::key_rotation::{self, Keyring, Rotated};
use idp_web::keys;
use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

async fn round(app: &App) {
    key_rotation::tend(app.provider()).await.expect("the keys can be changed");
}

fn keyring(app: &App) -> Keyring<'_> {
    let policy = key_rotation::policy(&app.config);
    Keyring { store: &app.store, vault: &app.vault, chance: &SystemChance, policy, actor: Actor::Operator }
}

async fn published(app: &App) -> BTreeSet<String> {
    let keys = app.get("/jwks.json").await.expect(200).json();
    let kid = |key: &Value| key["kid"].as_str().expect("a name").to_owned();
    keys["keys"].as_array().expect("a list").iter().map(kid).collect()
}

fn signer(token: &str) -> String {
    decoded_part(token, 0)["kid"].as_str().expect("a name").to_owned()
}

async fn kid_of(app: &App, algorithm: Algorithm, state: KeyState) -> Option<String> {
    let keys = app.store.signing_keys().await.expect("the database can be read");
    keys.into_iter().find(|key| key.algorithm == algorithm && key.state == state).map(|key| key.kid)
}

#[tokio::test]
async fn the_published_keys_may_be_kept_for_less_than_the_lead() {
    let app = App::start().await;
    let age = app.get("/jwks.json").await.expect(200).header("cache-control").to_owned();
    assert_eq!(age, format!("public, max-age={}", JWKS_MAX_AGE.num_seconds()));
    assert!(JWKS_MAX_AGE < key_rotation::policy(&app.config).lead);
    // The shortest lead that can be set is an hour.
    assert!(JWKS_MAX_AGE < TimeDelta::hours(1));
}

#[tokio::test]
async fn a_key_is_published_signs_retires_and_goes_by_schedule() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").await;
    let first = signer(&rp.sign_in(&mut ana).await.id.token);
    round(&app).await;
    let next = kid_of(&app, Algorithm::ES256, KeyState::Next).await.expect("a next key is always there");
    assert!(published(&app).await.contains(&next));
    app.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
    round(&app).await;
    let last = rp.sign_in(&mut ana).await;
    assert_eq!(signer(&last.id.token), first);
    app.advance(TimeDelta::seconds(1));
    round(&app).await;
    let after = rp.sign_in(&mut ana).await;
    assert_eq!((signer(&after.id.token), signer(&after.access)), (next.clone(), next.clone()));
    rp.userinfo(&last.access).await.expect(200);
    assert!(published(&app).await.contains(&first));
    // For as long as a session can last, its ID token may come as a hint.
    app.advance(TimeDelta::hours(12));
    round(&app).await;
    let hint =
        rp.logout_path(&[("id_token_hint", &last.id.token), ("post_logout_redirect_uri", rp.after_logout().as_str())]);
    assert_eq!(ana.browser.get(&hint).await.left_for(), rp.after_logout());
    app.advance(TimeDelta::minutes(5));
    round(&app).await;
    let left = published(&app).await;
    assert!(!left.contains(&first) && left.contains(&next));
    assert_eq!(left.len(), 2 * Algorithm::ALWAYS.len(), "an active and a next key for each algorithm");
}

#[tokio::test]
async fn with_a_period_of_nought_keys_change_by_command_alone() {
    let app = App::start_with(|config| config.keys.rotate_every_days = 0).await;
    let before = published(&app).await;
    app.advance(TimeDelta::days(1000));
    round(&app).await;
    assert_eq!(published(&app).await, before);
    let ripe = app.now() + TimeDelta::hours(24);
    let rotate = async || keyring(&app).rotate(Algorithm::RS256, app.now()).await.expect("the keys can be changed");
    assert_eq!(rotate().await, Rotated::Published(ripe));
    assert_eq!(rotate().await, Rotated::TooEarly(ripe));
    app.advance(TimeDelta::hours(24));
    let next = kid_of(&app, Algorithm::RS256, KeyState::Next).await.expect("it was made");
    assert_eq!(rotate().await, Rotated::Signs(next.clone()));
    keys::reload(app.provider()).await.expect("the keys can be read");
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").rs256().await;
    assert_eq!(signer(&rp.sign_in(&mut ana).await.id.token), next);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_retired_in_an_emergency_is_believed_nowhere() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    let mut ana = first.insert_member("ana").await;
    let rp = first.client("rp").await;
    round(&first).await;
    keys::reload(second.provider()).await.expect("the keys can be read");
    let tokens = rp.sign_in(&mut ana).await;
    let (leaked, next) = (signer(&tokens.access), kid_of(&first, Algorithm::ES256, KeyState::Next).await);
    let instead = keyring(&first).revoke(&leaked, first.now()).await.expect("the keys can be changed");
    assert_eq!(instead, Some(next.clone()));
    for app in [&first, &second] {
        keys::reload(app.provider()).await.expect("the keys can be read");
        assert!(!published(app).await.contains(&leaked));
        rp.at(app).userinfo(&tokens.access).await.expect(401);
    }
    // The member stays signed in, and the service gets tokens by the key that everybody knew already.
    let there = rp.at(&second);
    let renewed = there.refreshed(&tokens).await;
    assert_eq!(Some(signer(&renewed.access)), next);
    rp.userinfo(&renewed.access).await.expect(200);
}

/// A service that keeps the keys for as long as it is told, asks for none in between, and takes them from any node.
struct Kept {
    at: DateTime<Utc>,
    good_for: TimeDelta,
    jwks: String,
}

impl Kept {
    async fn fetch(app: &App) -> Self {
        let reply = app.get("/jwks.json").await.expect(200);
        let age = reply.header("cache-control").rsplit_once("max-age=").expect("a cache may keep it").1.to_owned();
        let good_for = TimeDelta::seconds(age.parse().expect("seconds"));
        Self { at: app.now(), good_for, jwks: reply.body }
    }
}

/// Signs in at one node, redeems at another, checks by the kept keys, and shows the access token at a node.
async fn keep_signing_in(
    nodes: Arc<Vec<App>>,
    gate: Arc<RwLock<()>>,
    (rp, mut member): (Client, Member),
    count: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> BTreeSet<String> {
    let (mut kept, mut signers) = (Kept::fetch(&nodes[0]).await, BTreeSet::new());
    for turn in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        // No code may be under way while the clock leaps.
        let _under_way = gate.read().await;
        let node = |offset: usize| &nodes[(turn + offset) % nodes.len()];
        member.browser.visit(node(0));
        let ask = rp.ask();
        let answer = rp.at(node(0)).authorize(&mut member, &ask).await;
        let reply = rp.at(node(turn / 2)).exchange(&ask, answer.code()).await.expect(200).json();
        let text = |name: &str| reply[name].as_str().expect("a token").to_owned();
        if node(0).now() - kept.at >= kept.good_for {
            kept = Kept::fetch(node(1)).await;
        }
        let (id, access) = (text("id_token"), text("access_token"));
        rp.check_id_token_by(&kept.jwks, &id, ask.get("nonce"), &access);
        rp.at(node(1)).userinfo(&access).await.expect(200);
        signers.insert(signer(&id));
        count.fetch_add(1, Ordering::SeqCst);
    }
    signers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rotation_under_load_on_two_nodes_fails_nobody() {
    let first = App::start_on_servers().await;
    let nodes = Arc::new(vec![first.clone(), first.another_node().await]);
    round(&first).await;
    first.advance(TimeDelta::days(90) - TimeDelta::minutes(6));
    for node in &*nodes {
        keys::reload(node.provider()).await.expect("the keys can be read");
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (mut services, mut counts) = (JoinSet::new(), Vec::new());
    for number in 0..4 {
        let name = format!("rp{number}");
        let rp = if number % 2 == 0 { first.client(&name).await } else { first.client(&name).rs256().await };
        let member = first.insert_permanent(&name).await;
        let count = Arc::new(AtomicUsize::new(0));
        let (nodes, gate, stop) = (Arc::clone(&nodes), Arc::default(), Arc::clone(&stop));
        services.spawn(keep_signing_in(nodes, gate, (rp, member), Arc::clone(&count), stop));
        counts.push(count);
    }
    // Twenty seconds at a time: six minutes before the switch, and longer after it than any cache may lag.
    for step in 0..40 {
        first.advance(TimeDelta::seconds(20));
        let before: Vec<usize> = counts.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        round(&nodes[step % 2]).await;
        let moved = || counts.iter().zip(&before).all(|(count, before)| count.load(Ordering::SeqCst) >= before + 2);
        soon("every service has signed in", async || moved() || !services.is_empty() && stopped(&mut services)).await;
        // The other node comes to know of it later than it ever would.
        keys::reload(nodes[(step + 1) % 2].provider()).await.expect("the keys can be read");
    }
    stop.store(true, Ordering::SeqCst);
    while let Some(signers) = services.join_next().await {
        assert_eq!(signers.expect("no verification fails").len(), 2, "the key before and the key after");
    }
    let done: usize = counts.iter().map(|count| count.load(Ordering::SeqCst)).sum();
    assert!(done >= 40 * 2 * counts.len(), "{done} sign-ins");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s136_ten_rotations_under_load_fail_no_verification() {
    const ROTATIONS: usize = 10;
    let first = App::start_on_servers_with(|config| {
        config.keys.rotate_every_days = 0;
        config.keys.publish_ahead_hours = 1;
    });
    let first = first.await;
    let nodes = Arc::new(vec![first.clone(), first.another_node().await]);
    let (gate, stop) = (Arc::<RwLock<()>>::default(), Arc::new(AtomicBool::new(false)));
    let (mut services, mut counts) = (JoinSet::new(), Vec::new());
    for number in 0..4 {
        let name = format!("rp{number}");
        let rp = if number % 2 == 0 { first.client(&name).await } else { first.client(&name).rs256().await };
        let (member, count) = (first.insert_permanent(&name).await, Arc::new(AtomicUsize::new(0)));
        let shared = (Arc::clone(&nodes), Arc::clone(&gate), Arc::clone(&count), Arc::clone(&stop));
        services.spawn(keep_signing_in(shared.0, shared.1, (rp, member), shared.2, shared.3));
        counts.push(count);
    }
    let mut all_have_signed_in = async || {
        let before: Vec<usize> = counts.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        let moved = || counts.iter().zip(&before).all(|(count, before)| count.load(Ordering::SeqCst) >= before + 2);
        soon("every service has signed in", async || moved() || stopped(&mut services)).await;
    };
    let leap = async |by: TimeDelta| {
        let _nobody = gate.write().await;
        first.advance(by);
        for node in &*nodes {
            keys::reload(node.provider()).await.expect("the keys can be read");
        }
    };
    for turn in 0..ROTATIONS {
        let node = &nodes[turn % 2];
        let rotate =
            async |algorithm| keyring(node).rotate(algorithm, node.now()).await.expect("the keys can be changed");
        for algorithm in Algorithm::ALWAYS {
            assert!(matches!(rotate(algorithm).await, Rotated::Published(_)));
        }
        all_have_signed_in().await;
        // Services fetch the keys two minutes before the new one signs, and keep them for five.
        leap(TimeDelta::minutes(58)).await;
        all_have_signed_in().await;
        leap(TimeDelta::minutes(2)).await;
        for algorithm in Algorithm::ALWAYS {
            assert!(matches!(rotate(algorithm).await, Rotated::Signs(_)));
        }
        // One node knows at once, the other a while later: both keep being asked.
        keys::reload(node.provider()).await.expect("the keys can be read");
        all_have_signed_in().await;
        leap(TimeDelta::seconds(10)).await;
        all_have_signed_in().await;
    }
    stop.store(true, Ordering::SeqCst);
    while let Some(signers) = services.join_next().await {
        assert_eq!(signers.expect("no verification fails").len(), 1 + ROTATIONS, "every key has signed");
    }
}

/// A service that failed: its panic is the answer.
fn stopped(services: &mut JoinSet<BTreeSet<String>>) -> bool {
    match services.try_join_next() {
        Some(Ok(_)) | None => false,
        Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
    }
}
