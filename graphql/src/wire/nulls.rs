//! Puts nulls where the specification wants them (October 2021, section 6.4.4).
//!
//! When a non-null field fails, the nearest nullable thing around it becomes null. The library only leaves the field out of its object, or
//! makes an object null that lost all its fields, whatever the types say; typed clients break on either. Only the paths of errors are
//! walked, so an answer without errors costs nothing.

use std::sync::Arc;

use async_graphql::{
    Name, PathSegment, ServerError, Value,
    parser::types::{BaseType, OperationDefinition, Selection, SelectionSet, Type},
};

use crate::Document;

use super::{
    json,
    types::{Types, innermost},
};

/// What was asked, to tell which type stands where in the answer.
#[derive(Clone)]
pub struct Question {
    pub types: Arc<Types>,
    pub document: Arc<Document>,
    pub operation_name: Option<String>,
    /// Whether the answer may name what is in the schema beside what was asked.
    pub may_introspect: bool,
}

impl Question {
    /// The data with a null wherever one of the errors demands it.
    pub fn mend(&self, mut data: Value, errors: &[ServerError]) -> Value {
        let Some(operation) = self.operation() else {
            return data;
        };
        let scope = Scope {
            question: self,
            sets: vec![(self.types.root(operation.ty), &operation.selection_set.node)],
        };
        for error in errors {
            if scope.mend(&mut data, &error.path) == Fate::Lost {
                return Value::Null;
            }
        }
        data
    }

    fn operation(&self) -> Option<&OperationDefinition> {
        let mut operations = self.document.operations.iter();
        let wanted = self.operation_name.as_deref();
        operations
            .find(|(name, _)| wanted.is_none() || name.map(Name::as_str) == wanted)
            .map(|(_, operation)| &operation.node)
    }
}

/// What becomes of a value after an error in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stands,
    /// It has to be null, and so does what is around it if it may not be.
    Lost,
}

/// The selections that made one object of the answer, each with the type it was selected on as far as that is known.
struct Scope<'a> {
    question: &'a Question,
    sets: Vec<(Option<&'a Name>, &'a SelectionSet)>,
}

impl<'a> Scope<'a> {
    /// Mends an object, which lies under this scope.
    fn mend(&self, object: &mut Value, path: &[PathSegment]) -> Fate {
        if json::already_written(object).is_some() {
            return Fate::Stands;
        }
        let (Value::Object(members), Some((PathSegment::Field(name), rest))) = (object, path.split_first())
        else {
            return Fate::Stands;
        };
        let (field_type, below) = self.field(name);
        match members.get_mut(name.as_str()) {
            Some(value) => settle(value, rest, field_type, &below),
            // The library leaves no nullable field out.
            None => Fate::Lost,
        }
    }

    /// The type of the field that answers under this name, and the scope of its own fields.
    fn field(&self, response_name: &str) -> (Option<&'a Type>, Self) {
        let mut found = Found {
            question: self.question,
            response_name,
            field_type: None,
            sets: Vec::new(),
        };
        for (parent, set) in &self.sets {
            found.search(*parent, set);
        }
        (
            found.field_type,
            Self {
                question: self.question,
                sets: found.sets,
            },
        )
    }
}

/// Mends a value of a type; a value that is lost becomes null where its type lets it.
fn settle(value: &mut Value, path: &[PathSegment], of: Option<&Type>, below: &Scope<'_>) -> Fate {
    let fate = match (&mut *value, path.split_first()) {
        (Value::Null, _) if of.is_some() => Fate::Lost,
        (Value::List(values), Some((PathSegment::Index(index), rest))) => {
            let element = of.and_then(|of| match &of.base {
                BaseType::List(element) => Some(&**element),
                BaseType::Named(_) => None,
            });
            values
                .get_mut(*index)
                .map_or(Fate::Stands, |value| settle(value, rest, element, below))
        }
        (object, _) => below.mend(object, path),
    };
    if fate == Fate::Lost && of.is_some_and(|of| of.nullable) {
        *value = Value::Null;
        return Fate::Stands;
    }
    fate
}

/// Gathers every selection that answers under one name.
struct Found<'a, 'n> {
    question: &'a Question,
    response_name: &'n str,
    field_type: Option<&'a Type>,
    sets: Vec<(Option<&'a Name>, &'a SelectionSet)>,
}

