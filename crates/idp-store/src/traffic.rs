//! Traffic data that the Computer Crime Act has a provider keep for 90 days: who came when, from which address and port, for
//! what. Apart from the audit log, which never ends; purged on time.

use chrono::{DateTime, Utc};
use idp_core::id::{AccountId, ClientId, SessionId};
use uuid::Uuid;

use crate::engine::{Param, Row, Verdict, params, write_rows};
use crate::{Store, StoreError};

/// A request of somebody who is known here, or tries to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficLine {
    /// Its own name, under which it is written once.
    pub id: Uuid,
    /// When it came.
    pub at: DateTime<Utc>,
    /// What it was for: a name of ours, never a path.
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// The status of the answer.
    pub status: u16,
    /// Whose it was.
    pub account_id: Option<AccountId>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// For which service.
    pub client_id: Option<ClientId>,
    /// The network address it came from.
    pub address: String,
    /// And the port; `None` behind a proxy that does not tell.
    pub port: Option<u16>,
}

/// What is looked for: one of them at least bounds the time or the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrafficFilter {
    /// Whose.
    pub account: Option<AccountId>,
    /// From which address.
    pub address: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

const COLUMNS: [&str; 10] =
    ["id", "at", "endpoint", "method", "status", "account_id", "session_id", "client_id", "address", "port"];

fn line(row: &Row) -> Result<TrafficLine, StoreError> {
    let small =
        |column| -> Result<u16, StoreError> { u16::try_from(row.get::<i64>(column)?).map_err(|_| row.corrupt(column)) };
    Ok(TrafficLine {
        id: row.get("id")?,
        at: row.time("at")?,
        endpoint: row.get("endpoint")?,
        method: row.get("method")?,
        status: small("status")?,
        account_id: row.get::<Option<Uuid>>("account_id")?.map(AccountId),
        session_id: row.get::<Option<Uuid>>("session_id")?.map(SessionId),
        client_id: row
            .get::<Option<String>>("client_id")?
            .map(|text| ClientId::parse(&text).ok_or_else(|| row.corrupt("client_id")))
            .transpose()?,
        address: row.get("address")?,
        port: match row.get::<Option<i64>>("port")? {
            Some(_) => Some(small("port")?),
            None => None,
        },
    })
}

fn values(line: &TrafficLine) -> [Param; COLUMNS.len()] {
    [
        line.id.into(),
        line.at.into(),
        line.endpoint.as_str().into(),
        line.method.as_str().into(),
        u32::from(line.status).into(),
        line.account_id.into(),
        line.session_id.into(),
        line.client_id.as_ref().into(),
        line.address.as_str().into(),
        line.port.map(u32::from).into(),
    ]
}

impl Store {
    /// Writes lines; those that were written before are left as they are.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written, or it is not known whether, and the same lines can be sent again.
    pub async fn add_traffic(&self, lines: Vec<TrafficLine>) -> Result<(), StoreError> {
        self.engine()
            .steps(lines, |tx, lines| {
                Box::pin(async move {
                    for lines in lines.chunks(tx.rows_at_once(COLUMNS.len())) {
                        let mut sql = format!("INSERT INTO traffic ({}) VALUES ", COLUMNS.join(", "));
                        write_rows(&mut sql, lines.len(), COLUMNS.len(), 1);
                        sql.push_str(" ON CONFLICT DO NOTHING");
                        tx.run(&sql, lines.iter().flat_map(values).collect()).await?;
                    }
                    Ok(Verdict::Keep(()))
                })
            })
            .await
    }

    /// Lines that fit, the newest first, before the place where a page ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn traffic(
        &self,
        filter: &TrafficFilter,
        before: Option<(DateTime<Utc>, Uuid)>,
        limit: u32,
    ) -> Result<Vec<TrafficLine>, StoreError> {
        let mut parts = vec!["TRUE".to_owned()];
        let mut values = params![limit];
        let mut add = |sql: &str, given: Vec<Param>| {
            let mut part = sql.to_owned();
            for value in given {
                values.push(value);
                part = part.replacen('?', &format!("${}", values.len()), 1);
            }
            parts.push(part);
        };
        if let Some(account) = filter.account {
            add("account_id = ?", params![account]);
        }
        if let Some(address) = &filter.address {
            add("address = ?", params![address.as_str()]);
        }
        if let Some(from) = filter.from {
            add("at >= ?", params![from]);
        }
        if let Some(until) = filter.until {
            add("at < ?", params![until]);
        }
        if let Some((at, id)) = before {
            add("(at, id) < (?, ?)", params![at, id]);
        }
        let columns = COLUMNS.join(", ");
        let sql =
            format!("SELECT {columns} FROM traffic WHERE {} ORDER BY at DESC, id DESC LIMIT $1", parts.join(" AND "));
        self.engine().all("traffic", &sql, values).await?.iter().map(line).collect()
    }
}
