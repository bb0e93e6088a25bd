//! The database schema, step by step: the same text on SQLite and PostgreSQL, each step only adding (expand, then,
//! a release later, contract), so that an older program keeps working while a newer one starts.

mod m0001_accounts;
mod m0002_clients_and_grants;
mod m0003_verification;
mod m0004_outbox;
mod m0005_audit;
mod m0006_operation;
mod m0007_linked_services;
mod m0008_retention;
mod m0010_tokens;
mod m0012_claims;
mod m0014_key_rotation;
mod m0015_logout_notices;
mod m0016_registration_tokens;
mod m0020_second_factors;
mod m0021_lost_factors;
mod m0022_passkeys;
mod m0023_changes;
mod m0024_rights;
mod m0026_administration;
mod m0027_member_search;
mod m0029_resources_and_logos;
mod m0030_thaid;
mod m0031_api;
mod m0033_seeing;
mod m0034_client_events;
mod m0035_disputes;
mod m0036_origins;
mod m0037_about_me;
mod m0038_trials;
mod m0039_resting_members;
mod m0040_scale;
mod m0041_rules;
mod m0042_traffic_by_time;
mod m0043_one_index_of_seals;
mod schema;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every step, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Step),
            Box::new(m0002_clients_and_grants::Step),
            Box::new(m0003_verification::Step),
            Box::new(m0004_outbox::Step),
            Box::new(m0005_audit::Step),
            Box::new(m0006_operation::Step),
            Box::new(m0007_linked_services::Step),
            Box::new(m0008_retention::Step),
            Box::new(m0010_tokens::Step),
            Box::new(m0012_claims::Step),
            Box::new(m0014_key_rotation::Step),
            Box::new(m0015_logout_notices::Step),
            Box::new(m0016_registration_tokens::Step),
            Box::new(m0023_changes::Step),
            Box::new(m0020_second_factors::Step),
            Box::new(m0022_passkeys::Step),
            Box::new(m0024_rights::Step),
            Box::new(m0026_administration::Step),
            Box::new(m0027_member_search::Step),
            Box::new(m0029_resources_and_logos::Step),
            Box::new(m0031_api::Step),
            Box::new(m0021_lost_factors::Step),
            Box::new(m0030_thaid::Step),
            Box::new(m0033_seeing::Step),
            Box::new(m0034_client_events::Step),
            Box::new(m0035_disputes::Step),
            Box::new(m0036_origins::Step),
            Box::new(m0037_about_me::Step),
            Box::new(m0038_trials::Step),
            Box::new(m0039_resting_members::Step),
            Box::new(m0040_scale::Step),
            Box::new(m0041_rules::Step),
            Box::new(m0042_traffic_by_time::Step),
            Box::new(m0043_one_index_of_seals::Step),
        ]
    }
}
