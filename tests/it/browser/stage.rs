//! A demonstration of one's own, and a Chromium in front of it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use idp_tests::chromium::{Chromium, DESKTOP, Habits, PHONE, Screen};
use idp_web::config::Config;
use idp_web::demo::run::{DemoError, Demonstration, Running, ports};
use idp_web::run::{Outside, StartError};
use idp_web::time::{Clock, SystemChance, SystemClock};
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::prelude::{By, ElementQueryable as _, ElementWaitable as _, WebElement};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::look::axe;

/// A page may take so long to show what is looked for, on a machine that compiles at the same time.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(50);

/// Everything a walk needs.
pub(super) struct Stage {
    /// The demonstration.
    pub(super) demo: Running,
    /// The browser.
    pub(super) chromium: Chromium,
    /// The clock that everything follows: the machine's, put forward on demand.
    pub(super) clock: Arc<ShiftedClock>,
    /// The language of the walk.
    pub(super) language: Language,
    /// The screen it is walked on.
    pub(super) screen: Screen,
    /// What the pictures are named after.
    pub(super) walk: &'static str,
    /// Pictures taken so far.
    pub(super) taken: Cell<u32>,
    /// What was wrong with the pages so far.
    pub(super) faults: Faults,
    /// Addresses of pages since the last look.
    pub(super) pages: RefCell<Vec<String>>,
    /// Every address asked for since it was last cleared.
    pub(super) asked_for: RefCell<Vec<String>>,
    port: u16,
    stop: CancellationToken,
    _folder: TempDir,
}

/// The language of a walk: Thai on the telephone, English on the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Thai,
    English,
}

impl Language {
    pub(super) fn tag(self) -> &'static str {
        self.pick("th", "en")
    }

    pub(super) fn pick<T>(self, thai: T, english: T) -> T {
        match self {
            Self::Thai => thai,
            Self::English => english,
        }
    }

    fn screen(self) -> Screen {
        self.pick(PHONE, DESKTOP)
    }
}

/// What is wrong with the pages of a walk. A walk that ends early still tells it.
#[derive(Default)]
pub(super) struct Faults(RefCell<Vec<String>>);

impl Faults {
    pub(super) fn note(&self, fault: String) {
        self.0.borrow_mut().push(fault);
    }

    fn tell(&self) -> String {
        self.0.take().join("\n")
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        let faults = self.tell();
        if !faults.is_empty() && std::thread::panicking() {
            eprintln!("the pages so far:\n{faults}");
        }
    }
}

/// The machine's clock, put forward by so many milliseconds.
#[derive(Default)]
pub(super) struct ShiftedClock(AtomicI64);

impl ShiftedClock {
    pub(super) fn put_forward(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
    }
}

impl Stage {
    /// The usual browser.
    pub(super) async fn set(walk: &'static str, language: Language) -> Self {
        Self::set_for(walk, language, Habits { language: language.tag(), scripts: true }).await
    }

