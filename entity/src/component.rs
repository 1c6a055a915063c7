//! A part of a product that can be switched per assignment.

use sea_orm::entity::prelude::*;

use crate::lists::Uuids;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "components")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub product_id: Uuid,
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub is_required: bool,
    pub is_enabled_by_default: bool,
    /// Order within the product.
    pub position: i32,
    /// Components of the same product that must be on for this one to be on.
    pub needs: Uuids,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
