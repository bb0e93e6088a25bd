//! An Apache with mod_auth_openidc of the test's own: a service that nobody here has written.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::servers::free_port;

/// A running Apache. It ends when this goes.
#[derive(Debug)]
pub struct Apache {
    port: u16,
    process: Child,
    folder: TempDir,
}

const MODULES: &str = "/usr/lib/apache2/modules";

impl Apache {
    /// A port for an Apache that is still to be configured: the provider has to know the redirect URI first.
    pub fn reserve() -> u16 {
        free_port()
    }

    /// Starts it on `port`, protected by mod_auth_openidc with `directives`, and waits until it answers.
    pub async fn start(port: u16, directives: &str) -> Self {
        assert!(
            Path::new(MODULES).join("mod_auth_openidc.so").exists(),
            "the tests need Apache with mod_auth_openidc (Debian: apt-get install apache2 libapache2-mod-auth-openidc)"
        );
        let folder = tempfile::tempdir().expect("the temporary folder can be written");
        let root = folder.path();
        std::fs::create_dir_all(root.join("site/members")).expect("a folder of our own");
        std::fs::write(root.join("site/index.html"), "the service's page\n").expect("a file of our own");
        std::fs::write(root.join("site/members/index.html"), "the members' page\n").expect("a file of our own");
        std::fs::write(root.join("httpd.conf"), configuration(root, port, directives)).expect("a file of our own");
        // The workers give up root's rights, and have to read the page all the same.
        Command::new("chmod").args(["-R", "a+rX"]).arg(root).status().expect("chmod runs");
        let log = std::fs::File::create(root.join("start.log")).expect("a file of our own");
        let process = Command::new("apache2")
            .args(["-DFOREGROUND", "-f"])
            .arg(root.join("httpd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("apache2 runs");
        let apache = Self { port, process, folder };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return apache;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("Apache did not start:\n{}", apache.log());
    }

    /// A URL of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What it has to say.
    pub fn log(&self) -> String {
        ["start.log", "error.log"]
            .map(|name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default())
            .concat()
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // Its own signal for an orderly end: killed, it would leave its workers behind.
        let stopped = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        if stopped.is_ok() {
            let _ = self.process.wait();
        }
    }
}

fn configuration(root: &Path, port: u16, directives: &str) -> String {
    let root = root.display();
    let mut text = format!(
        "ServerName 127.0.0.1\nServerRoot \"{root}\"\nPidFile \"{root}/pid\"\nErrorLog \"{root}/error.log\"\n\
         Listen 127.0.0.1:{port}\nDefaultRuntimeDir \"{root}\"\nMutex file:{root} default\n"
    );
    for module in ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "headers", "dir", "mime"] {
        let _ = writeln!(text, "LoadModule {module}_module {MODULES}/mod_{module}.so");
    }
    let _ = write!(
        text,
        "User www-data\nGroup www-data\nTypesConfig /dev/null\nDirectoryIndex index.html\nDocumentRoot \"{root}/site\"\n\
         StartServers 1\n{directives}\n"
    );
    text
}
