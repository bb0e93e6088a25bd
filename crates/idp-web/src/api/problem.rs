//! Why a request is refused, as a problem document (RFC 9457). Every type is in the catalogue, which is served beside the
//! routes. Nothing of what was sent is repeated.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use idp_core::reason::ReasonError;
use idp_store::{Answered, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clients::{Fault, Refused};
use crate::error::AppError;
use crate::oidc::bearer;
use crate::urls;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $status:ident, $title:literal;)+) => {
        /// A type of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Kind {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its word: the part of `type` after the hash.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The status it comes with.
            pub fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }

            /// The same sentence every time.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }

            /// What it means, and what to do.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+),)+
                }
            }
        }
    };
}

kinds! {
    /// A parameter, header or body is not what the document says. Read `detail`; unknown parameters are refused as well.
    InvalidRequest = "invalid-request", BAD_REQUEST, "The request is not what the document says";
    /// No token came along, or it is not one for this API, over, revoked, or without its proof of possession. Get a new one at
    /// the token endpoint with `resource` set to the API.
    Unauthorized = "unauthorized", UNAUTHORIZED, "A token for this API is needed";
    /// The token lacks the scope of this route.
    InsufficientScope = "insufficient-scope", FORBIDDEN, "The token lacks a scope";
    /// The program has no role that allows this, or none for this department. A super admin gives roles.
    NotPermitted = "not-permitted", FORBIDDEN, "The program may not do this";
    /// There is no such thing, or no such route.
    NotFound = "not-found", NOT_FOUND, "There is no such thing";
    /// The route does not know this method.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// Somebody else changed it at the same time. Read it again, then decide anew.
    Overtaken = "overtaken", CONFLICT, "It was changed meanwhile";
    /// It does not stand so that this could be done: suspended already, decided, retired, beyond a limit.
    NotAsItStands = "not-as-it-stands", CONFLICT, "It does not stand so";
    /// There is one already: the client_id is taken, the role is held, the same request waits.
    Already = "already", CONFLICT, "There is one already";
    /// It takes two people, each a member whose identity is verified: one asks in the console, the other decides there.
    SecondPerson = "second-person", FORBIDDEN, "It takes two verified people";
    /// The body is larger than any that makes sense.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// Bodies are `application/json`.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is not JSON";
    /// The values make no sense together or break a rule; `errors` names each with its setting.
    Unprocessable = "unprocessable", UNPROCESSABLE_ENTITY, "The values are refused";
    /// The Idempotency-Key was used for another request. Take a new key.
    KeyReused = "key-reused", UNPROCESSABLE_ENTITY, "The key was used for something else";
    /// Too many requests in a minute. Wait as long as Retry-After says.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests";
    /// Something here is broken. Tell the operator the time of it.
    ServerError = "server-error", INTERNAL_SERVER_ERROR, "Something is broken here";
    /// Something here is down for a moment. Try again after Retry-After.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available for a moment";
}

impl Kind {
    /// `type`: where its meaning is written.
    pub fn uri(self) -> String {
        format!("{}#{}", urls::API_PROBLEMS, self.as_str())
    }
}

/// One of several things that are wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The member of the body that it is about.
    pub setting: String,
    /// What is wrong with it.
    pub detail: String,
}

/// A problem document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Which type of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The type in a sentence.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// This problem in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Each thing that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldProblem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of this type.
    pub fn new(kind: Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), headers: Vec::new() }
    }

    /// With a sentence of its own.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With what is wrong, one by one.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = (String, String)>) -> Self {
        self.errors.extend(errors.into_iter().map(|(setting, detail)| FieldProblem { setting, detail }));
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A request that makes no sense.
    pub fn bad(detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest).detail(detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let document = ProblemDocument {
            kind: self.kind.uri(),
            title: self.kind.title().to_owned(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self.kind, Kind::Unavailable | Kind::TooManyRequests) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        headers.extend(self.headers);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let failure = error.failure();
        if let Some(private) = &failure.private {
            tracing::error!(error.code = failure.code, "{private}");
        }
        let kind = match failure.status {
            StatusCode::BAD_REQUEST => Kind::InvalidRequest,
            StatusCode::FORBIDDEN => Kind::NotPermitted,
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::CONFLICT => Kind::Overtaken,
            StatusCode::TOO_MANY_REQUESTS => Kind::TooManyRequests,
            StatusCode::SERVICE_UNAVAILABLE => Kind::Unavailable,
            _ => Kind::ServerError,
        };
        Self { detail: failure.detail.clone(), ..Self::new(kind) }
    }
}

