//! "And nothing else changed."

use std::collections::BTreeMap;

use crate::App;

/// What may grow whatever is refused: the log of refusals, the member's own list of them, and the counts of guesses.
const EXCEPT: [&str; 5] = ["audit_log", "audit_seals", "leases", "sign_ins", "throttles"];

impl App {
    /// A digest of each table but the audit log and the throttles.
    pub async fn tables(&self) -> BTreeMap<String, String> {
        self.store.table_digests(&EXCEPT).await.expect("the database can be read")
    }

    /// Does something that must change no table, but for the audit log and the throttles.
    pub async fn unchanged<T>(&self, doing: impl Future<Output = T>) -> T {
        let before = self.tables().await;
        let done = doing.await;
        assert_eq!(before, self.tables().await, "something was written that should not have been");
        done
    }
}
