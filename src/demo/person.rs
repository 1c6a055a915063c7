//! People who do not exist, and their rows in a CSV file.

use super::dice::Dice;
use super::names::{CULTURES, Name};
use crate::imports::formula::guarded;

/// All under `.example`, which no mail ever reaches (RFC 2606).
const DOMAINS: [&str; 6] = [
    "harbour-works.example",
    "lumen.example",
    "atelier-nord.example",
    "kite-and-sons.example",
    "tallgrass.example",
    "blue-mesa.example",
];

/// Numbers in addresses and external ids are below this; far more than there are people, so that two seeds hardly meet.
const NUMBERS: u64 = 10_000_000;
/// Walks through all [`NUMBERS`] before it repeats one (it shares no factor with them), yet looks like no order.
const STRIDE: u64 = 7_368_787;

/// Where new people come from.
pub(super) struct Crowd<'a> {
    cultures: Vec<(Vec<Name>, Vec<Name>)>,
    products: &'a [&'a str],
    first_number: u64,
    /// Tells the external ids of one file from those of another.
    file_mark: String,
}

impl<'a> Crowd<'a> {
    pub(super) fn new(dice: &mut Dice, products: &'a [&'a str]) -> Self {
        Self {
            cultures: CULTURES
                .iter()
                .map(|culture| (culture.given(), culture.family()))
                .collect(),
            products,
            first_number: dice.below(NUMBERS),
            file_mark: (0..4)
                .filter_map(|_| dice.pick(&['B', 'D', 'F', 'H', 'K', 'M', 'P', 'R', 'T', 'V', 'X', 'Z']))
                .collect(),
        }
    }

    /// A good person. Every so often one whose cells need care in reading.
    pub(super) fn person(&self, dice: &mut Dice, row: usize) -> Person {
        let number = (self.first_number + (row as u64).wrapping_mul(STRIDE)) % NUMBERS;
        let nobody = (Vec::new(), Vec::new());
        let (given_names, family_names) = dice.pick(&self.cultures).unwrap_or(&nobody);
        let no_name = Name {
            written: "",
            ascii: "",
        };
        let given = *dice.pick(given_names).unwrap_or(&no_name);
        let family = *dice.pick(family_names).unwrap_or(&no_name);
        let domain = dice.pick(&DOMAINS).copied().unwrap_or_default();
        let initial = given.ascii.get(..1).unwrap_or_default();
        let role = match dice.below(100) {
            0 => "SECONDARY_ADMIN",
            1..4 => "USER",
            _ => "",
        };
        let mut person = Person {
            given_name: given.written.to_owned(),
            family_name: family.written.to_owned(),
            email: format!("{initial}.{}{number}@{domain}", family.ascii),
            role: role.to_owned(),
            products: self.products(dice),
            external_id: format!("{}-{number:07}", self.file_mark),
            ..Person::default()
        };
        match row % 100 {
            17 => person.given_name = format!("{} \"{}\"", given.written, given.ascii),
            34 => person.family_name = format!("{}, Ph.D.", family.written),
            51 => person.products = person.products.replace('|', "|\n"),
            68 => person.external_id = format!("=HR({})", person.external_id),
            85 => {
                person.external_id = String::new();
                person.is_short = true;
            }
            _ => {}
        }
        person
    }

    /// Mostly one product, often two, sometimes none.
    fn products(&self, dice: &mut Dice) -> String {
        let Some(first) = dice.pick(self.products).filter(|_| dice.percent(88)) else {
            return String::new();
        };
        let second = dice.pick(self.products).filter(|second| *second != first);
        match second.filter(|_| dice.percent(35)) {
            Some(second) => format!("{first}|{second}"),
            None => (*first).to_owned(),
        }
    }
}

/// One row.
#[derive(Clone, Default)]
pub(super) struct Person {
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) products: String,
    pub(super) external_id: String,
    /// A cell for which the header has no column.
    pub(super) has_surplus: bool,
    /// The last cell is left out, as programs do where it is blank.
    pub(super) is_short: bool,
}

impl Person {
    pub(super) fn write(&self, csv: &mut Vec<u8>) {
        let mut cells = vec![
            self.given_name.as_str(),
            &self.family_name,
            &self.email,
            &self.role,
            &self.products,
            &self.external_id,
        ];
        if self.has_surplus {
            cells.push("left over");
        }
        if self.is_short && self.external_id.is_empty() {
            cells.truncate(5);
        }
        let cells: Vec<String> = cells.into_iter().map(quoted).collect();
        csv.extend_from_slice(cells.join(",").as_bytes());
        csv.push(b'\n');
    }
}

/// A cell as it stands in the file: harmless for spreadsheets, in quotes where it needs them (RFC 4180).
fn quoted(cell: &str) -> String {
    let cell = guarded(cell);
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into_owned()
    }
}
