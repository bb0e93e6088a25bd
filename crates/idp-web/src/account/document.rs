//! `/terms` and `/privacy`, each version also at an address of its own.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;
use crate::view::Page as _;
use crate::view::document::{Contact, Document, DocumentKind};
use crate::view::lang::Lang;
use crate::view::page::DocumentPage;

/// The terms of service.
pub async fn terms(State(app): State<App>, visitor: Visitor) -> Response {
    show(&app, &visitor, DocumentKind::Terms)
}

/// The privacy notice.
pub async fn privacy(State(app): State<App>, visitor: Visitor) -> Response {
    show(&app, &visitor, DocumentKind::Privacy)
}

/// The terms of service as they once were.
pub async fn terms_of(state: State<App>, visitor: Visitor, version: Path<String>) -> Result<Response, AppError> {
    show_version(&state.0, &visitor, DocumentKind::Terms, &version.0)
}

/// The privacy notice as it once was.
pub async fn privacy_of(state: State<App>, visitor: Visitor, version: Path<String>) -> Result<Response, AppError> {
    show_version(&state.0, &visitor, DocumentKind::Privacy, &version.0)
}

fn show_version(app: &App, visitor: &Visitor, kind: DocumentKind, version: &str) -> Result<Response, AppError> {
    let document = Document::of_version(kind, version, visitor.lang, &contact(app)).ok_or_else(AppError::not_found)?;
    let page = DocumentPage { shell: visitor.shell(), document };
    Ok(visitor.dress(page.render_response(StatusCode::OK).into_response()))
}

/// A document as it is in force, with the ministry's contacts filled in.
pub fn in_force(app: &App, kind: DocumentKind, lang: Lang) -> Document {
    Document::in_force(kind, lang, &contact(app))
}

fn contact(app: &App) -> Contact {
    let contact = &app.config.contact;
    Contact { dpo: contact.data_protection_officer.clone(), phone: contact.phone.clone() }
}

fn show(app: &App, visitor: &Visitor, kind: DocumentKind) -> Response {
    let page = DocumentPage { shell: visitor.shell(), document: in_force(app, kind, visitor.lang) };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}
