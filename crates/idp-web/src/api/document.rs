//! `/api/v1/openapi.json`: the OpenAPI 3.1 document, made from the table of routes and from the types that the handlers take
//! and give.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use idp_core::admin::ApiScope;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    ResponseBuilder, Schema, ServerBuilder, Type,
};
use utoipa::{IntoParams, ToSchema};

use super::problem::{FieldProblem, Kind, ProblemDocument, ProblemType};
use super::routes::{Address, Method, documented};
use crate::state::App;
use crate::urls;

/// The name of the way to prove oneself.
const OAUTH: &str = "oauth2";
/// The version of the API.
const VERSION: &str = "1.0.0";

type NamedSchema = (String, RefOr<Schema>);

/// What the document says of a route.
pub(super) struct Doc {
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
    query: Vec<Parameter>,
    body: Option<Ref>,
    answer: (u16, Option<Ref>),
    creates: bool,
    refusals: Vec<Kind>,
    schemas: Vec<NamedSchema>,
}

/// Every route may answer so.
const ALWAYS: [Kind; 6] = [
    Kind::InvalidRequest,
    Kind::Unauthorized,
    Kind::NotPermitted,
    Kind::TooManyRequests,
    Kind::ServerError,
    Kind::Unavailable,
];
/// And one with a body.
const WITH_BODY: [Kind; 3] = [Kind::TooLarge, Kind::UnsupportedMediaType, Kind::Unprocessable];

impl Doc {
    /// A route of the part `tag`, by its name in the document.
    pub(super) fn new(tag: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            id,
            summary,
            query: Vec::new(),
            body: None,
            answer: (204, None),
            creates: false,
            refusals: Vec::new(),
            schemas: Vec::new(),
        }
    }

    /// It takes these parameters in the URL.
    pub(super) fn asks<T: IntoParams>(mut self) -> Self {
        self.query = T::into_params(|| Some(ParameterIn::Query));
        self
    }

    /// It takes this body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.known::<T>());
        self
    }

    /// It answers with this.
    pub(super) fn gives<T: ToSchema>(mut self) -> Self {
        self.answer = (200, Some(self.known::<T>()));
        self
    }

    /// It creates this, once for each `Idempotency-Key`.
    pub(super) fn creates<T: ToSchema>(mut self) -> Self {
        self.answer = (201, Some(self.known::<T>()));
        self.creates = true;
        self.or(&[Kind::Already, Kind::KeyReused])
    }

    /// Or refuses so.
    pub(super) fn or(mut self, refusals: &[Kind]) -> Self {
        self.refusals.extend(refusals);
        self
    }

    pub(super) fn takes_parameters(&self) -> bool {
        !self.query.is_empty()
    }

    fn known<T: ToSchema>(&mut self) -> Ref {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        self.schemas.push((name.clone(), T::schema()));
        Ref::from_schema_name(name)
    }

    fn refusals(&self, path: &str) -> BTreeMap<u16, Vec<&'static str>> {
        let mut all = ALWAYS.to_vec();
        all.extend(&self.refusals);
        if self.body.is_some() {
            all.extend(WITH_BODY);
        }
        if path.contains('{') {
            all.push(Kind::NotFound);
        }
        all.push(Kind::InsufficientScope);
        let mut by_status: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
        for kind in all {
            let words = by_status.entry(kind.status().as_u16()).or_default();
            if !words.contains(&kind.as_str()) {
                words.push(kind.as_str());
            }
        }
        by_status
    }
}

/// GET.
pub(super) async fn serve(State(app): State<App>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, text(&app)).into_response()
}

/// The document as it is served: indented, so that a change of it can be read.
pub fn text(app: &App) -> String {
    document(app).to_pretty_json().expect("the document is JSON") + "\n"
}

