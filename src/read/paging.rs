//! Keyset pages: the next page starts behind the last row seen, by an index, so page four hundred costs what page one does and
//! rows written meanwhile neither repeat nor vanish.
//!
//! A cursor (`cursor`) is opaque text, bound to its account, list, filter and order: one taken elsewhere is refused instead of answering something else.

mod cursor;

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use graphql::{DEFAULT_PAGE, LONGEST_PAGE};

use crate::error::{Error, Result};
use cursor::{Binding, Position, binding, open};

pub use cursor::Cursor;

/// Direction of a sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Asc,
    Desc,
}

/// Which page is asked for, as given (Relay): so many rows from the front or the back, behind or before a cursor.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A page to be read.
#[derive(Clone, Debug)]
pub struct Page {
    limit: u64,
    backwards: bool,
    from: Option<Position>,
    binding: Binding,
}

/// The rows of a page, each with the cursor behind it, and where the page stands in its list.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    pub rows: Vec<(Cursor, T)>,
    pub has_next: bool,
    pub has_previous: bool,
    /// Counted only when asked for.
    pub total: Option<i32>,
}

impl<T> Slice<T> {
    /// The same page with other rows.
    pub fn map<U>(self, of: impl Fn(T) -> U) -> Slice<U> {
        let row = |(cursor, row)| (cursor, of(row));
        Slice {
            rows: self.rows.into_iter().map(row).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            total: self.total,
        }
    }
}

/// A time as a sort key: see [`Sorted::Time`].
pub fn time_key(time: DateTime<Utc>) -> Vec<u8> {
    time.to_rfc3339_opts(SecondsFormat::Micros, true).into_bytes()
}

/// What a list is ordered by before the id, by the kind of its values.
#[derive(Clone, Debug)]
pub enum Sorted {
    Text(Expr),
    Bytes(Expr),
    /// Its keys are the numbers in decimals.
    Number(Expr),
    /// Its keys are made by [`time_key`].
    Time(Expr),
}

/// What a list is ordered by before the id, and that of the row a page starts behind.
struct Key {
    sorted_by: Expr,
    from: Option<Expr>,
}

impl Page {
    /// Checks the arguments. `list` names everything a cursor is bound to beside the account: which list, how filtered, how ordered.
    pub fn new(given: &PageRequest, account_id: Uuid, list: &str) -> Result<Self> {
        let backwards = match (given.first, given.last) {
            (Some(_), Some(_)) => return Err(Error::BadInput("Give first or last, not both.".into())),
            (None, Some(_)) => true,
            _ => false,
        };
        let length = given.first.or(given.last).unwrap_or(i32::from(DEFAULT_PAGE));
        if !(0..=i32::from(LONGEST_PAGE)).contains(&length) {
            return Err(Error::BadInput(format!("A page has 0 to {LONGEST_PAGE} rows.")));
        }
        let (cursor, other) = if backwards {
            (&given.before, &given.after)
        } else {
            (&given.after, &given.before)
        };
        if other.is_some() {
            return Err(Error::BadInput("first goes with after, last with before.".into()));
        }
        let binding = binding(account_id, list);
        let from = cursor
            .as_deref()
            .map(|cursor| open(cursor, binding))
            .transpose()?;
        Ok(Self {
            limit: u64::try_from(length).unwrap_or_default(),
            backwards,
            from,
            binding,
        })
    }

    /// How many rows are read: one more than the page has.
    pub fn rows(&self) -> u64 {
        self.limit + 1
    }

    /// The sort key and the id of the row the page starts behind: for lists that are no table's rows.
    pub fn behind(&self) -> Option<(&[u8], Uuid)> {
        self.from.as_ref().map(|from| (from.key.as_slice(), from.id))
    }

    /// Whether the page is read upwards: a last page is read from the end.
    pub fn is_ascending(&self, direction: Direction) -> bool {
        (direction == Direction::Asc) != self.backwards
    }

    /// Narrows a query to this page: one row more than it has, to know whether there is another. For a list that is ordered by the id alone.
    pub fn narrow<E: EntityTrait>(&self, query: Select<E>, id: E::Column, direction: Direction) -> Select<E> {
        self.narrow_by(query, None, id, direction)
    }

