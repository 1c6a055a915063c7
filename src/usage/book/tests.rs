use super::*;
use crate::usage::concerned::Concerned;

const USER: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const PRODUCT: Uuid = Uuid::from_u128(3);

fn used(user_id: Uuid, day: &str) -> Use {
    Use {
        user_id,
        product_id: PRODUCT,
        day: day.parse().unwrap(),
    }
}

/// Credits are there.
#[expect(
    clippy::unnecessary_wraps,
    reason = "has the form of what is asked for credits"
)]
fn paid(_: Credits) -> Result<(), Refusal> {
    Ok(())
}

fn record(key: &str) -> UsageRecord {
    UsageRecord {
        email: String::new(),
        product: String::new(),
        day: NaiveDate::default(),
        minutes: 10,
        launches: 2,
        credits: Credits(5),
        key: key.to_owned(),
    }
}

fn book() -> Book {
    Book::open(Uuid::nil(), DateTime::UNIX_EPOCH, vec![], vec![], vec![])
}

fn totals(written: &Written, span: Span) -> Vec<(String, i32, i64)> {
    let rows = written.totals.iter().filter(|row| row.span == span);
    let mut rows: Vec<_> = rows
        .map(|row| (row.starts_on.to_string(), row.active_users, row.launches))
        .collect();
    rows.sort();
    rows
}

#[test]
fn a_record_counts_once_and_others_of_its_day_are_added() {
    let mut book = book();
    for (key, is_added) in [("a", true), ("a", false), ("b", true)] {
        assert_eq!(
            book.add(used(USER, "2026-11-28"), &record(key), paid),
            Ok(is_added),
            "{key}"
        );
    }
    // The same key on another day, or of somebody else, is another record.
    assert_eq!(book.add(used(USER, "2026-11-27"), &record("a"), paid), Ok(true));
    assert_eq!(book.add(used(OTHER, "2026-11-28"), &record("a"), paid), Ok(true));
    let written = book.written();
    assert_eq!((written.days.len(), written.months.len()), (3, 2));
    let day = written.days.iter().find(|row| row.records.len() == 16).unwrap();
    assert_eq!((day.minutes, day.launches, day.credits), (20, 4, 10));
    let month = written.months.iter().find(|row| row.user_id == USER).unwrap();
    assert_eq!(
        (
            month.days,
            month.minutes,
            month.days_used,
            month.last_day.to_string()
        ),
        (2, 30, 0b11 << 26, "2026-11-28".to_owned())
    );
}

#[test]
fn people_are_counted_once_a_day_a_week_and_a_month_also_where_a_week_is_in_two_months() {
    let mut book = book();
    // Monday the 30th of November to Sunday the 6th of December.
    for (user, day) in [
        (USER, "2026-11-30"),
        (USER, "2026-12-01"),
        (OTHER, "2026-12-06"),
        (OTHER, "2026-12-07"),
        (USER, "2026-11-29"),
    ] {
        book.add(used(user, day), &record("a"), paid).unwrap();
    }
    let written = book.written();
    let is = |day: &str, active, launches| (day.to_owned(), active, launches);
    assert_eq!(
        totals(&written, Span::Week),
        [
            is("2026-11-23", 1, 2),
            is("2026-11-30", 2, 6),
            is("2026-12-07", 1, 2)
        ]
    );
    assert_eq!(
        totals(&written, Span::Month),
        [is("2026-11-01", 1, 4), is("2026-12-01", 2, 6)]
    );
    assert_eq!(totals(&written, Span::Day).len(), 5);
}

#[test]
fn what_is_there_is_gone_on_with() {
    let mut first = book();
    first.add(used(USER, "2026-12-06"), &record("a"), paid).unwrap();
    let before = first.written();
    let later = used(USER, "2026-11-30");
    let concerned = Concerned::by([later, later].into_iter());
    assert_eq!(
        (
            concerned.days.len(),
            concerned.months.len(),
            concerned.totals.len()
        ),
        (1, 2, 3)
    );
    assert!(concerned.months.contains(&before.months[0].id));
    let mut second = Book::open(
        Uuid::nil(),
        DateTime::UNIX_EPOCH,
        vec![],
        before.months,
        before
            .totals
            .into_iter()
            .filter(|row| row.span == Span::Week)
            .collect(),
    );
    assert_eq!(second.add(later, &record("a"), paid), Ok(true));
    let written = second.written();
    assert_eq!(totals(&written, Span::Week), [("2026-11-30".to_owned(), 1, 4)]);
    assert_eq!(totals(&written, Span::Month), [("2026-11-01".to_owned(), 1, 2)]);
    assert_eq!(
        written.months.len(),
        1,
        "the month that was only looked at is not written"
    );
}

#[test]
fn a_day_has_no_more_records_than_its_row_can_carry() {
    let mut book = book();
    let day = used(USER, "2026-11-28");
    for number in 0..limits::RECORDS_OF_A_DAY {
        assert_eq!(book.add(day, &record(&number.to_string()), paid), Ok(true));
    }
    let refused = book.add(day, &record("one more"), paid).unwrap_err();
    assert_eq!(refused.code, Code::TooManyItems);
    assert_eq!(
        book.add(day, &record("7"), paid),
        Ok(false),
        "what is there is known all the same"
    );
}

#[test]
fn a_record_whose_credits_are_not_there_is_added_without_them_and_owes_them() {
    let short = |_: Credits| Err(Refusal::new(Code::CreditsExhausted, "too few"));
    let mut book = book();
    let day = used(USER, "2026-11-28");
    for _ in 0..2 {
        let refused = book.add(day, &record("a"), short).unwrap_err();
        assert_eq!(refused.code, Code::CreditsExhausted);
    }
    assert_eq!(book.add(day, &record("b"), paid), Ok(true));
    let of_day = |book: &Book| {
        let day = book.days.values().next().unwrap();
        (day.minutes, day.launches, day.credits, day.records.len())
    };
    assert_eq!(of_day(&book), (20, 4, 5, 16), "what was done counts once");
    assert_eq!(book.add(day, &record("a"), paid), Ok(true));
    assert_eq!(book.add(day, &record("a"), paid), Ok(false));
    assert_eq!(of_day(&book), (20, 4, 10, 16));
    let written = book.written();
    assert_eq!((written.months[0].credits, written.months[0].minutes), (10, 20));
    assert!(
        written
            .totals
            .iter()
            .all(|total| (total.credits, total.launches) == (10, 4))
    );
}
