//! An OpenID Connect provider that signs in the people of one account.

use sea_orm::entity::prelude::*;

use crate::lists::{Texts, Uuids};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_providers")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each thing an account says of its provider"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i32,
    pub name: String,
    pub status: Status,
    /// As the provider writes it: compared byte by byte.
    pub issuer: String,
    pub client_id: String,
    pub token_auth_method: TokenAuthMethod,
    pub scopes: Texts,
    /// Encrypted with the master key; absent for a public client.
    pub sealed_secret: Option<Vec<u8>>,
    pub secret_updated_at: Option<DateTimeUtc>,
    pub secret_expires_at: Option<DateTimeUtc>,
    pub enforcement: Enforcement,
    /// The administrator who keeps a password while single sign-on is required.
    pub break_glass_user_id: Option<Uuid>,
    /// It never sends `email_verified`, and is believed for addresses of its verified domains.
    pub is_authoritative: bool,
    /// It sends `email_verified` as the text `true`, which then counts.
    pub verifies_as_text: bool,
    /// Where it does not say when somebody proved who they are, a sign-in it was asked to demand anew counts as such a proof.
    pub trusts_prompt: bool,
    /// Unknown people of a verified domain are added by themselves.
    pub provisions: bool,
    /// Whether somebody is provisioned when the default subscriptions have no seat left.
    pub allows_without_seat: bool,
    pub default_subscription_ids: Uuids,
    /// Groups that whom it adds is put into; one that is deleted counts as not named.
    pub default_group_ids: Uuids,
    pub email_claim: String,
    pub given_name_claim: String,
    pub family_name_claim: String,
    pub groups_claim: Option<String>,
    pub last_sign_in_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Life cycle of a configuration; a change of issuer, client or secret makes it a draft again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Draft,
    Tested,
    Enabled,
    Disabled,
}

/// Whether other ways to sign in stay open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Enforcement {
    /// Members of the domains may sign in either way.
    Optional,
    /// They must come this way; one administrator keeps a password.
    Required,
}

/// How we prove at the token endpoint who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum TokenAuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}
