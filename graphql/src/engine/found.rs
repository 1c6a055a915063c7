//! What was found for rows, and how it becomes a column.

use std::ops::Range;

use super::column::{Column, Objects, resolve};
use super::definition::Definition;
use super::interface::{Dyn, resolve_any};
use super::leaf::Leaf;
use super::relation::Links;
use super::rows::AnyRows;
use super::select::Selected;
use super::write::{Nulled, Writer};
use crate::Fault;

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
