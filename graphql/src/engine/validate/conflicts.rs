//! Whether the fields of one response key can be merged (specification, section 5.3.2).
//!
//! The specification compares every pair. Being of one shape is an equivalence, so here every field is compared with the first of its key; and what
//! is asked with which arguments is compared within each object type that can stand there. A document of hostile size ends at a fixed
//! amount of work.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{Name, Pos, ServerError};
use indexmap::IndexMap;

use crate::Fault;
use crate::engine::type_ref::{Layer, TypeRef};

/// Fields, with their arguments, and fragments looked at; an honest document has a few hundred.
const MOST_LOOKED_AT: usize = 100_000;

/// Refuses a document two fields of which contend for one key.
pub fn check(registry: &Registry, document: &ExecutableDocument) -> Result<(), ServerError> {
    let mut search = Search {
        registry,
        document,
        looked_at: 0,
    };
    for (_, operation) in document.operations.iter() {
        use async_graphql::parser::types::OperationType;
        let root = match operation.node.ty {
            OperationType::Query => Some(registry.query_type.as_str()),
            OperationType::Mutation => registry.mutation_type.as_deref(),
            OperationType::Subscription => registry.subscription_type.as_deref(),
        };
        search.operation(root, &operation.node.selection_set.node)?;
    }
    // Those that no operation uses are refused as such; they must make sense all the same.
    for fragment in document.fragments.values() {
        let on = fragment.node.type_condition.node.on.node.as_str();
        search.operation(Some(on), &fragment.node.selection_set.node)?;
    }
    Ok(())
}

/// A set of selections and the type they are selected on, as far as that is known.
type Set<'a> = (Option<&'a str>, &'a SelectionSet);

/// A field and the type it is selected on.
#[derive(Clone, Copy)]
struct Found<'a> {
    parent: Option<&'a str>,
    field: &'a Field,
    pos: Pos,
    /// Its type as the schema has it, as far as it is known.
    of: Option<TypeRef<'a>>,
}

struct Search<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    looked_at: usize,
}

impl<'a> Search<'a> {
    fn operation(&mut self, root: Option<&'a str>, set: &'a SelectionSet) -> Result<(), ServerError> {
        self.shapes(&[(root, set)])?;
        self.names(&[(root, set)])
    }

