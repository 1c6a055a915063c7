use uuid::Uuid;

use super::{Page, PageRequest};
use crate::error::Error;

#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
fn page(given: PageRequest, list: &str) -> Result<Page, Error> {
    Page::new(&given, Uuid::from_u128(1), list)
}

fn place(row: &(String, u128)) -> (&str, Uuid) {
    (&row.0, Uuid::from_u128(row.1))
}

fn rows() -> Vec<(String, u128)> {
    (0..7)
        .map(|number| (format!("key {}", number / 2), number))
        .collect()
}

#[test]
fn pages_forwards_and_backwards_meet_every_row_once() {
    let (mut forwards, mut after) = (Vec::new(), None);
    loop {
        let page = page(
            PageRequest {
                first: Some(3),
                after: after.take(),
                ..PageRequest::default()
            },
            "list",
        )
        .unwrap();
        let cut = page.cut(rows(), place);
        assert_eq!(cut.total, Some(7));
        forwards.extend(cut.rows.iter().map(|row| row.1.1));
        if !cut.has_next {
            break;
        }
        after = cut.rows.last().map(|row| row.0.text());
    }
    assert_eq!(forwards, [0, 1, 2, 3, 4, 5, 6]);

    let last = page(
        PageRequest {
            last: Some(2),
            ..PageRequest::default()
        },
        "list",
    )
    .unwrap()
    .cut(rows(), place);
    assert_eq!(last.rows.iter().map(|row| row.1.1).collect::<Vec<_>>(), [5, 6]);
    let before = Some(last.rows[0].0.text());
    let earlier = page(
        PageRequest {
            last: Some(2),
            before,
            ..PageRequest::default()
        },
        "list",
    )
    .unwrap()
    .cut(rows(), place);
    assert_eq!(earlier.rows.iter().map(|row| row.1.1).collect::<Vec<_>>(), [3, 4]);
    assert!(earlier.has_previous && earlier.has_next);
}

#[test]
fn a_cursor_of_another_list_or_account_or_a_damaged_one_is_refused() {
    let first = page(PageRequest::default(), "users by name")
        .unwrap()
        .cut(rows(), place);
    let after = Some(first.rows[0].0.text());
    let with = |after: Option<String>| PageRequest {
        after,
        ..PageRequest::default()
    };
    assert!(page(with(after.clone()), "users by name").is_ok());
    assert!(matches!(
        page(with(after.clone()), "users by e-mail"),
        Err(Error::InvalidCursor)
    ));
    assert!(matches!(
        Page::new(&with(after), Uuid::from_u128(2), "users by name"),
        Err(Error::InvalidCursor)
    ));
    for damaged in ["", "AQ", "%", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(
            matches!(
                page(with(Some(damaged.into())), "users by name"),
                Err(Error::InvalidCursor)
            ),
            "{damaged}"
        );
    }
}

#[test]
fn lengths_out_of_range_are_refused_not_clamped() {
    for length in [-1, 101] {
        assert!(matches!(
            page(
                PageRequest {
                    first: Some(length),
                    ..PageRequest::default()
                },
                "x"
            ),
            Err(Error::BadInput(_))
        ));
    }
    let both = PageRequest {
        first: Some(1),
        last: Some(1),
        ..PageRequest::default()
    };
    assert!(matches!(page(both, "x"), Err(Error::BadInput(_))));
}
