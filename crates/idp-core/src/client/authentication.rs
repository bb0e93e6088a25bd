//! How a client proves who it is (RFC 6749 §2.3, OpenID Connect Core §9).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Client, ClientStatus};
use crate::jose::Algorithm;
use crate::secret::{Digest, Secret, base64url, from_base64url};

/// How long a replaced secret still works, so that a rotation loses no sign-in.
pub const SECRET_OVERLAP: TimeDelta = TimeDelta::hours(24);

/// So many secrets work at once: the newest, and others until their own end.
pub const MOST_SECRETS: usize = 3;

/// Why there is no new secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefusal {
    /// The client proves itself otherwise, or not at all.
    #[error("the client has no secret")]
    NoSecret,
    /// One more would end one that may be in use.
    #[error("three secrets work at once already: end the older ones first, or wait for their end")]
    TooMany,
}

/// A client secret as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// The digest.
    #[serde(with = "digest_text")]
    pub digest: Digest,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working; `None` for the current one.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The one method a client uses; nothing else is accepted from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// `client_secret_basic`.
    ClientSecretBasic {
        /// The live secrets: one, or up to [`MOST_SECRETS`] during a rotation.
        secrets: Vec<ClientSecret>,
    },
    /// `client_secret_post`.
    ClientSecretPost {
        /// The live secrets.
        secrets: Vec<ClientSecret>,
    },
    /// `private_key_jwt`: with the keys of [`Client::keys`].
    PrivateKeyJwt {
        /// `token_endpoint_auth_signing_alg`: this one alone; without it whatever its keys are for.
        algorithm: Option<Algorithm>,
        /// Its library names the token endpoint's URL as the audience, instead of the issuer (RFC 7523 §3 allows it).
        token_endpoint_audience: bool,
    },
    /// `none`: a public client.
    None,
}

impl ClientAuthentication {
    /// Every method's name, as discovery lists them.
    pub const METHODS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

    /// The method's name.
    pub fn method(&self) -> &'static str {
        match self {
            Self::ClientSecretBasic { .. } => "client_secret_basic",
            Self::ClientSecretPost { .. } => "client_secret_post",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// The secrets, where the method has some.
    pub fn secrets(&self) -> &[ClientSecret] {
        match self {
            Self::ClientSecretBasic { secrets } | Self::ClientSecretPost { secrets } => secrets,
            Self::PrivateKeyJwt { .. } | Self::None => &[],
        }
    }

    /// The algorithms its assertions may be signed with.
    pub fn assertion_algorithms(&self) -> &[Algorithm] {
        match self {
            Self::PrivateKeyJwt { algorithm: Some(algorithm), .. } => std::slice::from_ref(algorithm),
            Self::PrivateKeyJwt { algorithm: None, .. } => &Algorithm::ALL,
            Self::ClientSecretBasic { .. } | Self::ClientSecretPost { .. } | Self::None => &[],
        }
    }

    /// Whether its assertions may name the token endpoint's URL as their audience.
    pub fn accepts_token_endpoint(&self) -> bool {
        matches!(self, Self::PrivateKeyJwt { token_endpoint_audience: true, .. })
    }

    /// Puts a new secret in place; the one before works until [`SECRET_OVERLAP`] has passed, and those before it until the
    /// end that they were given: a form sent twice ends nothing that a service is still using.
    ///
    /// # Errors
    /// [`RotationRefusal`].
    pub fn rotated(self, fresh: &Secret, now: DateTime<Utc>) -> Result<Self, RotationRefusal> {
        let next = |secrets: Vec<ClientSecret>| {
            let mut live: Vec<ClientSecret> = secrets
                .into_iter()
                .filter(|old| old.expires_at.is_none_or(|end| now < end))
                .map(|old| ClientSecret { expires_at: old.expires_at.or(Some(now + SECRET_OVERLAP)), ..old })
                .collect();
            if live.len() >= MOST_SECRETS {
                return Err(RotationRefusal::TooMany);
            }
            live.push(ClientSecret { digest: fresh.digest(), created_at: now, expires_at: None });
            Ok(live)
        };
        match self {
            Self::ClientSecretBasic { secrets } => Ok(Self::ClientSecretBasic { secrets: next(secrets)? }),
            Self::ClientSecretPost { secrets } => Ok(Self::ClientSecretPost { secrets: next(secrets)? }),
            Self::PrivateKeyJwt { .. } | Self::None => Err(RotationRefusal::NoSecret),
        }
    }
}

impl ClientAuthentication {
    /// The same with the secret in use alone: one that was replaced ends before its time.
    #[must_use]
    pub fn without_older(self) -> Self {
        let current =
            |secrets: Vec<ClientSecret>| secrets.into_iter().filter(|kept| kept.expires_at.is_none()).collect();
        match self {
            Self::ClientSecretBasic { secrets } => Self::ClientSecretBasic { secrets: current(secrets) },
            Self::ClientSecretPost { secrets } => Self::ClientSecretPost { secrets: current(secrets) },
            other => other,
        }
    }

