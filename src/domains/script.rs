//! Letters of different scripts in one label: how a name is made to look like another (UTS 39, section 5.2, "highly restrictive").

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

/// Scripts that are written together; Latin letters go with each of these sets.
const TOGETHER: [&[Script]; 3] = [
    &[Script::Han, Script::Hiragana, Script::Katakana, Script::Latin],
    &[Script::Han, Script::Bopomofo, Script::Latin],
    &[Script::Han, Script::Hangul, Script::Latin],
];

/// Whether a label, in punycode or not, has letters of scripts that are not written together. Digits, hyphens and accents belong to every script.
pub fn is_mixed(label: &str) -> bool {
    let (label, decoded) = idna::domain_to_unicode(label);
    if decoded.is_err() {
        return true;
    }
    let scripts = CodePointMapData::<Script>::new();
    let mut used: Vec<Script> = Vec::new();
    for letter in label.chars() {
        let script = scripts.get(letter);
        let is_every = matches!(script, Script::Common | Script::Inherited);
        if !is_every && !used.contains(&script) {
            used.push(script);
        }
    }
    used.len() > 1
        && !TOGETHER
            .iter()
            .any(|together| used.iter().all(|script| together.contains(script)))
}

#[cfg(test)]
mod tests {
    use super::is_mixed;

    #[test]
    fn one_script_is_not_mixed_and_neither_are_those_written_together() {
        for label in [
            "acme",
            "acme-24",
            "1234",
            "bücher",
            "xn--bcher-kva",
            "почта",
            "例え",
            "acme株式会社",
            "서울시",
            "ελλάδα",
        ] {
            assert!(!is_mixed(label), "{label}");
        }
    }

    #[test]
    fn others_are() {
        for label in ["аcme", "goоgle", "xn--acme-h4d", "ελλάda", "почtа", "αа"] {
            assert!(is_mixed(label), "{label}");
        }
    }
}
