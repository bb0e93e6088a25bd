//! A PostgreSQL and a Redis of the test run's own, on free ports of this machine, in temporary folders.
//!
//! Each is started when the first test asks, once for the test program, and ends with it however it ends: a shell beside
//! the server waits until our end of a pipe is closed, which even `kill -9` does, and then stops it and clears away.
//! A missing program is an error that says how to get it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// A PostgreSQL server of our own.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    programs: PathBuf,
    databases: AtomicU32,
    /// One template is copied at a time.
    creating: Mutex<()>,
    said: Mutex<BufReader<ChildStdout>>,
    guard: Guard,
}

/// A Redis server of our own.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    databases: AtomicU32,
    _guard: Guard,
}

/// Keeps a server running: it ends when this end of the pipe is closed.
#[derive(Debug)]
struct Guard {
    _shell: Child,
    pipe: ChildStdin,
}

/// The PostgreSQL server of this test run.
pub fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(Postgres::start)
}

/// The Redis server of this test run.
pub fn redis() -> &'static Redis {
    static SERVER: OnceLock<Redis> = OnceLock::new();
    SERVER.get_or_init(Redis::start)
}

/// Makes the folder as its owner, initialises, starts, reports; restarts as after a crash whenever it is sent a line;
/// at the end of the pipe stops and clears away.
const POSTGRES: &str = r#"
set -e
trap '' INT HUP TERM
folder=$(mktemp -d /tmp/idp-test-postgres.XXXXXX)
cd "$folder"
"$1/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
options="-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off"
options="$options -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off -c deadlock_timeout=200ms"
"$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -o "$options" start > /dev/null || { cat "$folder/log"; exit 1; }
echo "ready"
exec 3>&1 > /dev/null 2>&1
while read -r _; do
  "$1/pg_ctl" -D "$folder/data" -l "$folder/log" -m immediate -w -t 60 -o "$options" restart 3>&- && echo "ready" >&3
done
"$1/pg_ctl" -D "$folder/data" -m immediate stop
cd /
rm -rf "$folder"
"#;

const REDIS: &str = r#"
trap '' INT HUP
folder=$(mktemp -d /tmp/idp-test-redis.XXXXXX)
cd "$folder"
"$1" --port "$2" --bind 127.0.0.1 --save "" --appendonly no --databases 4096 --dir "$folder" &
server=$!
while read -r _; do :; done
kill "$server"
wait "$server"
cd /
rm -rf "$folder"
"#;

impl Postgres {
    fn start() -> Self {
        let programs = programs();
        let port = free_port();
        let shell = if is_root() {
            // PostgreSQL refuses to run as root.
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let (guard, mut said) = run(shell, POSTGRES, &programs.display().to_string(), port);
        let mut line = String::new();
        let _ = said.read_line(&mut line);
        if line.trim() != "ready" {
            let _ = said.read_to_string(&mut line);
            panic!("PostgreSQL did not start:\n{line}");
        }
        let (databases, creating) = (AtomicU32::new(0), Mutex::new(()));
        Self { port, programs, databases, creating, said: Mutex::new(said), guard }
    }

    /// A server that no other test uses, to be ill-treated.
    pub fn of_its_own() -> Self {
        Self::start()
    }

    /// Ends the server as a crash does, and starts it again; returns when it takes connections.
    pub fn crash_and_recover(&self) {
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut line = String::new();
        let done = (&self.guard.pipe).write_all(b"restart\n").and_then(|()| said.read_line(&mut line));
        assert!(done.is_ok() && line.trim() == "ready", "PostgreSQL did not start again: {done:?} {line}");
    }

    /// Runs `sql` as the server's administrator, in the database at `url`.
    pub fn administer(&self, url: &str, sql: &str) {
        self.psql(url.rsplit('/').next().unwrap_or("postgres"), sql);
    }

    /// The one row that `sql` gives in the database at `url`, its columns separated by `|`; empty without one.
    pub fn ask(&self, url: &str, sql: &str) -> String {
        match self.psql_on(url).args(["-A", "-t", "-c", sql]).output() {
            Ok(done) if done.status.success() => String::from_utf8_lossy(&done.stdout).trim().to_owned(),
            Ok(done) => panic!("{sql}: {}", String::from_utf8_lossy(&done.stderr)),
            Err(error) => panic!("psql cannot be run: {error}"),
        }
    }

    /// psql on the database at `url`, for whoever feeds it.
    pub fn psql_on(&self, url: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url]);
        psql
    }

    /// Everything in the database at `url`, as a backup holds it.
    pub fn dump(&self, url: &str) -> Vec<u8> {
        let done = Command::new(self.programs.join("pg_dump")).arg("--inserts").arg(url).output();
        match done {
            Ok(done) if done.status.success() => done.stdout,
            Ok(done) => panic!("no backup could be made: {}", String::from_utf8_lossy(&done.stderr)),
            Err(error) => panic!("pg_dump cannot be run: {error}"),
        }
    }

    /// The address of a fresh, empty database.
    pub fn empty_database(&self) -> String {
        self.create("TEMPLATE template0")
    }

    /// The address of a fresh copy of the database at `template`, to which nobody is connected any more.
    pub fn copy_of(&self, template: &str) -> String {
        let name = template.rsplit('/').next().unwrap_or(template);
        self.create(&format!("TEMPLATE {name}"))
    }

    fn create(&self, how: &str) -> String {
        let _one_at_a_time = self.creating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name} {how}"));
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn psql(&self, database: &str, sql: &str) {
        let done = Command::new(self.programs.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-q", "-d", database, "-c", sql])
            .output();
        match done {
            Ok(done) if done.status.success() => {}
            Ok(done) => panic!("{sql}: {}", String::from_utf8_lossy(&done.stderr)),
            Err(error) => panic!("psql cannot be run: {error}"),
        }
    }
}

