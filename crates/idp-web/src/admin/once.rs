//! Forms that make something, once: what is made has its name before the form is sent, and the form carries it, signed. A
//! page that is loaded anew, a second click or a retry sends the same name, and a name is taken once, by the write.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cursor::Cursors;
use crate::error::AppError;
use crate::extract::Posted;
use crate::state::App;

/// The hidden field of such a form.
const FIELD: &str = "once";

/// The names that one kind of form gives.
pub(super) struct Once<'a>(Cursors<'a>);

impl<'a> Once<'a> {
    /// Those of `form`.
    pub(super) fn of(app: &'a App, form: &'static str) -> Self {
        Self(Cursors::of(app, form))
    }

    /// The value of the hidden field.
    pub(super) fn field(&self, name: &impl Serialize) -> String {
        self.0.after(name)
    }

    /// The name that a form brought.
    ///
    /// # Errors
    /// 400 for a form that was not made here.
    pub(super) fn read<N: DeserializeOwned>(&self, posted: &Posted) -> Result<N, AppError> {
        let name = self.0.read(Some(posted.field(FIELD)))?;
        name.ok_or_else(|| AppError::bad_request("the form has lost the name of what it makes: open it anew"))
    }
}
