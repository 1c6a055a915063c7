//! The slips that real files have: one for every row error that the domain page (section 6) names and that does not depend
//! on who is there already; for those see the demo's bystanders.

use super::dice::Dice;
use super::person::Person;
use crate::error::Code;
use crate::person::MAX_NAME_CHARACTERS;

/// One way in which rows go wrong, and in how many of them.
#[derive(Clone, Copy)]
pub struct Slip {
    /// The row error that the import must tell.
    pub code: Code,
    /// So many rows, each with no other error.
    pub rows: usize,
    spoil: Spoil,
}

pub(super) type Spoil = fn(&mut Person, &Surroundings<'_>);

const fn slip(code: Code, rows: usize, spoil: Spoil) -> Slip {
    Slip { code, rows, spoil }
}

/// What fails in every sample of at least [`SMALLEST_WITH_SLIPS`](super::SMALLEST_WITH_SLIPS) people. The first six are the file's own matter, the
/// others show only when the import is planned.
pub const EXPECTED_FAILURES: [Slip; 10] = [
    slip(Code::ColumnCount, 6, miscount),
    slip(Code::Required, 9, leave_out),
    slip(Code::EmailInvalid, 10, mistype_email),
    slip(Code::TooLong, 4, lengthen),
    slip(Code::NameInvalidCharacter, 6, break_name),
    slip(Code::NameDoubleByteDigit, 5, add_wide_digit),
    slip(Code::RoleUnknown, 5, invent_role),
    slip(Code::RoleNotAssignable, 3, claim_primary_role),
    slip(Code::ProductUnknown, 8, mistype_product),
    slip(Code::ExternalIdTaken, 4, take_external_id),
];

/// So many rows tell of somebody of an earlier good one again, in other letters and with nothing new. They do not fail: they are duplicates.
pub const EXPECTED_DUPLICATES: usize = 15;

/// Every slip as often as promised, mixed; with the number that tells those of one kind apart.
pub(super) fn all_slips(dice: &mut Dice) -> Vec<(usize, Spoil)> {
    let mut slips: Vec<(usize, Spoil)> = EXPECTED_FAILURES
        .iter()
        .flat_map(|slip| (0..slip.rows).map(|variant| (variant, slip.spoil)))
        .chain((0..EXPECTED_DUPLICATES).map(|variant| (variant, repeat_email as Spoil)))
        .collect();
    dice.shuffle(&mut slips);
    slips
}

/// What a slip depends on.
pub(super) struct Surroundings<'a> {
    /// Which of the slips of one kind this is.
    pub(super) variant: usize,
    pub(super) products: &'a [&'a str],
    /// A good person who stands earlier in the file.
    pub(super) earlier: Person,
}

fn miscount(person: &mut Person, _: &Surroundings<'_>) {
    person.has_surplus = true;
    person.is_short = false;
}

fn leave_out(person: &mut Person, around: &Surroundings<'_>) {
    match around.variant % 3 {
        0 => person.given_name.clear(),
        1 => person.family_name = "\u{a0}".into(),
        _ => person.email.clear(),
    }
}

fn mistype_email(person: &mut Person, around: &Surroundings<'_>) {
    person.email = match around.variant % 5 {
        0 => person.email.replace('@', ""),
        1 => person.email.replace('@', "@@"),
        2 => person.email.replace(".example", ""),
        3 => person.email.replace('.', " "),
        _ => format!("{}; {}", person.email, person.email),
    };
}

fn lengthen(person: &mut Person, around: &Surroundings<'_>) {
    match around.variant % 2 {
        0 => person.given_name = person.given_name.repeat(MAX_NAME_CHARACTERS + 1),
        _ => person.external_id = format!("X{}", "0123456789".repeat(30)),
    }
}

fn break_name(person: &mut Person, around: &Surroundings<'_>) {
    let (given, family) = (&person.given_name, &person.family_name);
    person.family_name = match around.variant % 3 {
        // Both names in one cell, below one another.
        0 => format!("{given}\n{family}"),
        // Turns the reading direction of what follows.
        1 => format!("{family}\u{202e}{given}"),
        _ => format!("{family}\u{7}{given}"),
    };
}

fn add_wide_digit(person: &mut Person, around: &Surroundings<'_>) {
    let digits = ['１', '２', '３', '０', '９'];
    person
        .given_name
        .extend(digits.get(around.variant % digits.len()));
}

fn invent_role(person: &mut Person, around: &Surroundings<'_>) {
    let roles = ["Overlord", "Superuser", "Boss", "Webmaster", "root"];
    person.role = roles
        .get(around.variant % roles.len())
        .copied()
        .unwrap_or_default()
        .into();
}

fn claim_primary_role(person: &mut Person, _: &Surroundings<'_>) {
    person.role = "PRIMARY_ADMIN".into();
}

fn mistype_product(person: &mut Person, around: &Surroundings<'_>) {
    let position = around.variant.checked_rem(around.products.len()).unwrap_or(0);
    let code = around.products.get(position).copied().unwrap_or("PRODUCT");
    person.products = near_miss(code, around.products);
}

fn take_external_id(person: &mut Person, around: &Surroundings<'_>) {
    person.external_id.clone_from(&around.earlier.external_id);
}

fn repeat_email(person: &mut Person, around: &Surroundings<'_>) {
    *person = Person {
        given_name: around.earlier.given_name.to_uppercase(),
        family_name: around.earlier.family_name.clone(),
        email: around.earlier.email.to_uppercase(),
        ..Person::default()
    };
}

/// A code with one slip that makes it none of the codes: two neighbours change places, else a letter too many.
fn near_miss(code: &str, products: &[&str]) -> String {
    let letters: Vec<char> = code.chars().collect();
    let is_known = |word: &str| products.iter().any(|known| known.eq_ignore_ascii_case(word));
    (1..letters.len())
        .rev()
        .map(|position| {
            let mut letters = letters.clone();
            letters.swap(position - 1, position);
            letters.into_iter().collect::<String>()
        })
        .find(|word| !is_known(word))
        .unwrap_or_else(|| format!("{code}QQ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_never_another_product() {
        assert_eq!(near_miss("SKETCH", &["SKETCH", "MODEL"]), "SKETHC");
        assert_eq!(near_miss("AB", &["AB", "BA"]), "ABQQ");
        assert_eq!(near_miss("AA", &["AA"]), "AAQQ");
    }
}
