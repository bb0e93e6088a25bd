//! Protected resources: what access tokens are for, when they are not for userinfo (RFC 8707).
//!
//! A resource is a client that others may ask for tokens to: its registration says by which URI it is named and which
//! scopes it knows; theirs say which of it they may ask for.

mod granted;

pub use granted::{ResourceSet, Target, TokenScope};

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::authorize::{ErrorCode, ProtocolError};
use crate::client::Client;
use crate::scope::Scope;

/// The URI that names a resource (RFC 8707 §2): absolute, without a fragment; compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceUri(String);

/// A scope that a resource defines. It can never be one of ours, so that no machine is given what only members give.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceScope(String);

/// What is wrong with a resource as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceFault {
    /// The URI.
    #[error("a resource is named by an absolute URI without fragment, such as https://api.example.go.th/trade")]
    Uri,
    /// A scope.
    #[error(
        "a scope of a resource is 1 to 100 printable characters without space, quote and backslash, and none of ours"
    )]
    Scope,
}

impl ResourceUri {
    /// Judges a URI for registration.
    ///
    /// # Errors
    /// [`ResourceFault::Uri`].
    pub fn parse(text: &str) -> Result<Self, ResourceFault> {
        let sound =
            text.len() <= 500 && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'#'));
        match Url::parse(text) {
            Ok(_) if sound => Ok(Self(text.to_owned())),
            _ => Err(ResourceFault::Uri),
        }
    }

    /// Reads the stored form.
    pub fn stored(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ResourceScope {
    /// Judges a scope for registration (RFC 6749 §3.3).
    ///
    /// # Errors
    /// [`ResourceFault::Scope`].
    pub fn parse(text: &str) -> Result<Self, ResourceFault> {
        let legal = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        let sound = (1..=100).contains(&text.len()) && text.bytes().all(legal);
        if sound && Scope::parse(text).is_none() { Ok(Self(text.to_owned())) } else { Err(ResourceFault::Scope) }
    }

    /// The scope token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client as a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// By which it is named.
    pub identifier: ResourceUri,
    /// The scopes it knows.
    pub scopes: Vec<ResourceScope>,
}

/// What a client may ask of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceAccess {
    /// The resource.
    pub resource: ResourceUri,
    /// The scopes it may be given there.
    pub scopes: Vec<ResourceScope>,
}

const UNKNOWN: ProtocolError =
    ProtocolError::new(ErrorCode::InvalidTarget, "the resource is unknown, or not for this client");

impl ResourceAccess {
    /// The scopes of `wished`, or all of them when nothing is wished for.
    ///
    /// # Errors
    /// `invalid_scope` for one that was not given to the client, those of members among them.
    pub fn granted(&self, wished: Option<&str>) -> Result<String, ProtocolError> {
        let Some(wished) = wished else {
            return Ok(self.scopes.iter().map(ResourceScope::as_str).collect::<Vec<_>>().join(" "));
        };
        let mut granted: Vec<&str> = Vec::new();
        for token in wished.split(' ').filter(|token| !token.is_empty()) {
            if !self.scopes.iter().any(|scope| scope.as_str() == token) {
                return Err(ProtocolError::new(ErrorCode::InvalidScope, "a scope is not for this client and resource"));
            }
            if !granted.contains(&token) {
                granted.push(token);
            }
        }
        Ok(granted.join(" "))
    }
}

/// The resource that a machine asks for by itself: the one it names, or the only one it has.
///
/// # Errors
/// `invalid_target` (RFC 8707 §2).
pub fn resource_of_machine<'c>(client: &'c Client, wished: Option<&str>) -> Result<&'c ResourceAccess, ProtocolError> {
    match (wished, client.resources.as_slice()) {
        (Some(wished), known) => known.iter().find(|access| access.resource.as_str() == wished).ok_or(UNKNOWN),
        (None, [only]) => Ok(only),
        (None, _) => Err(ProtocolError::new(ErrorCode::InvalidTarget, "the parameter resource is needed")),
    }
}

/// What of a client's resources does not fit the clients that there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Its own identifier is another's.
    #[error("{0} is another client's already")]
    Taken(ResourceUri),
    /// Nobody is what it may call.
    #[error("there is no resource {0}")]
    NoResource(ResourceUri),
    /// What it may call knows no such scope.
    #[error("{resource} knows no scope {scope}", scope = scope.as_str())]
    NoScope {
        /// The resource.
        resource: ResourceUri,
        /// The scope.
        scope: ResourceScope,
    },
}

impl Misfit {
    /// The URI or scope that does not fit.
    pub fn what(&self) -> &str {
        match self {
            Self::Taken(uri) | Self::NoResource(uri) => uri.as_str(),
            Self::NoScope { scope, .. } => scope.as_str(),
        }
    }
}

/// What of a client's resources does not fit the clients that there are; `None` when all of it fits. `ours` is the API,
/// which no client is.
pub fn misfit(client: &Client, others: &[Client], ours: &Resource) -> Option<Misfit> {
    let known = |identifier: &ResourceUri| {
        let registered = others.iter().filter_map(|other| other.resource.as_ref());
        registered.chain([ours]).find(|other| other.identifier == *identifier)
    };
    if let Some(own) = &client.resource
        && known(&own.identifier).is_some()
    {
        return Some(Misfit::Taken(own.identifier.clone()));
    }
    client.resources.iter().find_map(|access| match known(&access.resource) {
        None => Some(Misfit::NoResource(access.resource.clone())),
        Some(resource) => {
            let unknown = access.scopes.iter().find(|scope| !resource.scopes.contains(scope))?;
            Some(Misfit::NoScope { resource: access.resource.clone(), scope: unknown.clone() })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_an_absolute_uri_and_its_scopes_are_none_of_ours() {
        for good in ["https://api.example.go.th", "https://api.example.go.th/trade?v=1", "urn:moc:trade"] {
            assert!(ResourceUri::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "/api", "api", "https://api.example/#x", "https://api.example/ x", "https://\u{e01}.example"] {
            assert!(ResourceUri::parse(bad).is_err(), "{bad}");
        }
        assert!(ResourceScope::parse("trade:read").is_ok());
        for bad in ["", "two words", "a\"b", "a\\b", "openid", "profile", "citizen_id", "\u{e01}"] {
            assert!(ResourceScope::parse(bad).is_err(), "{bad}");
        }
    }
}
