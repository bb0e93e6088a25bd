//! ID tokens as a service reads them: checked by `openidconnect`, an implementation that is not ours.

use chrono::DateTime;
use idp_core::client::ClientAuthentication;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, ClientId, ClientSecret, IssuerUrl, Nonce};
use serde_json::Value;

use crate::{Client, decoded_part};

/// A checked ID token.
#[derive(Clone, Debug)]
pub struct IdToken {
    /// As it travels.
    pub token: String,
    /// Its claims.
    pub claims: Value,
}

impl IdToken {
    /// A claim as text; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    /// A claim as a number.
    #[track_caller]
    pub fn number(&self, name: &str) -> i64 {
        self.claims[name].as_i64().unwrap_or_else(|| panic!("{name} is no number in {}", self.claims))
    }
}

impl Client {
    /// Checks an ID token as OpenID Connect Core §3.1.3.7 wants a client to: keys from the JWKS document, issuer,
    /// audience, signature by the registered algorithm, times, nonce and `at_hash`.
    pub async fn check_id_token(&self, token: &str, nonce: Option<&str>, access_token: &str) -> IdToken {
        let jwks = self.app.get("/jwks.json").await.expect(200);
        self.check_id_token_by(&jwks.body, token, nonce, access_token)
    }

    /// The same by a JWKS document fetched earlier; no other key is asked for.
    pub fn check_id_token_by(&self, jwks: &str, token: &str, nonce: Option<&str>, access_token: &str) -> IdToken {
        let keys: CoreJsonWebKeySet = serde_json::from_str(jwks).expect("a JWKS document");
        let client_id = ClientId::new(self.id().to_owned());
        let issuer = IssuerUrl::new(self.app.issuer().to_owned()).expect("our issuer is a URL");
        let verifier = match self.client.authentication {
            ClientAuthentication::None => CoreIdTokenVerifier::new_public_client(client_id, issuer, keys),
            _ => {
                let secret = ClientSecret::new(self.secret.reveal().to_owned());
                CoreIdTokenVerifier::new_confidential_client(client_id, secret, issuer, keys)
            }
        };
        let algorithm = match self.client.id_token_algorithm {
            idp_core::jose::Algorithm::ES256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            idp_core::jose::Algorithm::RS256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            idp_core::jose::Algorithm::PS256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            idp_core::jose::Algorithm::EdDSA => CoreJwsSigningAlgorithm::EdDsa,
        };
        let now = self.app.now();
        let just_now = move |issued: DateTime<chrono::Utc>| match (now - issued).num_seconds().abs() <= 300 {
            true => Ok(()),
            false => Err("iat is not now".to_owned()),
        };
        let verifier =
            verifier.set_allowed_algs([algorithm]).set_time_fn(move || now).set_issue_time_verifier_fn(just_now);
        let parsed: CoreIdToken = token.parse().expect("an ID token is a JWT");
        let expected = nonce.map(|nonce| Nonce::new(nonce.to_owned()));
        let same_nonce = |found: Option<&Nonce>| match (found, &expected) {
            (None, None) => Ok(()),
            (Some(found), Some(expected)) if found.secret() == expected.secret() => Ok(()),
            _ => Err("the nonce is not ours".to_owned()),
        };
        let claims = parsed.claims(&verifier, same_nonce).expect("a client accepts the ID token");
        let hash = claims.access_token_hash().expect("the ID token holds at_hash");
        let made = AccessTokenHash::from_token(
            &AccessToken::new(access_token.to_owned()),
            parsed.signing_alg().expect("a signed token"),
            parsed.signing_key(&verifier).expect("a published key"),
        );
        assert_eq!(&made.expect("a hash"), hash);
        assert_eq!(decoded_part(token, 0)["typ"], "JWT");
        IdToken { token: token.to_owned(), claims: decoded_part(token, 1) }
    }
}
