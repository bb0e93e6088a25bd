//! `/authorize`.

mod binding;
mod prompt;
mod redirect_uri;
mod request;
mod response;
mod wishes;
