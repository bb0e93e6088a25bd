//! `docs/spec-map.md` held against the tree: every file it names is there, and every test it names stands where it says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a certification suite tries, by the short names of its modules; each has a row of its own in the map.
const TRIED: &[&str] = &[
    // The code flow.
    "server",
    "response-type-missing",
    "idtoken-signature",
    "idtoken-unsigned",
    "userinfo-get",
    "userinfo-post-header",
    "userinfo-post-body",
    "without-nonce",
    "scope-profile, -email, -phone, -all",
    "alternate-happy-flow",
    "display-page, display-popup",
    "prompt-login",
    "prompt-none-not-logged-in",
    "prompt-none-logged-in",
    "max-age-1",
    "max-age-10000",
    "unknown-parameter",
    "id-token-hint",
    "login-hint, ui-locales, claims-locales",
    "acr-values",
    "codereuse",
    "codereuse-30seconds",
    "registered-redirect-uri",
    "post-request",
    "server-client-secret-post",
    "unsigned-request-object, request-uri-unsigned",
    "request-object-with-redirect-uri",
    "claims-essential",
    "refresh-token",
    "valid-pkce",
    // Discovery and keys.
    "discovery-endpoint-verification",
    // Clients that register themselves.
    "idtoken-rs256",
    "userinfo-rs256",
    "redirect-uri-in-authorization-request",
    "redirect-uri-query-OK, -mismatch, -added",
    "redirect-uri-regfrag",
    "registration-logo-uri, -policy-uri, -tos-uri",
    "registration-jwks-uri",
    "registration-sector-uri, -sector-bad",
    "server-rotate-keys",
    "refresh-token-rp-key-rotation",
    "request-uri-signed-rs256",
    "client-assertion-aud",
    "3rd_party-init-login, -nohttps",
    "registration-delete",
    // Signing out.
    "rp-initiated-logout",
    "rp-initiated-logout-no-state",
    "rp-initiated-logout that must not redirect",
    "rp-initiated-logout without a way back",
    "backchannel-logout",
    "frontchannel-logout",
];

#[test]
fn every_file_and_every_test_of_the_map_is_there() {
    let mut faults = Vec::new();
    let (mut files, mut tests) = (0, 0);
    for row in rows() {
        let mut named: Vec<PathBuf> = Vec::new();
        for (column, cell) in row.cells.iter().enumerate() {
            // The test's own column comes last: a name without a place stands in one of the clause's files.
            let is_last = column + 1 == row.cells.len();
            for part in cell.split(';') {
                let (found, missing) = paths(part, &named);
                faults.extend(missing.into_iter().map(|path| format!("{path} is no file: {}", row.text)));
                files += found.len();
                if is_last {
                    let places = if found.is_empty() { named.clone() } else { found };
                    for test in test_names(part) {
                        tests += 1;
                        if !places.iter().any(|file| defines(file, &test)) {
                            faults.push(format!("no test {test} in {places:?}: {}", row.text));
                        }
                    }
                } else {
                    named.extend(found);
                }
            }
        }
        if row.cells.last().is_some_and(|cell| ["–", "-", ""].contains(&cell.trim())) {
            faults.push(format!("nothing shows it: {}", row.text));
        }
    }
    assert!(files > 200 && tests > 200, "{files} files and {tests} tests: this test reads the map in the wrong way");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_case_of_the_map_has_a_test_of_its_number() {
    let mut faults = Vec::new();
    let mut cases = 0;
    for row in rows() {
        let ids: Vec<String> = row.cells[0].split(", ").map(str::to_lowercase).collect();
        if !ids.iter().all(|id| id.len() == 4 && id.starts_with('s') && id[1..].bytes().all(|b| b.is_ascii_digit())) {
            continue;
        }
        cases += 1;
        for part in row.cells.last().expect("a row has cells").split(';') {
            // A test that is named shows the case whatever it is called; a file alone has one of the case's number.
            if test_names(part).is_empty() {
                for file in paths(part, &[]).0 {
                    if !ids.iter().any(|id| mentions(&file, &format!("{id}_"))) {
                        faults.push(format!("no test of {ids:?} in {}", file.display()));
                    }
                }
            }
        }
    }
    assert!(cases > 60, "{cases}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn everything_a_certification_suite_tries_has_a_row() {
    let known: BTreeSet<String> = rows().into_iter().map(|row| row.cells[0].replace('`', "")).collect();
    let missing: Vec<_> = TRIED.iter().filter(|tried| !known.contains(**tried)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

struct Row {
    cells: Vec<String>,
    text: String,
}

fn rows() -> Vec<Row> {
    let map = std::fs::read_to_string(root().join("docs/spec-map.md")).expect("the map is there");
    let rows = map.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    rows.map(|line| Row {
        cells: line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect(),
        text: line.chars().take(90).collect(),
    })
    .filter(|row| !["Clause", "Library", "Case", "Module"].contains(&row.cells[0].as_str()))
    .collect()
}

/// The files and folders of a cell. A short name is beside the one before it, or one of `known`.
fn paths(cell: &str, known: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let (mut found, mut missing): (Vec<PathBuf>, Vec<String>) = (Vec::new(), Vec::new());
    for text in cell.split('`').skip(1).step_by(2) {
        let (first, rest) = text.split_once('/').unwrap_or(("", text));
        let whole = match first {
            "core" | "store" | "verify" | "web" => Some(root().join(format!("crates/idp-{first}/src/{rest}"))),
            "it" => Some(root().join("tests").join(text)),
            "tests" | "crates" | "docs" | "migrations" => Some(root().join(text)),
            _ => None,
        };
        let is_file = text.ends_with(".rs") && !text.contains(' ');
        match whole {
            Some(path) if path.exists() => found.push(path),
            // `web` alone may be a word; a path of ours that is not there is a fault.
            Some(_) if is_file => missing.push(text.to_owned()),
            Some(_) => {}
            None if is_file => {
                let before = found.last().or(known.last()).and_then(|path| path.parent());
                let beside = before.map(|folder| folder.join(text)).filter(|path| path.is_file());
                let among = || known.iter().chain(&found).find(|path| path.ends_with(text)).cloned();
                match beside.or_else(among) {
                    Some(path) => found.push(path),
                    None => missing.push(text.to_owned()),
                }
            }
            None => {}
        }
    }
    (found, missing)
}

/// What looks like the name of a test, outside of back ticks and brackets.
fn test_names(part: &str) -> Vec<String> {
    let plain: String = part.split('`').step_by(2).collect();
    let plain =
        plain.split('(').map(|piece| piece.split_once(')').map_or(piece, |(_, after)| after)).collect::<String>();
    let words = plain.split([',', ' ']).map(str::trim);
    words
        .filter(|word| word.contains('_') && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .map(str::to_owned)
        .collect()
}

/// A file's unit tests may lie in a file of their own, in the folder of its name.
fn defines(file: &Path, test: &str) -> bool {
    let text = format!("fn {test}(");
    mentions(file, &text) || mentions(&file.with_extension("").join("tests.rs"), &text)
}

fn mentions(file: &Path, text: &str) -> bool {
    if file.is_dir() {
        let entries = std::fs::read_dir(file).expect("a folder can be read");
        return entries.flatten().any(|entry| mentions(&entry.path(), text));
    }
    std::fs::read_to_string(file).is_ok_and(|source| source.contains(text))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in a folder of the workspace").to_owned()
}
