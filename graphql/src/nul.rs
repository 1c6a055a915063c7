//! U+0000: the one character that PostgreSQL's `text` cannot hold. Nobody types it; the transports refuse it, whichever database is behind them.

/// What is said to whoever sends it.
pub const REFUSED: &str = "The character U+0000 cannot be part of a text.";

/// Whether JSON text spells it: as an escape, because JSON does not allow it as it is (RFC 8259, section 7).
pub fn is_spelt_in(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        rest = &rest[at..];
        if rest.starts_with(br"\u0000") {
            return true;
        }
        // A backslash that is escaped itself begins nothing.
        rest = rest.get(2..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_spelt_in;

    #[test]
    fn only_an_escape_that_means_it_counts() {
        for text in [r#""\u0000""#, r#"{"a":["b\u0000"]}"#, r#""\\\u0000""#] {
            assert!(is_spelt_in(text.as_bytes()), "{text}");
        }
        for text in [r#""\\u0000""#, r#""\u0001""#, r#""u0000""#, "\"\\", ""] {
            assert!(!is_spelt_in(text.as_bytes()), "{text}");
        }
    }
}
