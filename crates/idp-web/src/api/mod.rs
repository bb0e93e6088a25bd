//! `/api/v1`: the console's actions for programs, by the same functions, under the same rules and with the same lines in the
//! audit log.
//!
//! Reading order: [`routes`] (every route with the operation and the scope it needs), [`gate`] (which program comes in),
//! [`problem`] (how it hears that something is refused), [`document`] (the OpenAPI document, made from the table of
//! routes), then a file for each kind of thing.

mod approvals;
mod audit;
mod clients;
pub mod document;
mod extract;
mod gate;
mod members;
mod once;
mod page;
pub mod problem;
mod reviews;
pub mod routes;
mod staff;
