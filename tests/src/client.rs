//! A relying party: asks, exchanges, refreshes, reads userinfo.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp_core::client::ASSERTION_TYPE;
use idp_core::jose::{SigningKey, TokenType};
use idp_core::secret::{Secret, base64url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

use crate::reply::encoded;
use crate::{Answer, App, Ask, Browser, IdToken, Member, Reply};

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
        for _ in 0..6 {
            page = match page.place() {
                _ if page.away.is_some() => break,
                "/login" => member.sign_in_at(&page).await,
                "/login/second" => member.prove_at(&page).await,
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
