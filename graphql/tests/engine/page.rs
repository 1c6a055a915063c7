//! Pages of `schema.graphql`.

use std::sync::Arc;

use async_graphql::InputObject;
use graphql::{Connection, Edge, Fault, Rows};

use crate::items::{Item, exists};

#[derive(InputObject)]
pub struct PageArgs {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

pub fn pages(items: &Rows<Item>, args: &PageArgs) -> Result<Vec<Connection<Item>>, Fault> {
    items
        .iter()
        .map(|item| page(item.0.saturating_mul(10).saturating_add(1), 4, args))
        .collect()
}

/// The page of the items from `start` on, `count` of them.
pub fn page(start: i32, count: i32, args: &PageArgs) -> Result<Connection<Item>, Fault> {
    let wrong = || Fault::bad_input("no such page");
    let backwards = args.last.is_some();
    let length = args.last.or(args.first).unwrap_or(2);
    let (cursor, other) = match backwards {
        true => (&args.before, &args.after),
        false => (&args.after, &args.before),
    };
    if (args.first.is_some() && backwards) || other.is_some() || !(0..=3).contains(&length) {
        return Err(wrong());
    }
    let from = match cursor {
        Some(text) => Some(number(text).ok_or_else(wrong)?),
        None => None,
    };
    let all: Vec<i32> = (start..start.saturating_add(count))
        .filter(|n| exists(*n))
        .collect();
    let is_behind = |n: &i32| from.is_none_or(|from| if backwards { *n < from } else { *n > from });
    let behind: Vec<i32> = all.iter().copied().filter(is_behind).collect();
    let length = usize::try_from(length).unwrap();
    let here: Vec<i32> = match backwards {
        true => behind[behind.len().saturating_sub(length)..].to_vec(),
        false => behind.iter().copied().take(length).collect(),
    };
    let has_more = here.len() < behind.len();
    let (has_previous, has_next) = match backwards {
        true => (has_more, from.is_some()),
        false => (from.is_some(), has_more),
    };
    let edges = here.into_iter().map(|n| Edge {
        cursor: Arc::new(format!("c{n}")),
        node: Item(n),
    });
    Ok(Connection {
        edges: edges.collect(),
        has_next,
        has_previous,
        total: i32::try_from(all.len()).ok(),
    })
}

fn number(cursor: &str) -> Option<i32> {
    let digits = cursor.strip_prefix('c')?;
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}
