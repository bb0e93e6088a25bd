//! What happens to every request and response.

mod error_pages;
mod headers;

pub use error_pages::{error_pages, panicked};
pub use headers::{AsksUs, Frames, LeadsOn, security_headers};
