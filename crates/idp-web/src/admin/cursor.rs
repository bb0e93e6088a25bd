//! Where a list goes on: signed, and good for the one list it came from (S089).

use idp_core::seal::mac;
use idp_core::secret::{base64url, from_base64url, same_bytes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use crate::state::App;

/// Rows on a page.
pub(super) const PAGE: u32 = 25;

/// Makes and reads the cursors of one list.
pub struct Cursors<'a> {
    app: &'a App,
    list: &'static str,
}

impl<'a> Cursors<'a> {
    /// Those of `list`.
    pub fn of(app: &'a App, list: &'static str) -> Self {
        Self { app, list }
    }

    /// The cursor after the row whose key is `key`.
    pub fn after(&self, key: &impl Serialize) -> String {
        let body = serde_json::to_vec(key).unwrap_or_default();
        format!("{}.{}", base64url(&body), base64url(&self.tag(&body)))
    }

    /// Reads a cursor; none is the beginning.
    ///
    /// # Errors
    /// 400 for one that this list did not make.
    pub fn read<K: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<K>, AppError> {
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
        let bad = || AppError::bad_request("the cursor is not one of this list");
        let (body, tag) = cursor.split_once('.').filter(|_| cursor.len() <= 512).ok_or_else(bad)?;
        let (body, tag) = (from_base64url(body).ok_or_else(bad)?, from_base64url(tag).ok_or_else(bad)?);
        if !same_bytes(&tag, &self.tag(&body)) {
            return Err(bad());
        }
        serde_json::from_slice(&body).map(Some).map_err(|_| bad())
    }

    fn tag(&self, body: &[u8]) -> [u8; 32] {
        mac(&self.app.cursor_key, &[self.list.as_bytes(), body])
    }
}
