//! Patterns for `LIKE`, in which what is looked for stands for itself.

use sea_orm::sea_query::LikeExpr;

/// Text that stands anywhere, whatever it consists of.
pub fn containing(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", escaped(text))).escape('\\')
}

pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
