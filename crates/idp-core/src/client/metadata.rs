//! Client metadata (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2): one line for each member, how it is
//! read into a draft and how a client shows it. What is not in the table is ignored, as both specifications want it.

use serde_json::{Map, Value, json};

use super::{Bilingual, Client, ClientAuthentication, ClientDraft, ClientKind, GrantType, SubjectType};
use crate::jose::{Algorithm, ContentEncryption, Encryption, KeyManagement};
use crate::scope::ScopeSet;
use crate::session::Acr;

/// A member of the metadata.
struct Member {
    name: &'static str,
    /// `None`: the value has another type, or is not one that can be had here.
    read: fn(&mut Reading, &Value) -> Option<()>,
    show: fn(&Client) -> Value,
}

/// What is read so far: some members say something only together.
struct Reading {
    draft: ClientDraft,
    native: bool,
    encrypted: Encrypted,
}

/// `…_alg` and `…_enc`, which make a way of encrypting only together: the value that the specifications give an absent
/// `…_enc` is none of ours.
#[derive(Default)]
struct Encrypted {
    id_token: (Option<KeyManagement>, Option<ContentEncryption>),
    userinfo: (Option<KeyManagement>, Option<ContentEncryption>),
    response: (Option<KeyManagement>, Option<ContentEncryption>),
}

