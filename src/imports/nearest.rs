//! "Did you mean …?": the known word that a mistyped one is most likely to stand for.

/// Words are compared by this many of their characters, so that a hostile file cannot make the comparison costly.
const COMPARED_CHARACTERS: usize = 40;

/// The candidate with the fewest typing slips between it and `wanted`, letter case aside; `None` when even that one differs
/// in more than two fifths of its characters and a suggestion would only puzzle.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = comparable(wanted);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let letters = comparable(candidate);
            let slips = distance(&wanted, &letters);
            (slips * 5 <= wanted.len().max(letters.len()) * 2).then_some((slips, candidate))
        })
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, candidate)| candidate)
}

fn comparable(word: &str) -> Vec<char> {
    word.chars()
        .flat_map(char::to_lowercase)
        .take(COMPARED_CHARACTERS)
        .collect()
}

/// Typing slips that turn one word into the other: insertions, deletions, replacements, and neighbours that changed places.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row_number, left) in from.iter().enumerate() {
        let mut row = vec![row_number + 1];
        for (column, right) in to.iter().enumerate() {
            let replaced = above[column] + usize::from(left != right);
            let mut slips = replaced.min(above[column + 1] + 1).min(row[column] + 1);
            let is_swapped =
                row_number > 0 && column > 0 && from[row_number - 1] == *right && to[column - 1] == *left;
            if is_swapped {
                slips = slips.min(before[column - 1] + 1);
            }
            row.push(slips);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_textbook() {
        let of = |from: &str, to: &str| distance(&comparable(from), &comparable(to));
        assert_eq!(of("kitten", "sitting"), 3);
        assert_eq!(of("", "abc"), 3);
        assert_eq!(of("abc", ""), 3);
        assert_eq!(of("Email", "email"), 0);
        assert_eq!(of("DRWA", "DRAW"), 1);
        assert_eq!(of("ab", "ba"), 1);
    }

    #[test]
    fn the_likeliest_word_is_suggested_and_an_unlikely_one_is_not() {
        assert_eq!(nearest("email", ["phone", "Emial", "first name"]), Some("Emial"));
        assert_eq!(nearest("DRWA", ["RENDER", "DRAW"]), Some("DRAW"));
        assert_eq!(nearest("email", ["phone", "role"]), None);
        assert_eq!(nearest("email", []), None);
    }
}
