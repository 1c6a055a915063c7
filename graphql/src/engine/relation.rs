//! What belongs to rows: how a handler hands it over, and how it becomes a column.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use super::column::{Column, Objects, resolve};
use super::definition::Definition;
use super::describe::Object;
use super::interface::{Dyn, resolve_any};
use super::leaf::Leaf;
use super::rows::AnyRows;
use super::select::Selected;
use super::write::{Nulled, Writer};
use crate::Fault;

/// Objects, and which of them belongs to each row.
#[derive(Debug)]
pub struct Links<C> {
    items: Vec<C>,
    of: Vec<Option<usize>>,
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

/// What was found for the rows of a field, not yet resolved further.
pub enum Found {
    One {
        definition: Definition,
        items: AnyRows,
        of: Vec<Option<usize>>,
    },
    Many {
        definition: Definition,
        items: AnyRows,
        spans: Vec<Range<usize>>,
    },
    Any {
        items: Vec<Dyn>,
        of: Vec<Option<usize>>,
    },
    AnyMany {
        items: Vec<Dyn>,
        of: Vec<Option<usize>>,
        spans: Vec<Range<usize>>,
    },
    /// Found for other rows: which of them stands for each row.
    Placed(Box<Found>, Vec<Option<usize>>),
    Column(Box<dyn Column>),
}

impl Found {
    pub fn many<C: Send + Sync + 'static>(groups: Vec<Vec<C>>, _rows: usize, definition: Definition) -> Self {
        let spans = spans(&groups);
        Self::Many {
            definition,
            items: AnyRows::of(groups.into_iter().flatten().collect()),
            spans,
        }
    }

    pub fn any(found: Vec<Option<Dyn>>) -> Self {
        let Links { items, of } = Links::each(found);
        Self::Any { items, of }
    }

    pub fn any_many(groups: Vec<Vec<Option<Dyn>>>) -> Self {
        let spans = spans(&groups);
        let Links { items, of } = Links::each(groups.into_iter().flatten().collect());
        Self::AnyMany { items, of, spans }
    }

    /// Loads what is selected below.
    pub async fn resolve(self, selected: &Selected<'_>, has_nullable_items: bool) -> Box<dyn Column> {
        let (env, sets) = (selected.env, &selected.below);
        match self {
            Self::One {
                definition,
                items,
                of,
            } => Box::new(Places {
                items: resolve(env, definition, items, sets).await,
                of,
            }),
            Self::Many {
                definition,
                items,
                spans,
            } => Box::new(Many {
                items: resolve(env, definition, items, sets).await,
                spans,
            }),
            Self::Any { items, of } => Box::new(Places {
                items: resolve_any(env, items, sets).await,
                of,
            }),
            Self::AnyMany { items, of, spans } => {
                let items = resolve_any(env, items, sets).await;
                Box::new(AnyMany {
                    items: Places { items, of },
                    spans,
                    has_nullable_items,
                })
            }
            Self::Placed(found, of) => {
                let items = Box::pin(found.resolve(selected, has_nullable_items)).await;
                Box::new(Places { items, of })
            }
            Self::Column(column) => column,
        }
    }
}

fn spans<C>(groups: &[Vec<C>]) -> Vec<Range<usize>> {
    let mut end = 0;
    let span = |group: &Vec<C>| {
        let start = end;
        end += group.len();
        start..end
    };
    groups.iter().map(span).collect()
}

/// Values found for other rows, and which of them stands for each row; none is null.
struct Places<I> {
    items: I,
    of: Vec<Option<usize>>,
}

impl<I: Column> Column for Places<I> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        match self.of.get(row).copied().flatten() {
            Some(place) => self.items.write(place, writer),
            None => Err(Nulled::Missing),
        }
    }
}

struct Many {
    items: Objects,
    spans: Vec<Range<usize>>,
}

impl Column for Many {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let span = self.spans.get(row).cloned().unwrap_or_default();
        writer.list(span.len(), |writer, index| {
            self.items.write(span.start + index, writer)
        })
    }
}

struct AnyMany<I> {
    items: Places<I>,
    spans: Vec<Range<usize>>,
    has_nullable_items: bool,
}

impl<I: Column> Column for AnyMany<I> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let span = self.spans.get(row).cloned().unwrap_or_default();
        writer.list(span.len(), |writer, index| {
            writer.value(self.has_nullable_items, |writer| {
                self.items.write(span.start + index, writer)
            })
        })
    }
}

/// Values without fields, one for each row.
pub struct Leaves<L>(pub Vec<L>);

impl<L: Leaf + Send + Sync> Column for Leaves<L> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        match self.0.get(row) {
            Some(value) => value.write(&mut writer.out),
            None => {
                let defect = Fault::internal("a handler answered fewer values than there are rows");
                return Err(writer.fail(defect.server_error(async_graphql::Pos::default())));
            }
        }
        Ok(())
    }
}