/// A member that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} has another type, or a value that is not supported here")]
pub struct MetadataError(pub &'static str);

/// The table. To add a member is to add a line.
const MEMBERS: &[Member] = &[
    Member {
        name: "redirect_uris",
        read: |r, v| set(&mut r.draft.redirect_uris, texts(v)),
        show: |c| json!(c.redirect_uris),
    },
    Member { name: "client_name", read: |r, v| name(&mut r.draft.name, text(v)?), show: |c| json!(c.name.en) },
    Member { name: "client_name#en", read: |r, v| set(&mut r.draft.name.en, text(v)), show: |_| Value::Null },
    Member { name: "client_name#th", read: |r, v| set(&mut r.draft.name.th, text(v)), show: |c| json!(c.name.th) },
    Member {
        name: "application_type",
        read: |r, v| application_type(r, v.as_str()?),
        show: |c| json!(application_type_of(c)),
    },
    Member {
        name: "token_endpoint_auth_method",
        read: |r, v| set(&mut r.draft.authentication_method, text(v)),
        show: |c| json!(c.authentication.method()),
    },
    Member {
        name: "response_types",
        read: |_, v| texts(v)?.iter().any(|word| word == "code").then_some(()),
        show: |_| json!(["code"]),
    },
    Member { name: "grant_types", read: |r, v| grant_types(&mut r.draft, &texts(v)?), show: |c| json!(c.grant_types) },
    Member {
        name: "scope",
        read: |r, v| set(&mut r.draft.scopes, v.as_str().map(ScopeSet::parse)),
        show: |c| json!(c.scopes),
    },
    Member {
        name: "subject_type",
        read: |_, v| (v.as_str()? == "pairwise").then_some(()),
        show: |c| json!(subject_type_of(c)),
    },
    Member {
        // A default that the service sets for itself is kept here as what it requires: a request may want more, and a
        // forged one cannot want less.
        name: "default_acr_values",
        read: |r, v| set(&mut r.draft.least_acr, Some(texts(v)?.iter().filter_map(|word| Acr::parse(word)).min())),
        show: |c| json!(c.least_acr.map(|level| [level.as_str()])),
    },
    Member {
        name: "sector_identifier_uri",
        read: |r, v| set(&mut r.draft.sector_identifier_uri, text(v).map(Some)),
        show: |c| json!(c.sector_identifier_uri),
    },
    Member {
        name: "id_token_signed_response_alg",
        read: |r, v| set(&mut r.draft.id_token_algorithm, Algorithm::parse(v.as_str()?)),
        show: |c| json!(c.id_token_algorithm),
    },
    Member {
        name: "token_endpoint_auth_signing_alg",
        read: |r, v| set(&mut r.draft.assertion_algorithm, Algorithm::from_client(v.as_str()?).map(Some)),
        show: |c| json!(assertion_algorithm_of(c)),
    },
    Member {
        name: "userinfo_signed_response_alg",
        read: |r, v| set(&mut r.draft.answers.userinfo_algorithm, Algorithm::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.userinfo_algorithm),
    },
    Member {
        name: "authorization_signed_response_alg",
        read: |r, v| set(&mut r.draft.answers.response_algorithm, Algorithm::parse(v.as_str()?)),
        show: |c| json!(c.answers.response_algorithm),
    },
    Member {
        name: "introspection_signed_response_alg",
        read: |r, v| set(&mut r.draft.answers.introspection_algorithm, Algorithm::parse(v.as_str()?)),
        show: |c| json!(c.answers.introspection_algorithm),
    },
    Member {
        name: "id_token_encrypted_response_alg",
        read: |r, v| set(&mut r.encrypted.id_token.0, KeyManagement::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.id_token_encryption.map(|how| how.algorithm)),
    },
    Member {
        name: "id_token_encrypted_response_enc",
        read: |r, v| set(&mut r.encrypted.id_token.1, ContentEncryption::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.id_token_encryption.map(|how| how.content)),
    },
    Member {
        name: "userinfo_encrypted_response_alg",
        read: |r, v| set(&mut r.encrypted.userinfo.0, KeyManagement::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.userinfo_encryption.map(|how| how.algorithm)),
    },
    Member {
        name: "userinfo_encrypted_response_enc",
        read: |r, v| set(&mut r.encrypted.userinfo.1, ContentEncryption::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.userinfo_encryption.map(|how| how.content)),
    },
    Member {
        name: "authorization_encrypted_response_alg",
        read: |r, v| set(&mut r.encrypted.response.0, KeyManagement::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.response_encryption.map(|how| how.algorithm)),
    },
    Member {
        name: "authorization_encrypted_response_enc",
        read: |r, v| set(&mut r.encrypted.response.1, ContentEncryption::parse(v.as_str()?).map(Some)),
        show: |c| json!(c.answers.response_encryption.map(|how| how.content)),
    },
    Member {
        name: "request_object_signing_alg",
        read: |r, v| set(&mut r.draft.requests.algorithm, Algorithm::from_client(v.as_str()?).map(Some)),
        show: |c| json!(c.requests.algorithm),
    },
    Member {
        name: "require_signed_request_object",
        read: |r, v| set(&mut r.draft.requests.signed, v.as_bool()),
        show: |c| json!(c.requests.signed.then_some(true)),
    },
    Member {
        name: "require_pushed_authorization_requests",
        read: |r, v| set(&mut r.draft.requests.pushed, v.as_bool()),
        show: |c| json!(c.requests.pushed.then_some(true)),
    },
    Member {
        name: "dpop_bound_access_tokens",
        read: |r, v| set(&mut r.draft.dpop_bound_access_tokens, v.as_bool()),
        show: |c| json!(c.dpop_bound_access_tokens.then_some(true)),
    },
    Member {
        name: "jwks",
        read: |r, v| set(&mut r.draft.jwks, Some(Some(v.clone()))),
        show: |c| c.keys.document().unwrap_or_default(),
    },
    Member {
        name: "jwks_uri",
        read: |r, v| set(&mut r.draft.jwks_uri, text(v).map(Some)),
        show: |c| json!(c.keys.uri()),
    },
    Member {
        name: "post_logout_redirect_uris",
        read: |r, v| set(&mut r.draft.post_logout_redirect_uris, texts(v)),
        show: |c| json!(c.post_logout_redirect_uris),
    },
    Member {
        name: "backchannel_logout_uri",
        read: |r, v| set(&mut r.draft.logout.back, text(v).map(Some)),
        show: |c| json!(c.logout.back),
    },
    Member {
        name: "backchannel_logout_session_required",
        read: |r, v| set(&mut r.draft.logout.back_needs_sid, v.as_bool()),
        show: |c| json!(c.logout.back_needs_sid),
    },
    Member {
        name: "frontchannel_logout_uri",
        read: |r, v| set(&mut r.draft.logout.front, text(v).map(Some)),
        show: |c| json!(c.logout.front),
    },
    Member {
        name: "frontchannel_logout_session_required",
        read: |r, v| set(&mut r.draft.logout.front_needs_sid, v.as_bool()),
        show: |c| json!(c.logout.front_needs_sid),
    },
    Member {
        name: "client_uri",
        read: |r, v| set(&mut r.draft.about.client_uri, text(v).map(Some)),
        show: |c| json!(c.about.client_uri),
    },
    Member {
        name: "logo_uri",
        read: |r, v| set(&mut r.draft.about.logo_uri, text(v).map(Some)),
        show: |c| json!(c.about.logo_uri),
    },
    Member {
        name: "policy_uri",
        read: |r, v| set(&mut r.draft.about.policy_uri, text(v).map(Some)),
        show: |c| json!(c.about.policy_uri),
    },
    Member {
        name: "tos_uri",
        read: |r, v| set(&mut r.draft.about.tos_uri, text(v).map(Some)),
        show: |c| json!(c.about.tos_uri),
    },
    Member {
        name: "initiate_login_uri",
        read: |r, v| set(&mut r.draft.about.initiate_login_uri, text(v).map(Some)),
        show: |c| json!(c.about.initiate_login_uri),
    },
    Member {
        name: "contacts",
        read: |r, v| set(&mut r.draft.about.contacts, texts(v)),
        show: |c| json!(c.about.contacts),
    },
];

/// Reads metadata over `draft`, whose values stand where nothing is said. A member that is null is absent (RFC 7592
/// §2.2).
///
/// # Errors
/// [`MetadataError`] names the first member that cannot be had.
pub fn read(metadata: &Map<String, Value>, draft: ClientDraft) -> Result<ClientDraft, MetadataError> {
    let mut reading = Reading { draft, native: false, encrypted: Encrypted::default() };
    for member in MEMBERS {
        match metadata.get(member.name) {
            None | Some(Value::Null) => {}
            Some(value) => (member.read)(&mut reading, value).ok_or(MetadataError(member.name))?,
        }
    }
    let Reading { mut draft, native, encrypted } = reading;
    let answers = &mut draft.answers;
    for (place, (algorithm, content), name) in [
        (&mut answers.id_token_encryption, encrypted.id_token, "id_token_encrypted_response_enc"),
        (&mut answers.userinfo_encryption, encrypted.userinfo, "userinfo_encrypted_response_enc"),
        (&mut answers.response_encryption, encrypted.response, "authorization_encrypted_response_enc"),
    ] {
        *place = match (algorithm, content) {
            (None, None) => continue,
            (Some(algorithm), Some(content)) => Some(Encryption { algorithm, content }),
            _ => return Err(MetadataError(name)),
        };
    }
    // OpenID Connect knows "web" and "native"; a program without a secret that is not native runs in a browser.
    draft.kind = match (native, draft.authentication_method.as_str()) {
        (true, _) => ClientKind::Native,
        (false, "none") => ClientKind::SinglePage,
        (false, _) => ClientKind::Web,
    };
    Ok(draft)
}

/// A client's metadata as it is registered; what it has not is left out.
pub fn show(client: &Client) -> Map<String, Value> {
    let shown = MEMBERS.iter().map(|member| (member.name.to_owned(), (member.show)(client)));
    shown.filter(|(_, value)| !value.is_null()).collect()
}

fn set<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let values = value.as_array()?;
    // More than anybody needs, and less than would fill the database.
    if values.len() > 32 { None } else { values.iter().map(text).collect() }
}

