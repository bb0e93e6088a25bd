//! Programs of the staff: clients with roles that call the API.

use axum::body::Body;
use axum::http::{Method, Request, header};
use idp_core::admin::{ApiScope, Department, Role, program_id};
use idp_core::id::ClientId;
use idp_web::clients::Hand;
use idp_web::roles::{self, Holder};
use serde_json::Value;

use crate::{App, Client, Prover, Reply};

/// A program with a token.
#[derive(Clone)]
pub struct Program {
    /// The client.
    pub rp: Client,
    /// Its access token.
    pub token: String,
}

impl App {
    /// The API, as resources are named.
    pub fn api(&self) -> String {
        format!("{}/api", self.issuer())
    }

    /// A client that may ask for tokens to the API with these scopes, and holds no role.
    pub async fn machine(&self, name: &str, scopes: &[&str]) -> Client {
        let scopes = scopes.iter().map(ToString::to_string).collect();
        let api = self.api();
        self.client(name)
            .with(|draft| {
                draft.redirect_uris = Vec::new();
                draft.post_logout_redirect_uris = Vec::new();
                draft.client_credentials = true;
                draft.resources = vec![(api, scopes)];
            })
            .await
    }

    /// A program with a role, every scope, and a token.
    pub async fn program(&self, name: &str, role: Role, department: Option<&str>) -> Program {
        let scopes: Vec<&str> = ApiScope::ALL.iter().map(|scope| scope.as_str()).collect();
        let rp = self.machine(name, &scopes).await;
        self.give_program(&rp, role, department).await;
        let token = rp.machine_token().await;
        Program { rp, token }
    }

    /// Gives a program a role.
    pub async fn give_program(&self, rp: &Client, role: Role, department: Option<&str>) {
        let department = department.map(|word| Department::parse(word).expect("a department"));
        let holder = Holder::Program(ClientId::parse(rp.id()).expect("a client_id"));
        let hand = Hand::operator(self.now());
        let given = roles::give(&self.store, &*self.chance, &hand, None, (holder, role, department), &|_| None).await;
        assert_eq!(given.expect("the role is given").account_id, program_id(&rp.client.id));
    }

    /// A request to the API with these headers; a body is sent as JSON.
    pub async fn call_api(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a request")).await
    }
}

impl Client {
    /// A token of its own.
    pub async fn machine_token(&self) -> String {
        let reply = self.token(&[("grant_type", "client_credentials")]).await.expect(200);
        reply.json()["access_token"].as_str().expect("a token").to_owned()
    }
}

impl Program {
    /// A request with the program's token.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.call_with(method, path, &[], body).await
    }

    /// The same with further headers.
    pub async fn call_with(&self, method: &str, path: &str, more: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let headers: Vec<(&str, &str)> = [("authorization", bearer.as_str())].iter().chain(more).copied().collect();
        self.rp.app().call_api(method, path, &headers, body).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, Some(body)).await
    }

    /// The same program with a fresh token, after the old one's minutes are over.
    pub async fn again(&self) -> Self {
        Self { rp: self.rp.clone(), token: self.rp.machine_token().await }
    }

    /// The same before another node.
    pub fn at(&self, app: &App) -> Self {
        Self { rp: self.rp.at(app), token: self.token.clone() }
    }
}

impl Prover {
    /// A request to the API with a bound token and its proof.
    pub async fn call_api(&self, app: &App, method: &str, path: &str, token: &str) -> Reply {
        let proof = self.proof(method, path.split('?').next().unwrap_or(path), Some(token));
        let authorization = format!("DPoP {token}");
        app.call_api(method, path, &[("authorization", &authorization), ("dpop", &proof)], None).await
    }
}

impl Reply {
    /// The word of a problem document, after its form was found right.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16(), "{}", self.body);
        assert!(document["title"].as_str().is_some_and(|title| !title.is_empty()), "{}", self.body);
        let kind = document["type"].as_str().unwrap_or_default();
        let word = kind.strip_prefix("/api/v1/problems#");
        word.unwrap_or_else(|| panic!("{kind} is no type of ours")).to_owned()
    }

    /// Fails unless this is the problem.
    #[track_caller]
    pub fn expect_problem(self, status: u16, word: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.problem().as_str()), (status, word), "{}", self.body);
        self
    }
}
