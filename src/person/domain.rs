//! Which domains mail can be addressed to: those IDNA 2008 lets people register (RFC 5891, RFC 5892), in their one canonical spelling.
//!
//! Unicode's mapping (UTS 46) is wider: it passes symbols and punctuation such as a quotation mark or a dash, which no registry ever gave out and which come from a
//! text that an address was copied from.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointSetData};
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use super::is_mark;
use crate::error::{Code, Refusal};

/// The one form of a domain: lower-case, as punycode, of at least two labels, without a dot at its end.
pub fn canonical_domain(domain: &str) -> Result<String, Refusal> {
    if domain.starts_with('[') {
        return Err(invalid(
            "The part after the @ must be a domain such as example.com, not an IP address.",
        ));
    }
    // The mapping would make letters of signs: `™` is `tm` to it.
    if let Some(c) = domain.nfc().find(|c| !is_typed(*c)) {
        return Err(foreign(c));
    }
    let canonical = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| invalid("The part after the @ is not a domain such as example.com."))?;
    let (unicode, _) = idna::domain_to_unicode(&canonical);
    for label in unicode.split('.') {
        if let Some(c) = foreign_character(label) {
            return Err(foreign(c));
        }
    }
    let Some((_, top_level)) = canonical.rsplit_once('.') else {
        return Err(invalid(
            "The part after the @ must be a whole domain such as example.com.",
        ));
    };
    // No top-level domain is a number (RFC 3696 section 2); an IPv4 address always ends in one.
    if top_level.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(
            "The part after the @ must be a domain such as example.com, not an IP address.",
        ));
    }
    Ok(canonical.into_owned())
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::EmailInvalid, message)
}

fn foreign(c: char) -> Refusal {
    let number = u32::from(c);
    invalid(format!(
        "The character U+{number:04X} cannot be part of a domain. A domain has letters, digits and hyphens, as in example.com."
    ))
}

/// What is typed in a domain: letters, marks and digits in any case and width, hyphens, the full stops that end a label, and what is not seen.
fn is_typed(c: char) -> bool {
    let is_wide = matches!(c, '\u{FF00}'..='\u{FFEF}');
    let is_itself = is_wide || std::iter::once(c).nfkc().eq(std::iter::once(c).nfc());
    let is_of_words = || {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        GeneralCategoryGroup::Letter
            .union(GeneralCategoryGroup::Mark)
            .contains(category)
            || category == GeneralCategory::DecimalNumber
    };
    c.is_ascii()
        || matches!(
            c,
            '。' | '｡'
                | '．'
                | '－'
                | '\u{200C}'
                | '\u{200D}'
                | '·'
                | '\u{375}'
                | '\u{5F3}'
                | '\u{5F4}'
                | '・'
                | '〇'
        )
        || is_mark(c)
        || (is_itself && is_of_words())
}

/// The first character of a label, as it is shown, that IDNA 2008 does not let it have where it stands.
fn foreign_character(label: &str) -> Option<char> {
    let letters: Vec<char> = label.chars().collect();
    let is_allowed = |(place, c): (usize, &char)| is_letter(*c) || is_in_place(*c, place, &letters);
    letters
        .iter()
        .enumerate()
        .find(|entry| !is_allowed((entry.0, entry.1)))
        .map(|(_, c)| *c)
}

/// Letters, digits, marks and hyphens: `PVALID` of RFC 5892, section 3, for text that has been through UTS 46, which leaves nothing that its folding would change.
fn is_letter(c: char) -> bool {
    let is_allowed = matches!(
        c,
        // Joiners were looked at by UTS 46, which knows their rule.
        'a'..='z' | '0'..='9' | '-' | '\u{200C}' | '\u{200D}'
        // Section 2.6: exceptions to what the categories say.
        | 'ß' | 'ς' | '\u{6FD}' | '\u{6FE}' | '\u{F0B}' | '〇'
    );
    let is_disallowed = matches!(
        c,
        // Section 2.6 as well.
        '\u{640}' | '\u{7FA}' | '\u{302E}' | '\u{302F}' | '\u{3031}'..='\u{3035}' | '\u{303B}'
        // Sections 2.8 and 2.9: marks for symbols and music, and the parts of old Hangul syllables.
        | '\u{20D0}'..='\u{20FF}' | '\u{1D100}'..='\u{1D24F}'
        | '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7FB}'
        // Digits that must not be mixed, below.
        | '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}'
    );
    let is_of_words = matches!(
        CodePointMapData::<GeneralCategory>::new().get(c),
        GeneralCategory::LowercaseLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::DecimalNumber
    );
    let is_ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    is_allowed || (is_of_words && !is_disallowed && !is_ignorable && !c.is_ascii())
}

/// Characters that are good in certain company only: `CONTEXTO` of RFC 5892, appendices A.3 to A.9.
fn is_in_place(c: char, place: usize, label: &[char]) -> bool {
    let script = |at: Option<usize>| {
        at.and_then(|at| label.get(at))
            .map(|c| CodePointMapData::<Script>::new().get(*c))
    };
    let (before, after) = (place.checked_sub(1), Some(place + 1));
    let letter = |at: Option<usize>| at.and_then(|at| label.get(at)).copied();
    match c {
        '·' => letter(before) == Some('l') && letter(after) == Some('l'),
        '\u{375}' => script(after) == Some(Script::Greek),
        '\u{5F3}' | '\u{5F4}' => script(before) == Some(Script::Hebrew),
        '・' => (0..label.len()).any(|at| {
            matches!(
                script(Some(at)),
                Some(Script::Hiragana | Script::Katakana | Script::Han)
            )
        }),
        '\u{660}'..='\u{669}' => !label.iter().any(|c| matches!(c, '\u{6F0}'..='\u{6F9}')),
        '\u{6F0}'..='\u{6F9}' => !label.iter().any(|c| matches!(c, '\u{660}'..='\u{669}')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::canonical_domain;

    #[test]
    fn letters_digits_marks_and_hyphens_of_every_script_make_a_domain() {
        for (typed, canonical) in [
            ("Corp-24.Example", "corp-24.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("faß。example", "xn--fa-hia.example"),
            ("ｃｏｒｐ．example", "corp.example"),
            ("l·l.example", "xn--ll-0ea.example"),
            ("r3---sn.example", "r3---sn.example"),
        ] {
            assert_eq!(canonical_domain(typed).unwrap(), canonical, "{typed}");
        }
        for typed in [
            "почта.рф",
            "例え・テスト.example",
            "परीक्षा.भारत",
            "δοκιμή.example",
            "مثال.إختبار",
            "טעסט.example",
            "서울.한국",
            "ไทย.example",
        ] {
            let canonical = canonical_domain(typed).unwrap();
            assert_eq!(canonical_domain(&canonical).unwrap(), canonical, "{typed}");
        }
    }

    #[test]
    fn symbols_and_punctuation_make_none() {
        for glued in [
            "☕",
            "corp–dash",
            "corp—dash",
            "corp”",
            "“corp",
            "corp’s",
            "corp…",
            "corp•",
            "corp→x",
            "corp™x",
            "i❤ny",
            "corp✓",
            "corp‐x",
            "corp§",
            "corp¶",
            "corp†",
            "corp€",
            "corp°",
            "corp©",
            "corp®",
            "a·b",
            "l·",
            "・",
            "corp₿",
            "a\u{20DD}b",
            "\u{1F4E7}",
            "xn--53h",
            "x\u{640}y",
            "corp⁄x",
            "corp‖x",
            "corp¡",
        ] {
            assert!(canonical_domain(&format!("{glued}.example")).is_err(), "{glued}");
        }
    }
}
