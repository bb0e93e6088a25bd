//! How an answer travels (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode, JARM).

/// What carries the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The query of the redirect URI.
    Query,
    /// The fragment of the redirect URI.
    Fragment,
    /// A form that the browser posts.
    FormPost,
}

/// How the answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseMode {
    /// What carries it.
    pub carrier: Carrier,
    /// Whether it is one signed token (JARM) instead of single parameters.
    pub signed: bool,
}

impl ResponseMode {
    /// What is used when the request names none: the one specified for `response_type=code`.
    pub const DEFAULT: Self = Self { carrier: Carrier::Query, signed: false };

    /// Every name, as discovery lists them. `jwt` is the default carrier, signed (JARM §2.3.4).
    pub const NAMES: [&str; 7] =
        ["query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

    /// Reads a `response_mode`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, signed) = match text {
            "jwt" => ("query", true),
            _ => text.strip_suffix(".jwt").map_or((text, false), |name| (name, true)),
        };
        let carrier = match name {
            "query" => Carrier::Query,
            "fragment" => Carrier::Fragment,
            "form_post" => Carrier::FormPost,
            _ => return None,
        };
        Some(Self { carrier, signed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_discovery_and_no_others_are_read() {
        assert!(ResponseMode::NAMES.iter().all(|name| ResponseMode::parse(name).is_some()));
        assert_eq!(ResponseMode::parse("jwt"), ResponseMode::parse("query.jwt"));
        for other in ["", ".jwt", "jwt.jwt", "query.jwt.jwt", "QUERY", "web_message", "query ", "code"] {
            assert_eq!(ResponseMode::parse(other), None, "{other}");
        }
    }
}
