//! Registers the clients of the tests.

use std::pin::Pin;

use idp_core::client::{Bilingual, ClientDraft, ClientKind, ConsentPolicy, MembershipPolicy, PkcePolicy};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, SigningKey};
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;
use serde_json::json;

use crate::{App, Client};

/// A client about to be registered. Awaiting it registers it.
pub struct ClientBuilder {
    app: App,
    draft: ClientDraft,
    secret: Secret,
    key: Option<SigningKey>,
}

impl App {
    /// A confidential client with everything by default: `client_secret_basic`, ES256, pairwise, PKCE, consent asked,
    /// refresh tokens, all scopes but the number.
    pub fn client(&self, id: &str) -> ClientBuilder {
        let both = |th: &str, en: &str| Bilingual { th: th.to_owned(), en: en.to_owned() };
        let draft = ClientDraft {
            name: both("บริการทดสอบ", "Test service"),
            owner: both("กรมทดสอบ", "Department of Tests"),
            purpose: both("ทดสอบระบบ", "test the system"),
            redirect_uris: vec![format!("https://{id}.test/cb")],
            post_logout_redirect_uris: vec![format!("https://{id}.test/bye")],
            scopes: ScopeSet::parse("openid membership profile email phone organization"),
            ..ClientDraft::new(ClientId::parse(id).expect("a client id"))
        };
        ClientBuilder { app: self.clone(), draft, secret: Secret::make(&*self.chance), key: None }
    }
}

impl ClientBuilder {
    /// Any other setting.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut ClientDraft)) -> Self {
        change(&mut self.draft);
        self
    }

    /// The draft, to be judged without being registered.
    pub fn draft(self) -> ClientDraft {
        self.draft
    }

    /// `client_secret_post` instead of `client_secret_basic`.
    #[must_use]
    pub fn secret_in_body(self) -> Self {
        self.with(|draft| draft.authentication_method = "client_secret_post".to_owned())
    }

    /// `private_key_jwt`, with a key of `algorithm` in its registration.
    #[must_use]
    pub fn signing(mut self, algorithm: Algorithm) -> Self {
        let (key, _) = SigningKey::generate(algorithm).expect("a key can be made");
        let jwks = json!({ "keys": [key.public()] });
        self.key = Some(key);
        self.with(|draft| {
            draft.authentication_method = "private_key_jwt".to_owned();
            draft.jwks = Some(jwks);
        })
    }

    /// `private_key_jwt`, with its key at an address of its own.
    #[must_use]
    pub fn signing_by_address(mut self, key: &SigningKey, jwks_uri: &str) -> Self {
        self.key = Some(key.clone());
        self.with(|draft| {
            draft.authentication_method = "private_key_jwt".to_owned();
            draft.jwks_uri = Some(jwks_uri.to_owned());
        })
    }

    /// A page in a browser, without a secret.
    #[must_use]
    pub fn public(self) -> Self {
        self.with(|draft| {
            draft.kind = ClientKind::SinglePage;
            draft.authentication_method = "none".to_owned();
        })
    }

    /// An app on the member's device, that listens on loopback.
    #[must_use]
    pub fn native(self) -> Self {
        self.with(|draft| {
            draft.kind = ClientKind::Native;
            draft.authentication_method = "none".to_owned();
            draft.redirect_uris =
                ["http://127.0.0.1/cb", "http://[::1]/cb", "th.go.moc.app:/cb"].map(str::to_owned).into();
            draft.post_logout_redirect_uris = Vec::new();
        })
    }

    /// Takes permanent members only.
    #[must_use]
    pub fn permanent_only(self) -> Self {
        self.with(|draft| draft.membership = MembershipPolicy::PermanentOnly)
    }

    /// The ministry's own: members are not asked.
    #[must_use]
    pub fn first_party(self) -> Self {
        self.with(|draft| draft.consent = ConsentPolicy::FirstParty)
    }

    /// ID tokens signed with RS256.
    #[must_use]
    pub fn rs256(self) -> Self {
        self.with(|draft| draft.id_token_algorithm = Algorithm::RS256)
    }

    /// Exempted from PKCE.
    #[must_use]
    pub fn pkce_optional(self) -> Self {
        self.with(|draft| draft.pkce = PkcePolicy::Optional)
    }

    /// Granted the 13-digit number.
    #[must_use]
    pub fn citizen_id(self) -> Self {
        self.scopes("openid membership profile email phone organization citizen_id")
    }

    /// Other scopes.
    #[must_use]
    pub fn scopes(self, list: &str) -> Self {
        self.with(|draft| draft.scopes = ScopeSet::parse(list))
    }

    /// Another secret than a machine-made one.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Secret::presented(secret);
        self
    }

    /// Other redirect URIs.
    #[must_use]
    pub fn redirect_uris(self, uris: &[&str]) -> Self {
        self.with(|draft| draft.redirect_uris = uris.iter().map(ToString::to_string).collect())
    }

    async fn register(self) -> Client {
        let secret = self.secret;
        let client = self.draft.accept(&secret, self.app.now()).expect("a test's client is sound");
        let written = self.app.store.insert_client(&client, &[]).await.expect("the database can be written");
        assert!(written, "the client id is taken");
        let redirect_uri = client.redirect_uris.first().map_or("", |uri| uri.as_str()).to_owned();
        let scope = client.scopes.to_string();
        Client { app: self.app, client, secret, redirect_uri, scope, key: self.key }
    }
}

impl IntoFuture for ClientBuilder {
    type Output = Client;
    type IntoFuture = Pin<Box<dyn Future<Output = Client> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.register())
    }
}
