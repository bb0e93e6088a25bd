//! COPY through psql, a row at a time.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::process::{Child, ChildStdin, Stdio};

use crate::servers::Postgres;

/// What a column of bytes looks like to COPY.
pub(super) fn bytes(value: &[u8]) -> String {
    let mut text = String::with_capacity(3 + value.len() * 2);
    text.push_str("\\\\x");
    for byte in value {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Text as COPY reads it: ours has no backslash but in JSON, and no tab.
pub(super) fn text(value: &str) -> String {
    value.replace('\\', "\\\\")
}

/// Rows of ours refer to what is there: asking for each of millions would take longer than writing them.
const UNCHECKED: &str = "SET session_replication_role = replica";

/// Rows on their way into a table.
pub(super) struct Table {
    psql: Child,
    rows: BufWriter<ChildStdin>,
}

impl Table {
    /// Begins a COPY into `columns`.
    pub(super) fn open(server: &Postgres, url: &str, columns: &str) -> std::io::Result<Self> {
        let copy = format!("COPY {columns} FROM STDIN");
        let mut psql = server.psql_on(url).args(["-c", UNCHECKED, "-c", &copy]).stdin(Stdio::piped()).spawn()?;
        let stdin = psql.stdin.take().ok_or_else(|| std::io::Error::other("psql takes nothing"))?;
        Ok(Self { psql, rows: BufWriter::with_capacity(1 << 20, stdin) })
    }

    /// One row, its columns as COPY reads them.
    pub(super) fn row(&mut self, columns: &[&str]) -> std::io::Result<()> {
        writeln!(self.rows, "{}", columns.join("\t"))
    }

    /// Ends it; fails when psql did not take everything.
    pub(super) fn close(self) -> std::io::Result<()> {
        let Self { mut psql, rows } = self;
        drop(rows.into_inner().map_err(std::io::IntoInnerError::into_error)?);
        match psql.wait()?.success() {
            true => Ok(()),
            false => Err(std::io::Error::other("psql did not take it")),
        }
    }
}
