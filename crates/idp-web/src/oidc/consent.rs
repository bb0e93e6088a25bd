//! `/consent`: what the service asks for, in plain words and with the values it would receive.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::Account;
use idp_core::audit::{Action, AuditEvent};
use idp_core::authorize::AuthorizationRequest;
use idp_core::claim::{ClaimSet, Release};
use idp_core::client::Client;
use idp_core::resource::{ResourceAccess, ResourceSet, TokenScope};
use idp_core::scope::{Scope, ScopeSet};
use serde_json::json;

use super::authorize::{Waiting, leading_on, load, refuse_waiting};
use super::claim_words;
use super::pending::in_lang;
use crate::account::words;
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::lang::Lang;
use crate::view::page::{ConsentItem, ConsentPage, ServiceCard, ServiceLinks};
use crate::view::text::{self, Text};

/// The version of the words on the consent page, kept with every consent.
const TEXT_VERSION: &str = "2026-11-2";

/// GET: asks.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    Query(waiting): Query<Waiting>,
) -> Result<Response, AppError> {
    let handle = waiting.handle().ok_or_else(AppError::request_gone)?;
    let Some(member) = visitor.member.clone() else {
        return Ok(visitor.go(&urls::with_request(urls::LOGIN, Some(handle))));
    };
    let (raw, address) = load(&app, &visitor, handle).await?;
    let client = address.client();
    let Ok(request) = AuthorizationRequest::parse(&raw, client) else {
        return Ok(visitor.go(&urls::with_request(urls::RESUME, Some(handle))));
    };
    let page = ConsentPage {
        shell: visitor.shell_for(Some(in_lang(&client.name, visitor.lang).to_owned())),
        request: handle.to_owned(),
        service: ServiceCard {
            name: in_lang(&client.name, visitor.lang).to_owned(),
            owner: in_lang(&client.owner, visitor.lang).to_owned(),
            purpose: in_lang(&client.purpose, visitor.lang).to_owned(),
            links: ServiceLinks::of(client, in_lang(&client.name, visitor.lang)),
        },
        shown: to_show(&asked(&request), &member.account.account),
        items: items(&app, &visitor, &member, client, asked(&request)).await?,
    };
    let page = page.render_response(StatusCode::OK).into_response();
    Ok(leading_on(&visitor, Some(handle), page))
}

/// POST: the answer. What is agreed to is what the request asks for and the page has shown: the form can only narrow it.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let handle = form.request().ok_or_else(AppError::request_gone)?;
    let visitor = &form.visitor;
    let Some(member) = visitor.member.clone() else {
        return Ok(visitor.go(&urls::with_request(urls::LOGIN, Some(handle))));
    };
    if form.field("decision") != "allow" {
        return refuse_waiting(&app, visitor, handle, "the member did not agree").await;
    }
    let (raw, address) = load(&app, visitor, handle).await?;
    let client = address.client();
    // A trial is for one official alone: whoever else comes here hears so where it goes on, and has agreed to nothing.
    let is_for_them = client.is_for(member.account.account.id, visitor.now);
    if let Some(request) = AuthorizationRequest::parse(&raw, client).ok().filter(|_| is_for_them) {
        // A badge earned in another tab since makes the number askable, which the page had not shown.
        give(&app, visitor, &member, client, shown(asked(&request), form.field("shown"))).await?;
    }
    Ok(visitor.go(&urls::with_request(urls::RESUME, Some(handle))))
}

/// What a request asks the member for.
fn asked(request: &AuthorizationRequest) -> Release {
    Release { scopes: request.scopes, claims: request.named_claims(), resources: request.resources.askable() }
}

/// The scopes that a page shows, as its form says them.
pub(super) fn to_show(asked: &Release, account: &Account) -> String {
    let theirs = asked.resources.iter().flat_map(|access| access.scopes.iter().cloned()).collect();
    TokenScope { ours: askable(asked.scopes, account), theirs }.to_string()
}

/// What is asked for, as far as the page had shown it.
pub(super) fn shown(asked: Release, shown: &str) -> Release {
    let scopes = asked.scopes.intersect(ScopeSet::parse(shown));
    Release { scopes, claims: asked.claims, resources: asked.resources.with_scopes_of(shown).askable() }
}

/// What the member agreed to before.
async fn given(app: &App, account: &Account, client: &Client) -> Result<Release, AppError> {
    let consent = app.store.consent(account.id, &client.id).await?;
    Ok(consent.map_or_else(Release::default, |consent| consent.agreed()))
}

