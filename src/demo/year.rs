//! What people of the demo used in a year.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use entity::user;
use serde_json::{Value, json};

use super::dice::Dice;

/// Days of use that are told of.
pub const DAYS: i64 = 365;

/// A year on working days, more in autumn than in summer, in which the last two people hardly ever do anything; and the credits that it takes.
pub fn a_year_of_use(today: NaiveDate, users: &[user::Model]) -> (Vec<Value>, i64) {
    let mut dice = Dice::new(11);
    let (mut records, mut credits) = (Vec::new(), 0);
    let working = (1..=DAYS)
        .filter_map(|back| today.checked_sub_signed(Duration::days(back)))
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    for day in working {
        for (place, user) in users.iter().enumerate() {
            let is_idle = place + 2 >= users.len();
            if dice.percent(if is_idle { 1 } else { chance(day) }) {
                // Who renders has the product by their group.
                let renders = place < 10 && dice.percent(30);
                let spent = if renders { dice.below(4) } else { 0 };
                credits += i64::try_from(spent).unwrap_or(0);
                records.push(record(&mut dice, day, &user.email, renders, spent));
            }
        }
    }
    (records, credits)
}

fn chance(day: NaiveDate) -> u64 {
    match day.month() {
        7 | 8 => 35,
        9..=11 => 80,
        _ => 60,
    }
}

fn record(dice: &mut Dice, day: NaiveDate, email: &str, renders: bool, credits: u64) -> Value {
    let product = if renders { "RENDER" } else { "DRAW" };
    json!({
        "email": email,
        "productCode": product,
        "day": day,
        "minutes": 20 + dice.below(400),
        "launches": 1 + dice.below(5),
        "credits": credits.to_string(),
        "key": format!("demo-{product}"),
    })
}