impl<'a> Found<'a, '_> {
    fn search(&mut self, parent: Option<&'a Name>, set: &'a SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == self.response_name => {
                    let field = &field.node;
                    let of = parent.and_then(|parent| self.question.types.field(parent, &field.name.node));
                    self.field_type = self.field_type.or(of);
                    self.sets.push((of.map(innermost), &field.selection_set.node));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    let condition = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| &condition.node.on.node);
                    self.search(condition.or(parent), &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self
                        .question
                        .document
                        .fragments
                        .get(&spread.node.fragment_name.node)
                    {
                        let condition = &fragment.node.type_condition.node.on.node;
                        self.search(Some(condition), &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};
    use rstest::rstest;

    use super::*;

    const SDL: &str = "
        schema { query: Query }
        interface Named { name: String! }
        type Thing implements Named { name: String!, maybe: Thing, sure: Thing!, some: [Thing!]!, few: [Thing] }
        type Query { maybe: Thing, sure: Thing!, named: Named }
    ";

    fn mend(query: &str, data: Value, path: &[&str]) -> Value {
        let types = Arc::new(Types::read(SDL));
        let document = Arc::new(Document::new(parse_query(query).unwrap()));
        let question = Question {
            types,
            document,
            operation_name: None,
            may_introspect: true,
        };
        let path = path.iter().map(|segment| match segment.parse() {
            Ok(index) => PathSegment::Index(index),
            Err(_) => PathSegment::Field((*segment).to_owned()),
        });
        question.mend(data, &[ServerError::new("x", None).with_path(path.collect())])
    }

    #[rstest]
    #[case::a_nullable_field_that_failed_is_null_already(
        "{ maybe { name } }", value!({"maybe": null}), &["maybe"], value!({"maybe": null}))]
    #[case::a_missing_field_takes_its_nullable_parent(
        "{ maybe { name maybe { name } } }", value!({"maybe": {"maybe": null}}), &["maybe", "name"], value!({"maybe": null}))]
    #[case::but_nothing_beside_it(
        "{ maybe { name maybe { name } } }", value!({"maybe": {"name": "a", "maybe": {}}}), &["maybe", "maybe", "name"],
        value!({"maybe": {"name": "a", "maybe": null}}))]
    #[case::non_null_parents_go_too(
        "{ sure { sure { name } } }", value!({"sure": {"sure": {}}}), &["sure", "sure", "name"], value!(null))]
    #[case::an_object_that_lost_all_its_fields_is_no_legal_null(
        "{ maybe { sure { name } } }", value!({"maybe": {"sure": null}}), &["maybe", "sure", "name"], value!({"maybe": null}))]
    #[case::a_list_of_nullables_loses_one_element(
        "{ sure { few { name } } }", value!({"sure": {"few": [{"name": "a"}, {}]}}), &["sure", "few", "1", "name"],
        value!({"sure": {"few": [{"name": "a"}, null]}}))]
    #[case::a_list_of_non_nulls_goes_as_a_whole(
        "{ maybe { some { name } } }", value!({"maybe": {"some": [{"name": "a"}, {}]}}), &["maybe", "some", "1", "name"],
        value!({"maybe": null}))]
    #[case::aliases_and_fragments_are_followed(
        "{ a: maybe { ...F } } fragment F on Thing { ... { b: sure { name } } }", value!({"a": {"b": {}}}), &["a", "b", "name"],
        value!({"a": null}))]
    #[case::interfaces_too(
        "{ named { name ... on Thing { sure { name } } } }", value!({"named": {"name": "a"}}), &["named", "sure"],
        value!({"named": null}))]
    #[case::what_no_type_is_known_of_is_lost_as_a_whole(
        "{ unknown { name } }", value!({"unknown": {}}), &["unknown", "name"], value!(null))]
    fn nulls_stand_where_the_specification_wants_them(
        #[case] query: &str,
        #[case] data: Value,
        #[case] path: &[&str],
        #[case] expected: Value,
    ) {
        assert_eq!(mend(query, data, path), expected);
    }

    #[test]
    fn written_json_is_left_alone() {
        let data = value!({"maybe": (json::written("{}".into()))});
        assert_eq!(mend("{ maybe { name } }", data.clone(), &["maybe", "name"]), data);
    }
}
