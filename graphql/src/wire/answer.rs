//! What a client may see of what the schema answered.
//!
//! Whatever error does not carry one of our codes is a defect: its text goes to the log, the client is told "Internal error" and a
//! request id. Nulls are put where the specification wants them. Both kinds of lists an
//! attacker could blow up, the errors and the whole answer, are bounded.

use std::collections::BTreeMap;

use async_graphql::{PathSegment, Response, ServerError, Value};
use http::StatusCode;

use super::{
    fault::{Fault, RequestId},
    fit::{fit_for_clients, without_suggestion},
    json,
    nulls::Question,
};

const MOST_ERRORS: usize = 20;
const LARGEST: usize = 5 * 1024 * 1024;

/// An answer fit to be sent.
pub struct Answer {
    /// `None`: the operation was not executed at all, and the answer has no `data` member.
    data: Option<Value>,
    errors: Vec<ServerError>,
    extensions: BTreeMap<String, Value>,
}

impl Answer {
    pub fn of(response: Response, question: &Question, request: &RequestId) -> Self {
        let executed = response.data != Value::Null
            || response.errors.is_empty()
            || response.errors.iter().any(|error| !error.path.is_empty());
        let mut errors = response.errors;
        let data = executed.then(|| question.mend(response.data, &errors));
        if errors.len() > MOST_ERRORS {
            tracing::info!(request_id = %request.0, errors = errors.len(), "an answer's errors were cut");
            errors.truncate(MOST_ERRORS);
        }
        Self {
            data,
            errors: errors
                .into_iter()
                .map(|error| fit_for_clients(error, executed, request))
                .map(|error| {
                    if question.may_introspect {
                        error
                    } else {
                        without_suggestion(error)
                    }
                })
                .collect(),
            extensions: response.extensions,
        }
    }

    /// The answer to something that was refused before it was executed.
    pub fn refusal(error: ServerError) -> Self {
        Self {
            data: None,
            errors: vec![error],
            extensions: BTreeMap::new(),
        }
    }

    /// Whether the operation was not executed.
    pub fn is_refusal(&self) -> bool {
        self.data.is_none()
    }

    /// Whether there is nothing in it but errors.
    pub fn is_barren(&self) -> bool {
        !self.errors.is_empty() && matches!(self.data, None | Some(Value::Null))
    }

    /// Why the operation was not executed; `None` if it was.
    pub fn fault(&self) -> Option<Fault> {
        let first = self.errors.first().filter(|_| self.is_refusal())?;
        Some(Fault::of(first).unwrap_or(Fault::Internal))
    }

    /// The status of an HTTP answer whose media type tells by the status whether there is data.
    ///
    /// Whoever asks without a token for what only the signed-in may see learns it by the same status as whoever brings a bad one.
    pub fn status(&self) -> StatusCode {
        match self.fault() {
            Some(fault) => fault.status(),
            None if self.is_for_others() => Fault::Unauthenticated.status(),
            None => StatusCode::OK,
        }
    }

    /// Whether all that was asked for is missing because nobody is signed in.
    fn is_for_others(&self) -> bool {
        let is_null = |value: &Value| *value == Value::Null || json::already_written(value) == Some("null");
        let is_empty = match &self.data {
            Some(Value::Object(members)) => members.values().all(is_null),
            data => data.as_ref().is_none_or(is_null),
        };
        let says_so = |error| Fault::of(error) == Some(Fault::Unauthenticated);
        is_empty && !self.errors.is_empty() && self.errors.iter().all(says_so)
    }

    /// Seconds after which a refused client may come again.
    pub fn retry_after(&self) -> Option<u64> {
        match self
            .errors
            .first()?
            .extensions
            .as_ref()?
            .get("retryAfterSeconds")?
        {
            Value::Number(seconds) => seconds.as_u64(),
            _ => None,
        }
    }

    /// The JSON text. An answer that is too large is replaced by one that says so.
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(1024);
        self.write_into(&mut out);
        out
    }

    /// Appends the JSON text, as [`write`](Self::write).
    pub fn write_into(&self, out: &mut String) {
        let start = out.len();
        self.write_members(out);
        if out.len() - start > LARGEST {
            out.truncate(start);
            let message = format!(
                "The answer is larger than {} MiB: ask for less.",
                LARGEST / 1024 / 1024
            );
            let too_large = Fault::CostLimitExceeded.error(message, None);
            let data = self.data.is_some().then_some(Value::Null);
            Self {
                data,
                errors: vec![too_large],
                extensions: BTreeMap::new(),
            }
            .write_members(out);
        }
    }

    /// Appends the list of errors alone.
    pub fn write_errors(&self, out: &mut String) {
        json::write_items(&self.errors, out, write_error);
    }

    fn write_members(&self, out: &mut String) {
        let mut separator = '{';
        if !self.errors.is_empty() {
            out.push_str("{\"errors\":");
            self.write_errors(out);
            separator = ',';
        }
        if let Some(data) = &self.data {
            out.push(separator);
            out.push_str("\"data\":");
            json::write(data, out);
            separator = ',';
        }
        if !self.extensions.is_empty() {
            out.push(separator);
            out.push_str("\"extensions\":");
            json::write_members(
                self.extensions.iter().map(|(name, value)| (name.as_str(), value)),
                out,
            );
        }
        out.push('}');
    }
}

