//! Many at once, on one node and on two, and one of them at most.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::client::ASSERTION_TYPE;
use idp_core::jose::Algorithm;
use idp_tests::{Answer, App, Ask, Client, Reply, encoded, soon};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const MANY: usize = 50;

/// Makes each body two tests: one node on SQLite, two nodes on PostgreSQL and Redis.
macro_rules! on_one_node_and_on_two {
    ($($name:ident),+ $(,)?) => {
        mod one_node {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(vec![idp_tests::App::start().await]).await;
            })+
        }
        mod two_nodes {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let first = idp_tests::App::start_on_servers().await;
                let second = first.another_node().await;
                super::$name(vec![first, second]).await;
            })+
        }
    };
}

on_one_node_and_on_two! {
    s020_of_fifty_exchanges_of_one_code_one_succeeds_and_nothing_of_it_lives,
    of_fifty_refreshes_with_one_token_one_branch_lives,
    a_replay_among_honest_refreshes_leaves_nothing_alive,
    a_code_asked_for_while_signing_out_is_worth_nothing_afterwards,
    fifty_sign_ins_at_once_all_succeed,
    s025_of_fifty_uses_of_one_pushed_request_one_gives_a_code,
    s040_of_fifty_uses_of_one_assertion_one_succeeds,
    of_fifty_polls_with_one_device_code_one_succeeds,
}

/// Runs `one` so many times, released together.
async fn together<F, T>(one: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let gate = Arc::new(Barrier::new(MANY));
    let mut tasks = JoinSet::new();
    for turn in 0..MANY {
        let (gate, work) = (Arc::clone(&gate), one(turn));
        tasks.spawn(async move {
            gate.wait().await;
            work.await
        });
    }
    tasks.join_all().await
}

/// The client before the nodes in turn.
fn at(nodes: &[App], rp: &Client, turn: usize) -> Client {
    rp.at(&nodes[turn % nodes.len()])
}

async fn exchange(rp: Client, ask: Ask, code: String) -> Reply {
    rp.exchange(&ask, &code).await
}

async fn refresh(rp: Client, token: String) -> Reply {
    rp.refresh(&token, None).await
}

fn access(reply: &Reply) -> String {
    reply.json()["access_token"].as_str().unwrap_or_default().to_owned()
}

fn token(reply: &Reply) -> String {
    reply.json()["refresh_token"].as_str().unwrap_or_default().to_owned()
}

/// The good answers; all others are `invalid_grant`.
fn good(replies: Vec<Reply>) -> Vec<Reply> {
    let (good, bad): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.status == 200);
    for reply in bad {
        reply.expect_token_error("invalid_grant");
    }
    good
}

/// How many of the answers hold an access token that counts, at whichever node.
async fn living(nodes: &[App], rp: &Client, replies: &[Reply]) -> usize {
    let mut living = 0;
    for reply in replies {
        for turn in 0..nodes.len() {
            if at(nodes, rp, turn).userinfo(&access(reply)).await.status == 200 {
                living += 1;
                break;
            }
        }
    }
    living
}

async fn s020_of_fifty_exchanges_of_one_code_one_succeeds_and_nothing_of_it_lives(nodes: Vec<App>) {
    let mut ana = nodes[0].insert_member("ana").await;
    let rp = nodes[0].client("rp").await;
    for _ in rounds(&nodes) {
        let ask = rp.ask();
        let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
        let good = good(together(|turn| exchange(at(&nodes, &rp, turn), ask.clone(), code.clone())).await);
        assert_eq!(good.len(), 1, "of fifty exchanges");
        // The others were replays: what the first one got is revoked.
        soon("the access token is dead everywhere", async || living(&nodes, &rp, &good).await == 0).await;
        for reply in good {
            rp.refresh(&token(&reply), None).await.expect_token_error("invalid_grant");
        }
        assert!(ana.browser.is_signed_in().await);
    }
}

async fn of_fifty_refreshes_with_one_token_one_branch_lives(nodes: Vec<App>) {
    let mut ana = nodes[0].insert_member("ana").await;
    let rp = nodes[0].client("rp").await;
    for _ in rounds(&nodes) {
        let tokens = rp.sign_in(&mut ana).await;
        let good = good(together(|turn| refresh(at(&nodes, &rp, turn), tokens.refresh.clone())).await);
        assert!(!good.is_empty());
        // A lost reply may be asked for again, but two branches never live.
        soon("one branch lives", async || living(&nodes, &rp, &good).await == 1).await;
        let mut alive = Vec::new();
        for reply in &good {
            if rp.userinfo(&access(reply)).await.status == 200 {
                alive.push(token(reply));
            }
        }
        assert_eq!(alive.len(), 1);
        rp.refresh(&alive[0], None).await.expect(200);
    }
}

async fn a_replay_among_honest_refreshes_leaves_nothing_alive(nodes: Vec<App>) {
    let mut ana = nodes[0].insert_member("ana").await;
    let rp = nodes[0].client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    let second = rp.refreshed(&first).await;
    rp.userinfo(&second.access).await.expect(200);
    // The thief has the first token, the client the second; both are sent at once, many times.
    let sent = |turn: usize| if turn.is_multiple_of(4) { first.refresh.clone() } else { second.refresh.clone() };
    let good = good(together(|turn| refresh(at(&nodes, &rp, turn), sent(turn))).await);
    soon("nothing is alive", async || living(&nodes, &rp, &good).await == 0).await;
    for dead in good.iter().map(token).chain([second.refresh]) {
        rp.refresh(&dead, None).await.expect_token_error("invalid_grant");
    }
}

