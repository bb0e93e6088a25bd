//! The `idp` program: run to its end, or started and ended by its own process id.

use std::ffi::OsStr;
use std::io::{Seek as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// No command of these tests may take longer: a limit against hanging, never something that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the program is: what `tests/run` names, or the one beside this test's own binary.
pub(crate) fn path() -> PathBuf {
    let found = match std::env::var_os("IDP_TEST_BIN") {
        Some(named) => PathBuf::from(named),
        None => {
            let here = std::env::current_exe().expect("a running program has a path");
            here.ancestors().nth(2).expect("test binaries lie in target/<profile>/deps").join("idp")
        }
    };
    assert!(found.is_file(), "{} is missing: run tests/run, or `cargo build --workspace` first", found.display());
    found
}

/// What a command that ended had to say.
pub(crate) struct Said {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Said {
    /// The standard output of a command that went well.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// The one line that a command that failed had to say: refused, misused, not found or not available.
    #[track_caller]
    pub(crate) fn refusal(self) -> String {
        assert!(matches!(self.code, Some(1..=4)), "{:?} {}{}", self.code, self.out, self.err);
        // With --json it is a problem object.
        if let Ok(problem) = serde_json::from_str::<serde_json::Value>(&self.err) {
            return problem["detail"].as_str().expect("it says why").to_owned();
        }
        let line = self.err.strip_prefix("idp: ").unwrap_or_else(|| panic!("not a refusal: {}", self.err));
        line.trim_end().to_owned()
    }

    /// JSON from a command that went well.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        let out = self.well();
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }
}

fn command<I: AsRef<OsStr>>(program: &Path, arguments: &[I]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // What the surroundings of the test have set is not what the test says.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("IDP_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs the program to its end.
pub(crate) async fn idp<I: AsRef<OsStr>>(arguments: &[I]) -> Said {
    idp_with(arguments, &[]).await
}

/// Runs the program to its end, with variables.
pub(crate) async fn idp_with<I: AsRef<OsStr>>(arguments: &[I], variables: &[(&str, &str)]) -> Said {
    let mut command = command(&path(), arguments);
    command.envs(variables.iter().copied());
    ended(command).await
}

/// Runs the program to its end, with words on its standard input.
pub(crate) async fn idp_reading<I: AsRef<OsStr>>(input: &str, arguments: &[I]) -> Said {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(input.as_bytes()).expect("there is room");
    file.rewind().expect("it is a file");
    let mut command = command(&path(), arguments);
    command.stdin(file);
    ended(command).await
}

async fn ended(mut command: Command) -> Said {
    let done = tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends").expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program speaks UTF-8");
    Said { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

/// The program at work. Dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl Running {
    /// Starts it.
    pub(crate) fn start<I: AsRef<OsStr>>(arguments: &[I]) -> Self {
        Self::of(command(&path(), arguments))
    }

    /// Starts it with variables.
    pub(crate) fn start_with<I: AsRef<OsStr>>(arguments: &[I], variables: &[(&str, &str)]) -> Self {
        let mut command = command(&path(), arguments);
        command.envs(variables.iter().copied());
        Self::of(command)
    }

    /// Starts it as a service manager does that lets a write fail where the program would be ended by a signal.
    pub(crate) fn start_ignoring<I: AsRef<OsStr>>(signal: &str, arguments: &[I]) -> Self {
        let program = path();
        let script = format!("trap '' {signal}; exec \"$0\" \"$@\"");
        let whole: Vec<&OsStr> = [OsStr::new("-c"), script.as_ref(), program.as_ref()]
            .into_iter()
            .chain(arguments.iter().map(AsRef::as_ref))
            .collect();
        Self::of(command("sh".as_ref(), &whole))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let err = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        Self { child, out, err }
    }

    /// Everything on standard output up to the line that holds `end`; `None` when the program ended before.
    pub(crate) async fn says(&mut self, end: &str) -> Option<String> {
        collect(&mut self.out, end).await
    }

    /// Everything in the log up to the line that holds `end`; `None` when the program ended before.
    pub(crate) async fn logs(&mut self, end: &str) -> Option<String> {
        collect(&mut self.err, end).await
    }

    /// Sends a signal, by its name, to this process and no other.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it has not ended yet").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().await.expect("there is a kill");
        assert!(sent.success());
    }

    /// Ends it as a power cut would, without a word.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it is ours");
    }

    /// Kills it after a while, if it has not ended by then; what it had said.
    pub(crate) async fn cut_short(mut self, after: Duration) -> Said {
        // The moment is meant to be any: there is nothing to wait for.
        if tokio::time::timeout(after, self.child.wait()).await.is_err() {
            self.child.start_kill().expect("it is ours");
        }
        self.end().await
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it has not ended yet")
    }

    /// Waits for its end, and what it had still to say.
    pub(crate) async fn end(mut self) -> Said {
        let (mut out, mut err) = (String::new(), String::new());
        let rest = async {
            let (mut stdout, mut stderr) = (self.out.into_inner(), self.err.into_inner());
            tokio::join!(stdout.read_to_string(&mut out), stderr.read_to_string(&mut err)).0.expect("UTF-8");
            self.child.wait().await.expect("it ended")
        };
        let status = tokio::time::timeout(PATIENCE, rest).await.expect("it ends");
        Said { code: status.code(), out, err }
    }
}