fn write_error(error: &ServerError, out: &mut String) {
    out.push_str("{\"message\":");
    json::write_text(&error.message, out);
    if !error.locations.is_empty() {
        out.push_str(",\"locations\":");
        json::write_items(&error.locations, out, |position, out| {
            let (line, column) = (position.line, position.column);
            json::write_display(format_args!("{{\"line\":{line},\"column\":{column}}}"), out);
        });
    }
    if !error.path.is_empty() {
        out.push_str(",\"path\":");
        json::write_items(&error.path, out, |segment, out| match segment {
            PathSegment::Field(name) => json::write_text(name, out),
            PathSegment::Index(index) => json::write_display(index, out),
        });
    }
    if let Some(extensions) = error
        .extensions
        .as_ref()
        .and_then(|extensions| async_graphql::to_value(extensions).ok())
    {
        out.push_str(",\"extensions\":");
        json::write(&extensions, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::value;

    use super::*;

    fn answer(data: Value, errors: Vec<ServerError>) -> Answer {
        let mut response = Response::new(data);
        response.errors = errors;
        let document = async_graphql::parser::parse_query("{ a }").unwrap();
        let question = Question {
            types: Arc::default(),
            document: Arc::new(crate::Document::new(document)),
            operation_name: None,
            may_introspect: true,
        };
        Answer::of(response, &question, &RequestId("req-1".into()))
    }

    fn at(path: &[&str], error: ServerError) -> ServerError {
        error.with_path(
            path.iter()
                .map(|name| PathSegment::Field((*name).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn an_error_without_our_code_is_hidden() {
        let secret = at(&["a"], ServerError::new("sqlx error at 10.0.0.1", None));
        let text = answer(value!({ "a": null }), vec![secret]).write();
        assert_eq!(
            text,
            r#"{"errors":[{"message":"Internal error","path":["a"],"extensions":{"code":"INTERNAL","requestId":"req-1"}}],"data":{"a":null}}"#
        );
    }

    #[test]
    fn an_unknown_code_is_no_code() {
        let mut error = at(&["a"], ServerError::new("secret", None));
        error.extensions.get_or_insert_default().set("code", "WHATEVER");
        assert!(
            !answer(value!({ "a": null }), vec![error])
                .write()
                .contains("secret")
        );
    }

    #[test]
    fn our_own_errors_pass_as_they_are() {
        let error = at(&["a"], Fault::Forbidden.error("You may not do this.", None));
        let text = answer(value!({ "a": null }), vec![error]).write();
        assert!(
            text.contains(
                r#""message":"You may not do this.","path":["a"],"extensions":{"code":"FORBIDDEN"}"#
            )
        );
    }

    #[test]
    fn words_of_the_validation_pass_but_not_a_cause_we_do_not_know() {
        let refused = answer(Value::Null, vec![ServerError::new("Unknown field \"x\"", None)]);
        assert_eq!(refused.fault(), Some(Fault::ValidationFailed));
        assert!(!refused.write().contains("\"data\""));
        let cost = answer(Value::Null, vec![ServerError::new("Query is too complex.", None)]);
        assert_eq!(cost.fault(), Some(Fault::CostLimitExceeded));
        let mut with_cause = ServerError::new("secret", None);
        with_cause.source = Some(Arc::new(std::fmt::Error));
        assert_eq!(
            answer(Value::Null, vec![with_cause]).fault(),
            Some(Fault::Internal)
        );
    }

    #[test]
    fn twenty_errors_are_enough() {
        let errors = (0..30).map(|_| ServerError::new("no", None)).collect();
        assert_eq!(answer(Value::Null, errors).errors.len(), 20);
    }

    #[test]
    fn an_answer_over_five_mebibytes_is_replaced() {
        let large = answer(value!({ "a": ("x".repeat(LARGEST)) }), vec![]).write();
        assert!(
            large.len() < 300 && large.contains("COST_LIMIT_EXCEEDED") && large.ends_with(r#""data":null}"#)
        );
    }
}
