//! The order of names: sort keys by the rules of a language (UTS 10 with the tailorings of CLDR). They are made here and compared byte by byte, so that
//! PostgreSQL and SQLite order alike, whatever their own libraries know. Pure.

use std::fmt::{Debug, Formatter};

use icu_collator::options::CollatorOptions;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

use super::fold::sortable;
use super::trim;
use crate::error::{Error, Result};

/// Of what is stored for sorting and searching. It counts up whenever the same name would get another key or another search text: with the data or the code of
/// the collation and of folding, which a test ties to their releases. Rows of another version are written anew in the background.
pub const VERSION: i32 = 1;

/// Longest key, in bytes. Names in alphabets have some twenty, and 60 ideographs 240: what is cut off orders nothing but people whose names begin alike for
/// forty ideographs or a hundred letters, and those stand by their ids.
pub const LONGEST_KEY: usize = 128;

/// Between two parts of a name: it sorts before everything, so that all who share the first part stand together, ordered by the second (UTS 10, section 8.1).
const SEPARATOR: char = '\u{FFFE}';

/// The order of one language.
pub struct Collation(CollatorBorrowed<'static>);

impl Debug for Collation {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collation").finish_non_exhaustive()
    }
}

impl Collation {
    /// By a language tag; what names no language that has an order of its own has the one that is common to all.
    pub fn of(locale: &str) -> Result<Self> {
        let locale = Locale::try_from_str(locale).unwrap_or(Locale::UNKNOWN);
        let collator =
            CollatorBorrowed::try_new(CollatorPreferences::from(&locale), CollatorOptions::default());
        collator.map(Self).map_err(Error::internal)
    }

