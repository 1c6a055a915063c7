//! Conditions whose value is part of the statement's text.
//!
//! An index over a part of a table (`… WHERE status <> 'REMOVED'`) serves a statement only if the server sees, when it plans, that the statement asks for that part.
//! A bound value is not seen: the statement would be planned anew each time, or walk the whole table.

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ActiveEnum, ColumnTrait};

/// Comparisons with a constant, for columns that hold an enum as text.
pub trait Constants: ColumnTrait {
    /// `column = 'VALUE'`
    fn eq_constant<E: ActiveEnum<Value = String>>(self, value: E) -> SimpleExpr {
        self.into_expr().eq(constant(&value))
    }

    /// `column <> 'VALUE'`
    fn ne_constant<E: ActiveEnum<Value = String>>(self, value: E) -> SimpleExpr {
        self.into_expr().ne(constant(&value))
    }

    /// `column IN ('VALUE', …)`: where some values are rare and others are not, the server has to see which are asked for.
    fn in_constants<E: ActiveEnum<Value = String>>(self, values: &[E]) -> SimpleExpr {
        self.into_expr().is_in(values.iter().map(constant))
    }
}

impl<C: ColumnTrait> Constants for C {}

/// `'VALUE'`, to be compared with.
pub fn constant<E: ActiveEnum<Value = String>>(value: &E) -> SimpleExpr {
    let text = value.to_value();
    // The names of our own enums; that they stay so is worth a look, since nothing escapes them.
    debug_assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
    Expr::cust(format!("'{text}'"))
}