    /// As [`narrow`](Self::narrow), for a list that is ordered by something before the id.
    pub fn narrow_sorted<E: EntityTrait>(
        &self,
        query: Select<E>,
        sorted: Sorted,
        id: E::Column,
        direction: Direction,
    ) -> Result<Select<E>> {
        let from = self.from.as_ref().map(|from| from.key.clone());
        // Whoever makes cursors themselves may have put anything there.
        let text = |key: Vec<u8>| String::from_utf8(key).map_err(|_| Error::InvalidCursor);
        let time = |key: Vec<u8>| -> Result<Expr> {
            let time = DateTime::parse_from_rfc3339(&text(key)?).map_err(|_| Error::InvalidCursor)?;
            Ok(Expr::value(time.with_timezone(&Utc)))
        };
        let number = |key: Vec<u8>| -> Result<Expr> {
            let number: i64 = text(key)?.parse().map_err(|_| Error::InvalidCursor)?;
            Ok(Expr::value(number))
        };
        let (sorted_by, from) = match sorted {
            Sorted::Text(by) => (by, from.map(|key| text(key).map(Expr::value)).transpose()?),
            Sorted::Bytes(by) => (by, from.map(Expr::value)),
            Sorted::Number(by) => (by, from.map(number).transpose()?),
            Sorted::Time(by) => (by, from.map(time).transpose()?),
        };
        Ok(self.narrow_by(query, Some(Key { sorted_by, from }), id, direction))
    }

    fn narrow_by<E: EntityTrait>(
        &self,
        mut query: Select<E>,
        key: Option<Key>,
        id: E::Column,
        direction: Direction,
    ) -> Select<E> {
        let ascending = self.is_ascending(direction);
        let order = if ascending { Order::Asc } else { Order::Desc };
        if let Some(Key { sorted_by, from }) = key {
            if let (Some(key), Some(position)) = (from, &self.from) {
                let row = Expr::tuple([sorted_by.clone(), id.into_expr()]);
                let place = Expr::tuple([key, Expr::value(position.id)]);
                query = query.filter(if ascending { row.gt(place) } else { row.lt(place) });
            }
            query = query.order_by(sorted_by, order.clone());
        } else if let Some(from) = &self.from {
            query = query.filter(if ascending { id.gt(from.id) } else { id.lt(from.id) });
        }
        query.order_by(id, order).limit(self.rows())
    }

    /// Makes the page of what [`narrow`](Self::narrow) found.
    pub fn close<T>(
        &self,
        rows: Vec<T>,
        total: Option<i32>,
        place: impl for<'a> Fn(&'a T) -> (&'a str, Uuid),
    ) -> Slice<T> {
        self.close_keyed(rows, total, |row| {
            let (key, id) = place(row);
            (key.as_bytes().to_vec(), id)
        })
    }

    /// As [`close`](Self::close), for keys that are made and not held.
    pub fn close_keyed<T>(
        &self,
        mut rows: Vec<T>,
        total: Option<i32>,
        place: impl Fn(&T) -> (Vec<u8>, Uuid),
    ) -> Slice<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if self.backwards {
            rows.reverse();
        }
        let rows = rows.into_iter().map(|node| {
            let (key, id) = place(&node);
            let place = Position { key, id };
            let binding = self.binding;
            (Cursor { binding, place }, node)
        });
        let rows = rows.collect();
        let came_from_somewhere = self.from.is_some();
        let (has_previous, has_next) = if self.backwards {
            (has_more, came_from_somewhere)
        } else {
            (came_from_somewhere, has_more)
        };
        Slice {
            rows,
            has_next,
            has_previous,
            total,
        }
    }

    /// Cuts the page out of a whole list that is at hand and in ascending order.
    pub fn cut<T>(&self, mut rows: Vec<T>, place: impl for<'a> Fn(&'a T) -> (&'a str, Uuid)) -> Slice<T> {
        let total = i32::try_from(rows.len()).unwrap_or(i32::MAX);
        if self.backwards {
            rows.reverse();
        }
        if let Some(from) = &self.from {
            let from = (from.key.as_slice(), from.id);
            rows.retain(|row| {
                let (key, id) = place(row);
                let place = (key.as_bytes(), id);
                if self.backwards {
                    place < from
                } else {
                    place > from
                }
            });
        }
        self.close(rows, Some(total), place)
    }
}

#[cfg(test)]
mod tests;