impl From<bearer::Refusal> for Problem {
    fn from(refusal: bearer::Refusal) -> Self {
        let answer = refusal.into_response();
        let kind = match answer.status() {
            StatusCode::UNAUTHORIZED => Kind::Unauthorized,
            StatusCode::BAD_REQUEST => Kind::InvalidRequest,
            _ => Kind::Unavailable,
        };
        // The challenge, and the nonce that a proof must bring.
        let told = answer.headers().iter().filter(|(name, _)| *name != header::CONTENT_LENGTH);
        let headers = told.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { headers, ..Self::new(kind) }
    }
}

impl From<ReasonError> for Problem {
    fn from(error: ReasonError) -> Self {
        Self::new(Kind::Unprocessable).errors([("reason".to_owned(), error.to_string())])
    }
}

impl From<Vec<Fault>> for Problem {
    fn from(faults: Vec<Fault>) -> Self {
        // Faults repeat what was typed, for people; a program knows what it sent.
        let told = faults.iter().map(|fault| (fault.setting().to_owned(), printable(&fault.to_string())));
        Self::new(Kind::Unprocessable).errors(told)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let said = refused.to_string();
        match refused {
            Refused::Faults(faults) => faults.into(),
            Refused::IdTaken | Refused::Waiting => Self::new(Kind::Already).detail(said),
            Refused::Overtaken => Self::new(Kind::Overtaken),
            Refused::Retired
            | Refused::NoSecret
            | Refused::TooManySecrets(_)
            | Refused::NoOlderSecret
            | Refused::Step(_)
            | Refused::CannotBeAsked => Self::new(Kind::NotAsItStands).detail(said),
            Refused::Reason(why) => why.into(),
            Refused::Decision(why) => why.into(),
            Refused::Answered(Answered::Otherwise) => Self::new(Kind::KeyReused),
            Refused::Answered(Answered::Same(_)) => Self::new(Kind::ServerError),
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<idp_core::admin::DecisionRefusal> for Problem {
    fn from(why: idp_core::admin::DecisionRefusal) -> Self {
        use idp_core::admin::DecisionRefusal;
        let kind = match why {
            DecisionRefusal::OneOwn
            | DecisionRefusal::Program
            | DecisionRefusal::NotVerified
            | DecisionRefusal::AskerNotVerified => Kind::SecondPerson,
            DecisionRefusal::Decided | DecisionRefusal::Expired => Kind::NotAsItStands,
        };
        Self::new(kind).detail(why.to_string())
    }
}

/// Text without what a terminal would take for more than letters.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

/// An entry of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemType {
    /// Its word: the part of `type` after the hash.
    pub name: String,
    /// The status it comes with.
    pub status: u16,
    /// The type in a sentence.
    pub title: String,
    /// What it means, and what to do.
    pub meaning: String,
}

/// GET `/api/v1/problems`: the catalogue. It is public, as a `type` should be.
pub(super) async fn catalogue() -> Json<Vec<ProblemType>> {
    let entry = |kind: &Kind| ProblemType {
        name: kind.as_str().to_owned(),
        status: kind.status().as_u16(),
        title: kind.title().to_owned(),
        meaning: kind.meaning().split_whitespace().collect::<Vec<_>>().join(" "),
    };
    Json(Kind::ALL.iter().map(entry).collect())
}
