//! Values bound to a statement, the same for both engines.

use chrono::{DateTime, Utc};
use idp_core::id::{
    AccountId, CaseId, ClientId, EmailChangeId, GrantId, MailId, PasskeyId, RegistrationId, ReviewId, SessionId,
};
use idp_core::secret::Digest;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::sqlite::SqliteArguments;
use sea_orm::sqlx::{self, Arguments as _};
use uuid::Uuid;

/// One bound value; absent ones keep their type, which PostgreSQL wants to know.
#[derive(Clone, Debug)]
pub(crate) enum Param {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Id(Option<Uuid>),
    Flag(Option<bool>),
}

/// The values of `$1`, `$2`, … in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::engine::Param::from($value)),*] };
}
pub(crate) use params;

macro_rules! from {
    ($($from:ty => $variant:ident |$value:ident| $expression:expr;)+) => {$(
        impl From<$from> for Param {
            fn from($value: $from) -> Self {
                Self::$variant(Some($expression))
            }
        }
        impl From<Option<$from>> for Param {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map(|$value| $expression))
            }
        }
    )+};
}

from! {
    i64 => Int |n| n;
    u32 => Int |n| n.into();
    u64 => Int |n| i64::try_from(n).unwrap_or(i64::MAX);
    DateTime<Utc> => Int |at| at.timestamp_millis();
    &str => Text |text| text.to_owned();
    String => Text |text| text;
    &ClientId => Text |id| id.as_str().to_owned();
    Vec<u8> => Bytes |bytes| bytes;
    &[u8] => Bytes |bytes| bytes.to_vec();
    [u8; 32] => Bytes |bytes| bytes.to_vec();
    Digest => Bytes |digest| digest.as_bytes().to_vec();
    &Digest => Bytes |digest| digest.as_bytes().to_vec();
    Uuid => Id |id| id;
    AccountId => Id |id| id.0;
    CaseId => Id |id| id.0;
    EmailChangeId => Id |id| id.0;
    GrantId => Id |id| id.0;
    MailId => Id |id| id.0;
    PasskeyId => Id |id| id.0;
    RegistrationId => Id |id| id.0;
    ReviewId => Id |id| id.0;
    SessionId => Id |id| id.0;
    bool => Flag |flag| flag;
}

pub(super) fn for_sqlite(params: Vec<Param>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(params.len(), 0);
    for param in params {
        match param {
            Param::Int(value) => arguments.add(value),
            Param::Text(value) => arguments.add(value),
            Param::Bytes(value) => arguments.add(value),
            Param::Id(value) => arguments.add(value),
            Param::Flag(value) => arguments.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

pub(super) fn for_postgres(params: Vec<Param>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for param in params {
        match param {
            Param::Int(value) => arguments.add(value),
            Param::Text(value) => arguments.add(value),
            Param::Bytes(value) => arguments.add(value),
            Param::Id(value) => arguments.add(value),
            Param::Flag(value) => arguments.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
