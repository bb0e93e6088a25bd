//! Which program comes in: a token of ours for the API, the scope of the route, and a role that allows it. Token and proof
//! are looked at as userinfo and introspection do; roles are read from their rows at every request, as the console's gate
//! reads them.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::admin::{ApiScope, Operation, Staff, api_resource, program_id};
use idp_core::audit::Actor;
use idp_core::id::ClientId;
use idp_core::jose::{TokenType, Unverified};
use idp_core::token::AnyAccessClaims;
use idp_store::Space;

use super::problem::{Kind, Problem};
use crate::admin::OnDuty;
use crate::clients::Hand;
use crate::extract::origin;
use crate::oidc::bearer::{Refusal, possession, presented};
use crate::oidc::dpop::with_nonce;
use crate::oidc::living::{LivingMachine, living_machine};
use crate::state::App;

/// Which program asks, and when.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// The client.
    pub(super) client: ClientId,
    /// The moment of the request.
    pub(super) now: DateTime<Utc>,
}

/// What a route needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// What it does.
    pub(super) operation: Operation,
    /// The scope a token must have.
    pub(super) scope: ApiScope,
    /// Whether it takes parameters in the URL.
    pub(super) parameters: bool,
}

/// Stands before one route.
pub(super) async fn gate(State((app, needs)): State<(App, Needs)>, request: Request, next: Next) -> Response {
    let now = app.now();
    let (mut parts, body) = request.into_parts();
    match judge(&app, &parts, needs, now).await {
        Ok((duty, caller, nonce)) => {
            parts.extensions.insert(duty);
            parts.extensions.insert(caller);
            let response = next.run(Request::from_parts(parts, body)).await;
            match nonce {
                Some(nonce) => with_nonce(response, nonce),
                None => response,
            }
        }
        Err(problem) => problem.into_response(),
    }
}

async fn judge(
    app: &App,
    parts: &Parts,
    needs: Needs,
    now: DateTime<Utc>,
) -> Result<(OnDuty, Caller, Option<HeaderValue>), Problem> {
    let (scheme, token) = presented(&parts.headers)?.ok_or(Refusal::NoToken)?;
    let claims = Unverified::parse(&token)
        .and_then(|token| token.verify(TokenType::Access, &app.keys.load()))
        .map_err(|_| Refusal::InvalidToken(scheme))?;
    // A member's token opens nothing here, whatever it was granted for: staff use the console.
    let AnyAccessClaims::Machine(claims) = claims else { return Err(Refusal::InvalidToken(scheme).into()) };
    let path = parts.uri.path();
    let nonce = possession(app, (parts, path), (scheme, &token), claims.cnf.as_ref(), now).await?;
    let resource = api_resource(app.issuer()).identifier;
    let living = living_machine(app, &claims, &resource, now).await.map_err(Refusal::from)?;
    let LivingMachine { client, scopes } = living.ok_or(Refusal::InvalidToken(scheme))?;
    let minute = Duration::from_secs(60);
    let most = app.config.clients.api_requests_per_minute;
    if app.short_lived.count(Space::Rate, &format!("api/{}", client.id), minute).await? > most {
        return Err(Problem::new(Kind::TooManyRequests));
    }
    if !scopes.iter().any(|scope| scope == needs.scope.as_str()) {
        let challenge = format!("{} error=\"insufficient_scope\", scope=\"{}\"", scheme.as_str(), needs.scope.as_str());
        let problem = Problem::new(Kind::InsufficientScope).detail(format!("{} is needed", needs.scope.as_str()));
        let challenge = HeaderValue::try_from(challenge).expect("a scope is a header value");
        return Err(problem.header(header::WWW_AUTHENTICATE, challenge));
    }
    let id = program_id(&client.id);
    let roles = app.store.staff_roles_of(id).await?;
    let staff = Staff::of(id, &roles).filter(|staff| staff.may(needs.operation));
    let staff = staff.ok_or_else(|| Problem::new(Kind::NotPermitted))?;
    if !needs.parameters && parts.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(Problem::bad("this route takes no parameters in its URL"));
    }
    let hand = Hand { actor: Actor::Program(id), session: None, origin: Some(origin(parts, app).to_string()), now };
    let duty = OnDuty { staff, operation: needs.operation, hand };
    Ok((duty, Caller { client: client.id.clone(), now }, nonce))
}
