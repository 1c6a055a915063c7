//! Reads a GraphQL request, as it comes in an HTTP body or in a socket's `subscribe`, from JSON.

use std::collections::HashMap;

use async_graphql::{Value, Variables};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::WRITTEN;
use crate::nul;

/// A thousand records of usage.
pub(super) const LARGEST_VARIABLES: usize = 256 * 1024;

/// What a client asks, not yet looked into.
pub struct Envelope {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    pub extensions: HashMap<String, Value>,
}

/// Why there is no envelope.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not JSON at all.
    NotJson,
    /// JSON, but not a request; the text says what is missing or wrong.
    NotARequest(&'static str),
    /// The variables are larger than anything a client has to send.
    VariablesTooLarge,
    /// A text that could not be stored.
    NulInVariables,
}

impl Unreadable {
    /// For the people who write clients.
    pub fn message(&self) -> String {
        match self {
            Self::NotJson => "The request is not valid JSON.".into(),
            Self::NotARequest(what) => (*what).into(),
            Self::VariablesTooLarge => {
                format!("The variables are larger than {} KiB.", LARGEST_VARIABLES / 1024)
            }
            Self::NulInVariables => nul::REFUSED.into(),
        }
    }
}

/// The four members a request may have; others are ignored, as the specification wants.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow, rename = "operationName")]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
}

impl Envelope {
    pub fn read(json: &[u8]) -> Result<Self, Unreadable> {
        // A list would otherwise be taken for the members in their order.
        match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => {
                return Err(Unreadable::NotARequest(
                    "Batches are not supported: send one request at a time.",
                ));
            }
            Some(b'{') => {}
            _ => return Err(Unreadable::NotJson),
        }
        let members: Members<'_> = serde_json::from_slice(json).map_err(|error| {
            if error.is_data() {
                Unreadable::NotARequest("A member is there twice.")
            } else {
                Unreadable::NotJson
            }
        })?;
        let Some(query) = members.query else {
            return Err(Unreadable::NotARequest(
                "`query` is missing: the text of a GraphQL document.",
            ));
        };
        if members
            .variables
            .is_some_and(|variables| variables.get().len() > LARGEST_VARIABLES)
        {
            return Err(Unreadable::VariablesTooLarge);
        }
        if members
            .variables
            .is_some_and(|variables| nul::is_spelt_in(variables.get().as_bytes()))
        {
            return Err(Unreadable::NulInVariables);
        }
        let variables: Variables = optional(members.variables, "`variables` must be an object.")?;
        if variables.values().any(pretends_to_be_written_json) {
            return Err(Unreadable::NotARequest("`variables` must not carry raw values."));
        }
        Ok(Self {
            query: required(query, "`query` must be a string.")?,
            operation_name: optional(members.operation_name, "`operationName` must be a string.")?,
            variables,
            extensions: optional(members.extensions, "`extensions` must be an object.")?,
        })
    }
}

fn required<'a, T: Deserialize<'a>>(member: &'a RawValue, otherwise: &'static str) -> Result<T, Unreadable> {
    serde_json::from_str(member.get()).map_err(|_| Unreadable::NotARequest(otherwise))
}

fn optional<'a, T: Deserialize<'a> + Default>(
    member: Option<&'a RawValue>,
    otherwise: &'static str,
) -> Result<T, Unreadable> {
    member.map_or_else(|| Ok(T::default()), |member| required(member, otherwise))
}

/// The serializer copies the text under this key into the answer as it is; only our own code may put it there.
fn pretends_to_be_written_json(value: &Value) -> bool {
    match value {
        Value::List(values) => values.iter().any(pretends_to_be_written_json),
        Value::Object(members) => {
            members.contains_key(WRITTEN) || members.values().any(pretends_to_be_written_json)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_whole_request_is_read() {
        let json = br#" {"query":"q","operationName":"o","variables":{"a":[1,{"b":null}]},"extensions":{"e":1},"x":2}"#;
        let envelope = Envelope::read(json).unwrap();
        assert_eq!(envelope.query, "q");
        assert_eq!(envelope.operation_name.as_deref(), Some("o"));
        assert_eq!(envelope.variables.len(), 1);
        assert_eq!(envelope.extensions.len(), 1);
    }

    #[test]
    fn null_is_as_good_as_nothing() {
        let envelope =
            Envelope::read(br#"{"query":"q","operationName":null,"variables":null,"extensions":null}"#)
                .unwrap();
        assert_eq!(envelope.operation_name, None);
        assert!(envelope.variables.is_empty() && envelope.extensions.is_empty());
    }

    #[rstest]
    #[case(r#"{"query":"#)]
    #[case("")]
    #[case("\"text\"")]
    #[case(r#"{"query":"q"} {}"#)]
    fn what_is_not_json_is_refused(#[case] json: &str) {
        assert_eq!(Envelope::read(json.as_bytes()).err(), Some(Unreadable::NotJson));
    }

    #[rstest]
    #[case(r#"[{"query":"q"}]"#)]
    #[case(r#"["q",null,null,null]"#)]
    #[case("{}")]
    #[case(r#"{"query":null}"#)]
    #[case(r#"{"query":1}"#)]
    #[case(r#"{"query":"q","query":"r"}"#)]
    #[case(r#"{"query":"q","operationName":1}"#)]
    #[case(r#"{"query":"q","variables":[]}"#)]
    #[case(r#"{"query":"q","variables":"{}"}"#)]
    #[case(r#"{"query":"q","extensions":[]}"#)]
    fn json_that_is_no_request_is_refused(#[case] json: &str) {
        assert!(
            matches!(Envelope::read(json.as_bytes()), Err(Unreadable::NotARequest(_))),
            "{json}"
        );
    }

    #[test]
    fn variables_may_have_sixty_four_kibibytes() {
        let request = |length| {
            format!(
                r#"{{"query":"q","variables":{{"a":"{}"}}}}"#,
                "x".repeat(length - 8)
            )
        };
        assert!(Envelope::read(request(LARGEST_VARIABLES).as_bytes()).is_ok());
        let refusal = Envelope::read(request(LARGEST_VARIABLES + 1).as_bytes()).err();
        assert_eq!(refusal, Some(Unreadable::VariablesTooLarge));
    }

    #[rstest]
    #[case(r#"{"a":"x\u0000"}"#, true)]
    #[case(r#"{"a":[{"b\u0000":1}]}"#, true)]
    #[case(r#"{"a":"x\\u0000"}"#, false)]
    fn variables_carry_no_nul(#[case] variables: &str, #[case] is_refused: bool) {
        let json = format!(r#"{{"query":"q","variables":{variables}}}"#);
        let refusal = Envelope::read(json.as_bytes()).err();
        assert_eq!(refusal, is_refused.then_some(Unreadable::NulInVariables));
    }

    #[rstest]
    #[case(r#"{"$serde_json::private::RawValue":"}evil"}"#)]
    #[case(r#"[{"b":{"\u0024serde_json::private::RawValue":"}evil"}}]"#)]
    fn a_client_cannot_pass_text_off_as_written_json(#[case] value: &str) {
        let json = format!(r#"{{"query":"q","variables":{{"a":{value}}}}}"#);
        assert!(matches!(
            Envelope::read(json.as_bytes()),
            Err(Unreadable::NotARequest(_))
        ));
    }
}