async fn collect<R: tokio::io::AsyncBufRead + Unpin>(lines: &mut Lines<R>, end: &str) -> Option<String> {
    let mut said = String::new();
    let reading = async {
        while let Some(line) = lines.next_line().await.expect("the program speaks UTF-8") {
            said.push_str(&line);
            said.push('\n');
            if line.contains(end) {
                return Some(());
            }
        }
        None
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it says something").map(|()| said)
}

/// The first of `count` ports in a row that are free, out of the way of the ports the system hands out by itself. Each
/// call in this process looks elsewhere.
pub(crate) fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 20_000;
    const BLOCKS: u32 = 1_500;
    loop {
        let turn = u32::from(NEXT.fetch_add(1, Ordering::Relaxed)) + std::process::id() * 37;
        let block = u16::try_from(turn % BLOCKS).expect("there are fewer blocks than ports");
        let base = FIRST + block * 8;
        assert!(count <= 8, "a block has eight ports");
        let free = (0..count).all(|offset| TcpListener::bind((Ipv4Addr::LOCALHOST, base + offset)).is_ok());
        if free {
            return base;
        }
    }
}

/// Settings for a trial on this machine: everything below `folder`, the provider at `port`.
pub(crate) struct Trial {
    folder: tempfile::TempDir,
    port: u16,
}

impl Trial {
    /// With a key file made by the program itself.
    pub(crate) async fn new() -> Self {
        let trial = Self { folder: tempfile::tempdir().expect("a temporary folder"), port: free_ports(1) };
        let keys = trial.path("keys.toml");
        idp(&["keys", "create", &keys]).await.well();
        trial.write(&trial.sound());
        trial
    }

    /// Settings against which nothing can be said.
    pub(crate) fn sound(&self) -> String {
        format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\nissuer = \"http://localhost:{port}\"\n\
             [database]\nurl = \"sqlite://{database}\"\n\
             [keys]\nfile = \"{keys}\"\n\
             [mail]\ntransport = \"file\"\nfolder = \"{mail}\"\n",
            port = self.port,
            database = self.path("idp.sqlite3"),
            keys = self.path("keys.toml"),
            mail = self.path("mail"),
        )
    }

    /// The settings with one line put in place of another.
    pub(crate) fn change(&self, line: &str, instead: &str) {
        let sound = self.sound();
        let start = sound.find(line).unwrap_or_else(|| panic!("no line begins with {line}"));
        let end = sound[start..].find('\n').map_or(sound.len(), |length| start + length);
        self.write(&format!("{}{instead}{}", &sound[..start], &sound[end..]));
    }

    /// Writes the file with the settings.
    pub(crate) fn write(&self, settings: &str) {
        std::fs::write(self.folder.path().join("idp.toml"), settings).expect("the folder is writable");
    }

    /// The file with the settings.
    pub(crate) fn config(&self) -> String {
        self.path("idp.toml")
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("temporary folders have plain names").to_owned()
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The provider's address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// The provider's port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Runs a chore with these settings.
    pub(crate) async fn idp(&self, arguments: &[&str]) -> Said {
        let config = self.config();
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--config", &config]).collect();
        idp(&arguments).await
    }

    /// Serves with these settings, and is ready.
    pub(crate) async fn serve(&self) -> Running {
        self.ready(Running::start(&["serve", "--config", &self.config()])).await
    }

    /// The program that was started with these settings, once it is ready.
    pub(crate) async fn ready(&self, mut running: Running) -> Running {
        assert!(running.logs("serving ").await.is_some(), "it serves");
        let ready = reqwest::get(self.url("/health/ready")).await.expect("it answers");
        assert_eq!(ready.status(), 200);
        running
    }
}
