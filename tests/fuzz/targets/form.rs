//! Forms and queries: each name once, and what was read is what was sent.
#![no_main]

use std::collections::BTreeSet;

use idp_core::authorize::{RawError, RawRequest};
use idp_fuzz::is_plain;
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded;

fuzz_target!(|text: &str| {
    let (query, body) = text.split_once('\n').unwrap_or(("", text));
    // As one text, and as a query and a body: the same parameters.
    let whole = RawRequest::parse(&[query, body]);
    let joined = RawRequest::parse(&[&format!("{query}&{body}")]);
    match whole {
        Err(error) => {
            assert!(is_plain(&error.to_string()));
            assert!(joined.is_err() || error == RawError::TooLong);
        }
        Ok(raw) => {
            let pairs: Vec<_> =
                [query, body].into_iter().flat_map(|part| form_urlencoded::parse(part.as_bytes())).collect();
            let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name.clone()).collect();
            assert_eq!(names.len(), pairs.len(), "a name came twice");
            for (name, value) in &pairs {
                assert_eq!(raw.get(name).unwrap_or_default(), value);
            }
            assert!(RawRequest::kept(&raw.encode()) == Ok(raw.clone()), "what is kept reads back");
            let owned: Vec<(String, String)> =
                pairs.iter().map(|(name, value)| (name.clone().into_owned(), value.clone().into_owned())).collect();
            assert!(RawRequest::from_parameters(owned) == Ok(raw.clone()));
            if let Some((first, _)) = pairs.first() {
                let changed = raw.clone().with(first, "other");
                assert_eq!(changed.get(first), Some("other"));
                assert_eq!(raw.without(&[first]).get(first), None);
            }
        }
    }
});
