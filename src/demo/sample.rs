//! A CSV file of people for the demo and the benchmarks: thousands of good rows and a known number of every slip. The same
//! seed gives the same file; another seed gives other people.

use super::dice::Dice;
use super::person::{Crowd, Person};
use super::slips::{Surroundings, all_slips};

const HEADER: &str = "First Name,Last Name,Email,Role,Products,External ID\n";

/// Smaller samples hold good people only.
pub const SMALLEST_WITH_SLIPS: usize = 500;

/// The file. `products` are the codes that rows may name; without any, nobody is given a product.
pub fn sample_csv(seed: u64, products: &[&str], people: usize) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let crowd = Crowd::new(&mut dice, products);
    let slips = if people < SMALLEST_WITH_SLIPS {
        Vec::new()
    } else {
        all_slips(&mut dice)
    };
    // The slips stand at equal distances, after a good person at the least.
    let distance = people / (slips.len() + 1);
    let mut slips = slips.into_iter();
    // Whose address or external id a later row may repeat.
    let mut good: Vec<Person> = Vec::new();
    let mut csv = HEADER.as_bytes().to_vec();
    for row in 0..people {
        let mut person = crowd.person(&mut dice, row);
        let slip = if row > 0 && row.is_multiple_of(distance) {
            slips.next()
        } else {
            None
        };
        if let Some((variant, spoil)) = slip {
            let earlier = dice.pick(&good).cloned().unwrap_or_default();
            let around = Surroundings {
                variant,
                products,
                earlier,
            };
            spoil(&mut person, &around);
            person.write(&mut csv);
        } else {
            person.write(&mut csv);
            if !person.external_id.is_empty() {
                good.push(person);
            }
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;
    use crate::demo::{EXPECTED_DUPLICATES, EXPECTED_FAILURES};
    use crate::error::Code;
    use crate::imports::nearest::nearest;
    use crate::imports::parse::{Encoding, Entry, Kind, ParsedFile, parse};

    const PRODUCTS: [&str; 4] = ["SKETCH", "MODEL", "RENDER", "STUDIO-ALL"];
    const PEOPLE: usize = 5_000;

    fn sample(seed: u64) -> ParsedFile {
        let csv = sample_csv(seed, &PRODUCTS, PEOPLE);
        parse(&csv, Encoding::Detect, Kind::Users, &[]).unwrap()
    }

    fn entries(file: &ParsedFile) -> Vec<&Entry> {
        file.rows
            .iter()
            .filter(|row| row.same_as.is_none())
            .filter_map(|row| row.entry.as_ref().ok())
            .collect()
    }

    fn promised(code: Code) -> usize {
        EXPECTED_FAILURES
            .iter()
            .find(|slip| slip.code == code)
            .unwrap()
            .rows
    }

    #[test]
    fn five_thousand_rows_fail_in_reading_exactly_as_promised() {
        let file = sample(1);
        assert_eq!(file.rows.len(), PEOPLE);
        let mut failures = BTreeMap::new();
        for row in &file.rows {
            if let Err(refusals) = &row.entry {
                assert_eq!(refusals.len(), 1, "one slip a row: {refusals:?}");
                *failures.entry(refusals[0].code).or_insert(0) += 1;
            }
        }
        let promised = EXPECTED_FAILURES[..6]
            .iter()
            .map(|slip| (slip.code, slip.rows))
            .collect();
        assert_eq!(failures, promised);
        let duplicates = file.rows.iter().filter(|row| row.same_as.is_some());
        assert_eq!(duplicates.count(), EXPECTED_DUPLICATES);
    }

    #[test]
    fn the_other_failures_are_there_for_planning_to_find() {
        let file = sample(1);
        let entries = entries(&file);
        let count = |wrong: &dyn Fn(&Entry) -> bool| entries.iter().filter(|entry| wrong(entry)).count();
        let role = |entry: &Entry| entry.role.clone().unwrap_or_default();
        assert_eq!(
            count(&|entry| !["", "USER", "SECONDARY_ADMIN", "PRIMARY_ADMIN"].contains(&role(entry).as_str())),
            promised(Code::RoleUnknown)
        );
        assert_eq!(
            count(&|entry| role(entry) == "PRIMARY_ADMIN"),
            promised(Code::RoleNotAssignable)
        );
        assert!(count(&|entry| role(entry) == "SECONDARY_ADMIN") > 20);

        let is_known = |product: &String| PRODUCTS.contains(&product.as_str());
        let unknown: Vec<&String> = entries
            .iter()
            .flat_map(|entry| &entry.products)
            .filter(|product| !is_known(product))
            .collect();
        assert_eq!(unknown.len(), promised(Code::ProductUnknown));
        assert!(unknown.iter().all(|product| nearest(product, PRODUCTS).is_some()));

        let mut seen = HashSet::new();
        let taken = entries
            .iter()
            .filter_map(|entry| entry.external_id.as_ref())
            .filter(|id| !seen.insert(*id));
        assert_eq!(taken.count(), promised(Code::ExternalIdTaken));
    }

    #[test]
    fn good_rows_need_care_in_reading() {
        let file = sample(1);
        let entries = entries(&file);
        let any = |found: &dyn Fn(&Entry) -> bool| entries.iter().any(|entry| found(entry));
        let has = |name: &Option<String>, text| name.as_ref().is_some_and(|name| name.contains(text));
        assert!(any(&|entry| has(&entry.given_name, "\"")));
        assert!(any(&|entry| has(&entry.family_name, ", Ph.D.")));
        assert!(any(&|entry| has(&entry.external_id, "=HR(")));
        let raw = |text: &str| {
            file.rows
                .iter()
                .any(|row| row.cells.iter().any(|cell| cell.contains(text)))
        };
        assert!(raw("'=HR("), "formulas are written with the apostrophe");
        assert!(raw("|\n"), "a cell spans lines");
        let with_products = entries.iter().filter(|entry| !entry.products.is_empty()).count();
        let with_two = entries.iter().filter(|entry| entry.products.len() == 2).count();
        assert!(with_products > PEOPLE / 2 && with_two > PEOPLE / 10);
    }

    #[test]
    fn the_same_seed_gives_the_same_file_and_another_one_other_people() {
        assert_eq!(sample_csv(7, &PRODUCTS, 600), sample_csv(7, &PRODUCTS, 600));
        let (one, two) = (sample(1), sample(2));
        let emails = |file: &ParsedFile| -> HashSet<String> {
            let entries = entries(file).into_iter();
            entries.map(|entry| entry.email.key().to_owned()).collect()
        };
        let ids = |file: &ParsedFile| -> HashSet<String> {
            let entries = entries(file).into_iter();
            entries.filter_map(|entry| entry.external_id.clone()).collect()
        };
        assert!(emails(&one).is_disjoint(&emails(&two)));
        assert!(ids(&one).is_disjoint(&ids(&two)));
    }

    #[test]
    fn every_seed_keeps_the_promise_at_every_size() {
        for seed in 0..20 {
            let csv = sample_csv(seed, &PRODUCTS, SMALLEST_WITH_SLIPS);
            let file = parse(&csv, Encoding::Detect, Kind::Users, &[]).unwrap();
            let failed = file.rows.iter().filter(|row| row.entry.is_err()).count();
            let duplicates = file.rows.iter().filter(|row| row.same_as.is_some()).count();
            let promised: usize = EXPECTED_FAILURES[..6].iter().map(|slip| slip.rows).sum();
            assert_eq!(
                (failed, duplicates),
                (promised, EXPECTED_DUPLICATES),
                "seed {seed}"
            );

            let small = sample_csv(seed, &[], SMALLEST_WITH_SLIPS - 1);
            let file = parse(&small, Encoding::Detect, Kind::Users, &[]).unwrap();
            assert_eq!(entries(&file).len(), SMALLEST_WITH_SLIPS - 1);
        }
    }
}