/// A name without a language stands for both, until one of its own follows.
fn name(place: &mut Bilingual, name: String) -> Option<()> {
    *place = Bilingual { th: name.clone(), en: name };
    Some(())
}

fn application_type(reading: &mut Reading, word: &str) -> Option<()> {
    reading.native = match word {
        "web" => false,
        "native" => true,
        _ => return None,
    };
    Some(())
}

fn application_type_of(client: &Client) -> &'static str {
    if client.kind == ClientKind::Native { "native" } else { "web" }
}

fn assertion_algorithm_of(client: &Client) -> Option<Algorithm> {
    match &client.authentication {
        ClientAuthentication::PrivateKeyJwt { algorithm, .. } => *algorithm,
        _ => None,
    }
}

fn subject_type_of(client: &Client) -> &'static str {
    match client.subject {
        SubjectType::Pairwise { .. } => "pairwise",
        SubjectType::Public => "public",
    }
}

/// RFC 7591 §2: other values are replaced by what can be had, and the answer says so.
fn grant_types(draft: &mut ClientDraft, words: &[String]) -> Option<()> {
    let has = |grant: GrantType| words.iter().any(|word| word == grant.as_str());
    draft.refresh_tokens = has(GrantType::RefreshToken);
    has(GrantType::AuthorizationCode).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ClientId;
    use crate::secret::Secret;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn draft() -> ClientDraft {
        let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
        ClientDraft {
            owner: both("owner"),
            purpose: both("purpose"),
            scopes: ScopeSet::parse("openid"),
            ..ClientDraft::new(ClientId::parse("rp").unwrap())
        }
    }

    #[test]
    fn what_is_registered_is_shown_and_reads_the_same_again() {
        let metadata = map(json!({
            "redirect_uris": ["https://rp.example/cb"],
            "client_name": "Service", "client_name#th": "บริการ",
            "application_type": "web",
            "token_endpoint_auth_method": "client_secret_post",
            "response_types": ["code"], "grant_types": ["authorization_code"],
            "scope": "openid profile", "subject_type": "pairwise",
            "id_token_signed_response_alg": "RS256",
            "authorization_signed_response_alg": "ES256", "introspection_signed_response_alg": "ES256",
            "post_logout_redirect_uris": ["https://rp.example/bye"],
            "backchannel_logout_uri": "https://rp.example/back", "backchannel_logout_session_required": true,
            "frontchannel_logout_uri": "https://rp.example/front", "frontchannel_logout_session_required": false,
            "client_uri": "https://rp.example/", "logo_uri": "https://rp.example/logo.png",
            "policy_uri": "https://rp.example/policy", "tos_uri": "https://rp.example/tos",
            "initiate_login_uri": "https://rp.example/begin", "contacts": ["dev@rp.example"],
        }));
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let accept = |metadata: &Map<String, Value>| {
            read(metadata, draft()).unwrap().accept(&Secret::presented("s"), now).unwrap()
        };
        let client = accept(&metadata);
        let shown = show(&client);
        assert_eq!(shown, metadata);
        assert_eq!(accept(&shown), client);
    }

    #[test]
    fn what_we_do_not_know_is_ignored_and_null_is_absent() {
        let metadata =
            map(json!({ "client_name": "x", "tls_client_certificate_bound": true, "scope": null, "x": [{}] }));
        let draft = read(&metadata, draft()).unwrap();
        assert_eq!((draft.scopes.to_string().as_str(), draft.name.th.as_str()), ("openid", "x"));
    }

    #[test]
    fn other_types_and_values_are_refused_by_name() {
        for (name, value) in [
            ("redirect_uris", json!("https://rp.example/cb")),
            ("redirect_uris", json!([1])),
            ("redirect_uris", json!(vec!["https://rp.example/cb"; 33])),
            ("client_name", json!({})),
            ("application_type", json!("desktop")),
            ("response_types", json!(["token"])),
            ("grant_types", json!(["implicit"])),
            ("subject_type", json!("public")),
            ("id_token_signed_response_alg", json!("none")),
            ("backchannel_logout_session_required", json!("true")),
            ("contacts", json!("me@rp.example")),
        ] {
            let refused = read(&map(json!({ name: value })), draft()).unwrap_err();
            assert_eq!(refused, MetadataError(name));
        }
    }

    #[test]
    fn the_kind_follows_from_type_and_method() {
        let kind = |value: Value| read(&map(value), draft()).unwrap().kind;
        assert_eq!(kind(json!({})), ClientKind::Web);
        assert_eq!(kind(json!({ "token_endpoint_auth_method": "none" })), ClientKind::SinglePage);
        assert_eq!(
            kind(json!({ "token_endpoint_auth_method": "none", "application_type": "native" })),
            ClientKind::Native
        );
    }

    #[test]
    fn what_is_not_said_of_signed_answers_is_rs256_and_shown() {
        let metadata = map(json!({
            "redirect_uris": ["https://rp.example/cb"], "client_name": "Service",
            "id_token_signed_response_alg": "ES256",
        }));
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let client = read(&metadata, draft()).unwrap().accept(&Secret::presented("s"), now).unwrap();
        let shown = show(&client);
        for name in ["authorization_signed_response_alg", "introspection_signed_response_alg"] {
            assert_eq!(shown.get(name), Some(&json!("RS256")), "{name}");
        }
        assert_eq!(shown.get("userinfo_signed_response_alg"), None, "userinfo is plain JSON");
    }

    /// The public key of RFC 7517 A.1.
    fn keys() -> Value {
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "enc", "kid": "1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" }] })
    }

    #[test]
    fn forms_of_tokens_and_requests_are_shown_as_they_were_registered() {
        let metadata = map(json!({
            "redirect_uris": ["https://rp.example/cb"], "client_name": "Service", "jwks": keys(),
            "userinfo_signed_response_alg": "ES256", "authorization_signed_response_alg": "RS256",
            "id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A256GCM",
            "userinfo_encrypted_response_alg": "ECDH-ES+A256KW", "userinfo_encrypted_response_enc": "A128GCM",
            "request_object_signing_alg": "PS256", "require_signed_request_object": true,
            "require_pushed_authorization_requests": true, "dpop_bound_access_tokens": true,
        }));
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let client = read(&metadata, draft()).unwrap().accept(&Secret::presented("s"), now).unwrap();
        let shown = show(&client);
        for (name, value) in metadata.iter().filter(|(name, _)| *name != "jwks") {
            assert_eq!(shown.get(name), Some(value), "{name}");
        }
        assert_eq!(show(&read(&shown, draft()).unwrap().accept(&Secret::presented("s"), now).unwrap()), shown);
    }

    #[test]
    fn half_a_way_of_encrypting_and_algorithms_that_are_off_are_refused() {
        for (name, value) in [
            ("id_token_encrypted_response_alg", "ECDH-ES"),
            ("userinfo_encrypted_response_enc", "A128GCM"),
            ("id_token_encrypted_response_alg", "RSA1_5"),
            ("id_token_encrypted_response_enc", "A128CBC-HS256"),
            ("userinfo_signed_response_alg", "none"),
            ("introspection_signed_response_alg", "none"),
            ("request_object_signing_alg", "HS256"),
            ("token_endpoint_auth_signing_alg", "none"),
        ] {
            let mut metadata = map(json!({ "redirect_uris": ["https://rp.example/cb"], "jwks": keys() }));
            metadata.insert(name.to_owned(), json!(value));
            assert!(read(&metadata, draft()).is_err(), "{name} {value}");
        }
    }
}
