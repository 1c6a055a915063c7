//! By which ways somebody wants to hear of a kind of thing, where it is not the usual ones.

use sea_orm::entity::prelude::*;

use crate::notification::Kind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_preferences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub kind: Kind,
    /// Shown in the app.
    pub in_app: bool,
    /// The mail that goes with it is sent.
    pub mail: bool,
    /// Told in the mail of the day, unless it was read before.
    pub digest: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
