//! What a person's name, e-mail address and language may look like.
//!
//! Every way into the system (form, pasted list, CSV, single sign-on, SCIM) reads people through these functions, so an
//! address that is a duplicate on one way is a duplicate on all of them. Pure: no clock, no database.

mod collation;
mod domain;
mod email;
pub mod findable;
mod fold;
mod locale;
mod names;

pub use collation::{Collation, VERSION};
pub use domain::canonical_domain;
pub use email::{EmailAddress, MAX_EMAIL_BYTES, MAX_LOCAL_BYTES};
pub use findable::Findable;
pub use locale::locale;
pub use names::{MAX_NAME_CHARACTERS, display_name, name, required_name, split_name};

/// Takes off what nobody meant to type: blanks (the non-breaking one too) and the invisible marks that copying from a web page or from text written from
/// right to left leaves at the edges.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_mark(c))
}

/// Characters that are not seen and change nothing of what is read: zero-width blanks, marks and brackets of the reading direction, soft hyphens, invisible operators.
/// At the edge of a text they are taken off; within one they are kept for showing, and ignored in searching and comparing.
///
/// Joiners (U+200C, U+200D) are not among them: they decide how letters of Persian and Indic scripts are joined, at the end of a word as well.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Characters that never belong into one line of text: they end lines, hide, or turn the reading direction of what
/// follows, and so make a mail header or a list show something that is not there.
///
/// Joiners (U+200C, U+200D) are not among them: Persian and Indic names need them.
pub fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFD}')
}