/// What a service would receive, with the member's own values.
pub(super) async fn items(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    client: &Client,
    asked: Release,
) -> Result<Vec<ConsentItem>, AppError> {
    let account = &member.account.account;
    let given = given(app, account, client).await?;
    let number = match asked.scopes.contains(Scope::CitizenId) {
        true => app.store.identity(account.id).await?.map(|identity| identity.number.masked()),
        false => None,
    };
    let resources = resource_items(app, &asked.resources, &given.resources, visitor.lang).await?;
    let askable = askable(asked.scopes, account);
    let items = askable.iter().filter(|scope| *scope != Scope::OpenId).map(|scope| ConsentItem {
        scope: scope.as_str().to_owned(),
        label: Text::key(words::scope(scope)),
        values: values(scope, account, number.as_deref(), visitor.lang),
        already: given.scopes.contains(scope),
    });
    // A claim that comes with a scope is told there.
    let named = asked.claims.without(ClaimSet::of_scopes(askable));
    let claims = claim_words::items(named, account, &given, visitor.lang);
    Ok(items.chain(claims).chain(resources).collect())
}

/// What a service may do in the member's name elsewhere: a line for each resource, under the name it is registered with.
///
/// # Errors
/// When the store is down.
pub async fn resource_items(
    app: &App,
    asked: &ResourceSet,
    given: &ResourceSet,
    lang: Lang,
) -> Result<Vec<ConsentItem>, AppError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let clients = app.store.clients().await?;
    let line = |access: &ResourceAccess| {
        let is_it = |client: &&Client| client.resource.as_ref().is_some_and(|own| own.identifier == access.resource);
        let name = clients.iter().find(is_it).map_or(access.resource.as_str(), |client| in_lang(&client.name, lang));
        let held = given.get(&access.resource);
        ConsentItem {
            scope: access.resource.as_str().to_owned(),
            label: Text::key("consent-resource").with("resource", name),
            values: access.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            already: held.is_some_and(|held| access.scopes.iter().all(|scope| held.scopes.contains(scope))),
        }
    };
    Ok(asked.iter().map(line).collect())
}

/// Notes that the member agreed to `asked`, as far as it can be agreed to, beside what was agreed to before.
pub(super) async fn give(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    client: &Client,
    asked: Release,
) -> Result<(), AppError> {
    let account = &member.account.account;
    let asked = Release { scopes: askable(asked.scopes, account), ..asked };
    let release = given(app, account, client).await?.union(&asked);
    let event = AuditEvent::by_member(visitor.now, account.id, Action::ConsentGiven)
        .client(&client.id)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "scope": release.scopes, "claims": release.claims, "resources": release.resources.to_string(), "text": TEXT_VERSION }));
    let language = visitor.lang.tag();
    app.store.give_consent(account.id, &client.id, release, TEXT_VERSION, language, visitor.now, &[event]).await?;
    Ok(())
}

/// What can be agreed to: the number is offered to members with the badge alone.
pub(super) fn askable(scopes: ScopeSet, account: &Account) -> ScopeSet {
    match account.badge() {
        Some(_) => scopes,
        None => scopes.without(ScopeSet::from_iter([Scope::CitizenId])),
    }
}

fn values(scope: Scope, account: &Account, number: Option<&str>, lang: Lang) -> Vec<String> {
    let profile = &account.profile;
    let mut values: Vec<String> = Vec::new();
    match scope {
        Scope::OpenId => {}
        Scope::Membership => values.push(words::membership_in_words(account, lang)),
        Scope::Profile => {
            values.push(profile.full_name());
            values.extend(profile.full_name_en());
            values.push(text::get(lang, words::sex(profile.sex)).to_owned());
            values.push(words::date(&profile.birth_date, lang));
            values.extend(words::shown(&account.about, lang));
        }
        Scope::Email => values.push(account.email.as_str().to_owned()),
        Scope::Phone => values.extend(profile.phone.iter().map(idp_core::phone::PhoneNumber::shown)),
        Scope::Organization => {
            values.push(text::get(lang, words::personnel_type(profile.personnel_type)).to_owned());
            values.extend([&profile.organization, &profile.department, &profile.position].map(ToOwned::to_owned));
        }
        Scope::CitizenId => values.extend(number.map(str::to_owned)),
    }
    values.retain(|value| !value.is_empty());
    if values.is_empty() {
        values.push(text::get(lang, "profile-none").to_owned());
    }
    values
}
