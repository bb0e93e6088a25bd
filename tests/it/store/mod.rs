//! The store: the same bodies on SQLite and memory, and on PostgreSQL and Redis.

mod about_me;
mod audit;
mod audit_search;
mod bench;
mod caches;
mod deletion;
mod grants;
mod links_and_codes;
mod logout_notices;
mod members;
mod migrations;
mod opening;
mod origins;
mod outbox;
mod overtaken;
mod purge;
mod registration;
mod rights;
mod seen;
mod sessions;
mod settings;
mod short_lived;
mod staff;
mod throttle;
mod tokens;
mod verification;
mod walks;
mod writer;

use bench::{Bench, at_once, both};
