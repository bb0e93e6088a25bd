//! Forms and queries: each name once but for resources, and what was read is what was sent.
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
            // RFC 8707 §2: a resource may be named several times, and nothing else.
            let (resources, single): (Vec<_>, Vec<_>) = pairs.iter().partition(|(name, _)| name == "resource");
            let names: BTreeSet<_> = single.iter().map(|(name, _)| name.clone()).collect();
            assert_eq!(names.len(), single.len(), "a name came twice");
            for (name, value) in single {
                assert_eq!(raw.get(name).unwrap_or_default(), value);
            }
            let named: Vec<&str> =
                resources.iter().map(|(_, value)| &**value).filter(|value| !value.is_empty()).collect();
            assert_eq!(raw.all("resource").collect::<Vec<_>>(), named);
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
