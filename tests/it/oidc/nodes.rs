//! Two nodes on one PostgreSQL and one Redis, without stickiness (S137).

use chrono::TimeDelta;
use idp_tests::{Answer, App, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s137_a_sign_in_hops_between_nodes_at_every_step() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    let mut ana = first.insert_member("ana").await.elsewhere();
    let rp = first.client("rp").await;
    let ask = rp.ask();
    let page = ana.browser.get(&ask.path()).await;
    ana.browser.visit(&second);
    let page = ana.sign_in_at(&page).await;
    page.expect_at("/consent");
    ana.browser.visit(&first);
    let page = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    let answer = Answer::of(&page);
    let there = rp.at(&second);
    let tokens = there.read(there.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    rp.userinfo(&tokens.access).await.expect(200);
    let next = rp.refreshed(&tokens).await;
    // A token that the other node has just made is not refused for an older row kept here.
    there.userinfo(&next.access).await.expect(200);
    let next = there.refreshed(&next).await;
    rp.userinfo(&next.access).await.expect(200);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    there.refresh(&next.refresh, None).await.expect_token_error("invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s137_what_ends_on_one_node_is_over_on_the_other() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    let mut ana = first.insert_member("ana").await;
    let rp = first.client("rp").await;
    let there = rp.at(&second);
    let tokens = rp.sign_in(&mut ana).await;
    there.userinfo(&tokens.access).await.expect(200);
    let mut over_there = ana.browser.clone();
    over_there.visit(&second);
    assert!(over_there.is_signed_in().await);
    ana.sign_out().await;
    // What is written is known at once; what only reads may be told a moment later.
    there.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    let answer = there.ask_silently(&mut over_there).await;
    assert!(answer.get("code").is_empty(), "the write itself looks whether the session lives");
    soon("userinfo hears of it", async || there.userinfo(&tokens.access).await.status == 401).await;
    soon("the session is over", async || !over_there.is_signed_in().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s137_both_nodes_sign_with_the_same_keys() {
    let first = App::start_on_servers().await;
    let second = first.another_node().await;
    assert_eq!(first.get("/jwks.json").await.body, second.get("/jwks.json").await.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_road_is_the_same_on_postgresql_and_redis() {
    let app = App::start_on_servers().await;
    let mut ana = app.permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(tokens.id.claims["verified_badge"], true);
    assert_eq!(rp.claims(&tokens).await["citizen_id"], "1000000000017");
    app.advance(TimeDelta::minutes(1));
    let next = rp.refreshed(&tokens).await;
    let app = app.restart().await;
    let rp = rp.at(&app);
    let next = rp.refreshed(&next).await;
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    rp.userinfo(&next.access).await.expect(401);
}
