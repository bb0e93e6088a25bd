//! Every page people see: the language it is in, the words it says, the values it shows.
//!
//! A handler builds the struct of a page and calls [`Page::render_response`]. The parts, in reading order: [`lang`],
//! [`text`], [`shell`] (what all pages share), [`field`] (what is wrong with a form), [`document`] (terms and privacy
//! notice), [`page`] (one file for each page, of the same stem as its template).

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

pub mod console;
pub mod document;
pub mod field;
pub mod lang;
pub mod page;
pub mod plot;
pub mod qr;
pub mod shell;
pub mod text;

pub use console::Console;
pub use document::{Contact, Document, DocumentKind};
pub use field::FieldErrors;
pub use lang::Lang;
pub use page::*;
pub use shell::{Action, MemberChip, Shell};
pub use text::Text;

/// A page that can be answered with.
pub trait Page {
    /// The page as an answer: HTML that nobody stores, since pages carry a person's data and a form's secret.
    fn render_response(&self, status: StatusCode) -> Response;
}

impl<T: Template> Page for T {
    fn render_response(&self, status: StatusCode) -> Response {
        match self.render() {
            Ok(html) => {
                let mut response = (status, html).into_response();
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Err(fault) => {
                tracing::error!(%fault, "a page could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests;
