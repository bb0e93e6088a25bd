//! Schemathesis from PyPI, as `tests/prepare` installs it: requests made from an OpenAPI document, and whether the answers
//! are those of the document.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::party::installed;

/// Longer than the tool itself is given.
const PATIENCE: Duration = Duration::from_secs(240);

/// Runs it against the document at `url`; whether it found nothing, and what it said.
pub async fn schemathesis(url: &str, arguments: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let mut command = Command::new("python3");
    command
        .args(["-B", "-m", "schemathesis.cli", "run", url])
        .args(arguments)
        .env("PYTHONPATH", installed("schemathesis"))
        .env("NO_COLOR", "1")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends by itself");
    let output = output.expect("the tests need python3: tests/prepare says how to get it");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
