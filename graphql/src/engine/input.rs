//! Values that come in, against their types: literals of a document and the JSON of its variables (specification, sections 3 and 5.6.1).

use std::fmt;

use async_graphql::registry::{MetaInputValue, MetaType};
use async_graphql_value::{ConstValue, Number};
use chrono::{DateTime, NaiveDate, Utc};

use super::type_ref::TypeRef;

/// Where in an argument or a variable a value stands: `input.userIds.0`.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    within: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub const fn at(name: &'a str) -> Self {
        Self {
            within: None,
            step: Step::Name(name),
        }
    }

    pub const fn member(&'a self, name: &'a str) -> Self {
        Self {
            within: Some(self),
            step: Step::Name(name),
        }
    }

    pub const fn item(&'a self, index: usize) -> Self {
        Self {
            within: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            write!(f, "{within}.")?;
        }
        match self.step {
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => write!(f, "{index}"),
        }
    }
}

/// How a value was written: names of enum values stand bare in a document and are texts in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Literal,
    Json,
}

/// Why a value is none of a scalar or an enum; `None` if it is one. Null is for the caller to judge.
pub fn misfit(of: &MetaType, value: &ConstValue, written: Written) -> Option<String> {
    let fits = match of {
        MetaType::Enum {
            enum_values, name, ..
        } => {
            let given = match (value, written) {
                (ConstValue::Enum(given), Written::Literal) => given.as_str(),
                (ConstValue::String(given), Written::Json) => given,
                _ => return Some(expected(name)),
            };
            return (!enum_values.contains_key(given))
                .then(|| format!("\"{name}\" has no value \"{given}\""));
        }
        MetaType::Scalar { name, is_valid, .. } => match name.as_str() {
            "Int" => matches!(value, ConstValue::Number(number) if is_int(number)),
            "Float" => matches!(value, ConstValue::Number(_)),
            "String" => matches!(value, ConstValue::String(_)),
            "Boolean" => matches!(value, ConstValue::Boolean(_)),
            "ID" => match value {
                ConstValue::Number(number) => !number.is_f64(),
                value => matches!(value, ConstValue::String(_)),
            },
            "DateTime" => match value {
                ConstValue::String(text) if text.parse::<DateTime<Utc>>().is_err() => {
                    return Some(NO_TIME.to_owned());
                }
                value => matches!(value, ConstValue::String(_)),
            },
            "Date" => match value {
                ConstValue::String(text) if text.parse::<NaiveDate>().is_err() => {
                    return Some(NO_DAY.to_owned());
                }
                value => matches!(value, ConstValue::String(_)),
            },
            _ => is_valid.as_ref().is_none_or(|is_valid| is_valid(value)),
        },
        // Nothing else that comes here can be given.
        _ => false,
    };
    (!fits).then(|| expected(of.name()))
}

/// What is said of a text that is no time.
const NO_TIME: &str = "expected a time like \"2026-01-31T12:00:00Z\"";

/// What is said of a text that is no day of the calendar.
const NO_DAY: &str = "expected a day like \"2026-01-31\"";

/// `Int` has 32 bits (specification, section 3.5.1).
fn is_int(number: &Number) -> bool {
    number
        .as_i64()
        .is_some_and(|number| i32::try_from(number).is_ok())
}

pub fn expected(of: impl fmt::Display) -> String {
    format!("expected type \"{of}\"")
}

pub fn unknown_member(name: &str, of: &str) -> String {
    format!("\"{name}\" is no field of \"{of}\"")
}

pub fn missing_member(field: &MetaInputValue) -> String {
    let (name, of) = (&field.name, &field.ty);
    format!("field \"{name}\" of type \"{of}\" is required but not provided")
}

/// What is said of an input object of which one field must be given.
pub const NOT_ONE: &str = "exactly one of its fields must be given";

/// Whether an input object may not lack the field.
pub fn is_required(field: &MetaInputValue) -> bool {
    field.default_value.is_none() && TypeRef::Text(&field.ty).is_non_null()
}