impl Redis {
    fn start() -> Self {
        let program = std::env::var("IDP_TEST_REDIS")
            .ok()
            .or_else(|| ["redis-server", "valkey-server"].into_iter().find(|name| in_path(name)).map(str::to_owned));
        let Some(program) = program else {
            panic!(
                "the tests need a Redis server: install it (Debian: apt-get install redis-server) or name the program \
                 in IDP_TEST_REDIS"
            );
        };
        let port = free_port();
        let (guard, mut said) = run(Command::new("sh"), REDIS, &program, port);
        let mut log = String::new();
        loop {
            let before = log.len();
            match said.read_line(&mut log) {
                Ok(read) if read > 0 => {}
                _ => panic!("Redis did not start:\n{log}"),
            }
            if log.get(before..).is_some_and(|line| line.contains("eady to accept connections")) {
                break;
            }
        }
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { port, databases: AtomicU32::new(0), _guard: guard }
    }

    /// Every key of the database at `url`, with what it holds.
    pub fn everything(&self, url: &str) -> Vec<u8> {
        const ALL: &str = "local all = {} for _, key in ipairs(redis.call('KEYS', '*')) do \
             all[#all + 1] = key .. ' ' .. redis.call('GET', key) end return table.concat(all, ' ')";
        let number = url.rsplit('/').next().unwrap_or("0");
        let asking = || -> std::io::Result<Vec<u8>> {
            let mut connection = BufReader::new(TcpStream::connect(("127.0.0.1", self.port))?);
            let mut line = String::new();
            connection.get_mut().write_all(format!("SELECT {number}\r\n").as_bytes())?;
            connection.read_line(&mut line)?;
            let asked = format!("*3\r\n$4\r\nEVAL\r\n${}\r\n{ALL}\r\n$1\r\n0\r\n", ALL.len());
            connection.get_mut().write_all(asked.as_bytes())?;
            line.clear();
            connection.read_line(&mut line)?;
            let length = line.trim().trim_start_matches('$').parse().map_err(|_| std::io::Error::other(line))?;
            let mut all = vec![0; length];
            connection.read_exact(&mut all)?;
            Ok(all)
        };
        asking().unwrap_or_else(|error| panic!("Redis does not say what it holds: {error}"))
    }

    /// The address of a fresh, empty database.
    pub fn empty_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        assert!(number < 4096, "more tests use Redis than it has databases");
        format!("redis://127.0.0.1:{}/{number}", self.port)
    }
}

fn run(mut shell: Command, script: &str, program: &str, port: u16) -> (Guard, BufReader<ChildStdout>) {
    let started = shell
        .args(["-c", script, "sh", program, &port.to_string()])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => panic!("{:?} cannot be run: {error}", shell.get_program()),
    };
    let (Some(pipe), Some(said)) = (child.stdin.take(), child.stdout.take()) else {
        unreachable!("both ends were asked for above")
    };
    (Guard { _shell: child, pipe }, BufReader::new(said))
}

/// The folder with PostgreSQL's programs.
fn programs() -> PathBuf {
    if let Ok(named) = std::env::var("IDP_TEST_PG_BIN") {
        return PathBuf::from(named);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .map(|version| version.path())
        .filter(|version| version.join("bin/initdb").exists())
        .max_by_key(|version| number(version))
        .map(|version| version.join("bin"));
    let Some(newest) = newest else {
        panic!(
            "the tests need PostgreSQL's programs: install them (Debian: apt-get install postgresql) or name their folder \
             in IDP_TEST_PG_BIN"
        );
    };
    newest
}

fn number(version: &Path) -> u32 {
    version.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn in_path(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|done| done.stdout.starts_with(b"0\n"))
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = match TcpListener::bind(("127.0.0.1", 0)) {
        Ok(listener) => listener,
        Err(error) => panic!("no port is free: {error}"),
    };
    listener.local_addr().map_or(0, |address| address.port())
}
