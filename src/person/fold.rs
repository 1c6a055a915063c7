//! How texts about people are compared when somebody looks for them: whatever the accents, the case, the width, the kind of apostrophe or dash, and what
//! cannot be seen. What is stored for searching and the words of a search go through the same function. Pure.

use icu_casemap::CaseMapper;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Folds a text for searching. Folding what is folded changes nothing.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().replace('`', "'").to_ascii_lowercase();
    }
    let classes = CanonicalCombiningClassMapBorrowed::new();
    // Before they are decomposed, because an accent that stands alone becomes a blank and a mark.
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars().map(alike));
    let bare: String = apart
        .filter(|c| !is_invisible(*c) && !is_accent(classes.get_u8(*c)))
        .map(alike)
        .collect();
    let mut plain = String::with_capacity(bare.len());
    for c in CaseMapper::new().fold_string(&bare).chars() {
        match in_plain_letters(c) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(c),
        }
    }
    let together = ComposingNormalizerBorrowed::new_nfkc().normalize(&plain);
    together.trim().to_owned()
}

/// The text as it is sorted: kinds of apostrophes and dashes are one, and what cannot be seen is not there.
pub(super) fn sortable(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).map(alike).collect()
}

/// Whether a character is there without being seen: soft hyphens, joiners, marks of direction (Unicode calls them default-ignorable).
pub(super) fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether a mark of this combining class is an accent: one through, above or below a letter, or a point of Hebrew, Arabic or Syriac. Vowel signs,
/// tone marks and viramas of the scripts of India and South-East Asia and the voicing of kana have other classes: without them it would be another word.
fn is_accent(class: u8) -> bool {
    matches!(class, 1 | 10..=36 | 200..=240)
}

/// What people type for one another: kinds of apostrophes (accents that stand alone among them), of quotes and of dashes.
fn alike(c: char) -> char {
    match c {
        '`'
        | '´'
        | '\u{2B9}'..='\u{2BF}'
        | '\u{2C8}'
        | '\u{2CA}'
        | '\u{2CB}'
        | '\u{55A}'
        | '\u{5F3}'
        | '\u{7F4}'
        | '\u{7F5}'
        | '\u{1FBD}'
        | '\u{1FBF}'
        | '\u{1FFD}'
        | '\u{1FFE}'
        | '\u{2018}'..='\u{201B}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{A78B}'
        | '\u{A78C}'
        | '\u{FF07}'
        | '\u{FF40}' => '\'',
        '\u{5F4}' | '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{2036}' | '\u{FF02}' => '"',
        '\u{58A}'
        | '\u{5BE}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}' => '-',
        _ => c,
    }
}

/// Letters that Unicode does not take apart, though people without them on their keyboard do. In lower case.
fn in_plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ð' | 'đ' | 'ɗ' => "d",
        'ɓ' => "b",
        'ħ' => "h",
        'ı' => "i",
        'ƙ' => "k",
        'ł' => "l",
        'ŋ' => "n",
        'ø' => "o",
        'ŧ' => "t",
        'ƴ' => "y",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{folded, sortable};

    #[track_caller]
    fn all_fold_to(expected: &str, texts: &[&str]) {
        for text in texts {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn accents_are_ignored_however_they_are_written() {
        all_fold_to(
            "muller",
            &["Müller", "Mu\u{308}ller", "MULLER", "Mûller", "muller"],
        );
        all_fold_to("helene", &["Hélène", "HÉLÈNE", "He\u{301}le\u{300}ne"]);
        all_fold_to("nguyen", &["Nguyễn", "NGUYÊN"]);
        all_fold_to("dvorak", &["Dvořák", "dvorak"]);
        all_fold_to("lukasz", &["Łukasz", "łukasz"]);
        all_fold_to("soren", &["Søren", "SÖREN"]);
        all_fold_to("dordevic", &["Đorđević", "ðorđevič"]);
        all_fold_to("aegir thor", &["Ægir Þór"]);
        all_fold_to("ivan", &["İvan", "Ivan", "ıvan"]);
        all_fold_to("ελενη", &["Ελένη", "ΕΛΈΝΗ"]);
        all_fold_to("محمد", &["مُحَمَّد"]);
        all_fold_to("שלום", &["שָׁלוֹם"]);
    }

    #[test]
    fn kinds_of_apostrophes_and_dashes_are_one() {
        all_fold_to(
            "o'brien",
            &[
                "O’Brien",
                "O‘Brien",
                "Oʼbrien",
                "O`Brien",
                "O´Brien",
                "O′Brien",
                "O＇Brien",
                "OꞌBrien",
            ],
        );
        all_fold_to("d'arc", &["d’Arc"]);
        all_fold_to(
            "jean-luc",
            &["Jean‐Luc", "Jean\u{2011}Luc", "Jean–Luc", "Jean－Luc", "Jean−Luc"],
        );
        all_fold_to("\"bee\"", &["“Bee”", "„bee‟"]);
    }

    #[test]
    fn case_and_width_are_ignored_and_sharp_s_is_two() {
        all_fold_to("strasse", &["Straße", "STRASSE", "STRAẞE", "ſtraſſe"]);
        all_fold_to("wide", &["ＷＩＤＥ", "ｗｉｄｅ"]);
        all_fold_to("finn", &["ﬁnn"]);
        all_fold_to("カナ", &["ｶﾅ"]);
        all_fold_to("οδυσσευσ", &["Οδυσσεύς", "ΟΔΥΣΣΕΎΣ"]);
    }

    #[test]
    fn what_cannot_be_seen_is_ignored() {
        all_fold_to(
            "schmidt",
            &[
                "Sch\u{ad}midt",
                "\u{200f}Schmidt\u{200e}",
                "Schmi\u{200b}dt",
                "Schmi\u{2060}dt\u{feff}",
                "\u{2067}Schmidt\u{2069}",
            ],
        );
        assert_eq!(folded("\u{ad}\u{200f}"), "");
        assert_eq!(sortable("O’Ma\u{ad}ra–X"), "O'Mara-X");
    }

    #[test]
    fn what_makes_another_word_stays() {
        for (one, other) in [
            ("カ", "ガ"),
            ("नमस्ते", "नमसत"),
            ("ป่า", "ปา"),
            ("o'brien", "obrien"),
            ("jean-luc", "jean luc"),
            ("李小", "李"),
        ] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
        assert_eq!(folded("한글"), "한글");
        assert_eq!(folded("नमस्ते"), "नमस्ते");
    }

    #[test]
    fn folding_twice_is_folding_once_for_every_character() {
        for c in (0..0x3_0000).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let once = folded(&text);
            assert_eq!(folded(&once), once, "U+{:04X}", u32::from(c));
            if c.is_ascii() {
                // The short way is the long one.
                let long = folded(&format!("{text}é"));
                assert_eq!(
                    long.strip_suffix('e'),
                    Some(once.as_str()),
                    "U+{:04X}",
                    u32::from(c)
                );
            }
        }
    }
}
