//! `/profile/services`: what each service receives, taking leave of it, and the receipts of what was agreed to.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::Account;
use idp_core::audit::{Action, AuditEvent};
use idp_core::id::ClientId;
use idp_store::Basis;

use super::{profile, receipt, words};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{LinkedService, ReceiptRow, ServicesPage};

/// Receipts on the page; the download has all of them.
const RECEIPTS: u64 = 50;

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let member = match profile::at_home(&visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let account = &member.account.account;
    let services = services(&app, &visitor, account).await?;
    let page = ServicesPage { shell: visitor.shell(), services, receipts: receipts(&app, &visitor, account).await? };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// POST `/profile/services/withdraw`: the consent goes, and every token it gave with it.
pub async fn withdraw(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    if let Some(client_id) = ClientId::parse(form.field("client_id")) {
        take_leave(&app, visitor, member, &client_id).await?;
    }
    Ok(visitor.go(urls::SERVICES))
}

/// POST `/profile/services/withdraw-all`: the same for every service.
pub async fn withdraw_all(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let Some(member) = &visitor.member else { return Ok(visitor.go(urls::LOGIN)) };
    let account_id = member.account.account.id;
    let event = AuditEvent::by_member(visitor.now, account_id, Action::ConsentWithdrawn)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    app.store.withdraw_all_consents(account_id, visitor.now, &event).await?;
    Ok(visitor.go(urls::SERVICES))
}

async fn take_leave(app: &App, visitor: &Visitor, member: &Member, client: &ClientId) -> Result<(), AppError> {
    let account_id = member.account.account.id;
    let event = AuditEvent::by_member(visitor.now, account_id, Action::ConsentWithdrawn)
        .client(client)
        .session(member.session.id)
        .from(visitor.origin.to_string());
    app.store.withdraw_consent(account_id, client, visitor.now, &[event]).await?;
    Ok(())
}

async fn services(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<LinkedService>, AppError> {
    let last: HashMap<ClientId, _> = app.store.last_releases(account.id).await?.into_iter().collect();
    let mut services = Vec::new();
    for consent in app.store.consents_of(account.id).await? {
        let Some(client) = app.store.client(&consent.client_id).await? else { continue };
        services.push(LinkedService {
            id: client.id.as_str().to_owned(),
            name: in_lang(&client.name, visitor.lang).to_owned(),
            owner: in_lang(&client.owner, visitor.lang).to_owned(),
            since: words::day(consent.given_at, visitor.lang),
            last: last.get(&client.id).map(|at| words::moment(*at, visitor.lang)),
            asked: consent.basis == Basis::Agreed,
            items: receipt::items(app, &consent.release(), visitor.lang).await?,
        });
    }
    Ok(services)
}

async fn receipts(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<ReceiptRow>, AppError> {
    let mut rows = Vec::new();
    for receipt in app.store.receipts_of(account.id, RECEIPTS).await? {
        let client = app.store.client(&receipt.client_id).await?;
        rows.push(ReceiptRow {
            number: receipt.number,
            name: match client {
                Some(client) => in_lang(&client.name, visitor.lang).to_owned(),
                None => receipt.client_id.as_str().to_owned(),
            },
            given: receipt.given,
            at: words::moment(receipt.at, visitor.lang),
        });
    }
    Ok(rows)
}
