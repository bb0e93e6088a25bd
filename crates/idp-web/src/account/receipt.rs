//! `/profile/services/receipt`: what was agreed to or withdrawn, on which texts; to be looked at and to be kept.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use idp_core::claim::{ClaimSet, Release};
use idp_core::client::Client;
use idp_core::scope::Scope;
use idp_store::Receipt;
use serde::Deserialize;
use serde_json::json;

use super::{profile, words};
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::oidc::claim_words;
use crate::oidc::consent::resource_items;
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::view::Page as _;
use crate::view::document::DocumentKind;
use crate::view::lang::Lang;
use crate::view::page::ReceiptPage;
use crate::view::text::Text;

/// Which receipt.
#[derive(Deserialize)]
pub struct Wanted {
    number: Option<String>,
}

/// GET: the page.
pub async fn get(State(app): State<App>, visitor: Visitor, Query(wanted): Query<Wanted>) -> Result<Response, AppError> {
    let member = match profile::at_home(&visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let (receipt, client) = find(&app, &member, &wanted).await?;
    let said = |pick: fn(&Client) -> &idp_core::client::Bilingual| {
        client.as_ref().map(|client| in_lang(pick(client), visitor.lang).to_owned())
    };
    let page = ReceiptPage {
        shell: visitor.shell(),
        number: receipt.number,
        name: said(|client| &client.name).unwrap_or_else(|| receipt.client_id.as_str().to_owned()),
        owner: said(|client| &client.owner).unwrap_or_default(),
        purpose: said(|client| &client.purpose).unwrap_or_default(),
        given: receipt.given,
        at: words::moment(receipt.at, visitor.lang),
        items: items(&app, &receipt.release, visitor.lang).await?,
        text_version: receipt.text_version,
        documents: receipt.documents.as_deref().map(documents).unwrap_or_default(),
    };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// GET: the same as a file.
pub async fn file(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    let member = match profile::at_home(&visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    let (receipt, client) = find(&app, &member, &wanted).await?;
    let both = |text: &idp_core::client::Bilingual| json!({ "th": text.th, "en": text.en });
    let body = json!({
        "receipt": receipt.number,
        "issuer": app.issuer(),
        "account": member.account.account.id.to_string(),
        "act": if receipt.given { "given" } else { "withdrawn" },
        "at": receipt.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "service": {
            "client_id": receipt.client_id.as_str(),
            "name": client.as_ref().map(|client| both(&client.name)),
            "owner": client.as_ref().map(|client| both(&client.owner)),
            "purpose": client.as_ref().map(|client| both(&client.purpose)),
        },
        "scopes": receipt.release.scopes.to_string(),
        "claims": receipt.release.claims.to_string(),
        "resources": receipt.release.resources.to_string(),
        "text_version": receipt.text_version,
        "documents": receipt.documents,
        "language": receipt.language,
    });
    let name = format!("moc-account-receipt-{}.json", receipt.number);
    Ok(visitor.dress(as_file(&body, &name)))
}

/// JSON that a browser saves under `name`, which is ours and plain.
pub(super) fn as_file(body: &serde_json::Value, name: &str) -> Response {
    let text = serde_json::to_string_pretty(body).unwrap_or_default();
    let mut response = (StatusCode::OK, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

async fn find(
    app: &App,
    member: &Member,
    wanted: &Wanted,
) -> Result<(Receipt, Option<std::sync::Arc<Client>>), AppError> {
    let number: Option<i64> = wanted.number.as_deref().and_then(|number| number.parse().ok());
    let account = member.account.account.id;
    let receipt = match number {
        Some(number) => app.store.receipt(account, number).await?,
        None => None,
    };
    let receipt = receipt.ok_or_else(AppError::not_found)?;
    let client = app.store.client(&receipt.client_id).await?;
    Ok((receipt, client))
}

/// What may be received, in words.
pub(super) async fn items(app: &App, release: &Release, lang: Lang) -> Result<Vec<Text>, AppError> {
    let resources = resource_items(app, &release.resources, &release.resources, lang).await?;
    let scopes = release.scopes.iter().filter(|scope| *scope != Scope::OpenId);
    Ok(scopes
        .map(|scope| Text::key(words::scope(scope)))
        .chain(claim_words::labels(release.claims.without(ClaimSet::of_scopes(release.scopes))))
        .chain(resources.into_iter().map(|item| item.label))
        .collect())
}

/// The documents of an accepted version, with their places; those that are no edition of ours are left out.
fn documents(version: &str) -> Vec<(Text, String)> {
    let mut named = Vec::new();
    for (kind, version) in [DocumentKind::Terms, DocumentKind::Privacy].into_iter().zip(version.split('+')) {
        if kind.editions().iter().any(|edition| edition.version == version) {
            let key = match kind {
                DocumentKind::Terms => "receipt-terms",
                DocumentKind::Privacy => "receipt-privacy",
            };
            named.push((Text::key(key).with("version", version), format!("{}/{version}", kind.path())));
        }
    }
    named
}
