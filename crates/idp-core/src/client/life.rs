//! The life of a client: drafted, used, stopped, and over for good.

use serde::{Deserialize, Serialize};

use super::Client;

/// Where a client stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// Registered, and not in use yet: nobody signs in but in the console's trial.
    Draft,
    /// In use.
    Active,
    /// Stopped for a while: nobody signs in, no token is given or accepted. Written as `disabled`, the word that earlier
    /// versions know.
    #[serde(rename = "disabled", alias = "suspended")]
    Suspended,
    /// Over: it never comes back, and has no secret any more. Its row stays, because the audit log names it.
    Retired,
}

/// A step in the life of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeStep {
    /// A draft comes into use.
    Activate,
    /// A client in use is stopped.
    Suspend,
    /// A stopped one goes on.
    Resume,
    /// It is removed for good: two people decide this.
    Retire,
}

/// Why a step cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client that is {from} cannot {step}")]
pub struct LifeRefusal {
    /// Where it stands.
    pub from: &'static str,
    /// What was asked.
    pub step: &'static str,
}

impl ClientStatus {
    /// Every status, in the order of a client's life.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Active, Self::Suspended, Self::Retired];

    /// The word for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Retired => "retired",
        }
    }

    /// Reads [`ClientStatus::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The word in the column, which earlier versions read as well.
    pub fn column(self) -> &'static str {
        match self {
            Self::Suspended => "disabled",
            other => other.as_str(),
        }
    }

    /// Where the client stands after `step`.
    ///
    /// # Errors
    /// [`LifeRefusal`] for a step that leads nowhere from here.
    pub fn after(self, step: LifeStep) -> Result<Self, LifeRefusal> {
        match (self, step) {
            (Self::Draft, LifeStep::Activate) | (Self::Suspended, LifeStep::Resume) => Ok(Self::Active),
            (Self::Active, LifeStep::Suspend) => Ok(Self::Suspended),
            (Self::Draft | Self::Active | Self::Suspended, LifeStep::Retire) => Ok(Self::Retired),
            _ => Err(LifeRefusal { from: self.as_str(), step: step.as_str() }),
        }
    }

    /// The steps that can be taken from here.
    pub fn steps(self) -> impl Iterator<Item = LifeStep> {
        LifeStep::ALL.into_iter().filter(move |step| self.after(*step).is_ok())
    }
}

impl LifeStep {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Activate, Self::Suspend, Self::Resume, Self::Retire];

    /// The word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Retire => "retire",
        }
    }

    /// Reads [`LifeStep::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }
}

impl Client {
    /// The same client over for good: without secrets, and managed by nobody. What it was given dies with it, since no
    /// step leads back.
    #[must_use]
    pub fn retired(self) -> Self {
        let authentication = self.authentication.clone().emptied();
        Self { status: ClientStatus::Retired, authentication, managed: None, notice: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::ClientStatus::*;
    use super::*;

    #[test]
    fn a_client_goes_from_draft_to_use_and_never_comes_back_from_its_end() {
        let check = |from: ClientStatus, expected: [Option<ClientStatus>; 4]| {
            for (step, expected) in LifeStep::ALL.into_iter().zip(expected) {
                assert_eq!(from.after(step).ok(), expected, "{from:?} {step:?}");
            }
        };
        check(Draft, [Some(Active), None, None, Some(Retired)]);
        check(Active, [None, Some(Suspended), None, Some(Retired)]);
        check(Suspended, [None, None, Some(Active), Some(Retired)]);
        check(Retired, [None, None, None, None]);
    }

    #[test]
    fn what_earlier_versions_wrote_is_read_and_they_read_what_we_write() {
        let read = |text| serde_json::from_str::<ClientStatus>(text).unwrap();
        assert_eq!(read("\"disabled\""), Suspended);
        assert_eq!(read("\"suspended\""), Suspended);
        assert_eq!(serde_json::to_string(&Suspended).unwrap(), "\"disabled\"");
        assert_eq!(serde_json::to_string(&Active).unwrap(), "\"active\"");
        for status in ClientStatus::ALL {
            assert_eq!(ClientStatus::parse(status.as_str()), Some(status));
        }
    }
}
