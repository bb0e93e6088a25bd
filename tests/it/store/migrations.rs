//! The schema: made from nothing, made once, made by several at once.

use std::sync::Arc;

use idp_store::Store;
use idp_tests::servers;
use tempfile::TempDir;

use super::bench::{Counted, file_in, options};
use super::{Bench, at_once, both};

both! { migrating_again_changes_nothing }

async fn migrating_again_changes_nothing(bench: Bench) {
    let (account, _) = bench.member().await;
    let before = bench.store.table_digests(&[]).await.unwrap();
    assert!(before.len() >= 20);
    bench.store.migrate().await.unwrap();
    assert_eq!(bench.store.table_digests(&[]).await.unwrap(), before);
    assert!(bench.store.account(account.id).await.unwrap().is_some());
    // A digest shows a change of a single value, and where it was.
    bench.store.set_language(account.id, "en").await.unwrap();
    let after = bench.store.table_digests(&[]).await.unwrap();
    let changed: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    assert_eq!(changed, ["accounts"]);
    assert_eq!(bench.store.table_digests(&["accounts"]).await.unwrap().len(), before.len() - 1);
    assert!(bench.store.row_count("pg_shadow").await.is_err());
}

/// Several programs that start on an empty database at once.
async fn several_start_at_once(url: String) {
    at_once(4, |_| {
        let url = url.clone();
        async move {
            let store = Store::open(options(&url, Arc::new(Counted::from(1)))).await.unwrap();
            store.migrate().await.unwrap();
            store.ping().await.unwrap();
            assert_eq!(store.row_count("accounts").await.unwrap(), 0);
            store.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_programs_make_the_tables_of_one_file() {
    let folder = TempDir::new().unwrap();
    several_start_at_once(file_in(&folder)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_nodes_make_the_tables_of_one_server() {
    several_start_at_once(servers::postgres().empty_database()).await;
}
