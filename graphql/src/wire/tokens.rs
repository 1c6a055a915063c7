//! Counts the tokens of a document without building anything, so that a huge one is refused for the price of reading its start. It sees the
//! strings as well, so here those are refused that could not be stored.

use super::fault::Fault;
use crate::nul;
use async_graphql::ServerError;

/// Most tokens in a document; the largest of the product's own has a few hundred.
pub(super) const MOST_TOKENS: usize = 3_000;
/// How deep brackets of any kind may nest: the parser recurses on them, and the stack is not endless.
pub(super) const DEEPEST_NESTING: usize = 64;

/// Longest name or number. Whoever asks for an unknown field is told which have names like it, and the comparison takes its time.
pub(super) const LONGEST_WORD: usize = 200;

/// The number of tokens, or the refusal of a document that has too many or too long ones, or that says U+0000.
pub fn count(document: &str) -> Result<usize, ServerError> {
    let mut lexer = Lexer {
        rest: document.as_bytes(),
        spells_nul: document.contains('\0'),
        longest_word: 0,
    };
    let mut tokens = 0;
    let mut nesting = 0_usize;
    for first in lexer.by_ref() {
        tokens += 1;
        if tokens > MOST_TOKENS {
            return Err(too_much(format!(
                "The document has more than {MOST_TOKENS} tokens."
            )));
        }
        match first {
            b'{' | b'[' | b'(' => nesting += 1,
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if nesting > DEEPEST_NESTING {
            return Err(too_much(format!(
                "The document nests brackets more than {DEEPEST_NESTING} deep."
            )));
        }
    }
    if lexer.longest_word > LONGEST_WORD {
        return Err(too_much(format!(
            "The document has a name of more than {LONGEST_WORD} bytes."
        )));
    }
    if lexer.spells_nul {
        return Err(Fault::BadUserInput.error(nul::REFUSED, None));
    }
    Ok(tokens)
}

fn too_much(message: String) -> ServerError {
    Fault::CostLimitExceeded.error(message, None)
}

/// Knows where tokens begin and end; whether they make sense is the parser's business.
struct Lexer<'a> {
    rest: &'a [u8],
    spells_nul: bool,
    longest_word: usize,
}

impl Iterator for Lexer<'_> {
    /// The first byte of the token.
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.skip_ignored();
        let first = *self.rest.first()?;
        let length = match first {
            b'"' => {
                let length = self.string();
                // In a block string a backslash is a character like any other.
                let is_plain = !self.rest.starts_with(br#"""""#);
                self.spells_nul |= is_plain && nul::is_spelt_in(&self.rest[..length]);
                length
            }
            b'.' if self.rest.starts_with(b"...") => 3,
            b'_' | b'-' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                let length = 1 + run(&self.rest[1..], is_word);
                self.longest_word = self.longest_word.max(length);
                length
            }
            _ => 1,
        };
        self.rest = self.rest.get(length..).unwrap_or_default();
        Some(first)
    }
}

impl Lexer<'_> {
    /// White space, commas, comments and the byte order mark.
    fn skip_ignored(&mut self) {
        loop {
            let length = match self.rest {
                [b' ' | b'\t' | b'\n' | b'\r' | b',', ..] => 1,
                [0xEF, 0xBB, 0xBF, ..] => 3,
                [b'#', ..] => run(self.rest, |byte| byte != b'\n' && byte != b'\r'),
                _ => return,
            };
            self.rest = &self.rest[length..];
        }
    }

    /// Length of the string that begins here; an unfinished one runs to the end.
    fn string(&self) -> usize {
        let (quote, escape): (&[u8], &[u8]) = if self.rest.starts_with(br#"""""#) {
            (br#"""""#, br#"\""""#)
        } else {
            (b"\"", b"\\")
        };
        let mut at = quote.len();
        while at < self.rest.len() {
            let ahead = &self.rest[at..];
            if ahead.starts_with(escape) {
                // In a plain string a backslash hides one more byte; in a block string only `\"""` is special.
                at += if quote.len() == 1 { 2 } else { escape.len() };
            } else if ahead.starts_with(quote) {
                return at + quote.len();
            } else {
                at += 1;
            }
        }
        self.rest.len()
    }
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| !belongs(*byte))
        .unwrap_or(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(document: &str) -> usize {
        count(document).unwrap()
    }

    #[test]
    fn names_punctuation_numbers_and_spreads_count_one_each() {
        assert_eq!(tokens("{ a b: c(x: -1.5e+3, y: [$z]) @d { ...F } }"), 23);
    }

    #[test]
    fn white_space_commas_and_comments_count_nothing() {
        assert_eq!(tokens("\u{feff} # {{{{ \n , ,{a}#"), 3);
    }

    #[test]
    fn a_string_is_one_token_whatever_is_in_it() {
        assert_eq!(tokens(r#"{a(b:"{{ \" }} \\")}"#), 8);
        assert_eq!(tokens("{a(b:\"\"\"one \" two \\\"\"\" {{{ \"\"\")}"), 8);
        assert_eq!(tokens(r#"{a(b:"")}"#), 8);
    }

    #[test]
    fn an_unfinished_string_ends_with_the_document() {
        assert_eq!(tokens(r#"{a(b:"xyz"#), 6);
        assert_eq!(tokens("{a(b:\"xyz\\"), 6);
    }

    #[test]
    fn a_string_that_says_nul_is_refused_and_one_that_only_looks_like_it_is_not() {
        for document in [r#"{a(b:"x\u0000")}"#, "{a(b:\"\0\")}", "{a(b:\"\"\"\0\"\"\")}"] {
            let refusal = count(document).unwrap_err();
            assert_eq!(Fault::of(&refusal), Some(Fault::BadUserInput), "{document:?}");
        }
        for document in [
            r#"{a(b:"x\\u0000")}"#,
            "{a(b:\"\"\"x\\u0000\"\"\")}",
            r"{a} # \u0000",
        ] {
            assert!(count(document).is_ok(), "{document:?}");
        }
    }

    #[test]
    fn three_thousand_tokens_pass_and_one_more_does_not() {
        assert_eq!(tokens(&"a ".repeat(3_000)), 3_000);
        assert_eq!(
            Fault::of(&count(&"a ".repeat(3_001)).unwrap_err()),
            Some(Fault::CostLimitExceeded)
        );
    }

    #[test]
    fn deep_brackets_are_refused_before_the_parser_sees_them() {
        assert!(count(&format!("{{a(b:{}", "[".repeat(62))).is_ok());
        assert!(count(&format!("{{a(b:{}", "[".repeat(63))).is_err());
    }

    #[test]
    fn a_name_has_at_most_200_bytes_and_a_text_may_have_more() {
        assert!(count(&format!("{{{}}}", "a".repeat(200))).is_ok());
        assert!(count(&format!("{{a(b: \"{}\")}}", "a".repeat(201))).is_ok());
        let refusal = count(&format!("{{{}}}", "a".repeat(201))).unwrap_err();
        assert_eq!(Fault::of(&refusal), Some(Fault::CostLimitExceeded));
    }
}
