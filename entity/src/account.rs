//! A customer: one company or team. The tenant.

use sea_orm::entity::prelude::*;

/// What the customer pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Plan {
    Standard,
    Premium,
}