fn document(app: &App) -> OpenApi {
    let mut components = ComponentsBuilder::new()
        .schema_from::<FieldProblem>()
        .schema_from::<ProblemDocument>()
        .schema_from::<ProblemType>()
        .security_scheme(OAUTH, oauth(app));
    let mut paths = PathsBuilder::new();
    for (address, mut doc) in documented(app) {
        let mut schemas = std::mem::take(&mut doc.schemas);
        schemas.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, schema) in schemas {
            components = components.schema(name, schema);
        }
        let method = match address.method {
            Method::Get => HttpMethod::Get,
            Method::Post => HttpMethod::Post,
            Method::Put => HttpMethod::Put,
            Method::Delete => HttpMethod::Delete,
        };
        paths = paths.path(address.path, PathItem::new(method, operation(&address, &doc)));
    }
    paths = public(paths, urls::API_PROBLEMS, "listProblems", "Lists the types of problems", problems());
    paths = public(paths, urls::API_DOCUMENT, "document", "This document", None);
    let tags = [
        ("clients", "Client applications"),
        ("members", "Members: every look is written down, and shown to the member"),
        ("reviews", "Verifications that need a person"),
        ("approvals", "What takes two people"),
        ("staff", "Who has which role"),
        ("audit", "Who did what"),
        ("about", "The API itself"),
    ];
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("MOC Account: administration")
                .version(VERSION)
                .description(Some(
                    "The console's actions for programs. A program is a client with roles; it gets a token by client \
                     credentials for the resource `{issuer}/api` and presents it as Bearer, or as DPoP when it is bound to \
                     a key. docs/api.md is the guide.",
                ))
                .build(),
        )
        // Relative: the document is the same wherever it is served.
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build())))
        .build()
}

fn oauth(app: &App) -> SecurityScheme {
    let scopes = Scopes::from_iter(ApiScope::ALL.iter().map(|scope| (scope.as_str(), about(*scope))));
    // The path alone: the issuer is another in every installation, and the document the same.
    debug_assert!(app.issuer().starts_with("http"), "an issuer is a URL");
    SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(ClientCredentials::new(urls::TOKEN, scopes))]))
}

fn about(scope: ApiScope) -> &'static str {
    match scope {
        ApiScope::ClientsRead => "Sees clients",
        ApiScope::ClientsWrite => "Registers and changes clients",
        ApiScope::MembersRead => "Finds and opens members",
        ApiScope::MembersWrite => "Helps members",
        ApiScope::ReviewsRead => "Sees verifications that need a person",
        ApiScope::ApprovalsRead => "Sees what waits for a second person",
        ApiScope::StaffRead => "Sees who has which role",
        ApiScope::StaffWrite => "Gives and ends roles",
        ApiScope::AuditRead => "Reads and checks the audit log",
    }
}

fn operation(address: &Address, doc: &Doc) -> utoipa::openapi::path::Operation {
    let mut operation = OperationBuilder::new()
        .tag(doc.tag)
        .operation_id(Some(doc.id))
        .summary(Some(doc.summary))
        .security(SecurityRequirement::new(OAUTH, [address.scope.as_str()]))
        .parameters(Some(doc.query.clone()));
    for name in parameters(address.path) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = if name == "client_id" { text.max_length(Some(64)) } else { text.max_length(Some(36)) };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(text.build()));
        operation = operation.parameter(parameter.build());
    }
    if doc.creates {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z0-9_-]{1,128}$"))
            .description(Some("1 to 128 characters of the program's choice"))
            .build();
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Asked again with the same key and body within 24 hours: the same answer, made once"))
            .schema(Some(key));
        operation = operation.parameter(parameter.build());
    }
    if let Some(body) = &doc.body {
        let content = ContentBuilder::new().schema(Some(body.clone())).build();
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let (status, answer) = &doc.answer;
    let done = ResponseBuilder::new().description(if *status == 201 { "It was made" } else { "Done" });
    let done = match answer {
        Some(schema) => done.content("application/json", ContentBuilder::new().schema(Some(schema.clone())).build()),
        None => done,
    };
    operation = operation.response(status.to_string(), done.build());
    for (status, words) in doc.refusals(address.path) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDocument"))).build();
        let refused = ResponseBuilder::new().description(words.join(", ")).content("application/problem+json", content);
        operation = operation.response(status.to_string(), refused.build());
    }
    operation.build()
}

fn problems() -> Option<RefOr<Schema>> {
    let item = Ref::from_schema_name("ProblemType");
    Some(utoipa::openapi::schema::ArrayBuilder::new().items(item).build().into())
}

fn public(paths: PathsBuilder, path: &str, id: &str, summary: &str, schema: Option<RefOr<Schema>>) -> PathsBuilder {
    let schema = schema.unwrap_or_else(|| ObjectBuilder::new().schema_type(Type::Object).build().into());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let answer = ResponseBuilder::new().description("Done").content("application/json", content).build();
    let nobody: [SecurityRequirement; 0] = [];
    let operation = OperationBuilder::new()
        .tag("about")
        .operation_id(Some(id))
        .summary(Some(summary))
        .securities(Some(nobody))
        .response("200", answer)
        .build();
    paths.path(path, PathItem::new(HttpMethod::Get, operation))
}

fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}
