//! What `docs/integrate` tells a service developer to ask the administrator for.

use std::collections::BTreeSet;
use std::path::Path;

use super::program::idp;

#[tokio::test]
async fn every_flag_that_the_pages_name_is_one_of_client_create() {
    let help = idp(&["client", "create", "--help"]).await.well();
    let known = flags(&help);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/integrate");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        // The demonstration is built with cargo.
        let named = flags(&std::fs::read_to_string(&file).unwrap()).into_iter().filter(|flag| flag != "--release");
        for flag in named {
            assert!(known.contains(&flag), "{} names {flag}, which is no flag of client create", file.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "the pages name flags: this test reads them in the wrong way");
}

/// Every word that begins with two dashes.
fn flags(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '-'));
    words
        .filter(|word| word.starts_with("--") && word.len() > 2 && !word.starts_with("---"))
        .map(str::to_owned)
        .collect()
}
