//! Makes the addresses in a mail's text links that can be clicked.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
}

/// Cuts `text` into words and web addresses; joined again they are the same text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut words_from = text;
    while let Some(at) = rest.find("http") {
        let candidate = &rest[at..];
        let end = candidate
            .find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\''))
            .unwrap_or(candidate.len());
        let address = candidate[..end].trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?']);
        let after_scheme = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        if after_scheme.is_some_and(|host| !host.is_empty()) {
            let before = &words_from[..words_from.len() - candidate.len()];
            if !before.is_empty() {
                pieces.push(Piece::Words(before));
            }
            pieces.push(Piece::Link(address));
            rest = &candidate[address.len()..];
            words_from = rest;
        } else {
            rest = &candidate["http".len()..];
        }
    }
    if !words_from.is_empty() {
        pieces.push(Piece::Words(words_from));
    }
    pieces
}

/// Lets the links of an HTML mail open outside the frame it is shown in.
pub(super) fn opening_elsewhere(html: &str) -> String {
    const BASE: &str = "<base target=\"_blank\">";
    match html.find("<head>") {
        Some(at) => {
            let (before, after) = html.split_at(at + "<head>".len());
            format!("{before}{BASE}{after}")
        }
        None => format!("{BASE}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_nothing_is_lost() {
        let check = |text: &str, links: &[&str]| {
            let pieces = pieces(text);
            let found: Vec<&str> = pieces
                .iter()
                .filter_map(|piece| if let Piece::Link(link) = piece { Some(*link) } else { None })
                .collect();
            assert_eq!(found, links, "{text}");
            let joined: String = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Words(text) | Piece::Link(text) => *text,
                })
                .collect();
            assert_eq!(joined, text);
        };
        check("", &[]);
        check("ไม่มีลิงก์", &[]);
        check("คลิก http://localhost:8080/verify?a=1&b=2 ได้เลย", &["http://localhost:8080/verify?a=1&b=2"]);
        check("(see https://x.example/a.)\nhttp://y.example", &["https://x.example/a", "http://y.example"]);
        check("http:// https://, httphttp://z.example", &["http://z.example"]);
        check("javascript:alert(1) http", &[]);
    }
}
