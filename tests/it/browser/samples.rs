//! Every page that the unit tests write with a sample, in the browser: also those that no walk reaches, such as errors,
//! empty lists and what officers see. The samples are `idp-web`'s own; its test program, which is built with this one,
//! writes them to a folder. What they say is translated: a message without its words stops that program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use idp_tests::chromium::{DESKTOP, NARROW_PHONE, PHONE};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::stage::{Language, Stage};

/// Pages that leave by themselves for a service, which the walks look at.
const LEAVING: [&str; 3] = ["form_post", "signed-out-back", "signed-out-here"];

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_is_readable_on_a_telephone_and_on_a_desk_in_thai() {
    samples(Language::Thai).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_is_readable_on_a_telephone_and_on_a_desk_in_english() {
    samples(Language::English).await;
}

async fn samples(language: Language) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_to(folder.path()).await;
    let ending = format!(".{}.html", language.tag());
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(&ending).map(str::to_owned))
        .filter(|name| !LEAVING.contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(names.len() >= 100, "{names:?}");
    let place = serve(folder.path()).await;
    let stage = Stage::set("samples", language).await;
    for name in names {
        stage.open(&format!("{place}/{name}{ending}")).await;
        stage.look(&name).await;
        for screen in [PHONE, NARROW_PHONE, DESKTOP] {
            stage.chromium.resize(screen).await;
            stage.check_cut(&name, screen.width).await;
        }
        stage.chromium.resize(PHONE).await;
        stage.check_targets(&name).await;
    }
    stage.strike().await;
}

impl Stage {
    /// No text is cut off at the edge of what holds it. A long name beside the language is shortened on purpose.
    async fn check_cut(&self, page: &str, width: u32) {
        const CUT: &str = "
            var cut = [];
            document.querySelectorAll('main *, header *, footer *').forEach(function (element) {
              var style = getComputedStyle(element);
              if (style.overflowX !== 'hidden' && style.overflowX !== 'clip') { return; }
              if (element.closest('.unseen, .chip-name, svg, .gate-panel')) { return; }
              if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 2) {
                cut.push(element.outerHTML.slice(0, 120));
              }
            });
            return cut;";
        let cut = self.run(CUT, vec![]).await;
        if cut.as_array().is_some_and(|cut| !cut.is_empty()) {
            self.faults.note(format!("{page} on {width} cuts off {cut}"));
        }
    }

    /// What is pressed with a thumb is as high as one: 44 pixels. Links within a sentence are as high as their line.
    async fn check_targets(&self, page: &str) {
        const SMALL: &str = "
            var low = arguments[0], small = [];
            var kinds = '.button, button, select, summary, .tick label, .choice, nav a, .foot-links a, .after a, .trail a, '
              + '.paper-open a, .plain-list a, input:not([type=hidden]):not([type=checkbox]):not([type=radio])';
            document.querySelectorAll(kinds).forEach(function (element) {
              var box = element.getBoundingClientRect();
              if (box.width > 1 && box.height > 0 && box.height < low) {
                small.push(Math.round(box.height) + ' ' + element.outerHTML.slice(0, 100));
              }
            });
            return small;";
        // Half a pixel is the browser's own rounding.
        let small = self.run(SMALL, vec![json!(43.5)]).await;
        if small.as_array().is_some_and(|small| !small.is_empty()) {
            self.faults.note(format!("{page}: too low for a thumb: {small}"));
        }
    }
}

/// Has `idp-web`'s unit tests write the samples.
async fn write_to(folder: &Path) {
    let program = program();
    let written = Command::new(&program)
        .args(["--exact", "view::tests::write_samples"])
        .env("IDP_PAGES_OUT", folder)
        .output()
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stdout));
}

/// The newest test program of `idp-web`, beside this one.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("this program has a place");
    let folder = own.parent().expect("a program lies in a folder");
    let made = |path: &PathBuf| path.metadata().and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let named = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("idp_web-") && !name.contains('.')
    };
    let files = std::fs::read_dir(folder).expect("a folder").filter_map(|entry| Some(entry.ok()?.path()));
    files.filter(named).max_by_key(made).unwrap_or_else(|| {
        panic!("no test program of idp-web in {}: cargo build --workspace --all-targets makes it", folder.display())
    })
}

/// Serves the folder on a port of its own for as long as the test runs.
async fn serve(folder: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("a port").port();
    let router = Router::new().fallback(file).with_state(Arc::new(folder.to_owned()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://127.0.0.1:{port}")
}

/// A page's script may ask for a passkey's options, and gets none.
async fn file(State(folder): State<Arc<PathBuf>>, method: Method, address: Uri) -> Response {
    if method == Method::POST {
        return ([(header::CONTENT_TYPE, "application/json")], "{}").into_response();
    }
    let path = folder.join(address.path().trim_start_matches('/'));
    let kind = match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match tokio::fs::read(&path).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
