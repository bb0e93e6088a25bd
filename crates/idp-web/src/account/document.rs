//! `/terms` and `/privacy`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

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

/// A document as it is in force, with the ministry's contacts filled in.
pub fn in_force(app: &App, kind: DocumentKind, lang: Lang) -> Document {
    let contact = &app.config.contact;
    let contact = Contact { dpo: contact.data_protection_officer.clone(), phone: contact.phone.clone() };
    Document::in_force(kind, lang, &contact)
}

fn show(app: &App, visitor: &Visitor, kind: DocumentKind) -> Response {
    let page = DocumentPage { shell: visitor.shell(), document: in_force(app, kind, visitor.lang) };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}
