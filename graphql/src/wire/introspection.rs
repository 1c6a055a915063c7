//! Who may read the schema over the API, and how much of it one document may ask for.
//!
//! Introspection has no page sizes: `possibleTypes { interfaces { possibleTypes … } }` multiplies at each step, and a request of two hundred bytes
//! could ask for more than any machine has memory for. Two bounds stand before execution, both measured once per fragment (see `limits`): lists
//! within one another, as `MaxIntrospectionDepthRule` of graphql-js counts them, and the number of values the answer can have.

use std::{collections::HashSet, str::FromStr};

use async_graphql::{
    Name, ServerError,
    parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

use super::fault::Fault;

/// Who may introspect: select `__schema` and `__type`. `__typename` is everybody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Introspection {
    /// Nobody.
    Off,
    /// Whoever is admitted with a token.
    #[default]
    SignedIn,
    /// Whoever can reach the server.
    Everybody,
}

impl FromStr for Introspection {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "off" => Ok(Self::Off),
            "signed-in" => Ok(Self::SignedIn),
            "everybody" => Ok(Self::Everybody),
            _ => Err("one of off, signed-in, everybody".to_owned()),
        }
    }
}

impl Introspection {
    pub fn is_for(self, is_signed_in: bool) -> bool {
        match self {
            Self::Off => false,
            Self::SignedIn => is_signed_in,
            Self::Everybody => true,
        }
    }

    /// Why somebody it is not for is refused.
    pub fn refusal(self) -> ServerError {
        match self {
            Self::Off => Fault::Forbidden.error("Introspection is switched off here.", None),
            Self::SignedIn | Self::Everybody => {
                Fault::Unauthenticated.error("Sign in to read the schema.", None)
            }
        }
    }
}

/// Whether an operation selects `__schema` or `__type`, itself or by a fragment.
pub fn is_in(operation: &OperationDefinition, document: &ExecutableDocument) -> bool {
    let mut seen = HashSet::new();
    reaches(&operation.selection_set.node, document, &mut seen)
}

fn reaches<'a>(
    set: &'a SelectionSet,
    document: &'a ExecutableDocument,
    seen: &mut HashSet<&'a Name>,
) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => is_entrance(&field.node.name.node),
        Selection::InlineFragment(inline) => reaches(&inline.node.selection_set.node, document, seen),
        Selection::FragmentSpread(spread) => {
            let name = &spread.node.fragment_name.node;
            let fragment = document.fragments.get(name);
            seen.insert(name)
                && fragment.is_some_and(|fragment| reaches(&fragment.node.selection_set.node, document, seen))
        }
    })
}

/// Whether introspection starts at a field of this name.
pub fn is_entrance(field: &str) -> bool {
    matches!(field, "__schema" | "__type")
}

/// The lists that `MaxIntrospectionDepthRule` counts.
pub fn is_counted_list(field: &str) -> bool {
    matches!(field, "fields" | "interfaces" | "possibleTypes" | "inputFields")
}

/// How many entries a list of the schema has.
#[derive(Clone, Copy, Debug, Default)]
struct Length {
    total: u64,
    most: u64,
}

impl Length {
    fn learn(&mut self, length: usize) {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.total += length;
        self.most = self.most.max(length);
    }

    /// The average over so many owners, at least one.
    fn mean(self, owners: u64) -> u64 {
        self.total.div_ceil(owners.max(1)).max(1)
    }
}

/// How long the schema's own lists are.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    types: u64,
    directives: u64,
    /// Of an object or an interface.
    fields: Length,
    input_fields: Length,
    enum_values: Length,
    interfaces: Length,
    possible_types: Length,
    /// Of a field or a directive.
    args: Length,
}

impl Sizes {
    /// The types every schema has without writing them: five scalars and eight of introspection.
    const BUILT_IN: u64 = 13;

    pub fn learn_type(&mut self) {
        self.types += 1;
    }

    pub fn learn_directive(&mut self, args: usize) {
        self.directives += 1;
        self.args.learn(args);
    }

    pub fn learn_fields(&mut self, args: impl Iterator<Item = usize>) {
        let mut fields = 0;
        for args in args {
            fields += 1;
            self.args.learn(args);
        }
        self.fields.learn(fields);
    }

    pub fn learn_input_fields(&mut self, length: usize) {
        self.input_fields.learn(length);
    }

    pub fn learn_enum_values(&mut self, length: usize) {
        self.enum_values.learn(length);
    }

    pub fn learn_interfaces(&mut self, length: usize) {
        self.interfaces.learn(length);
    }

    pub fn learn_possible_types(&mut self, length: usize) {
        self.possible_types.learn(length);
    }
}

/// How many values a selection set can answer with, for one object of introspection.
///
/// Over all types at once lists have their average length; the lists of one type that a document picks may be the longest there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    over_all: u64,
    of_one: u64,
}

impl Cost {
    pub const fn values(self) -> u64 {
        self.of_one
    }

    pub fn add(&mut self, other: Self) {
        self.over_all = self.over_all.saturating_add(other.over_all);
        self.of_one = self.of_one.saturating_add(other.of_one);
    }

    /// The cost of a field whose sub-selection has this one.
    pub fn under(self, field: &str, sizes: &Sizes) -> Self {
        let times = |length: u64, each: u64| length.saturating_mul(each.saturating_add(1)).saturating_add(1);
        let (over_all, of_one) = match field {
            "types" => {
                let all = times(sizes.types + Sizes::BUILT_IN, self.over_all);
                (all, all)
            }
            "directives" => {
                let all = times(sizes.directives + Sizes::BUILT_IN, self.of_one);
                (all, all)
            }
            "fields" => self.list(sizes.fields, sizes.types, times),
            "inputFields" => self.list(sizes.input_fields, sizes.types, times),
            "enumValues" => self.list(sizes.enum_values, sizes.types, times),
            "args" => self.list(sizes.args, sizes.fields.total, times),
            // What is listed here may be any type, and the same again and again.
            "interfaces" => self.any_types(sizes.interfaces, sizes.types, times),
            "possibleTypes" => self.any_types(sizes.possible_types, sizes.types, times),
            // The schema itself: over all types go only `types`, which has them already.
            _ => {
                let one = self.of_one.saturating_add(1);
                (one, one)
            }
        };
        Self { over_all, of_one }
    }

    fn list(self, length: Length, owners: u64, times: impl Fn(u64, u64) -> u64) -> (u64, u64) {
        (
            times(length.mean(owners), self.over_all),
            times(length.most, self.of_one),
        )
    }

    fn any_types(self, length: Length, owners: u64, times: impl Fn(u64, u64) -> u64) -> (u64, u64) {
        (
            times(length.mean(owners), self.of_one),
            times(length.most, self.of_one),
        )
    }
}
