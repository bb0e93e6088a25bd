//! The `idp` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    idp_web::command::main()
}
