//! `Content-Disposition` for downloads (RFC 6266): the file's name is data of users and must not become syntax.

use std::fmt::Write;

/// Longer names are cut; file systems stop at 255 bytes.
const LONGEST: usize = 150;

/// `attachment` with the name twice: in plain ASCII for old clients, and exactly, in UTF-8 (RFC 8187).
pub(super) fn attachment(filename: &str) -> String {
    let name = tidy(filename);
    let ascii: String = name
        .chars()
        .map(|c| if is_quotable(c) { c } else { '_' })
        .collect();
    format!(
        "attachment; filename=\"{ascii}\"; filename*=UTF-8''{}",
        encode(&name)
    )
}

/// A name only: no path, no control characters, and none of the invisible ones that reorder what people read.
fn tidy(filename: &str) -> String {
    let reorders = |c| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let mut name = String::new();
    for c in filename.chars().filter(|&c| !c.is_control() && !reorders(c)) {
        let c = if matches!(c, '/' | '\\' | ':') { '_' } else { c };
        if name.len() + c.len_utf8() > LONGEST {
            break;
        }
        name.push(c);
    }
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() {
        "download".to_owned()
    } else {
        name.to_owned()
    }
}

fn is_quotable(c: char) -> bool {
    (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%')
}

/// RFC 8187 `ext-value`: `attr-char`s as they are, every other byte of the UTF-8 as `%XX`.
fn encode(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays_as_it_is() {
        assert_eq!(
            attachment("users.csv"),
            "attachment; filename=\"users.csv\"; filename*=UTF-8''users.csv"
        );
    }

    #[test]
    fn other_scripts_travel_exactly_with_an_ascii_stand_in() {
        assert_eq!(
            attachment("Zürich €.csv"),
            "attachment; filename=\"Z_rich _.csv\"; filename*=UTF-8''Z%C3%BCrich%20%E2%82%AC.csv"
        );
    }

    #[test]
    fn a_hostile_name_cannot_become_syntax_a_path_or_another_header() {
        for hostile in [
            "a\"; filename=evil.exe",
            "a\r\nSet-Cookie: x=1",
            "../../etc/passwd",
            "..\\..\\x",
            "a\0b",
            "C:\\x",
            "invoice\u{202E}vsc.exe",
            "",
            "...",
            "%22.csv",
        ] {
            let value = attachment(hostile);
            assert!(
                value.chars().all(|c| c == ' ' || c.is_ascii_graphic()),
                "{value:?}"
            );
            assert_eq!(value.matches('"').count(), 2, "{value:?}");
            assert!(
                !value.contains(['/', '\\']) && !value.contains("\"."),
                "{value:?}"
            );
            assert!(
                value.starts_with("attachment; filename=\"") && !value.contains("\"\""),
                "{value:?}"
            );
        }
        assert!(attachment(&"é".repeat(4_000)).len() < 700);
    }
}
