//! `/profile/services`: what each service receives, and taking leave of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::Account;
use idp_core::audit::{Action, AuditEvent};
use idp_core::claim::ClaimSet;
use idp_core::id::ClientId;
use idp_core::scope::Scope;
use idp_store::Basis;

use super::{profile, words};
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::oidc::claim_words;
use crate::oidc::consent::resource_items;
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{LinkedService, ServicesPage};
use crate::view::text::Text;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match profile::at_home(&visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let services = services(&app, &visitor, &member.account.account).await?;
    let page = ServicesPage { shell: visitor.shell(), services };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST `/profile/services/withdraw`: the consent goes, and every token it gave with it.
pub async fn withdraw(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    if let Some(client_id) = ClientId::parse(form.field("client_id")) {
        let account_id = member.account.account.id;
        let event = AuditEvent::by_member(visitor.now, account_id, Action::ConsentWithdrawn)
            .client(&client_id)
            .session(member.session.id)
            .from(visitor.origin.to_string());
        app.store.withdraw_consent(account_id, &client_id, visitor.now, &[event]).await?;
    }
    Ok(visitor.go(urls::SERVICES))
}

async fn services(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<LinkedService>, AppError> {
    let mut services = Vec::new();
    for consent in app.store.consents_of(account.id).await? {
        let Some(client) = app.store.client(&consent.client_id).await? else { continue };
        let resources = resource_items(app, &consent.resources, &consent.resources, visitor.lang).await?;
        services.push(LinkedService {
            id: client.id.as_str().to_owned(),
            name: in_lang(&client.name, visitor.lang).to_owned(),
            owner: in_lang(&client.owner, visitor.lang).to_owned(),
            since: words::day(consent.given_at, visitor.lang),
            asked: consent.basis == Basis::Agreed,
            items: consent
                .scopes
                .iter()
                .filter(|scope| *scope != Scope::OpenId)
                .map(|scope| Text::key(words::scope(scope)))
                .chain(claim_words::labels(consent.claims.without(ClaimSet::of_scopes(consent.scopes))))
                .chain(resources.into_iter().map(|item| item.label))
                .collect(),
        });
    }
    Ok(services)
}
