//! `idp client create`: in which form a client asks, and in which form it is answered.

use idp_core::client::{Answers, Client, RequestPolicy};
use idp_core::jose::{Algorithm, ContentEncryption, Encryption, KeyManagement};
use idp_store::Store;
use serde_json::{Value, json};

use super::Failure;
use super::client::signing_algorithm;

/// Flags for what most clients leave as it is.
#[derive(clap::Args)]
pub(super) struct Forms {
    /// Takes only requests that were pushed to /par beforehand (RFC 9126), as FAPI 2.0 has it.
    #[arg(long)]
    require_par: bool,
    /// Takes only signed request objects (RFC 9101); they must say from when until when they count.
    #[arg(long)]
    require_signed_requests: bool,
    /// The one algorithm of its request objects; without it any that its registered keys allow.
    #[arg(long)]
    request_object_alg: Option<String>,
    /// How answers of the response modes jwt, query.jwt, … are signed (JARM).
    #[arg(long, default_value = "RS256")]
    response_alg: String,
    /// How answers of introspection are signed for a resource that asks for signed ones (RFC 9701).
    #[arg(long, default_value = "RS256")]
    introspection_alg: String,
    /// Gives userinfo as a token signed with this algorithm instead of JSON.
    #[arg(long)]
    userinfo_alg: Option<String>,
    /// Encrypts ID tokens for a key of the client: ECDH-ES+A256KW/A256GCM, for example, or RSA-OAEP-256/A128GCM.
    #[arg(long, value_name = "ALG/ENC")]
    id_token_enc: Option<String>,
    /// Encrypts userinfo; with --userinfo-alg it is signed first.
    #[arg(long, value_name = "ALG/ENC")]
    userinfo_enc: Option<String>,
    /// Encrypts the signed answers of the response modes jwt, query.jwt, ….
    #[arg(long, value_name = "ALG/ENC")]
    response_enc: Option<String>,
}

impl Forms {
    /// How it must ask.
    pub(super) fn requests(&self) -> Result<RequestPolicy, Failure> {
        Ok(RequestPolicy {
            pushed: self.require_par,
            signed: self.require_signed_requests,
            algorithm: algorithm("--request-object-alg", self.request_object_alg.as_deref())?,
        })
    }

    /// How it is answered.
    pub(super) async fn answers(&self, store: &Store) -> Result<Answers, Failure> {
        Ok(Answers {
            response_algorithm: signing_algorithm(store, "--response-alg", &self.response_alg).await?,
            introspection_algorithm: signing_algorithm(store, "--introspection-alg", &self.introspection_alg).await?,
            userinfo_algorithm: signing(store, "--userinfo-alg", self.userinfo_alg.as_deref()).await?,
            id_token_encryption: encryption("--id-token-enc", self.id_token_enc.as_deref())?,
            userinfo_encryption: encryption("--userinfo-enc", self.userinfo_enc.as_deref())?,
            response_encryption: encryption("--response-enc", self.response_enc.as_deref())?,
        })
    }
}

/// The forms of a client under the names of RFC 7591; what is not set is left out.
pub(super) fn shape(client: &Client) -> Vec<(String, Value)> {
    let (requests, answers) = (&client.requests, &client.answers);
    let mut shape = vec![
        ("require_pushed_authorization_requests".to_owned(), json!(requests.pushed)),
        ("require_signed_request_object".to_owned(), json!(requests.signed)),
    ];
    let signed = [
        ("request_object_signing_alg", requests.algorithm),
        ("authorization_signed_response_alg", Some(answers.response_algorithm)),
        ("introspection_signed_response_alg", Some(answers.introspection_algorithm)),
        ("userinfo_signed_response_alg", answers.userinfo_algorithm),
    ];
    shape.extend(signed.iter().filter_map(|(name, set)| Some(((*name).to_owned(), json!((*set)?)))));
    let encrypted = [
        ("id_token", answers.id_token_encryption),
        ("userinfo", answers.userinfo_encryption),
        ("authorization", answers.response_encryption),
    ];
    for (of, how) in encrypted {
        let Some(how) = how else { continue };
        shape.push((format!("{of}_encrypted_response_alg"), json!(how.algorithm)));
        shape.push((format!("{of}_encrypted_response_enc"), json!(how.content)));
    }
    shape
}

/// An algorithm that we sign with: there is a key for it.
async fn signing(store: &Store, flag: &str, text: Option<&str>) -> Result<Option<Algorithm>, Failure> {
    match text {
        Some(text) => signing_algorithm(store, flag, text).await.map(Some),
        None => Ok(None),
    }
}

fn algorithm(flag: &str, text: Option<&str>) -> Result<Option<Algorithm>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let known = || Algorithm::ALL.map(Algorithm::as_str).join(", ");
    Algorithm::from_client(text).map(Some).ok_or_else(|| Failure::usage(format!("{flag}: one of {}", known())))
}

fn encryption(flag: &str, text: Option<&str>) -> Result<Option<Encryption>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let read = text.split_once('/').and_then(|(algorithm, content)| {
        Some(Encryption { algorithm: KeyManagement::parse(algorithm)?, content: ContentEncryption::parse(content)? })
    });
    read.map(Some).ok_or_else(|| {
        let algorithms = KeyManagement::ALL.map(KeyManagement::as_str).join(", ");
        let contents = ContentEncryption::ALL.map(ContentEncryption::as_str).join(" or ");
        Failure::usage(format!("{flag}: one of {algorithms}, a stroke, and {contents}"))
    })
}
