//! Cutting a list at its separators. Quoted names, comments and addresses in angle brackets are kept whole.

use crate::person::trim;

/// What may hold one entry, or bare addresses side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    /// It has its line, or its place between semicolons, to itself.
    pub is_alone: bool,
}

/// Quotation marks that hold a name together; single ones stand in names as apostrophes.
pub(super) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“'
            | '”'
            | '„'
            | '‟'
            | '«'
            | '»'
            | '＂'
            | '「'
            | '」'
            | '『'
            | '』'
            | '《'
            | '》'
            | '〝'
            | '〞'
            | '〟'
    )
}

/// The pieces that are not blank, and how many blank ones stood between two separators of one kind.
pub(super) fn pieces(list: &str) -> (Vec<Piece<'_>>, usize) {
    let mut cutter = Cutter {
        list,
        pieces: Vec::new(),
        blank: 0,
        start: 0,
        before: None,
    };
    let (mut depth, mut has_address) = (0_u32, false);
    for (at, c) in outside(list) {
        let ends = match c {
            '<' => {
                depth += 1;
                false
            }
            // The outermost bracket ends the entry; where none is open it is a character, or a sign of quoted mail.
            '>' if depth > 0 => {
                depth -= 1;
                depth == 0
            }
            ';' | '；' | '\n' => true,
            // CR LF is one line end.
            '\r' => !list[at + 1..].starts_with('\n'),
            // Before the address a comma belongs to the name: `Last, First <a@b.c>`.
            ',' | '，' | '、' => has_address && depth == 0,
            _ => false,
        };
        has_address = !ends && (has_address || c == '@');
        if ends {
            depth = 0;
            cutter.cut(at, c);
        }
    }
    cutter.cut(list.len(), '\n');
    (cutter.pieces, cutter.blank)
}

struct Cutter<'a> {
    list: &'a str,
    pieces: Vec<Piece<'a>>,
    blank: usize,
    start: usize,
    /// What ended the piece before; `None` where there is none.
    before: Option<char>,
}

impl Cutter<'_> {
    /// Ends a piece at the character there. An angle bracket is part of the entry, a separator is not.
    fn cut(&mut self, at: usize, by: char) {
        let is_bracket = by == '>';
        let end = if is_bracket { at + 1 } else { at };
        let text = self.list.get(self.start..end).unwrap_or_default();
        let separates = |c: char| !matches!(c, '>' | ',' | '，' | '、');
        if trim(text.trim_matches([',', '，', '、'])).is_empty() {
            // The end of the list separates nothing.
            self.blank += usize::from(at < self.list.len() && self.before == Some(by));
        } else {
            let is_alone = self.before.is_none_or(separates) && separates(by);
            self.pieces.push(Piece { text, is_alone });
        }
        self.start = (at + by.len_utf8()).min(self.list.len());
        self.before = Some(by);
    }
}

/// The characters outside quotation marks and round brackets. One that is not closed on its line is an ordinary character, so that a stray
/// one cannot swallow the rest of the list.
fn outside(list: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut inside_until, mut hopeless_until) = (0, 0);
    list.char_indices().filter(move |&(at, c)| {
        if at < inside_until {
            return false;
        }
        let closed = match c {
            c if is_quote(c) => closing_quote(&list[at + c.len_utf8()..]),
            '(' | '（' if at >= hopeless_until => {
                let closed = closing_bracket(&list[at..]);
                // What found no partner on its line leaves none for those behind it.
                if closed.is_none() {
                    hopeless_until = list[at..]
                        .find(['\n', '\r'])
                        .map_or(list.len(), |length| at + length);
                }
                closed.map(|length| length - c.len_utf8())
            }
            _ => return true,
        };
        let Some(length) = closed else {
            return !is_quote(c);
        };
        inside_until = at + c.len_utf8() + length;
        false
    })
}

/// How far the mark's partner reaches, if it stands on the same line. Found or not, what was searched here is not searched again: a closed pair is passed over, and a
/// mark that finds no partner is the last one of its line.
fn closing_quote(rest: &str) -> Option<usize> {
    let end = rest.find(|c| is_quote(c) || matches!(c, '\n' | '\r'))?;
    let c = rest[end..].chars().next().filter(|c| is_quote(*c))?;
    Some(end + c.len_utf8())
}

/// The length of a text in round brackets, those within it included, that begins with the first and ends on its line.
pub(super) fn closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' if depth <= 1 => return Some(at + c.len_utf8()),
            ')' | '）' => depth -= 1,
            '\n' | '\r' => return None,
            _ => {}
        }
    }
    None
}
