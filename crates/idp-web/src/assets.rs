//! Static files of the pages: embedded in the program, served under a name that changes with their content.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// Routes `/assets/{version}/{path}` and `/favicon.ico`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{version}/{*path}", get(serve)).route("/favicon.ico", get(favicon))
}

/// The address of a static file, such as `/assets/5d41402abc4b2a76/app.css`. The files name each other by relative
/// addresses, so one version stands for all of them.
pub fn url(path: &str) -> String {
    format!("/assets/{}/{path}", SHELF.version)
}

/// Everything embedded, read and hashed once.
struct Shelf {
    version: String,
    files: HashMap<Cow<'static, str>, Asset>,
}

struct Asset {
    content_type: &'static str,
    bytes: Bytes,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut digest = Sha256::new();
    let mut files = HashMap::new();
    for name in names {
        let Some(file) = Files::get(&name) else { continue };
        let bytes = match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(Sha256::digest(&bytes));
        files.insert(name.clone(), Asset { content_type: content_type(&name), bytes });
    }
    let version = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Shelf { version, files }
});

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

async fn serve(Path((version, path)): Path<(String, String)>) -> Response {
    // While nodes are being replaced one by one, a page of the new may ask the old for a file: it gets what there is,
    // but nobody keeps it under that name.
    let keep = if version == SHELF.version { "public, max-age=31536000, immutable" } else { "no-store" };
    answer(&path, keep)
}

async fn favicon() -> Response {
    answer("favicon.ico", "public, max-age=86400")
}

fn answer(path: &str, keep: &'static str) -> Response {
    let mut response = match SHELF.files.get(path) {
        Some(asset) => {
            let mut response = Response::new(Body::from(asset.bytes.clone()));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
            response
        }
        None => {
            let mut response = Response::new(Body::from("Not found"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
    };
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Writes every file to `folder` as it is served, for the test that writes the sample pages.
#[cfg(test)]
pub(crate) fn write_to(folder: &std::path::Path) -> std::io::Result<()> {
    for (name, asset) in &SHELF.files {
        let path = folder.join(url(name).trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, &asset.bytes)?;
    }
    Ok(())
}

/// Whether an address a page names is a file we have, under its present version.
#[cfg(test)]
pub(crate) fn has(address: &str) -> bool {
    SHELF.files.keys().any(|name| url(name) == address)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn fetch(address: &str) -> (StatusCode, String, String, usize) {
        let request = Request::get(address).body(Body::empty()).unwrap();
        let response = routes::<()>().oneshot(request).await.unwrap();
        let header = |name| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let (kind, keep) = (header(header::CONTENT_TYPE), header(header::CACHE_CONTROL));
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, kind, keep, bytes.len())
    }

    #[tokio::test]
    async fn a_file_is_kept_for_a_year_under_its_version() {
        let (status, kind, keep, size) = fetch(&url("app.css")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/css; charset=utf-8"));
        assert_eq!(keep, "public, max-age=31536000, immutable");
        assert!(size > 1000);
        assert_eq!(fetch(&url("fonts/sarabun-thai-400-normal.woff2")).await.1, "font/woff2");
    }

    #[tokio::test]
    async fn another_version_gets_the_file_but_may_not_keep_it() {
        assert_eq!(fetch("/assets/0/app.js").await.2, "no-store");
    }

    #[tokio::test]
    async fn a_file_we_do_not_have_is_not_found() {
        assert_eq!(fetch("/assets/0/nothing.css").await.0, StatusCode::NOT_FOUND);
        assert_eq!(fetch("/assets/0/../../Cargo.toml").await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_icon_has_the_address_browsers_guess() {
        assert_eq!(fetch("/favicon.ico").await.1, "image/x-icon");
    }

    #[test]
    fn every_address_in_the_style_sheet_is_a_file() {
        let css = String::from_utf8(SHELF.files["app.css"].bytes.to_vec()).unwrap();
        let named: Vec<&str> = css.split("url(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!named.is_empty());
        for name in named {
            assert!(SHELF.files.contains_key(name), "{name}");
        }
    }
}
