//! The table of `docs/architecture.md`, "Who may use what", held against the manifests and the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::Table;

#[test]
fn each_crate_uses_only_what_it_may() {
    check(
        "crates/idp-core",
        &["idp-store", "idp-verify", "idp-web", "tokio", "axum", "sea-orm", "redis", "reqwest", "hyper", "tracing"],
    );
    check("crates/idp-store", &["idp-verify", "idp-web", "axum", "josekit", "reqwest"]);
    check("crates/idp-verify", &["idp-store", "idp-web", "sea-orm", "redis", "axum", "josekit"]);
    check("crates/idp-web", &["idp-migrations", "sea-orm", "sea-orm-migration", "redis", "josekit"]);
    check("migrations", &["idp-core", "idp-store", "idp-verify", "idp-web"]);
}

// Rule 7.
#[test]
fn the_jose_library_is_named_behind_its_door_alone() {
    named_behind_its_door_alone("josekit", "crates/idp-core/src/jose");
}

// Decision 0019: what an authenticator says is judged in one place.
#[test]
fn the_passkey_library_is_named_behind_its_door_alone() {
    named_behind_its_door_alone("webauthn_rs", "crates/idp-web/src/passkey");
}

fn named_behind_its_door_alone(library: &str, door: &str) {
    let door = root().join(door);
    let mut behind_it = 0;
    for part in ["crates", "migrations"] {
        for file in sources(&root().join(part)) {
            if !read(&file).contains(library) {
                continue;
            }
            assert!(file.starts_with(&door), "{} names {library}, which only {} may", file.display(), door.display());
            behind_it += 1;
        }
    }
    assert!(behind_it > 0, "{library} is named nowhere: this test looks in the wrong place");
}

fn check(member: &str, never: &[&str]) {
    let used = dependencies(member);
    assert!(!used.is_empty(), "{member} seems to use nothing: this test reads the manifest in the wrong way");
    for name in never {
        assert!(!used.contains(*name), "{member} must not use {name} (docs/architecture.md, \"Who may use what\")");
    }
}

/// The packages a workspace member depends on, for the program, its build or its tests, by their own names.
fn dependencies(member: &str) -> BTreeSet<String> {
    let workspace = manifest("");
    let shared = table(&workspace, "workspace").and_then(|workspace| table(workspace, "dependencies"));
    let shared = shared.expect("the workspace lists its dependencies");
    let manifest = manifest(member);
    let mut places = vec![&manifest];
    if let Some(targets) = table(&manifest, "target") {
        places.extend(targets.values().filter_map(toml::Value::as_table));
    }
    let mut used = BTreeSet::new();
    for place in places {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, dependency) in table(place, kind).into_iter().flatten() {
                // A dependency may go by another name, here or in the workspace.
                let renamed = package(Some(dependency)).or_else(|| package(shared.get(name)));
                used.insert(renamed.unwrap_or(name).to_owned());
            }
        }
    }
    used
}

fn package(dependency: Option<&toml::Value>) -> Option<&str> {
    dependency?.get("package")?.as_str()
}

fn table<'t>(parent: &'t Table, name: &str) -> Option<&'t Table> {
    parent.get(name)?.as_table()
}

fn manifest(member: &str) -> Table {
    let file = root().join(member).join("Cargo.toml");
    read(&file).parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder that was opened can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests lie in a folder of the workspace").to_owned()
}

// Invariant 11: a word that nobody writes is a line that is missing, or a promise to auditors that is not kept.
#[test]
fn every_action_of_the_audit_log_is_written_somewhere() {
    let audit = root().join("crates/idp-core/src/audit.rs");
    let text = read(&audit);
    let list = text.split_once("pub enum Action {").and_then(|(_, rest)| rest.split_once('}')).expect("the actions").0;
    let actions: Vec<&str> =
        list.lines().map(|line| line.trim().trim_end_matches(',')).filter(|word| !word.is_empty()).collect();
    assert!(actions.len() > 80, "this test reads the list in the wrong way");
    // Where lines are read, and not written.
    let readers = ["idp-core/src/audit.rs", "idp-core/src/client/events.rs", "idp-core/src/figures/counted.rs"];
    let written: String = sources(&root().join("crates"))
        .iter()
        .filter(|file| !readers.iter().any(|reader| file.ends_with(reader)))
        .map(|file| read(file))
        .collect();
    for action in actions {
        let named = format!("Action::{action}");
        let whole =
            |(at, _): (usize, &str)| !written[at + named.len()..].starts_with(|next: char| next.is_alphanumeric());
        assert!(written.match_indices(&named).any(whole), "{named} is written nowhere");
    }
}