    /// The key of a name by its first part and then its second; of one part if there is but one, and of the address if there is none.
    pub fn key(&self, first: Option<&str>, second: Option<&str>, email: &str) -> Vec<u8> {
        let mut text = String::new();
        for part in [first, second].into_iter().flatten() {
            let part = sortable(trim(part));
            if !text.is_empty() && !part.is_empty() {
                text.push(SEPARATOR);
            }
            text.push_str(&part);
        }
        if text.is_empty() {
            text.push_str(email);
        }
        let mut key = Vec::with_capacity(LONGEST_KEY);
        let Ok(()) = self.0.write_sort_key_to(&text, &mut key);
        key.truncate(LONGEST_KEY);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::{Collation, LONGEST_KEY, VERSION};

    /// Names in the order of a language, whatever order they came in.
    fn sorted<'a>(locale: &str, names: &[&'a str]) -> Vec<&'a str> {
        let collation = Collation::of(locale).unwrap();
        let mut names = names.to_vec();
        names.reverse();
        names.sort_by_key(|name| collation.key(Some(name), None, ""));
        names
    }

    #[track_caller]
    fn assert_order(locale: &str, names: &[&str]) {
        assert_eq!(sorted(locale, names), names, "{locale}");
    }

    #[test]
    fn each_language_has_its_order() {
        assert_order(
            "en",
            &["Abel", "Äbel", "Adam", "Öhman", "Olsen", "Zola", "Ωmega", "Яков"],
        );
        assert_order(
            "de",
            &[
                "Adler",
                "Äpfel",
                "Apfelbaum",
                "Müller",
                "Mutter",
                "Strasse",
                "Straße",
                "Zorn",
            ],
        );
        assert_order("de-u-co-phonebk", &["Adler", "Ärger", "Afrika"]);
        assert_order("sv", &["Adam", "Zorn", "Åberg", "Ärlig", "Öberg"]);
        assert_order("sv-SE", &["Adam", "Zorn", "Åberg", "Ärlig", "Öberg"]);
        assert_order("da", &["Adam", "Zorn", "Ærlig", "Østergaard", "Åberg", "Aarup"]);
        assert_order("nb", &["Zorn", "Ærlig", "Ødegård", "Aasen", "Åsmund"]);
        assert_order("cs", &["Cyril", "Čapek", "Havel", "Chalupa", "Ivan"]);
        assert_order("sk", &["Cyril", "Čapek", "Havel", "Chalupa", "Ivan"]);
        assert_order("es", &["Nadal", "Nuñez", "Núñoz", "Ñandú", "Oca"]);
        assert_order("et", &["Saar", "Zander", "Tamm", "Õnne", "Ärma", "Öpik", "Ülle"]);
        assert_order("pl", &["Lis", "Lubicz", "Łoś", "Małek"]);
        assert_order(
            "tr",
            &["Çelik", "Hakan", "Ilgaz", "İnan", "Jale"].map(|name| name),
        );
        assert_order("lt", &["Yla", "Ilgas", "Jonas"]);
    }

    #[test]
    fn what_names_no_language_has_the_common_order() {
        for locale in ["", "not a tag", "xx", "tlh", "en-u-co-nothing"] {
            assert_order(locale, &["Abel", "Äbel", "Adam", "Zola"]);
        }
    }

    #[test]
    fn the_second_part_decides_among_those_who_share_the_first() {
        let collation = Collation::of("en").unwrap();
        let key = |first: &str, second: &str| collation.key(Some(first), Some(second), "x@y.z");
        assert!(key("Ann", "Zola") < key("Ann Mary", "Abel"));
        assert!(key("Ann", "Zola") < key("Anna", "Abel"));
        assert!(key("Ann", "Abel") < key("Ann", "Zola"));
        assert!(
            key("anna", "B") < key("Änna", "C"),
            "an accent weighs less than the second part"
        );
        assert!(key("Ánna", "A") < key("Anna", "B"));
    }

    #[test]
    fn whoever_has_one_name_or_none_has_a_key() {
        let collation = Collation::of("en").unwrap();
        let plain = |text: &str| collation.key(Some(text), None, "x@y.z");
        assert_eq!(collation.key(None, Some("Doe"), "x@y.z"), plain("Doe"));
        assert_eq!(collation.key(Some(" \u{a0}"), Some("Doe"), "x@y.z"), plain("Doe"));
        assert_eq!(collation.key(Some("\u{ad}"), Some("Doe"), "x@y.z"), plain("Doe"));
        assert_eq!(collation.key(None, None, "doe@y.z"), plain("doe@y.z"));
    }

    #[test]
    fn what_cannot_be_seen_and_kinds_of_apostrophes_order_nothing() {
        let collation = Collation::of("en").unwrap();
        let key = |text: &str| collation.key(Some(text), None, "");
        assert_eq!(key("O’Brien"), key("O'Brien"));
        assert_eq!(key("Sch\u{ad}midt\u{200f}"), key("Schmidt"));
        assert_eq!(key("Jean\u{2011}Luc"), key("Jean-Luc"));
        assert_ne!(key("Obrien"), key("O'Brien"));
    }

    #[test]
    fn keys_are_bounded_and_cut_without_being_disordered() {
        let collation = Collation::of("zh").unwrap();
        let long = "龘".repeat(60);
        let key = |second: &str| collation.key(Some(&long), Some(second), "");
        assert_eq!(
            key(&format!("{long}一")),
            key(&format!("{long}龘")),
            "what is cut off orders nothing"
        );
        assert_eq!(key(&long).len(), LONGEST_KEY);
        assert!(
            key("龘") < key("一"),
            "the second part begins within the key: da, yi"
        );
        let usual = collation.key(Some("Maximiliane"), Some("Mustermann"), "");
        assert!(usual.len() < 40, "{}", usual.len());
    }

    /// Keys of two releases of the collation do not compare, and search texts of two releases of folding may differ.
    #[test]
    fn another_release_of_what_makes_keys_and_search_texts_counts_the_version_up() {
        let lock = include_str!("../../Cargo.lock");
        let release = |name: &str| {
            let of = format!("name = \"{name}\"\nversion = \"");
            let rest = lock.split_once(of.as_str()).unwrap().1;
            rest.split('"').next().unwrap()
        };
        let names = [
            "icu_casemap",
            "icu_casemap_data",
            "icu_collator",
            "icu_collator_data",
            "icu_normalizer",
            "icu_normalizer_data",
            "icu_properties",
            "icu_properties_data",
        ];
        let made_by: Vec<&str> = names.iter().map(|name| release(name)).collect();
        assert_eq!(
            (VERSION, made_by),
            (1, vec!["2.4.0"; 8]),
            "count VERSION up, and write here what it was made by"
        );
    }
}
