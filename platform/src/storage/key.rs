//! The name of an object.

use std::fmt;

use crate::error::{Error, Result};

/// Leaves room for what the embedded store makes of a key: a file name of at most 255 bytes.
const LONGEST: usize = 120;

/// The name of an object inside the bucket: segments of letters, digits, `-`, `_` and `.`, separated by `/`.
///
/// Keys are made by the server and never from a file's name. This type makes sure that none can leave the bucket or mean two
/// things, in whatever store and behind whatever proxy: no empty or dot segments, nothing that needs percent-encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() <= LONGEST && text.split('/').all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::internal(format!("not a key of an object: {text:?}")))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(segment: &str) -> bool {
    !segment.starts_with('.')
        && !segment.is_empty()
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_made_keys_are_keys() {
        for good in [
            "a",
            "uploads/0198f7c0-0000-7000-8000-000000000000/file.csv",
            "x_1/y-2/z.3",
        ] {
            assert_eq!(Key::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn nothing_that_could_leave_the_bucket_or_mean_two_things_is_a_key() {
        let long = "a".repeat(LONGEST + 1);
        for bad in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/./b",
            ".tmp",
            "a/.hidden",
            "a\\b",
            "a b",
            "a%2fb",
            "a?b",
            "a#b",
            "a\0b",
            "a\nb",
            "ä",
            &long,
        ] {
            assert!(Key::parse(bad).is_err(), "{bad:?}");
        }
    }
}
