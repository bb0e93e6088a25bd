//! The `idp` program.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// Many small, short-lived pieces on many threads, for months: docs/decisions/0035.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    idp_web::command::main()
}