    /// Whatever the types of the objects: the values of one key must be of one shape.
    fn shapes(&mut self, sets: &[Set<'a>]) -> Result<(), ServerError> {
        for (key, fields) in self.collect(sets)? {
            let mut typed = fields.iter().filter_map(|field| Some((field, field.of?)));
            if let Some((first, one)) = typed.next() {
                for (other, another) in typed {
                    if !self.is_same_shape(one, another) {
                        let reason = format!("they are of the types {one} and {another}");
                        return Err(conflict(key, &reason, first, other));
                    }
                }
            }
            if fields.iter().any(has_selection) {
                self.shapes(&below(&fields))?;
            }
        }
        Ok(())
    }

    /// Fields that can stand in one object must be the same field with the same arguments.
    fn names(&mut self, sets: &[Set<'a>]) -> Result<(), ServerError> {
        for (key, fields) in self.collect(sets)? {
            for group in self.by_object(fields) {
                let Some((first, others)) = group.split_first() else {
                    continue;
                };
                for other in others {
                    let (one, another) = (&first.field.name.node, &other.field.name.node);
                    if one != another {
                        let reason = format!("{one} and {another} are different fields");
                        return Err(conflict(key, &reason, first, other));
                    }
                    if !are_same_arguments(first.field, other.field) {
                        return Err(conflict(key, "their arguments differ", first, other));
                    }
                }
                if group.iter().any(has_selection) {
                    self.names(&below(&group))?;
                }
            }
        }
        Ok(())
    }

    /// The fields that can stand together in one object: those of each object type, and with them those of interfaces.
    fn by_object(&self, fields: Vec<Found<'a>>) -> Vec<Vec<Found<'a>>> {
        if fields.len() == 1 {
            return vec![fields];
        }
        let is_object = |field: &Found<'a>| {
            let parent = field.parent.and_then(|parent| self.registry.types.get(parent));
            matches!(parent, Some(MetaType::Object { .. }))
        };
        let (objects, anywhere): (Vec<_>, Vec<_>) = fields.into_iter().partition(is_object);
        let mut groups: IndexMap<Option<&str>, Vec<Found<'a>>> = IndexMap::new();
        for field in objects {
            let group = groups.entry(field.parent);
            group.or_insert_with(|| anywhere.clone()).push(field);
        }
        if groups.is_empty() {
            return vec![anywhere];
        }
        groups.into_values().collect()
    }

    fn collect(&mut self, sets: &[Set<'a>]) -> Result<IndexMap<&'a str, Vec<Found<'a>>>, ServerError> {
        let mut fields = IndexMap::new();
        let mut opened: HashSet<&Name> = HashSet::new();
        for (parent, set) in sets {
            self.open(*parent, set, &mut fields, &mut opened)?;
        }
        Ok(fields)
    }

    fn open(
        &mut self,
        parent: Option<&'a str>,
        set: &'a SelectionSet,
        fields: &mut IndexMap<&'a str, Vec<Found<'a>>>,
        opened: &mut HashSet<&'a Name>,
    ) -> Result<(), ServerError> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.count(1 + field.node.arguments.len(), item.pos)?;
                    let key = field.node.response_key().node.as_str();
                    let of = self.type_of(parent, field.node.name.node.as_str());
                    fields.entry(key).or_default().push(Found {
                        parent,
                        field: &field.node,
                        pos: field.pos,
                        of,
                    });
                }
                Selection::InlineFragment(inline) => {
                    self.count(1, item.pos)?;
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map(|condition| condition.node.on.node.as_str());
                    self.open(on.or(parent), &inline.node.selection_set.node, fields, opened)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.count(1, item.pos)?;
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else {
                        continue;
                    };
                    let on = Some(fragment.node.type_condition.node.on.node.as_str());
                    // The same fragment twice says nothing new.
                    if opened.insert(name) {
                        self.open(on, &fragment.node.selection_set.node, fields, opened)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, looked_at: usize, pos: Pos) -> Result<(), ServerError> {
        self.looked_at += looked_at;
        if self.looked_at <= MOST_LOOKED_AT {
            return Ok(());
        }
        let message = "The fields of the document overlap in too many ways to compare them.";
        Err(Fault::new("COST_LIMIT_EXCEEDED", message).server_error(pos))
    }

    /// `__typename` has none here, as in graphql-js: it may share its key with whatever cannot stand in the same object.
    fn type_of(&self, parent: Option<&str>, field: &str) -> Option<TypeRef<'a>> {
        let parent = self.registry.types.get(parent?)?;
        Some(TypeRef::Text(&parent.field_by_name(field)?.ty))
    }

    fn is_same_shape(&self, one: TypeRef<'_>, another: TypeRef<'_>) -> bool {
        match (one.layer(), another.layer()) {
            (Layer::NonNull(one), Layer::NonNull(another)) | (Layer::List(one), Layer::List(another)) => {
                self.is_same_shape(one, another)
            }
            (Layer::Named(one), Layer::Named(another)) => {
                one == another || (self.is_composite(one) && self.is_composite(another))
            }
            _ => false,
        }
    }

    fn is_composite(&self, name: &str) -> bool {
        self.registry.types.get(name).is_some_and(MetaType::is_composite)
    }
}

fn has_selection(found: &Found<'_>) -> bool {
    !found.field.selection_set.node.items.is_empty()
}

/// What is selected below these fields.
fn below<'a>(fields: &[Found<'a>]) -> Vec<Set<'a>> {
    let below = fields.iter().map(|found| {
        let parent = found.of.map(TypeRef::name);
        (parent, &found.field.selection_set.node)
    });
    below.collect()
}

fn are_same_arguments(one: &Field, another: &Field) -> bool {
    one.arguments.len() == another.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            another
                .get_argument(&name.node)
                .is_some_and(|other| value.node == other.node)
        })
}

fn conflict(key: &str, reason: &str, one: &Found<'_>, another: &Found<'_>) -> ServerError {
    let message = format!(
        "Fields \"{key}\" conflict because {reason}. Use different aliases on the fields to fetch both if this was intentional."
    );
    let mut error = ServerError::new(message, Some(one.pos));
    error.locations.push(another.pos);
    error
}
