//! A posted form with a file in it: from this site and this browser, as every form, and the file is read only after that
//! is known.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};

use super::posted::{another_form, is_from_here, too_large};
use super::{Posted, Visitor};
use crate::error::AppError;
use crate::state::App;

/// What is typed into one field is shorter.
const LONGEST_FIELD: usize = 16 * 1024;
/// A form's token is far shorter.
const LONGEST_TOKEN: usize = 256;

/// A form that may be acted on, its file still unread.
pub struct Upload {
    /// Who sent it.
    pub visitor: Visitor,
    parts: Multipart,
}

/// What came in a form's field for a file.
pub enum Sent {
    /// No file was chosen.
    Nothing,
    /// More than is taken.
    TooLong,
    /// A file.
    File(Vec<u8>),
}

impl FromRequest<App> for Upload {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        if !has_parts(&parts.headers) {
            return Err(another_form());
        }
        if !is_from_here(&parts.headers, app.issuer()) {
            return Err(AppError::forged_form());
        }
        let request = Request::from_parts(parts, body);
        let mut parts = Multipart::from_request(request, app).await.map_err(|_| another_form())?;
        // Pages of ours send the token first.
        let first = parts.next_field().await.map_err(unreadable)?;
        let token = match first {
            Some(field) if field.name() == Some("csrf") => read(field, LONGEST_TOKEN).await?,
            _ => Sent::Nothing,
        };
        match token {
            Sent::File(token) if std::str::from_utf8(&token).is_ok_and(|token| visitor.owns_form(token)) => {
                Ok(Self { visitor, parts })
            }
            _ => Err(AppError::forged_form()),
        }
    }
}

impl Upload {
    /// Reads the file of the field `name`, of `longest` bytes at most. The rest of a longer one is read and thrown away, so
    /// that the browser hears the answer.
    ///
    /// # Errors
    /// What is no form, or longer than any.
    pub async fn file(&mut self, name: &str, longest: usize) -> Result<Sent, AppError> {
        while let Some(field) = self.parts.next_field().await.map_err(unreadable)? {
            if field.name() == Some(name) {
                return read(field, longest).await;
            }
        }
        Ok(Sent::Nothing)
    }
}

/// A form that may carry a file in its field `file`: written either way.
pub struct PostedWithFile {
    /// What was typed.
    pub posted: Posted,
    /// The file: longer than [`PostedWithFile::LONGEST`] it is [`Sent::TooLong`].
    pub file: Sent,
}

impl PostedWithFile {
    /// The field of the file.
    pub const FIELD: &'static str = "file";
    /// More than any picture that is taken here.
    pub const LONGEST: usize = 1024 * 1024;
    /// The longest body that is read to its end, so that whoever sent too much sees a page that says so.
    pub const LONGEST_BODY: usize = 8 * 1024 * 1024;
}

impl FromRequest<App> for PostedWithFile {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        if !has_parts(request.headers()) {
            return Ok(Self { posted: Posted::from_request(request, app).await?, file: Sent::Nothing });
        }
        let Upload { visitor, mut parts } = Upload::from_request(request, app).await?;
        let (mut fields, mut file) = (Vec::new(), Sent::Nothing);
        while let Some(field) = parts.next_field().await.map_err(unreadable)? {
            let Some(name) = field.name().map(str::to_owned) else { continue };
            if name == Self::FIELD {
                file = read(field, Self::LONGEST).await?;
                continue;
            }
            let value = match read(field, LONGEST_FIELD).await? {
                Sent::Nothing => Vec::new(),
                Sent::File(value) => value,
                Sent::TooLong => return Err(too_large()),
            };
            let value = String::from_utf8(value).map_err(|_| AppError::bad_request("the form is not UTF-8"))?;
            fields.push((name, value));
        }
        Ok(Self { posted: Posted::of(visitor, &fields)?, file })
    }
}

async fn read(mut field: Field<'_>, longest: usize) -> Result<Sent, AppError> {
    let (mut bytes, mut too_long) = (Vec::new(), false);
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        too_long |= bytes.len() + chunk.len() > longest;
        if too_long {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(match (too_long, bytes.is_empty()) {
        (true, _) => Sent::TooLong,
        (false, true) => Sent::Nothing,
        (false, false) => Sent::File(bytes),
    })
}

fn unreadable(error: MultipartError) -> AppError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => AppError::bad_request("the form cannot be read"),
    }
}

/// Whether the body is `multipart/form-data`.
fn has_parts(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}
