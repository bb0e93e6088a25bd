//! The drawer of an official: what they have under way in the console, sealed, for this official in this browser alone, for
//! some minutes. Losing it costs them one repeated step.

use std::time::Duration;

use idp_core::id::AccountId;
use idp_core::seal::Purpose;
use idp_core::secret::base64url;
use idp_store::Space;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;

/// What lies in a drawer: one of each kind at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// A trial of a client that waits for its answer.
    Trial,
    /// What came of the last trial.
    TrialResult,
    /// What was asked for when a proof was too old.
    Request,
}

impl Kept {
    fn word(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::TrialResult => "trial-result",
            Self::Request => "request",
        }
    }
}

/// The drawer of an official in one browser.
pub(super) struct Drawer<'a> {
    app: &'a App,
    owner: AccountId,
    browser: String,
}

impl<'a> Drawer<'a> {
    pub(super) fn of(app: &'a App, visitor: &Visitor, owner: AccountId) -> Self {
        Self { app, owner, browser: base64url(visitor.browser().as_bytes()) }
    }

    /// Puts something in, in the place of what lay there.
    pub(super) async fn put<T: Serialize>(&self, kept: Kept, value: &T, lifetime: Duration) -> Result<(), AppError> {
        let name = self.name(kept);
        let plain = serde_json::to_vec(value).map_err(|error| AppError::internal(error.to_string()))?;
        let sealed = self.app.vault.seal(Purpose::Console, &name, &plain, &*self.app.chance);
        Ok(self.app.short_lived.put(Space::Console, &name, &sealed, lifetime).await?)
    }

    /// What lies there.
    pub(super) async fn look<T: DeserializeOwned>(&self, kept: Kept) -> Result<Option<T>, AppError> {
        let name = self.name(kept);
        Ok(self.open(&name, self.app.short_lived.get(Space::Console, &name).await?))
    }

    /// Takes it out: of several who try at once, one gets it.
    pub(super) async fn take<T: DeserializeOwned>(&self, kept: Kept) -> Result<Option<T>, AppError> {
        let name = self.name(kept);
        Ok(self.open(&name, self.app.short_lived.take(Space::Console, &name).await?))
    }

    fn open<T: DeserializeOwned>(&self, name: &str, sealed: Option<Vec<u8>>) -> Option<T> {
        let plain = self.app.vault.open(Purpose::Console, name, &sealed?).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    fn name(&self, kept: Kept) -> String {
        format!("{}/{}/{}", kept.word(), self.owner, self.browser)
    }
}
