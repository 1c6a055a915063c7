//! Where a browser goes after signing in: a path of ours, or the start page.
//!
//! The value comes from a link anybody can write. What browsers would read as another host or as script, in any spelling, is not a path (security
//! catalogue, A9).

/// Longer paths than this are nobody's.
const LONGEST: usize = crate::limits::RETURN_TO;
const START_PAGE: &str = "/";

/// The path as given if it is one of ours, else the start page.
pub fn return_to(given: Option<&str>) -> String {
    let path = given.filter(|path| is_own_path(path)).unwrap_or(START_PAGE);
    path.to_owned()
}

fn is_own_path(path: &str) -> bool {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~' | b'?' | b'=' | b'&' | b'#')
    };
    // No backslash, blank, colon, at sign or escape is needed in a path of ours, and each of them has led a browser elsewhere.
    path.starts_with('/') && !path.starts_with("//") && path.len() <= LONGEST && path.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::return_to;

    #[test]
    fn a_path_of_ours_is_kept() {
        for path in ["/", "/users", "/users/usr_01?tab=seats&x=1#top", "/a//b"] {
            assert_eq!(return_to(Some(path)), path);
        }
    }

    #[test]
    fn everything_else_leads_to_the_start_page() {
        let long = format!("/{}", "a".repeat(2_000));
        for text in [
            "",
            "users",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://evil.example/",
            "/%2f%2fevil.example",
            "%2f%2fevil.example",
            "/%5cevil.example",
            "javascript:alert(1)",
            "/\nLocation: https://evil.example",
            "/\t/evil.example",
            "/ /evil.example",
            "/@evil.example:80",
            "/\u{2215}evil.example",
            &long,
        ] {
            assert_eq!(return_to(Some(text)), "/", "{text:?}");
        }
        assert_eq!(return_to(None), "/");
    }
}
