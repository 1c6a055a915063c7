use entity::lists::Numbers;

use super::*;

fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn book() -> credit_book::Model {
    credit_book::Model {
        account_id: Uuid::from_u128(7),
        id: Uuid::from_u128(7),
        entries: 0,
        balance: 0,
        granted: 0,
        consumed: 0,
        expired: 0,
        adjusted: 0,
        allows_overdraft: false,
        least: 0,
        pot: 0,
        told_percent: 0,
        notice_percents: Numbers(vec![80, 100]),
        created_at: at("2026-11-01"),
    }
}

fn used(user: u128, day: &str) -> Used {
    Used {
        user_id: Uuid::from_u128(user),
        product_id: Uuid::from_u128(9),
        day: day.parse().unwrap(),
    }
}

fn add(purse: &mut Purse, id: u128, amount: i64, expires_on: Option<&str>) {
    let add = Add {
        kind: Kind::Grant,
        amount: Credits(amount),
        expires_on: expires_on.map(|day| day.parse().unwrap()),
        reference: None,
        note: None,
    };
    purse.add(Uuid::from_u128(id), add);
}

fn rests(purse: &Purse) -> Vec<(u128, i64)> {
    let rest = |lot: &credit_lot::Model| (lot.id.as_u128(), lot.rest);
    purse.lots.iter().map(rest).collect()
}

fn ledger(purse: &mut Purse) -> Vec<(i64, Kind, i64, i64)> {
    purse.place();
    let entries = purse.entries.iter();
    entries
        .map(|entry| (entry.number, entry.kind, entry.amount, entry.balance_after))
        .collect()
}

#[test]
fn what_lapses_first_is_consumed_first_and_what_does_not_lapse_last() {
    let mut purse = Purse::of(book(), vec![], at("2026-11-28"));
    add(&mut purse, 1, 100, None);
    add(&mut purse, 2, 50, Some("2027-01-31"));
    add(&mut purse, 3, 30, Some("2026-11-28"));
    assert_eq!(purse.consume(used(1, "2026-11-01"), Credits(70)), Ok(()));
    assert_eq!(rests(&purse), [(3, 0), (2, 10), (1, 100)]);
    assert_eq!(purse.consume(used(1, "2026-11-01"), Credits(20)), Ok(()));
    assert_eq!(purse.consume(used(2, "2026-11-01"), Credits(1)), Ok(()));
    assert_eq!(rests(&purse), [(3, 0), (2, 0), (1, 89)]);
    assert_eq!(
        ledger(&mut purse),
        [
            (1, Kind::Grant, 100, 100),
            (2, Kind::Grant, 50, 150),
            (3, Kind::Grant, 30, 180),
            (4, Kind::Consumption, -90, 90),
            (5, Kind::Consumption, -1, 89),
        ],
        "one entry for each person, product and day"
    );
    let ids: Vec<Uuid> = purse.entries.iter().map(|entry| entry.id).collect();
    assert!(ids.is_sorted(), "in the order of the ledger");
}

#[test]
fn what_is_not_there_is_not_taken_at_all_unless_overdraft_is_allowed_and_is_paid_by_what_comes_next() {
    let mut purse = Purse::of(book(), vec![], at("2026-11-28"));
    add(&mut purse, 1, 100, None);
    let short = Short {
        requested: Credits(101),
        available: Credits(100),
    };
    assert_eq!(purse.consume(used(1, "2026-11-28"), Credits(101)), Err(short));
    assert_eq!((rests(&purse), purse.balance()), (vec![(1, 100)], Credits(100)));
    purse.allow_overdraft(true);
    assert_eq!(purse.consume(used(1, "2026-11-28"), Credits(130)), Ok(()));
    assert_eq!((rests(&purse), purse.balance()), (vec![(1, 0)], Credits(-30)));
    purse.allow_overdraft(false);
    assert!(purse.consume(used(1, "2026-11-28"), Credits(1)).is_err());
    add(&mut purse, 2, 20, None);
    assert_eq!(
        (rests(&purse), purse.balance()),
        (vec![(1, 0), (2, 0)], Credits(-10))
    );
    add(&mut purse, 3, 40, None);
    assert_eq!(
        (purse.lots[2].rest, purse.balance(), purse.book.pot),
        (30, Credits(30), 30)
    );
    let back = purse.take_back(Credits(31), None, "too many".into());
    assert_eq!(back.unwrap_err().available, Credits(30));
    purse.take_back(Credits(30), None, "all".into()).unwrap();
    assert_eq!(purse.balance(), Credits(0));
}

#[test]
fn what_is_left_of_a_lot_lapses_on_the_day_after_its_last_one_before_anything_is_taken() {
    let mut before = Purse::of(book(), vec![], at("2026-11-28"));
    add(&mut before, 1, 100, Some("2026-11-28"));
    add(&mut before, 2, 10, None);
    before.consume(used(1, "2026-11-28"), Credits(40)).unwrap();
    before.place();
    let mut stored = before.book.clone();
    (stored.entries, stored.balance) = (3, 70);
    let same_day = Purse::of(stored.clone(), before.lots.clone(), at("2026-11-28"));
    assert!(same_day.entries.is_empty());
    let mut next = Purse::of(stored, before.lots, at("2026-11-29"));
    assert_eq!(
        next.consume(used(1, "2026-11-28"), Credits(11))
            .unwrap_err()
            .available,
        Credits(10)
    );
    next.consume(used(1, "2026-11-28"), Credits(10)).unwrap();
    assert_eq!(
        ledger(&mut next),
        [(4, Kind::Expiry, -60, 10), (5, Kind::Consumption, -10, 0)]
    );
}

#[test]
fn the_highest_percentage_that_is_reached_is_told_of_once_until_something_is_added() {
    let mut purse = Purse::of(book(), vec![], at("2026-11-28"));
    assert_eq!(purse.crossed(), None, "there is nothing to be used up");
    add(&mut purse, 1, 100, None);
    purse.consume(used(1, "2026-11-28"), Credits(79)).unwrap();
    assert_eq!(purse.crossed(), None);
    purse.consume(used(1, "2026-11-28"), Credits(1)).unwrap();
    assert_eq!(purse.crossed(), Some(80));
    purse.book.told_percent = 80;
    purse.consume(used(1, "2026-11-28"), Credits(19)).unwrap();
    assert_eq!(purse.crossed(), None);
    purse.consume(used(1, "2026-11-28"), Credits(1)).unwrap();
    assert_eq!(purse.crossed(), Some(100));
    add(&mut purse, 2, 50, None);
    assert_eq!((purse.crossed(), purse.book.pot), (None, 50));
    purse.consume(used(1, "2026-11-28"), Credits(40)).unwrap();
    assert_eq!(purse.crossed(), Some(80));
    purse.book.notice_percents = Numbers(vec![]);
    assert_eq!(purse.crossed(), None);
}
