//! What is held about a member, read out for them; the table of what is given is `idp_core::privacy::held`.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat};
use idp_core::id::AccountId;
use idp_core::privacy::held::{Column, HELD, Held, Kind};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::engine::{Row, params};
use crate::{Store, StoreError};

/// The newest rows of a table that are given. Nobody's account comes near; it bounds what one request can ask for.
const MOST: u32 = 10_000;

/// The rows of one section.
#[derive(Clone)]
pub struct HeldRows {
    /// Which section.
    pub held: &'static Held,
    /// Its rows, the newest first; a column without a value is left out.
    pub rows: Vec<Map<String, Value>>,
}

impl std::fmt::Debug for HeldRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldRows({}, {} rows)", self.held.section, self.rows.len())
    }
}

impl Store {
    /// Everything about an account that its member is given, section by section.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held_about(&self, account: AccountId) -> Result<Vec<HeldRows>, StoreError> {
        let mut sections = Vec::with_capacity(HELD.len());
        for held in HELD {
            let columns: Vec<&str> = held.columns.iter().map(|column| column.column).collect();
            let sql = format!(
                "SELECT {} FROM {} WHERE {} = $1 ORDER BY {} DESC LIMIT $2",
                columns.join(", "),
                held.table,
                held.owner,
                held.order
            );
            let rows = self.engine().all(held.table, &sql, params![account, MOST]).await?;
            let rows = rows.iter().map(|row| given(row, held.columns)).collect::<Result<_, _>>()?;
            sections.push(HeldRows { held, rows });
        }
        Ok(sections)
    }

    /// Every table of the database with its columns: for the test that no data is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schema(&self) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
        let sql = match self.engine().is_sqlite() {
            true => {
                "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m \
                 JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            }
            false => {
                "SELECT table_name::text AS table_name, column_name::text AS column_name \
                 FROM information_schema.columns WHERE table_schema = current_schema()"
            }
        };
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in self.engine().all("schema", sql, params![]).await? {
            tables.entry(row.get("table_name")?).or_default().insert(row.get("column_name")?);
        }
        Ok(tables)
    }
}

fn given(row: &Row, columns: &'static [Column]) -> Result<Map<String, Value>, StoreError> {
    let mut object = Map::new();
    for column in columns {
        let value = match column.kind {
            Kind::Text => row.get::<Option<String>>(column.column)?.map(Value::from),
            Kind::Number => row.get::<Option<i64>>(column.column)?.map(Value::from),
            Kind::Truth => row.get::<Option<bool>>(column.column)?.map(Value::from),
            Kind::Bytes => row.get::<Option<Vec<u8>>>(column.column)?.map(|bytes| Value::from(BASE64.encode(bytes))),
            Kind::Id => row.get::<Option<Uuid>>(column.column)?.map(|id| Value::from(id.to_string())),
            Kind::Json => row.json_if_any::<Value>(column.column)?,
            Kind::Time => match row.get::<Option<i64>>(column.column)? {
                Some(millis) => {
                    let at = DateTime::from_timestamp_millis(millis).ok_or_else(|| row.corrupt(column.column))?;
                    Some(Value::from(at.to_rfc3339_opts(SecondsFormat::Millis, true)))
                }
                None => None,
            },
        };
        if let Some(value) = value {
            object.insert(column.name.to_owned(), value);
        }
    }
    Ok(object)
}
