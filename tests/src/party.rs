//! Programs that are not ours as relying parties: what `tests/prepare` installs for Node.js and Python, used by a script
//! of the tests or by what a page of `docs/integrate` says to paste.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::servers::free_port;

/// A machine that compiles at the same time is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// The code in `docs/integrate/<page>` whose first line begins with `first`, as a reader would paste it.
pub fn documented(page: &str, first: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/integrate").join(page);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut blocks = text.split("\n```").skip(1).step_by(2).filter_map(|block| Some(block.split_once('\n')?.1));
    let found = blocks.find(|code| code.starts_with(first));
    found.unwrap_or_else(|| panic!("docs/integrate/{page} has no code that begins with {first}")).to_owned() + "\n"
}

/// Node.js 18 has these, but not as globals, which later ones are used to.
const GLOBALS: &str = "const { webcrypto } = require('node:crypto');\n\
                       globalThis.crypto ??= webcrypto;\nglobalThis.CryptoKey ??= webcrypto.CryptoKey;\n";

/// What `tests/prepare` installed for one of the parties.
pub(crate) fn installed(party: &str) -> PathBuf {
    let built = || Some(std::env::current_exe().ok()?.ancestors().nth(3)?.join("test-tools"));
    let tools = std::env::var_os("IDP_TEST_TOOLS").map(PathBuf::from).or_else(built).unwrap_or_default();
    let folder = tools.join(party);
    folder.canonicalize().unwrap_or_else(|_| panic!("{} is missing: tests/prepare installs it", folder.display()))
}

/// A folder with a program's files, beside the packages that it imports.
fn folder_for_node(party: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    for (name, text) in files.iter().chain(&[("globals.cjs", GLOBALS)]) {
        std::fs::write(folder.path().join(name), text).expect("a file of our own");
    }
    let packages = installed(party).join("node_modules");
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).expect("a link of our own");
    folder
}

fn node_arguments(folder: &TempDir, program: &str) -> [PathBuf; 3] {
    ["--require".into(), folder.path().join("globals.cjs"), folder.path().join(program)]
}

/// `openid-client` from npm, led by lines of JSON (`tests/parties/openid-client/driver.mjs`). It ends when this goes.
#[derive(Debug)]
pub struct OpenidClient {
    _process: Child,
    calls: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl OpenidClient {
    /// Starts it. It knows no provider yet.
    pub fn start() -> Self {
        let driver = include_str!("../parties/openid-client/driver.mjs");
        let folder = folder_for_node("openid-client", &[("driver.mjs", driver)]);
        let mut process = Command::new("node")
            .args(node_arguments(&folder, "driver.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the tests need Node.js 18 or later (Debian: apt-get install nodejs)");
        let calls = process.stdin.take().expect("a pipe of our own");
        let answers = BufReader::new(process.stdout.take().expect("a pipe of our own")).lines();
        Self { _process: process, calls, answers, _folder: folder }
    }

    /// Has it do something.
    ///
    /// # Errors
    /// What the library threw: `name`, `message`, `code`, `status`, `error`, `error_description`, `cause`.
    pub async fn attempt(&mut self, call: &str, parameters: Value) -> Result<Value, Value> {
        let mut line = parameters;
        line["call"] = json!(call);
        let conversation = async {
            self.calls.write_all(format!("{line}\n").as_bytes()).await?;
            self.answers.next_line().await
        };
        let answer = timeout(PATIENCE, conversation).await.unwrap_or_else(|_| panic!("{call} takes too long"));
        let answer = answer.expect("the script reads and writes").expect("the script goes on");
        let mut answer: Value = serde_json::from_str(&answer).expect("the script writes JSON");
        match answer.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(answer["ok"].take()),
        }
    }

    /// Has it do something that must succeed.
    pub async fn call(&mut self, call: &str, parameters: Value) -> Value {
        self.attempt(call, parameters).await.unwrap_or_else(|error| panic!("openid-client, {call}: {error:#}"))
    }
}

/// A service as somebody else writes it, at a port of its own. It ends when this goes.
#[derive(Debug)]
pub struct Service {
    port: u16,
    _process: Child,
    folder: TempDir,
}

impl Service {
    /// A port for a service that is still to be configured: the provider has to know the redirect URI first.
    pub fn reserve() -> u16 {
        free_port()
    }

    /// A program for Node.js, with the packages of `tests/parties/<party>`; it begins in `service.mjs`.
    pub async fn node(party: &str, port: u16, files: &[(&str, &str)], settings: &[(&str, &str)]) -> Self {
        let folder = folder_for_node(party, files);
        let mut command = Command::new("node");
        command.args(node_arguments(&folder, "service.mjs"));
        Self::start(port, command, folder, settings).await
    }

    /// A program for Python, with the packages of `tests/parties/authlib`.
    pub async fn python(port: u16, program: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder can be written");
        std::fs::write(folder.path().join("app.py"), program).expect("a file of our own");
        let mut command = Command::new("python3");
        command.arg("-B").arg(folder.path().join("app.py")).env("PYTHONPATH", installed("authlib"));
        Self::start(port, command, folder, settings).await
    }

    async fn start(port: u16, mut command: Command, folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).expect("a file of our own");
        let second = log.try_clone().expect("a file of our own");
        command.envs(settings.iter().copied()).stdin(Stdio::null()).stdout(log).stderr(second).kill_on_drop(true);
        let mut process = command.spawn().expect("the tests need node and python3: tests/prepare says how to get them");
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Self { port, _process: process, folder };
            }
            if process.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("the service did not start:\n{log}");
    }

    /// A URL of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What it has to say.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}
