//! How large a parsed document may be before anything is executed or even validated.
//!
//! Validation itself walks through fragments, so a few lines of fragments that spread one another twice would keep it busy for
//! hours; therefore everything here is measured once per fragment and added up, never walked again.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};

use super::{
    extent::Extent,
    fault::Fault,
    introspection::{Sizes, is_entrance},
};

pub(super) const MOST_ROOT_FIELDS: usize = 10;
pub(super) const MOST_ALIASES: usize = 30;
pub(super) const MOST_DIRECTIVES: usize = 5;
pub(super) const DEEPEST: usize = 12;
/// What introspection tools ask for: nine times `ofType` under a field's argument.
pub(super) const DEEPEST_INTROSPECTION: usize = 15;
/// Lists of fields, interfaces, possible types and input fields within one another; as in graphql-js, the third is too much.
pub(super) const MOST_INTROSPECTION_LISTS: usize = 2;
/// Values an introspection may answer with. The queries of the usual tools stay below half of it.
pub(super) const MOST_INTROSPECTION: u64 = 400_000;
/// Selections after every fragment has been put in its place.
pub(super) const MOST_SELECTIONS: usize = 10_000;
/// How many selection sets and fragments may lie within one another; more cannot be within the depth limits in any honest way.
pub(super) const MOST_LEVELS: usize = 48;

/// Refuses a document that is too large in any respect, or whose fragments form a circle. Answers with how many values its largest introspection can answer.
pub fn check(document: &ExecutableDocument, sizes: &Sizes) -> Result<u64, ServerError> {
    let mut introspected = 0;
    let mut survey = Survey {
        document,
        sizes,
        fragments: HashMap::new(),
        aliases: 0,
    };
    for (_, operation) in document.operations.iter() {
        let position = operation.pos;
        let extent = survey.measure(&operation.node.selection_set.node, position, 0)?;
        if operation.node.ty == OperationType::Subscription && extent.roots != 1 {
            return Err(
                Fault::ValidationFailed.error("A subscription selects exactly one field.", Some(position))
            );
        }
        at_most(MOST_ROOT_FIELDS, extent.roots, "root fields", position)?;
        at_most(DEEPEST, extent.depth, "levels of fields", position)?;
        at_most(
            DEEPEST_INTROSPECTION,
            extent.introspection_depth,
            "levels of introspection",
            position,
        )?;
        if extent.introspected > MOST_INTROSPECTION {
            let message = format!(
                "The introspection can answer with {} values; {MOST_INTROSPECTION} are the most.",
                extent.introspected
            );
            return Err(Fault::CostLimitExceeded.error(message, Some(position)));
        }
        introspected = introspected.max(extent.introspected);
    }
    // Those that no operation uses are refused by validation; they must be small all the same.
    for (name, fragment) in &document.fragments {
        survey.fragment(name, fragment.pos, 0)?;
    }
    Ok(introspected)
}

fn at_most(limit: usize, actual: usize, what: &str, position: Pos) -> Result<(), ServerError> {
    if actual <= limit {
        return Ok(());
    }
    Err(Fault::CostLimitExceeded.error(
        format!("The document has more than {limit} {what}."),
        Some(position),
    ))
}

struct Survey<'a> {
    document: &'a ExecutableDocument,
    sizes: &'a Sizes,
    /// What is known of each fragment; `None` while it is being measured, so that a circle is seen.
    fragments: HashMap<&'a Name, Option<Extent>>,
    aliases: usize,
}

impl<'a> Survey<'a> {
    fn measure(&mut self, set: &'a SelectionSet, position: Pos, level: usize) -> Result<Extent, ServerError> {
        at_most(MOST_LEVELS, level, "levels", position)?;
        let mut extent = Extent::default();
        for selection in &set.items {
            at_most(
                MOST_DIRECTIVES,
                selection.node.directives().len(),
                "directives in one place",
                selection.pos,
            )?;
            extent.add(match &selection.node {
                Selection::Field(field) => self.field(field, level)?,
                Selection::InlineFragment(inline) => {
                    self.measure(&inline.node.selection_set.node, inline.pos, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, spread.pos, level)?
                }
            });
            // Spreads count too: a walk goes through them even when there is nothing behind them.
            extent.selections = extent.selections.saturating_add(1);
        }
        at_most(MOST_SELECTIONS, extent.selections, "selections", position)?;
        Ok(extent)
    }

    fn field(&mut self, field: &'a Positioned<Field>, level: usize) -> Result<Extent, ServerError> {
        self.aliases += usize::from(field.node.alias.is_some());
        at_most(MOST_ALIASES, self.aliases, "aliases", field.pos)?;
        let below = self.measure(&field.node.selection_set.node, field.pos, level + 1)?;
        let name = &field.node.name.node;
        let extent = below.under(name, self.sizes);
        if is_entrance(name) {
            let what = "lists of introspection within one another";
            at_most(MOST_INTROSPECTION_LISTS, extent.lists, what, field.pos)?;
        }
        Ok(extent)
    }

    fn fragment(&mut self, name: &'a Name, position: Pos, level: usize) -> Result<Extent, ServerError> {
        match self.fragments.get(name) {
            Some(Some(extent)) => return Ok(*extent),
            Some(None) => {
                let message = format!("Fragment `{name}` spreads itself.");
                return Err(Fault::ValidationFailed.error(message, Some(position)));
            }
            None => {}
        }
        // Validation says better than we could that a fragment does not exist.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Extent::default());
        };
        self.fragments.insert(name, None);
        let extent = self.measure(&fragment.node.selection_set.node, fragment.pos, level + 1)?;
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }
}

#[cfg(test)]
mod tests;
