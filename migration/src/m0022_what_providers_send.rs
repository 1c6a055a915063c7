//! What providers really send: marks for those that write booleans as text or never say when somebody signed in, what is needed to sign out there, the
//! session a sign-in ended in, another address told once, and codes by mail for whom a provider cannot ask anew.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }
}

const UP: &str = "
ALTER TABLE identity_providers ADD COLUMN verifies_as_text {bool} NOT NULL DEFAULT FALSE
;;
ALTER TABLE identity_providers ADD COLUMN trusts_prompt {bool} NOT NULL DEFAULT FALSE
;;
ALTER TABLE external_identities ADD COLUMN told_email_key {text}
;;
ALTER TABLE sso_attempts ADD COLUMN session_id {uuid}
;;
ALTER TABLE sessions ADD COLUMN sealed_id_token {bytes}
;;
ALTER TABLE sessions ADD COLUMN code_generation integer NOT NULL DEFAULT 0
;;
ALTER TABLE sessions ADD COLUMN code_sent_at {time}
";
