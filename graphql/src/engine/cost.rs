//! What an operation costs, and how much it may.
//!
//! The formula, which the schema states too: a field with fields of its own costs 1, a value costs nothing, a field with `@cost(weight)` costs its
//! weight; what is selected below a page counts as often as the page is long, below `ids` once for each, below a list with `@cost(most)` so many times. So the cost is about the
//! number of objects in the largest answer the operation can have. Fields of an interface cost what the costliest of its types does.

use async_graphql::parser::types::SelectionSet;
use async_graphql::registry::{
    __DirectiveLocation as Location, MetaDirective, MetaDirectiveInvocation, Registry,
};
use async_graphql::{Pos, ServerError, Value, value};
use indexmap::IndexMap;

use super::args::argument;
use super::definition::{Definition, FieldDef, Of};
use super::page::{DEFAULT_PAGE, LONGEST_PAGE};
use super::select::{Env, Selected};
use crate::Fault;

/// The most an operation may cost.
pub const COST_LIMIT: u64 = 10_000;

/// Selections looked at while pricing, for each type anew that an object may be of; an operation with more is not worth finding out what exactly it costs.
const MOST_LOOKED_AT: usize = 100_000;

/// What a field costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// By itself; `None`: what its kind costs.
    pub weight: Option<u16>,
    pub times: Times,
}

/// How often what is selected below a field counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    #[default]
    Once,
    /// As often as the page is long.
    Page,
    /// Once for each of the argument `ids`.
    Ids,
    /// As often as a list that is no page can be long.
    Most(u16),
}

impl Cost {
    pub fn directive(self) -> Option<MetaDirectiveInvocation> {
        let mut args = IndexMap::new();
        if let Some(weight) = self.weight {
            args.insert("weight".to_owned(), Value::from(weight));
        }
        let multipliers: &[&str] = match self.times {
            Times::Once => &[],
            Times::Most(most) => {
                args.insert("most".to_owned(), Value::from(most));
                &[]
            }
            Times::Page => &["first", "last"],
            Times::Ids => &["ids"],
        };
        if !multipliers.is_empty() {
            let names = multipliers.iter().map(|name| Value::String((*name).to_owned()));
            args.insert("multipliers".to_owned(), Value::List(names.collect()));
        }
        (!args.is_empty()).then(|| MetaDirectiveInvocation {
            name: "cost".to_owned(),
            args,
        })
    }
}

/// Describes `@cost`.
pub fn register(registry: &mut Registry) {
    let arguments = [
        argument("weight", "Int", "What the field costs by itself."),
        argument(
            "multipliers",
            "[String!]",
            "The arguments whose value (a number, or the length of a list) multiplies the cost of what is selected below.",
        ),
        argument(
            "most",
            "Int",
            "The most items of a list that is no page: what is selected below counts so many times.",
        ),
    ];
    registry.add_directive(MetaDirective {
        name: "cost".to_owned(),
        description: Some(format!(
            "What a field costs. Without it a field with a selection costs 1 and a value nothing. What is selected below a page counts as often as \
             the page is long ({DEFAULT_PAGE} unless `first` or `last` says otherwise), below `ids` once for each, below a list with `most` so many times. An operation may cost \
             {COST_LIMIT}; one that costs more is refused with COST_LIMIT_EXCEEDED, and `extensions.cost` says what was requested and the limit."
        )),
        locations: vec![Location::FIELD_DEFINITION],
        args: arguments
            .into_iter()
            .map(|argument| (argument.name.clone(), argument))
            .collect(),
        is_repeatable: false,
        visible: None,
        composable: None,
    });
}

/// Refuses an operation that costs more than it may.
pub fn check(env: Env<'_>, root: Definition, set: &SelectionSet, pos: Pos) -> Result<u64, ServerError> {
    let mut looked_at = 0;
    let requested = of_type(env, root, &[set], &mut looked_at);
    let requested = match looked_at > MOST_LOOKED_AT {
        true => u64::MAX,
        false => requested,
    };
    if requested <= COST_LIMIT {
        return Ok(requested);
    }
    let message = match requested {
        u64::MAX => format!("The operation costs far more than {COST_LIMIT}: ask for less."),
        requested => format!("The operation costs {requested}, the limit is {COST_LIMIT}: ask for less."),
    };
    // JSON numbers are exact up to 2⁵³ only.
    let shown = requested.min(1 << 53);
    let cost = value!({"requested": shown, "limit": COST_LIMIT});
    Err(Fault::new("COST_LIMIT_EXCEEDED", message)
        .with("cost", cost)
        .server_error(pos))
}

fn of_type(env: Env<'_>, definition: Definition, sets: &[&SelectionSet], looked_at: &mut usize) -> u64 {
    let mut sum: u64 = 0;
    for selected in env.select_counting(definition.name, sets, looked_at) {
        if *looked_at > MOST_LOOKED_AT {
            return u64::MAX;
        }
        if let Some(field) = definition.field(selected.name()) {
            sum = sum.saturating_add(of_field(env, field, &selected, looked_at));
        }
    }
    sum
}

fn of_field(env: Env<'_>, field: &FieldDef, selected: &Selected<'_>, looked_at: &mut usize) -> u64 {
    let below = match &field.of {
        Of::Leaf(_) => return u64::from(field.cost.weight.unwrap_or(0)),
        Of::Interface(interface) => {
            let types = interface.types.iter();
            types
                .map(|lazy| of_type(env, lazy(), &selected.below, looked_at))
                .max()
                .unwrap_or(0)
        }
        of => of.definition().map_or(0, |definition| {
            of_type(env, definition, &selected.below, looked_at)
        }),
    };
    let times = times(field.cost.times, selected);
    below
        .saturating_mul(times)
        .saturating_add(u64::from(field.cost.weight.unwrap_or(1)))
}

fn times(times: Times, selected: &Selected<'_>) -> u64 {
    match times {
        Times::Once => 1,
        Times::Most(most) => u64::from(most),
        Times::Page => {
            let given = selected.given();
            let number = |name| match given.get(name) {
                Some(Value::Number(number)) => number.as_i64(),
                _ => None,
            };
            let length = number("first").or(number("last"));
            let length = length.unwrap_or(i64::from(DEFAULT_PAGE));
            // A length out of range is refused when it comes to it.
            u64::try_from(length.clamp(0, i64::from(LONGEST_PAGE))).unwrap_or(0)
        }
        Times::Ids => match selected.given().get("ids") {
            Some(Value::List(ids)) => u64::try_from(ids.len()).unwrap_or(u64::MAX),
            _ => 1,
        },
    }
}
