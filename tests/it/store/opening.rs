//! Opening: what was written is there again, and what keeps it from opening is said in a line.

use std::sync::Arc;

use idp_store::{Store, StoreError};
use tempfile::TempDir;

use super::bench::{Counted, file_in, options};
use super::{Bench, both};

both! {
    everything_is_there_after_opening_again,
    nothing_is_asked_of_a_closed_store,
}

async fn everything_is_there_after_opening_again(bench: Bench) {
    let (account, session) = bench.member().await;
    let (grant, _) = bench.redeemed(&session).await;
    let before = bench.store.table_digests(&[]).await.unwrap();
    bench.store.close().await;
    let again = bench.another_node().await;
    assert_eq!(again.table_digests(&[]).await.unwrap(), before);
    assert_eq!(again.account(account.id).await.unwrap().unwrap().email.as_str(), account.email.as_str());
    assert!(again.grant_by_code(&grant.code).await.unwrap().unwrap().refresh.is_some());
    again.close().await;
}

async fn nothing_is_asked_of_a_closed_store(bench: Bench) {
    let (account, _) = bench.member().await;
    bench.store.close().await;
    assert!(matches!(bench.store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(bench.store.set_language(account.id, "en").await, Err(StoreError::Unavailable(_))));
}

async fn refusal(url: &str) -> String {
    match Store::open(options(url, Arc::new(Counted::from(1)))).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_database_from_opening_is_said_in_a_line() {
    let folder = TempDir::new().unwrap();
    let check = async |url: String, expected: &str| {
        let said = refusal(&url).await;
        assert!(said.contains(expected), "{said}");
        assert_eq!(said.lines().count(), 1);
    };
    let damaged = folder.path().join("damaged.db");
    std::fs::write(&damaged, b"this was a database once, or was it?".repeat(100)).unwrap();
    check(format!("sqlite://{}", damaged.display()), "is not a database or is damaged").await;
    check(format!("sqlite://{}", folder.path().display()), "cannot be made or written").await;
    check(format!("sqlite://{}/file/idp.db", damaged.display()), "the database's folder").await;
    check("sqlite::memory:".into(), "name a file").await;
    check("mysql://localhost/idp".into(), "sqlite:// or postgres://").await;
    check("postgres://postgres@127.0.0.1:1/idp".into(), "PostgreSQL at 127.0.0.1:1: the database cannot be reached")
        .await;
    let nowhere = idp_tests::servers::postgres().empty_database().replace("/test_", "/elsewhere_");
    check(nowhere, "does not exist").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_owner_may_read_the_database_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().unwrap();
    let store = Store::open(options(&file_in(&folder), Arc::new(Counted::from(1)))).await.unwrap();
    store.migrate().await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", entry.path().display());
        files += 1;
    }
    // The file, its log and the log's index.
    assert_eq!(files, 3);
    store.close().await;
}
