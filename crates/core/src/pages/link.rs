//! Links to the next page, in the header `Link` or in a body.
//!
//! A link only gives values of query parameters. It is not followed: it would let the server choose
//! where the credentials go.

use http::HeaderMap;
use http::header::LINK;
use reqwest::Url;

/// Returns the target of the first link with the relation `next`
/// ([RFC 8288, section 3](https://www.rfc-editor.org/rfc/rfc8288#section-3)).
pub(super) fn next_in(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(LINK).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .find_map(next_in_value)
}

fn next_in_value(mut rest: &str) -> Option<String> {
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let (parameters, others) = after.split_at(length_before(after, b','));
        if has_relation_next(parameters) {
            return Some(target.trim().to_owned());
        }
        rest = others;
    }
}

/// Returns the length of the text before a byte that is not between quotation marks.
fn length_before(text: &str, end: u8) -> usize {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if byte == end && !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns true if the first parameter `rel` has the relation `next`.
fn has_relation_next(mut parameters: &str) -> bool {
    while let Some((_, rest)) = parameters.split_once(';') {
        let (parameter, others) = rest.split_at(length_before(rest, b';'));
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("rel")
        {
            let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
            return relations.any(|it| it.eq_ignore_ascii_case("next"));
        }
        parameters = others;
    }
    false
}

/// Returns the values of these query parameters in a link, which may be relative.
pub(super) fn values(
    link: &str,
    parameters: &'static [&'static str],
) -> Vec<(&'static str, String)> {
    let Ok(base) = Url::parse("http://localhost/") else {
        return Vec::new();
    };
    let Ok(link) = base.join(link) else {
        return Vec::new();
    };
    let known = |name: &str| parameters.iter().find(|it| **it == name).copied();
    link.query_pairs()
        .filter_map(|(name, value)| Some((known(&name)?, value.into_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{next_in, values};

    #[test]
    fn next_is_found_among_the_links() {
        for (links, expected) in [
            (&["</a?b=1>; rel=next"][..], Some("/a?b=1")),
            (
                &["</a>; rel=\"prev\", </b?x=1,2>; REL=\"Next\""],
                Some("/b?x=1,2"),
            ),
            (&["</a>; title=\"x, </c>; rel=next\"; rel=prev"], None),
            (&["</a>; title=\"q\\\", \"; rel=\"last next\""], Some("/a")),
            (&["</a>; rel=first", "</b>; rel=next"], Some("/b")),
            (&["</a>; rel=prev; rel=next"], None),
            (&["</a>; rel=nextish", "<", "", ">;rel=next", "<a"], None),
        ] {
            let mut headers = HeaderMap::new();
            for link in links {
                headers.append(header::LINK, HeaderValue::from_str(link).unwrap());
            }
            assert_eq!(next_in(&headers).as_deref(), expected, "{links:?}");
        }
    }

    #[test]
    fn only_known_parameters_are_taken() {
        for link in [
            "https://evil.example/other?cursor=a%20b&page=2&token=x#f",
            "?cursor=a+b&page=2",
            "/p?page=1&cursor=a%20b&page=2",
            "//evil.example?cursor=a b&page=2",
        ] {
            let found = values(link, &["cursor", "page"]);
            assert!(found.contains(&("cursor", "a b".to_owned())), "{link}");
            assert_eq!(found.last(), Some(&("page", "2".to_owned())), "{link}");
        }
        assert!(values("http://[", &["page"]).is_empty());
        assert!(values("/p", &["page"]).is_empty());
    }
}
