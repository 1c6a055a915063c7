//! A year of what a few people used, made by rule.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// A record of the sample.
#[derive(Clone, Debug)]
pub struct Sample {
    pub person: usize,
    pub product: &'static str,
    pub day: NaiveDate,
    pub minutes: i64,
    pub launches: i64,
    pub key: &'static str,
}

/// Something of everything over more than a year: two records on some days, weeks in two months, days of tomorrow.
pub fn sample(today: NaiveDate, people: usize) -> Vec<Sample> {
    let mut sample = Vec::new();
    for person in 0..people {
        for step in 0..60_u64 {
            let number = u64::try_from(person).unwrap() * 7 + step * 13;
            let day = today + Days::new(1) - Days::new(number % 430);
            let product = if number % 3 == 0 { "INK" } else { "DRAW" };
            let one = Sample {
                person,
                product,
                day,
                minutes: i64::try_from(number % 300).unwrap(),
                launches: i64::try_from(1 + step % 4).unwrap(),
                key: "a",
            };
            if step % 5 == 0 {
                sample.push(Sample {
                    key: "b",
                    ..one.clone()
                });
            }
            sample.push(one);
        }
    }
    let mut seen = BTreeSet::new();
    sample.retain(|one| seen.insert((one.person, one.product, one.day, one.key)));
    sample
}

pub fn records(sample: &[Sample]) -> Vec<Value> {
    let record = |one: &Sample| {
        json!({"email": format!("p{}@acme.example", one.person), "productCode": one.product, "day": one.day.to_string(), "minutes": one.minutes,
            "launches": one.launches, "credits": "0.25", "key": one.key})
    };
    sample.iter().map(record).collect()
}