    /// The same method without any secret: nobody authenticates with it again.
    #[must_use]
    pub fn emptied(self) -> Self {
        match self {
            Self::ClientSecretBasic { .. } => Self::ClientSecretBasic { secrets: Vec::new() },
            Self::ClientSecretPost { .. } => Self::ClientSecretPost { secrets: Vec::new() },
            other => other,
        }
    }
}

/// What came with a request.
#[derive(Debug)]
pub enum Presented {
    /// An `Authorization: Basic` header, decoded.
    Basic(Secret),
    /// `client_id` and `client_secret` in the body.
    Post(Secret),
    /// A `client_assertion`: whether it proves anything is for [`judge_assertion`](super::judge_assertion) to say.
    Assertion,
    /// `client_id` alone.
    Nothing,
}

/// Why a client is not believed; all of it is `invalid_client` to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another method than the registered one.
    WrongMethod,
    /// No live secret matches.
    WrongSecret,
    /// It proved who it is, and is a draft, suspended or retired: nothing is given to it.
    NotInUse,
}

/// Whether `presented` proves the request to be `client`'s.
///
/// # Errors
/// [`Refusal`], for the log; the client hears `invalid_client`.
pub fn authenticate(client: &Client, presented: &Presented, now: DateTime<Utc>) -> Result<(), Refusal> {
    let secret = match (&client.authentication, presented) {
        (ClientAuthentication::ClientSecretBasic { secrets }, Presented::Basic(secret))
        | (ClientAuthentication::ClientSecretPost { secrets }, Presented::Post(secret)) => Some((secrets, secret)),
        (ClientAuthentication::PrivateKeyJwt { .. }, Presented::Assertion)
        | (ClientAuthentication::None, Presented::Nothing) => None,
        _ => return Err(Refusal::WrongMethod),
    };
    if let Some((secrets, secret)) = secret {
        let digest = secret.digest();
        // Every live secret is compared, in constant time each.
        let known = secrets
            .iter()
            .filter(|kept| kept.expires_at.is_none_or(|end| now < end))
            .fold(false, |known, kept| known | (kept.digest == digest));
        if !known {
            return Err(Refusal::WrongSecret);
        }
    }
    match client.status {
        ClientStatus::Active if client.is_over(now) => Err(Refusal::NotInUse),
        ClientStatus::Active => Ok(()),
        ClientStatus::Draft | ClientStatus::Suspended | ClientStatus::Retired => Err(Refusal::NotInUse),
    }
}

pub(super) mod digest_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::{Digest, base64url, from_base64url};

    pub(in crate::client) fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url(digest.as_bytes()))
    }

    pub(in crate::client) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_base64url(&text)
            .and_then(|bytes| Digest::from_bytes(&bytes))
            .ok_or_else(|| D::Error::custom("not the digest of a secret"))
    }
}
