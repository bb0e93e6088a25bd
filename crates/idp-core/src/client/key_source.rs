//! Where a client's public keys are found (RFC 7591 §2): in its registration, or at an address of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{OutgoingUri, OutgoingUriError};
use crate::jose::{ClientKeys, KeyFault};

/// Where the public keys of a client are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// It has none.
    #[default]
    None,
    /// `jwks`: the document itself, found sound when it was registered.
    Document(String),
    /// `jwks_uri`: fetched when needed, so that the client can change its keys by itself.
    Uri(OutgoingUri),
}

/// Why keys are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySourceError {
    /// RFC 7591 §2: one of the two.
    #[error("jwks and jwks_uri cannot both be given")]
    Both,
    /// The document.
    #[error("jwks: {0}")]
    Document(#[from] KeyFault),
    /// The address.
    #[error("jwks_uri: {0}")]
    Uri(#[from] OutgoingUriError),
}

impl KeySource {
    /// The document, if it is given by value.
    pub fn document(&self) -> Option<Value> {
        match self {
            Self::Document(document) => serde_json::from_str(document).ok(),
            Self::None | Self::Uri(_) => None,
        }
    }

    /// The address, if they are fetched.
    pub fn uri(&self) -> Option<&OutgoingUri> {
        match self {
            Self::Uri(uri) => Some(uri),
            Self::None | Self::Document(_) => None,
        }
    }

    /// Judges what was typed for registration.
    ///
    /// # Errors
    /// [`KeySourceError`] says what to change.
    pub fn parse(jwks: Option<&Value>, jwks_uri: Option<&str>) -> Result<Self, KeySourceError> {
        match (jwks, jwks_uri) {
            (None, None) => Ok(Self::None),
            (Some(_), Some(_)) => Err(KeySourceError::Both),
            (None, Some(uri)) => Ok(Self::Uri(OutgoingUri::parse(uri)?)),
            (Some(document), None) => {
                let document = document.to_string();
                ClientKeys::parse(document.as_bytes())?;
                Ok(Self::Document(document))
            }
        }
    }
}
