//! What happens without a visitor.

mod memberships;
mod outbox;
mod smtp;
mod unused;
