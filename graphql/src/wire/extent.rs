//! How large a part of a document is.

use async_graphql::Name;

use super::introspection::{Cost, Sizes, is_counted_list, is_entrance};

/// The size of a selection set with its fragments in place.
#[derive(Clone, Copy, Default)]
pub struct Extent {
    /// Fields of the set itself.
    pub roots: usize,
    /// Selections of the set and of all below.
    pub selections: usize,
    /// Levels of fields, without introspection.
    pub depth: usize,
    /// Levels of fields from `__schema` or `__type` downwards.
    pub introspection_depth: usize,
    /// Counted lists within one another.
    pub lists: usize,
    /// What it can answer with, if it is of introspection.
    cost: Cost,
    /// What the introspections in it can answer with together.
    pub introspected: u64,
}

impl Extent {
    pub fn add(&mut self, other: Self) {
        self.roots = self.roots.saturating_add(other.roots);
        self.selections = self.selections.saturating_add(other.selections);
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.lists = self.lists.max(other.lists);
        self.cost.add(other.cost);
        self.introspected = self.introspected.saturating_add(other.introspected);
    }

    /// The extent of a field whose sub-selection has this one.
    pub fn under(self, field: &Name, sizes: &Sizes) -> Self {
        let selections = self.selections;
        let lists = self.lists + usize::from(is_counted_list(field));
        let cost = self.cost.under(field, sizes);
        if is_entrance(field) {
            let introspection_depth = 1 + self.depth.max(self.introspection_depth);
            return Self {
                roots: 1,
                selections,
                depth: 0,
                introspection_depth,
                lists,
                cost: Cost::default(),
                introspected: cost.values(),
            };
        }
        let introspection_depth = if self.introspection_depth > 0 {
            1 + self.introspection_depth
        } else {
            0
        };
        Self {
            roots: 1,
            selections,
            depth: 1 + self.depth,
            introspection_depth,
            lists,
            cost,
            introspected: self.introspected,
        }
    }
}
