//! Writes a GraphQL value as JSON text.
//!
//! The lists of the console are written by the database or by our own read path once; [`written`] carries such text through the
//! schema untouched, and here it is copied into the answer as it is. (The library's own serializer would parse it again to see
//! that it is JSON.)

use std::fmt::Write;

use async_graphql::{Name, Value, indexmap::IndexMap};

/// The single key of an object that stands for JSON already written; `serde_json`'s own for its `RawValue`.
pub(super) const WRITTEN: &str = "$serde_json::private::RawValue";

/// A value whose JSON text is there already. The text must be one whole JSON value: nobody checks it again.
pub fn written(json: String) -> Value {
    Value::Object(IndexMap::from_iter([(Name::new(WRITTEN), Value::String(json))]))
}

/// The JSON text of a value.
pub fn json_text(value: &Value) -> Vec<u8> {
    let mut out = String::new();
    write(value, &mut out);
    out.into_bytes()
}

/// Appends the value to the text.
pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Number(number) => write_display(number, out),
        Value::String(text) => write_text(text, out),
        Value::Enum(name) => write_text(name, out),
        Value::Binary(bytes) => write_items(bytes, out, write_display),
        Value::List(values) => write_items(values, out, write),
        Value::Object(members) => match already_written(value) {
            Some(json) => out.push_str(json),
            None => write_members(members.iter().map(|(name, value)| (name.as_str(), value)), out),
        },
    }
}

/// The text of a value made by [`written`].
pub(super) fn already_written(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) if members.len() == 1 => match members.get(WRITTEN) {
            Some(Value::String(json)) => Some(json),
            _ => None,
        },
        _ => None,
    }
}

/// Appends an object.
pub(super) fn write_members<'a>(members: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut String) {
    out.push('{');
    for (nth, (name, value)) in members.enumerate() {
        if nth > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// Appends a list.
pub(super) fn write_items<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    write: impl Fn(T, &mut String),
) {
    out.push('[');
    for (nth, item) in items.into_iter().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// Appends a number.
pub(super) fn write_display(number: impl std::fmt::Display, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

/// Appends a string in quotes, escaped as RFC 8259, section 7, demands.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => write_display(format_args!("\\u{control:04x}"), out),
        }
    }
    out.push_str(&text[plain_from..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn json(value: &Value) -> String {
        let mut out = String::new();
        write(value, &mut out);
        out
    }

    #[test]
    fn values_are_written_as_the_library_would() {
        let value = value!({
            "text": "a \"quoted\"\\ \u{1}\n\r\t\u{7f} ü €", "numbers": [0, -1, 1.5, 1e300, 18_446_744_073_709_551_615_u64],
            "nothing": null, "yes": true, "no": false, "empty": {}, "none": []
        });
        assert_eq!(json(&value), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn written_json_is_copied_verbatim() {
        let text = r#"{ "b" : [1,  2.50], "a":"\u00fc" }"#;
        let value = Value::List(vec![written(text.to_owned()), Value::Null]);
        assert_eq!(json(&value), format!("[{text},null]"));
    }

    #[test]
    fn the_key_is_the_one_of_raw_values() {
        let raw = RawValue::from_string("[1]".to_owned()).unwrap();
        assert_eq!(async_graphql::to_value(&raw).unwrap(), written("[1]".to_owned()));
    }

    #[test]
    fn an_object_with_more_than_the_key_is_an_ordinary_one() {
        let mut value = written("[1]".to_owned());
        if let Value::Object(members) = &mut value {
            members.insert(Name::new("other"), Value::Null);
        }
        assert_eq!(
            json(&value),
            r#"{"$serde_json::private::RawValue":"[1]","other":null}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_survives(text: String) {
            let written = json(&Value::String(text.clone()));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
