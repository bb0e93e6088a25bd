//! The harness: a provider in process, a browser, members and clients. Tests act through the front door and say what a
//! person or a client sees.
//!
//! ```ignore
//! let app = App::start().await;
//! let mut ana = app.insert_member("ana").await;
//! let rp = app.client("rp").await;
//! let tokens = rp.sign_in(&mut ana).await;
//! ```
//!
//! - [`App`]: the provider on a fresh database, its clock, the simulated registries beside it, the mails it sent.
//! - [`Browser`]: cookies, forms, redirects. [`Page`]: what it shows.
//! - [`Authenticator`]: makes and uses passkeys, honestly or not.
//! - [`Member`]: registered through the pages, or put straight into the store.
//! - [`Crowd`]: a million members for `bin/many_members.rs`. [`servers`]: PostgreSQL and Redis, started for the run and ended with it. [`chromium`]: a real browser.
//! - [`ClientServer`]: a client's own server, which the provider asks.
//! - [`OpenAir`]: a provider on a real socket, for services that are not ours: [`Apache`], [`OpenidClient`], [`Service`].
//! - [`Receiver`]: a service's own HTTP server, which can be slow, fail, and come back.
//! - [`Client`]: a relying party that asks, exchanges, refreshes, reads; ID tokens are checked by `openidconnect`.

pub mod chromium;
pub mod servers;

mod apache;
mod app;
mod ask;
mod authenticator;
mod browser;
mod client;
mod client_builder;
mod client_server;
mod clock;
mod crowd;
mod digest;
mod forge;
mod forward;
mod id_token;
mod jwe;
mod member;
mod open_air;
mod page;
mod party;
mod program;
mod proof;
mod receiver;
mod reply;
mod schemathesis;
mod second;
mod shown;
mod staff;

pub use apache::Apache;
pub use app::{App, HTTPS_ISSUER, ISSUER, START, soon};
pub use ask::{Answer, Ask};
pub use authenticator::{Authenticator, Creation, Held, Signing, flag};
pub use browser::{Browser, PARTS, parts};
pub use client::{Client, Tokens};
pub use client_builder::ClientBuilder;
pub use client_server::ClientServer;
pub use clock::ManualClock;
pub use crowd::{Asked, Crowd, Measured, Measuring};
pub use forge::{Jwt, decoded_part, with_part};
pub use id_token::IdToken;
pub use idp_web::time::{Clock, SystemChance, SystemClock};
pub use jwe::EncryptionKeys;
pub use member::{Letter, Member, PASSWORD, filled_card, filled_details};
pub use open_air::{Abroad, OpenAir, Traveller};
pub use page::{Form, Page};
pub use party::{OpenidClient, Service, documented};
pub use program::Program;
pub use proof::Prover;
pub use receiver::{Behaviour, Received, Receiver};
pub use reply::{FORM, Reply, encoded};
pub use schemathesis::schemathesis;
pub use second::prove;
pub use shown::PHOTO;
