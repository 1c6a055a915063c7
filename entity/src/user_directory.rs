//! In which accounts a person is a user: one of the directories, which hold what is asked for over all accounts.

use sea_orm::entity::prelude::*;

/// One row for each user who is not removed and whose e-mail is verified or who has an identity. What stands in `users` decides; this says where to look.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_directory")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Absent for whoever has only ever come by an identity provider; such a user is found by e-mail.
    pub identity_id: Option<Uuid>,
    pub email_key: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
