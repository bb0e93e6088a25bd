//! A relying party: asks, exchanges, refreshes, reads userinfo.

use std::collections::BTreeMap;
use std::pin::Pin;

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp_core::client::{
    ASSERTION_TYPE, Bilingual, ClientDraft, ClientKind, ConsentPolicy, MembershipPolicy, PkcePolicy,
};
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, SigningKey, TokenType};
use idp_core::scope::ScopeSet;
use idp_core::secret::{Secret, base64url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

use crate::reply::encoded;
use crate::{App, Browser, IdToken, Member, Page, Reply};

/// A registered client with its secret.
#[derive(Clone)]
pub struct Client {
    pub(crate) app: App,
    /// As it is registered.
    pub client: idp_core::client::Client,
    /// Its secret; meaningless for a public client.
    pub secret: Secret,
    /// The first redirect URI.
    pub redirect_uri: String,
    /// What it asks for unless told otherwise.
    pub scope: String,
    /// The key it signs with, where it has one.
    pub key: Option<SigningKey>,
}

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

/// An authorization request, and what the client keeps to itself meanwhile.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The parameters, in order.
    pub parameters: Vec<(String, String)>,
    /// The PKCE verifier.
    pub verifier: String,
}

impl Ask {
    /// Sets a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Leaves parameters out.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.parameters.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// A parameter's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parameters, encoded.
    pub fn query(&self) -> String {
        encoded(&self.parameters)
    }

    /// The request as a path of the provider.
    pub fn path(&self) -> String {
        format!("/authorize?{}", self.query())
    }
}

/// What came back to the client: parameters, and where and how.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The redirect URI without what was added.
    pub address: String,
    /// Whether it travelled in a form.
    pub is_form: bool,
    /// The parameters; those in a signed answer among them.
    pub parameters: BTreeMap<String, String>,
    /// The signed answer (JARM), as it came: its signature is not checked here.
    pub signed: Option<String>,
}

impl Answer {
    /// Reads the answer from where the browser ended.
    #[track_caller]
    pub fn of(page: &Page) -> Self {
        if let Some(away) = &page.away {
            assert_eq!(page.status, 303);
            let (address, query) = away.split_once(['?', '#']).unwrap_or((away, ""));
            assert!(!query.contains('#'), "in the query or in the fragment");
            let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let parameters: BTreeMap<_, _> = pairs.iter().cloned().collect();
            assert_eq!(parameters.len(), pairs.len(), "a parameter is repeated");
            return Self { address: address.to_owned(), is_form: false, parameters, signed: None }.opened();
        }
        let form = page.forms().into_iter().find(|form| form.action.contains("://") || form.action.contains(":/"));
        let form =
            form.unwrap_or_else(|| panic!("no answer, but {} {}: {}", page.status, page.path, page.text("main")));
        assert!(form.is_post && !form.action.contains('?'));
        let parameters = form.fields.into_iter().collect();
        Self { address: form.action, is_form: true, parameters, signed: None }.opened()
    }

    /// A signed answer gives its members; an encrypted one keeps them to itself.
    fn opened(mut self) -> Self {
        let Some(response) = self.parameters.get("response").filter(|response| response.split('.').count() == 3) else {
            return self;
        };
        assert_eq!(self.parameters.len(), 1, "nothing stands beside a signed answer");
        let response = response.clone();
        let claims = crate::decoded_part(&response, 1);
        let members = claims.as_object().expect("claims").iter();
        let text = members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        self.parameters = text.filter(|(name, _)| name != "aud").collect();
        self.signed = Some(response);
        self
    }

