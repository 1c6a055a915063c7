//! Exact amounts as texts.

use async_graphql::registry::Registry;
use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use graphql::Leaf;

use crate::credits::Credits;

/// An exact number with at most four decimals, as text: "120.5". Never in powers of ten, and without a plus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub Credits);

/// An exact number with at most four decimals, as text: "120.5". Never in powers of ten, and without a plus.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let amount = text.parse().map_err(|_| "expected a number like \"120.5\"")?;
        Ok(Self(amount))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if text.parse::<Credits>().is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Leaf for Decimal {
    fn describe(registry: &mut Registry) -> String {
        <Self as InputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.0.to_string().write(out);
    }
}
