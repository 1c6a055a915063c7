//! Values without fields of their own, and how each is written as JSON.

use std::fmt::Write as _;

use async_graphql::registry::Registry;
use async_graphql::{InputType, OutputType};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// A scalar or enum, a list of them, or one that may be absent.
pub trait Leaf {
    const IS_NULLABLE: bool = false;

    /// Describes the type and answers its name as it stands in the schema: `String!`.
    fn describe(registry: &mut Registry) -> String;

    fn write(&self, out: &mut Vec<u8>);
}

impl Leaf for str {
    fn describe(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(out, self);
    }
}

impl Leaf for String {
    fn describe(registry: &mut Registry) -> String {
        str::describe(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.as_str().write(out);
    }
}

impl Leaf for i32 {
    fn describe(registry: &mut Registry) -> String {
        <i32 as OutputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let _ = serde_json::to_writer(out, self);
    }
}

impl Leaf for bool {
    fn describe(registry: &mut Registry) -> String {
        <bool as OutputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Leaf for DateTime<Utc> {
    fn describe(registry: &mut Registry) -> String {
        <Self as OutputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.to_rfc3339_opts(SecondsFormat::Millis, true).write(out);
    }
}

impl Leaf for NaiveDate {
    fn describe(registry: &mut Registry) -> String {
        <Date as InputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut text = String::with_capacity(10);
        let _ = write!(text, "{self}");
        text.write(out);
    }
}

/// Calendar date, for example 2026-11-22.
#[derive(Clone, Copy, Debug)]
pub struct Date(pub NaiveDate);

/// Calendar date, for example 2026-11-22.
#[async_graphql::Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl async_graphql::ScalarType for Date {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        match &value {
            async_graphql::Value::String(text) => Ok(Self(text.parse()?)),
            _ => Err(async_graphql::InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> async_graphql::Value {
        async_graphql::Value::String(self.0.to_string())
    }
}

impl<L: Leaf> Leaf for Option<L> {
    const IS_NULLABLE: bool = true;

    fn describe(registry: &mut Registry) -> String {
        L::describe(registry).trim_end_matches('!').to_owned()
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<L: Leaf> Leaf for Vec<L> {
    fn describe(registry: &mut Registry) -> String {
        format!("[{}]!", L::describe(registry))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            value.write(out);
        }
        out.push(b']');
    }
}

/// Makes GraphQL enums writable.
#[macro_export]
macro_rules! enum_leaf {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::Leaf for $name {
            fn describe(registry: &mut ::async_graphql::registry::Registry) -> String {
                <$name as ::async_graphql::OutputType>::create_type_info(registry)
            }

            fn write(&self, out: &mut Vec<u8>) {
                let ::async_graphql::Value::Enum(name) = ::async_graphql::resolver_utils::enum_value(*self) else { return };
                $crate::Leaf::write(name.as_str(), out);
            }
        }
    )+};
}
