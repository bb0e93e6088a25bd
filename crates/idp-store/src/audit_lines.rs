//! Whether lines that are shown are as they were sealed: the seal of each of them, wherever it is in the chain.

use std::collections::BTreeMap;

use crate::audit::{AuditFault, AuditLine, RECENT_SEALS, SEAL, Seal, seal};
use crate::engine::params;
use crate::{Store, StoreError};

/// Lines of the log that are hashed for a page at most, but for those under its first seal.
const CHECKED_ROWS: i64 = 4_000;

/// What came of checking lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinesCheck {
    /// Every line that is sealed is as it was.
    Sound {
        /// Lines whose seals were checked.
        sealed: usize,
        /// Lines that wait for a seal.
        waiting: usize,
        /// Lines at the end whose seals were not checked: they lie further apart than a page can wait for.
        unchecked: usize,
    },
    /// One is not.
    Broken(AuditFault),
}

impl Store {
    /// Checks the seal of each of `lines`, in their order, against everything under it, and its place between its
    /// neighbours, as far as a page can wait for it. [`Store::verify_audit`] checks everything, and finds as well what is
    /// missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_lines(&self, lines: &[AuditLine]) -> Result<LinesCheck, StoreError> {
        let (mut sealed, mut waiting, mut unchecked, mut rows) = (0, 0, 0, 0);
        let mut over: BTreeMap<i64, Seal> = BTreeMap::new();
        for (place, line) in lines.iter().enumerate() {
            if over.values().any(|seal| seal.covers(line.seq) && !seal.is_gap(line.seq)) {
                sealed += 1;
                continue;
            }
            match self.seal_over(line.seq).await? {
                Over::Seal(seal) => {
                    rows += seal.row_count;
                    if rows > CHECKED_ROWS && !over.is_empty() {
                        unchecked = lines.len() - place;
                        break;
                    }
                    sealed += 1;
                    over.insert(seal.number, seal);
                }
                Over::Nothing => waiting += 1,
                Over::Broken(fault) => return Ok(LinesCheck::Broken(fault)),
            }
        }
        for seal in over.values() {
            let rows = self.rows_under(seal).await?;
            if rows.as_ref().map(|rows| seal.hash_with(rows.iter())).as_ref() != Some(&seal.hash) {
                return Ok(LinesCheck::Broken(AuditFault::Rows { number: seal.number }));
            }
            if !self.is_in_its_place(seal).await? {
                return Ok(LinesCheck::Broken(AuditFault::Seal { number: seal.number }));
            }
        }
        Ok(LinesCheck::Sound { sealed, waiting, unchecked })
    }

    /// The seal that covers the number `seq`.
    async fn seal_over(&self, seq: i64) -> Result<Over, StoreError> {
        let sql = format!("{SEAL} WHERE to_seq >= $1 ORDER BY to_seq, number LIMIT 1");
        let Some(row) = self.engine().one("audit_seals", &sql, params![seq]).await? else { return Ok(Over::Nothing) };
        let number = row.get("number")?;
        let Ok(found) = seal(&row) else { return Ok(Over::Broken(AuditFault::Seal { number })) };
        if !found.is_gap(seq) {
            return Ok(Over::Seal(found));
        }
        // It came late, and a later seal names it; or somebody has put it there.
        let sql = format!("{SEAL} WHERE number > $1 ORDER BY number LIMIT $2");
        let later = self.engine().all("audit_seals", &sql, params![number, RECENT_SEALS]).await?;
        for row in &later {
            let Ok(found) = seal(row) else {
                return Ok(Over::Broken(AuditFault::Seal { number: row.get("number")? }));
            };
            if found.names(seq) {
                return Ok(Over::Seal(found));
            }
        }
        let may_be_named_yet = later.len() < usize::try_from(RECENT_SEALS).unwrap_or(usize::MAX);
        Ok(if may_be_named_yet { Over::Nothing } else { Over::Broken(AuditFault::Added { seq }) })
    }

    /// Whether the seals before and behind `seal` are made with it: whoever makes one anew has to make all that follow.
    async fn is_in_its_place(&self, of: &Seal) -> Result<bool, StoreError> {
        let sql = format!("{SEAL} WHERE number IN ($1, $2) ORDER BY number");
        let rows = self.engine().all("audit_seals", &sql, params![of.number - 1, of.number + 1]).await?;
        let mut before = (of.number == 1).then(|| vec![0; 32]);
        for row in &rows {
            match seal(row) {
                Ok(neighbour) if neighbour.number < of.number => before = Some(neighbour.hash),
                Ok(neighbour) if neighbour.previous != of.hash => return Ok(false),
                Ok(_) => {}
                Err(_) => return Ok(false),
            }
        }
        Ok(before.as_ref() == Some(&of.previous))
    }
}

enum Over {
    Seal(Seal),
    Nothing,
    Broken(AuditFault),
}
