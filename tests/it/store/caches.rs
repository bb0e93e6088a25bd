//! Cached rows: dropped at once where they were changed, and elsewhere when it was announced.

use std::time::Duration;

use idp_core::account::Standing;
use idp_core::id::ClientId;
use idp_core::scope::ScopeSet;
use idp_core::session::SessionEnd;
use idp_store::{Ending, ShortLived};

use super::{Bench, both};

both! { a_change_here_is_seen_here_at_once }

async fn a_change_here_is_seen_here_at_once(bench: Bench) {
    let (account, session) = bench.member().await;
    let client = bench.client("rp");
    assert!(bench.store.client(&client.id).await.unwrap().is_none());
    assert!(bench.store.insert_client(&client, &[]).await.unwrap());
    assert!(bench.store.client(&client.id).await.unwrap().is_some());
    assert!(bench.store.consent(account.id, &client.id).await.unwrap().is_none());
    let scopes = ScopeSet::parse("openid");
    bench.store.give_consent(account.id, &client.id, scopes, "1", "th", bench.now, &[]).await.unwrap();
    assert!(bench.store.consent(account.id, &client.id).await.unwrap().is_some());
    bench.store.session_by_cookie(&session.cookie).await.unwrap().unwrap();
    bench.store.account(account.id).await.unwrap().unwrap();
    bench.store.suspend(account.id, "x", bench.now, &[], &[]).await.unwrap();
    assert!(bench.store.session_by_cookie(&session.cookie).await.unwrap().unwrap().ended_at.is_some());
    assert_ne!(bench.store.account(account.id).await.unwrap().unwrap().standing, Standing::Active);
}

/// Waits for what another task is about to do.
async fn soon(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !happened().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_announced_to_the_other_nodes() {
    let bench = Bench::postgres().await;
    let other = bench.another_node().await;
    let others_redis = ShortLived::redis(bench.redis.as_ref().unwrap()).await.unwrap();
    let (here, there) = (bench.store.clone(), other.clone());
    let redis = bench.short_lived.clone();
    tokio::spawn(async move { here.follow(&redis).await });
    tokio::spawn(async move { there.follow(&others_redis).await });

    // Until both listen, announcements are lost: changes are made until one is heard of.
    let (account, _) = bench.member().await;
    soon("the other node listens", async || {
        let language = other.account(account.id).await.unwrap().unwrap().language.clone().unwrap_or_default();
        let next = if language == "th" { "en" } else { "th" };
        bench.store.set_language(account.id, next).await.unwrap();
        for _ in 0..200 {
            if other.account(account.id).await.unwrap().unwrap().language.as_deref() == Some(next) {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    })
    .await;

    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    let client = bench.client("rp");
    bench.store.insert_client(&client, &[]).await.unwrap();
    // All of it is cached over there.
    assert!(other.session_by_cookie(&session.cookie).await.unwrap().unwrap().ended_at.is_none());
    assert!(other.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    let unlinked = ClientId::parse("unlinked").unwrap();
    assert!(other.consent(account.id, &unlinked).await.unwrap().is_none());
    other.client(&client.id).await.unwrap().unwrap();

    let scopes = ScopeSet::parse("openid");
    bench.store.give_consent(account.id, &unlinked, scopes, "1", "th", bench.now, &[]).await.unwrap();
    bench.store.end_sessions(Ending::Account(account.id), SessionEnd::SignedOut, bench.now, &[], &[]).await.unwrap();
    let mut changed = client.clone();
    changed.updated_at = bench.now + chrono::TimeDelta::seconds(1);
    changed.name.en = "renamed".into();
    assert!(bench.store.replace_client(&changed, client.updated_at, &[]).await.unwrap());

    soon("the consent is known", async || other.consent(account.id, &unlinked).await.unwrap().is_some()).await;
    soon("the session has ended", async || {
        other.session_by_cookie(&session.cookie).await.unwrap().unwrap().ended_at.is_some()
    })
    .await;
    soon("the grant is revoked", async || !other.grant(grant.id).await.unwrap().unwrap().state.gives_tokens()).await;
    soon("the client is renamed", async || {
        other.client(&ClientId::parse("rp").unwrap()).await.unwrap().unwrap().name.en == "renamed"
    })
    .await;
    other.close().await;
}
