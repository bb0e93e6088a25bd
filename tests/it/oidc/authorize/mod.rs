//! `/authorize`.

mod acr;
mod binding;
mod bound_to;
mod claims_parameter;
mod par;
mod prompt;
mod redirect_uri;
mod request;
mod request_object;
mod resources;
mod response;
mod signed_response;
mod step_up;
mod wishes;