    /// A browser with these habits.
    pub(super) async fn set_for(walk: &'static str, language: Language, habits: Habits) -> Self {
        // The browser first: it may have to wait for its turn.
        let chromium = Chromium::start(habits).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ShiftedClock::default());
        let stop = CancellationToken::new();
        let (port, demo) = start_somewhere(&folder, &clock, &stop).await;
        let screen = language.screen();
        chromium.resize(screen).await;
        for source in [COUNT_LAYOUT_SHIFTS, axe()] {
            chromium.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
        }
        Self {
            demo,
            chromium,
            clock,
            language,
            screen,
            walk,
            taken: Cell::default(),
            faults: Faults::default(),
            pages: RefCell::default(),
            asked_for: RefCell::default(),
            port,
            stop,
            _folder: folder,
        }
    }

    /// Ends everything in order. Fails when a page was not as it should be.
    pub(super) async fn strike(self) {
        let faults = self.faults.tell();
        self.chromium.close().await;
        self.stop.cancel();
        self.demo.until_stopped().await.expect("the demonstration ends cleanly");
        assert!(faults.is_empty(), "{faults}");
    }

    /// The provider.
    pub(super) fn provider(&self, path: &str) -> String {
        self.at(0, path)
    }

    /// The service for every member.
    pub(super) fn academy(&self, path: &str) -> String {
        self.at(1, path)
    }

    /// The service for permanent members.
    pub(super) fn licences(&self, path: &str) -> String {
        self.at(2, path)
    }

    /// The mailbox.
    pub(super) fn mailbox(&self, path: &str) -> String {
        self.at(3, path)
    }

    fn at(&self, offset: u16, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port + offset)
    }

    /// Goes to an address.
    pub(super) async fn open(&self, address: &str) {
        self.chromium.driver.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Where the browser is.
    pub(super) async fn here(&self) -> Url {
        self.chromium.driver.current_url().await.expect("the browser is somewhere")
    }

    /// The path where the browser is, on whatever host.
    pub(super) async fn path(&self) -> String {
        self.here().await.path().to_owned()
    }

    /// The element, once it is there.
    pub(super) async fn find(&self, css: &str) -> WebElement {
        match self.chromium.driver.query(By::Css(css)).wait(PATIENCE, GLANCE).first().await {
            Ok(element) => element,
            Err(_) => panic!("{} shows no {css}", self.here().await),
        }
    }

    /// Whether there is such an element now.
    pub(super) async fn shows(&self, css: &str) -> bool {
        !self.chromium.driver.find_all(By::Css(css)).await.expect("a selector").is_empty()
    }

    /// Presses a button or a link that leads to another page, and waits until this one is gone.
    pub(super) async fn press(&self, css: &str) {
        let page = self.find("html").await;
        self.touch(css).await;
        let gone = page.wait_until().wait(PATIENCE, GLANCE).stale().await;
        gone.unwrap_or_else(|_| panic!("{css} leads nowhere"));
    }

    /// Presses something that stays on the page.
    pub(super) async fn touch(&self, css: &str) {
        let element = self.find(css).await;
        if let Err(error) = element.click().await {
            panic!("{css} on {} cannot be pressed: {error}", self.here().await);
        }
    }

    /// Presses the button that sends the form.
    pub(super) async fn send(&self) {
        self.press("main form button[type=submit]").await;
    }

    /// Types into a field, in place of what stands there.
    pub(super) async fn fill(&self, id: &str, text: &str) {
        let field = self.find(&format!("#{id}")).await;
        field.clear().await.unwrap_or_else(|error| panic!("{id}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{id}: {error}"));
    }

    /// Types into several fields.
    pub(super) async fn fill_all(&self, fields: &[(&str, &str)]) {
        for (id, text) in fields {
            self.fill(id, text).await;
        }
    }

    /// Chooses from a list, or one of several buttons.
    pub(super) async fn choose(&self, name: &str, value: &str) {
        let found = format!("select[name={name}] option[value='{value}'], input[name={name}][value='{value}']");
        self.touch(&found).await;
    }

    /// What an element says.
    pub(super) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// What a field holds.
    pub(super) async fn value(&self, id: &str) -> String {
        self.find(&format!("#{id}")).await.value().await.ok().flatten().unwrap_or_default()
    }

    /// An attribute of an element.
    pub(super) async fn attribute(&self, css: &str, name: &str) -> String {
        self.find(css).await.attr(name).await.ok().flatten().unwrap_or_default()
    }

    /// Opens the mailbox and in it the newest mail, once there are `count` to this address.
    pub(super) async fn open_newest_mail(&self, to: &str, count: usize) {
        let arrived = async {
            loop {
                self.open(&self.mailbox("/")).await;
                let rows = self.chromium.driver.find_all(By::Css(".mail-row .to")).await.expect("a selector");
                let mut here = 0;
                for row in rows {
                    here += usize::from(row.text().await.is_ok_and(|text| text == to));
                }
                if here >= count {
                    return;
                }
            }
        };
        timeout(PATIENCE, arrived).await.unwrap_or_else(|_| panic!("mail number {count} to {to} does not arrive"));
        self.press(".mail-row h2 a").await;
    }

    /// The six digits in the mail that is open.
    pub(super) async fn code_in_mail(&self) -> String {
        let text = self.text("#mail-text").await;
        let code = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
        code.unwrap_or_else(|| panic!("no code in the mail: {text}")).to_owned()
    }
}

/// Adds up what moves while a page is being read.
const COUNT_LAYOUT_SHIFTS: &str = "
    window.layoutShift = 0;
    window.shifted = [];
    new PerformanceObserver(function (list) {
      list.getEntries().forEach(function (entry) {
        if (entry.hadRecentInput) { return; }
        window.layoutShift += entry.value;
        entry.sources.forEach(function (source) { if (source.node) { window.shifted.push(source.node.nodeName); } });
      });
    }).observe({ type: 'layout-shift', buffered: true });";

/// Starts the demonstration on the first eight free ports in a row, away from those the system hands out.
async fn start_somewhere(folder: &TempDir, clock: &Arc<ShiftedClock>, stop: &CancellationToken) -> (u16, Running) {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const ROWS: u16 = 1_500;
    let process = u16::try_from(std::process::id() % u32::from(ROWS)).expect("a remainder");
    for _ in 0..ROWS {
        let row = (process + NEXT.fetch_add(1, Ordering::SeqCst) * 37) % ROWS;
        let port = 20_000 + row * 8;
        let demonstration = Demonstration {
            folder: folder.path().to_owned(),
            fresh: true,
            port,
            config: Config::for_demo(folder.path(), &ports(port)),
            outside: Outside { clock: clock.clone(), chance: Arc::new(SystemChance) },
        };
        match demonstration.start(stop.clone()).await {
            Ok(running) => return (port, running),
            Err(DemoError::Start(StartError::Listen { .. })) => {}
            Err(error) => panic!("the demonstration does not start: {error}"),
        }
    }
    panic!("no eight free ports in a row");
}
