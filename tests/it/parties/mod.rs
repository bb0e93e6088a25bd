//! Real relying parties, unmodified: what they ask for by the book they get by the book. The services of `docs/integrate`
//! are run as their pages have them.

mod apache;
mod authjs;
mod authlib;
mod openid_client;
mod pasted;
mod service;
