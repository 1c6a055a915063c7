//! From what a client asks to a request the schema can execute.

use async_graphql::{
    Request, ServerError,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};

use super::{Reader, envelope::Envelope, fault::Fault, introspection, nulls::Question};

/// A request within the limits, parsed, with its operation chosen.
pub struct Operation {
    pub request: Request,
    pub kind: OperationType,
    pub question: Question,
}

impl Operation {
    /// `is_signed_in` says whether whoever asks has shown who they are.
    pub fn prepare(reader: &Reader, envelope: Envelope, is_signed_in: bool) -> Result<Self, ServerError> {
        let document = reader.documents.read(&envelope.query, reader.types.sizes())?;
        let definition = choose(&document, envelope.operation_name.as_deref())?;
        let may_introspect = reader.introspection.is_for(is_signed_in);
        if !may_introspect && introspection::is_in(definition, &document) {
            return Err(reader.introspection.refusal());
        }
        let kind = definition.ty;

        let mut request = Request::new(envelope.query).variables(envelope.variables);
        request.operation_name = named(&document, envelope.operation_name);
        request.extensions.0.extend(envelope.extensions);
        let request = request.data(document.clone());
        let question = Question {
            types: reader.types.clone(),
            document,
            operation_name: request.operation_name.clone(),
            may_introspect,
        };
        Ok(Self {
            request,
            kind,
            question,
        })
    }
}

/// The schema looks for a name among named operations only; an empty name is no name.
fn named(document: &ExecutableDocument, name: Option<String>) -> Option<String> {
    match document.operations {
        DocumentOperations::Single(_) => None,
        DocumentOperations::Multiple(_) => name.filter(|name| !name.is_empty()),
    }
}

fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let name = name.filter(|name| !name.is_empty());
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        _ => None,
    };
    chosen.map(|operation| &operation.node).ok_or_else(|| {
        let message = name.map_or_else(
            || "The document has several operations: say which in `operationName`.".to_owned(),
            |name| format!("The document has no operation named `{name}`."),
        );
        Fault::BadUserInput.error(message, None)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::{super::introspection::Introspection, *};

    fn prepare(request: &serde_json::Value) -> Result<Operation, ServerError> {
        prepare_for(Introspection::Everybody, request, false)
    }

    fn prepare_for(
        introspection: Introspection,
        request: &serde_json::Value,
        is_signed_in: bool,
    ) -> Result<Operation, ServerError> {
        let envelope = Envelope::read(request.to_string().as_bytes()).unwrap();
        let reader = Reader {
            introspection,
            ..Reader::default()
        };
        Operation::prepare(&reader, envelope, is_signed_in)
    }

    #[rstest]
    #[case(Introspection::Off, false, Some(Fault::Forbidden))]
    #[case(Introspection::Off, true, Some(Fault::Forbidden))]
    #[case(Introspection::SignedIn, false, Some(Fault::Unauthenticated))]
    #[case(Introspection::SignedIn, true, None)]
    #[case(Introspection::Everybody, false, None)]
    fn the_setting_decides_who_introspects(
        #[case] setting: Introspection,
        #[case] is_signed_in: bool,
        #[case] refused: Option<Fault>,
    ) {
        for query in [
            "{ a __schema { types { name } } }",
            "{ ... { ...F } } fragment F on Query { ...G } fragment G on Query { __type(name: \"A\") { name } }",
            "query A { b } query B { __schema { types { name } } }",
        ] {
            let request = json!({"query": query, "operationName": query.starts_with("query").then_some("B")});
            let refusal = prepare_for(setting, &request, is_signed_in).err();
            assert_eq!(
                refusal.map(|error| Fault::of(&error).unwrap()),
                refused,
                "{query}"
            );
        }
        for query in [
            "{ __typename }",
            "query A { __typename }  query B { __schema { types { name } } }",
        ] {
            let request = json!({"query": query, "operationName": query.starts_with("query").then_some("A")});
            assert!(prepare_for(setting, &request, is_signed_in).is_ok(), "{query}");
        }
    }

    #[test]
    fn the_operation_is_chosen_by_its_name() {
        let query = "query A { a } mutation B { b }";
        assert_eq!(
            prepare(&json!({"query": query, "operationName": "B"}))
                .unwrap()
                .kind,
            OperationType::Mutation
        );
        assert!(prepare(&json!({"query": query})).is_err());
        assert!(prepare(&json!({"query": query, "operationName": "C"})).is_err());
        assert!(prepare(&json!({"query": "{ a }", "operationName": "A"})).is_err());
        assert!(prepare(&json!({"query": "query A { a }"})).is_ok());
    }
}
