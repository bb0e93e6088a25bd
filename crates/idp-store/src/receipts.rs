//! Consent receipts: every giving and withdrawing, as it was written down. The rows are only ever added.

use chrono::{DateTime, Utc};
use idp_core::claim::{ClaimSet, Release};
use idp_core::id::{AccountId, ClientId};
use idp_core::resource::ResourceSet;
use idp_core::scope::ScopeSet;

use crate::engine::{Row, params};
use crate::grants::word_if_any;
use crate::{Store, StoreError};

/// What was given or withdrawn, when, and on which texts.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its number.
    pub number: i64,
    /// To which service.
    pub client_id: ClientId,
    /// Given, or withdrawn.
    pub given: bool,
    /// What may be received by it; nothing in a withdrawal, which takes everything back.
    pub release: Release,
    /// The version of the words on the consent page; `None` in a withdrawal.
    pub text_version: Option<String>,
    /// The versions of terms and privacy notice that the member had accepted by then, where they were noted.
    pub documents: Option<String>,
    /// The language the page was shown in.
    pub language: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

const RECEIPT: &str =
    "SELECT seq, client_id, act, scopes, claims, resources, text_version, documents, language, at FROM consent_records";

fn receipt(row: &Row) -> Result<Receipt, StoreError> {
    let scopes = row.get::<Option<String>>("scopes")?.unwrap_or_default();
    let claims = row.get::<Option<String>>("claims")?;
    Ok(Receipt {
        number: row.get("seq")?,
        client_id: row.client_id("client_id")?,
        given: row.word("act", |act| match act {
            "given" => Some(true),
            "withdrawn" => Some(false),
            _ => None,
        })?,
        release: Release {
            scopes: ScopeSet::parse(&scopes),
            claims: claims.as_deref().map(ClaimSet::parse).unwrap_or_default(),
            resources: word_if_any(row, "resources", ResourceSet::stored)?.unwrap_or_default(),
        },
        text_version: row.get("text_version")?,
        documents: row.get("documents")?,
        language: row.get("language")?,
        at: row.time("at")?,
    })
}

impl Store {
    /// The newest `limit` receipts of an account, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipts_of(&self, account: AccountId, limit: u64) -> Result<Vec<Receipt>, StoreError> {
        let sql = format!("{RECEIPT} WHERE account_id = $1 ORDER BY seq DESC LIMIT $2");
        self.engine().all("consent_records", &sql, params![account, limit]).await?.iter().map(receipt).collect()
    }

    /// One receipt, if it is this account's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipt(&self, account: AccountId, number: i64) -> Result<Option<Receipt>, StoreError> {
        let sql = format!("{RECEIPT} WHERE account_id = $1 AND seq = $2");
        self.engine().one("consent_records", &sql, params![account, number]).await?.as_ref().map(receipt).transpose()
    }
}
