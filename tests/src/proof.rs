//! A key whose possession is proven (RFC 9449).

use idp_core::dpop::nonce;
use idp_core::jose::{Algorithm, ClientKey, SigningKey};
use idp_core::secret::{Secret, base64url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{App, Client, Reply};

/// The holder of a key.
#[derive(Clone)]
pub struct Prover {
    app: App,
    /// The key.
    pub key: SigningKey,
}

impl App {
    /// Somebody with a fresh key of `algorithm`.
    pub fn prover(&self, algorithm: Algorithm) -> Prover {
        Prover { app: self.clone(), key: SigningKey::generate(algorithm).expect("a key can be made").0 }
    }
}

impl Prover {
    /// The thumbprint of the key.
    pub fn thumbprint(&self) -> String {
        let jwk = json!(self.key.public());
        ClientKey::parse(jwk.as_object().expect("a key is an object")).expect("a public key").thumbprint().to_owned()
    }

    /// The claims of a proof for a request, with the nonce of this moment, and beside `access_token` if any.
    pub fn claims(&self, method: &str, path: &str, access_token: Option<&str>) -> Value {
        let mut claims = json!({
            "jti": Secret::make(&*self.app.chance).reveal(),
            "htm": method,
            "htu": self.app.url(path),
            "iat": self.app.now().timestamp(),
            "nonce": nonce(&self.app.nonce_key, self.app.now()),
        });
        if let Some(token) = access_token {
            claims["ath"] = json!(base64url(&Sha256::digest(token.as_bytes())));
        }
        claims
    }

    /// A proof of these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({
            "typ": "dpop+jwt",
            "alg": self.key.algorithm().as_str(),
            "jwk": self.key.public(),
        });
        self.key.seal_under(&header.to_string(), claims).expect("a key signs")
    }

    /// A proof for a request.
    pub fn proof(&self, method: &str, path: &str, access_token: Option<&str>) -> String {
        self.sign(&self.claims(method, path, access_token))
    }

    /// A token request of `rp` with a proof.
    pub async fn token(&self, rp: &Client, fields: &[(&str, &str)]) -> Reply {
        rp.call("/token", fields, &[("dpop", &self.proof("POST", "/token", None))]).await
    }

    /// Userinfo with a bound token and its proof.
    pub async fn userinfo(&self, access_token: &str) -> Reply {
        let proof = self.proof("GET", "/userinfo", Some(access_token));
        self.app.userinfo_with(&[("authorization", &format!("DPoP {access_token}")), ("dpop", &proof)]).await
    }
}

impl App {
    /// Userinfo with these headers.
    pub async fn userinfo_with(&self, headers: &[(&str, &str)]) -> Reply {
        let mut request = axum::http::Request::get("/userinfo");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(axum::body::Body::empty()).expect("a request")).await
    }
}
