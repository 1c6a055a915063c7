//! Words of people on their way into a mail: no control characters, nothing invisible that reorders text, and no links.
//!
//! An invitation is sent from our address to people who do not know us yet. Whoever may name an account or add a note could otherwise
//! put a link of their own into it.

use std::fmt;

/// Longer names are cut in mails.
const LONGEST_NAME: usize = 100;
/// Longer notes are cut.
const LONGEST_NOTE: usize = 500;
const LINK_REMOVED: &str = "[link removed]";

/// A name in one line: of an account, a person, a product, a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain(String);

impl Plain {
    pub fn new(text: &str) -> Self {
        // A name may well be "Example.com": what is written as an address is taken out, and what mail programs would make a link of stays readable.
        let names = words(text, is_address);
        let apart: Vec<String> = names.split(' ').map(unlinkable).collect();
        Self(cut(&apart.join(" "), LONGEST_NAME))
    }
}

impl<T: AsRef<str>> From<T> for Plain {
    fn from(text: T) -> Self {
        Self::new(text.as_ref())
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A short message of a person, possibly of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(Vec<String>);

impl Note {
    /// `None` if nothing is left to say.
    pub fn new(text: &str) -> Option<Self> {
        let text = text
            .replace("\r\n", "\n")
            .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        let lines: Vec<_> = text
            .lines()
            .map(|line| words(line, |word| is_address(word) || is_domain(word)))
            .collect();
        let lines: Vec<_> = cut(lines.join("\n").trim(), LONGEST_NOTE)
            .lines()
            .map(str::to_owned)
            .collect();
        (!lines.is_empty()).then_some(Self(lines))
    }

    pub fn lines(&self) -> &[String] {
        &self.0
    }
}

/// What a person wrote to us: as it is, addresses of pages included, but for what is no text. Bounded by whoever took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    pub fn new(text: &str) -> Self {
        let text = text
            .replace("\r\n", "\n")
            .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        let visible = |line: &str| {
            line.chars()
                .filter(|&c| !is_invisible(c) && !c.is_control())
                .collect()
        };
        Self(text.lines().map(visible).collect())
    }

    pub fn lines(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}

/// Characters that break a line, are not text at all, or make text look like something else (hidden and reordering ones).
pub(super) fn is_unsafe_in_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// One line of tidy words, with those that are links replaced.
fn words(line: &str, is_link: impl Fn(&str) -> bool) -> String {
    let visible: String = line
        .chars()
        .filter(|&c| !is_invisible(c))
        .map(|c| if is_unsafe_in_a_line(c) { ' ' } else { c })
        .collect();
    let words = visible
        .split_whitespace()
        .map(|word| if is_link(word) { LINK_REMOVED } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Something with a scheme, or that mail programs take for a link all the same.
fn is_address(word: &str) -> bool {
    let word = word.to_lowercase();
    ["://", "www.", "mailto:", "javascript:", "data:"]
        .iter()
        .any(|mark| word.contains(mark))
}

/// `example.com`, `example.com/path` or `somebody@example.com`, also in brackets. Takes too much rather than too little.
fn is_domain(word: &str) -> bool {
    let host = word.rsplit('@').next().unwrap_or(word);
    let host = host.trim_start_matches(|c: char| !c.is_alphanumeric());
    let host = host
        .split(['/', ':', '?', '#', ')', ']', '>', '"', '\''])
        .next()
        .unwrap_or(host);
    let host = host.trim_end_matches(|c: char| !c.is_alphanumeric());
    let labels: Vec<_> = host.split(['.', '。', '．', '｡']).collect();
    let (Some(top), true) = (labels.last(), labels.len() > 1) else {
        return false;
    };
    labels.iter().all(|label| !label.is_empty())
        && top.chars().count() > 1
        && top.chars().all(char::is_alphabetic)
}

/// A word as it is, or with a space after each dot if it could be a domain: `Example. com`. A visible space, because some programs leave invisible
/// characters out before they look for links. The name of a CSV file is no domain, and the e-mail address of an inviter without a name stays whole: it leads to
/// no page.
fn unlinkable(word: &str) -> String {
    if !is_domain(word) || is_mailbox(word) || word.to_lowercase().ends_with(".csv") {
        return word.to_owned();
    }
    let mut apart = String::with_capacity(word.len() + 4);
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        apart.push(letter);
        let is_dot = matches!(letter, '.' | '。' | '．' | '｡');
        if is_dot && letters.peek().is_some_and(|next| next.is_alphanumeric()) {
            apart.push(' ');
        }
    }
    apart
}

/// Nothing but an e-mail address.
fn is_mailbox(word: &str) -> bool {
    let is_host = |host: &str| host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
    word.split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !local.contains(['/', ':']) && is_host(host))
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(longest - 1).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name() {
        for name in [
            "Ada Lovelace",
            "Müller & Söhne GmbH",
            "J. R. R. Tolkien",
            "No. 5",
            "people 2027.csv",
            "second@acme.example",
            "Version 2.5",
            "株式会社東京",
            "O'Neill <Ltd>",
            "ノート",
        ] {
            assert_eq!(Plain::new(name).to_string(), name);
        }
    }

    #[test]
    fn a_name_cannot_break_a_line_hide_reorder_or_link() {
        for (hostile, shown) in [
            ("Evil\r\nBcc: eve@example.com", "Evil Bcc: eve@example.com"),
            ("a\0b\u{2028}c", "a b c"),
            ("\u{202E}gpj.exe\u{202C}", "gpj. exe"),
            ("pay\u{200B}pal", "paypal"),
            ("You won! https://evil.example/x", "You won! [link removed]"),
            ("see WWW.evil.example now", "see [link removed] now"),
        ] {
            assert_eq!(Plain::new(hostile).to_string(), shown);
        }
        assert_eq!(
            Plain::new(&"é".repeat(5_000)).to_string().chars().count(),
            LONGEST_NAME
        );
    }

    #[test]
    fn a_name_that_is_a_domain_stays_readable_and_is_no_link() {
        for (name, shown) in [
            ("Example.com", "Example. com"),
            ("Acme (acme.example)", "Acme (acme. example)"),
            ("evil.example/login?a=b", "evil. example/login?a=b"),
            ("bob@evil.example/login", "bob@evil. example/login"),
            ("例え。テスト", "例え。 テスト"),
            ("a.b.evil.example", "a. b. evil. example"),
            ("people.csv.zip", "people. csv. zip"),
        ] {
            let shown_as = Plain::new(name).to_string();
            assert_eq!(shown_as, shown);
            assert!(!shown_as.split(' ').any(is_domain), "{shown_as}");
        }
    }

    #[test]
    fn a_note_keeps_its_lines_and_loses_its_links() {
        let note = Note::new(
            "Hi,\r\nlook at (http://evil.example/a?b=c), evil.example/login or evil.example.\nMail bob@evil.example! \
             See [here](https://e.example) and evil。example. 3.5 is fine, e.g. this. Bye.",
        );
        assert_eq!(
            note.unwrap().lines(),
            [
                "Hi,",
                "look at [link removed] [link removed] or [link removed]",
                "Mail [link removed] See [link removed] and [link removed] 3.5 is fine, e.g. this. Bye.",
            ]
        );
    }

    #[test]
    fn a_note_is_short_and_an_empty_one_is_none() {
        assert_eq!(Note::new(" \r\n\u{200B} "), None);
        let long = Note::new(&"word ".repeat(1_000)).unwrap();
        assert!(long.lines().join("\n").chars().count() <= LONGEST_NOTE);
    }
}
