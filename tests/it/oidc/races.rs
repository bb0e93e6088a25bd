//! Many at once, and one of them at most.

use std::sync::Arc;

use idp_tests::{Answer, App, Ask, Client, Reply, Tokens};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const MANY: usize = 50;

/// Runs `one` so many times, released together.
async fn together<F, T>(one: impl Fn() -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let gate = Arc::new(Barrier::new(MANY));
    let mut tasks = JoinSet::new();
    for _ in 0..MANY {
        let (gate, work) = (Arc::clone(&gate), one());
        tasks.spawn(async move {
            gate.wait().await;
            work.await
        });
    }
    tasks.join_all().await
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s020_of_fifty_exchanges_of_one_code_at_most_one_succeeds_and_nothing_of_it_lives() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let ask = rp.ask();
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    let replies = together(|| exchange(rp.clone(), ask.clone(), code.clone())).await;
    let (good, bad): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.status == 200);
    assert!(good.len() <= 1, "{} exchanges succeeded", good.len());
    for reply in bad {
        reply.expect_token_error("invalid_grant");
    }
    // The others were replays: what the first one got is revoked.
    for reply in good {
        rp.userinfo(&access(&reply)).await.expect(401);
        rp.refresh(&token(&reply), None).await.expect_token_error("invalid_grant");
    }
    assert!(ana.browser.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_refreshes_with_one_token_one_branch_lives() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let tokens: Tokens = rp.sign_in(&mut ana).await;
    let replies = together(|| refresh(rp.clone(), tokens.refresh.clone())).await;
    let mut live = Vec::new();
    let mut good = 0;
    for reply in replies {
        if reply.status != 200 {
            reply.expect_token_error("invalid_grant");
            continue;
        }
        good += 1;
        if rp.userinfo(&access(&reply)).await.status == 200 {
            live.push(reply);
        }
    }
    assert!(good >= 1);
    assert_eq!(live.len(), 1, "a lost reply may be asked for again, but two branches never live");
    rp.refresh(&token(&live[0]), None).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replay_among_honest_refreshes_leaves_nothing_alive() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let first = rp.sign_in(&mut ana).await;
    let second = rp.refreshed(&first).await;
    rp.userinfo(&second.access).await.expect(200);
    // The thief has the first token, the client the second; both are sent at once, many times.
    let turn = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let replies = together(|| {
        let thief = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 2 == 0;
        refresh(rp.clone(), if thief { first.refresh.clone() } else { second.refresh.clone() })
    });
    for reply in replies.await.iter().filter(|reply| reply.status == 200) {
        rp.userinfo(&access(reply)).await.expect(401);
        rp.refresh(&token(reply), None).await.expect_token_error("invalid_grant");
    }
    rp.refresh(&second.refresh, None).await.expect_token_error("invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_asked_for_while_signing_out_is_worth_nothing_afterwards() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    for round in 0..10 {
        let mut ana = app.insert_member(&format!("ana{round}")).await;
        let page = ana.browser.get("/signout").await;
        let form = page.form("/signout/confirm");
        let asks: Vec<Ask> = (0..4).map(|_| rp.ask().with("prompt", "none")).collect();
        let mut tasks = JoinSet::new();
        for ask in asks {
            let mut browser = ana.browser.clone();
            tasks.spawn(async move {
                let answer = Answer::of(&browser.get(&ask.path()).await);
                (ask, answer)
            });
        }
        let mut leaving = ana.browser.clone();
        tasks.spawn(async move {
            let ask = Ask { parameters: Vec::new(), verifier: String::new() };
            let page = leaving.submit(form).await;
            assert!(page.has("#signed-out"));
            (ask, Answer { address: String::new(), is_form: false, parameters: Default::default() })
        });
        for (ask, answer) in tasks.join_all().await {
            if !answer.get("code").is_empty() {
                rp.exchange(&ask, answer.code()).await.expect_token_error("invalid_grant");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_sign_ins_at_once_all_succeed() {
    let app = App::start().await;
    let rp = app.client("rp").first_party().await;
    let ana = app.insert_member("ana").await;
    let replies = together(|| {
        let (rp, mut ana) = (rp.clone(), ana.clone());
        async move {
            let tokens = rp.sign_in(&mut ana).await;
            rp.claims(&tokens).await["sub"].as_str().unwrap().to_owned()
        }
    });
    let mut subs = replies.await;
    subs.dedup();
    assert_eq!(subs.len(), 1);
}