    /// A parameter; empty when it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The code.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert!(self.parameters.contains_key("code"), "{:?}", self.parameters);
        self.get("code")
    }

    /// The error.
    pub fn error(&self) -> &str {
        self.get("error")
    }

    /// Fails unless it is this error, as RFC 6749 §4.1.2.1 and RFC 9207 have it.
    #[track_caller]
    pub fn expect_error(&self, error: &str, ask: &Ask, issuer: &str) {
        assert_eq!(self.error(), error, "{:?}", self.parameters);
        assert_eq!(self.get("state"), ask.get("state").unwrap_or_default());
        assert_eq!(self.get("iss"), issuer);
        let known = ["error", "error_description", "state", "iss"];
        assert!(self.parameters.keys().all(|name| known.contains(&name.as_str())), "{:?}", self.parameters);
        let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(self.get("error_description").bytes().all(legal));
    }
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token, or nothing.
    pub refresh: String,
    /// The ID token.
    pub id: IdToken,
    /// The granted scopes.
    pub scope: String,
    /// The whole answer.
    pub reply: Reply,
}

impl Client {
    /// `client_id`.
    pub fn id(&self) -> &str {
        self.client.id.as_str()
    }

    /// The provider.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Changes the registration.
    pub async fn change(&mut self, change: impl FnOnce(&mut idp_core::client::Client)) {
        let before = self.client.updated_at;
        change(&mut self.client);
        self.client.updated_at = self.app.now();
        let written = self.app.store.replace_client(&self.client, before, &[]).await;
        assert!(written.expect("the database can be written"), "the client was changed meanwhile");
    }

    /// The same client before another provider, as after a restart.
    pub fn at(&self, app: &App) -> Self {
        Self { app: app.clone(), ..self.clone() }
    }

    /// A request with everything that a careful client sends.
    pub fn ask(&self) -> Ask {
        let secret = || Secret::make(&*self.app.chance).reveal().to_owned();
        let verifier = secret();
        let challenge = base64url(&Sha256::digest(verifier.as_bytes()));
        let parameters = [
            ("response_type", "code".to_owned()),
            ("client_id", self.id().to_owned()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("scope", self.scope.clone()),
            ("state", secret()),
            ("nonce", secret()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ];
        Ask { parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(), verifier }
    }

    /// Sends the member's browser with `ask`; signs in, agrees, and reads the answer.
    pub async fn authorize(&self, member: &mut Member, ask: &Ask) -> Answer {
        let mut page = member.browser.get(&ask.path()).await;
        for _ in 0..4 {
            page = match page.place() {
                _ if page.away.is_some() => break,
                "/login" => member.sign_in_at(&page).await,
                "/consent" => member.browser.submit(page.form("/consent").with("decision", "allow")).await,
                _ => break,
            };
        }
        let answer = Answer::of(&page);
        assert_eq!(answer.get("iss"), self.app.issuer());
        assert_eq!(answer.get("state"), ask.get("state").unwrap_or_default());
        answer
    }

    /// Asks without a page (`prompt=none`): a browser that is signed in and has agreed answers at once.
    pub async fn ask_silently(&self, browser: &mut Browser) -> Answer {
        Answer::of(&browser.get(&self.ask().with("prompt", "none").path()).await)
    }

    /// The whole sign-in: authorize, exchange, check the ID token.
    pub async fn sign_in(&self, member: &mut Member) -> Tokens {
        self.sign_in_with(member, self.ask()).await
    }

    /// The whole sign-in with `ask`.
    pub async fn sign_in_with(&self, member: &mut Member, ask: Ask) -> Tokens {
        let answer = self.authorize(member, &ask).await;
        let reply = self.exchange(&ask, answer.code()).await.expect(200);
        self.read(reply, ask.get("nonce")).await
    }

    /// Trades a code.
    pub async fn exchange(&self, ask: &Ask, code: &str) -> Reply {
        let redirect_uri = ask.get("redirect_uri").unwrap_or_default();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &ask.verifier),
        ];
        let sends_verifier = ask.get("code_challenge").is_some();
        let fields = fields.into_iter().filter(|(name, _)| *name != "code_verifier" || sends_verifier);
        self.token(&fields.collect::<Vec<_>>()).await
    }

