//! The messages of `graphql-transport-ws`, both ways.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{super::json, operations::Said};

/// The answer to a `connection_init` whose sender is admitted.
pub const ACKNOWLEDGEMENT: &str = r#"{"type":"connection_ack"}"#;

/// What a client may say.
pub enum Heard<'a> {
    Init { payload: Value },
    Ping { payload: Option<&'a RawValue> },
    Pong,
    Subscribe { id: String, payload: &'a RawValue },
    Complete { id: String },
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

impl<'a> Heard<'a> {
    /// `None` for whatever the protocol does not let a client say.
    pub fn read(text: &'a str) -> Option<Self> {
        // A list would otherwise be taken for the members in their order.
        if !text.trim_start().starts_with('{') {
            return None;
        }
        let Members { kind, id, payload } = serde_json::from_str(text).ok()?;
        if payload.is_some_and(|payload| !payload.get().starts_with('{')) {
            return None;
        }
        let id = id.filter(|id| !id.is_empty());
        match &*kind {
            "connection_init" => {
                let payload = payload.map_or(Ok(Value::Null), |payload| serde_json::from_str(payload.get()));
                Some(Self::Init {
                    payload: payload.ok()?,
                })
            }
            "ping" => Some(Self::Ping { payload }),
            "pong" => Some(Self::Pong),
            "subscribe" => Some(Self::Subscribe {
                id: id?,
                payload: payload?,
            }),
            "complete" => Some(Self::Complete { id: id? }),
            _ => None,
        }
    }
}

/// The answer to a ping, with the ping's own payload.
pub fn pong(payload: Option<&RawValue>) -> String {
    let Some(payload) = payload else {
        return r#"{"type":"pong"}"#.to_owned();
    };
    format!(r#"{{"type":"pong","payload":{payload}}}"#)
}

/// The message that carries what an operation said.
pub fn said(id: &str, said: &Said) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str(r#"{"id":"#);
    json::write_text(id, &mut out);
    match said {
        Said::Next(answer) => {
            out.push_str(r#","type":"next","payload":"#);
            answer.write_into(&mut out);
        }
        Said::Error(answer) => {
            out.push_str(r#","type":"error","payload":"#);
            answer.write_errors(&mut out);
        }
        Said::Complete => out.push_str(r#","type":"complete""#),
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"type":"connection_init"}"#)]
    #[case(r#" {"type":"connection_init","payload":null}"#)]
    #[case(r#"{"payload":{"a":[1]},"type":"connection_init","more":1}"#)]
    #[case(r#"{"type":"p\u0069ng","payload":{}}"#)]
    #[case(r#"{"type":"pong"}"#)]
    #[case(r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#)]
    #[case(r#"{"type":"complete","id":"1"}"#)]
    fn what_the_protocol_allows_is_understood(#[case] text: &str) {
        assert!(Heard::read(text).is_some());
    }

    #[rstest]
    #[case("")]
    #[case("not json")]
    #[case("null")]
    #[case(r#"["ping",null,null]"#)]
    #[case(r#"{"id":"1"}"#)]
    #[case(r#"{"type":1}"#)]
    #[case(r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#)]
    #[case(r#"{"type":"connection_init","payload":"text"}"#)]
    #[case(r#"{"type":"connection_init","payload":[]}"#)]
    #[case(r#"{"type":"ping","payload":1}"#)]
    #[case(r#"{"type":"subscribe","payload":{"query":"{a}"}}"#)]
    #[case(r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#)]
    #[case(r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#)]
    #[case(r#"{"type":"subscribe","id":"1"}"#)]
    #[case(r#"{"type":"subscribe","id":"1","payload":null}"#)]
    #[case(r#"{"type":"complete"}"#)]
    #[case(r#"{"type":"next","id":"1","payload":{}}"#)]
    #[case(r#"{"type":"connection_ack"}"#)]
    fn everything_else_is_not(#[case] text: &str) {
        assert!(Heard::read(text).is_none());
    }
}
