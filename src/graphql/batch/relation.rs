//! What belongs to rows: how a slice hands it over, and how it becomes a column.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use async_graphql::Pos;

use super::column::{Column, Objects};
use super::leaf::Leaf;
use super::object::{Object, objects};
use super::select::Selected;
use super::union::Interface;
use super::write::{Nulled, Writer};
use crate::error::Error;
use crate::{graphql::fault, read::Scope};

/// What a slice is asked: by whom, and what is selected below.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub scope: &'a Scope,
    selected: &'a Selected<'a>,
}

impl<'a> Ask<'a> {
    pub fn of(selected: &'a Selected<'a>) -> Self {
        Self {
            scope: selected.env.scope,
            selected,
        }
    }

    /// Whether a field of the answer's type is selected, for what costs a statement of its own.
    pub fn wants<C: Object>(&self, field: &str) -> bool {
        self.selected.wants(C::NAME, field)
    }
}

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
}

/// Sorts objects under the rows they belong to; the order within a row stays.
pub fn group<C, K: Eq + Hash>(
    rows: impl Iterator<Item = K>,
    items: Vec<C>,
    key: impl Fn(&C) -> K,
) -> Vec<Vec<C>> {
    let mut groups: HashMap<K, Vec<C>> = HashMap::new();
    for item in items {
        groups.entry(key(&item)).or_default().push(item);
    }
    rows.map(|row| groups.remove(&row).unwrap_or_default()).collect()
}

struct One<C: Object> {
    objects: Objects<C>,
    of: Vec<Option<usize>>,
    is_nullable: bool,
    pos: Pos,
}

impl<C: Object> Column for One<C> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        match self.of.get(row).copied().flatten() {
            Some(place) => self.objects.write(place, writer),
            None if self.is_nullable => Err(Nulled),
            None => {
                let defect = Error::internal("a row without what must belong to it");
                Err(writer.fail(fault::server_error(defect, self.pos)))
            }
        }
    }
}

pub async fn one<'a, C: Object>(
    selected: &'a Selected<'a>,
    links: Links<C>,
    is_nullable: bool,
) -> Box<dyn Column> {
    let objects = objects(selected, links.items).await;
    Box::new(One {
        objects,
        of: links.of,
        is_nullable,
        pos: selected.pos,
    })
}

struct Many<C: Object> {
    objects: Objects<C>,
    spans: Vec<Range<usize>>,
}

impl<C: Object> Column for Many<C> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let span = self.spans[row].clone();
        writer.list(span.len(), |writer, index| {
            self.objects.write(span.start + index, writer)
        })
    }
}

pub async fn many<'a, C: Object>(selected: &'a Selected<'a>, groups: Vec<Vec<C>>) -> Box<dyn Column> {
    let spans = spans(&groups);
    let objects = objects(selected, groups.into_iter().flatten().collect()).await;
    debug_assert_eq!(spans.last().map_or(0, |span| span.end), objects.len());
    Box::new(Many { objects, spans })
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

struct Leaves<L>(Vec<L>);

impl<L: Leaf + Send + Sync> Column for Leaves<L> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        self.0[row].write(&mut writer.out);
        Ok(())
    }
}

pub fn leaves<L: Leaf + Send + Sync + 'static>(values: Vec<L>) -> Box<dyn Column> {
    Box::new(Leaves(values))
}

struct Any(Box<dyn Column>, Vec<Option<usize>>);

impl Column for Any {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        match self.1[row] {
            Some(place) => self.0.write(place, writer),
            None => Err(Nulled),
        }
    }
}

pub async fn any<'a, I: Interface>(selected: &'a Selected<'a>, found: Vec<Option<I>>) -> Box<dyn Column> {
    let links = Links::each(found);
    let column = I::resolve(selected.env, links.items, &selected.below).await;
    Box::new(Any(column, links.of))
}

struct AnyMany {
    items: Any,
    spans: Vec<Range<usize>>,
    has_nullable_items: bool,
}

impl Column for AnyMany {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let span = self.spans[row].clone();
        writer.list(span.len(), |writer, index| {
            writer.value(self.has_nullable_items, |writer| {
                self.items.write(span.start + index, writer)
            })
        })
    }
}

pub async fn any_many<'a, I: Interface>(
    selected: &'a Selected<'a>,
    groups: Vec<Vec<Option<I>>>,
    has_nullable_items: bool,
) -> Box<dyn Column> {
    let spans = spans(&groups);
    let links = Links::each(groups.into_iter().flatten().collect());
    let column = I::resolve(selected.env, links.items, &selected.below).await;
    Box::new(AnyMany {
        items: Any(column, links.of),
        spans,
        has_nullable_items,
    })
}