    /// Trades a refresh token, for `scope` if any.
    pub async fn refresh(&self, refresh_token: &str, scope: Option<&str>) -> Reply {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        fields.extend(scope.map(|scope| ("scope", scope)));
        self.token(&fields).await
    }

    /// Trades a refresh token and reads what came.
    pub async fn refreshed(&self, tokens: &Tokens) -> Tokens {
        let reply = self.refresh(&tokens.refresh, None).await.expect(200);
        self.read(reply, None).await
    }

    /// A request at the token endpoint with the client's own way of proving who it is.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        self.call("/token", fields, &[]).await
    }

    /// The same at any endpoint that servers call, with further headers.
    pub async fn call(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        let mut fields = fields.to_vec();
        let mut request = Request::post(path).header(header::CONTENT_TYPE, crate::reply::FORM);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let assertion = self.key.as_ref().map(|_| self.assertion(&self.assertion_claims()));
        match self.client.authentication.method() {
            "client_secret_basic" => request = request.header(header::AUTHORIZATION, self.basic()),
            "private_key_jwt" => fields.extend([
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion.as_deref().unwrap_or_default()),
            ]),
            "client_secret_post" => fields.extend([("client_id", self.id()), ("client_secret", self.secret.reveal())]),
            _ => fields.push(("client_id", self.id())),
        }
        self.app.send(request.body(Body::from(encoded(&fields))).expect("a request")).await
    }

    /// The claims of an assertion for the issuer, good for a minute.
    pub fn assertion_claims(&self) -> Value {
        let now = self.app.now().timestamp();
        json!({
            "iss": self.id(),
            "sub": self.id(),
            "aud": self.app.issuer(),
            "exp": now + 60,
            "iat": now,
            "jti": Secret::make(&*self.app.chance).reveal(),
        })
    }

    /// An assertion of these claims.
    pub fn assertion(&self, claims: &Value) -> String {
        let key = self.key.as_ref().expect("the client has a key");
        key.seal_claims(TokenType::Id, claims).expect("a key signs")
    }

    /// `Basic …` as RFC 6749 §2.3.1 has it: both halves form-encoded before base64.
    pub fn basic(&self) -> String {
        let half = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!("Basic {}", STANDARD.encode(format!("{}:{}", half(self.id()), half(self.secret.reveal()))))
    }

    /// Userinfo with a bearer header.
    pub async fn userinfo(&self, access_token: &str) -> Reply {
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {access_token}"));
        self.app.send(request.body(Body::empty()).expect("a request")).await
    }

    /// The claims at userinfo.
    pub async fn claims(&self, tokens: &Tokens) -> Value {
        let reply = self.userinfo(&tokens.access).await.expect(200);
        // OpenID Connect Core §5.3.2: a client uses nothing of it when the sub is another.
        assert_eq!(reply.json()["sub"], tokens.id.claims["sub"]);
        reply.json()
    }

    /// Reads an answer of the token endpoint and checks its ID token.
    pub async fn read(&self, reply: Reply, nonce: Option<&str>) -> Tokens {
        let json = reply.json();
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(json["token_type"], "Bearer");
        assert!(json["expires_in"].as_i64().is_some_and(|seconds| (1..=3600).contains(&seconds)), "{json}");
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let access = text("access_token");
        let id = self.check_id_token(&text("id_token"), nonce, &access).await;
        Tokens { access, refresh: text("refresh_token"), id, scope: text("scope"), reply }
    }

    /// The place that signs out at the provider.
    pub fn logout_path(&self, fields: &[(&str, &str)]) -> String {
        format!("/logout?{}", encoded(fields))
    }

    /// Where the member is sent after signing out.
    pub fn after_logout(&self) -> Url {
        Url::parse(self.client.post_logout_redirect_uris[0].as_str()).expect("a registered URI")
    }
}