async fn a_code_asked_for_while_signing_out_is_worth_nothing_afterwards(nodes: Vec<App>) {
    let rp = nodes[0].client("rp").first_party().await;
    for round in 0..10 {
        let mut ana = nodes[0].insert_member(&format!("ana{round}")).await;
        let leaving = ana.browser.get("/signout").await.form("/signout/confirm");
        let mut tasks = JoinSet::new();
        for turn in 0..4 {
            let (mut browser, ask) = (ana.browser.clone(), rp.ask().with("prompt", "none"));
            browser.visit(&nodes[turn % nodes.len()]);
            tasks.spawn(async move {
                let answer = Answer::of(&browser.get(&ask.path()).await);
                (ask, answer)
            });
        }
        let gone = ana.browser.submit(leaving).await;
        assert!(gone.has("#signed-out"));
        for (ask, answer) in tasks.join_all().await {
            match answer.error() {
                "" => rp.exchange(&ask, answer.code()).await.expect_token_error("invalid_grant"),
                error => assert_eq!(error, "login_required"),
            }
        }
    }
}

async fn fifty_sign_ins_at_once_all_succeed(nodes: Vec<App>) {
    let rp = nodes[0].client("rp").first_party().await;
    let ana = nodes[0].insert_member("ana").await;
    let replies = together(|turn| {
        let (rp, mut ana) = (at(&nodes, &rp, turn), ana.clone());
        ana.browser.visit(rp.app());
        async move {
            let tokens = rp.sign_in(&mut ana).await;
            rp.claims(&tokens).await["sub"].as_str().unwrap().to_owned()
        }
    });
    let mut subs = replies.await;
    subs.dedup();
    assert_eq!(subs.len(), 1);
}

async fn s025_of_fifty_uses_of_one_pushed_request_one_gives_a_code(nodes: Vec<App>) {
    let rp = nodes[0].client("rp").first_party().await;
    let ana = nodes[0].insert_member("ana").await;
    for _ in rounds(&nodes) {
        let ask = rp.ask();
        let fields: Vec<(&str, &str)> =
            ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = rp.call("/par", &fields, &[]).await.expect(201);
        let uri = reply.json()["request_uri"].as_str().unwrap().to_owned();
        let path = format!("/authorize?{}", encoded(&[("client_id", rp.id()), ("request_uri", &uri)]));
        let pages = together(|turn| {
            let (mut browser, path) = (ana.browser.clone(), path.clone());
            browser.visit(&nodes[turn % nodes.len()]);
            async move { browser.get(&path).await }
        });
        let mut codes = Vec::new();
        for page in pages.await {
            // Who is late finds the request spent: at the look as a page, at the answer as an error to the client.
            match &page.away {
                None => page.expect_error(400, "invalid_request_uri"),
                Some(_) => {
                    let answer = Answer::of(&page);
                    match answer.error() {
                        "" => codes.push(answer.code().to_owned()),
                        error => assert_eq!(error, "invalid_request_uri"),
                    }
                }
            }
        }
        assert_eq!(codes.len(), 1);
        rp.exchange(&ask, &codes[0]).await.expect(200);
    }
}

/// How often a race is run: on two nodes as often as `IDP_TEST_ROUNDS` says, otherwise once. Between two rounds time passes,
/// so that nobody's requests are too many for a minute.
fn rounds(nodes: &[App]) -> impl Iterator<Item = usize> {
    let wanted = std::env::var("IDP_TEST_ROUNDS");
    let wanted = wanted.map_or(1, |rounds| rounds.parse().expect("IDP_TEST_ROUNDS is a number"));
    let (first, many) = (nodes[0].clone(), nodes.len() > 1);
    (0..if many { wanted } else { 1 }).inspect(move |round| {
        if *round > 0 {
            first.advance(TimeDelta::seconds(20));
        }
    })
}

async fn s040_of_fifty_uses_of_one_assertion_one_succeeds(nodes: Vec<App>) {
    let rp = nodes[0].client("rp").signing(Algorithm::ES256).await;
    for _ in rounds(&nodes) {
        let assertion = rp.assertion(&rp.assertion_claims());
        let fields = encoded(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ]);
        let replies = together(|turn| {
            let (app, fields) = (nodes[turn % nodes.len()].clone(), fields.clone());
            async move { app.post("/token", &fields).await.error() }
        });
        let mut errors = replies.await;
        errors.sort_unstable();
        assert_eq!(errors.iter().filter(|error| *error == "invalid_grant").count(), 1, "one was believed");
        assert_eq!(errors.iter().filter(|error| *error == "invalid_client").count(), MANY - 1);
    }
}

async fn of_fifty_polls_with_one_device_code_one_succeeds(nodes: Vec<App>) {
    let mut ana = nodes[0].insert_member("ana").await;
    let rp = super::device::tv(&nodes[0]).await;
    for _ in rounds(&nodes) {
        // From another address each time: nobody types many codes.
        ana.browser.address = nodes[0].browser().address;
        let code = super::device::approved(&rp, &mut ana).await;
        let good = good(together(|turn| super::device::poll_code(at(&nodes, &rp, turn), code.clone())).await);
        assert_eq!(good.len(), 1);
        assert_eq!(living(&nodes, &rp, &good).await, 1);
        rp.refresh(&token(&good[0]), None).await.expect(200);
    }
}
