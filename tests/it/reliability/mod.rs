//! What happens around the program: it is killed, its database goes away or cannot grow, everybody comes at once, it has
//! a mistake. Real processes, PostgreSQL and Redis.

mod killed_changes;
mod killed_codes;
mod killed_events;
mod killed_mail;
mod killed_notices;

mod full_disk;
mod postgres_away;
mod power_cut;

mod abandoned_requests;
mod cold_start;
mod crowd;
mod soak;

mod many_members;
mod panics;
mod retired_key;

mod post;
mod site;

use site::Site;
