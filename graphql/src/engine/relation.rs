//! What belongs to rows, as a handler hands it over.

use std::collections::HashMap;
use std::hash::Hash;

use super::definition::Definition;
use super::describe::Object;
use super::found::Found;
use super::interface::Dyn;
use super::leaf::Leaf;
use super::rows::AnyRows;

/// Objects, and which of them belongs to each row.
#[derive(Debug)]
pub struct Links<C> {
    pub(super) items: Vec<C>,
    pub(super) of: Vec<Option<usize>>,
}

impl<C> Links<C> {
    /// One for each row, in the order of the rows.
    pub fn all(items: Vec<C>) -> Self {
        let of = (0..items.len()).map(Some).collect();
        Self { items, of }
    }

    /// One or none for each row, in the order of the rows.
    pub fn each(found: Vec<Option<C>>) -> Self {
        let mut items = Vec::with_capacity(found.len());
        let of = found.into_iter().map(|item| {
            item.map(|item| {
                items.push(item);
                items.len() - 1
            })
        });
        let of = of.collect();
        Self { items, of }
    }

    /// One event and its one row.
    pub(super) fn first(definition: Definition, items: AnyRows) -> Found {
        Found::One {
            definition,
            items,
            of: vec![Some(0)],
        }
    }

    /// Objects in any order, found by what each row refers to. An object many rows refer to is resolved once.
    pub fn by_key<K: Eq + Hash>(
        wanted: impl Iterator<Item = Option<K>>,
        items: Vec<C>,
        key: impl Fn(&C) -> K,
    ) -> Self {
        let places: HashMap<K, usize> = items
            .iter()
            .enumerate()
            .map(|(place, item)| (key(item), place))
            .collect();
        let of = wanted
            .map(|key| key.and_then(|key| places.get(&key).copied()))
            .collect();
        Self { items, of }
    }

    pub(super) fn found(self, definition: Definition) -> Found
    where
        C: Send + Sync + 'static,
    {
        Found::One {
            definition,
            items: AnyRows::of(self.items),
            of: self.of,
        }
    }
}

/// Sorts objects under the rows they belong to; the order within a row stays.
pub fn group<C, K: Eq + Hash>(
    rows: impl Iterator<Item = K>,
    items: Vec<C>,
    key: impl Fn(&C) -> K,
) -> Vec<Vec<C>>
where
    C: Clone,
{
    let mut groups: HashMap<K, Vec<C>> = HashMap::new();
    for item in items {
        groups.entry(key(&item)).or_default().push(item);
    }
    // The same row may be there twice, so nothing is taken away.
    rows.map(|row| groups.get(&row).cloned().unwrap_or_default())
        .collect()
}

/// What a handler answers that does not look at the rows: the same for each.
#[derive(Debug)]
pub struct Same<O>(pub O);

/// What a handler of a to-one field may answer.
pub trait ToOne {
    type Item: Object;

    fn links(self, rows: usize) -> Links<Self::Item>;
}

impl<C: Object> ToOne for Links<C> {
    type Item = C;

    fn links(self, _rows: usize) -> Links<C> {
        self
    }
}

impl<C: Object> ToOne for Vec<C> {
    type Item = C;

    fn links(self, _rows: usize) -> Links<C> {
        Links::all(self)
    }
}

impl<C: Object> ToOne for Vec<Option<C>> {
    type Item = C;

    fn links(self, _rows: usize) -> Links<C> {
        Links::each(self)
    }
}

impl<C: Object> ToOne for Same<C> {
    type Item = C;

    fn links(self, rows: usize) -> Links<C> {
        Links {
            items: vec![self.0],
            of: vec![Some(0); rows],
        }
    }
}

impl<C: Object> ToOne for Same<Option<C>> {
    type Item = C;

    fn links(self, rows: usize) -> Links<C> {
        Links {
            of: vec![self.0.as_ref().map(|_| 0); rows],
            items: self.0.into_iter().collect(),
        }
    }
}

/// What a handler of a list may answer.
pub trait ToMany {
    type Item: Object;

    fn groups(self, rows: usize) -> Vec<Vec<Self::Item>>;
}

impl<C: Object> ToMany for Vec<Vec<C>> {
    type Item = C;

    fn groups(self, _rows: usize) -> Self {
        self
    }
}

impl<C: Object> ToMany for Same<Vec<C>> {
    type Item = C;

    fn groups(self, rows: usize) -> Vec<Vec<C>> {
        vec![self.0; rows]
    }
}

/// What a handler of a value may answer.
pub trait ToLeaves {
    type Item: Leaf + Send + Sync + 'static;

    fn leaves(self, rows: usize) -> Vec<Self::Item>;
}

impl<L: Leaf + Send + Sync + 'static> ToLeaves for Vec<L> {
    type Item = L;

    fn leaves(self, _rows: usize) -> Self {
        self
    }
}

impl<L: Leaf + Clone + Send + Sync + 'static> ToLeaves for Same<L> {
    type Item = L;

    fn leaves(self, rows: usize) -> Vec<L> {
        vec![self.0; rows]
    }
}

/// What a handler of a field of several types may answer.
pub trait ToAny {
    fn anys(self, rows: usize) -> Vec<Option<Dyn>>;
}

impl<I: Into<Dyn>> ToAny for Vec<Option<I>> {
    fn anys(self, _rows: usize) -> Vec<Option<Dyn>> {
        self.into_iter().map(|item| item.map(Into::into)).collect()
    }
}

impl<I: Into<Dyn>> ToAny for Same<Option<I>> {
    fn anys(self, rows: usize) -> Vec<Option<Dyn>> {
        vec![self.0.map(Into::into); rows]
    }
}

/// What a handler of a list of several types may answer.
pub trait ToAnyMany {
    fn any_groups(self, rows: usize) -> Vec<Vec<Option<Dyn>>>;
}

impl<I: Into<Dyn>> ToAnyMany for Vec<Vec<Option<I>>> {
    fn any_groups(self, _rows: usize) -> Vec<Vec<Option<Dyn>>> {
        self.into_iter().map(|group| group.anys(0)).collect()
    }
}

impl<I: Into<Dyn>> ToAnyMany for Same<Vec<Option<I>>> {
    fn any_groups(self, rows: usize) -> Vec<Vec<Option<Dyn>>> {
        vec![self.0.anys(0); rows]
    }
}
