//! "Did you mean …?": the known word that a mistyped one is most likely to stand for.

/// Words are compared by this many of their characters, so that a hostile file cannot make the comparison costly.
const COMPARED_CHARACTERS: usize = 40;

/// The candidate with the fewest typing slips between it and `wanted` (insertions, deletions, replacements, and neighbours that changed places), letter
/// case aside; `None` when even that one differs in more than two fifths of its characters and a suggestion would only puzzle.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = comparable(wanted);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let letters = comparable(candidate);
            let slips = strsim::osa_distance(&wanted, &letters);
            let longest = wanted.chars().count().max(letters.chars().count());
            (slips * 5 <= longest * 2).then_some((slips, candidate))
        })
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, candidate)| candidate)
}

/// The suggestion as it is put to people, behind what is wrong.
pub fn suggestion(near: Option<&str>) -> String {
    near.map(|near| format!(" Is \"{near}\" meant?"))
        .unwrap_or_default()
}

fn comparable(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .take(COMPARED_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_likeliest_word_is_suggested_and_an_unlikely_one_is_not() {
        assert_eq!(nearest("email", ["phone", "Emial", "first name"]), Some("Emial"));
        assert_eq!(nearest("DRWA", ["RENDER", "DRAW"]), Some("DRAW"));
        assert_eq!(nearest("email", ["phone", "role"]), None);
        assert_eq!(nearest("EMIAL", ["email"]), Some("email"));
        assert_eq!(nearest("email", []), None);
    }
}
