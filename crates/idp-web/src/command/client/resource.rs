//! Resources, as they are typed.

/// `URI scope scope …`
pub(super) fn resource_and_scopes(text: &str) -> (String, Vec<String>) {
    let mut words = text.split_whitespace().map(str::to_owned);
    (words.next().unwrap_or_default(), words.collect())
}
