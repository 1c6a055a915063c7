//! A person who can sign in. Global: one row however many accounts they have a user in. Never listed to administrators.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As typed.
    pub email: String,
    /// Lower-cased, domain in punycode: what is compared.
    pub email_key: String,
    /// argon2id in PHC form; absent for people who only come by single sign-on.
    pub password_hash: Option<String>,
    pub created_at: DateTimeUtc,
    pub password_changed_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
