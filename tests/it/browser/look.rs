//! Looks at the page that is open: what a careful reviewer would check on each of them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp_tests::chromium::{DESKTOP, NARROW_PHONE, PHONE, Screen};
use serde_json::{Value, json};
use url::Url;

use super::stage::Stage;

/// Half of what still counts as good (0.1): a font that comes late on a busy machine moves a line by a fifth of that.
const MOVED: f64 = 0.05;

impl Stage {
    /// Checks the page at both widths and takes its pictures: nothing asked for elsewhere, nothing on the console, nothing
    /// moved, nothing wider than the screen, and nothing that keeps a person with a disability out. What is wrong is told
    /// at the end of the walk, so that one walk finds all of it.
    pub(super) async fn look(&self, page: &str) {
        self.check_requests(page).await;
        self.check_console(page).await;
        self.check_stillness(page).await;
        self.taken.set(self.taken.get() + 1);
        let other = if self.screen == PHONE { DESKTOP } else { PHONE };
        for screen in [other, self.screen] {
            self.chromium.resize(screen).await;
            self.check_width(page, screen).await;
            self.check_accessibility(page, screen).await;
            self.keep_picture(page, screen).await;
        }
        self.chromium.resize(NARROW_PHONE).await;
        self.check_width(page, NARROW_PHONE).await;
        self.chromium.resize(self.screen).await;
    }

    /// Checks a mail, which is a file and no page of ours: its width, its accessibility, its pictures.
    pub(super) async fn look_at_mail(&self, mail: &str, screens: &[Screen]) {
        self.taken.set(self.taken.get() + 1);
        for screen in screens {
            self.chromium.resize(*screen).await;
            self.check_width(mail, *screen).await;
            self.check_accessibility(mail, *screen).await;
            self.keep_picture(mail, *screen).await;
        }
        self.chromium.resize(self.screen).await;
    }

    /// No request leaves this machine.
    pub(super) async fn check_requests(&self, page: &str) {
        let log = self.chromium.driver.get_log("performance").await.expect("the performance log");
        for entry in log {
            let event: Value = serde_json::from_str(&entry.message).expect("an event of the DevTools protocol");
            let event = &event["message"];
            if event["method"] != "Network.requestWillBeSent" {
                continue;
            }
            let address = event["params"]["request"]["url"].as_str().unwrap_or_default();
            let url = Url::parse(address).unwrap_or_else(|_| panic!("{page} asks for “{address}”"));
            let local = match url.scheme() {
                "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1")),
                "data" | "blob" | "about" => true,
                _ => false,
            };
            if !local {
                self.faults.note(format!("{page} asks for {address}"));
            }
            self.asked_for.borrow_mut().push(address.to_owned());
            if event["params"]["type"] == "Document" {
                self.pages.borrow_mut().push(address.to_owned());
            }
        }
    }

    /// No errors, no warnings, and nothing the content security policy had to stop.
    async fn check_console(&self, page: &str) {
        let pages = self.pages.take();
        for entry in self.chromium.driver.browser_log().await.expect("the browser's log") {
            // Chromium reports a page whose own status is an error; that is what the page is about.
            let own_status = pages.iter().any(|page| entry.message.starts_with(page))
                && entry.message.contains("Failed to load resource: the server responded with a status of");
            if !own_status && entry.level != "INFO" {
                self.faults.note(format!("{page}: {} {}", entry.level, entry.message));
            }
        }
    }

    /// Nothing moves while it is being read (Cumulative Layout Shift).
    async fn check_stillness(&self, page: &str) {
        const SETTLED: &str = "
            var done = arguments[0];
            document.fonts.ready.then(function () {
              requestAnimationFrame(function () { requestAnimationFrame(function () { done([window.layoutShift, window.shifted]); }); });
            });";
        let shift = self.run_async(SETTLED, vec![]).await;
        let by = shift[0].as_f64().unwrap_or_else(|| panic!("{page}: the layout shift is {shift}"));
        if by > MOVED {
            self.faults.note(format!("{page}: things move by {by}: {}", shift[1]));
        }
    }

    async fn check_width(&self, page: &str, screen: Screen) {
        const WIDEST: &str = "
            var limit = arguments[0], wide = [];
            document.querySelectorAll('body *').forEach(function (element) {
              var box = element.getBoundingClientRect();
              if (box.right > limit + 1 && box.width > 0) { wide.push(element.outerHTML.slice(0, 120)); }
            });
            return [document.documentElement.scrollWidth, wide.slice(0, 3)];";
        let found = self.run(WIDEST, vec![json!(screen.width)]).await;
        let width = found[0].as_u64().expect("a width");
        if width > u64::from(screen.width) {
            self.faults.note(format!("{page} is {width} wide on {}: {}", screen.width, found[1]));
        }
    }

    async fn check_accessibility(&self, page: &str, screen: Screen) {
        const FAULTS: &str = "
            var done = arguments[0];
            axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(function (found) {
              if (!found.passes.length) { done(['axe looked at nothing']); return; }
              done(found.violations.map(function (fault) {
                return fault.impact + ' ' + fault.id + ': ' + fault.help + fault.nodes.map(function (node) {
                  return '\\n    ' + node.target.join(' ') + ' ' + node.html.slice(0, 160) + ' ' + node.failureSummary;
                }).join('');
              }));
            }, function (error) { done(['axe failed: ' + error]); });";
        let faults = self.run_async(FAULTS, vec![]).await;
        for fault in faults.as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.faults.note(format!("{page} on {}: {fault}", screen.width));
        }
    }

    async fn keep_picture(&self, page: &str, screen: Screen) {
        let Some(folder) = std::env::var_os("IDP_SCREENSHOTS") else { return };
        let folder = PathBuf::from(folder).join(format!("{}-{}", self.language.tag(), screen.width));
        std::fs::create_dir_all(&folder).expect("a folder for the pictures");
        let picture = STANDARD.decode(self.chromium.whole_page(screen).await).expect("base64");
        let name = format!("{}-{:02}-{page}.png", self.walk, self.taken.get());
        std::fs::write(folder.join(name), picture).expect("a picture in its folder");
    }

    /// Runs a script in the page.
    pub(super) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answer = self.chromium.driver.execute(script, arguments).await;
        answer.unwrap_or_else(|error| panic!("{error}")).json().clone()
    }

    async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answer = self.chromium.driver.execute_async(script, arguments).await;
        answer.unwrap_or_else(|error| panic!("{error}")).json().clone()
    }
}

/// axe-core, as `tests/prepare` fetched it.
pub(super) fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        // This file's own program lies in target/<profile>/deps.
        let built = || Some(std::env::current_exe().ok()?.ancestors().nth(3)?.join("test-tools/axe.min.js"));
        let file = std::env::var_os("IDP_TEST_AXE").map(PathBuf::from).or_else(built).unwrap_or_default();
        read(&file)
    })
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("axe-core is not at “{}” ({error}): tests/prepare fetches it", file.display()))
}
