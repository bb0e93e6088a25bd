//! A headless Chromium of the test's own, led by a chromedriver of its own; both are gone when the test is.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::{BrowserCapabilitiesHelper as _, ChromeCapabilities, LoggingPrefsLogLevel, WebDriver};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Chromiums at work at once: more than two only wait for each other.
static SEATS: Semaphore = Semaphore::const_new(2);

/// Starting may take so long on a machine that compiles at the same time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing of a browser's own business: no updates, no reports, no first-run pages, no request that a page did not make.
const FLAGS: [&str; 17] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-search-engine-choice-screen",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
];

/// How a browser is set up before it starts.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// The language it asks for: `th` or `en`.
    pub language: &'static str,
    /// Whether pages may run scripts.
    pub scripts: bool,
}

/// The size of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// A telephone's screen: the viewport is what the page asks for, and there are no scroll bars.
    pub mobile: bool,
}

/// An everyday telephone.
pub const PHONE: Screen = Screen { width: 390, height: 844, mobile: true };
/// The narrowest telephone a page must fit (WCAG 2.2, 1.4.10).
pub const NARROW_PHONE: Screen = Screen { width: 320, height: 640, mobile: true };
/// An everyday laptop.
pub const DESKTOP: Screen = Screen { width: 1280, height: 900, mobile: false };

/// A running Chromium. Dropped, it is killed, by its process id, with its driver.
pub struct Chromium {
    /// What leads it.
    pub driver: WebDriver,
    chromedriver: Process,
    chromium: Process,
    _home: TempDir,
    _seat: SemaphorePermit<'static>,
}

impl Chromium {
    /// Starts a Chromium with an empty profile.
    pub async fn start(habits: Habits) -> Self {
        let seat = SEATS.acquire().await.expect("the seats are never closed");
        let home = tempfile::tempdir().expect("a temporary folder");
        let profile = home.path().join("profile");
        write_preferences(&profile, habits);
        let mut command = Command::new("chromium");
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--accept-lang={}", habits.language))
            .arg(format!("--window-size={},{}", DESKTOP.width, DESKTOP.height))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // Whatever else it writes goes where it is cleared away.
        for variable in ["HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(variable, home.path());
        }
        let mut chromium = Process::spawn("chromium", command);
        let said = chromium.child.stderr.take().expect("stderr is a pipe");
        let debugging = heard(said, "chromium", |line| {
            line.split_once("DevTools listening on ws://127.0.0.1:")?.1.split('/').next()?.parse().ok()
        })
        .await;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).env("TMPDIR", home.path());
        let mut chromedriver = Process::spawn("chromedriver", command);
        let said = chromedriver.child.stdout.take().expect("stdout is a pipe");
        let driving = heard(said, "chromedriver", |line| {
            line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
        })
        .await;
        let driver = WebDriver::new(format!("http://127.0.0.1:{driving}"), capabilities(debugging)).await;
        let driver = driver.expect("chromedriver reaches the Chromium it was told of");
        Self { driver, chromedriver, chromium, _home: home, _seat: seat }
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Gives the window this size; a telephone's is emulated, since no window is that narrow.
    pub async fn resize(&self, screen: Screen) {
        let Screen { width, height, mobile } = screen;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).await;
    }

    /// The whole page as PNG, base64: also what is below the fold.
    pub async fn whole_page(&self, screen: Screen) -> String {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let height = metrics["cssContentSize"]["height"].as_f64().unwrap_or_default();
        // A window as high as the page: frames draw only what is in the window.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the height of a page")]
        self.resize(Screen { height: screen.height.max(height.ceil() as u32), ..screen }).await;
        let shot = self.devtools("Page.captureScreenshot", json!({ "format": "png" })).await;
        self.resize(screen).await;
        shot["data"].as_str().expect("a picture").to_owned()
    }

    /// Ends it in order.
    pub async fn close(self) {
        let Self { driver, mut chromedriver, mut chromium, .. } = self;
        // It hangs up before it answers.
        let _ = driver.cdp().send_raw("Browser.close", json!({})).await;
        let _ = timeout(PATIENCE, chromium.child.wait()).await;
        let _ = driver.quit().await;
        let _ = chromedriver.child.start_kill();
        let _ = chromedriver.child.wait().await;
    }
}

/// What cannot be told by a flag.
fn write_preferences(profile: &std::path::Path, habits: Habits) {
    const FORBIDDEN: u8 = 2;
    let folder = profile.join("Default");
    std::fs::create_dir_all(&folder).expect("a folder in the temporary folder");
    let mut preferences = json!({
        "intl": { "accept_languages": habits.language, "selected_languages": habits.language },
        "credentials_enable_service": false,
        "translate": { "enabled": false },
    });
    if !habits.scripts {
        preferences["profile"] = json!({ "default_content_setting_values": { "javascript": FORBIDDEN } });
    }
    std::fs::write(folder.join("Preferences"), preferences.to_string()).expect("a file in the temporary folder");
}

fn capabilities(debugging_port: u16) -> ChromeCapabilities {
    let mut wanted = ChromeCapabilities::new();
    let put = wanted
        .set_browser_option("debuggerAddress", format!("127.0.0.1:{debugging_port}"))
        .and_then(|()| wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All))
        .and_then(|()| wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All));
    put.expect("capabilities are plain JSON");
    wanted
}

/// A process that does not outlive its owner.
struct Process {
    child: Child,
}

impl Process {
    fn spawn(program: &str, mut command: Command) -> Self {
        match command.stdin(Stdio::null()).kill_on_drop(true).spawn() {
            Ok(child) => Self { child },
            Err(error) => panic!("{program} does not start ({error}): tests/prepare installs it"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        // Gone for sure before its folder is: a killed process ends at once, so this hardly turns.
        while let Ok(None) = self.child.try_wait() {
            std::thread::yield_now();
        }
    }
}

/// Reads what a program says until it names its port; the rest is swallowed, so that the program never has to wait.
async fn heard(
    output: impl AsyncRead + Unpin + Send + 'static,
    program: &str,
    port: impl Fn(&str) -> Option<u16>,
) -> u16 {
    let mut lines = BufReader::new(output).lines();
    let mut all = Vec::new();
    let listening = async {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(port) = port(&line) {
                return Some(port);
            }
            all.push(line);
        }
        None
    };
    let Ok(Some(port)) = timeout(PATIENCE, listening).await else {
        panic!("{program} does not come up:\n{}", all.join("\n"));
    };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    port
}
