//! Reading rows: a value that cannot be what it should is [`StoreError::Corrupt`], naming table, column and row.

use chrono::{DateTime, Utc};
use idp_core::id::ClientId;
use idp_core::secret::Digest;
use sea_orm::{QueryResult, TryGetable};
use uuid::Uuid;

use crate::StoreError;

/// A row of one table. The first column selected is its key, by which an error names it.
#[derive(Debug)]
pub(crate) struct Row {
    table: &'static str,
    row: QueryResult,
}

impl Row {
    pub(super) fn new(table: &'static str, row: impl Into<QueryResult>) -> Self {
        Self { table, row: row.into() }
    }

    /// The error of a row whose `column` makes no sense.
    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        let id = (self.row.try_get_by_index::<Uuid>(0).map(|id| id.to_string()))
            .or_else(|_| self.row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
            // A key of text is a client id, a kid or a name; other text (an address) must not leave the store.
            .or_else(|_| match self.table {
                "clients" | "signing_keys" | "leases" => self.row.try_get_by_index::<String>(0),
                _ => Ok("?".to_owned()),
            })
            .unwrap_or_else(|_| "?".to_owned());
        StoreError::Corrupt { table: self.table, column, id }
    }

    /// A column as it is stored; `Option` for one that may be absent.
    pub(crate) fn get<T: TryGetable>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.try_get_by(column).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
        DateTime::from_timestamp_millis(self.get(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn time_if_any(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.get::<Option<i64>>(column)?
            .map(|millis| DateTime::from_timestamp_millis(millis).ok_or_else(|| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn number(&self, column: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.get::<i64>(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        Digest::from_bytes(&self.get::<Vec<u8>>(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn digest_if_any(&self, column: &'static str) -> Result<Option<Digest>, StoreError> {
        self.get::<Option<Vec<u8>>>(column)?
            .map(|bytes| Digest::from_bytes(&bytes).ok_or_else(|| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn client_id(&self, column: &'static str) -> Result<ClientId, StoreError> {
        self.word(column, ClientId::parse)
    }

    /// A column whose text `parse` must know.
    pub(crate) fn word<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(&self.get::<String>(column)?).ok_or_else(|| self.corrupt(column))
    }

    /// A column of JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.get::<String>(column)?).map_err(|_| self.corrupt(column))
    }

    /// A column of JSON that may be absent.
    pub(crate) fn json_if_any<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.get::<Option<String>>(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| self.corrupt(column))).transpose()
    }
}
